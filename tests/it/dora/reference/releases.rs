//! Tiers, deployments, kinds and releases: sections 1.2 to 1.5 of the specification.

use gitlab_dora_exporter::delivery::{DeploymentStatus, EnvironmentTier};
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::policy::{Counting, DeploymentUnit, Policy};

use super::truth::{TrueDeployment, Truth};

/// What users receive in one go.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) commit: usize,
    pub(crate) kind: ReleaseKind,
    /// In processing order: the first one opened it.
    pub(crate) members: Vec<TrueDeployment>,
}

impl Release {
    pub(crate) fn start(&self) -> i64 {
        self.members.iter().map(|member| member.at).min().unwrap()
    }

    pub(crate) fn end(&self) -> i64 {
        self.members.iter().map(|member| member.at).max().unwrap()
    }

    pub(crate) fn creation(&self) -> u64 {
        self.members.iter().map(|member| member.id).min().unwrap()
    }

    pub(crate) fn reached(&self, environment: usize) -> bool {
        self.members.iter().any(|member| member.environment == environment)
    }

    pub(crate) fn is_forward(&self) -> bool {
        matches!(self.kind, ReleaseKind::First | ReleaseKind::Change)
    }

    fn order(&self) -> (i64, i64, u64) {
        (self.end(), self.start(), self.creation())
    }
}

pub(crate) fn tier_of(truth: &Truth, environment: usize, policy: &Policy) -> EnvironmentTier {
    let environment = &truth.environments[environment];
    for rule in &policy.tier_overrides {
        if rule.pattern.is_match(environment.name) {
            return rule.tier.clone();
        }
    }
    // Every name the generator uses without a tier of GitLab's own is one that GitLab guesses.
    environment.tier.clone().unwrap_or(match environment.name {
        "prod" | "live" => EnvironmentTier::Production,
        "stage" => EnvironmentTier::Staging,
        "qa" => EnvironmentTier::Testing,
        _ => EnvironmentTier::Other,
    })
}

/// Known when any deployment, of whatever status, went to one of its environments before now.
pub(crate) fn is_known(truth: &Truth, now: i64, policy: &Policy, tier: &EnvironmentTier) -> bool {
    truth.deployments.iter().any(|deployment| {
        deployment.began < now && tier_of(truth, deployment.environment, policy) == *tier
    })
}

/// The tier's deployments in processing order.
pub(crate) fn deployments(
    truth: &Truth,
    now: i64,
    policy: &Policy,
    tier: &EnvironmentTier,
) -> Vec<(TrueDeployment, ReleaseKind)> {
    let mut successes: Vec<TrueDeployment> = truth
        .deployments
        .iter()
        .filter(|deployment| deployment.status == DeploymentStatus::Success)
        .filter(|deployment| deployment.at < now)
        .filter(|deployment| tier_of(truth, deployment.environment, policy) == *tier)
        .cloned()
        .collect();
    successes.sort_by_key(|deployment| (deployment.at, deployment.id));
    let mut processed: Vec<(TrueDeployment, ReleaseKind)> = Vec::new();
    for deployment in successes {
        let running = processed
            .iter()
            .map(|(earlier, _)| earlier)
            .rfind(|earlier| earlier.environment == deployment.environment);
        let kind = kind(truth, running, &deployment);
        processed.push((deployment, kind));
    }
    processed
}

fn kind(truth: &Truth, running: Option<&TrueDeployment>, own: &TrueDeployment) -> ReleaseKind {
    let Some(running) = running else { return ReleaseKind::First };
    if running.commit == own.commit {
        ReleaseKind::Redeploy
    } else if !truth.is_strict_ancestor(own.commit, running.commit) {
        ReleaseKind::Change
    } else if own.id > running.id {
        ReleaseKind::Rollback
    } else {
        ReleaseKind::Outdated
    }
}

/// All releases of a tier, in release order.
pub(crate) fn releases(
    truth: &Truth,
    now: i64,
    policy: &Policy,
    tier: &EnvironmentTier,
) -> Vec<Release> {
    let mut releases: Vec<Release> = Vec::new();
    for (deployment, kind) in deployments(truth, now, policy, tier) {
        let latest = releases
            .iter_mut()
            .rfind(|open| open.commit == deployment.commit && open.kind == kind)
            .filter(|_| policy.deployment_unit == DeploymentUnit::Release)
            .filter(|open| !open.reached(deployment.environment))
            .filter(|open| {
                u64::try_from(deployment.at - open.start()).unwrap() <= policy.release_group_seconds
            });
        match latest {
            Some(open) => open.members.push(deployment),
            None => releases.push(Release {
                commit: deployment.commit,
                kind,
                members: vec![deployment],
            }),
        }
    }
    releases.sort_by_key(Release::order);
    releases
}

/// Those that make R₀, R₁ …
pub(crate) fn counted(releases: &[Release], policy: &Policy) -> Vec<Release> {
    let counts = |release: &&Release| {
        release.kind != ReleaseKind::Redeploy || policy.redeploys == Counting::Count
    };
    releases.iter().filter(counts).cloned().collect()
}
