//! The one enum of all facts, and the keys under which they merge.

use super::commit::Commit;
use super::commit_images::CommitImages;
use super::deployment::Deployment;
use super::environment::Environment;
use super::ids::{
    CommitSha, DeploymentId, EnvironmentName, Iid, LabelName, MilestoneId, PipelineId, ProjectKey,
    RefName, StageName, TagName,
};
use super::issue::{Issue, IssueLabel, IssueMilestone, IssueTransition};
use super::job::PipelineJobs;
use super::merge_request::{MergeRequest, MergeRequestCommit, Review};
use super::milestone::{Milestone, MilestoneDue};
use super::pipeline::{Pipeline, PipelineStage};
use super::project::Project;
use super::push::Push;
use super::register::Merge;
use super::tag_release::TagRelease;
use super::time::Timestamp;

/// One statement about one thing of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Whose it is.
    pub project: ProjectKey,
    /// What is said.
    pub body: FactBody,
}

/// What a fact says, by the type of thing it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactBody {
    /// About the project itself.
    Project(Project),
    /// About an environment.
    Environment(Environment),
    /// About a deployment.
    Deployment(Deployment),
    /// About a merge request.
    MergeRequest(Box<MergeRequest>),
    /// A commit of a merge request.
    MergeRequestCommit(MergeRequestCommit),
    /// A review act.
    Review(Review),
    /// About a commit.
    Commit(Commit),
    /// About the images that a commit names.
    CommitImages(CommitImages),
    /// About a push.
    Push(Push),
    /// About an issue or incident.
    Issue(Issue),
    /// A closing or reopening of an issue.
    IssueTransition(IssueTransition),
    /// A label that an issue was given.
    IssueLabel(IssueLabel),
    /// A move of an issue into a milestone or out of one.
    IssueMilestone(IssueMilestone),
    /// About a pipeline.
    Pipeline(Pipeline),
    /// About a stage of a pipeline.
    PipelineStage(PipelineStage),
    /// About the jobs of a pipeline that succeeded.
    PipelineJobs(PipelineJobs),
    /// About a Release object.
    TagRelease(TagRelease),
    /// About a milestone.
    Milestone(Milestone),
    /// A milestone's due day at one instant.
    MilestoneDue(MilestoneDue),
}

/// The natural key of a fact within its project; facts of equal project and key merge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKey {
    /// The project itself.
    Project,
    /// An environment, by name.
    Environment(EnvironmentName),
    /// A deployment, by id.
    Deployment(DeploymentId),
    /// A merge request, by number.
    MergeRequest(Iid),
    /// A commit of a merge request.
    MergeRequestCommit(MergeRequestCommit),
    /// A review act.
    Review(Review),
    /// A commit, by id.
    Commit(CommitSha),
    /// The images of a commit, by its id.
    CommitImages(CommitSha),
    /// A push, by reference and new commit.
    Push(RefName, CommitSha),
    /// An issue, by number.
    Issue(Iid),
    /// A closing or reopening.
    IssueTransition(IssueTransition),
    /// A label of an issue, by number and name.
    IssueLabel(Iid, LabelName),
    /// A move of an issue, by number and instant.
    IssueMilestone(Iid, Timestamp),
    /// A pipeline, by id.
    Pipeline(PipelineId),
    /// A stage, by pipeline and name.
    PipelineStage(PipelineId, StageName),
    /// The jobs of a pipeline, by its id.
    PipelineJobs(PipelineId),
    /// A Release, by tag.
    TagRelease(TagName),
    /// A milestone, by id.
    Milestone(MilestoneId),
    /// A due day, by milestone and instant.
    MilestoneDue(MilestoneId, Timestamp),
}

impl FactBody {
    /// The key under which it merges.
    #[must_use]
    pub fn key(&self) -> FactKey {
        match self {
            Self::Project(_) => FactKey::Project,
            Self::Environment(fact) => FactKey::Environment(fact.name.clone()),
            Self::Deployment(fact) => FactKey::Deployment(fact.id),
            Self::MergeRequest(fact) => FactKey::MergeRequest(fact.iid),
            Self::MergeRequestCommit(fact) => FactKey::MergeRequestCommit(*fact),
            Self::Review(fact) => FactKey::Review(*fact),
            Self::Commit(fact) => FactKey::Commit(fact.sha),
            Self::CommitImages(fact) => FactKey::CommitImages(fact.sha),
            Self::Push(fact) => FactKey::Push(fact.ref_name.clone(), fact.after),
            Self::Issue(fact) => FactKey::Issue(fact.iid),
            Self::IssueTransition(fact) => FactKey::IssueTransition(*fact),
            Self::IssueLabel(fact) => FactKey::IssueLabel(fact.issue, fact.label.clone()),
            Self::IssueMilestone(fact) => FactKey::IssueMilestone(fact.issue, fact.at),
            Self::Pipeline(fact) => FactKey::Pipeline(fact.id),
            Self::PipelineStage(fact) => FactKey::PipelineStage(fact.pipeline, fact.stage.clone()),
            Self::PipelineJobs(fact) => FactKey::PipelineJobs(fact.pipeline),
            Self::TagRelease(fact) => FactKey::TagRelease(fact.tag.clone()),
            Self::Milestone(fact) => FactKey::Milestone(fact.id),
            Self::MilestoneDue(fact) => FactKey::MilestoneDue(fact.milestone, fact.at),
        }
    }
}

impl Merge for FactBody {
    /// Joins two facts of equal key; facts of another kind leave it as it is.
    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Project(own), Self::Project(other)) => own.merge(other),
            (Self::Environment(own), Self::Environment(other)) => own.merge(other),
            (Self::Deployment(own), Self::Deployment(other)) => own.merge(other),
            (Self::MergeRequest(own), Self::MergeRequest(other)) => own.merge(*other),
            (Self::Commit(own), Self::Commit(other)) => own.merge(other),
            (Self::CommitImages(own), Self::CommitImages(other)) => own.merge(other),
            (Self::Push(own), Self::Push(other)) => own.merge(other),
            (Self::Issue(own), Self::Issue(other)) => own.merge(other),
            (Self::IssueLabel(own), Self::IssueLabel(other)) => own.merge(other),
            (Self::IssueMilestone(own), Self::IssueMilestone(other)) => own.merge(other),
            (Self::Pipeline(own), Self::Pipeline(other)) => own.merge(other),
            (Self::PipelineStage(own), Self::PipelineStage(other)) => own.merge(other),
            (Self::PipelineJobs(own), Self::PipelineJobs(other)) => own.merge(other),
            (Self::TagRelease(own), Self::TagRelease(other)) => own.merge(other),
            (Self::Milestone(own), Self::Milestone(other)) => own.merge(other),
            (Self::MilestoneDue(own), Self::MilestoneDue(other)) => own.merge(other),
            // Rows that are nothing but their key are equal when their keys are.
            _ => {}
        }
    }
}
