//! Issues, incidents and other work items.

use crate::delivery::register::{Earliest, Newest};
use crate::delivery::{
    Fact, FactBody, Iid, Issue, IssueTransition, IssueType, LabelName, LabelSet, MilestoneId,
    Severity, Timestamp, Transition,
};
use crate::gitlab::hook::{Part, Said, Values};
use crate::gitlab::resource::{ApiIssue, ApiIssueDerived, ApiMilestone};
use crate::record::Record;

use super::super::statement::{Silence, dated, dated_nullable, need, or_undated, read};
use super::{about, planning};

/// An issue as it is. The times of its labels and of its milestone are not told.
pub(super) fn issue(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiIssue<'_> = read(record)?;
    let at = or_undated(own.updated_at);
    let mut statement = about(record, own.project_id)?;
    let iid = need(own.iid, "iid")?;
    let derived = own.derived.0.as_ref();
    let issue_type = issue_type(&own, derived);
    if let Some(transition) = transition(iid, &own, issue_type) {
        statement.say(FactBody::IssueTransition(transition));
    }
    let severity = own.severity.get().and_then(|text| Severity::from_gitlab(text));
    let described = derived.filter(|derived| derived.described.holds());
    let cause = described.map(|derived| derived.caused_by.get().cloned());
    if let Some(milestone) = &own.milestone.0 {
        planning::planned_in(&mut statement, milestone);
    }
    statement.say(FactBody::Issue(Issue {
        iid,
        issue_type: dated(at, issue_type.map_or(Said::Nothing, Said::Value)),
        created_at: Earliest(own.created_at.value()),
        severity: dated(at, severity.map_or(Said::Nothing, Said::Value)),
        superseded: dated(at, superseded(&own, derived)),
        described_cause: Newest(cause.map(|cause| (at, cause))),
        noted_cause: Newest::default(),
        first_note_at: Earliest::default(),
        milestone: dated_nullable(at, milestone(&own.milestone)),
        labels: labels(at, own.labels),
    }));
    Ok(statement.end())
}

fn issue_type(own: &ApiIssue<'_>, derived: Option<&ApiIssueDerived>) -> Option<IssueType> {
    let Some(name) = own.issue_type.get().or(own.work_item_type.get()) else {
        let is_incident = derived.is_some_and(|derived| derived.incident_url.holds());
        return is_incident.then_some(IssueType::Incident);
    };
    Some(if name.eq_ignore_ascii_case("incident") {
        IssueType::Incident
    } else if name.eq_ignore_ascii_case("issue") {
        IssueType::Issue
    } else {
        IssueType::Other
    })
}

/// Whether it repeats another issue or was moved away. That it does neither is only known where both
/// were told: older versions do not tell of repetitions, and their silence must not undo a hook's
/// word.
fn superseded(own: &ApiIssue<'_>, derived: Option<&ApiIssueDerived>) -> Said<bool> {
    let says = |flag: fn(&ApiIssueDerived) -> Said<bool>| {
        derived.is_some_and(|derived| flag(derived).holds())
    };
    let is_duplicate = own.duplicated_to_id.get().is_some() || says(|derived| derived.duplicate);
    if is_duplicate || own.moved_to_id.get().is_some() {
        return Said::Value(true);
    }
    let is_none = own.duplicated_to_id == Said::Null || says(|derived| derived.no_duplicate);
    if is_none && own.moved_to_id == Said::Null { Said::Value(false) } else { Said::Nothing }
}

/// Closed, since when GitLab says. An incident that is open was, at its last change, open again if
/// it had ever been closed: a reopening that nobody told of is made good by that.
fn transition(
    issue: Iid,
    own: &ApiIssue<'_>,
    issue_type: Option<IssueType>,
) -> Option<IssueTransition> {
    let (at, transition) = match own.state.get().map(AsRef::as_ref) {
        Some("closed") => (own.closed_at.value()?, Transition::Closed),
        Some("opened") if issue_type == Some(IssueType::Incident) => {
            let changed_at = own.updated_at.value()?;
            let is_new = own.created_at.value() == Some(changed_at);
            (Some(changed_at).filter(|_| !is_new)?, Transition::Reopened)
        }
        _ => return None,
    };
    Some(IssueTransition { issue, at, transition })
}

/// The labels as of `at`; nothing where none were told of.
pub(super) fn labels(at: Timestamp, told: Option<Values<LabelName>>) -> Newest<LabelSet> {
    Newest(told.map(|labels| (at, LabelSet::new(labels.0))))
}

/// The milestone. Nothing is kept of null, and GitLab always tells it.
pub(super) fn milestone(part: &Part<ApiMilestone<'_>>) -> Said<MilestoneId> {
    part.0.as_ref().map_or(Said::Null, |milestone| milestone.id)
}
