//! The table of open incidents.

use super::hooks::ISSUE_KINDS;
use super::view::HeardByKind;
use crate::delivery::Timestamp;
use crate::dora::scorecard::{ProjectFigures, Scorecard};
use crate::words::Phrases;

/// Projects shown; as many open incidents need another tool than this page.
const MAX_ROWS: usize = 200;

/// What is known of open incidents.
pub(super) enum Incidents {
    /// Nothing: numbers are still being made.
    Unmeasured,
    /// Nothing: GitLab sends no issue events.
    Unheard,
    /// None is open.
    None,
    /// Some are open.
    Open(Vec<IncidentRow>),
}

/// One project with open incidents.
pub(super) struct IncidentRow {
    pub(super) project: String,
    pub(super) open: String,
    pub(super) by_severity: String,
    pub(super) oldest: String,
}

/// Reads the open incidents of every project, in the order of the scorecard.
///
/// Without a single issue event heard, none open would be a guess and is not said.
pub(super) fn open(
    scorecard: Option<&Scorecard>,
    heard: &HeardByKind<'_>,
    words: &Phrases,
) -> Incidents {
    let Some(scorecard) = scorecard.filter(|scorecard| !scorecard.projects.is_empty()) else {
        return Incidents::Unmeasured;
    };
    let rows: Vec<IncidentRow> = scorecard
        .projects
        .iter()
        .filter_map(|project| row(project, scorecard.as_of, words))
        .take(MAX_ROWS)
        .collect();
    match rows.is_empty() {
        false => Incidents::Open(rows),
        true if ISSUE_KINDS.iter().any(|kind| heard.contains_key(kind)) => Incidents::None,
        true => Incidents::Unheard,
    }
}

fn row(project: &ProjectFigures, as_of: Timestamp, words: &Phrases) -> Option<IncidentRow> {
    let open: u64 = project.figures.incidents_open.iter().sum();
    if open == 0 {
        return None;
    }
    // The gravest first.
    let by_severity: Vec<String> = project
        .figures
        .incidents_open
        .iter()
        .zip(words.severities)
        .rev()
        .filter(|(number, _)| **number > 0)
        .map(|(number, severity)| words.severity_count.fill([&words.number(*number), severity]))
        .collect();
    Some(IncidentRow {
        project: project.path.as_str().to_owned(),
        open: words.number(open),
        by_severity: by_severity.join(", "),
        oldest: project.figures.oldest_open_incident_at.map_or_else(
            || words.not_enough_data.to_owned(),
            |at| words.duration(as_of.seconds_since(at)),
        ),
    })
}
