//! Figures, medians and bars, and the table that shows them.

use std::fmt::Write as _;
use std::time::Duration;

/// Several rounds of one quantity.
#[derive(Debug, Clone, Default)]
pub(super) struct Rounds(Vec<f64>);

impl Rounds {
    /// Adds one round.
    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_unstable_by(f64::total_cmp);
    }

    /// The middle round, or the lower of two middles; zero without rounds.
    pub(super) fn median(&self) -> f64 {
        self.0.get(self.0.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
    }

    /// The least and the greatest round.
    pub(super) fn spread(&self) -> (f64, f64) {
        let ends = self.0.first().zip(self.0.last());
        ends.map_or((0.0, 0.0), |(low, high)| (*low, *high))
    }
}

/// The value below which `per_mille` of the sorted times lie.
pub(super) fn at_per_mille(sorted: &[Duration], per_mille: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * per_mille / 1_000).copied().unwrap_or_default()
}

/// Whether a figure is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bar {
    /// At least this much.
    AtLeast(f64),
    /// At most this much.
    AtMost(f64),
    /// Shown for its own sake.
    None,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) value: f64,
    /// How the value is written: decimals and unit.
    pub(super) decimals: usize,
    pub(super) unit: &'static str,
    pub(super) bar: Bar,
    /// What it was made of.
    pub(super) note: String,
}

impl Figure {
    /// Whether the bar is met; `None` without one.
    pub(super) fn is_met(&self) -> Option<bool> {
        match self.bar {
            Bar::AtLeast(least) => Some(self.value >= least),
            Bar::AtMost(most) => Some(self.value <= most),
            Bar::None => None,
        }
    }

    fn row(&self) -> [String; 4] {
        let (decimals, unit) = (self.decimals, self.unit);
        let bar = match self.bar {
            Bar::AtLeast(least) => format!("≥ {least}"),
            Bar::AtMost(most) => format!("≤ {most}"),
            Bar::None => String::new(),
        };
        let verdict = match self.is_met() {
            Some(true) => format!("{bar} met"),
            Some(false) => format!("{bar} NOT MET"),
            None => String::new(),
        };
        let value = format!("{:.decimals$} {unit}", self.value);
        [self.name.clone(), value.trim_end().to_owned(), verdict, self.note.clone()]
    }
}

/// A figure in mebibytes with an upper bar.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 bytes")]
pub(super) fn mebibytes(name: &str, bytes: u64, most: f64, note: &str) -> Figure {
    Figure {
        name: name.to_owned(),
        value: bytes as f64 / 1_048_576.0,
        decimals: 1,
        unit: "MiB",
        bar: Bar::AtMost(most),
        note: note.to_owned(),
    }
}

/// A figure in milliseconds.
pub(super) fn milliseconds(name: String, time: Duration, bar: Bar, note: String) -> Figure {
    Figure { name, value: time.as_secs_f64() * 1e3, decimals: 2, unit: "ms", bar, note }
}

/// All figures as a Markdown table that also reads well in a terminal.
pub(super) fn table(figures: &[Figure]) -> String {
    let head = ["figure", "value", "bar", "made of"].map(str::to_owned);
    let rows: Vec<[String; 4]> =
        std::iter::once(head).chain(figures.iter().map(Figure::row)).collect();
    let widths: Vec<usize> = (0..4)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell:<width$} ");
        }
        text.push_str("|\n");
        if number == 0 {
            for width in &widths {
                let _ = write!(text, "|{}", "-".repeat(width + 2));
            }
            text.push_str("|\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64, bar: Bar) -> Figure {
        let note = String::from("5 rounds");
        Figure { name: String::from("ratio"), value, decimals: 2, unit: "", bar, note }
    }

    #[test]
    fn the_median_is_the_middle_round_in_any_order() {
        let mut rounds = Rounds::default();
        for value in [5.0, 1.0, 3.0, 2.0, 4.0] {
            rounds.push(value);
        }
        assert!((rounds.median() - 3.0).abs() < f64::EPSILON);
        assert_eq!(rounds.spread(), (1.0, 5.0));
    }

    #[test]
    fn a_bar_is_met_at_its_very_value() {
        assert_eq!(figure(0.2, Bar::AtLeast(0.2)).is_met(), Some(true));
        assert_eq!(figure(0.19, Bar::AtLeast(0.2)).is_met(), Some(false));
        assert_eq!(figure(8.1, Bar::AtMost(8.0)).is_met(), Some(false));
        assert_eq!(figure(1.0, Bar::None).is_met(), None);
    }

    #[test]
    fn the_table_says_which_bar_is_not_met() {
        let text = table(&[figure(0.25, Bar::AtLeast(0.2)), figure(0.1, Bar::AtLeast(0.2))]);
        let expected = "| figure | value | bar           | made of  |\n\
             |--------|-------|---------------|----------|\n\
             | ratio  | 0.25  | ≥ 0.2 met     | 5 rounds |\n\
             | ratio  | 0.10  | ≥ 0.2 NOT MET | 5 rounds |\n";
        assert!(text == expected, "found:\n{text}\nexpected:\n{expected}");
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(at_per_mille(&times, 500), Duration::from_millis(50));
        assert_eq!(at_per_mille(&times, 990), Duration::from_millis(99));
        assert_eq!(at_per_mille(&[], 500), Duration::ZERO);
    }
}
