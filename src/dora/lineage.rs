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
    /// Whether `inner` and `below` cover all its ancestors.
    is_closed: bool,
}

impl Ancestors {
    fn is_headless(&self) -> bool {
        !self.is_closed && self.inner.is_empty() && self.below.is_empty()
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
        self.at(after, |own| {
            own.below.extend(before);
            own.is_closed |= before.is_some() && push.is_complete();
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
        for line in branches.values_mut() {
            line.sort_by_key(|(merged, request)| (*merged, request.iid));
            let mut previous = None;
            for (_, request) in line {
                previous = self.add_landing(request, previous).or(previous);
            }
        }
    }

    /// Adds one merge; gives its landing commit.
    fn add_landing(&mut self, request: &MergeRequest, previous: Option<Node>) -> Option<Node> {
        let landing = self.intern(landing_commit(request)?);
        if request.merge_commit.value().is_some() {
            let merged = request.squash_commit.value().or(request.head.value());
            let merged = merged.map(|sha| self.intern(*sha));
            self.at(landing, |own| own.below.extend(merged));
        }
        if previous != Some(landing) {
            self.at(landing, |own| own.below.extend(previous));
        }
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
    pub(super) fn is_ancestor(&self, a: CommitSha, b: CommitSha) -> Option<bool> {
        let (a, b) = (self.node(a)?, self.node(b)?);
        let Some(from_a) = self.search(a, b) else { return Some(false) };
        let Some(from_b) = self.search(b, a) else { return Some(true) };
        let is_covered = from_b.frontier.iter().all(|node| from_a.seen.contains(node));
        is_covered.then_some(false)
    }

    /// Everything reachable from `root`, with the places where knowledge ends; `None` as soon as
    /// `wanted` turns up.
    fn search(&self, root: Node, wanted: Node) -> Option<Searched> {
        let mut seen = FxHashSet::default();
        let mut found = false;
        self.walk(root, |node| {
            found |= node == wanted;
            !found && seen.insert(node)
        });
        if found {
            return None;
        }
        let bottom = self.chain_below(root).last().copied().unwrap_or(root);
        let mut frontier = FxHashSet::default();
        if self.of(bottom).is_none_or(|own| !own.is_closed) {
            frontier.insert(bottom);
        }
        for own in seen.iter().filter_map(|node| self.of(*node)) {
            let open = |node: &&Node| self.of(**node).is_none_or(|below| !below.is_closed);
            frontier.extend(own.below.iter().filter(open));
        }
        Some(Searched { seen, frontier })
    }
}

struct Searched {
    seen: FxHashSet<Node>,
    frontier: FxHashSet<Node>,
}

/// The commit by which a merge request lands on its target branch.
pub(super) fn landing_commit(request: &MergeRequest) -> Option<CommitSha> {
    let merged = request.merge_commit.value().or(request.squash_commit.value());
    merged.or(request.head.value()).copied()
}
