//! What a reader of pages looks at: which project a row is, how far a list has come, what hangs on
//! a row.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Deployable, Numbered};
use crate::delivery::{
    BranchName, CommitSha, Iid, LabelName, PipelineId, ProjectId, ProjectPath, Timestamp,
};
use crate::gitlab::hook::{self, Part, Said, Values};
use crate::record::Record;

/// A project as it stands in a list of projects: read before anything of it is kept, because its
/// number is what everything else is asked by.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Said<ProjectId>,
    path_with_namespace: Said<ProjectPath>,
    default_branch: Said<BranchName>,
    last_activity_at: Said<Timestamp>,
}

/// A project that can be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its number.
    pub id: ProjectId,
    /// Its path now.
    pub path: ProjectPath,
    /// The branch that deliveries start from; an empty repository has none.
    pub default_branch: Option<BranchName>,
    /// When something last happened in it, to the hour: GitLab moves it at most once an hour.
    pub last_activity_at: Option<Timestamp>,
}

/// Reads a project of a list; `None` where it names neither itself nor its path.
#[must_use]
pub fn project_row(element: &str) -> Option<ProjectRow> {
    let row = serde_json::from_str::<Part<Row>>(element).ok()?.0?;
    Some(ProjectRow {
        id: row.id.value()?,
        path: row.path_with_namespace.value()?,
        default_branch: row.default_branch.value(),
        last_activity_at: row.last_activity_at.value(),
    })
}

/// What the record of a row says to whoever reads the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Head<'a> {
    /// Its number, of a pipeline.
    pub id: Said<PipelineId>,
    /// Its number within the project.
    pub iid: Said<Iid>,
    /// The commit that it brought, of a deployment.
    pub sha: Said<CommitSha>,
    /// How it stands.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// When it was made.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
    /// When it ended.
    pub finished_at: Said<Timestamp>,
    /// When it was merged.
    pub merged_at: Said<Timestamp>,
    /// When it was closed.
    pub closed_at: Said<Timestamp>,
    /// The branch it goes to.
    pub target_branch: Said<BranchName>,
    /// `issue`, `incident`, `task` …
    #[serde(borrow)]
    pub issue_type: Said<Cow<'a, str>>,
    /// Names of its labels.
    pub labels: Option<Values<LabelName>>,
    /// Its milestone; nothing is kept of null.
    pub milestone: Part<Numbered>,
    /// Its last day.
    pub due_date: Said<Timestamp>,
    /// The job behind it.
    pub deployable: Part<Deployable>,
    /// The commit that it is, or that it marks.
    pub commit: Part<Dated>,
}

/// When a commit was made.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Dated {
    /// By whoever put it where it is.
    pub committed_date: Said<Timestamp>,
}

/// Reads the head of a record; an empty one when nothing can be read.
#[must_use]
pub fn head(record: &Record) -> Head<'_> {
    hook::read(record).unwrap_or_default()
}
