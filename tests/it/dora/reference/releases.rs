//! Kinds and releases: sections 1.4 and 1.5 of the specification.

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::policy::{Counting, DeploymentUnit, Policy};

use super::Scene;
use super::sources::{self, Arrived};
use super::truth::Truth;

/// What users receive in one go.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) commit: usize,
    pub(crate) kind: ReleaseKind,
    /// In processing order: the first one opened it.
    pub(crate) members: Vec<Arrived>,
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

    pub(crate) fn reached(&self, environment: &str) -> bool {
        self.members.iter().any(|member| member.environment == environment)
    }

    pub(crate) fn is_forward(&self) -> bool {
        matches!(self.kind, ReleaseKind::First | ReleaseKind::Change)
    }

    pub(crate) fn order(&self) -> (i64, i64, u64) {
        (self.end(), self.start(), self.creation())
    }
}

/// A tier's deployments of one stream in processing order.
pub(crate) fn deployments(
    scene: Scene<'_>,
    stream: Option<&str>,
    tier: &EnvironmentTier,
) -> Vec<(Arrived, ReleaseKind)> {
    let mut successes: Vec<Arrived> = sources::arrived(scene)
        .into_iter()
        .filter(|own| own.service.as_deref() == stream)
        .filter(|own| sources::tier_of(scene, &own.environment) == *tier)
        .collect();
    successes.sort_by_key(|own| (own.at, own.id));
    let mut processed: Vec<(Arrived, ReleaseKind)> = Vec::new();
    for deployment in successes {
        let running = processed
            .iter()
            .map(|(earlier, _)| earlier)
            .rfind(|earlier| earlier.environment == deployment.environment);
        let kind = kind(scene.truth, running, &deployment);
        processed.push((deployment, kind));
    }
    processed
}

fn kind(truth: &Truth, running: Option<&Arrived>, own: &Arrived) -> ReleaseKind {
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

/// All releases of a tier of one stream, in release order.
pub(crate) fn releases(
    scene: Scene<'_>,
    stream: Option<&str>,
    tier: &EnvironmentTier,
) -> Vec<Release> {
    let policy = scene.policy;
    let mut releases: Vec<Release> = Vec::new();
    for (deployment, kind) in deployments(scene, stream, tier) {
        let latest = releases
            .iter_mut()
            .rfind(|open| open.commit == deployment.commit && open.kind == kind)
            .filter(|_| policy.deployment_unit == DeploymentUnit::Release)
            .filter(|open| !open.reached(&deployment.environment))
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
