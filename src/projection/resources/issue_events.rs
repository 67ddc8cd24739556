//! What happened to an issue, one event a record: what the hooks of that time told.

use crate::delivery::register::{Earliest, Greatest, Newest};
use crate::delivery::{
    Fact, FactBody, Issue, IssueLabel, IssueMilestone, IssueTransition, Transition,
};
use crate::gitlab::resource::{ApiIssueEvent, ApiNote};
use crate::record::Record;

use super::super::statement::{Silence, need, read};
use super::about;

/// A closing or reopening.
pub(super) fn state(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiIssueEvent<'_> = read(record)?;
    // That it was opened at first is told by no event.
    let transition = match own.state.get().map(AsRef::as_ref) {
        Some("closed") => Transition::Closed,
        Some("reopened" | "opened") => Transition::Reopened,
        _ => return Err(Silence::Irrelevant("a state that no metric reads")),
    };
    let (issue, at) = (need(own.issue, "issue")?, need(own.created_at, "created_at")?);
    let fact = FactBody::IssueTransition(IssueTransition { issue, at, transition });
    one(record, &own, fact)
}

/// A label that was given. One that was deleted since has no name any more.
pub(super) fn label(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiIssueEvent<'_> = read(record)?;
    let (issue, at) = (need(own.issue, "issue")?, need(own.created_at, "created_at")?);
    let given = own.label.0.as_ref().and_then(|label| label.name.get().cloned());
    match given.filter(|_| is(&own, "add")) {
        Some(label) => {
            let added_at = Earliest::at(at);
            one(record, &own, FactBody::IssueLabel(IssueLabel { issue, label, added_at }))
        }
        None => Err(Silence::Irrelevant("a label that was taken away, or is no more")),
    }
}

/// A move into a milestone or out of one. GitLab tells a move from one to another as the second of
/// them alone: where it was before, the event before tells.
pub(super) fn milestone(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiIssueEvent<'_> = read(record)?;
    let (issue, at) = (need(own.issue, "issue")?, need(own.created_at, "created_at")?);
    let named = Greatest(own.milestone.0.as_ref().and_then(|milestone| milestone.id.value()));
    let nowhere = Greatest(None);
    let (before, milestone) = match () {
        () if is(&own, "remove") => (named, nowhere),
        () if is(&own, "add") && named.0.is_some() => (nowhere, named),
        () => return Err(Silence::Irrelevant("a milestone that is no more")),
    };
    one(record, &own, FactBody::IssueMilestone(IssueMilestone { issue, at, before, milestone }))
}

/// A person's comment: when it was written, and the cause that it names.
pub(super) fn note(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiNote<'_> = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let derived = own.derived.0.unwrap_or_default();
    if own.system.holds() || derived.author_excluded.holds() {
        return Err(Silence::Irrelevant("a comment of nobody who is counted"));
    }
    let (issue, written_at) = (need(own.issue, "issue")?, need(own.created_at, "created_at")?);
    let at = own.updated_at.value().unwrap_or(written_at);
    statement.say(FactBody::Issue(Issue {
        noted_cause: Newest(derived.caused_by.get().map(|cause| (at, cause.clone()))),
        first_note_at: Earliest::at(written_at),
        ..Issue::new(issue)
    }));
    Ok(statement.end())
}

fn is(own: &ApiIssueEvent<'_>, action: &str) -> bool {
    own.action.get().is_some_and(|own| own == action)
}

fn one(record: &Record, own: &ApiIssueEvent<'_>, fact: FactBody) -> Result<Vec<Fact>, Silence> {
    let mut statement = about(record, own.project_id)?;
    statement.say(fact);
    Ok(statement.end())
}
