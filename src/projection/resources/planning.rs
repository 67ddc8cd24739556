//! Release objects and milestones.

use crate::delivery::register::{Earliest, Greatest, Newest};
use crate::delivery::{Fact, FactBody, Milestone, MilestoneDue, MilestoneId, TagRelease};
use crate::gitlab::hook::Said;
use crate::gitlab::resource::{ApiMilestone, ApiRelease};
use crate::record::Record;

use super::super::statement::{Silence, Statement, dated, dated_nullable, need, or_undated, read};
use super::about;

/// A Release as it is: dated by its creation, as a hook's is.
pub(super) fn release(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiRelease = read(record)?;
    let at = or_undated(own.created_at);
    let mut statement = about(record, own.project_id)?;
    statement.say(FactBody::TagRelease(TagRelease {
        tag: need(own.tag_name, "tag_name")?,
        created_at: Earliest(own.created_at.value()),
        released_at: dated(at, own.released_at),
        sha: Greatest(own.commit.0.and_then(|commit| commit.id.value())),
        deleted: Newest::at(at, false),
    }));
    Ok(statement.end())
}

/// A milestone as it is.
pub(super) fn milestone(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiMilestone<'_> = read(record)?;
    let mut statement = about(record, own.project_id)?;
    say(&mut statement, need(own.id, "id")?, &own);
    Ok(statement.end())
}

/// The milestone in which something is planned: a group's is a milestone of every project that has
/// something in it.
pub(super) fn planned_in(statement: &mut Statement, own: &ApiMilestone<'_>) {
    // Once nothing but its number was kept.
    if let (Some(id), Some(_)) = (own.id.value(), own.updated_at.value()) {
        say(statement, id, own);
    }
}

/// Says a milestone. A date that was moved, of which no hook tells, shows here.
fn say(statement: &mut Statement, id: MilestoneId, own: &ApiMilestone<'_>) {
    let at = or_undated(own.updated_at);
    let closed = match own.state.get().map(AsRef::as_ref) {
        Some("closed") => Said::Value(true),
        Some("active") => Said::Value(false),
        _ => Said::Nothing,
    };
    if let (Some(at), Some(due_day)) = (own.updated_at.value(), own.due_date.nullable()) {
        let due = MilestoneDue { milestone: id, at, due_day: Greatest(due_day) };
        statement.say(FactBody::MilestoneDue(due));
    }
    statement.say(FactBody::Milestone(Milestone {
        id,
        created_at: Earliest(own.created_at.value()),
        start_day: dated_nullable(at, own.start_date),
        due_day: dated_nullable(at, own.due_date),
        closed: dated(at, closed),
        deleted: Newest::at(at, false),
    }));
}
