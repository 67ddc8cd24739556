//! Which release delivers what: each commit arrives in a tier once.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::changes::{Changes, DirectCommit, MergedRequest, Origin};
use super::lineage::{Lineage, Node};
use super::releases::Release;
use crate::delivery::{CommitSha, Iid, Timestamp};
use crate::dora::policy::{Counting, FirstDeployment, Policy};

/// A change that a release delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// What it is.
    pub origin: Origin,
    /// The commit it landed by; names the change within the tier.
    pub landing: CommitSha,
    /// Index of the counted release that delivered it.
    pub release: usize,
    /// End of that release.
    pub delivered_at: Timestamp,
    /// Start of the first-commit clock.
    pub first_commit_at: Timestamp,
    /// Start of the merge clock.
    pub merged_at: Timestamp,
    /// Whether it enters lead times.
    pub is_sampled: bool,
    /// Stages in the order of [`Stage::ALL`](super::changes::Stage::ALL), in seconds; `None` for
    /// a direct commit.
    pub stages: Option<[u64; 4]>,
}

#[derive(Debug, Clone, Copy)]
enum Arrival {
    /// With the counted release of this index.
    Release(usize),
    /// Before some release, nobody knows with which.
    Unknown,
}

/// First arrivals in one tier.
#[derive(Debug)]
pub(super) struct Arrivals<'a> {
    lineage: &'a Lineage,
    releases: &'a [Release],
    by_node: Vec<Option<Arrival>>,
    /// Deployed commits that the lineage does not know.
    unlinked: FxHashMap<CommitSha, usize>,
}

impl<'a> Arrivals<'a> {
    /// Walks the counted releases in order; each takes what none before it had.
    pub(super) fn find(
        lineage: &'a Lineage,
        releases: &'a [Release],
        changes: &Changes<'_>,
    ) -> Self {
        let by_node = vec![None; lineage.len()];
        let mut own = Self { lineage, releases, by_node, unlinked: FxHashMap::default() };
        let mut merged: Vec<&MergedRequest<'_>> = changes.merged.iter().collect();
        merged.sort_by_key(|merged| merged.merged_at);
        let mut later = merged.into_iter().peekable();
        let mut waiting: Vec<&MergedRequest<'_>> = Vec::new();
        for (index, release) in releases.iter().enumerate() {
            if let Some(node) = lineage.node(release.sha) {
                lineage.walk(node, |node| own.enter(node, Arrival::Release(index)));
            } else {
                own.unlinked.entry(release.sha).or_insert(index);
            }
            let is_before = |merged: &&MergedRequest<'_>| merged.merged_at < release.started_at;
            waiting.extend(std::iter::from_fn(|| later.next_if(is_before)));
            waiting.retain(|merged| !own.has_arrived(merged) && !own.give_up(merged, release));
        }
        own
    }

    fn enter(&mut self, node: Node, arrival: Arrival) -> bool {
        let place = usize::try_from(node).ok().and_then(|node| self.by_node.get_mut(node));
        let Some(first @ None) = place else { return false };
        *first = Some(arrival);
        true
    }

    fn has_arrived(&self, merged: &MergedRequest<'_>) -> bool {
        merged.arrives_by.iter().any(|sha| self.of(*sha).is_some())
    }

    /// Gives a merged request up that a release of its branch may hold, for all that is known.
    /// With which release it came can then not be told, so no later one may claim it: a lead time
    /// that may be wrong is worse than none.
    fn give_up(&mut self, merged: &MergedRequest<'_>, release: &Release) -> bool {
        let branch = release.members.iter().find_map(|member| member.ref_name.as_ref());
        let target = merged.request.target_branch.value();
        let is_here = branch.zip(target).is_some_and(|(b, t)| b.as_str() == t.as_str());
        if !is_here || self.lineage.is_ancestor(merged.landing, release.sha).is_some() {
            return false;
        }
        self.lineage.node(merged.landing).is_some_and(|node| self.enter(node, Arrival::Unknown))
    }

    /// The first counted release that contains this commit, the baseline included.
    pub(super) fn of(&self, sha: CommitSha) -> Option<usize> {
        let Some(node) = self.lineage.node(sha) else { return self.unlinked.get(&sha).copied() };
        match self.by_node.get(usize::try_from(node).ok()?).copied().flatten() {
            Some(Arrival::Release(index)) => Some(index),
            Some(Arrival::Unknown) | None => None,
        }
    }

    /// Whether a counted release contains this commit, or may for all that is known.
    pub(super) fn may_contain(&self, sha: CommitSha) -> bool {
        let Some(node) = self.lineage.node(sha) else { return self.unlinked.contains_key(&sha) };
        let place = usize::try_from(node).ok().and_then(|node| self.by_node.get(node));
        place.is_some_and(Option::is_some)
    }

    /// The first counted release that contains a commit whose id begins with these digits.
    pub(super) fn of_prefix(&self, digits: &str) -> Option<usize> {
        let known = (0..self.lineage.len()).filter_map(|node| {
            let sha = self.lineage.sha(Node::try_from(node).ok()?)?;
            sha.has_prefix(digits).then(|| self.of(sha)).flatten()
        });
        let unlinked = self.unlinked.iter();
        known.chain(unlinked.filter(|(sha, _)| sha.has_prefix(digits)).map(|(_, i)| *i)).min()
    }

    /// The first counted release that contains a merged request, the baseline included.
    pub(super) fn arrival(&self, merged: &MergedRequest<'_>) -> Option<usize> {
        merged.arrives_by.iter().filter_map(|sha| self.of(*sha)).min()
    }

    /// The release that delivers a merged request; `None` too where the baseline swallowed it.
    pub(super) fn delivery(&self, merged: &MergedRequest<'_>, policy: &Policy) -> Option<usize> {
        self.unless_swallowed(self.arrival(merged)?, merged.merged_at, policy)
    }

    /// What the baseline contains was delivered at an unknown time, unless the policy says when.
    fn unless_swallowed(&self, index: usize, at: Timestamp, policy: &Policy) -> Option<usize> {
        let release = self.releases.get(index)?;
        let is_delivered = index > 0
            || match policy.first_deployment {
                FirstDeployment::Skip => false,
                FirstDeployment::LinkAll => true,
                FirstDeployment::Since(seconds) => at >= release.ended_at.minus(seconds),
            };
        is_delivered.then_some(index)
    }

    /// Every change delivered in this tier, in the order of their origins.
    pub(super) fn delivered(&self, changes: &Changes<'_>, policy: &Policy) -> Vec<Delivered> {
        let counts_promotions = policy.promotion_merge_requests == Counting::Count;
        let merged = changes
            .merged
            .iter()
            .filter(|merged| counts_promotions || !merged.is_promotion)
            .filter_map(|merged| {
                let release = self.delivery(merged, policy)?;
                let delivered_at = self.releases.get(release)?.ended_at;
                Some(Delivered {
                    origin: Origin::MergeRequest(merged.request.iid),
                    landing: merged.landing,
                    release,
                    delivered_at,
                    first_commit_at: merged.first_commit_at,
                    merged_at: merged.merged_at,
                    is_sampled: merged.is_sampled,
                    stages: Some(changes.stages(merged, delivered_at)),
                })
            });
        merged.chain(self.direct_commits(changes, policy)).collect()
    }

    /// Direct commits, delivered by the first arrival of one or of a pick of it; both are one
    /// change, which the baseline swallows when it holds either.
    fn direct_commits(&self, changes: &Changes<'_>, policy: &Policy) -> Vec<Delivered> {
        let mut first: BTreeMap<CommitSha, (usize, DirectCommit)> = BTreeMap::new();
        for commit in &changes.direct {
            let arrivals = changes.with_picks(commit.sha).filter_map(|sha| self.of(sha));
            let Some(index) = arrivals.min() else { continue };
            let (earliest, original) = first.entry(commit.root).or_insert((index, *commit));
            *earliest = index.min(*earliest);
            let age = |commit: &DirectCommit| (commit.picks, commit.at, commit.sha);
            if age(commit) < age(original) {
                *original = *commit;
            }
        }
        let delivered = |(index, commit): (usize, DirectCommit)| {
            let release = self.unless_swallowed(index, commit.at, policy)?;
            Some(Delivered {
                origin: Origin::DirectCommit(commit.root),
                landing: commit.root,
                release,
                delivered_at: self.releases.get(release)?.ended_at,
                first_commit_at: commit.at,
                merged_at: commit.at,
                is_sampled: commit.is_sampled,
                stages: None,
            })
        };
        first.into_values().filter_map(delivered).collect()
    }
}

/// The release that delivers each merged request, promotions included.
pub(super) fn deliveries(
    arrivals: &Arrivals<'_>,
    changes: &Changes<'_>,
    policy: &Policy,
) -> FxHashMap<Iid, usize> {
    let delivery =
        |merged: &MergedRequest<'_>| Some((merged.request.iid, arrivals.delivery(merged, policy)?));
    changes.merged.iter().filter_map(delivery).collect()
}
