//! A handful of numbers, read back from `/metrics` as any user would.

use std::collections::BTreeMap;
use std::fmt;

use crate::delivery::Timestamp;

/// The window that is shown.
pub(super) const WINDOW: &str = "90d";

const SNAPSHOT: &str = "gitlab_dora_exporter_snapshot_timestamp_seconds";

/// One line of the table.
#[derive(Debug, Clone, Default, PartialEq)]
struct Row {
    deployments: f64,
    lead_time_seconds: Option<f64>,
    fail_ratio: Option<f64>,
    recovery_seconds: Option<f64>,
}

/// The numbers of every project.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Numbers(BTreeMap<String, Row>);

impl Numbers {
    /// Reads the production numbers of every project from a text exposition.
    pub(super) fn read(text: &str) -> Self {
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        for sample in text.lines().filter_map(Sample::read) {
            let here = sample.label("environment_tier") == Some("production")
                && sample.label("window") == Some(WINDOW);
            let (Some(project), true) = (sample.label("project"), here) else { continue };
            let row = rows.entry(project.to_owned()).or_default();
            match sample.name {
                // A redeploy delivers nothing and is no release that counts.
                "dora_window_deployments" if sample.label("kind") != Some("redeploy") => {
                    row.deployments += sample.value;
                }
                "dora_change_lead_time_seconds"
                    if sample.label("stat") == Some("p50")
                        && sample.label("clock") == Some("first_commit") =>
                {
                    row.lead_time_seconds = Some(sample.value);
                }
                "dora_change_fail_ratio" => row.fail_ratio = Some(sample.value),
                "dora_failed_deployment_recovery_time_seconds"
                    if sample.label("stat") == Some("p50") =>
                {
                    row.recovery_seconds = Some(sample.value);
                }
                _ => {}
            }
        }
        Self(rows)
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<24} {:>8} {:>14} {:>8} {:>14}",
            "project", "releases", "lead time p50", "failed", "recovery p50"
        )?;
        for (project, row) in &self.0 {
            writeln!(
                f,
                "{project:<24} {:>8} {:>14} {:>8} {:>14}",
                row.deployments,
                span(row.lead_time_seconds),
                row.fail_ratio
                    .map_or_else(|| String::from("–"), |ratio| format!("{:.0} %", ratio * 100.0)),
                span(row.recovery_seconds)
            )?;
        }
        Ok(())
    }
}

/// The instant at which the snapshot in this text was measured.
pub(in crate::cli) fn measured_at(text: &str) -> Option<Timestamp> {
    let samples = text.lines().filter_map(Sample::read);
    let value =
        samples.filter(|sample| sample.name == SNAPSHOT).map(|sample| sample.value).next()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, and no instant is that late"
    )]
    Some(Timestamp::from_second(value as i64))
}

/// A duration in its two greatest units.
fn span(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds else { return String::from("–") };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    let minutes = (seconds / 60.0) as u64;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes:02} min"),
        (days, hours, _) => format!("{days} d {hours:02} h"),
    }
}

/// One line of a text exposition. The demo's label values need no escapes.
struct Sample<'a> {
    name: &'a str,
    labels: &'a str,
    value: f64,
}

impl<'a> Sample<'a> {
    fn read(line: &'a str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        Some(Self { name, labels: labels.trim_end_matches('}'), value: value.parse().ok()? })
    }

    fn label(&self, name: &str) -> Option<&'a str> {
        let labels = self.labels.split("\",").filter_map(|label| label.split_once("=\""));
        labels.filter(|(key, _)| *key == name).map(|(_, value)| value.trim_end_matches('"')).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# HELP dora_window_deployments Releases by kind.
# TYPE dora_window_deployments gauge
dora_window_deployments{project=\"a/b\",environment_tier=\"production\",window=\"90d\",kind=\"change\"} 7
dora_window_deployments{project=\"a/b\",environment_tier=\"production\",window=\"90d\",kind=\"rollback\"} 1
dora_window_deployments{project=\"a/b\",environment_tier=\"production\",window=\"90d\",kind=\"redeploy\"} 5
dora_window_deployments{project=\"a/b\",environment_tier=\"staging\",window=\"90d\",kind=\"change\"} 50
dora_change_lead_time_seconds{project=\"a/b\",environment_tier=\"production\",window=\"90d\",stat=\"p50\",clock=\"first_commit\"} 93600
dora_change_lead_time_seconds{project=\"a/b\",environment_tier=\"production\",window=\"90d\",stat=\"p50\",clock=\"merge\"} 60
dora_change_fail_ratio{project=\"a/b\",environment_tier=\"production\",window=\"90d\"} 0.125
dora_change_fail_ratio{project=\"a/b\",environment_tier=\"production\",window=\"7d\"} 1
gitlab_dora_exporter_snapshot_timestamp_seconds 1780315200
";

    #[test]
    fn the_table_holds_what_the_exposition_says_and_a_dash_for_what_it_does_not() {
        let shown = Numbers::read(TEXT).to_string();
        let row = shown.lines().nth(1).unwrap();
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(cells, ["a/b", "8", "1", "d", "02", "h", "12", "%", "–"], "{shown}");
        assert_eq!(shown.lines().count(), 2);
    }

    #[test]
    fn the_snapshot_says_when_it_was_measured() {
        assert_eq!(measured_at(TEXT), Some(Timestamp::from_second(1_780_315_200)));
        assert_eq!(measured_at("dora_incidents_open 1\n"), None);
    }

    #[test]
    fn spans_are_written_in_their_two_greatest_units() {
        assert_eq!(span(Some(59.0)), "0 min");
        assert_eq!(span(Some(3_720.0)), "1 h 02 min");
        assert_eq!(span(Some(180_000.0)), "2 d 02 h");
        assert_eq!(span(None), "–");
    }
}
