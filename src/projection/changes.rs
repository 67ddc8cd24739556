//! Merge requests, their heads and reviews; pushes and the commits they bring.

use crate::delivery::register::{Earliest, Ever, Furthest, Greatest};
use crate::delivery::{
    ClosedIssues, Commit, CommitList, CommitSha, Fact, FactBody, Iid, MergeRequest,
    MergeRequestCommit, MergeRequestState, ProjectId, Push, Reverted, Review, Timestamp,
};
use crate::gitlab::hook::{
    self, Changes, MergeRequestAttributes, MergeRequestDerived, NoteAttributes, NoteDerived, Part,
    Said,
};
use crate::record::Record;

use super::statement::{
    Silence, Statement, dated, dated_nullable, labels, need, need_part, or_undated, read,
};

/// Something happened to a merge request: everything is dated by its `updated_at`, a review act
/// by `actioned_at` where GitLab sends it.
pub(super) fn merge_request(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::MergeRequest<'_> = read(record)?;
    let mut attributes = need_part(hook.object_attributes, "object_attributes")?;
    let at = or_undated(attributes.updated_at);
    let others = [hook.project_id, attributes.target_project_id];
    let mut statement = Statement::of(record, hook.project, &others, at)?;
    let iid = need(attributes.iid, "object_attributes.iid")?;
    let derived = hook.derived.0.unwrap_or_default();
    let draft = Draft::of(&attributes, hook.changes);

    statement.say(FactBody::MergeRequest(Box::new(MergeRequest {
        iid,
        author: Greatest(derived.author.value()),
        author_excluded: Ever(derived.author_excluded.holds()),
        source_project: Greatest(source_project(&attributes)),
        state: Furthest(state(&attributes).map(|state| (at, state))),
        created_at: Earliest(attributes.created_at.value()),
        merged_at: Earliest(attributes.merged_at.value()),
        merge_reported_at: Earliest(merge_reported_at(&attributes)),
        was_draft: draft.ever,
        ready_at: draft.ready_at,
        reverts: dated(at, reverts(&derived)),
        closes: dated(at, closes(&derived)),
        labels: labels(at, std::mem::take(&mut attributes.labels), hook.labels),
        milestone: dated_nullable(at, attributes.milestone_id),
        head: dated(at, attributes.last_commit.0.as_ref().map_or(Said::Nothing, |head| head.id)),
        merge_commit: dated(at, attributes.merge_commit_sha),
        squash_commit: dated(at, attributes.squash_commit_sha),
        source_branch: dated(at, std::mem::take(&mut attributes.source_branch)),
        target_branch: dated(at, std::mem::take(&mut attributes.target_branch)),
    })));
    if let Some(review) = review(iid, &attributes, &derived) {
        statement.say(FactBody::Review(review));
    }
    if let Some(head) = attributes.last_commit.0
        && let Some(commit) = commit(head)
    {
        let listed = MergeRequestCommit { merge_request: iid, sha: commit.sha };
        statement.say(FactBody::MergeRequestCommit(listed));
        statement.say(FactBody::Commit(commit));
    }
    Ok(statement.end())
}

fn source_project(attributes: &MergeRequestAttributes<'_>) -> Option<ProjectId> {
    let source = attributes.source.0.as_ref().and_then(|source| source.id.value());
    attributes.source_project_id.value().or(source)
}

/// By name, else by number, else by what happened.
fn state(attributes: &MergeRequestAttributes<'_>) -> Option<MergeRequestState> {
    let by_name = match attributes.state.get().map(AsRef::as_ref) {
        Some("opened") => Some(MergeRequestState::Opened),
        Some("closed") => Some(MergeRequestState::Closed),
        Some("merged") => Some(MergeRequestState::Merged),
        Some("locked") => Some(MergeRequestState::Locked),
        _ => None,
    };
    let by_number = || match attributes.state_id {
        Said::Value(1) => Some(MergeRequestState::Opened),
        Said::Value(2) => Some(MergeRequestState::Closed),
        Said::Value(3) => Some(MergeRequestState::Merged),
        Said::Value(4) => Some(MergeRequestState::Locked),
        _ => None,
    };
    let was_merged = action(attributes) == Some("merge");
    by_name.or_else(by_number).or(was_merged.then_some(MergeRequestState::Merged))
}

fn action<'a>(attributes: &'a MergeRequestAttributes<'_>) -> Option<&'a str> {
    attributes.action.get().map(AsRef::as_ref)
}

/// The event's time, when it calls the merge request merged.
fn merge_reported_at(attributes: &MergeRequestAttributes<'_>) -> Option<Timestamp> {
    let is_merged = state(attributes) == Some(MergeRequestState::Merged);
    attributes.updated_at.value().filter(|_| is_merged)
}

/// What an event tells about being a draft.
struct Draft {
    ever: Ever,
    ready_at: Earliest,
}

impl Draft {
    fn of(attributes: &MergeRequestAttributes<'_>, changes: Part<Changes>) -> Self {
        let is_draft = attributes.draft.value().or(attributes.work_in_progress.value());
        let changes = changes.0.unwrap_or_default();
        let flip = changes.draft.0.or(changes.work_in_progress.0).unwrap_or_default();
        // Opened ready: ready since it exists, whatever the event's own time.
        let at = match action(attributes) {
            Some("open") => attributes.created_at.value().or(attributes.updated_at.value()),
            _ => attributes.updated_at.value(),
        };
        Self {
            ever: Ever(is_draft == Some(true) || flip.previous.holds()),
            ready_at: Earliest(at.filter(|_| is_draft == Some(false))),
        }
    }
}

/// What the description says that it reverts; nothing where the hook has no description.
pub(super) fn reverts(derived: &MergeRequestDerived) -> Said<Option<Reverted>> {
    if !derived.described.holds() {
        return Said::Nothing;
    }
    let merge_request = derived.reverts_merge_request.value().map(Reverted::MergeRequest);
    Said::Value(merge_request.or(derived.reverts_commit.value().map(Reverted::Commit)))
}

/// What the description says that it closes; nothing where the hook has no description.
pub(super) fn closes(derived: &MergeRequestDerived) -> Said<ClosedIssues> {
    if derived.described.holds() {
        Said::Value(ClosedIssues::new(derived.closes.0.clone()))
    } else {
        Said::Nothing
    }
}

/// A review act: an approval, or a submitted review, by somebody who is counted.
fn review(
    merge_request: Iid,
    attributes: &MergeRequestAttributes<'_>,
    derived: &MergeRequestDerived,
) -> Option<Review> {
    let approved = matches!(action(attributes), Some("approved" | "approval"));
    let reviewed = approved || derived.review_submitted.holds();
    if !reviewed || attributes.system.holds() || derived.actor_excluded.holds() {
        return None;
    }
    let at = attributes.actioned_at.value().or(attributes.updated_at.value())?;
    Some(Review { merge_request, at, person: derived.actor.value()? })
}

/// A comment on a merge request: a review act of a person, dated by its creation.
pub(super) fn review_note(
    merge_request: Iid,
    attributes: &NoteAttributes<'_>,
    derived: &NoteDerived,
) -> Result<Review, Silence> {
    by_a_person(derived)?;
    let author = if derived.author.get().is_some() { derived.author } else { derived.actor };
    let person = need(author, "object_attributes.author_id")?;
    let at = need(attributes.created_at, "object_attributes.created_at")?;
    Ok(Review { merge_request, at, person })
}

/// Irrelevant unless somebody who is counted commented.
pub(super) fn by_a_person(derived: &NoteDerived) -> Result<(), Silence> {
    if derived.author_excluded.holds() || derived.actor_excluded.holds() {
        return Err(Silence::Irrelevant("a comment of somebody who is not counted"));
    }
    Ok(())
}

/// A branch or tag moved. A push carries no time, so what it says of the project is undated.
pub(super) fn push(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Push = read(record)?;
    let mut statement =
        Statement::of(record, hook.project, &[hook.project_id], Timestamp::UNDATED)?;
    let ref_name = need(hook.ref_name, "ref")?;
    let after = moved_to(hook.after)?;
    let is_tag = record.kind.as_str() == "tag_push";
    let total = hook.total_commits_count.value().and_then(|total| u32::try_from(total).ok());
    let commits: Option<Vec<Commit>> =
        hook.commits.0.map(|commits| commits.into_iter().filter_map(commit).collect());
    // A system hook counts commits without listing them.
    let listed = commits.filter(|listed| !listed.is_empty() || total == Some(0));
    let shas = listed.as_deref().map(|listed| listed.iter().map(|commit| commit.sha).collect());
    statement.say(FactBody::Push(Push {
        ref_name,
        after,
        before: Greatest(hook.before.value()),
        checkout: Greatest(hook.checkout_sha.value().filter(|_| is_tag)),
        commits: Greatest(shas.map(CommitList)),
        total_commits: Greatest(total),
    }));
    for commit in listed.unwrap_or_default() {
        statement.say(FactBody::Commit(commit));
    }
    Ok(statement.end())
}

/// Several references moved at once; no commits are listed.
pub(super) fn repository_update(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::RepositoryUpdate = read(record)?;
    let mut statement =
        Statement::of(record, hook.project, &[hook.project_id], Timestamp::UNDATED)?;
    for change in hook.changes.0.unwrap_or_default() {
        let (Some(ref_name), Some(after)) = (change.ref_name.value(), change.after.value()) else {
            continue;
        };
        let before = Greatest(change.before.value());
        statement.say(FactBody::Push(Push { before, ..Push::new(ref_name, after) }));
    }
    Ok(statement.end())
}

/// What a reference points to now.
fn moved_to(after: Said<CommitSha>) -> Result<CommitSha, Silence> {
    after.value().ok_or(Silence::Irrelevant("a branch or tag was deleted"))
}

/// A commit, where it tells its id.
fn commit(hook: hook::Commit) -> Option<Commit> {
    let derived = hook.derived.0.unwrap_or_default();
    Some(Commit {
        authored_at: Earliest(hook.timestamp.value()),
        is_merge: Ever(derived.is_merge.holds()),
        author_excluded: Ever(derived.author_excluded.holds()),
        picked_from: Greatest(derived.picked_from.value()),
        reverts: Greatest(derived.reverts_commit.value()),
        identity: Greatest(derived.identity.value()),
        ..Commit::new(hook.id.value()?)
    })
}
