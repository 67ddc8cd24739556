//! Pipelines and their stages.

use super::ids::{CommitSha, Iid, PipelineId, RefName, StageName};
use super::register::{Earliest, Furthest, Greatest, Merge, Progress};
use super::time::Timestamp;

/// How far a pipeline got.
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
    /// The merge request it ran for, where it ran for one.
    pub merge_request: Greatest<Iid>,
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
            merge_request: Greatest::default(),
        }
    }
}

impl Merge for Pipeline {
    fn merge(&mut self, other: Self) {
        let Self { id: _, status, sha, ref_name, created_at, finished_at, merge_request } = other;
        self.status.merge(status);
        self.sha.merge(sha);
        self.ref_name.merge(ref_name);
        self.created_at.merge(created_at);
        self.finished_at.merge(finished_at);
        self.merge_request.merge(merge_request);
    }
}

/// One stage of one pipeline: when those of its jobs that ran did so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineStage {
    /// The pipeline; with `stage`, the key within the project.
    pub pipeline: PipelineId,
    /// Which of its stages.
    pub stage: StageName,
    /// When the first of its jobs was ready to run: its start, less the time it was queued.
    pub started_at: Earliest,
    /// When the last of its jobs ended, as far as they have.
    pub finished_at: Greatest<Timestamp>,
}

impl Merge for PipelineStage {
    fn merge(&mut self, other: Self) {
        let Self { pipeline: _, stage: _, started_at, finished_at } = other;
        self.started_at.merge(started_at);
        self.finished_at.merge(finished_at);
    }
}
