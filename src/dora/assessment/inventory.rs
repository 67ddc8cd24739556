//! What stands on the branches that deliveries start from, and waits for its delivery.

use rustc_hash::FxHashMap;

use super::arrivals::Arrivals;
use super::changes::{Changes, DirectCommit, MergedRequest};
use super::lineage::Lineage;
use super::search::{is_marked, mark};
use crate::delivery::history::{CommitNumber, PushRow};
use crate::delivery::{BranchName, Iid, ProjectHistory, Timestamp};
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

/// Something that waits for its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Waiting {
    /// A merged request.
    Request(Iid),
    /// A direct commit, by the first of its origins.
    Commit(CommitNumber),
}

/// Every change that landed on an inventory branch, delivered or not.
#[derive(Debug)]
pub(super) struct Stock<'a> {
    requests: Vec<&'a MergedRequest<'a>>,
    direct: Vec<Family>,
}

/// A direct commit, with what arrives for it.
#[derive(Debug)]
struct Family {
    root: CommitNumber,
    arrives_by: Vec<CommitNumber>,
    at: Timestamp,
}

impl<'a> Stock<'a> {
    /// Gathers them; `None` where the branches are not known.
    ///
    /// Pushes carry no date, so a commit counts as on a branch since it was written.
    pub(super) fn find(
        history: &ProjectHistory,
        lineage: &Lineage<'_>,
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
                let target = merged.request.target();
                target.is_some_and(|branch| is_stocked(history.branch(branch)))
            })
            .collect();
        let mut direct = Vec::new();
        if !changes.direct.is_empty() {
            direct = direct_commits(history, changes, &commits_on(history, lineage, is_stocked));
        }
        Some(Self { requests, direct })
    }

    /// What of it no release of a tier contains. What may have arrived, for all that is known, does
    /// not wait.
    pub(super) fn undelivered(&self, arrivals: &Arrivals<'_>) -> Undelivered {
        let mut undelivered = Undelivered::default();
        self.waiting(arrivals).for_each(|(_, at)| undelivered.add(at));
        undelivered
    }

    /// Each change that waits, with its merge clock.
    pub(super) fn waiting(
        &self,
        arrivals: &Arrivals<'_>,
    ) -> impl Iterator<Item = (Waiting, Timestamp)> {
        let requests = self
            .requests
            .iter()
            .filter(|request| !arrivals.may_hold(request))
            .map(|request| (Waiting::Request(request.request.iid()), request.merged_at));
        let direct = self
            .direct
            .iter()
            .filter(|own| !own.arrives_by.iter().any(|commit| arrivals.may_contain(*commit)))
            .map(|own| (Waiting::Commit(own.root), own.at));
        requests.chain(direct)
    }
}

/// Marks the commits that were ever on one of these branches, as pushes to them tell.
fn commits_on(
    history: &ProjectHistory,
    lineage: &Lineage<'_>,
    is_stocked: impl Fn(&str) -> bool,
) -> Vec<bool> {
    let pushes = history.pushes();
    let mut commits = vec![false; history.commit_numbers()];
    let mut walked = commits.clone();
    let is_stocked =
        |push: &&PushRow| push.branch().is_some_and(|branch| is_stocked(history.branch(branch)));
    for push in pushes.rows().iter().filter(is_stocked) {
        // What such a push does not list is looked up: a branch begins with what another had.
        if !says_all(push) {
            lineage.walk(push.after(), |commit| {
                let is_new = !is_marked(&walked, commit);
                mark(&mut walked, commit);
                is_new
            });
        }
        mark(&mut commits, push.after());
        pushes.listed(push).iter().for_each(|commit| mark(&mut commits, *commit));
    }
    commits.iter_mut().zip(walked).for_each(|(commit, walked)| *commit |= walked);
    commits
}

/// Whether a push lists everything that was not on its branch before.
fn says_all(push: &PushRow) -> bool {
    push.before().is_some() && push.is_complete()
}

/// Direct commits on the branches; a commit and its picks are one change.
fn direct_commits(
    history: &ProjectHistory,
    changes: &Changes<'_>,
    stocked: &[bool],
) -> Vec<Family> {
    let mut families: FxHashMap<CommitNumber, Vec<&DirectCommit>> = FxHashMap::default();
    for commit in &changes.direct {
        families.entry(commit.root).or_default().push(commit);
    }
    families
        .into_iter()
        .filter(|(_, family)| family.iter().any(|own| is_marked(stocked, own.commit)))
        .filter_map(|(root, family)| {
            let age = |own: &&&DirectCommit| (own.picks, own.at, history.sha(own.commit));
            let original = family.iter().min_by_key(age)?;
            let arrives_by = family.iter().flat_map(|own| changes.with_picks(own.commit));
            Some(Family { root, arrives_by: arrives_by.collect(), at: original.at })
        })
        .collect()
}
