//! What became of everything that could have been delivered, delivered or not: for explanations.
//!
//! Measuring needs only what was delivered, so this is asked apart, by the same rules over the same
//! releases.

use rustc_hash::FxHashMap;

use super::TierAssessment;
use super::arrivals::Arrivals;
use super::changes::{Changes, DirectCommit, Origin};
use super::inventory::{Stock, Waiting};
use super::lineage::Lineage;
use crate::delivery::{Iid, ProjectHistory, Timestamp};
use crate::dora::policy::Policy;

/// How far something that was merged came in one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The counted release of this index delivered it.
    Delivered(usize),
    /// The first release of the tier contains it: delivered, but nobody knows when.
    Baseline,
    /// No counted release is known to contain it.
    Nowhere,
}

/// One merged request or direct commit, and what became of it in one tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// What it is.
    pub origin: Origin,
    /// When it landed: the merge, or the commit's own date.
    pub landed_at: Timestamp,
    /// How far it came.
    pub reach: Reach,
    /// Whether it only carries other changes onwards.
    pub is_promotion: bool,
    /// Whether it is marked as a hotfix.
    pub is_hotfix: bool,
    /// The merge request it reverts.
    pub reverts: Option<Iid>,
    /// Whether it stands on an inventory branch and waits for its delivery.
    pub waits: bool,
}

/// The fates of a project's merged requests, then of its direct commits, in one of its tiers.
///
/// - **Input.** The history, instant and policy that `tier` was assessed from.
/// - **Output.** Sorted by origin; every change that `tier` says was delivered is there as such, and
///   every one that it counts as undelivered waits.
/// - **Cost.** As that of [`assess`](super::assess()).
#[must_use]
pub fn fates(
    history: &ProjectHistory,
    as_of: Timestamp,
    policy: &Policy,
    tier: &TierAssessment,
) -> Vec<Fate> {
    let lineage = Lineage::new(history);
    let changes = Changes::find(history, as_of, policy);
    let arrivals = Arrivals::find(history, &lineage, &tier.counted, &changes, policy);
    let stock = Stock::find(history, &lineage, &changes, policy);
    let stock = stock.filter(|_| tier.undelivered.is_some());
    let waiting = stock.iter().flat_map(|stock| stock.waiting(&arrivals));
    let known = Known {
        history,
        changes: &changes,
        arrivals: &arrivals,
        waiting: waiting.collect(),
        direct: tier.delivered.iter().map(|change| (change.origin, change.release)).collect(),
    };
    let merged = (0..changes.merged.len()).filter_map(|place| known.merged(place));
    let direct = changes.direct.iter().map(|commit| known.direct(commit));
    let mut fates: Vec<Fate> = merged.chain(direct).collect();
    // Picks of one commit are one change, which came as far as the furthest of them.
    fates.sort_by_key(|fate| (fate.origin, fate.reach, fate.landed_at));
    fates.dedup_by_key(|fate| fate.origin);
    fates
}

/// What fates are told from.
struct Known<'a> {
    history: &'a ProjectHistory,
    changes: &'a Changes<'a>,
    arrivals: &'a Arrivals<'a>,
    waiting: FxHashMap<Waiting, Timestamp>,
    direct: FxHashMap<Origin, usize>,
}

impl Known<'_> {
    fn merged(&self, place: usize) -> Option<Fate> {
        let merged = self.changes.merged.get(place)?;
        let arrived = merged.arrives_by().filter_map(|commit| self.arrivals.of(commit)).min();
        let iid = merged.request.iid();
        Some(Fate {
            origin: Origin::MergeRequest(iid),
            landed_at: merged.merged_at,
            reach: Reach::of(self.arrivals.delivery(place), arrived),
            is_promotion: merged.is_promotion,
            is_hotfix: merged.is_hotfix,
            reverts: merged.reverts,
            waits: self.waiting.contains_key(&Waiting::Request(iid)),
        })
    }

    fn direct(&self, commit: &DirectCommit) -> Fate {
        let origin = Origin::DirectCommit(self.history.sha(commit.root));
        let family = self.changes.with_picks(commit.commit);
        let arrived = family.filter_map(|commit| self.arrivals.of(commit)).min();
        let waits_since = self.waiting.get(&Waiting::Commit(commit.root)).copied();
        Fate {
            origin,
            landed_at: waits_since.unwrap_or(commit.at),
            reach: Reach::of(self.direct.get(&origin).copied(), arrived),
            is_promotion: false,
            is_hotfix: false,
            reverts: None,
            waits: waits_since.is_some(),
        }
    }
}

impl Reach {
    const fn of(delivered: Option<usize>, arrived: Option<usize>) -> Self {
        match (delivered, arrived) {
            (Some(release), _) => Self::Delivered(release),
            (None, Some(_)) => Self::Baseline,
            (None, None) => Self::Nowhere,
        }
    }
}
