//! The journal read again, by the rules of projection of this version.
//!
//! Facts only ever merge, so what comes out is what would have been stored had these rules been
//! there all along, and whatever older rules said beyond them. It goes on where it was stopped.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{OUT_OF_SCOPE, PANICKED};
use crate::delivery::{Fact, KeptJobs};
use crate::projection::{self, PROJECTION_VERSION, Projection};
use crate::record::{Content, Entry, Record};
use crate::store::{Reprojected, Store, StoreError, StoredContent, StoredEntry};

/// Entries of one transaction: whoever waits for the next commit waits some milliseconds.
const STEP: u32 = 500;

/// What is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayScope {
    /// Entries that older rules projected.
    Behind,
    /// All entries.
    Everything,
}

/// What a replay did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Entries of the journal that were looked at.
    pub entries: u64,
    /// Entries that were projected again.
    pub projected: u64,
    /// Facts that this changed.
    pub changed: u64,
    /// Rows that the disk damaged, passed over.
    pub damaged: u64,
}

/// One replay on its way through the journal.
#[derive(Debug)]
pub struct Replay {
    scope: ReplayScope,
    is_trial: bool,
    kept_jobs: KeptJobs,
    after: Option<i64>,
    done: Replayed,
}

/// What one step of a replay came to.
#[derive(Debug)]
pub enum ReplayStep {
    /// There may be more; these facts changed.
    Changed(Vec<Fact>),
    /// The end of the journal was reached.
    End,
}

impl Replay {
    /// Begins a replay; on trial it changes nothing and counts what it would change.
    #[must_use]
    pub fn new(scope: ReplayScope, is_trial: bool, kept_jobs: KeptJobs) -> Self {
        Self { scope, is_trial, kept_jobs, after: None, done: Replayed::default() }
    }

    /// What was done so far.
    #[must_use]
    pub const fn done(&self) -> Replayed {
        self.done
    }

    /// Reads the next entries, at most 500, in one transaction.
    ///
    /// # Errors
    /// When the store cannot be read or written; the same step may be taken again.
    pub fn step(&mut self, store: &Store) -> Result<ReplayStep, StoreError> {
        let entries = store.scan(self.after, STEP)?;
        let Some(last) = entries.last().map(|entry| entry.entry_id) else {
            if !self.is_trial {
                store.projected_by(PROJECTION_VERSION)?;
            }
            return Ok(ReplayStep::End);
        };
        let looked_at = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let damaged = entries.iter().filter(|entry| !entry.intact).count();
        let concerned = entries.into_iter().filter(|entry| self.concerns(entry));
        let again: Vec<Reprojected> =
            concerned.filter_map(|entry| again(entry, &self.kept_jobs)).collect();
        let changed = self.apply(store, &again)?;
        self.after = Some(last);
        self.done.entries += looked_at;
        self.done.damaged += u64::try_from(damaged).unwrap_or(u64::MAX);
        self.done.projected += u64::try_from(again.len()).unwrap_or(u64::MAX);
        Ok(ReplayStep::Changed(changed))
    }

    fn apply(&mut self, store: &Store, again: &[Reprojected]) -> Result<Vec<Fact>, StoreError> {
        if again.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_trial {
            self.done.changed += store.would_change(again, PROJECTION_VERSION)?;
            return Ok(Vec::new());
        }
        let changed = store.reproject(again, PROJECTION_VERSION)?;
        self.done.changed += u64::try_from(changed.len()).unwrap_or(u64::MAX);
        Ok(changed)
    }

    fn concerns(&self, entry: &StoredEntry) -> bool {
        let is_behind = entry.projection_version < PROJECTION_VERSION;
        entry.intact && (is_behind || self.scope == ReplayScope::Everything)
    }
}

/// The entry as it reads today; nothing for what was never read or must not be.
fn again(stored: StoredEntry, kept_jobs: &KeptJobs) -> Option<Reprojected> {
    let record = match stored.content {
        StoredContent::Projected(record) | StoredContent::Unreadable { record, .. } => record,
        StoredContent::Irrelevant { record, why } => (why != OUT_OF_SCOPE).then_some(record)?,
        StoredContent::Unread(_) => return None,
    };
    let (source, key, received_ms) = (stored.source, stored.key, stored.received_ms);
    let entry = Entry { source, key, received_ms, content: content(record, kept_jobs) };
    Some((stored.entry_id, entry))
}

/// What a record says, by the rules of this version; a defect of ours makes it unreadable.
#[must_use]
pub fn content(record: Record, kept_jobs: &KeptJobs) -> Content {
    // Nothing that it could leave half changed is looked at afterwards.
    match catch_unwind(AssertUnwindSafe(|| projection::project(&record))) {
        Ok(Projection::Facts(facts)) => Content::Projected { record, facts: kept_jobs.of(facts) },
        Ok(Projection::Irrelevant(why)) => Content::Irrelevant { record, why },
        Ok(Projection::Unreadable(why)) => Content::Unreadable { record, why },
        Err(_) => Content::Unreadable { record, why: PANICKED.to_owned() },
    }
}
