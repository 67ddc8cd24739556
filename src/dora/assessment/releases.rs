//! Deployments classed by kind, and grouped into releases.

use rustc_hash::{FxHashMap, FxHashSet};

use super::lineage::Lineage;
use crate::delivery::history::CommitNumber;
use crate::delivery::{CommitSha, DeploymentId, EnvironmentName, RefName, TagName, Timestamp};
use crate::dora::policy::{DeploymentUnit, Policy};

/// What a deployment does to the version that runs in its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReleaseKind {
    /// Nothing ran there before.
    First,
    /// The same commit again.
    Redeploy,
    /// Back to an ancestor, on purpose.
    Rollback,
    /// An ancestor whose older pipeline finished late.
    Outdated,
    /// Anything else.
    Change,
}

impl ReleaseKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::First, Self::Redeploy, Self::Rollback, Self::Outdated, Self::Change];

    /// The value of the label `kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Redeploy => "redeploy",
            Self::Rollback => "rollback",
            Self::Outdated => "outdated",
            Self::Change => "change",
        }
    }

    /// Whether it brings a version forward.
    #[must_use]
    pub const fn is_forward(self) -> bool {
        matches!(self, Self::First | Self::Change)
    }
}

/// What a release is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseName {
    /// The lowest id of its deployments, or of its jobs.
    Deployment(DeploymentId),
    /// The tag that was released.
    Tag(TagName),
}

impl std::fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deployment(id) => id.fmt(f),
            Self::Tag(tag) => tag.fmt(f),
        }
    }
}

/// What a deployment is a record of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// GitLab's own record of it.
    Deployment,
    /// A Release of this tag.
    Tag(TagName),
    /// A job.
    Job,
}

/// A deployment that counts: it succeeded, and where, what and when are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Creation order: GitLab's id, that of the job where jobs count, or where Releases count their
    /// place among them.
    pub id: DeploymentId,
    /// What it is a record of.
    pub source: Source,
    /// Where it went.
    pub environment: EnvironmentName,
    /// What it brought.
    pub sha: CommitSha,
    /// That commit's number in the history.
    pub commit: CommitNumber,
    /// The branch or tag it was made from, where known.
    pub ref_name: Option<RefName>,
    /// When its job started to run, where that was heard.
    pub began_at: Option<Timestamp>,
    /// When it succeeded.
    pub finished_at: Timestamp,
    /// What it did to the running version.
    pub kind: ReleaseKind,
}

/// What users receive in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// What it brought.
    pub sha: CommitSha,
    /// That commit's number in the history.
    pub commit: CommitNumber,
    /// The kind all its members share.
    pub kind: ReleaseKind,
    /// Its deployments, in processing order; never empty.
    pub members: Vec<Finished>,
    /// First finish of its members.
    pub started_at: Timestamp,
    /// Last finish of its members: the instant that dates it.
    pub ended_at: Timestamp,
    /// Lowest deployment id of its members.
    pub first_id: DeploymentId,
}

impl Release {
    /// A release of which only this deployment is known yet.
    pub(super) fn open(deployment: Finished) -> Self {
        Self {
            sha: deployment.sha,
            commit: deployment.commit,
            kind: deployment.kind,
            started_at: deployment.finished_at,
            ended_at: deployment.finished_at,
            first_id: deployment.id,
            members: vec![deployment],
        }
    }

    fn takes(&self, deployment: &Finished, group_seconds: u64) -> bool {
        deployment.finished_at <= self.started_at.plus(group_seconds)
    }

    fn join(&mut self, deployment: Finished) {
        self.ended_at = self.ended_at.max(deployment.finished_at);
        self.first_id = self.first_id.min(deployment.id);
        self.members.push(deployment);
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> ReleaseName {
        let tag = self.members.iter().find_map(|member| match &member.source {
            Source::Tag(tag) => Some(tag.clone()),
            Source::Deployment | Source::Job => None,
        });
        tag.map_or(ReleaseName::Deployment(self.first_id), ReleaseName::Tag)
    }

    /// Whether one of its members went to `environment`.
    #[must_use]
    pub fn reached(&self, environment: &EnvironmentName) -> bool {
        self.members.iter().any(|member| member.environment == *environment)
    }

    /// The order of releases: by end, then start, then creation.
    #[must_use]
    pub fn order(&self) -> (Timestamp, Timestamp, DeploymentId) {
        (self.ended_at, self.started_at, self.first_id)
    }
}

/// All releases of these deployments to one tier, in release order, redeploys included.
pub(super) fn releases(
    mut deployments: Vec<Finished>,
    lineage: &Lineage<'_>,
    policy: &Policy,
) -> Vec<Release> {
    deployments.sort_by_key(|deployment| (deployment.finished_at, deployment.id));
    classify(&mut deployments, lineage);
    let mut releases = group(deployments, policy);
    releases.sort_by_key(Release::order);
    releases
}

/// Gives each deployment its kind, by what runs in its environment when it arrives.
fn classify(deployments: &mut [Finished], lineage: &Lineage<'_>) {
    let mut running: FxHashMap<EnvironmentName, (CommitNumber, DeploymentId)> =
        FxHashMap::default();
    let mut first_arrival: FxHashMap<(EnvironmentName, CommitNumber), usize> = FxHashMap::default();
    for (position, deployment) in deployments.iter_mut().enumerate() {
        let here = |commit| (deployment.environment.clone(), commit);
        first_arrival.entry(here(deployment.commit)).or_insert(position);
        let arrived = |commit| first_arrival.get(&here(commit));
        deployment.kind = match running.get(&deployment.environment) {
            None => ReleaseKind::First,
            Some((commit, _)) if *commit == deployment.commit => ReleaseKind::Redeploy,
            Some((commit, created)) => {
                // Without git, what arrived here first counts as the ancestor.
                let is_older = lineage
                    .is_ancestor(deployment.commit, *commit)
                    .unwrap_or_else(|| arrived(deployment.commit) < arrived(*commit));
                match (is_older, deployment.id > *created) {
                    (false, _) => ReleaseKind::Change,
                    (true, true) => ReleaseKind::Rollback,
                    (true, false) => ReleaseKind::Outdated,
                }
            }
        };
        running.insert(deployment.environment.clone(), (deployment.commit, deployment.id));
    }
}

/// Lets deployments of one commit and kind in different environments join one release.
fn group(deployments: Vec<Finished>, policy: &Policy) -> Vec<Release> {
    let mut releases: Vec<Release> = Vec::new();
    let mut newest: FxHashMap<(CommitNumber, ReleaseKind), usize> = FxHashMap::default();
    let mut reached: FxHashSet<(usize, EnvironmentName)> = FxHashSet::default();
    for deployment in deployments {
        let key = (deployment.commit, deployment.kind);
        let place = |index: usize| (index, deployment.environment.clone());
        let open = newest
            .get(&key)
            .copied()
            .filter(|_| policy.deployment_unit == DeploymentUnit::Release)
            .filter(|index| !reached.contains(&place(*index)))
            .filter(|index| {
                let release = releases.get(*index);
                release.is_some_and(|r| r.takes(&deployment, policy.release_group_seconds))
            });
        let index = open.unwrap_or(releases.len());
        reached.insert(place(index));
        if let Some(release) = releases.get_mut(index) {
            release.join(deployment);
        } else {
            newest.insert(key, index);
            releases.push(Release::open(deployment));
        }
    }
    releases
}
