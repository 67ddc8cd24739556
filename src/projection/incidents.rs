//! Issues, incidents and other work items; comments, which review merge requests and name causes.

use crate::delivery::register::{Earliest, Newest};
use crate::delivery::{
    Cause, Fact, FactBody, Iid, Issue, IssueTransition, IssueType, Severity, Timestamp, Transition,
};
use crate::gitlab::hook::{
    self, IssueAttributes, IssueDerived, NoteAttributes, NoteDerived, Noteable, Part, Said,
};
use crate::record::Record;

use super::changes;
use super::planned::Event;
use super::statement::{
    Silence, Statement, dated, dated_nullable, labels, need, need_part, or_undated, read,
};

/// Something happened to an issue or work item: everything is dated by its `updated_at`, a close
/// by `closed_at` where GitLab sends it.
pub(super) fn issue(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Issue<'_> = read(record)?;
    let mut attributes = need_part(hook.object_attributes, "object_attributes")?;
    let belongs_to_group = hook.project.0.is_none()
        && hook.project_id.value().is_none()
        && attributes.project_id == Said::Null;
    if belongs_to_group {
        return Err(Silence::Irrelevant("a group's work item belongs to no project"));
    }
    let at = or_undated(attributes.updated_at);
    let others = [hook.project_id, attributes.project_id];
    let mut statement = Statement::of(record, hook.project, &others, at)?;
    let iid = need(attributes.iid, "object_attributes.iid")?;
    let derived = hook.derived.0.unwrap_or_default();

    if let Some(transition) = transition(iid, &attributes) {
        statement.say(FactBody::IssueTransition(transition));
    }
    let event = Event::of(&attributes);
    let changes = hook.changes.0.unwrap_or_default();
    let labels = labels(at, std::mem::take(&mut attributes.labels), hook.labels);
    for label in event.labels(iid, &labels, changes.labels) {
        statement.say(FactBody::IssueLabel(label));
    }
    if let Some(moved) = event.milestone(iid, attributes.milestone_id, changes.milestone_id) {
        statement.say(FactBody::IssueMilestone(moved));
    }
    statement.say(FactBody::Issue(Issue {
        iid,
        issue_type: Newest::at(at, issue_type(record, &attributes, &derived)),
        created_at: Earliest(attributes.created_at.value()),
        severity: dated(at, severity(&attributes)),
        superseded: dated(at, superseded(&attributes)),
        described_cause: dated(at, described_cause(&derived)),
        noted_cause: Newest::default(),
        first_note_at: Earliest::default(),
        milestone: dated_nullable(at, attributes.milestone_id),
        labels,
    }));
    Ok(statement.end())
}

/// By name; before 17.2, which sent none, by the signs that only incidents have.
fn issue_type(
    record: &Record,
    attributes: &IssueAttributes<'_>,
    derived: &IssueDerived,
) -> IssueType {
    if let Some(name) = attributes.issue_type.get() {
        return match name.as_ref() {
            "Incident" | "incident" => IssueType::Incident,
            "Issue" | "issue" => IssueType::Issue,
            _ => IssueType::Other,
        };
    }
    let is_severe = attributes.severity.get().is_some_and(|severity| severity != "unknown");
    let escalates = attributes.escalation_status.get().is_some();
    if is_severe || escalates || derived.incident_url.holds() {
        return IssueType::Incident;
    }
    if record.kind.as_str() == "issue" { IssueType::Issue } else { IssueType::Other }
}

fn severity(attributes: &IssueAttributes<'_>) -> Said<Severity> {
    let severity = attributes.severity.get().and_then(|text| Severity::from_gitlab(text));
    severity.map_or(Said::Nothing, Said::Value)
}

/// Whether it repeats another issue or was moved away; nothing where neither is told.
fn superseded(attributes: &IssueAttributes<'_>) -> Said<bool> {
    match (attributes.duplicated_to_id, attributes.moved_to_id) {
        (Said::Nothing, Said::Nothing) => Said::Nothing,
        (Said::Value(_), _) | (_, Said::Value(_)) => Said::Value(true),
        _ => Said::Value(false),
    }
}

fn described_cause(derived: &IssueDerived) -> Said<Option<Cause>> {
    if derived.described.holds() {
        Said::Value(derived.caused_by.get().cloned())
    } else {
        Said::Nothing
    }
}

/// The closing or reopening that an event tells of.
///
/// Any event that finds the issue closed and knows since when tells of the close, so that a lost
/// `close` hook is made good by the next one. Without `closed_at` only the `close` itself does.
fn transition(issue: Iid, attributes: &IssueAttributes<'_>) -> Option<IssueTransition> {
    let action = attributes.action.get().map(AsRef::as_ref);
    let is_closed = match attributes.state.get().map(AsRef::as_ref) {
        Some(state) => state == "closed",
        None => attributes.state_id == Said::Value(2),
    };
    let updated_at = attributes.updated_at.value();
    let closed_at = attributes.closed_at.value();
    let (at, transition): (Option<Timestamp>, _) = match action {
        Some("close") => (closed_at.or(updated_at), Transition::Closed),
        Some("reopen") => (updated_at, Transition::Reopened),
        _ if is_closed => (closed_at, Transition::Closed),
        _ => return None,
    };
    Some(IssueTransition { issue, at: at?, transition })
}

/// A comment: a review act on a merge request, a named cause on an issue.
pub(super) fn note(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Note<'_> = read(record)?;
    let attributes = need_part(hook.object_attributes, "object_attributes")?;
    if attributes.system.holds() {
        return Err(Silence::Irrelevant("a comment that GitLab wrote"));
    }
    let others = [hook.project_id, attributes.project_id];
    let changed_at = attributes.updated_at.value().or(attributes.created_at.value());
    let at = changed_at.unwrap_or(Timestamp::UNDATED);
    let mut statement = Statement::of(record, hook.project, &others, at)?;
    let derived = hook.derived.0.unwrap_or_default();
    statement.say(match attributes.noteable_type.get().map(AsRef::as_ref) {
        Some("MergeRequest") => {
            let on = number(hook.merge_request, "merge_request.iid")?;
            FactBody::Review(changes::review_note(on, &attributes, &derived)?)
        }
        Some("Issue" | "WorkItem") => {
            let on = Part(hook.issue.0.or(hook.work_item.0));
            FactBody::Issue(noted(number(on, "issue.iid")?, at, &attributes, &derived)?)
        }
        _ => return Err(Silence::Irrelevant("a comment on neither merge request nor issue")),
    });
    Ok(statement.end())
}

fn number(on: Part<Noteable>, path: &'static str) -> Result<Iid, Silence> {
    need(on.0.map_or(Said::Nothing, |noteable| noteable.iid), path)
}

/// A person's comment on an issue: when it was written, and the cause that it names.
fn noted(
    issue: Iid,
    at: Timestamp,
    attributes: &NoteAttributes<'_>,
    derived: &NoteDerived,
) -> Result<Issue, Silence> {
    changes::by_a_person(derived)?;
    let first_note_at = Earliest(attributes.created_at.value());
    let noted_cause = Newest(derived.caused_by.get().map(|cause| (at, cause.clone())));
    if first_note_at.0.is_none() && noted_cause.0.is_none() {
        return Err(Silence::Irrelevant("a comment without a date that names no cause"));
    }
    Ok(Issue { noted_cause, first_note_at, ..Issue::new(issue) })
}
