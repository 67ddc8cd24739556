//! Commits: those of a merge request, and those of a branch's line.

use serde::Deserialize;

use crate::delivery::{BranchName, CommitSha, Iid, ProjectId, Timestamp};
use crate::gitlab::hook::{CommitDerived, Part, Said, Values};

/// A commit, and what it is a commit of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CommitOf {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// The merge request that lists it.
    pub merge_request: Said<Iid>,
    /// The branch whose line it is on.
    pub branch: Said<BranchName>,
    /// The commit.
    pub commit: Part<ApiCommit>,
}

/// A commit as git knows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiCommit {
    /// Its id.
    pub id: Said<CommitSha>,
    /// Its parents; merge requests list none.
    pub parent_ids: Values<CommitSha>,
    /// Its authored date.
    pub authored_date: Said<Timestamp>,
    /// Its committed date.
    pub committed_date: Said<Timestamp>,
    /// What its texts said.
    pub derived: Part<CommitDerived>,
}
