//! Commits, branches, pushes and merges.

use super::super::reference::truth::{Method, TrueCommit, TrueMerge};
use super::World;

/// What a new commit is like.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Making {
    /// Seconds by which it was written before it is pushed; negative when a clock is wrong.
    pub(super) age: i64,
    pub(super) by_bot: bool,
    pub(super) picked_from: Option<usize>,
}

impl World {
    /// The first commit of main, the branch develop, and the project.
    pub(super) fn found(&mut self) {
        self.tell_project();
        let root = self.commit(Vec::new(), Making { age: 3_600, ..Making::default() });
        self.push("main", root);
        self.create_branch("develop", root);
    }

    pub(super) fn head(&self, branch: &str) -> usize {
        self.branches[branch]
    }

    pub(super) fn commit(&mut self, parents: Vec<usize>, making: Making) -> usize {
        let place = self.truth.commits.len();
        let own = |origin: usize| &self.truth.commits[origin];
        // A pick keeps its author, date and title.
        let (authored, identity, by_bot) = match making.picked_from {
            Some(origin) => (own(origin).authored, own(origin).identity, own(origin).by_bot),
            None => (self.now - making.age, place, making.by_bot),
        };
        let committed = place.is_multiple_of(3).then_some(self.now);
        let picked_from = making.picked_from;
        let commit = TrueCommit { parents, authored, committed, by_bot, picked_from, identity };
        self.truth.commits.push(commit);
        place
    }

    /// The same commit on another parent, as a rebase makes it.
    pub(super) fn replay(&mut self, commit: usize, parent: usize) -> usize {
        let old = self.truth.commits[commit].clone();
        let place = self.truth.commits.len();
        self.truth.commits.push(TrueCommit { parents: vec![parent], ..old });
        place
    }

    /// Moves a branch to a commit, new or not, and lets the hook tell.
    pub(super) fn push(&mut self, branch: &str, head: usize) {
        let before = self.branches.insert(branch.to_owned(), head);
        self.truth.heads.insert(branch.to_owned(), head);
        // For a new branch GitLab lists what the default branch lacks.
        let base =
            before.or_else(|| self.branches.get("main").copied().filter(|_| branch != "main"));
        let known = base.map(|base| self.truth.reach(base)).unwrap_or_default();
        let brought: Vec<usize> = self.truth.reach(head).difference(&known).copied().collect();
        self.tell_push(branch, before, head, &brought);
        if branch == "main" || branch.starts_with("hotfix/cut") {
            self.deployable.push(head);
        }
    }

    /// A branch created by GitLab's button: a push that brings nothing.
    pub(super) fn create_branch(&mut self, branch: &str, base: usize) {
        self.branches.insert(branch.to_owned(), base);
        self.truth.heads.insert(branch.to_owned(), base);
        self.tell_push(branch, None, base, &[]);
    }

    /// Writes the list of a merge request anew, as GitLab does after each push to its branch.
    pub(super) fn list_commits(&mut self, number: u64) {
        let request = &self.truth.requests[place(number)];
        let reached = self.truth.reach(self.head(&request.source));
        let theirs = self.truth.reach(self.head(&request.target));
        let list = reached.difference(&theirs).copied().collect();
        self.truth.requests[place(number)].commits = list;
    }

    pub(super) fn merge(&mut self, number: u64, method: Method) {
        let request = self.truth.requests[place(number)].clone();
        let (ours, theirs) = (self.head(&request.target), self.head(&request.source));
        let is_ahead = ours == theirs || self.truth.is_strict_ancestor(ours, theirs);
        let is_cut = request.source.starts_with("hotfix/cut");
        let method = match method {
            Method::FastForward if !is_ahead => Method::MergeCommit,
            Method::Train if is_ahead || is_cut || request.commits.len() != 1 => {
                Method::MergeCommit
            }
            other => other,
        };
        let fresh = Making::default();
        let (landing, squash) = match method {
            Method::MergeCommit => (self.commit(vec![ours, theirs], fresh), None),
            Method::Squash => {
                let squash = self.commit(vec![ours], fresh);
                (squash, Some(squash))
            }
            Method::SquashAndMergeCommit => {
                let squash = self.commit(vec![ours], fresh);
                (self.commit(vec![ours, squash], fresh), Some(squash))
            }
            Method::FastForward => (theirs, None),
            Method::Train => (self.replay(theirs, ours), None),
        };
        self.push(&request.target, landing);
        let merged = TrueMerge { at: self.now, method, landing, squash };
        self.truth.requests[place(number)].merged = Some(merged);
        self.open.retain(|own| *own != number);
        self.tell_request(number);
    }
}

/// Where the thing of a number stands.
pub(super) fn place(number: u64) -> usize {
    usize::try_from(number).unwrap() - 1
}
