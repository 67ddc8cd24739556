//! Merge requests and the comments on them.

use std::borrow::Cow;

use serde::Deserialize;

use super::ApiMilestone;
use crate::delivery::{
    BranchName, Cause, CommitSha, Iid, LabelName, MilestoneId, PersonHash, ProjectId, Timestamp,
};
use crate::gitlab::hook::{MergeRequestDerived, Part, Said, Values};

/// A merge request as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiMergeRequest<'a> {
    /// The target project.
    pub project_id: Said<ProjectId>,
    /// Its number within it.
    pub iid: Said<Iid>,
    /// The project that its source branch is in.
    pub source_project_id: Said<ProjectId>,
    /// The branch it comes from.
    pub source_branch: Said<BranchName>,
    /// The branch it goes to.
    pub target_branch: Said<BranchName>,
    /// `opened`, `closed`, `merged`, `locked`.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// Whether it is a draft.
    pub draft: Said<bool>,
    /// The same, before 14.
    pub work_in_progress: Said<bool>,
    /// When it was opened.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
    /// When it was merged.
    pub merged_at: Said<Timestamp>,
    /// Head of its source branch.
    pub sha: Said<CommitSha>,
    /// The merge commit; null for a fast-forward.
    pub merge_commit_sha: Said<CommitSha>,
    /// The squash commit.
    pub squash_commit_sha: Said<CommitSha>,
    /// Its milestone; nothing is kept of null.
    #[serde(borrow)]
    pub milestone: Part<ApiMilestone<'a>>,
    /// Names of its labels.
    pub labels: Option<Values<LabelName>>,
    /// What texts and people said.
    pub derived: Part<MergeRequestDerived>,
}

/// Something of which only the number is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Numbered {
    /// Its number.
    pub id: Said<MilestoneId>,
}

/// A comment on a merge request or an issue, without its text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiNote<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// The merge request commented on.
    pub merge_request: Said<Iid>,
    /// The issue commented on.
    pub issue: Said<Iid>,
    /// Whether GitLab wrote it, about what somebody did.
    pub system: Said<bool>,
    /// When it was written.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
    /// What the text said, and who wrote it.
    #[serde(borrow)]
    pub derived: Part<ApiNoteDerived<'a>>,
}

/// What the dropped text and author of a comment said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiNoteDerived<'a> {
    /// Who wrote it, or did what it tells of.
    pub author: Said<PersonHash>,
    /// Whether its author is not counted.
    pub author_excluded: Said<bool>,
    /// `approved`, `ready`, `draft`: what it tells of, where GitLab wrote it.
    #[serde(borrow)]
    pub act: Said<Cow<'a, str>>,
    /// The cause that it names.
    pub caused_by: Said<Cause>,
}
