//! What stands on the branches that deliveries start from, and waits for its delivery.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::arrivals::Arrivals;
use super::changes::{Changes, DirectCommit, MergedRequest};
use super::lineage::Lineage;
use crate::delivery::{BranchName, CommitSha, ProjectHistory, Push, Timestamp};
use crate::dora::policy::{Counting, Policy};

/// Changes that no counted release of a tier contains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undelivered {
    /// How many.
    pub changes: u64,
    /// The merge clock of the earliest; `None` where nothing waits.
    pub oldest_at: Option<Timestamp>,
}

impl Undelivered {
    fn add(&mut self, merged_at: Timestamp) {
        self.changes += 1;
        self.oldest_at = self.oldest_at.into_iter().chain([merged_at]).min();
    }
}

/// Every change that landed on an inventory branch, delivered or not.
#[derive(Debug)]
pub(super) struct Stock<'a> {
    requests: Vec<&'a MergedRequest<'a>>,
    /// Direct commits with what arrives for them, and their date.
    direct: Vec<(Vec<CommitSha>, Timestamp)>,
}

impl<'a> Stock<'a> {
    /// Gathers them; `None` where the branches are not known.
    ///
    /// Pushes carry no date, so a commit counts as on a branch since it was written.
    pub(super) fn find(
        history: &ProjectHistory,
        lineage: &Lineage,
        changes: &'a Changes<'a>,
        policy: &Policy,
    ) -> Option<Self> {
        let default = history.project.default_branch.value().map(BranchName::as_str);
        if policy.inventory_branches.is_empty() && default.is_none() {
            return None;
        }
        let is_stocked = |branch: &str| {
            if policy.inventory_branches.is_empty() {
                default == Some(branch)
            } else {
                policy.inventory_branches.is_match(branch)
            }
        };
        let counts_promotions = policy.promotion_merge_requests == Counting::Count;
        let requests = changes
            .merged
            .iter()
            .filter(|merged| counts_promotions || !merged.is_promotion)
            .filter(|merged| {
                let target = merged.request.target_branch.value();
                target.is_some_and(|branch| is_stocked(branch.as_str()))
            })
            .collect();
        let mut direct = Vec::new();
        if !changes.direct.is_empty() {
            direct = direct_commits(changes, &commits_on(history, lineage, is_stocked));
        }
        Some(Self { requests, direct })
    }

    /// What of it no release of a tier contains. What may have arrived, for all that is known, does
    /// not wait.
    pub(super) fn undelivered(&self, arrivals: &Arrivals<'_>) -> Undelivered {
        let requests = self.requests.iter().map(|own| (&own.arrives_by, own.merged_at));
        let direct = self.direct.iter().map(|(arrives_by, at)| (arrives_by, *at));
        let mut undelivered = Undelivered::default();
        for (arrives_by, merged_at) in requests.chain(direct) {
            if !arrives_by.iter().any(|sha| arrivals.may_contain(*sha)) {
                undelivered.add(merged_at);
            }
        }
        undelivered
    }
}

/// The commits that were ever on one of these branches, as pushes to them tell.
fn commits_on(
    history: &ProjectHistory,
    lineage: &Lineage,
    is_stocked: impl Fn(&str) -> bool,
) -> FxHashSet<CommitSha> {
    let pushes = history.pushes.values();
    let (mut commits, mut walked) = (FxHashSet::default(), FxHashSet::default());
    for push in pushes.filter(|push| push.ref_name.branch().is_some_and(&is_stocked)) {
        // What such a push does not list is looked up: a branch begins with what another had.
        if let Some(head) = lineage.node(push.after).filter(|_| !says_all(push)) {
            lineage.walk(head, |node| lineage.sha(node).is_some_and(|sha| walked.insert(sha)));
        }
        commits.insert(push.after);
        commits.extend(push.listed());
    }
    commits.extend(walked);
    commits
}

/// Whether a push lists everything that was not on its branch before.
fn says_all(push: &Push) -> bool {
    push.before.0.is_some() && push.is_complete()
}

/// Direct commits on the branches; a commit and its picks are one change.
fn direct_commits(
    changes: &Changes<'_>,
    stocked: &FxHashSet<CommitSha>,
) -> Vec<(Vec<CommitSha>, Timestamp)> {
    let mut families: BTreeMap<CommitSha, Vec<&DirectCommit>> = BTreeMap::new();
    for commit in &changes.direct {
        families.entry(commit.root).or_default().push(commit);
    }
    families
        .into_values()
        .filter(|family| family.iter().any(|commit| stocked.contains(&commit.sha)))
        .filter_map(|family| {
            let age = |commit: &&&DirectCommit| (commit.picks, commit.at, commit.sha);
            let original = family.iter().min_by_key(age)?;
            let arrives_by = family.iter().flat_map(|commit| changes.with_picks(commit.sha));
            Some((arrives_by.collect(), original.at))
        })
        .collect()
}
