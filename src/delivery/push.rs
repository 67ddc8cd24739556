//! A push: how one reference moved, and the commits that came with it.

use std::cmp::Ordering;
use std::sync::Arc;

use super::ids::{CommitSha, RefName};
use super::register::{Greatest, Merge};

/// Commits of one push, oldest first. A longer list is greater: it knows more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct CommitList(pub Arc<[CommitSha]>);

impl Ord for CommitList {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for CommitList {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One move of a branch or tag to a new commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Full reference, `refs/heads/main`; first part of the key.
    pub ref_name: RefName,
    /// What the reference points to now; second part of the key. For an annotated tag this is the
    /// tag object.
    pub after: CommitSha,
    /// What it pointed to; nothing for a new reference.
    pub before: Greatest<CommitSha>,
    /// The commit behind `after`, where `after` is a tag object.
    pub checkout: Greatest<CommitSha>,
    /// The newest commits it brought, at most 20.
    pub commits: Greatest<CommitList>,
    /// How many commits it brought, listed or not.
    pub total_commits: Greatest<u32>,
}

impl Push {
    /// A push of which only the key is known.
    #[must_use]
    pub fn new(ref_name: RefName, after: CommitSha) -> Self {
        Self {
            ref_name,
            after,
            before: Greatest::default(),
            checkout: Greatest::default(),
            commits: Greatest::default(),
            total_commits: Greatest::default(),
        }
    }

    /// The listed commits, oldest first.
    #[must_use]
    pub fn listed(&self) -> &[CommitSha] {
        self.commits.0.as_ref().map_or(&[], |list| &list.0)
    }

    /// Whether every commit of the push is listed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.total_commits
            .0
            .is_some_and(|total| usize::try_from(total).is_ok_and(|n| n == self.listed().len()))
    }
}

impl Merge for Push {
    fn merge(&mut self, other: Self) {
        let Self { ref_name: _, after: _, before, checkout, commits, total_commits } = other;
        self.before.merge(before);
        self.checkout.merge(checkout);
        self.commits.merge(commits);
        self.total_commits.merge(total_commits);
    }
}
