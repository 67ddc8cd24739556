//! What happened in software delivery: facts, how they merge, and the history they make.
//!
//! This room knows neither GitLab nor Prometheus, does no I/O and asks no clock. Every fact is a
//! product of [registers](register), so facts form a join-semilattice: any order and any
//! repetition of the same statements give the same facts.

mod commit;
mod commit_images;
mod contact;
mod counted;
mod deployment;
mod doubt;
mod environment;
mod fact;
pub mod history;
mod ids;
mod issue;
mod job;
mod merge_request;
mod milestone;
mod person;
mod pipeline;
mod project;
mod push;
pub mod register;
mod tag_release;
mod tally;
mod tier;
mod time;

pub use commit::{Commit, CommitIdentity};
pub use commit_images::{CommitImages, ImageSet, NamedImage};
pub use contact::{Contact, KindHeard};
pub use counted::Counted;
pub use deployment::{Deployment, DeploymentStatus};
pub use doubt::{Doubt, Doubts};
pub use environment::Environment;
pub use fact::{Fact, FactBody, FactKey};
pub use history::{History, ProjectHistory};
pub use ids::{
    BranchName, CommitSha, DeploymentId, EnvironmentName, FilePath, Iid, ImageName, ImageVersion,
    InstanceId, InvalidId, JobId, JobName, LabelName, LabelSet, MilestoneId, PipelineId, ProjectId,
    ProjectKey, ProjectPath, RefName, ServiceName, StageName, TagName,
};
pub use issue::{
    Cause, Issue, IssueLabel, IssueMilestone, IssueTransition, IssueType, Severity, Transition,
};
pub use job::{Job, Jobs, KeptJobs, PipelineJobs};
pub use merge_request::{
    ClosedIssues, MergeRequest, MergeRequestCommit, MergeRequestState, Reverted, Review,
};
pub use milestone::{Milestone, MilestoneDue};
pub use person::PersonHash;
pub use pipeline::{Pipeline, PipelineStage, RunStatus};
pub use project::Project;
pub use push::{CommitList, Push};
pub use register::Merge;
pub use tag_release::TagRelease;
pub use tally::{LifetimeSeries, Observation, ProjectTotals, Tally, Thing, Total, Totals};
pub use tier::EnvironmentTier;
pub use time::Timestamp;
