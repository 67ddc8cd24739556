//! What goes into the store and comes out of it, besides facts.

use crate::delivery::{Fact, InstanceId};
use crate::record::{DeliveryKey, Kind, Record, Unread};

/// What one commit did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// One for each entry of the batch, in its order.
    pub outcomes: Vec<Outcome>,
    /// The facts that changed, merged as they now are; each key once, in no particular order.
    pub changed: Vec<Fact>,
}

/// What became of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Heard for the first time.
    New,
    /// Heard before with the same record; nothing changed.
    Duplicate,
    /// Its key was heard before with another record: kept beside it and merged.
    Conflict,
}

/// What was heard from one source of one kind; duplicates left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The source.
    pub source: InstanceId,
    /// GitLab's word for the kind; [`Heard::OTHERS`] for what came after [`Heard::MAX_KINDS`].
    pub kind: Kind,
    /// Receipt of the first one, in milliseconds since the epoch.
    pub first_ms: i64,
    /// Receipt of the last one, in milliseconds since the epoch.
    pub last_ms: i64,
    /// How many.
    pub deliveries: u64,
}

impl Heard {
    /// Kinds of one source that are told apart: GitLab knows about thirty, and a holder of the
    /// secret could invent any number.
    pub const MAX_KINDS: usize = 256;

    /// Stands for all further kinds.
    pub const OTHERS: &str = "(other)";
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place: ascends in the order of commits, with gaps.
    pub entry_id: i64,
    /// The source whose credential verified.
    pub source: InstanceId,
    /// The name under which it counts once.
    pub key: DeliveryKey,
    /// When it was received, in milliseconds since the epoch.
    pub received_ms: i64,
    /// Version of the projection that drew its facts.
    pub projection_version: u32,
    /// What was kept.
    pub content: StoredContent,
    /// Whether the row is what was once written; `false` means that the file was damaged.
    pub intact: bool,
}

/// What the journal keeps of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredContent {
    /// Facts were drawn from it.
    Projected(Record),
    /// It says nothing that we measure.
    Irrelevant {
        /// What was kept.
        record: Record,
        /// Why it says nothing.
        why: String,
    },
    /// What it says could not be understood.
    Unreadable {
        /// What was kept.
        record: Record,
        /// What is missing or wrong.
        why: String,
    },
    /// It could not be read at all.
    Unread(UnreadEntry),
}

/// [`Unread`], read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadEntry {
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Byte at which reading failed.
    pub position: u64,
    /// Why.
    pub why: String,
}

impl From<&Unread> for UnreadEntry {
    fn from(unread: &Unread) -> Self {
        Self {
            digest: unread.digest,
            size_bytes: unread.size_bytes,
            position: unread.position,
            why: unread.why.to_owned(),
        }
    }
}

/// How long things are kept; totals are kept for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days for which journal entries, and the keys of deliveries, are kept after their receipt.
    pub journal_days: u32,
    /// Days for which a fact is kept after it was last heard of; open things are kept longer.
    pub facts_days: u32,
}

impl Default for Retention {
    /// Journal 180 days, facts 25 months.
    fn default() -> Self {
        Self { journal_days: 180, facts_days: 762 }
    }
}

/// What one call of maintenance did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Journal entries removed.
    pub entries: u64,
    /// Facts removed.
    pub facts: u64,
    /// Pages given back to the file system.
    pub pages: u64,
    /// Whether there is more to do now: call again soon.
    pub more: bool,
}

/// How the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreHealth {
    /// Room for this process on the disk of the store, in bytes.
    pub free_bytes: u64,
    /// How near the disk is to its end.
    pub room: Room,
    /// Whether the file system is mounted read-only.
    pub read_only: bool,
    /// Size of the database file, in bytes.
    pub database_bytes: u64,
    /// Size of the write-ahead log, in bytes.
    pub wal_bytes: u64,
    /// Whether the reserve for a full disk is in place.
    pub ballast: bool,
}

impl StoreHealth {
    /// Whether a commit can be expected to succeed now.
    #[must_use]
    pub const fn can_commit(&self) -> bool {
        !self.read_only && !matches!(self.room, Room::Exhausted)
    }
}

/// Room on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Enough.
    Ample,
    /// Little: purge early, tell somebody.
    Low,
    /// So little that nothing is accepted until there is more.
    Exhausted,
}

/// A digest of all facts, independent of their order: equal for two stores that hold the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FactsDigest {
    /// How many facts.
    pub facts: u64,
    /// Sum of the facts' SHA-256 digests, as four 64-bit numbers.
    pub sum: [u64; 4],
}

impl std::fmt::Display for FactsDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} facts ", self.facts)?;
        self.sum.iter().try_for_each(|word| write!(f, "{word:016x}"))
    }
}
