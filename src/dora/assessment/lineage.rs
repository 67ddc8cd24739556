//! Which commits a commit contains, as far as pushes and merge requests tell.
//!
//! Git's own history is not in the hooks. What is: a push names what a branch pointed to, what it
//! points to now, and the newest commits between; a merge request names its landing commit, and
//! landing commits of one target branch contain one another in the order of their merges. All of
//! these are true statements of ancestry, so their union is one too; what it lacks is `None`.
//!
//! What pushes say is read where the history keeps it; only what merge requests add is gathered.

use std::cell::{OnceCell, RefCell};

use rustc_hash::FxHashMap;

use super::search::{Front, Links, is_marked, mark};
use crate::delivery::history::{CommitNumber, PushRow, RequestRow};
use crate::delivery::{ProjectHistory, Timestamp};

/// No push lists more commits than this, whatever a forged one says of itself.
const LONGEST_LIST: usize = 64;

/// As many merges of one second are taken to be below the next one; more are a forgery.
const MOST_TIED: usize = 16;

/// The known ancestry of one project's commits.
#[derive(Debug)]
pub(super) struct Lineage<'a> {
    history: &'a ProjectHistory,
    /// By commit: whether anything is known of its ancestry.
    known: Vec<bool>,
    /// What lies below a commit besides what pushes say.
    more: Links,
    /// The commit before another in the list of a push; made when first asked for.
    listed_after: OnceCell<FxHashMap<CommitNumber, CommitNumber>>,
    fronts: RefCell<[Front; 3]>,
}

impl<'a> Lineage<'a> {
    /// Joins what all pushes to branches and all merge requests say.
    pub(super) fn new(history: &'a ProjectHistory) -> Self {
        let mut own = Self {
            history,
            known: vec![false; history.commit_numbers()],
            more: Links::default(),
            listed_after: OnceCell::new(),
            fronts: RefCell::default(),
        };
        own.read_pushes();
        own.add_landings();
        own
    }

    fn read_pushes(&mut self) {
        let pushes = self.history.pushes();
        let mut set_back = Vec::new();
        for push in pushes.rows().iter().filter(|push| push.branch().is_some()) {
            let ends = push.before().into_iter().chain([push.after()]);
            for commit in ends.chain(pushes.listed(push).iter().copied()) {
                mark(&mut self.known, commit);
            }
            if self.is_set_back(push) {
                set_back.push(push);
            }
        }
        self.sort(&mut set_back);
        for push in set_back {
            if let Some(before) = push.before().filter(|before| *before != push.after()) {
                self.more.add(before, push.after());
            }
        }
    }

    /// Nothing came with it: the branch was set back to a commit it had before.
    fn is_set_back(&self, push: &PushRow) -> bool {
        push.is_complete()
            && push.before().is_some()
            && self.history.pushes().listed(push).is_empty()
    }

    /// Pushes that moved a branch forward to this commit.
    fn forward(&self, commit: CommitNumber) -> impl Iterator<Item = &'a PushRow> {
        let to = self.history.pushes().to(commit);
        to.filter(|push| push.branch().is_some() && !self.is_set_back(push))
    }

    /// What one complete step below a commit brings in.
    fn inner(&self, commit: CommitNumber) -> impl Iterator<Item = CommitNumber> {
        let listed = self.forward(commit).flat_map(|push| self.history.pushes().listed(push));
        listed.copied().filter(move |inner| *inner != commit)
    }

    /// Commits below that step, whose own ancestors are to be looked up.
    fn below(&self, commit: CommitNumber) -> impl Iterator<Item = CommitNumber> {
        self.forward(commit).filter_map(PushRow::before).chain(self.more.of(commit))
    }

    /// For each push that brought it and lists everything it brought: what was there before. With
    /// what is [`inner`](Self::inner), any one of them covers all its ancestors.
    fn closed_by(&self, commit: CommitNumber) -> impl Iterator<Item = CommitNumber> {
        self.forward(commit).filter(|push| push.is_complete()).filter_map(PushRow::before)
    }

    /// A landing commit contains what it merged, and the landing before it on the same branch.
    /// What a push tells of it needs no completing.
    fn add_landings(&mut self) {
        let mut lines = Vec::new();
        let mut tell_all = true;
        for row in self.history.requests().rows() {
            let (Some(merged), Some(target)) = (row.merged(), row.target()) else { continue };
            let Some(landing) = row.landing() else { continue };
            mark(&mut self.known, landing);
            if row.merge_commit().is_some()
                && let Some(below) = row.squash_commit().or(row.head())
            {
                mark(&mut self.known, below);
            }
            tell_all &= self.closed_by(landing).next().is_some();
            lines.push((target, merged, row));
        }
        if tell_all {
            return;
        }
        lines.sort_by_key(|(target, merged, row)| (*target, *merged, row.iid()));
        for line in lines.chunk_by(|(one, ..), (other, ..)| one == other) {
            self.add_line(line);
        }
    }

    /// Adds what was merged into one branch. Of two merges of the same second nobody knows which
    /// came first.
    fn add_line<T>(&mut self, line: &[(T, Timestamp, &RequestRow)]) {
        let mut previous: Vec<CommitNumber> = Vec::new();
        for tied in line.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            let mut landings: Vec<CommitNumber> =
                tied.iter().filter_map(|(.., row)| self.add_landing(row, &previous)).collect();
            landings.truncate(MOST_TIED);
            previous = landings;
        }
    }

    fn add_landing(&mut self, row: &RequestRow, previous: &[CommitNumber]) -> Option<CommitNumber> {
        let landing = row.landing()?;
        if self.closed_by(landing).next().is_none() {
            let merged =
                row.squash_commit().or(row.head()).filter(|_| row.merge_commit().is_some());
            if let Some(merged) = merged {
                self.more.add(landing, merged);
            }
        }
        if self.forward(landing).all(|push| push.before().is_none()) {
            for before in previous.iter().filter(|before| **before != landing) {
                self.more.add(landing, *before);
            }
        }
        Some(landing)
    }

    /// Visits `root` and everything known to be reachable from it, nearest first, for as long as
    /// `enter` says that a commit is new to it.
    pub(super) fn walk(&self, root: CommitNumber, mut enter: impl FnMut(CommitNumber) -> bool) {
        if !enter(root) {
            return;
        }
        let mut queue = vec![root];
        queue.extend(self.chain_below(root).filter(|node| enter(*node)));
        let mut next = 0;
        while let Some(node) = queue.get(next).copied() {
            next += 1;
            queue.extend(self.inner(node).chain(self.below(node)).filter(|below| enter(*below)));
        }
    }

    /// The commits before `root` in the list of the push that brought it, down to one that has
    /// ancestors of its own: a commit in the middle of a push is taken to contain those before it.
    fn chain_below(&self, root: CommitNumber) -> impl Iterator<Item = CommitNumber> {
        let next = |node: CommitNumber| {
            let is_headless =
                self.inner(node).next().is_none() && self.below(node).next().is_none();
            if is_headless { self.listed_after().get(&node).copied() } else { None }
        };
        std::iter::successors(next(root), move |node| next(*node)).take(LONGEST_LIST)
    }

    /// Of every commit in the middle of a push, the one before it; by the first such push, in the
    /// order of references and commits.
    fn listed_after(&self) -> &FxHashMap<CommitNumber, CommitNumber> {
        self.listed_after.get_or_init(|| self.find_listed_after())
    }

    fn find_listed_after(&self) -> FxHashMap<CommitNumber, CommitNumber> {
        let pushes = self.history.pushes();
        let mut all: Vec<&PushRow> =
            pushes.rows().iter().filter(|push| push.branch().is_some()).collect();
        self.sort(&mut all);
        let mut listed_after = FxHashMap::default();
        for push in all {
            let listed = pushes.listed(push).iter().copied();
            let before = std::iter::once(push.before()).chain(listed.clone().map(Some));
            let pairs = listed.zip(before).filter(|(commit, _)| *commit != push.after());
            for (commit, before) in pairs.filter_map(|(own, before)| Some((own, before?))) {
                listed_after.entry(commit).or_insert(before);
            }
        }
        listed_after
    }

    /// Sorts pushes in an order that does not depend on that of hearing.
    fn sort(&self, pushes: &mut [&PushRow]) {
        pushes.sort_by_cached_key(|push| {
            (self.history.pushed_to(push), self.history.sha(push.after()))
        });
    }

    /// Whether `a` is a strict ancestor of `b`; `None` where what is known does not decide it.
    ///
    /// Cost: that of the distance between the two, wherever pushes tell enough; they are searched
    /// from both ends at once.
    pub(super) fn is_ancestor(&self, a: CommitNumber, b: CommitNumber) -> Option<bool> {
        let is_known = |commit: CommitNumber| is_marked(&self.known, commit);
        if !is_known(a) || !is_known(b) {
            return None;
        }
        if a == b {
            return Some(false);
        }
        let [below_a, below_b, closing] = &mut *self.fronts.try_borrow_mut().ok()?;
        self.begin(below_a, a);
        self.begin(below_b, b);
        self.begin(closing, b);
        if closing.has(a) {
            return Some(true);
        }
        if below_a.entered().iter().any(|commit| closing.has(*commit)) {
            return Some(false);
        }
        loop {
            let from_b = self.step(below_b, |commit| commit == a);
            let from_closing = self.close(closing, a, below_a);
            let from_a = self.step(below_a, |commit| closing.has(commit));
            match (from_b, from_closing, from_a) {
                (Step::Met, _, _) | (_, Closing::Found, _) => return Some(true),
                (_, Closing::Covered, _) | (_, _, Step::Met) => return Some(false),
                (Step::Ended, Closing::Ended, Step::Ended) => return None,
                _ => {}
            }
        }
    }

    fn begin(&self, front: &mut Front, root: CommitNumber) {
        front.begin(self.known.len());
        front.enter(root);
        self.chain_below(root).for_each(|commit| front.enter(commit));
    }

    /// Enters what the next commit contains, until something is `met`.
    fn step(&self, front: &mut Front, met: impl Fn(CommitNumber) -> bool) -> Step {
        let Some(next) = front.next() else { return Step::Ended };
        for commit in self.inner(next).chain(self.below(next)) {
            if met(commit) {
                return Step::Met;
            }
            front.enter(commit);
        }
        Step::Going
    }

    /// Goes one complete push down from the next commit of `closing`, looking for `a`. What is
    /// below a commit that `a` contains need not be looked at: `a` is not there.
    fn close(&self, closing: &mut Front, a: CommitNumber, below_a: &Front) -> Closing {
        let Some(next) = closing.next() else { return Closing::Ended };
        if self.inner(next).chain(self.closed_by(next)).any(|commit| commit == a) {
            return Closing::Found;
        }
        if self.closed_by(next).any(|before| below_a.has(before)) {
            return Closing::Covered;
        }
        self.closed_by(next).for_each(|before| closing.enter(before));
        Closing::Going
    }
}

/// How far one step of a search came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Going,
    Met,
    Ended,
}

/// How far one step down the complete pushes came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    Going,
    Found,
    Covered,
    Ended,
}
