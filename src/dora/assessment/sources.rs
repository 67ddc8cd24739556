//! What counts as a deployment: GitLab's records of them, its Releases of tags, or jobs.

use std::collections::BTreeMap;

use super::jobs;
use super::releases::{Finished, ReleaseKind, Source};
use crate::delivery::history::{DeploymentRow, SmallNumber};
use crate::delivery::{
    DeploymentId, EnvironmentName, EnvironmentTier, ProjectHistory, TagRelease, Timestamp,
};
use crate::dora::policy::{DeploymentSource, Policy};

/// Where Releases go, for want of an environment.
const RELEASES: &str = "releases";

/// The tier of every environment that is known before `as_of`, by the policy.
pub(in crate::dora) fn tiers(
    history: &ProjectHistory,
    as_of: Timestamp,
    policy: &Policy,
) -> BTreeMap<EnvironmentName, EnvironmentTier> {
    match &policy.deployment_source {
        DeploymentSource::Deployment => {}
        DeploymentSource::TagRelease => {
            let is_known = published(history).any(|own| own.known_since() < as_of);
            let to = published_to().filter(|_| is_known);
            return to.map(|name| (name, EnvironmentTier::Production)).into_iter().collect();
        }
        DeploymentSource::Job(pattern) => return jobs::tiers(history, pattern, as_of, policy),
    }
    history
        .environments
        .iter()
        .filter(|environment| environment.seen_at.0.is_none_or(|seen| seen < as_of))
        .map(|environment| {
            let tier = policy.tier(&environment.name, environment.tier.value());
            (environment.name.clone(), tier)
        })
        .collect()
}

/// Every deployment of these environments that succeeded before `as_of`, in no particular order.
pub(super) fn finished(
    history: &ProjectHistory,
    in_tier: impl Fn(&EnvironmentName) -> bool,
    as_of: Timestamp,
    policy: &Policy,
) -> Vec<Finished> {
    match &policy.deployment_source {
        DeploymentSource::Deployment => deployed(history, in_tier, as_of),
        DeploymentSource::TagRelease => {
            let to = published_to().filter(in_tier);
            to.map(|to| released(history, &to, as_of)).unwrap_or_default()
        }
        DeploymentSource::Job(pattern) => jobs::finished(history, pattern, in_tier, as_of),
    }
}

/// When each thing that counts as a deployment succeeded.
pub(in crate::dora) fn successes<'a>(
    history: &'a ProjectHistory,
    policy: &'a Policy,
) -> Box<dyn Iterator<Item = Timestamp> + 'a> {
    match &policy.deployment_source {
        DeploymentSource::Deployment => {
            let own = history.deployments().rows().iter();
            let own = own.filter(|row| !history.linked.given.contains(&row.id()));
            Box::new(own.filter_map(DeploymentRow::succeeded_at))
        }
        DeploymentSource::TagRelease => Box::new(published(history).map(|own| own.released_at)),
        DeploymentSource::Job(pattern) => {
            Box::new(jobs::matching(history, pattern).map(|ran| ran.job.finished_at))
        }
    }
}

fn deployed(
    history: &ProjectHistory,
    in_tier: impl Fn(&EnvironmentName) -> bool,
    as_of: Timestamp,
) -> Vec<Finished> {
    let numbers = (0..history.environment_numbers()).map(SmallNumber::at);
    let environments: Vec<Option<&EnvironmentName>> =
        numbers.map(|number| history.environment(number).filter(|name| in_tier(name))).collect();
    let rows = history.deployments().rows().iter();
    rows.filter_map(|row| {
        let environment = row.environment()?;
        let commit = row.sha().filter(|_| !history.linked.given.contains(&row.id()))?;
        Some(Finished {
            id: row.id(),
            source: Source::Deployment,
            environment: environments.get(environment.place()).copied().flatten()?.clone(),
            sha: history.sha(commit),
            commit,
            ref_name: history.ref_name(row),
            began_at: row.started_at().filter(|start| *start < as_of),
            finished_at: row.succeeded_at().filter(|finish| *finish < as_of)?,
            kind: ReleaseKind::First,
        })
    })
    .collect()
}

/// Releases, in the place of ids numbered in the order in which they were made.
fn released(history: &ProjectHistory, to: &EnvironmentName, as_of: Timestamp) -> Vec<Finished> {
    let mut all: Vec<Published<'_>> = published(history).collect();
    all.sort_by_key(|own| (own.heard_at(), &own.release.tag));
    let finished = |(place, own): (u64, &Published<'_>)| {
        let sha = own.release.sha.0?;
        Some(Finished {
            id: DeploymentId::new(place).ok()?,
            source: Source::Tag(own.release.tag.clone()),
            environment: to.clone(),
            sha,
            commit: history.commit_number(sha)?,
            ref_name: None,
            began_at: None,
            finished_at: Some(own.released_at).filter(|at| *at < as_of)?,
            kind: ReleaseKind::First,
        })
    };
    (1..).zip(&all).filter_map(finished).collect()
}

fn published_to() -> Option<EnvironmentName> {
    EnvironmentName::new(RELEASES).ok()
}

/// A Release that was not deleted, with the instant from which on it counts.
struct Published<'a> {
    release: &'a TagRelease,
    released_at: Timestamp,
}

impl Published<'_> {
    /// When it was made.
    fn heard_at(&self) -> Timestamp {
        self.release.created_at.0.unwrap_or(self.released_at)
    }

    /// When something of it first exists: it may be dated back.
    fn known_since(&self) -> Timestamp {
        self.heard_at().min(self.released_at)
    }
}

fn published(history: &ProjectHistory) -> impl Iterator<Item = Published<'_>> {
    let kept = history.tag_releases.values().filter(|own| own.deleted.value() != Some(&true));
    kept.filter_map(|release| {
        let released_at = release.released_at.value().copied().or(release.created_at.0)?;
        Some(Published { release, released_at })
    })
}
