//! `pipeline`: one status of one pipeline, with the latest attempt of each job.

use std::borrow::Cow;

use serde::Deserialize;

use super::project::ProjectPart;
use super::said::{List, Part, Said};
use super::seconds::Seconds;
use crate::delivery::{
    CommitSha, EnvironmentName, Iid, JobId, PipelineId, ProjectId, RefName, Timestamp,
};

/// A pipeline came to a status.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pipeline<'a> {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// The pipeline as it is now.
    #[serde(borrow)]
    pub object_attributes: Part<PipelineAttributes<'a>>,
    /// The merge request it runs for; only of pipelines of merge requests.
    pub merge_request: Part<PipelineRequest>,
    /// Its jobs.
    #[serde(borrow)]
    pub builds: List<PipelineBuild<'a>>,
}

/// The pipeline as it is after the event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PipelineAttributes<'a> {
    /// Which.
    pub id: Said<PipelineId>,
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Branch or tag, in the short form.
    #[serde(rename = "ref")]
    pub ref_name: Said<RefName>,
    /// The commit it runs on.
    pub sha: Said<CommitSha>,
    /// The status it came to.
    #[serde(borrow)]
    pub status: Said<Cow<'a, str>>,
    /// When it was created.
    pub created_at: Said<Timestamp>,
    /// When it ended.
    pub finished_at: Said<Timestamp>,
}

/// What a pipeline says of its merge request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PipelineRequest {
    /// Its number within the target project.
    pub iid: Said<Iid>,
    /// The target project: another one when the pipeline runs in a fork.
    pub target_project_id: Said<ProjectId>,
}

/// A job of a pipeline.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PipelineBuild<'a> {
    /// Which.
    pub id: Said<JobId>,
    /// Its name.
    #[serde(borrow)]
    pub name: Said<Cow<'a, str>>,
    /// The status it has.
    #[serde(borrow)]
    pub status: Said<Cow<'a, str>>,
    /// Its stage.
    #[serde(borrow)]
    pub stage: Said<Cow<'a, str>>,
    /// When it started to run.
    pub started_at: Said<Timestamp>,
    /// When it ended.
    pub finished_at: Said<Timestamp>,
    /// How long it waited for a runner.
    pub queued_duration: Said<Seconds>,
    /// The environment it deploys to; null where it does not.
    #[serde(borrow)]
    pub environment: Part<JobEnvironment<'a>>,
}

/// What a job says of its environment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct JobEnvironment<'a> {
    /// Its name.
    pub name: Said<EnvironmentName>,
    /// What the job does there: `start` deploys, the others prepare, look at or stop it.
    #[serde(borrow)]
    pub action: Said<Cow<'a, str>>,
    /// GitLab's tier of it.
    #[serde(borrow)]
    pub deployment_tier: Said<Cow<'a, str>>,
}
