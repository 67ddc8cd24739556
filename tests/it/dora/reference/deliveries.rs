//! When a tier received which change, and the stages of its way: sections 1.7 and 1.8 of the
//! specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::policy::{Counting, FirstDeployment, Policy};

use super::Scene;
use super::changes::{Changes, Merged};
use super::releases::{self, Release};
use super::truth::{TrueRequest, Truth};
use super::value_stream::Family;

/// A change that a tier received.
#[derive(Debug, Clone)]
pub(crate) struct Delivered {
    /// The merge request's number; `None` for a direct commit.
    pub(crate) request: Option<u64>,
    /// What names it in every tier.
    pub(crate) family: Family,
    /// The place of its release among the counted ones.
    pub(crate) release: usize,
    pub(crate) at: i64,
    pub(crate) sampled: bool,
    /// The kind of work that takes it.
    pub(crate) category: String,
    pub(crate) first_commit: i64,
    pub(crate) merge: i64,
    /// Coding, pickup, review, deploy.
    pub(crate) stages: Option<[i64; 4]>,
}

/// One tier of one stream at one instant under one policy.
pub(crate) struct View<'a> {
    pub(crate) truth: &'a Truth,
    pub(crate) now: i64,
    pub(crate) policy: &'a Policy,
    pub(crate) changes: &'a Changes<'a>,
    /// All of them, counted or not.
    pub(crate) all: Vec<Release>,
    /// R₀, R₁ …
    pub(crate) releases: Vec<Release>,
    /// What is reachable from each.
    reach: Vec<BTreeSet<usize>>,
    /// Every delivered merge request, promotions and unsampled ones included, and its release.
    pub(crate) delivered_requests: Vec<(u64, &'a TrueRequest, usize)>,
}

impl<'a> View<'a> {
    pub(crate) fn of(
        changes: &'a Changes<'a>,
        stream: Option<&str>,
        tier: &EnvironmentTier,
    ) -> Self {
        let Scene { truth, now, policy } = changes.scene;
        let all = releases::releases(changes.scene, stream, tier);
        let releases = releases::counted(&all, policy);
        let reach = releases.iter().map(|release| truth.reach(release.commit)).collect();
        let delivered_requests = Vec::new();
        let mut own =
            Self { truth, now, policy, changes, all, releases, reach, delivered_requests };
        let delivered = |(number, request, at, landings): &Merged<'a>| {
            Some((*number, *request, own.delivers(landings, *at)?))
        };
        own.delivered_requests = changes.merged.iter().filter_map(delivered).collect();
        own
    }

    /// The first counted release that contains one of these commits.
    pub(crate) fn first_with(&self, commits: &BTreeSet<usize>) -> Option<usize> {
        self.reach.iter().position(|reach| !reach.is_disjoint(commits))
    }

    /// The release that delivers what landed as one of these commits.
    pub(crate) fn delivers(&self, commits: &BTreeSet<usize>, merge: i64) -> Option<usize> {
        let release = self.first_with(commits)?;
        let known = match self.policy.first_deployment {
            FirstDeployment::Skip => release > 0,
            FirstDeployment::LinkAll => true,
            FirstDeployment::Since(seconds) => {
                let span = i64::try_from(seconds).unwrap();
                release > 0 || self.releases[0].end() - merge <= span
            }
        };
        known.then_some(release)
    }

    /// Every delivered change.
    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        let excludes = self.policy.promotion_merge_requests == Counting::Ignore;
        let mut delivered = Vec::new();
        for (number, request, release) in &self.delivered_requests {
            if !(excludes && self.changes.is_promotion(*number)) {
                delivered.push(self.delivered_request(*number, request, *release));
            }
        }
        if self.policy.direct_commits == Counting::Count {
            delivered.extend(self.delivered_commits());
        }
        delivered
    }

    fn delivered_request(&self, number: u64, request: &TrueRequest, release: usize) -> Delivered {
        let (merge, at) = (request.merged.unwrap().at, self.releases[release].end());
        let first_commit = self.changes.first_commit(request);
        let t0 = first_commit;
        let t1 = t0.max(request.ready.unwrap_or(request.created));
        let t3 = t1.max(merge);
        let t2 = request
            .reviews
            .iter()
            .filter(|(review, person)| {
                *person != request.author && (t1..=t3).contains(review) && *review < self.now
            })
            .map(|(review, _)| *review)
            .min()
            .unwrap_or(t3);
        let t4 = t3.max(at);
        let excluded = request.labels.iter().any(|own| has(&self.policy.exclude_labels, own));
        Delivered {
            request: Some(number),
            family: Family::Request(number),
            release,
            at,
            sampled: !request.by_bot && !excluded,
            category: self.category(&request.labels),
            first_commit,
            merge,
            stages: Some([t1 - t0, t2 - t1, t3 - t2, t4 - t3]),
        }
    }

    fn category(&self, labels: &[&str]) -> String {
        for category in &self.policy.categories {
            if labels.iter().any(|label| has(&category.labels, label)) {
                return category.name.to_string();
            }
        }
        "other".to_owned()
    }

    fn delivered_commits(&self) -> Vec<Delivered> {
        let mut delivered = Vec::new();
        for (original, family) in &self.changes.direct {
            let date = self.changes.date(*original);
            let family = self.truth.with_picks(family.clone());
            let Some(release) = self.delivers(&family, date) else { continue };
            delivered.push(Delivered {
                request: None,
                family: Family::Commits(family),
                release,
                at: self.releases[release].end(),
                sampled: !self.truth.commits[*original].by_bot,
                category: self.category(&[]),
                first_commit: date,
                merge: date,
                stages: None,
            });
        }
        delivered
    }
}

pub(crate) fn has(wanted: &[String], label: &str) -> bool {
    wanted.iter().any(|own| own == label)
}
