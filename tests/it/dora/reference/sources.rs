//! What counts as a deployment, to which tier it goes and to which service it belongs: sections 1.2
//! and 1.3 of the specification, and the policies `deployment_source` and `service_map`.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::{DeploymentStatus, EnvironmentTier};
use gitlab_dora_exporter::dora::policy::{DeploymentSource, Policy};

use super::Scene;
use super::truth::{TrueEnvironment, TrueJob};

/// Something that counts as a deployment, and succeeded.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    /// Its place in the order of creation.
    pub(crate) id: u64,
    /// GitLab's record of it, where there is one.
    pub(crate) record: Option<u64>,
    pub(crate) environment: String,
    pub(crate) commit: usize,
    /// When its job started to run.
    pub(crate) began: Option<i64>,
    pub(crate) at: i64,
    /// The service whose it is.
    pub(crate) service: Option<String>,
}

/// GitLab's guess of a tier.
fn guess(name: &str) -> EnvironmentTier {
    let guesses = [
        ("dev|review|trunk", EnvironmentTier::Development),
        ("test|tst|int|acpt|accept|qa|qc|control|quality", EnvironmentTier::Testing),
        ("stg|stag|modl|model|pre|demo|non", EnvironmentTier::Staging),
        ("prd|prod|live", EnvironmentTier::Production),
    ];
    let name = name.to_lowercase();
    for (parts, tier) in guesses {
        if parts.split('|').any(|part| name.contains(part)) {
            return tier;
        }
    }
    EnvironmentTier::Other
}

/// GitLab's own tier of an environment: the latest that it told.
pub(crate) fn told(environment: &TrueEnvironment) -> Option<EnvironmentTier> {
    environment.tiers.iter().max().map(|(_, tier)| tier.clone())
}

pub(crate) fn tier(policy: &Policy, name: &str, own: Option<&TrueEnvironment>) -> EnvironmentTier {
    for rule in &policy.tier_overrides {
        if rule.pattern.is_match(name) {
            return rule.tier.clone();
        }
    }
    own.and_then(told).unwrap_or_else(|| guess(name))
}

/// The tier of an environment by its name.
pub(crate) fn tier_of(scene: Scene<'_>, name: &str) -> EnvironmentTier {
    if scene.policy.deployment_source == DeploymentSource::TagRelease {
        // For products that only publish, what is released is in production.
        return EnvironmentTier::Production;
    }
    let own = scene.truth.environments.iter().find(|own| own.name == name);
    tier(scene.policy, name, own)
}

/// The environments that are known: a deployment of whatever status went there, or what stands for
/// one did.
pub(crate) fn environments(scene: Scene<'_>) -> BTreeSet<String> {
    let Scene { truth, now, policy } = scene;
    let name = |place: usize| truth.environments[place].name.to_owned();
    match &policy.deployment_source {
        DeploymentSource::Deployment => {
            let begun = truth.deployments.iter().filter(|own| own.began < now);
            begun.map(|own| name(own.environment)).collect()
        }
        DeploymentSource::TagRelease => {
            let told = truth.tags.iter().filter(|own| !own.deleted);
            // It is told when it is made, and may be dated back.
            let known = told.filter(|own| own.made < now || own.released < now);
            known.map(|_| "releases".to_owned()).collect()
        }
        DeploymentSource::Job(_) => jobs(scene).iter().map(|own| place_of(scene, own)).collect(),
    }
}

/// Where a job deploys to: the environment that it names, else one called like itself.
fn place_of(scene: Scene<'_>, job: &TrueJob) -> String {
    let named = job.environment.map(|own| scene.truth.environments[own].name);
    named.unwrap_or(job.name).to_owned()
}

/// Successful jobs whose name matches.
fn jobs(scene: Scene<'_>) -> Vec<&TrueJob> {
    let DeploymentSource::Job(pattern) = &scene.policy.deployment_source else {
        return Vec::new();
    };
    let ended = scene.truth.jobs.iter().filter(|own| own.at < scene.now);
    ended.filter(|own| pattern.is_match(own.name)).collect()
}

/// All that succeeded before now, in no particular order.
pub(crate) fn arrived(scene: Scene<'_>) -> Vec<Arrived> {
    let Scene { truth, now, policy } = scene;
    match &policy.deployment_source {
        DeploymentSource::Deployment => truth
            .deployments
            .iter()
            .filter(|own| own.status == DeploymentStatus::Success && own.at < now)
            .map(|own| {
                let environment = truth.environments[own.environment].name;
                let made_by = |job: &&TrueJob| own.job == Some(job.id);
                let job = truth.jobs.iter().find(made_by).map(|job| job.name);
                Arrived {
                    id: own.id,
                    record: Some(own.id),
                    environment: environment.to_owned(),
                    commit: own.commit,
                    began: Some(own.began).filter(|began| *began < now),
                    at: own.at,
                    service: service(policy, environment, job),
                }
            })
            .collect(),
        DeploymentSource::TagRelease => {
            let mut made: Vec<_> = truth.tags.iter().filter(|own| !own.deleted).collect();
            made.sort_by_key(|own| (own.made, &own.name));
            (1..)
                .zip(made)
                .filter(|(_, own)| own.released < now)
                .map(|(id, own)| Arrived {
                    id,
                    record: None,
                    environment: "releases".to_owned(),
                    commit: own.commit,
                    began: None,
                    at: own.released,
                    service: service(policy, "releases", None),
                })
                .collect()
        }
        DeploymentSource::Job(_) => jobs(scene)
            .into_iter()
            .map(|own| {
                let environment = place_of(scene, own);
                let made = truth.deployments.iter().find(|record| record.job == Some(own.id));
                Arrived {
                    id: own.id,
                    record: made.map(|record| record.id),
                    service: service(policy, &environment, Some(own.name)),
                    environment,
                    commit: own.commit,
                    began: Some(own.began),
                    at: own.at,
                }
            })
            .collect(),
    }
}

/// By the name of the environment, else by that of the job.
pub(crate) fn service(policy: &Policy, environment: &str, job: Option<&str>) -> Option<String> {
    let named = |name: &str| {
        let rule = policy.service_map.iter().find(|rule| rule.pattern.is_match(name));
        rule.map(|rule| rule.service.to_string())
    };
    named(environment).or_else(|| named(job?))
}

/// Each service that is known, by name, after what belongs to none.
pub(crate) fn streams(scene: Scene<'_>) -> Vec<Option<String>> {
    let by_name = environments(scene).into_iter().map(|name| service(scene.policy, &name, None));
    let deployed = arrived(scene).into_iter().map(|own| own.service);
    let all: BTreeSet<Option<String>> = by_name.chain(deployed).chain([None]).collect();
    all.into_iter().collect()
}

/// The environments of one tier of one stream: those that its name makes its own, and those to which
/// something of it was deployed. Where nothing was yet and the name says nothing, it is nobody's.
pub(crate) fn environments_of(
    scene: Scene<'_>,
    stream: Option<&str>,
    tier: &EnvironmentTier,
) -> BTreeSet<String> {
    let arrived = arrived(scene);
    let is_own = |name: &String| {
        let mut here = arrived.iter().filter(|own| own.environment == *name).peekable();
        let by_name = service(scene.policy, name, None);
        let is_untouched = here.peek().is_none();
        let reached = here.any(|own| own.service.as_deref() == stream);
        if by_name.is_some() || is_untouched { by_name.as_deref() == stream } else { reached }
    };
    let here = environments(scene).into_iter().filter(|name| tier_of(scene, name) == *tier);
    here.filter(is_own).collect()
}
