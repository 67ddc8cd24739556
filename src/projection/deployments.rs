//! Deployments and the environments they go to.

use crate::delivery::register::{Earliest, Ever, Furthest, Greatest};
use crate::delivery::{Deployment, DeploymentStatus, Environment, EnvironmentTier, Fact, FactBody};
use crate::gitlab::hook;
use crate::record::Record;

use super::statement::{Silence, Statement, dated, need, or_undated, read};

/// One status of one deployment.
///
/// Everything is dated by `status_changed_at`. A rejection is kept for good, because GitLab calls
/// the same deployment `failed` afterwards. A status that we do not know tells that there is such a
/// deployment and such an environment, no more.
pub(super) fn deployment(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Deployment<'_> = read(record)?;
    let at = or_undated(hook.status_changed_at);
    let mut statement = Statement::of(record, hook.project, &[hook.project_id], at)?;

    let id = need(hook.deployment_id, "deployment_id")?;
    let status = hook.status.get().and_then(|text| status(text));
    let changed_at = Earliest(hook.status_changed_at.value());
    let when = |wanted| if status == Some(wanted) { changed_at } else { Earliest::default() };
    let sha = hook.derived.0.and_then(|derived| derived.sha.value());
    statement.say(FactBody::Deployment(Deployment {
        id,
        environment: Greatest(hook.environment.get().cloned()),
        sha: Greatest(sha),
        ref_name: Greatest(hook.ref_name.value()),
        job: Greatest(hook.deployable_id.value()),
        status: Furthest(status.map(|status| (at, status))),
        started_at: when(DeploymentStatus::Running),
        succeeded_at: when(DeploymentStatus::Success),
        rejected: Ever(status == Some(DeploymentStatus::Rejected)),
    }));

    if let Some(name) = hook.environment.value() {
        let tier = match hook.environment_tier {
            hook::Said::Value(text) => EnvironmentTier::from_gitlab(&text),
            hook::Said::Nothing | hook::Said::Null => None,
        };
        let tier = dated(at, tier.map_or(hook::Said::Nothing, hook::Said::Value));
        statement.say(FactBody::Environment(Environment { name, tier, seen_at: changed_at }));
    }
    Ok(statement.end())
}

/// GitLab's word for how far a deployment got.
pub(super) fn status(text: &str) -> Option<DeploymentStatus> {
    Some(match text {
        "created" => DeploymentStatus::Created,
        "blocked" => DeploymentStatus::Blocked,
        "approved" => DeploymentStatus::Approved,
        "rejected" => DeploymentStatus::Rejected,
        "running" => DeploymentStatus::Running,
        "skipped" => DeploymentStatus::Skipped,
        "canceled" => DeploymentStatus::Canceled,
        "failed" => DeploymentStatus::Failed,
        "success" => DeploymentStatus::Success,
        _ => return None,
    })
}
