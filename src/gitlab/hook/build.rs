//! `build`: one status of one job.

use serde::Deserialize;

use super::project::ProjectPart;
use super::said::{Part, Said};
use super::seconds::Seconds;
use crate::delivery::{PipelineId, ProjectId, StageName, Timestamp};

/// A job came to a status.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Build {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// Its pipeline.
    pub pipeline_id: Said<PipelineId>,
    /// Its pipeline again: GitLab puts the pipeline's id where a commit's is expected.
    pub commit: Part<BuildCommit>,
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
}

/// What GitLab calls the commit of a job.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BuildCommit {
    /// The *pipeline's* id.
    pub id: Said<PipelineId>,
}
