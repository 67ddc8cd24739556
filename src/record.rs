//! What we keep of one statement: allow-listed fields only, and the key that makes it count once.

use std::fmt;
use std::sync::Arc;

use crate::delivery::{Fact, InstanceId};

/// What a statement is about: of a delivery GitLab's `object_kind`, else `event_name`; of what the
/// API told, the resource.
///
/// The set is open; an unheard-of kind is as good as any other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Arc<str>);

impl Kind {
    /// Keeps the first 64 characters of GitLab's word for it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(64).collect::<String>().into())
    }

    /// GitLab's word for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a statement reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A webhook delivery.
    Webhook,
    /// GitLab's REST API, which was asked.
    Api,
    /// A webhook delivery that never arrived, as GitLab's log of the hook kept it.
    DeliveryLog,
}

impl Channel {
    /// The name kept in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Api => "api",
            Self::DeliveryLog => "delivery_log",
        }
    }

    /// The channel of this name in the journal.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Webhook, Self::Api, Self::DeliveryLog]
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }
}

/// The allow-listed part of one statement, as JSON; nothing personal is left in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The installation whose credential verified, or that was asked.
    pub instance: InstanceId,
    /// How it came.
    pub channel: Channel,
    /// What it is about.
    pub kind: Kind,
    /// Allow-listed keys of the body, and what was derived from the dropped ones.
    pub json: Box<[u8]>,
}

/// What is kept of a body that could not be read: enough to find it at GitLab, none of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Byte at which reading failed.
    pub position: u64,
    /// Why, in words that quote nothing of the body.
    pub why: &'static str,
}

/// The name under which a delivery counts once, within the source whose secret verified:
/// `webhook-id`, else `Idempotency-Key`, else a digest of instance, event and body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey(Box<[u8]>);

impl DeliveryKey {
    /// Longest key kept whole; GitLab's are UUIDs of 36 bytes, a longer one is replaced by its
    /// digest where it is read.
    pub const MAX_BYTES: usize = 128;

    /// Wraps the bytes of the key.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What became of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Read, and facts drawn from it.
    Projected {
        /// What was kept.
        record: Record,
        /// What it says; never empty.
        facts: Vec<Fact>,
    },
    /// Read, but it says nothing that we measure.
    Irrelevant {
        /// What was kept.
        record: Record,
        /// Why it says nothing.
        why: &'static str,
    },
    /// Read, but what it says cannot be understood.
    Unreadable {
        /// What was kept.
        record: Record,
        /// What is missing or wrong, with its JSON path.
        why: String,
    },
    /// Not read at all.
    Unread(Unread),
}

/// One statement on its way to the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The installation whose credential verified; the scope of `key`.
    pub source: InstanceId,
    /// The name under which it counts once.
    pub key: DeliveryKey,
    /// When it was received, in milliseconds since the epoch.
    pub received_ms: i64,
    /// What it says.
    pub content: Content,
}
