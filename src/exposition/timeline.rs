//! Several instants as one exposition, with a timestamp behind every value: what Prometheus takes
//! in as history (`promtool tsdb create-blocks-from openmetrics`).

use std::collections::BTreeMap;
use std::ops::Range;

use super::limits::Limits;
use super::openmetrics;
use super::snapshot::render_sheet;
use super::{catalog, catalog::Metric};
use crate::delivery::Timestamp;
use crate::dora::scorecard::Scorecard;

/// Most values of one timeline: they are held until the last instant is known, since a series must
/// stand in one piece. These take some 600 MiB.
const MOST_POINTS: usize = 20_000_000;

/// One value: its instant, and where its digits are.
#[derive(Debug, Clone)]
struct Point {
    at: Timestamp,
    digits: Range<usize>,
}

/// What was measured at several instants, in ascending order.
#[derive(Debug, Default)]
pub struct Timeline {
    /// Values by name and labels, for each family.
    families: BTreeMap<usize, Family>,
    digits: Vec<u8>,
    points: usize,
}

#[derive(Debug)]
struct Family {
    metric: &'static Metric,
    series: BTreeMap<Box<[u8]>, Vec<Point>>,
}

/// A timeline holds no more values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MOST_POINTS} values; export a shorter span at a time, or with a larger step")]
pub struct TimelineFull;

impl Family {
    fn push(&mut self, name: &[u8], point: Point) {
        if let Some(points) = self.series.get_mut(name) {
            points.push(point);
        } else {
            self.series.insert(name.into(), vec![point]);
        }
    }
}

impl Timeline {
    /// Adds one instant, later than those before it.
    ///
    /// # Errors
    /// [`TimelineFull`] when there are more than 20 million values.
    pub fn add(&mut self, scorecard: &Scorecard, limits: &Limits) -> Result<(), TimelineFull> {
        let (sheet, _) = render_sheet(scorecard, limits, Vec::new());
        for (metric, _, lines) in sheet.families() {
            let Some(place) = catalog::all().position(|known| known.name == metric.name) else {
                continue;
            };
            let empty = || Family { metric, series: BTreeMap::new() };
            let family = self.families.entry(place).or_insert_with(empty);
            // Labels may hold blanks; a value does not.
            let lines = lines.split(|byte| *byte == b'\n');
            let parts = lines.filter_map(|line| {
                Some(line.split_at(line.iter().rposition(|byte| *byte == b' ')?))
            });
            for (name, digits) in parts {
                let start = self.digits.len();
                self.digits.extend_from_slice(digits);
                family.push(name, Point { at: scorecard.as_of, digits: start..self.digits.len() });
                self.points += 1;
            }
        }
        if self.points > MOST_POINTS { Err(TimelineFull) } else { Ok(()) }
    }

    /// Everything, in pieces of a family each; the last one ends the exposition.
    pub fn pieces(&self) -> impl Iterator<Item = Vec<u8>> {
        let families = self.families.values().map(|family| self.piece(family));
        families.chain([openmetrics::END.to_vec()])
    }

    fn piece(&self, family: &Family) -> Vec<u8> {
        let mut out = Vec::new();
        openmetrics::write_head(&mut out, &family.metric.head());
        for (name, points) in &family.series {
            for point in points {
                out.extend_from_slice(name);
                // Begins with the blank before it.
                out.extend_from_slice(self.digits.get(point.digits.clone()).unwrap_or_default());
                out.extend_from_slice(format!(" {}\n", point.at.as_second()).as_bytes());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dora::lifetime::LifetimeTotals;
    use crate::dora::scorecard::{Figures, PooledFigures};

    fn scorecard(at: i64, group: &str, open: u64) -> Scorecard {
        let incidents_open = [open, 0, 0, 0, 0];
        let figures = Figures { incidents_open, ..Figures::default() };
        let pooled = PooledFigures { name: group.to_owned(), projects: 1, figures };
        Scorecard {
            as_of: Timestamp::from_second(at),
            windows: Vec::new(),
            projects: Vec::new(),
            groups: vec![pooled.into()],
            teams: Vec::new(),
            totals: LifetimeTotals::default(),
            contacts: BTreeMap::new(),
            doubts: BTreeMap::new(),
            future_events: 0,
            tier_warnings: 0,
            negative_durations: 0,
        }
    }

    #[test]
    fn a_series_stands_in_one_piece_also_where_it_was_not_always_there() {
        let mut timeline = Timeline::default();
        for (at, group, open) in [(100, "a", 1), (160, "b", 2), (220, "a", 3)] {
            timeline.add(&scorecard(at, group, open), &Limits::default()).unwrap();
        }
        let text = String::from_utf8(timeline.pieces().flatten().collect()).unwrap();
        let unknown: Vec<&str> =
            text.lines().filter(|line| line.contains("severity=\"unknown\"")).collect();
        let name = "dora_group_incidents_open";
        let expected = [("a", "1 100"), ("a", "3 220"), ("b", "2 160")];
        let expected = expected.map(|(group, rest)| {
            format!("{name}{{group=\"{group}\",severity=\"unknown\"}} {rest}")
        });
        assert_eq!(unknown, expected);
        assert!(text.starts_with("# TYPE ") && text.ends_with("# EOF\n"));
        assert_eq!(text.matches("# EOF").count(), 1);
    }
}
