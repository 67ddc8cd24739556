//! Merge requests with their commits and comments, and the line of a branch.

use crate::delivery::register::{Earliest, Ever, Furthest, Greatest};
use crate::delivery::{
    BranchName, Commit, CommitList, CommitSha, Fact, FactBody, Iid, MergeRequest,
    MergeRequestCommit, MergeRequestState, Push, RefName, Review, Timestamp,
};
use crate::gitlab::hook::Said;
use crate::gitlab::resource::{ApiCommit, ApiMergeRequest, ApiNote, CommitOf};
use crate::record::Record;

use super::super::changes::{closes, reverts};
use super::super::statement::{
    Silence, Statement, dated, dated_nullable, need, need_part, or_undated, read,
};
use super::{about, issues, planning};

/// A merge request as it is. Merged without saying when happens for the oldest only: then its last
/// change stands in, as it does for a hook.
pub(super) fn merge_request(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiMergeRequest<'_> = read(record)?;
    let at = or_undated(own.updated_at);
    let mut statement = about(record, own.project_id)?;
    let iid = need(own.iid, "iid")?;
    let derived = own.derived.0.unwrap_or_default();
    let state = own.state.get().and_then(|text| state(text));
    let is_merged = state == Some(MergeRequestState::Merged);
    let is_untold = is_merged && own.merged_at.get().is_none();
    let is_draft = own.draft.value().or(own.work_in_progress.value());
    if let Some(milestone) = &own.milestone.0 {
        planning::planned_in(&mut statement, milestone);
    }
    statement.say(FactBody::MergeRequest(Box::new(MergeRequest {
        iid,
        author: Greatest(derived.author.value()),
        author_excluded: Ever(derived.author_excluded.holds()),
        source_project: Greatest(own.source_project_id.value()),
        state: Furthest(state.map(|state| (own.merged_at.value().unwrap_or(at), state))),
        created_at: Earliest(own.created_at.value()),
        merged_at: Earliest(own.merged_at.value()),
        merge_reported_at: Earliest(own.updated_at.value().filter(|_| is_untold)),
        was_draft: Ever(is_draft == Some(true)),
        // It was ready at the latest then; since when, its notes tell.
        ready_at: Earliest(own.updated_at.value().filter(|_| is_draft == Some(false))),
        reverts: dated(at, reverts(&derived)),
        closes: dated(at, closes(&derived)),
        labels: issues::labels(at, own.labels),
        milestone: dated_nullable(at, issues::milestone(&own.milestone)),
        head: dated(at, own.sha),
        merge_commit: dated(at, own.merge_commit_sha),
        squash_commit: dated(at, own.squash_commit_sha),
        source_branch: dated(at, own.source_branch),
        target_branch: dated(at, own.target_branch),
    })));
    if let Said::Value(sha) = own.sha {
        statement.say(FactBody::MergeRequestCommit(MergeRequestCommit { merge_request: iid, sha }));
    }
    Ok(statement.end())
}

fn state(text: &str) -> Option<MergeRequestState> {
    Some(match text {
        "opened" => MergeRequestState::Opened,
        "closed" => MergeRequestState::Closed,
        "merged" => MergeRequestState::Merged,
        "locked" => MergeRequestState::Locked,
        _ => return None,
    })
}

/// One of the original commits of a merge request, as they were before a squash.
pub(super) fn commit_of_merge_request(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: CommitOf = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let merge_request = need(own.merge_request, "merge_request")?;
    let commit = need_part(own.commit, "commit")?;
    let sha = need(commit.id, "commit.id")?;
    statement.say(FactBody::MergeRequestCommit(MergeRequestCommit { merge_request, sha }));
    statement.say(FactBody::Commit(told(sha, commit)));
    Ok(statement.end())
}

/// A commit on the first-parent line of a branch, said as the push that it could have been: it
/// moved the branch from its first parent. What a merge brought besides itself is not listed, so
/// that nobody takes the list for all of it.
pub(super) fn commit_of_line(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: CommitOf = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let branch = need(own.branch, "branch")?;
    let commit = need_part(own.commit, "commit")?;
    let sha = need(commit.id, "commit.id")?;
    let parents = commit.parent_ids.0.clone();
    statement.say(FactBody::Push(Push {
        before: Greatest(parents.first().copied()),
        commits: Greatest(Some(CommitList([sha].into()))),
        total_commits: Greatest((parents.len() < 2).then_some(1)),
        ..Push::new(reference(&branch)?, sha)
    }));
    statement.say(FactBody::Commit(told(sha, commit)));
    Ok(statement.end())
}

fn reference(branch: &BranchName) -> Result<RefName, Silence> {
    let name = format!("refs/heads/{}", branch.as_str());
    let unreadable = |_| Silence::Unreadable("branch: no name of a branch".to_owned());
    RefName::new(&name).map_err(unreadable)
}

fn told(sha: CommitSha, commit: ApiCommit) -> Commit {
    let derived = commit.derived.0.unwrap_or_default();
    let has_two_parents = commit.parent_ids.0.len() > 1;
    Commit {
        authored_at: Earliest(commit.authored_date.value()),
        committed_at: Earliest(commit.committed_date.value()),
        is_merge: Ever(has_two_parents || derived.is_merge.holds()),
        author_excluded: Ever(derived.author_excluded.holds()),
        picked_from: Greatest(derived.picked_from.value()),
        reverts: Greatest(derived.reverts_commit.value()),
        identity: Greatest(derived.identity.value()),
        ..Commit::new(sha)
    }
}

/// A comment: a person's is a review act; GitLab's own may tell of an approval, or of a draft that
/// became ready.
pub(super) fn note(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiNote<'_> = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let merge_request = need(own.merge_request, "merge_request")?;
    let derived = own.derived.0.unwrap_or_default();
    let at = need(own.created_at, "created_at")?;
    let act = derived.act.get().map(AsRef::as_ref).filter(|_| own.system.holds());
    match act {
        Some("draft") => was_draft(&mut statement, merge_request, None),
        Some("ready") => was_draft(&mut statement, merge_request, Some(at)),
        Some("approved") => {}
        _ if own.system.holds() => return Err(Silence::Irrelevant("a comment that GitLab wrote")),
        _ => {}
    }
    let reviews = matches!(act, None | Some("approved"));
    if reviews && derived.author_excluded.holds() {
        return Err(Silence::Irrelevant("a comment of somebody who is not counted"));
    }
    if reviews {
        let person = need(derived.author, "author.id")?;
        statement.say(FactBody::Review(Review { merge_request, at, person }));
    }
    Ok(statement.end())
}

fn was_draft(statement: &mut Statement, iid: Iid, ready_at: Option<Timestamp>) {
    let ready_at = Earliest(ready_at);
    let request = MergeRequest { was_draft: Ever(true), ready_at, ..MergeRequest::new(iid) };
    statement.say(FactBody::MergeRequest(Box::new(request)));
}
