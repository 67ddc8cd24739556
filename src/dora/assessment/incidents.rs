//! Incidents: when service was impaired, and since when it is not.

use crate::delivery::{
    Cause, Iid, Issue, IssueTransition, IssueType, ProjectHistory, Severity, Timestamp, Transition,
};
use crate::dora::policy::{Counting, Policy};

/// One incident, as it stands at the instant of measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its number.
    pub iid: Iid,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was first closed.
    pub first_closed_at: Option<Timestamp>,
    /// Its last close, unless it is open.
    pub closed_at: Option<Timestamp>,
    /// How bad it is.
    pub severity: Severity,
    /// What it names as its cause.
    pub cause: Option<Cause>,
    /// When a person first commented on it.
    pub first_note_at: Option<Timestamp>,
}

/// All incidents of a project that began before `as_of`, by number.
///
/// Source: the metric specification, "Incident".
pub(super) fn incidents(
    history: &ProjectHistory,
    as_of: Timestamp,
    policy: &Policy,
) -> Vec<Incident> {
    history
        .issues
        .values()
        .filter(|issue| standing(issue, policy) == Standing::Incident)
        .filter_map(|issue| {
            let started_at = issue.created_at.0.filter(|at| *at < as_of)?;
            let before = turns(&history.transitions, issue.iid, as_of);
            let closes = |t: &&IssueTransition| t.transition == Transition::Closed;
            let is_external = has(issue, &policy.external_labels);
            Some(Incident {
                iid: issue.iid,
                started_at,
                first_closed_at: before.iter().find(closes).map(|t| t.at),
                closed_at: before.last().filter(closes).map(|t| t.at),
                severity: severity(issue),
                cause: if is_external { Some(Cause::External) } else { issue.cause().cloned() },
                first_note_at: issue.first_note_at.0.filter(|at| *at < as_of),
            })
        })
        .collect()
}

/// The closings and reopenings of one issue before `as_of`, in order; `all` are sorted by issue.
pub(super) fn turns(all: &[IssueTransition], issue: Iid, as_of: Timestamp) -> &[IssueTransition] {
    let start = all.partition_point(|turn| turn.issue < issue);
    let own = all.get(start..).unwrap_or_default();
    let end = own.partition_point(|turn| turn.issue == issue && turn.at < as_of);
    own.get(..end).unwrap_or_default()
}

fn severity(issue: &Issue) -> Severity {
    issue.severity.value().copied().unwrap_or(Severity::Unknown)
}

/// What an issue is to the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// An incident.
    Incident,
    /// It would be one, had the policy not dropped it.
    Dropped(Dropped),
    /// Something else.
    Other,
}

/// Why an incident is dropped entirely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// It duplicates another, or moved.
    Duplicate,
    /// The filter excludes one of its labels.
    Label,
    /// The filter asks for a greater severity.
    Severity,
}

/// Whether an issue is an incident.
///
/// Source: the metric specification, "Incident".
#[must_use]
pub fn standing(issue: &Issue, policy: &Policy) -> Standing {
    let filter = &policy.incident_filter;
    let is_superseded = issue.superseded.value() == Some(&true);
    if issue.issue_type.value() != Some(&IssueType::Incident) && !has(issue, &filter.labels) {
        Standing::Other
    } else if is_superseded && policy.duplicate_incidents == Counting::Ignore {
        Standing::Dropped(Dropped::Duplicate)
    } else if has(issue, &filter.exclude_labels) {
        Standing::Dropped(Dropped::Label)
    } else if severity(issue) < filter.min_severity {
        Standing::Dropped(Dropped::Severity)
    } else {
        Standing::Incident
    }
}

fn has(issue: &Issue, wanted: &[String]) -> bool {
    let labels = issue.labels.value();
    labels.is_some_and(|labels| wanted.iter().any(|label| labels.contains(label)))
}

/// Whether an issue tells of an incident, counted or not.
pub(super) fn is_incident(issue: &Issue, policy: &Policy) -> bool {
    standing(issue, policy) != Standing::Other
}
