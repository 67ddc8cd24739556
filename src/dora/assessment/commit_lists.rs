//! The commits of each merge request, as far as hooks tell.
//!
//! GitLab's merge request hook names only the head. The rest is in the pushes: those to the source
//! branch, followed down from every head that was heard, and the one that brought the landing
//! commit to the target branch, whose list is exactly what was merged.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::lineage::landing_commit;
use crate::delivery::{
    CommitIdentity, CommitSha, Iid, MergeRequest, ProjectHistory, Push, RefName, Timestamp,
};
use crate::dora::policy::{Counting, Policy};

/// Commits by merge request, and which merge requests only carry others' onwards.
#[derive(Debug, Default)]
pub(super) struct CommitLists {
    lists: BTreeMap<Iid, FxHashSet<CommitSha>>,
    promotions: FxHashSet<Iid>,
    shielded: FxHashSet<CommitSha>,
    by_identity: FxHashMap<CommitIdentity, Vec<CommitSha>>,
    identities: FxHashMap<CommitSha, CommitIdentity>,
    pushed: FxHashSet<CommitSha>,
    none: FxHashSet<CommitSha>,
}

impl CommitLists {
    /// Gathers the lists of all merge requests opened before `as_of`.
    pub(super) fn new(history: &ProjectHistory, as_of: Timestamp, policy: &Policy) -> Self {
        let targets = TargetLines::new(history);
        let mut own = Self::default();
        for request in history.merge_requests.values().filter(|request| is_open(request, as_of)) {
            own.lists.insert(request.iid, commits_of(history, request, &targets));
        }
        for commit in history.commits.values() {
            if let Some(identity) = commit.identity.0 {
                own.by_identity.entry(identity).or_default().push(commit.sha);
                own.identities.insert(commit.sha, identity);
            }
        }
        own.pushed = targets.commits();
        own.find_promotions(history, as_of, policy);
        let shielding = own.lists.iter().filter(|(iid, _)| {
            policy.promotion_merge_requests == Counting::Count || !own.promotions.contains(iid)
        });
        own.shielded = shielding.flat_map(|(_, commits)| commits.iter().copied()).collect();
        own
    }

    /// The commits of one merge request; empty where none is known.
    pub(super) fn of(&self, iid: Iid) -> &FxHashSet<CommitSha> {
        self.lists.get(&iid).unwrap_or(&self.none)
    }

    /// Whether a merge request that is a change itself, or may become one, holds this commit.
    pub(super) fn shields(&self, sha: CommitSha) -> bool {
        self.shielded.contains(&sha)
    }

    /// Whether this merge request carries only what others brought.
    pub(super) fn is_promotion(&self, iid: Iid) -> bool {
        self.promotions.contains(&iid)
    }

    /// A fast-forward merge train rebases: where the landing commit was never pushed, the commits
    /// with the same author, date and title stand in for it.
    pub(super) fn twins_of_rebased(
        &self,
        request: &MergeRequest,
        landing: CommitSha,
    ) -> Vec<CommitSha> {
        if self.pushed.contains(&landing) || request.head.value() != Some(&landing) {
            return Vec::new();
        }
        let identity = self.identities.get(&landing);
        let twins = identity.and_then(|identity| self.by_identity.get(identity));
        twins.into_iter().flatten().copied().filter(|sha| *sha != landing).collect()
    }

    /// A promotion comes from a long-lived branch, or holds only commits (or picks of commits)
    /// that came with merge requests merged before it.
    fn find_promotions(&mut self, history: &ProjectHistory, as_of: Timestamp, policy: &Policy) {
        let mut merged: Vec<(Timestamp, &MergeRequest)> = history
            .merge_requests
            .values()
            .filter_map(|request| Some((request.merged().filter(|at| *at < as_of)?, request)))
            .collect();
        merged.sort_by_key(|(at, request)| (*at, request.iid));
        let mut brought: FxHashSet<CommitSha> = FxHashSet::default();
        for (_, request) in merged {
            let list = self.of(request.iid);
            let is_others = |sha: &CommitSha| {
                let picked = history.commits.get(sha).and_then(|commit| commit.picked_from.0);
                brought.contains(sha) || picked.is_some_and(|sha| brought.contains(&sha))
            };
            let is_merge =
                |sha: &CommitSha| history.commits.get(sha).is_some_and(|commit| commit.is_merge.0);
            let only_others = list.iter().any(is_others)
                && list.iter().all(|sha| is_others(sha) || is_merge(sha));
            brought.extend(list);
            if let Some(landing) = landing_commit(request) {
                brought.insert(landing);
                brought.extend(self.twins_of_rebased(request, landing));
            }
            if only_others {
                self.promotions.insert(request.iid);
            }
        }
        let is_long_lived = |request: &&MergeRequest| {
            let branch = request.source_branch.value();
            branch.is_some_and(|branch| policy.long_lived_branches.is_match(branch.as_str()))
        };
        let carriers = history.merge_requests.values().filter(is_long_lived);
        self.promotions.extend(carriers.map(|request| request.iid));
    }
}

/// Whether a merge request was opened before `as_of`; one whose opening was not heard was.
fn is_open(request: &MergeRequest, as_of: Timestamp) -> bool {
    request.created_at.0.is_none_or(|at| at < as_of)
}

/// Which pushes brought which commits to the branches that merge requests target.
#[derive(Debug)]
struct TargetLines<'a> {
    pushes: FxHashMap<&'a str, FxHashMap<CommitSha, Vec<&'a Push>>>,
}

impl<'a> TargetLines<'a> {
    fn new(history: &'a ProjectHistory) -> Self {
        let mut pushes: FxHashMap<&str, FxHashMap<CommitSha, Vec<&Push>>> = history
            .merge_requests
            .values()
            .filter_map(|request| request.target_branch.value())
            .map(|branch| (branch.as_str(), FxHashMap::default()))
            .collect();
        for push in history.pushes.values() {
            let Some(line) = push.ref_name.branch().and_then(|name| pushes.get_mut(name)) else {
                continue;
            };
            for sha in push.listed().iter().chain([&push.after]) {
                line.entry(*sha).or_default().push(push);
            }
        }
        Self { pushes }
    }

    fn of(&self, branch: &str, sha: CommitSha) -> &[&'a Push] {
        self.pushes.get(branch).and_then(|line| line.get(&sha)).map_or(&[], Vec::as_slice)
    }

    fn commits(&self) -> FxHashSet<CommitSha> {
        self.pushes.values().flat_map(|line| line.keys().copied()).collect()
    }
}

fn commits_of(
    history: &ProjectHistory,
    request: &MergeRequest,
    targets: &TargetLines<'_>,
) -> FxHashSet<CommitSha> {
    let heads = history
        .merge_request_commits
        .iter()
        .skip(history.merge_request_commits.partition_point(|c| c.merge_request < request.iid))
        .take_while(|commit| commit.merge_request == request.iid)
        .map(|commit| commit.sha);
    let mut commits: FxHashSet<CommitSha> = heads.chain(request.head.value().copied()).collect();
    let target = request.target_branch.value().map_or("", |branch| branch.as_str());
    let landing = request.merged().and_then(|_| landing_commit(request));
    let landed_elsewhere = |sha: CommitSha| {
        let pushes = targets.of(target, sha);
        !pushes.is_empty() && !pushes.iter().any(|push| landing.is_some_and(|l| brings(push, l)))
    };
    for sha in source_branch_commits(history, request, &commits) {
        if !landed_elsewhere(sha) {
            commits.insert(sha);
        }
    }
    let merge_pushes = landing.into_iter().flat_map(|landing| {
        targets.of(target, landing).iter().filter(move |push| push.after == landing)
    });
    for push in merge_pushes {
        let merge = request.merge_commit.value();
        commits.extend(push.listed().iter().copied().filter(|sha| Some(sha) != merge));
    }
    // What squashing made is no commit anybody wrote.
    if let Some(squash) = request.squash_commit.value().filter(|_| commits.len() > 1) {
        commits.remove(squash);
    }
    commits
}

fn brings(push: &Push, sha: CommitSha) -> bool {
    push.after == sha || push.listed().contains(&sha)
}

/// Commits pushed to the source branch, followed down from the heads.
fn source_branch_commits(
    history: &ProjectHistory,
    request: &MergeRequest,
    heads: &FxHashSet<CommitSha>,
) -> Vec<CommitSha> {
    // A branch that lives longer than this is no merge request's own.
    const MOST_PUSHES: usize = 256;
    let Some(branch) = request.source_branch.value() else { return Vec::new() };
    let Ok(ref_name) = RefName::new(&format!("refs/heads/{branch}")) else { return Vec::new() };
    let mut found = Vec::new();
    let mut seen: FxHashSet<CommitSha> = FxHashSet::default();
    let mut next: Vec<CommitSha> = heads.iter().copied().collect();
    while let Some(head) = next.pop() {
        if seen.len() >= MOST_PUSHES || !seen.insert(head) {
            continue;
        }
        if let Some(push) = history.pushes.get(&(ref_name.clone(), head)) {
            found.extend(push.listed());
            next.extend(push.before.0);
        }
    }
    found
}
