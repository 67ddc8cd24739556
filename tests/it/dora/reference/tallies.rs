//! What lifetime counters and histograms count: section 3.2 of the specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::{DeploymentStatus, EnvironmentTier, Severity};
use gitlab_dora_exporter::dora::policy::DeploymentSource;

use super::changes::Changes;
use super::deliveries::View;
use super::{Scene, failures, milestones, releases, sources};

const DEPLOYMENTS: &str = "dora_deployments_total";
const CHANGES: &str = "dora_changes_delivered_total";
const LEAD_TIME: &str = "dora_delivered_change_lead_time_seconds";
const INCIDENTS: &str = "dora_incidents_total";
const INCIDENT_DURATION: &str = "dora_closed_incident_duration_seconds";
const MOVES: &str = "dora_milestone_due_date_changes_total";

/// One line for each increment or observation, sorted.
pub(crate) fn tallies(scene: Scene<'_>) -> Vec<String> {
    let changes = Changes::of(scene);
    let mut lines = Vec::new();
    for service in sources::streams(scene) {
        let own = service.as_deref();
        for tier in &scene.policy.tiers_measured {
            lines.extend(succeeded(scene, own, tier));
            lines.extend(delivered(&changes, own, tier));
        }
    }
    lines.extend(unsuccessful(scene));
    for incident in failures::incidents(scene) {
        lines.push(format!("{INCIDENTS} {}", incident.severity.as_str()));
        if let Some(close) = incident.first_close {
            lines.push(format!("{INCIDENT_DURATION} {}", (close - incident.start).max(0)));
        }
    }
    for (_, milestone) in milestones::known(scene) {
        lines.extend((0..milestones::moves(scene, milestone)).map(|_| MOVES.to_owned()));
    }
    lines.sort_unstable();
    lines
}

fn succeeded(scene: Scene<'_>, service: Option<&str>, tier: &EnvironmentTier) -> Vec<String> {
    let line =
        |environment: &str, kind: &str| deployment(service, environment, tier, "success", kind);
    let all = releases::deployments(scene, service, tier).into_iter();
    all.map(|(own, kind)| line(&own.environment, kind.as_str())).collect()
}

fn delivered(changes: &Changes<'_>, service: Option<&str>, tier: &EnvironmentTier) -> Vec<String> {
    let mut lines = Vec::new();
    for change in View::of(changes, service, tier).delivered() {
        lines.push(format!("{CHANGES} {service:?} {tier}"));
        if change.sampled {
            let first = (change.at - change.first_commit).max(0);
            lines.push(format!("{LEAD_TIME} {service:?} {tier} first_commit {first}"));
            let merge = (change.at - change.merge).max(0);
            lines.push(format!("{LEAD_TIME} {service:?} {tier} merge {merge}"));
        }
    }
    lines
}

/// Records that came to another end; Releases and jobs have none.
fn unsuccessful(scene: Scene<'_>) -> Vec<String> {
    let Scene { truth, now, policy } = scene;
    let mut lines = Vec::new();
    if policy.deployment_source != DeploymentSource::Deployment {
        return lines;
    }
    for own in truth.deployments.iter().filter(|own| own.at < now) {
        let environment = truth.environments[own.environment].name;
        let tier = sources::tier_of(scene, environment);
        let status = match own.status {
            DeploymentStatus::Failed => "failed",
            DeploymentStatus::Canceled => "canceled",
            DeploymentStatus::Skipped => "skipped",
            _ => continue,
        };
        if policy.tiers_measured.contains(&tier) {
            // Only the jobs that succeed have a name: where the environment has none that says
            // whose it is, it is of the one service that is deployed there, if it is one.
            let by_name = sources::service(policy, environment, None);
            let arrived = sources::arrived(scene).into_iter();
            let here = arrived.filter(|own| own.environment == environment);
            let here: BTreeSet<Option<String>> = here.map(|own| own.service).collect();
            let only = here.first().filter(|_| here.len() == 1).cloned().flatten();
            let service = by_name.or(only);
            lines.push(deployment(service.as_deref(), environment, &tier, status, "none"));
        }
    }
    lines
}

fn deployment(
    service: Option<&str>,
    environment: &str,
    tier: &EnvironmentTier,
    status: &str,
    kind: &str,
) -> String {
    format!("{DEPLOYMENTS} {service:?} {environment} {tier} {status} {kind}")
}

/// What exists with 0 from the moment its project, environment or tier is known.
pub(crate) fn known(scene: Scene<'_>) -> BTreeSet<String> {
    let severities = Severity::ALL.map(|own| format!("{INCIDENTS} {}", own.as_str()));
    let mut known = BTreeSet::from(severities);
    known.insert(INCIDENT_DURATION.to_owned());
    if !milestones::known(scene).is_empty() {
        known.insert(MOVES.to_owned());
    }
    for service in sources::streams(scene) {
        let own = service.as_deref();
        for tier in &scene.policy.tiers_measured {
            let environments = sources::environments_of(scene, own, tier);
            if !environments.is_empty() {
                known.insert(format!("{CHANGES} {own:?} {tier}"));
                known.insert(format!("{LEAD_TIME} {own:?} {tier} first_commit"));
                known.insert(format!("{LEAD_TIME} {own:?} {tier} merge"));
            }
            let zero = |name: &String| deployment(own, name, tier, "success", "change");
            known.extend(environments.iter().map(zero));
        }
    }
    known
}
