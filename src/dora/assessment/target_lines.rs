//! Which pushes brought which commits to the branches that merge requests target.

use crate::delivery::ProjectHistory;
use crate::delivery::history::{BranchNumber, CommitNumber, PushRow, RequestRow};

/// Pushes to target branches, by the commits that they brought.
#[derive(Debug)]
pub(super) struct TargetLines<'a> {
    history: &'a ProjectHistory,
    /// By commit: its last entry.
    last: Vec<Option<u32>>,
    /// A push, and the entry of the same commit before it.
    entries: Vec<(&'a PushRow, Option<u32>)>,
}

impl<'a> TargetLines<'a> {
    pub(super) fn new(history: &'a ProjectHistory) -> Self {
        let mut is_target: Vec<bool> = Vec::new();
        for target in history.requests().rows().iter().filter_map(RequestRow::target) {
            if is_target.len() <= target.place() {
                is_target.resize(target.place() + 1, false);
            }
            if let Some(target) = is_target.get_mut(target.place()) {
                *target = true;
            }
        }
        let last = vec![None; history.commit_numbers()];
        let mut own = Self { history, last, entries: Vec::new() };
        let pushes = history.pushes();
        let to_target = |push: &&PushRow| {
            push.branch().is_some_and(|branch| is_target.get(branch.place()) == Some(&true))
        };
        for push in pushes.rows().iter().filter(to_target) {
            let listed = pushes.listed(push);
            let after = Some(push.after()).filter(|after| listed.last() != Some(after));
            for commit in listed.iter().copied().chain(after) {
                own.add(commit, push);
            }
        }
        own
    }

    fn add(&mut self, commit: CommitNumber, push: &'a PushRow) {
        let own = u32::try_from(self.entries.len()).ok();
        if let Some(last) = self.last.get_mut(commit.place()) {
            self.entries.push((push, *last));
            *last = own;
        }
    }

    /// Pushes to `branch` that brought this commit.
    pub(super) fn of(
        &self,
        branch: BranchNumber,
        commit: CommitNumber,
    ) -> impl Iterator<Item = &'a PushRow> {
        let entry = |number: u32| self.entries.get(usize::try_from(number).ok()?).copied();
        let last = self.last.get(commit.place()).copied().flatten();
        let all = std::iter::successors(last.and_then(entry), move |(_, before)| entry((*before)?));
        all.map(|(push, _)| push).filter(move |push| push.branch() == Some(branch))
    }

    /// Whether any of them brought this commit.
    pub(super) fn hold(&self, commit: CommitNumber) -> bool {
        self.last.get(commit.place()).is_some_and(Option::is_some)
    }

    /// Whether a push brought this commit.
    pub(super) fn brings(&self, push: &PushRow, commit: CommitNumber) -> bool {
        push.after() == commit || self.history.pushes().listed(push).contains(&commit)
    }
}
