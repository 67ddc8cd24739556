//! The commits of each merge request, as far as hooks tell.
//!
//! GitLab's merge request hook names only the head. The rest is in the pushes: those to the source
//! branch, followed down from every head that was heard, and the one that brought the landing
//! commit to the target branch, whose list is exactly what was merged.

use std::cell::OnceCell;

use super::search::{Front, is_marked, mark};
use super::target_lines::TargetLines;
use crate::delivery::history::{BranchNumber, CommitNumber, PushRow, RequestRow};
use crate::delivery::{CommitIdentity, ProjectHistory, Timestamp};
use crate::dora::policy::{Counting, Policy};

/// Commits by merge request, and which merge requests only carry others' onwards. A merge request
/// is named by its place among the rows of the history.
#[derive(Debug)]
pub(super) struct CommitLists<'a> {
    history: &'a ProjectHistory,
    targets: TargetLines<'a>,
    /// All lists, one after another, and where each ends.
    commits: Vec<CommitNumber>,
    ends: Vec<usize>,
    promotions: Vec<bool>,
    /// By commit.
    shielded: Vec<bool>,
    by_identity: OnceCell<Vec<(CommitIdentity, CommitNumber)>>,
}

impl<'a> CommitLists<'a> {
    /// Gathers the lists of all merge requests opened before `as_of`.
    pub(super) fn new(history: &'a ProjectHistory, as_of: Timestamp, policy: &Policy) -> Self {
        let rows = history.requests().rows();
        let mut own = Self {
            history,
            targets: TargetLines::new(history),
            commits: Vec::with_capacity(4 * rows.len()),
            ends: Vec::with_capacity(rows.len()),
            promotions: vec![false; rows.len()],
            shielded: vec![false; history.commit_numbers()],
            by_identity: OnceCell::new(),
        };
        let mut gathering = Front::default();
        let mut members = history.requests().members();
        for row in rows {
            let before = members.iter().take_while(|(iid, _)| *iid < row.iid()).count();
            members = members.get(before..).unwrap_or_default();
            if row.created_at().is_none_or(|at| at < as_of) {
                gathering.begin(history.commit_numbers());
                let heads = members.iter().take_while(|(iid, _)| *iid == row.iid());
                heads.for_each(|(_, head)| gathering.enter(*head));
                own.gather(row, &mut gathering);
            }
            own.ends.push(own.commits.len());
        }
        own.find_promotions(as_of, policy);
        for place in 0..rows.len() {
            let shields = policy.promotion_merge_requests == Counting::Count
                || own.promotions.get(place) == Some(&false);
            let list = own.range(place).filter(|_| shields);
            for commit in list.and_then(|list| own.commits.get(list)).unwrap_or_default() {
                mark(&mut own.shielded, *commit);
            }
        }
        own
    }

    /// The commits of one merge request; empty where none is known.
    pub(super) fn of(&self, request: usize) -> &[CommitNumber] {
        self.range(request).and_then(|list| self.commits.get(list)).unwrap_or_default()
    }

    fn range(&self, request: usize) -> Option<std::ops::Range<usize>> {
        let from = request.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        Some(from.unwrap_or(0)..*self.ends.get(request)?)
    }

    /// Whether a merge request that is a change itself, or may become one, holds this commit.
    pub(super) fn shields(&self, commit: CommitNumber) -> bool {
        is_marked(&self.shielded, commit)
    }

    /// Whether this merge request carries only what others brought.
    pub(super) fn is_promotion(&self, request: usize) -> bool {
        self.promotions.get(request) == Some(&true)
    }

    /// Whether this commit was pushed to a branch that merge requests target.
    pub(super) fn is_on_target(&self, commit: CommitNumber) -> bool {
        self.targets.hold(commit)
    }

    /// A fast-forward merge train rebases: where the landing commit was never pushed, the commits
    /// with the same author, date and title stand in for it.
    pub(super) fn twins_of_rebased(
        &self,
        request: &RequestRow,
        landing: CommitNumber,
    ) -> impl Iterator<Item = CommitNumber> {
        let is_rebased = !self.is_on_target(landing) && request.head() == Some(landing);
        let identity = self.history.commits().identity(landing).filter(|_| is_rebased);
        let twins = identity.map(|identity| {
            let all = self.by_identity();
            let from = all.partition_point(|(own, _)| *own < identity);
            all.iter().skip(from).take_while(move |(own, _)| *own == identity)
        });
        twins.into_iter().flatten().map(|(_, twin)| *twin).filter(move |twin| *twin != landing)
    }

    fn by_identity(&self) -> &[(CommitIdentity, CommitNumber)] {
        self.by_identity.get_or_init(|| {
            let commits = self.history.commits();
            let mut all: Vec<_> = commits
                .numbers()
                .filter_map(|number| Some((commits.identity(number)?, number)))
                .collect();
            all.sort_unstable();
            all
        })
    }

    /// A promotion comes from a long-lived branch, or holds only commits (or picks of commits)
    /// that came with merge requests merged before it.
    fn find_promotions(&mut self, as_of: Timestamp, policy: &Policy) {
        let rows = self.history.requests().rows();
        let mut merged: Vec<(Timestamp, usize, &RequestRow)> = rows
            .iter()
            .enumerate()
            .filter_map(|(place, row)| Some((row.merged().filter(|at| *at < as_of)?, place, row)))
            .collect();
        merged.sort_by_key(|(at, place, _)| (*at, *place));
        let mut brought = vec![false; self.history.commit_numbers()];
        for (_, place, row) in merged {
            let only_others = self.holds_only(place, &brought);
            for commit in self.of(place) {
                mark(&mut brought, *commit);
            }
            if let Some(landing) = row.landing() {
                mark(&mut brought, landing);
                self.twins_of_rebased(row, landing).for_each(|twin| mark(&mut brought, twin));
            }
            if let Some(promotion) = self.promotions.get_mut(place) {
                *promotion = only_others;
            }
        }
        let mut long_lived = LongLived { policy, history: self.history, known: Vec::new() };
        for (promotion, row) in self.promotions.iter_mut().zip(rows) {
            *promotion |= row.source().is_some_and(|branch| long_lived.is(branch));
        }
    }

    /// Whether a merge request holds something, and nothing but merges that was not `brought`.
    fn holds_only(&self, request: usize, brought: &[bool]) -> bool {
        let commits = self.history.commits();
        let is_brought = |commit: CommitNumber| is_marked(brought, commit);
        let is_others = |commit: &CommitNumber| {
            let picked = || self.history.commit_number(commits.picked_from(*commit)?);
            is_brought(*commit) || picked().is_some_and(is_brought)
        };
        let list = self.of(request);
        list.iter().any(is_others)
            && list.iter().all(|commit| is_others(commit) || commits.is_merge(*commit))
    }

    /// Gathers the commits of one merge request, whose heads were entered.
    fn gather(&mut self, row: &RequestRow, gathering: &mut Front) {
        row.head().into_iter().for_each(|head| gathering.enter(head));
        let landing = row.landing().filter(|_| row.merged().is_some());
        if let Some(source) = row.source() {
            let pushed = self.pushed_to_source(source, gathering.entered());
            let is_own =
                |commit: &CommitNumber| !self.landed_elsewhere(row.target(), landing, *commit);
            pushed.into_iter().filter(is_own).for_each(|commit| gathering.enter(commit));
        }
        if let Some((landing, target)) = landing.zip(row.target()) {
            let pushes = self.history.pushes();
            let merges = pushes.to(landing).filter(|push| push.branch() == Some(target));
            let listed = merges.flat_map(|push| pushes.listed(push));
            let written = listed.filter(|commit| Some(**commit) != row.merge_commit());
            written.for_each(|commit| gathering.enter(*commit));
        }
        // What squashing made is no commit anybody wrote.
        let squash = row.squash_commit().filter(|_| gathering.entered().len() > 1);
        let commits = gathering.entered().iter().copied();
        self.commits.extend(commits.filter(|commit| Some(*commit) != squash));
    }

    /// Whether a commit came to the target branch otherwise than with this merge.
    fn landed_elsewhere(
        &self,
        target: Option<BranchNumber>,
        landing: Option<CommitNumber>,
        commit: CommitNumber,
    ) -> bool {
        let Some(target) = target else { return false };
        let mut pushes = self.targets.of(target, commit).peekable();
        let brings = |push: &PushRow| landing.is_some_and(|own| self.targets.brings(push, own));
        pushes.peek().is_some() && !pushes.any(brings)
    }

    /// Commits pushed to the source branch, followed down from the heads.
    fn pushed_to_source(&self, source: BranchNumber, heads: &[CommitNumber]) -> Vec<CommitNumber> {
        // A branch that lives longer than this is no merge request's own.
        const MOST_PUSHES: usize = 256;
        let pushes = self.history.pushes();
        let mut found = Vec::new();
        let mut seen: Vec<CommitNumber> = Vec::new();
        let mut next = heads.to_vec();
        while let Some(head) = next.pop() {
            if seen.len() >= MOST_PUSHES || seen.contains(&head) {
                continue;
            }
            seen.push(head);
            let push = pushes.to(head).find(|push| push.branch() == Some(source));
            if let Some(push) = push {
                found.extend(pushes.listed(push));
                next.extend(push.before());
            }
        }
        found
    }
}

/// Which branches are never a change's source, by the policy's patterns; each is matched once.
struct LongLived<'a> {
    policy: &'a Policy,
    history: &'a ProjectHistory,
    known: Vec<Option<bool>>,
}

impl LongLived<'_> {
    fn is(&mut self, branch: BranchNumber) -> bool {
        if self.known.len() <= branch.place() {
            self.known.resize(branch.place() + 1, None);
        }
        let matches = || self.policy.long_lived_branches.is_match(self.history.branch(branch));
        match self.known.get_mut(branch.place()) {
            Some(known) => *known.get_or_insert_with(matches),
            None => matches(),
        }
    }
}
