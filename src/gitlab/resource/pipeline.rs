//! Pipelines and their jobs.

use std::borrow::Cow;

use serde::Deserialize;

use crate::delivery::{CommitSha, Iid, PipelineId, ProjectId, RefName, StageName, Timestamp};
use crate::gitlab::hook::{Part, Said, Seconds};

/// A pipeline as it is now, as a list shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiPipeline<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// The merge request whose list it is in.
    pub merge_request: Said<Iid>,
    /// Which.
    pub id: Said<PipelineId>,
    /// The commit it runs on.
    pub sha: Said<CommitSha>,
    /// Branch or tag, in the short form.
    #[serde(rename = "ref")]
    pub ref_name: Said<RefName>,
    /// The status it has.
    #[serde(borrow)]
    pub status: Said<Cow<'a, str>>,
    /// What started it: `push`, `merge_request_event` …
    #[serde(borrow)]
    pub source: Said<Cow<'a, str>>,
    /// When it was created.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
    /// When it ended; lists do not tell.
    pub finished_at: Said<Timestamp>,
}

/// A job as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiJob {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Its stage.
    pub stage: Said<StageName>,
    /// When it started to run.
    pub started_at: Said<Timestamp>,
    /// When it ended.
    pub finished_at: Said<Timestamp>,
    /// How long it waited for a runner.
    pub queued_duration: Said<Seconds>,
    /// The pipeline it belongs to.
    pub pipeline: Part<PipelineOf>,
}

/// A pipeline of which only the number is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PipelineOf {
    /// Its number.
    pub id: Said<PipelineId>,
}
