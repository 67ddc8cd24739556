//! `push` and `tag_push` of project, group and system hooks, `repository_update`, and commits.

use serde::Deserialize;

use super::project::ProjectPart;
use super::said::{List, Part, Said};
use crate::delivery::{CommitIdentity, CommitSha, ProjectId, RefName, Timestamp};

/// A branch or tag moved. It carries no time of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Push {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// Full reference.
    #[serde(rename = "ref")]
    pub ref_name: Said<RefName>,
    /// What it pointed to; zeros, which say nothing, for a new one.
    pub before: Said<CommitSha>,
    /// What it points to: a commit, or a tag object; zeros, which say nothing, when deleted.
    pub after: Said<CommitSha>,
    /// The commit behind `after`.
    pub checkout_sha: Said<CommitSha>,
    /// The newest 20 commits, oldest first.
    pub commits: List<Commit>,
    /// How many commits it brought.
    pub total_commits_count: Said<u64>,
}

/// A commit, in a push or as the head of a merge request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Commit {
    /// Its id.
    pub id: Said<CommitSha>,
    /// Its authored date.
    pub timestamp: Said<Timestamp>,
    /// What its texts said.
    pub derived: Part<CommitDerived>,
}

/// What the dropped texts of a commit said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CommitDerived {
    /// Keyed hash of author, date and title.
    pub identity: Said<CommitIdentity>,
    /// Whether its author is not counted.
    pub author_excluded: Said<bool>,
    /// Whether its message is that of a merge.
    pub is_merge: Said<bool>,
    /// The commit it was picked from.
    pub picked_from: Said<CommitSha>,
    /// The commit it reverts.
    pub reverts_commit: Said<CommitSha>,
}

/// The system hook that follows every push, however many references it moved.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RepositoryUpdate {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// The references.
    pub changes: List<RefChange>,
}

/// One reference that moved.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RefChange {
    /// Full reference.
    #[serde(rename = "ref")]
    pub ref_name: Said<RefName>,
    /// What it pointed to.
    pub before: Said<CommitSha>,
    /// What it points to.
    pub after: Said<CommitSha>,
}
