//! What a run came to: what was read, what could not be and why, and why it stopped early.

use std::collections::BTreeSet;

use crate::delivery::{ProjectId, ProjectPath};
use crate::ingest::NotDurable;
use crate::rest::RestError;
use crate::store::StoreError;

/// Lists that could not be read are named up to here, and counted beyond.
const MOST_NAMED: usize = 1_000;

/// What a run did.
#[derive(Debug, Default)]
pub struct Report {
    /// Projects in scope.
    pub projects: u64,
    /// Requests sent, repeated ones included.
    pub requests: u64,
    /// Rows read.
    pub rows: u64,
    /// Of these, statements that were new.
    pub new: u64,
    /// Rows that were no resource; nothing of them is kept.
    pub odd_rows: u64,
    /// Successes, merges and issues that the API told first although hooks speak.
    pub gaps: u64,
    /// Rows outside of what was asked for: GitLab does not know a filter.
    pub outside: u64,
    /// Lists that could not be read.
    pub failures: u64,
    /// The first of them.
    pub unread: Vec<Unread>,
    /// Projects of which a list could not be read this time that GitLab gives.
    pub missed: BTreeSet<ProjectId>,
}

/// A list that could not be read.
#[derive(Debug)]
pub struct Unread {
    /// Whose; `None` for the list of projects itself.
    pub project: Option<ProjectPath>,
    /// Which list, by its name in the store.
    pub list: String,
    /// Why.
    pub why: Failed,
}

/// Why one list could not be read. The others are read all the same.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// GitLab did not give it.
    #[error(transparent)]
    GitLab(#[from] RestError),
    /// GitLab gave something else than a list.
    #[error("the answer is no list")]
    NoList,
}

impl Failed {
    /// Whether GitLab does not give it to this token: asking again is of no use.
    #[must_use]
    pub const fn is_withheld(&self) -> bool {
        matches!(self, Self::GitLab(RestError::Forbidden { .. } | RestError::NotFound))
    }

    /// What may be done about it, as the end of a sentence; nothing where waiting is all.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        match self {
            Self::GitLab(RestError::Forbidden { .. }) => Some(
                "the feature may be switched off for the project, or the token's user has too \
                 little of a role there (Reporter is enough to read)",
            ),
            Self::GitLab(RestError::NotFound) => {
                Some("the feature may be switched off for the project, or hidden from the token")
            }
            _ => None,
        }
    }
}

/// Why a whole run ended early. What was read is kept, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// GitLab will give nothing to this token at this address.
    #[error("GitLab refused")]
    Refused(#[source] RestError),
    /// GitLab does not answer, time and again.
    #[error("GitLab cannot be reached")]
    Unreachable(#[source] RestError),
    /// The store does not take what was read.
    #[error("the store takes nothing more")]
    NotDurable(#[source] NotDurable),
    /// The store cannot say or note how far the API was read.
    #[error("the bookmarks cannot be kept")]
    Store(#[source] StoreError),
}

impl Report {
    /// Notes a list that could not be read.
    pub(super) fn failed(&mut self, unread: Unread) {
        self.failures += 1;
        if self.unread.len() < MOST_NAMED {
            self.unread.push(unread);
        }
    }
}
