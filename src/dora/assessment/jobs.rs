//! Jobs that count as deployments, where the policy names them.

use std::collections::BTreeMap;

use super::releases::{Finished, ReleaseKind, Source};
use crate::delivery::register::{Merge as _, Newest};
use crate::delivery::{
    DeploymentId, EnvironmentName, EnvironmentTier, Job, PipelineJobs, ProjectHistory, Timestamp,
};
use crate::dora::policy::{NamePattern, Policy};

/// A successful job that counts as a deployment.
#[derive(Debug, Clone, Copy)]
pub(in crate::dora) struct Ran<'a> {
    /// The job.
    pub(in crate::dora) job: &'a Job,
    /// What it ran in.
    run: &'a PipelineJobs,
}

impl Ran<'_> {
    /// Where it went: the environment it names, else one called like the job itself.
    pub(in crate::dora) fn environment(&self) -> Option<EnvironmentName> {
        let own = self.job.environment.0.clone();
        own.or_else(|| EnvironmentName::new(self.job.name.as_str()).ok())
    }

    /// Whether it is known what it brought.
    pub(in crate::dora) fn has_commit(&self) -> bool {
        self.run.sha.0.is_some()
    }

    /// As a deployment of this environment; its creation order is that of jobs.
    fn finished(&self, history: &ProjectHistory, environment: EnvironmentName) -> Option<Finished> {
        let sha = self.run.sha.0?;
        Some(Finished {
            id: self.id()?,
            source: Source::Job,
            environment,
            sha,
            commit: history.commit_number(sha)?,
            ref_name: self.run.ref_name.0.clone(),
            began_at: self.job.started_at.0.filter(|start| *start <= self.job.finished_at),
            finished_at: self.job.finished_at,
            kind: ReleaseKind::First,
        })
    }

    /// Its own number in the place of a deployment's.
    pub(in crate::dora) fn id(&self) -> Option<DeploymentId> {
        DeploymentId::new(self.job.id.get()).ok()
    }
}

/// Every job of which the name matches.
pub(in crate::dora) fn matching<'a>(
    history: &'a ProjectHistory,
    pattern: &'a NamePattern,
) -> impl Iterator<Item = Ran<'a>> {
    let all = history.pipeline_jobs.values();
    let all = all.flat_map(|run| run.jobs.as_slice().iter().map(move |job| Ran { job, run }));
    all.filter(|ran| pattern.is_match(ran.job.name.as_str()))
}

/// The tier of every environment that such a job went to before `as_of`: by the policy, else
/// GitLab's latest, be it of the environment or of a job.
pub(super) fn tiers(
    history: &ProjectHistory,
    pattern: &NamePattern,
    as_of: Timestamp,
    policy: &Policy,
) -> BTreeMap<EnvironmentName, EnvironmentTier> {
    let mut from_gitlab: BTreeMap<EnvironmentName, Newest<EnvironmentTier>> = BTreeMap::new();
    for ran in matching(history, pattern).filter(|ran| ran.job.finished_at < as_of) {
        let Some(name) = ran.environment() else { continue };
        let told = ran.job.tier.0.clone().map(|tier| (ran.job.finished_at, tier));
        let tier = from_gitlab.entry(name).or_insert_with_key(|name| {
            history.environment_named(name).map(|own| own.tier.clone()).unwrap_or_default()
        });
        tier.merge(Newest(told));
    }
    let by_policy = |(name, tier): (EnvironmentName, Newest<EnvironmentTier>)| {
        let tier = policy.tier(&name, tier.value());
        (name, tier)
    };
    from_gitlab.into_iter().map(by_policy).collect()
}

/// Such jobs of these environments before `as_of`, in no particular order.
pub(super) fn finished(
    history: &ProjectHistory,
    pattern: &NamePattern,
    in_tier: impl Fn(&EnvironmentName) -> bool,
    as_of: Timestamp,
) -> Vec<Finished> {
    let before = matching(history, pattern).filter(|ran| ran.job.finished_at < as_of);
    before
        .filter_map(|ran| {
            let environment = ran.environment().filter(|name| in_tier(name))?;
            ran.finished(history, environment)
        })
        .collect()
}
