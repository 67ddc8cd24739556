//! Deployments.

use crate::delivery::register::{Earliest, Ever, Furthest, Greatest, Progress as _};
use crate::delivery::{
    Deployment, DeploymentStatus, Environment, Fact, FactBody, Job, Jobs, PipelineJobs, Timestamp,
};
use crate::gitlab::resource::{ApiDeployment, Deployable};
use crate::record::Record;

use super::super::deployments::status;
use super::super::statement::{Silence, need, read};
use super::{about, projects};

/// A deployment as it is. It ended by its own `finished_at`, which few versions tell, else when its
/// job did, else by its last change: a hook heard besides can only make that earlier.
pub(super) fn deployment(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiDeployment<'_> = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let id = need(own.id, "id")?;
    let status = own.status.get().and_then(|text| status(text));
    let job = own.deployable.0.unwrap_or_default();
    let changed_at = own.updated_at.value().or(own.created_at.value());
    let ended_at = own.finished_at.value().or(job.finished_at.value()).or(changed_at);
    let is_end = status.is_some_and(|status| status.is_end());
    let at = if is_end { ended_at } else { changed_at }.unwrap_or(Timestamp::UNDATED);
    let was_refused = |approval: &crate::gitlab::resource::Approval<'_>| {
        approval.status.get().is_some_and(|status| status == "rejected")
    };
    let environment = own.environment.0.unwrap_or_default();
    let deployment = Deployment {
        id,
        environment: Greatest(environment.name.get().cloned()),
        sha: Greatest(own.sha.value()),
        ref_name: Greatest(own.ref_name.value()),
        job: Greatest(job.id.value()),
        status: Furthest(status.map(|status| (at, status))),
        started_at: started_at(status, &job),
        succeeded_at: Earliest(ended_at.filter(|_| status == Some(DeploymentStatus::Success))),
        rejected: Ever(own.approvals.as_slice().iter().any(was_refused)),
    };
    let jobs = jobs(&deployment, job);
    statement.say(FactBody::Deployment(deployment));
    if let Some(jobs) = jobs {
        statement.say(FactBody::PipelineJobs(jobs));
    }
    if let Some(name) = environment.name.value() {
        let seen_at = own.created_at.value().or(changed_at).into_iter().chain(ended_at).min();
        let tier = projects::tier(changed_at.unwrap_or(at), &environment.tier);
        statement.say(FactBody::Environment(Environment {
            name,
            tier,
            seen_at: Earliest(seen_at),
        }));
    }
    Ok(statement.end())
}

/// The job behind a deployment that succeeded: hooks of deployments do not tell its name.
fn jobs(own: &Deployment, job: Deployable) -> Option<PipelineJobs> {
    Some(PipelineJobs {
        pipeline: job.pipeline.0?.id.value()?,
        sha: own.sha.clone(),
        ref_name: own.ref_name.clone(),
        jobs: Jobs::new(vec![Job {
            id: job.id.value()?,
            name: job.name.value()?,
            started_at: own.started_at,
            finished_at: own.succeeded_at.0?,
            environment: own.environment.clone(),
            tier: Greatest::default(),
        }]),
    })
}

/// When its job started, once it did: a manual job has no start of its own.
fn started_at(status: Option<DeploymentStatus>, job: &Deployable) -> Earliest {
    let has_run = matches!(
        status,
        Some(
            DeploymentStatus::Running
                | DeploymentStatus::Success
                | DeploymentStatus::Failed
                | DeploymentStatus::Canceled
        )
    );
    Earliest(job.started_at.value().filter(|_| has_run))
}
