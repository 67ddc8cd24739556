//! An explanation as text: the value first, then what counts, then what was left out.

use std::fmt::{self, Display, Formatter};

use super::explanation::{ExplanationReport, MeasureReport, RowReport};

impl Display for ExplanationReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.series)?;
        writeln!(f, "{}\n", self.help)?;
        match (self.value, &self.absent) {
            (Some(value), _) => writeln!(f, "  value    {value}")?,
            (None, Some(absent)) => writeln!(f, "  value    absent: {}", absent.text)?,
            (None, None) => writeln!(f, "  value    absent")?,
        }
        let rows = if self.formula.rows == 1 { "row" } else { "rows" };
        write!(f, "  made of  {} ({} {rows}", self.formula.text, self.formula.rows)?;
        if let (Some(part), Some(whole)) = (self.formula.part, self.formula.whole) {
            write!(f, ": {part} / {whole}")?;
        }
        writeln!(f, ")\n  as of    {}", self.as_of)?;
        if let Some(window) = &self.window {
            writeln!(f, "  window   from {}, its end left out", window.from)?;
        }
        let several = self.projects.len() > 1;
        if several {
            writeln!(f, "  pooled   {} projects", self.projects.len())?;
        }
        if let Some(note) = self.note {
            writeln!(f, "  note     {note}")?;
        }
        if !self.rows.is_empty() {
            writeln!(f, "\nWhat counts")?;
            table(f, self.rows.iter().map(|row| row_cells(row, several)).collect())?;
        }
        self.write_left_out(f, several)
    }
}

impl ExplanationReport {
    fn write_left_out(&self, f: &mut Formatter<'_>, several: bool) -> fmt::Result {
        if self.left_out.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nWhat was left out")?;
        let cells = self.left_out.iter().map(|out| {
            let mut cells = vec![out.at.clone().unwrap_or_else(|| "-".to_owned())];
            cells.extend(several.then(|| out.project.clone()));
            let because = [vec![out.ruling.text.to_owned()], out.details.clone()].concat();
            cells.extend([out.thing.in_words(), out.ruling.rule.to_owned(), because.join(", ")]);
            cells
        });
        table(f, cells.collect())?;
        match self.left_out_more {
            0 => Ok(()),
            more => writeln!(f, "  … and {more} more"),
        }
    }
}

fn row_cells(row: &RowReport, several: bool) -> Vec<String> {
    let mut cells = vec![row.at.clone()];
    cells.extend(several.then(|| row.project.clone()));
    let counts = match &row.counts {
        MeasureReport::One(one) => one.to_string(),
        MeasureReport::Share { part, whole } => format!("{part} / {whole}"),
        MeasureReport::Seconds(seconds) => format!("{seconds} s"),
        MeasureReport::Changes(changes) => format!("{changes} changes"),
        MeasureReport::Day(day) => day.clone(),
        MeasureReport::MedianSeconds(seconds) => format!("{seconds} s"),
    };
    cells.extend([row.thing.in_words(), counts, row.details.join(", ")]);
    cells
}

/// Writes rows of equally many cells, each column as wide as its widest cell.
fn table(f: &mut Formatter<'_>, rows: Vec<Vec<String>>) -> fmt::Result {
    let width = |text: &String| text.chars().count();
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }
    for row in rows {
        let mut line = String::new();
        for (cell, widest) in row.iter().zip(&widths) {
            line.push_str("  ");
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', widest - width(cell)));
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}
