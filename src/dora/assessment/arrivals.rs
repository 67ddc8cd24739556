//! Which release delivers what: each commit arrives in a tier once.

use rustc_hash::FxHashMap;

use super::changes::{Changes, DirectCommit, MergedRequest, Origin};
use super::lineage::Lineage;
use super::releases::Release;
use crate::delivery::history::CommitNumber;
use crate::delivery::{CommitSha, ProjectHistory, Timestamp};
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
    /// Its place among the policy's categories; `None` where none takes it.
    pub category: Option<usize>,
    /// Stages in the order of [`Stage::ALL`](super::changes::Stage::ALL), in seconds; `None` for
    /// a direct commit.
    pub stages: Option<[u64; 4]>,
}

#[derive(Debug, Clone, Copy)]
enum Arrival {
    /// With the counted release of this index.
    Release(u32),
    /// Before some release, nobody knows with which.
    Unknown,
}

/// First arrivals in one tier.
#[derive(Debug)]
pub(super) struct Arrivals<'a> {
    history: &'a ProjectHistory,
    lineage: &'a Lineage<'a>,
    releases: &'a [Release],
    by_commit: Vec<Option<Arrival>>,
    /// By merged request: the release that delivers it.
    deliveries: Vec<Option<usize>>,
}

impl<'a> Arrivals<'a> {
    /// Walks the counted releases in order; each takes what none before it had.
    pub(super) fn find(
        history: &'a ProjectHistory,
        lineage: &'a Lineage<'a>,
        releases: &'a [Release],
        changes: &Changes<'_>,
        policy: &Policy,
    ) -> Self {
        let by_commit = vec![None; history.commit_numbers()];
        let mut own = Self { history, lineage, releases, by_commit, deliveries: Vec::new() };
        let mut merged: Vec<&MergedRequest<'_>> = changes.merged.iter().collect();
        merged.sort_by_key(|merged| merged.merged_at);
        let mut later = merged.into_iter().peekable();
        let mut waiting: Vec<&MergedRequest<'_>> = Vec::new();
        for (index, release) in releases.iter().enumerate() {
            let arrival = Arrival::Release(u32::try_from(index).unwrap_or(u32::MAX));
            lineage.walk(release.commit, |commit| own.enter(commit, arrival));
            let is_before = |merged: &&MergedRequest<'_>| merged.merged_at < release.started_at;
            waiting.extend(std::iter::from_fn(|| later.next_if(is_before)));
            waiting.retain(|merged| !own.may_hold(merged) && !own.give_up(merged, release));
        }
        own.deliveries =
            changes.merged.iter().map(|merged| own.find_delivery(merged, policy)).collect();
        own
    }

    fn enter(&mut self, commit: CommitNumber, arrival: Arrival) -> bool {
        let Some(first @ None) = self.by_commit.get_mut(commit.place()) else { return false };
        *first = Some(arrival);
        true
    }

    /// Whether a counted release holds this merged request, or may for all that is known.
    pub(super) fn may_hold(&self, merged: &MergedRequest<'_>) -> bool {
        merged.arrives_by().any(|commit| self.may_contain(commit))
    }

    /// Gives a merged request up that a release of its branch may hold, for all that is known.
    /// With which release it came can then not be told, nor of what lies below it, so no later one
    /// may claim it: a lead time that may be wrong is worse than none.
    fn give_up(&mut self, merged: &MergedRequest<'_>, release: &Release) -> bool {
        let branch = release.members.iter().find_map(|member| member.ref_name.as_ref());
        let target = merged.request.target().map(|target| self.history.branch(target));
        let is_here = branch.zip(target).is_some_and(|(branch, target)| branch.as_str() == target);
        let lineage = self.lineage;
        let is_told =
            |commit: &CommitNumber| lineage.is_ancestor(*commit, release.commit).is_some();
        if !is_here || merged.landed_as().iter().all(is_told) {
            return false;
        }
        for commit in merged.landed_as() {
            lineage.walk(*commit, |below| self.enter(below, Arrival::Unknown));
        }
        true
    }

    /// The first counted release that contains this commit, the baseline included.
    pub(super) fn of(&self, commit: CommitNumber) -> Option<usize> {
        match self.by_commit.get(commit.place()).copied().flatten() {
            Some(Arrival::Release(index)) => usize::try_from(index).ok(),
            Some(Arrival::Unknown) | None => None,
        }
    }

    /// Whether a counted release contains this commit, or may for all that is known.
    pub(super) fn may_contain(&self, commit: CommitNumber) -> bool {
        self.by_commit.get(commit.place()).is_some_and(Option::is_some)
    }

    /// The first counted release that contains a commit whose id begins with these digits.
    pub(super) fn of_prefix(&self, digits: &str) -> Option<usize> {
        let commits = (0..self.by_commit.len()).map(CommitNumber::at);
        commits
            .filter(|commit| self.history.sha(*commit).has_prefix(digits))
            .filter_map(|commit| self.of(commit))
            .min()
    }

    /// The release that delivers the merged request at this place, promotions included; `None` too
    /// where the baseline swallowed it.
    pub(super) fn delivery(&self, merged: usize) -> Option<usize> {
        self.deliveries.get(merged).copied().flatten()
    }

    /// The first counted release that contains a merged request, the baseline included.
    pub(super) fn arrival(&self, merged: &MergedRequest<'_>) -> Option<usize> {
        merged.arrives_by().filter_map(|commit| self.of(commit)).min()
    }

    fn find_delivery(&self, merged: &MergedRequest<'_>, policy: &Policy) -> Option<usize> {
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
        let mut delivered = Vec::with_capacity(changes.merged.len());
        let merged = changes.merged.iter().enumerate();
        delivered.extend(
            merged.filter(|(_, merged)| counts_promotions || !merged.is_promotion).filter_map(
                |(place, merged)| {
                    let release = self.delivery(place)?;
                    let delivered_at = self.releases.get(release)?.ended_at;
                    Some(Delivered {
                        origin: Origin::MergeRequest(merged.request.iid()),
                        landing: self.history.sha(merged.landing),
                        release,
                        delivered_at,
                        first_commit_at: merged.first_commit_at,
                        merged_at: merged.merged_at,
                        is_sampled: merged.is_sampled,
                        category: merged.category,
                        stages: Some(merged.stages(delivered_at)),
                    })
                },
            ),
        );
        delivered.extend(self.direct_commits(changes, policy));
        delivered
    }

    /// Direct commits, delivered by the first arrival of one or of a pick of it; both are one
    /// change, which the baseline swallows when it holds either. It is dated by the first of them,
    /// whichever arrives here: in all tiers its clocks start at one instant.
    fn direct_commits(&self, changes: &Changes<'_>, policy: &Policy) -> Vec<Delivered> {
        type Family = (Option<usize>, DirectCommit);
        let mut first: FxHashMap<CommitNumber, Family> = FxHashMap::default();
        for commit in &changes.direct {
            let arrivals = changes.with_picks(commit.commit).filter_map(|commit| self.of(commit));
            let (earliest, original) = first.entry(commit.root).or_insert((None, *commit));
            *earliest = arrivals.chain(*earliest).min();
            let age = |own: &DirectCommit| (own.picks, own.at, self.history.sha(own.commit));
            if age(commit) < age(original) {
                *original = *commit;
            }
        }
        let delivered = |(index, commit): Family| {
            let release = self.unless_swallowed(index?, commit.at, policy)?;
            let root = self.history.sha(commit.root);
            Some(Delivered {
                origin: Origin::DirectCommit(root),
                landing: root,
                release,
                delivered_at: self.releases.get(release)?.ended_at,
                first_commit_at: commit.at,
                merged_at: commit.at,
                is_sampled: commit.is_sampled,
                category: None,
                stages: None,
            })
        };
        let mut all: Vec<Delivered> = first.into_values().filter_map(delivered).collect();
        all.sort_unstable_by_key(|change| change.landing);
        all
    }
}
