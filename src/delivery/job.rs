//! Jobs that succeeded, by the pipeline that ran them.

use std::fmt;
use std::sync::Arc;

use super::fact::{Fact, FactBody};
use super::ids::{CommitSha, EnvironmentName, JobId, JobName, PipelineId, RefName};
use super::register::{Earliest, Greatest, Merge};
use super::tier::EnvironmentTier;
use super::time::Timestamp;

/// One job that succeeded; a retried job is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// GitLab's id; ascends in creation order.
    pub id: JobId,
    /// What `.gitlab-ci.yml` calls it.
    pub name: JobName,
    /// When it started to run.
    pub started_at: Earliest,
    /// When it succeeded.
    pub finished_at: Timestamp,
    /// The environment that it deploys to, where it names one.
    pub environment: Greatest<EnvironmentName>,
    /// GitLab's tier of that environment at the time.
    pub tier: Greatest<EnvironmentTier>,
}

impl Merge for Job {
    fn merge(&mut self, other: Self) {
        let Self { id: _, name, started_at, finished_at, environment, tier } = other;
        if name > self.name {
            self.name = name;
        }
        self.started_at.merge(started_at);
        self.finished_at = self.finished_at.min(finished_at);
        self.environment.merge(environment);
        self.tier.merge(tier);
    }
}

/// Jobs by id, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jobs(Vec<Job>);

impl Jobs {
    /// Sorts jobs, and merges what is said of one job twice.
    #[must_use]
    pub fn new(mut jobs: Vec<Job>) -> Self {
        jobs.sort_by_key(|job| job.id);
        jobs.dedup_by(|other, own| {
            let is_same = own.id == other.id;
            if is_same {
                own.merge(other.clone());
            }
            is_same
        });
        Self(jobs)
    }

    /// The jobs in ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[Job] {
        &self.0
    }

    /// Forgets all jobs but those that are wanted.
    pub fn retain(&mut self, is_wanted: impl Fn(&Job) -> bool) {
        self.0.retain(is_wanted);
    }
}

impl Merge for Jobs {
    fn merge(&mut self, other: Self) {
        let own = std::mem::take(&mut self.0);
        *self = Self::new([own, other.0].concat());
    }
}

type IsNamed = dyn Fn(&JobName) -> bool + Send + Sync;

/// Which jobs are kept: those that name an environment, and those whose name somebody asks for.
///
/// Pipelines have dozens of jobs, and few of them deploy: keeping all would double what a pipeline's
/// hook costs.
#[derive(Clone)]
pub struct KeptJobs(Arc<IsNamed>);

impl KeptJobs {
    /// Keeps what names an environment, and what `is_asked_for`.
    pub fn new(is_asked_for: impl Fn(&JobName) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_asked_for))
    }

    /// Leaves out of what a hook told the jobs that are not kept.
    #[must_use]
    pub fn of(&self, mut facts: Vec<Fact>) -> Vec<Fact> {
        facts.retain_mut(|fact| {
            let FactBody::PipelineJobs(own) = &mut fact.body else { return true };
            own.jobs.retain(|job| job.environment.0.is_some() || (self.0)(&job.name));
            !own.jobs.as_slice().is_empty()
        });
        facts
    }
}

impl Default for KeptJobs {
    /// Nobody asks for a name.
    fn default() -> Self {
        Self::new(|_| false)
    }
}

impl fmt::Debug for KeptJobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptJobs")
    }
}

/// The jobs of one pipeline that succeeded.
///
/// They are one fact, for a pipeline's hook tells of dozens of them at once, and all of them ran on
/// one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineJobs {
    /// Key within the project.
    pub pipeline: PipelineId,
    /// What they ran on.
    pub sha: Greatest<CommitSha>,
    /// The branch or tag they ran for, in the short form.
    pub ref_name: Greatest<RefName>,
    /// The jobs.
    pub jobs: Jobs,
}

impl Merge for PipelineJobs {
    fn merge(&mut self, other: Self) {
        let Self { pipeline: _, sha, ref_name, jobs } = other;
        self.sha.merge(sha);
        self.ref_name.merge(ref_name);
        self.jobs.merge(jobs);
    }
}
