//! What gives delivery its rhythm: GitLab's Release objects, and milestones.

use crate::delivery::register::{Earliest, Greatest, Newest};
use crate::delivery::{Fact, FactBody, Milestone, MilestoneDue, TagRelease};
use crate::gitlab::hook::{self, Said};
use crate::record::Record;

use super::statement::{
    Silence, Statement, dated, dated_nullable, need, need_part, or_undated, read,
};

/// A Release was made, changed or deleted. Only its creation has a time, which dates everything:
/// of two rivals the later release date, and the deletion, win.
pub(super) fn release(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Release<'_> = read(record)?;
    let at = or_undated(hook.created_at);
    let mut statement = Statement::of(record, hook.project, &[hook.project_id], at)?;
    let is_deleted = hook.action.get().is_some_and(|action| action == "delete");
    statement.say(FactBody::TagRelease(TagRelease {
        tag: need(hook.tag, "tag")?,
        created_at: Earliest(hook.created_at.value()),
        released_at: dated(at, hook.released_at),
        sha: Greatest(hook.commit.0.and_then(|commit| commit.id.value())),
        deleted: Newest::at(at, is_deleted),
    }));
    Ok(statement.end())
}

/// A milestone was made, closed, reopened or deleted: dated by its `updated_at`.
pub(super) fn milestone(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Milestone<'_> = read(record)?;
    let attributes = need_part(hook.object_attributes, "object_attributes")?;
    let belongs_to_group = hook.project.0.is_none()
        && hook.project_id.value().is_none()
        && attributes.project_id == Said::Null;
    if belongs_to_group {
        return Err(Silence::Irrelevant("a group's milestone belongs to no project"));
    }
    let at = or_undated(attributes.updated_at);
    let others = [hook.project_id, attributes.project_id];
    let mut statement = Statement::of(record, hook.project, &others, at)?;
    let is_deleted = hook.action.get().is_some_and(|action| action == "delete");
    let closed = match attributes.state.get().map(AsRef::as_ref) {
        Some("closed") => Said::Value(true),
        Some("active") => Said::Value(false),
        _ => Said::Nothing,
    };
    let id = need(attributes.id, "object_attributes.id")?;
    // GitLab sends nothing when a date is moved: the next event tells what it became.
    if let (Some(at), Some(due_day)) =
        (attributes.updated_at.value(), attributes.due_date.nullable())
    {
        let due = MilestoneDue { milestone: id, at, due_day: Greatest(due_day) };
        statement.say(FactBody::MilestoneDue(due));
    }
    statement.say(FactBody::Milestone(Milestone {
        id,
        created_at: Earliest(attributes.created_at.value()),
        start_day: dated_nullable(at, attributes.start_date),
        due_day: dated_nullable(at, attributes.due_date),
        closed: dated(at, closed),
        deleted: Newest::at(at, is_deleted),
    }));
    Ok(statement.end())
}
