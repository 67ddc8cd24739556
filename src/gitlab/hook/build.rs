//! `build`: one status of one job.

use std::borrow::Cow;

use serde::Deserialize;

use super::pipeline::JobEnvironment;
use super::project::ProjectPart;
use super::said::{Part, Said};
use super::seconds::Seconds;
use crate::delivery::{
    CommitSha, JobId, JobName, PipelineId, ProjectId, RefName, StageName, Timestamp,
};

/// A job came to a status.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Build<'a> {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// Its pipeline.
    pub pipeline_id: Said<PipelineId>,
    /// Its pipeline again: GitLab puts the pipeline's id where a commit's is expected.
    pub commit: Part<BuildCommit>,
    /// Branch or tag, in the short form.
    #[serde(rename = "ref")]
    pub ref_name: Said<RefName>,
    /// The commit it ran on.
    pub sha: Said<CommitSha>,
    /// Which.
    pub build_id: Said<JobId>,
    /// Its name.
    pub build_name: Said<JobName>,
    /// The status it came to.
    #[serde(borrow)]
    pub build_status: Said<Cow<'a, str>>,
    /// Its stage.
    pub build_stage: Said<StageName>,
    /// When it was created.
    pub build_created_at: Said<Timestamp>,
    /// The same, in ISO 8601; since 18.
    pub build_created_at_iso: Said<Timestamp>,
    /// When it started to run.
    pub build_started_at: Said<Timestamp>,
    /// The same, in ISO 8601; since 18.
    pub build_started_at_iso: Said<Timestamp>,
    /// When it ended.
    pub build_finished_at: Said<Timestamp>,
    /// The same, in ISO 8601; since 18.
    pub build_finished_at_iso: Said<Timestamp>,
    /// How long it waited for a runner.
    pub build_queued_duration: Said<Seconds>,
    /// The environment it deploys to; null where it does not.
    #[serde(borrow)]
    pub environment: Part<JobEnvironment<'a>>,
}

/// What GitLab calls the commit of a job.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BuildCommit {
    /// The *pipeline's* id.
    pub id: Said<PipelineId>,
}
