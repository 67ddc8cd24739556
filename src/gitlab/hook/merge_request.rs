//! `merge_request` of project, group and system hooks.

use std::borrow::Cow;

use serde::Deserialize;

use super::project::{Label, ProjectPart};
use super::push::Commit;
use super::said::{List, Part, Said};
use super::values::Values;
use crate::delivery::{
    BranchName, CommitSha, Iid, MilestoneId, PersonHash, ProjectId, ProjectPath, Timestamp,
};

/// Something happened to a merge request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MergeRequest<'a> {
    /// The target project.
    pub project: Part<ProjectPart>,
    /// The target project, again or alone.
    pub project_id: Said<ProjectId>,
    /// The merge request as it is now.
    #[serde(borrow)]
    pub object_attributes: Part<MergeRequestAttributes<'a>>,
    /// Its labels.
    pub labels: List<Label>,
    /// What changed.
    pub changes: Part<Changes>,
    /// What texts and people said.
    pub derived: Part<MergeRequestDerived>,
}

/// The merge request as it is after the event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MergeRequestAttributes<'a> {
    /// Its number within the target project.
    pub iid: Said<Iid>,
    /// The project that its source branch is in.
    pub source_project_id: Said<ProjectId>,
    /// The project that it goes to.
    pub target_project_id: Said<ProjectId>,
    /// The project that its source branch is in, by path.
    pub source: Part<Side>,
    /// The branch it comes from.
    pub source_branch: Said<BranchName>,
    /// The branch it goes to.
    pub target_branch: Said<BranchName>,
    /// `opened`, `closed`, `merged`, `locked`.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// 1 opened, 2 closed, 3 merged, 4 locked.
    pub state_id: Said<u64>,
    /// What happened: `open`, `update`, `merge`, `approved` …; an open set.
    #[serde(borrow)]
    pub action: Said<Cow<'a, str>>,
    /// Whether GitLab did it by itself.
    pub system: Said<bool>,
    /// Whether it is a draft.
    pub draft: Said<bool>,
    /// The same, before 14.
    pub work_in_progress: Said<bool>,
    /// When it was opened.
    pub created_at: Said<Timestamp>,
    /// When it last changed: the event.
    pub updated_at: Said<Timestamp>,
    /// When somebody acted; since 19.
    pub actioned_at: Said<Timestamp>,
    /// When it was merged; since 19.
    pub merged_at: Said<Timestamp>,
    /// The merge commit; null for a fast-forward.
    pub merge_commit_sha: Said<CommitSha>,
    /// The squash commit; since 19.
    pub squash_commit_sha: Said<CommitSha>,
    /// Head of its source branch.
    pub last_commit: Part<Commit>,
    /// Its milestone.
    pub milestone_id: Said<MilestoneId>,
    /// Its labels.
    pub labels: List<Label>,
}

/// One end of a merge request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Side {
    /// The project's number.
    pub id: Said<ProjectId>,
    /// The project's path.
    pub path_with_namespace: Said<ProjectPath>,
}

/// What changed about a merge request, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Changes {
    /// From or to a draft.
    pub draft: Part<Flip>,
    /// The same, before 14.
    pub work_in_progress: Part<Flip>,
}

/// A truth value that changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Flip {
    /// What it was.
    pub previous: Said<bool>,
    /// What it is.
    pub current: Said<bool>,
}

/// What the dropped texts and people of a merge request said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MergeRequestDerived {
    /// Who wrote it.
    pub author: Said<PersonHash>,
    /// Whether its author is not counted.
    pub author_excluded: Said<bool>,
    /// Who acted.
    pub actor: Said<PersonHash>,
    /// Whether the actor is not counted.
    pub actor_excluded: Said<bool>,
    /// Whether the actor submitted a review.
    pub review_submitted: Said<bool>,
    /// Whether there was a description, empty or not.
    pub described: Said<bool>,
    /// The merge request that it reverts.
    pub reverts_merge_request: Said<Iid>,
    /// The commit that it reverts.
    pub reverts_commit: Said<CommitSha>,
    /// The issues that it closes.
    pub closes: Values<Iid>,
}
