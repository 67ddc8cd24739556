//! Jobs that succeeded, which a policy may take for deployments.

use crate::delivery::register::{Earliest, Greatest};
use crate::delivery::{
    CommitSha, EnvironmentTier, FactBody, Job, JobId, JobName, Jobs, PipelineId, PipelineJobs,
    RefName, Timestamp,
};
use crate::gitlab::hook::{JobEnvironment, Part, PipelineBuild};

/// What pipelines and single jobs say that all their jobs share.
pub(super) struct Run {
    pub(super) pipeline: PipelineId,
    pub(super) sha: Greatest<CommitSha>,
    pub(super) ref_name: Greatest<RefName>,
}

impl Run {
    /// The jobs that succeeded in it; nothing where none has.
    pub(super) fn with(self, jobs: impl IntoIterator<Item = Job>) -> Option<FactBody> {
        let jobs: Vec<Job> = jobs.into_iter().collect();
        let Self { pipeline, sha, ref_name } = self;
        (!jobs.is_empty()).then(|| {
            FactBody::PipelineJobs(PipelineJobs { pipeline, sha, ref_name, jobs: Jobs::new(jobs) })
        })
    }
}

/// When a job started and ended.
pub(super) struct Times {
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
}

/// A job of a pipeline, where it succeeded.
pub(super) fn of_pipeline(build: &PipelineBuild<'_>) -> Option<Job> {
    let has_succeeded = build.status.get().is_some_and(|status| status == "success");
    if !has_succeeded {
        return None;
    }
    let name = JobName::new(build.name.get()?).ok()?;
    let times = Times { started: build.started_at.value(), finished: build.finished_at.value() };
    succeeded(build.id.value()?, name, &times, &build.environment)
}

/// A job that succeeded; nothing of one that did something to its environment but deploy to it.
pub(super) fn succeeded(
    id: JobId,
    name: JobName,
    times: &Times,
    environment: &Part<JobEnvironment<'_>>,
) -> Option<Job> {
    let place = environment.0.as_ref();
    if place.and_then(|own| own.action.get()).is_some_and(|action| action != "start") {
        return None;
    }
    let tier = place.and_then(|own| own.deployment_tier.get());
    Some(Job {
        id,
        name,
        started_at: Earliest(times.started),
        finished_at: times.finished?,
        environment: Greatest(place.and_then(|own| own.name.get().cloned())),
        tier: Greatest(tier.and_then(|text| EnvironmentTier::from_gitlab(text))),
    })
}
