//! Resources of GitLab's REST API: what of one may be kept, and its wire types.
//!
//! A page is a list of them; each becomes a record of its own, by the same discipline as a hook:
//! keys that the [list](allow_list) names, persons as keyed hashes, texts read and dropped. What a
//! resource does not tell of itself, its project above all, is written into the record beside it,
//! so that the journal can be read again without asking GitLab.

pub mod about;
pub mod allow_list;
mod commit;
mod deployment;
mod diff;
mod dora;
mod head;
pub mod hook;
pub mod hook_log;
mod issue;
mod merge_request;
mod pipeline;
mod planning;
mod project;
pub mod said;
mod scrub;
#[cfg(test)]
mod tests;

pub use commit::{ApiCommit, CommitOf};
pub use deployment::{ApiDeployment, Approval, Deployable, DeployablePipeline, EnvironmentOf};
pub use diff::{ApiDiff, ApiDiffDerived, ApiTag, NamedImageText};
pub use dora::{ApiDoraPoint, dora_points};
pub use head::{Dated, Head, ProjectRow, head, project_row};
pub use issue::{ApiIssue, ApiIssueDerived, ApiIssueEvent, NamedLabel};
pub use merge_request::{ApiMergeRequest, ApiNote, ApiNoteDerived, Numbered};
pub use pipeline::{ApiJob, ApiPipeline, PipelineOf};
pub use planning::{ApiMilestone, ApiRelease};
pub use project::{ApiEnvironment, ApiProject};
pub use scrub::{Within, elements, identity, scrub_resource};

/// A kind of resource, of which a page of the API holds many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A project.
    Project,
    /// An environment, which alone tells its tier.
    Environment,
    /// A deployment as it is now.
    Deployment,
    /// A merge request as it is now.
    MergeRequest,
    /// One of the original commits of a merge request.
    MergeRequestCommit,
    /// A comment on a merge request, GitLab's own among them.
    MergeRequestNote,
    /// A commit on the first-parent line of a branch.
    Commit,
    /// What a commit changed of one file; the record of a file without a name says that all of
    /// the commit was read.
    CommitDiff,
    /// A tag as it is now.
    Tag,
    /// An issue, incident or other work item as it is now.
    Issue,
    /// A comment on an incident.
    IssueNote,
    /// A closing or reopening of an incident.
    IssueStateEvent,
    /// A label that an issue was given, or that was taken from it.
    IssueLabelEvent,
    /// An issue that was put into a milestone, or taken out of one.
    IssueMilestoneEvent,
    /// A pipeline of the default branch as it is now.
    Pipeline,
    /// A pipeline of a merge request as it is now.
    MergeRequestPipeline,
    /// A job of a pipeline as it is now.
    Job,
    /// A Release object.
    Release,
    /// A milestone as it is now.
    Milestone,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Project,
        Self::Environment,
        Self::Deployment,
        Self::MergeRequest,
        Self::MergeRequestCommit,
        Self::MergeRequestNote,
        Self::Commit,
        Self::CommitDiff,
        Self::Tag,
        Self::Issue,
        Self::IssueNote,
        Self::IssueStateEvent,
        Self::IssueLabelEvent,
        Self::IssueMilestoneEvent,
        Self::Pipeline,
        Self::MergeRequestPipeline,
        Self::Job,
        Self::Release,
        Self::Milestone,
    ];

    /// The kind of its records in the journal; stored, so it never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Environment => "environment",
            Self::Deployment => "deployment",
            Self::MergeRequest => "merge_request",
            Self::MergeRequestCommit => "merge_request_commit",
            Self::MergeRequestNote => "merge_request_note",
            Self::Commit => "commit",
            Self::CommitDiff => "commit_diff",
            Self::Tag => "tag",
            Self::Issue => "issue",
            Self::IssueNote => "issue_note",
            Self::IssueStateEvent => "issue_state_event",
            Self::IssueLabelEvent => "issue_label_event",
            Self::IssueMilestoneEvent => "issue_milestone_event",
            Self::Pipeline => "pipeline",
            Self::MergeRequestPipeline => "merge_request_pipeline",
            Self::Job => "job",
            Self::Release => "release",
            Self::Milestone => "milestone",
        }
    }

    /// The resource whose records are of this kind.
    #[must_use]
    pub fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.as_str() == kind)
    }
}
