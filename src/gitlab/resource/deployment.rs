//! Deployments.

use std::borrow::Cow;

use serde::Deserialize;

use crate::delivery::{
    CommitSha, DeploymentId, EnvironmentName, JobId, JobName, PipelineId, ProjectId, RefName,
    Timestamp,
};
use crate::gitlab::hook::{List, Part, Said};

/// A deployment as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiDeployment<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Which.
    pub id: Said<DeploymentId>,
    /// The status it has.
    #[serde(borrow)]
    pub status: Said<Cow<'a, str>>,
    /// Branch or tag, in the short form.
    #[serde(rename = "ref")]
    pub ref_name: Said<RefName>,
    /// The commit.
    pub sha: Said<CommitSha>,
    /// When it was recorded.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
    /// When it ended; told by few versions.
    pub finished_at: Said<Timestamp>,
    /// Where it went.
    #[serde(borrow)]
    pub environment: Part<EnvironmentOf<'a>>,
    /// The job that made it; null when the API did.
    pub deployable: Part<Deployable>,
    /// What approvers said of it.
    #[serde(borrow)]
    pub approvals: List<Approval<'a>>,
}

/// What a deployment says of its environment: hardly ever the tier.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EnvironmentOf<'a> {
    /// Its name.
    pub name: Said<EnvironmentName>,
    /// GitLab's tier of it.
    #[serde(borrow)]
    pub tier: Said<Cow<'a, str>>,
}

/// The job behind a deployment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Deployable {
    /// Which.
    pub id: Said<JobId>,
    /// Its name.
    pub name: Said<JobName>,
    /// Its pipeline.
    pub pipeline: Part<DeployablePipeline>,
    /// When it started to run.
    pub started_at: Said<Timestamp>,
    /// When it ended.
    pub finished_at: Said<Timestamp>,
}

/// The pipeline of the job behind a deployment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeployablePipeline {
    /// Which.
    pub id: Said<PipelineId>,
}

/// One approver's word.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Approval<'a> {
    /// `approved` or `rejected`.
    #[serde(borrow)]
    pub status: Said<Cow<'a, str>>,
}
