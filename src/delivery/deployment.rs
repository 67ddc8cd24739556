//! A deployment: GitLab's record of one job run to one environment.

use super::ids::{CommitSha, DeploymentId, EnvironmentName, JobId, RefName};
use super::register::{Earliest, Ever, Furthest, Greatest, Merge, Progress};

/// How far a deployment got; the order is that of two reports of the same second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeploymentStatus {
    /// Recorded, not started.
    Created,
    /// Waits for an approval or a manual job.
    Blocked,
    /// Approved, not started.
    Approved,
    /// An approver refused it; GitLab reports `failed` afterwards.
    Rejected,
    /// Its job runs.
    Running,
    /// Never ran.
    Skipped,
    /// Stopped before it ended.
    Canceled,
    /// Its job failed.
    Failed,
    /// It reached the environment.
    Success,
}

impl DeploymentStatus {
    /// All ends that a deployment can come to.
    pub const ENDS: [Self; 4] = [Self::Success, Self::Failed, Self::Canceled, Self::Skipped];

    /// GitLab's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Blocked => "blocked",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Running => "running",
            Self::Skipped => "skipped",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::Success => "success",
        }
    }
}

impl Progress for DeploymentStatus {
    fn is_end(&self) -> bool {
        Self::ENDS.contains(self)
    }
}

/// One deployment; a retried job makes another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Key within the project; ascends in creation order.
    pub id: DeploymentId,
    /// Where it went.
    pub environment: Greatest<EnvironmentName>,
    /// What it brought.
    pub sha: Greatest<CommitSha>,
    /// The branch or tag it was made from, in the short form.
    pub ref_name: Greatest<RefName>,
    /// The job that made it, when a job did.
    pub job: Greatest<JobId>,
    /// How far it got, dated by GitLab's `status_changed_at`.
    pub status: Furthest<DeploymentStatus>,
    /// When its job started to run.
    pub started_at: Earliest,
    /// When it reached `success`: its **finish**.
    pub succeeded_at: Earliest,
    /// Whether an approver refused it: a later `failed` is then no failure.
    pub rejected: Ever,
}

impl Deployment {
    /// A deployment of which only the id is known.
    #[must_use]
    pub fn new(id: DeploymentId) -> Self {
        Self {
            id,
            environment: Greatest::default(),
            sha: Greatest::default(),
            ref_name: Greatest::default(),
            job: Greatest::default(),
            status: Furthest::default(),
            started_at: Earliest::default(),
            succeeded_at: Earliest::default(),
            rejected: Ever::default(),
        }
    }
}

impl Merge for Deployment {
    fn merge(&mut self, other: Self) {
        let Self {
            id: _,
            environment,
            sha,
            ref_name,
            job,
            status,
            started_at,
            succeeded_at,
            rejected,
        } = other;
        self.environment.merge(environment);
        self.sha.merge(sha);
        self.ref_name.merge(ref_name);
        self.job.merge(job);
        self.status.merge(status);
        self.started_at.merge(started_at);
        self.succeeded_at.merge(succeeded_at);
        self.rejected.merge(rejected);
    }
}
