//! Which commits a commit contains, as far as pushes and merge requests tell.
//!
//! Git's own history is not in the hooks. What is: a push names what a branch pointed to, what it
//! points to now, and the newest commits between; a merge request names its landing commit, and
//! landing commits of one target branch contain one another in the order of their merges. All of
//! these are true statements of ancestry, so their union is one too; what it lacks is `None`.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::delivery::{BranchName, CommitSha, MergeRequest, ProjectHistory, Push, Timestamp};

/// No push lists more commits than this, whatever a forged one says of itself.
const LONGEST_LIST: usize = 64;

/// As many merges of one second are taken to be below the next one; more are a forgery.
const MOST_TIED: usize = 16;

/// A commit's place in the lineage.
pub(super) type Node = u32;

#[derive(Debug, Default)]
struct Ancestors {
    /// Commits that one complete step below this commit brings in.
    inner: Vec<Node>,
    /// Commits below that step, whose own ancestors are to be looked up.
    below: Vec<Node>,
    /// The commit before it in the list of a push that it does not head.
    listed_after: Option<Node>,
    /// Whether a push tells what was there before it.
    is_pushed: bool,
    /// For each push that brought it and lists everything it brought: what was there before. With
    /// `inner`, any one of them covers all its ancestors.
    closed_by: Vec<Node>,
}

impl Ancestors {
    fn is_headless(&self) -> bool {
        self.closed_by.is_empty() && self.inner.is_empty() && self.below.is_empty()
    }
}

/// The known ancestry of one project's commits.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    nodes: FxHashMap<CommitSha, Node>,
    shas: Vec<CommitSha>,
    ancestors: Vec<Ancestors>,
}

impl Lineage {
    /// Joins what all pushes to branches and all merge requests say.
    pub(super) fn new(history: &ProjectHistory) -> Self {
        let mut lineage = Self::default();
        for push in history.pushes.values().filter(|push| push.ref_name.branch().is_some()) {
            lineage.add_push(push);
        }
        lineage.add_landings(history);
        lineage
    }

    fn add_push(&mut self, push: &Push) {
        let after = self.intern(push.after);
        let before = push.before.0.map(|sha| self.intern(sha));
        let mut previous = before;
        for sha in push.listed() {
            let node = self.intern(*sha);
            if node != after {
                self.at(node, |own| own.listed_after = own.listed_after.or(previous));
                self.at(after, |own| own.inner.push(node));
            }
            previous = Some(node);
        }
        let is_complete = push.is_complete();
        if let Some(before) = before.filter(|_| is_complete && push.listed().is_empty()) {
            // Nothing came with it: the branch was set back to a commit it had before.
            self.at(before, |own| own.below.extend((before != after).then_some(after)));
            return;
        }
        self.at(after, |own| {
            own.below.extend(before);
            own.is_pushed |= before.is_some();
            own.closed_by.extend(before.filter(|_| is_complete));
        });
    }

    /// A landing commit contains what it merged, and the landing before it on the same branch.
    fn add_landings(&mut self, history: &ProjectHistory) {
        let mut branches: FxHashMap<&BranchName, Vec<(Timestamp, &MergeRequest)>> =
            FxHashMap::default();
        for request in history.merge_requests.values() {
            if let (Some(merged), Some(target)) = (request.merged(), request.target_branch.value())
            {
                branches.entry(target).or_default().push((merged, request));
            }
        }
        for line in branches.into_values() {
            self.add_line(line);
        }
    }

    /// Adds what was merged into one branch. Of two merges of the same second nobody knows which
    /// came first.
    fn add_line(&mut self, mut line: Vec<(Timestamp, &MergeRequest)>) {
        line.sort_by_key(|(merged, request)| (*merged, request.iid));
        let mut previous: Vec<Node> = Vec::new();
        for tied in line.chunk_by(|(one, _), (other, _)| one == other) {
            let mut landings: Vec<Node> = tied
                .iter()
                .filter_map(|(_, request)| self.add_landing(request, &previous))
                .collect();
            landings.truncate(MOST_TIED);
            if !landings.is_empty() {
                previous = landings;
            }
        }
    }

    /// Adds one merge; gives its landing commit. What a push tells of it needs no completing.
    fn add_landing(&mut self, request: &MergeRequest, previous: &[Node]) -> Option<Node> {
        let landing = self.intern(landing_commit(request)?);
        let is_merge = request.merge_commit.value().is_some();
        let merged = request.squash_commit.value().or(request.head.value()).filter(|_| is_merge);
        let merged = merged.map(|sha| self.intern(*sha));
        self.at(landing, |own| {
            if own.closed_by.is_empty() {
                own.below.extend(merged);
            }
            if !own.is_pushed {
                own.below.extend(previous.iter().filter(|node| **node != landing));
            }
        });
        Some(landing)
    }

    fn intern(&mut self, sha: CommitSha) -> Node {
        let next = Node::try_from(self.shas.len()).unwrap_or(Node::MAX);
        let node = *self.nodes.entry(sha).or_insert(next);
        if node == next {
            self.shas.push(sha);
            self.ancestors.push(Ancestors::default());
        }
        node
    }

    fn at(&mut self, node: Node, change: impl FnOnce(&mut Ancestors)) {
        if let Some(own) = usize::try_from(node).ok().and_then(|i| self.ancestors.get_mut(i)) {
            change(own);
        }
    }

    fn of(&self, node: Node) -> Option<&Ancestors> {
        self.ancestors.get(usize::try_from(node).ok()?)
    }

    /// The place of a commit, when anything is known of it.
    pub(super) fn node(&self, sha: CommitSha) -> Option<Node> {
        self.nodes.get(&sha).copied()
    }

    /// The commit at a place.
    pub(super) fn sha(&self, node: Node) -> Option<CommitSha> {
        self.shas.get(usize::try_from(node).ok()?).copied()
    }

    /// How many commits are known.
    pub(super) fn len(&self) -> usize {
        self.shas.len()
    }

    /// Visits `root` and everything known to be reachable from it, nearest first, for as long as
    /// `enter` says that a commit is new to it.
    pub(super) fn walk(&self, root: Node, mut enter: impl FnMut(Node) -> bool) {
        if !enter(root) {
            return;
        }
        let chain = self.chain_below(root);
        let mut queue = VecDeque::from([root]);
        queue.extend(chain.into_iter().filter(|node| enter(*node)));
        while let Some(own) = queue.pop_front().and_then(|node| self.of(node)) {
            queue.extend(own.inner.iter().chain(&own.below).filter(|next| enter(**next)));
        }
    }

    /// The commits before `root` in the list of the push that brought it, down to one that has
    /// ancestors of its own: a commit in the middle of a push is taken to contain those before it.
    fn chain_below(&self, root: Node) -> Vec<Node> {
        let next = |node: Node| {
            self.of(node).filter(|own| own.is_headless()).and_then(|own| own.listed_after)
        };
        std::iter::successors(next(root), |node| next(*node)).take(LONGEST_LIST).collect()
    }

    /// Whether `a` is a strict ancestor of `b`; `None` where what is known does not decide it.
    ///
    /// Cost: that of the distance between the two, wherever pushes tell enough; they are searched
    /// from both ends at once.
    pub(super) fn is_ancestor(&self, a: CommitSha, b: CommitSha) -> Option<bool> {
        let (a, b) = (self.node(a)?, self.node(b)?);
        if a == b {
            return Some(false);
        }
        let (mut below_a, mut below_b) = (Front::at(self, a), Front::at(self, b));
        let mut closing = Front::at(self, b);
        if closing.seen.contains(&a) {
            return Some(true);
        }
        if !below_a.seen.is_disjoint(&closing.seen) {
            return Some(false);
        }
        loop {
            let from_b = below_b.step(self, |node| node == a);
            let from_closing = self.close(&mut closing, a, &below_a.seen);
            let from_a = below_a.step(self, |node| closing.seen.contains(&node));
            match (from_b, from_closing, from_a) {
                (Step::Met, _, _) | (_, Closing::Found, _) => return Some(true),
                (_, Closing::Covered, _) | (_, _, Step::Met) => return Some(false),
                (Step::Ended, Closing::Ended, Step::Ended) => return None,
                _ => {}
            }
        }
    }

    /// Goes one complete push down from the next commit of `closing`, looking for `a`. What is
    /// below a commit that `a` contains need not be looked at: `a` is not there.
    fn close(&self, closing: &mut Front, a: Node, below_a: &FxHashSet<Node>) -> Closing {
        let Some(own) = closing.queue.pop_front().and_then(|node| self.of(node)) else {
            return Closing::Ended;
        };
        if own.inner.contains(&a) || own.closed_by.contains(&a) {
            return Closing::Found;
        }
        if own.closed_by.iter().any(|before| below_a.contains(before)) {
            return Closing::Covered;
        }
        own.closed_by.iter().for_each(|before| closing.enter(*before));
        Closing::Going
    }
}

/// A search downwards, breadth first.
#[derive(Debug, Default)]
struct Front {
    seen: FxHashSet<Node>,
    queue: VecDeque<Node>,
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

impl Front {
    fn at(lineage: &Lineage, root: Node) -> Self {
        let mut own = Self::default();
        own.enter(root);
        lineage.chain_below(root).into_iter().for_each(|node| own.enter(node));
        own
    }

    fn enter(&mut self, node: Node) {
        if self.seen.insert(node) {
            self.queue.push_back(node);
        }
    }

    /// Enters what the next commit contains, until something is `met`.
    fn step(&mut self, lineage: &Lineage, met: impl Fn(Node) -> bool) -> Step {
        let Some(own) = self.queue.pop_front().and_then(|node| lineage.of(node)) else {
            return Step::Ended;
        };
        for node in own.inner.iter().chain(&own.below) {
            if met(*node) {
                return Step::Met;
            }
            self.enter(*node);
        }
        Step::Going
    }
}

/// The commit by which a merge request lands on its target branch.
pub(super) fn landing_commit(request: &MergeRequest) -> Option<CommitSha> {
    let merged = request.merge_commit.value().or(request.squash_commit.value());
    merged.or(request.head.value()).copied()
}
