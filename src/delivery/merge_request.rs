//! A merge request, the commits seen at its head, and the reviews it got.

use std::sync::Arc;

use super::ids::{BranchName, CommitSha, Iid, LabelSet, MilestoneId, ProjectId};
use super::person::PersonHash;
use super::register::{Earliest, Ever, Furthest, Greatest, Merge, Newest, Progress};
use super::time::Timestamp;

/// Where a merge request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MergeRequestState {
    /// Open.
    Opened,
    /// Being merged.
    Locked,
    /// Closed without a merge; may be reopened.
    Closed,
    /// Merged, for ever.
    Merged,
}

impl Progress for MergeRequestState {
    fn is_end(&self) -> bool {
        matches!(self, Self::Merged)
    }
}

/// What a merge request takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reverted {
    /// "This reverts merge request !n".
    MergeRequest(Iid),
    /// "This reverts commit …".
    Commit(CommitSha),
}

/// The issues of its own project that a merge request closes: sorted, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClosedIssues(Arc<[Iid]>);

impl ClosedIssues {
    /// Sorts and removes repetitions.
    #[must_use]
    pub fn new(mut issues: Vec<Iid>) -> Self {
        issues.sort_unstable();
        issues.dedup();
        Self(issues.into())
    }

    /// The issues in ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[Iid] {
        &self.0
    }
}

/// One merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequest {
    /// Key within the (target) project.
    pub iid: Iid,
    /// Who wrote it.
    pub author: Greatest<PersonHash>,
    /// Whether its author matches `exclude_authors` (decided before the author was hashed).
    pub author_excluded: Ever,
    /// The project its source branch is in; another one for a fork.
    pub source_project: Greatest<ProjectId>,
    /// The branch it comes from.
    pub source_branch: Newest<BranchName>,
    /// The branch it goes to.
    pub target_branch: Newest<BranchName>,
    /// Where it stands, dated by the event.
    pub state: Furthest<MergeRequestState>,
    /// When it was opened.
    pub created_at: Earliest,
    /// When GitLab says that it was merged (`merged_at`).
    pub merged_at: Earliest,
    /// The earliest `updated_at` of an event that calls it merged: stands in for `merged_at`
    /// before GitLab 19.
    pub merge_reported_at: Earliest,
    /// Whether it was ever a draft.
    pub was_draft: Ever,
    /// The first instant at which it was heard not to be a draft.
    pub ready_at: Earliest,
    /// Its labels.
    pub labels: Newest<LabelSet>,
    /// Its milestone; `None` when taken away.
    pub milestone: Newest<Option<MilestoneId>>,
    /// Head of its source branch.
    pub head: Newest<CommitSha>,
    /// The merge commit, where one was made.
    pub merge_commit: Newest<CommitSha>,
    /// The squash commit, where one was made.
    pub squash_commit: Newest<CommitSha>,
    /// What it reverts, by its description.
    pub reverts: Newest<Option<Reverted>>,
    /// The issues it closes, by its description: a register, because the description may be
    /// changed until it merges.
    pub closes: Newest<ClosedIssues>,
}

impl MergeRequest {
    /// A merge request of which only the number is known.
    #[must_use]
    pub fn new(iid: Iid) -> Self {
        Self {
            iid,
            author: Greatest::default(),
            author_excluded: Ever::default(),
            source_project: Greatest::default(),
            source_branch: Newest::default(),
            target_branch: Newest::default(),
            state: Furthest::default(),
            created_at: Earliest::default(),
            merged_at: Earliest::default(),
            merge_reported_at: Earliest::default(),
            was_draft: Ever::default(),
            ready_at: Earliest::default(),
            labels: Newest::default(),
            milestone: Newest::default(),
            head: Newest::default(),
            merge_commit: Newest::default(),
            squash_commit: Newest::default(),
            reverts: Newest::default(),
            closes: Newest::default(),
        }
    }

    /// When it was merged: GitLab's `merged_at`, else the earliest event that called it merged.
    #[must_use]
    pub fn merged(&self) -> Option<Timestamp> {
        self.merged_at.0.or(self.merge_reported_at.0)
    }
}

impl Merge for MergeRequest {
    fn merge(&mut self, other: Self) {
        let Self {
            iid: _,
            author,
            author_excluded,
            source_project,
            source_branch,
            target_branch,
            state,
            created_at,
            merged_at,
            merge_reported_at,
            was_draft,
            ready_at,
            labels,
            milestone,
            head,
            merge_commit,
            squash_commit,
            reverts,
            closes,
        } = other;
        self.author.merge(author);
        self.author_excluded.merge(author_excluded);
        self.source_project.merge(source_project);
        self.source_branch.merge(source_branch);
        self.target_branch.merge(target_branch);
        self.state.merge(state);
        self.created_at.merge(created_at);
        self.merged_at.merge(merged_at);
        self.merge_reported_at.merge(merge_reported_at);
        self.was_draft.merge(was_draft);
        self.ready_at.merge(ready_at);
        self.labels.merge(labels);
        self.milestone.merge(milestone);
        self.head.merge(head);
        self.merge_commit.merge(merge_commit);
        self.squash_commit.merge(squash_commit);
        self.reverts.merge(reverts);
        self.closes.merge(closes);
    }
}

/// A commit that a merge request was heard to hold; its date is the [`Commit`](super::Commit)'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MergeRequestCommit {
    /// The merge request.
    pub merge_request: Iid,
    /// The commit.
    pub sha: CommitSha,
}

/// One review act of a person on a merge request: a note, a submitted review, an approval.
///
/// Every act is a row of its own, because those before the merge request was ready do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Review {
    /// The merge request.
    pub merge_request: Iid,
    /// When.
    pub at: Timestamp,
    /// Who; never a bot.
    pub person: PersonHash,
}
