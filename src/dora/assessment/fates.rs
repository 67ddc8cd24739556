//! What became of everything that could have been delivered, delivered or not: for explanations.
//!
//! Measuring needs only what was delivered, so this is asked apart, by the same rules over the same
//! releases.

use rustc_hash::FxHashMap;

use super::TierAssessment;
use super::arrivals::Arrivals;
use super::changes::{Changes, DirectCommit, MergedRequest, Origin};
use super::lineage::Lineage;
use crate::delivery::{CommitSha, Iid, ProjectHistory, Timestamp};
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
    /// The commit it landed by.
    pub landing: CommitSha,
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
}

/// The fates of a project's merged requests, then of its direct commits, in one of its tiers.
///
/// - **Input.** The history, instant and policy that `tier` was assessed from.
/// - **Output.** Sorted by origin; every change that `tier` says was delivered is there as such.
/// - **Cost.** As that of [`assess`](super::assess).
#[must_use]
pub fn fates(
    history: &ProjectHistory,
    as_of: Timestamp,
    policy: &Policy,
    tier: &TierAssessment,
) -> Vec<Fate> {
    let lineage = Lineage::new(history);
    let changes = Changes::find(history, as_of, policy);
    let arrivals = Arrivals::find(&lineage, &tier.counted, &changes);
    let reach = |delivered: Option<usize>, arrived: Option<usize>| match (delivered, arrived) {
        (Some(release), _) => Reach::Delivered(release),
        (None, Some(_)) => Reach::Baseline,
        (None, None) => Reach::Nowhere,
    };
    let merged = |merged: &MergedRequest<'_>| Fate {
        origin: Origin::MergeRequest(merged.request.iid),
        landing: merged.landing,
        landed_at: merged.merged_at,
        reach: reach(
            arrivals.delivery(merged, policy),
            merged.arrives_by.iter().filter_map(|sha| arrivals.of(*sha)).min(),
        ),
        is_promotion: merged.is_promotion,
        is_hotfix: merged.is_hotfix,
        reverts: merged.reverts,
    };
    let releases: FxHashMap<Origin, usize> =
        tier.delivered.iter().map(|change| (change.origin, change.release)).collect();
    let direct = |commit: &DirectCommit| Fate {
        origin: Origin::DirectCommit(commit.root),
        landing: commit.sha,
        landed_at: commit.at,
        reach: reach(
            releases.get(&Origin::DirectCommit(commit.root)).copied(),
            changes.with_picks(commit.sha).filter_map(|sha| arrivals.of(sha)).min(),
        ),
        is_promotion: false,
        is_hotfix: false,
        reverts: None,
    };
    let merged = changes.merged.iter().map(merged);
    let mut fates: Vec<Fate> = merged.chain(changes.direct.iter().map(direct)).collect();
    // Picks of one commit are one change, which came as far as the furthest of them.
    fates.sort_by_key(|fate| (fate.origin, fate.reach, fate.landed_at, fate.landing));
    fates.dedup_by_key(|fate| fate.origin);
    fates
}
