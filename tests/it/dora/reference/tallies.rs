//! What lifetime counters and histograms count: section 3.2 of the specification.

use gitlab_dora_exporter::delivery::DeploymentStatus;
use gitlab_dora_exporter::dora::policy::Policy;

use super::changes::View;
use super::truth::Truth;
use super::{failures, releases};

/// One line for each increment or observation, sorted.
pub(crate) fn tallies(truth: &Truth, now: i64, policy: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    for tier in &policy.tiers_measured {
        let kinds = releases::deployments(truth, now, policy, tier);
        for deployment in truth.deployments.iter().filter(|own| own.at < now) {
            if releases::tier_of(truth, deployment.environment, policy) != *tier {
                continue;
            }
            let own = kinds.iter().find(|(success, _)| success.id == deployment.id);
            let kind = own.map_or("none", |(_, kind)| kind.as_str());
            let status = match deployment.status {
                DeploymentStatus::Success => "success",
                DeploymentStatus::Failed => "failed",
                DeploymentStatus::Canceled => "canceled",
                DeploymentStatus::Skipped => "skipped",
                _ => continue,
            };
            let environment = truth.environments[deployment.environment].name;
            lines.push(format!("deployment {environment} {tier} {status} {kind}"));
        }
        let counted = releases::counted(&releases::releases(truth, now, policy, tier), policy);
        for change in View::of(truth, now, policy, &counted).delivered() {
            lines.push(format!("change {tier}"));
            if change.sampled {
                let first = (change.at - change.first_commit).max(0);
                lines.push(format!("lead time {tier} first_commit {first}"));
                lines.push(format!("lead time {tier} merge {}", (change.at - change.merge).max(0)));
            }
        }
    }
    for incident in failures::incidents(truth, now, policy) {
        lines.push(format!("incident {}", incident.severity.as_str()));
        if let Some(close) = incident.first_close {
            lines.push(format!("incident duration {}", (close - incident.start).max(0)));
        }
    }
    lines.sort_unstable();
    lines
}
