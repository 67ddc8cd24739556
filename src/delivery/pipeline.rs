//! Pipelines and their jobs.

use super::ids::{CommitSha, JobId, PipelineId, RefName, StageName};
use super::register::{Earliest, Furthest, Greatest, Merge, Progress};

/// How far a pipeline or job got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunStatus {
    /// Created, waiting, manual, scheduled: anything before running.
    Pending,
    /// Runs.
    Running,
    /// Never ran.
    Skipped,
    /// Stopped before it ended.
    Canceled,
    /// Failed.
    Failed,
    /// Succeeded.
    Success,
}

impl Progress for RunStatus {
    fn is_end(&self) -> bool {
        matches!(self, Self::Skipped | Self::Canceled | Self::Failed | Self::Success)
    }
}

/// One pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Key within the project.
    pub id: PipelineId,
    /// How far it got. A retried pipeline may run again; its first end stands.
    pub status: Furthest<RunStatus>,
    /// What it ran on.
    pub sha: Greatest<CommitSha>,
    /// The branch or tag it ran for.
    pub ref_name: Greatest<RefName>,
    /// When it was created.
    pub created_at: Earliest,
    /// When it first ended.
    pub finished_at: Earliest,
}

impl Pipeline {
    /// A pipeline of which only the id is known.
    #[must_use]
    pub fn new(id: PipelineId) -> Self {
        Self {
            id,
            status: Furthest::default(),
            sha: Greatest::default(),
            ref_name: Greatest::default(),
            created_at: Earliest::default(),
            finished_at: Earliest::default(),
        }
    }
}

impl Merge for Pipeline {
    fn merge(&mut self, other: Self) {
        let Self { id: _, status, sha, ref_name, created_at, finished_at } = other;
        self.status.merge(status);
        self.sha.merge(sha);
        self.ref_name.merge(ref_name);
        self.created_at.merge(created_at);
        self.finished_at.merge(finished_at);
    }
}

/// One job of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Key within the project.
    pub id: JobId,
    /// The pipeline it belongs to.
    pub pipeline: Greatest<PipelineId>,
    /// Its stage.
    pub stage: Greatest<StageName>,
    /// How far it got.
    pub status: Furthest<RunStatus>,
    /// When it was created.
    pub created_at: Earliest,
    /// When it started to run.
    pub started_at: Earliest,
    /// When it ended.
    pub finished_at: Earliest,
}

impl Job {
    /// A job of which only the id is known.
    #[must_use]
    pub fn new(id: JobId) -> Self {
        Self {
            id,
            pipeline: Greatest::default(),
            stage: Greatest::default(),
            status: Furthest::default(),
            created_at: Earliest::default(),
            started_at: Earliest::default(),
            finished_at: Earliest::default(),
        }
    }
}

impl Merge for Job {
    fn merge(&mut self, other: Self) {
        let Self { id: _, pipeline, stage, status, created_at, started_at, finished_at } = other;
        self.pipeline.merge(pipeline);
        self.stage.merge(stage);
        self.status.merge(status);
        self.created_at.merge(created_at);
        self.started_at.merge(started_at);
        self.finished_at.merge(finished_at);
    }
}
