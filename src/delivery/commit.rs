//! A commit, as pushes and merge requests tell of it.

use super::ids::CommitSha;
use super::register::{Earliest, Ever, Greatest, Merge};

/// Keyed hash of a commit's author, authored date and title: recognises a commit after a rebase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitIdentity(pub [u8; 16]);

/// One commit. Its dates come from its author's machine: they order nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Key within the project.
    pub sha: CommitSha,
    /// Authored date.
    pub authored_at: Earliest,
    /// Committed date, which hooks do not carry.
    pub committed_at: Earliest,
    /// Whether its message is that of a merge ("Merge branch …"), the only sign hooks give of two
    /// parents.
    pub is_merge: Ever,
    /// Whether its author matches `exclude_authors`.
    pub author_excluded: Ever,
    /// The commit it was cherry-picked from.
    pub picked_from: Greatest<CommitSha>,
    /// The commit it reverts.
    pub reverts: Greatest<CommitSha>,
    /// What it is after a rebase.
    pub identity: Greatest<CommitIdentity>,
}

impl Commit {
    /// A commit of which only the id is known.
    #[must_use]
    pub fn new(sha: CommitSha) -> Self {
        Self {
            sha,
            authored_at: Earliest::default(),
            committed_at: Earliest::default(),
            is_merge: Ever::default(),
            author_excluded: Ever::default(),
            picked_from: Greatest::default(),
            reverts: Greatest::default(),
            identity: Greatest::default(),
        }
    }
}

impl Merge for Commit {
    fn merge(&mut self, other: Self) {
        let Self {
            sha: _,
            authored_at,
            committed_at,
            is_merge,
            author_excluded,
            picked_from,
            reverts,
            identity,
        } = other;
        self.authored_at.merge(authored_at);
        self.committed_at.merge(committed_at);
        self.is_merge.merge(is_merge);
        self.author_excluded.merge(author_excluded);
        self.picked_from.merge(picked_from);
        self.reverts.merge(reverts);
        self.identity.merge(identity);
    }
}
