//! Why a delivery was not acknowledged, by what the sender's answer must be.

use crate::proof::Refusal;

/// Why an entry was not known to be durable when its time was up. It may become durable later,
/// which harms nothing: a repeat of it is a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDurable {
    /// The queue had no room until the deadline.
    #[error("no room in the queue until the deadline")]
    NoRoom,
    /// It was queued, and no commit that holds it succeeded until the deadline.
    #[error("not committed until the deadline")]
    TooLate,
    /// The program is stopping and takes nothing in any more.
    #[error("stopping")]
    Stopping,
    /// The store refused it, even without its facts.
    #[error("refused by the store")]
    Refused,
    /// The writer ended: the disk failed under it, or it panicked.
    #[error("the writer is gone")]
    WriterGone,
}

impl NotDurable {
    /// The reason under which refusals are counted.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NoRoom => "no_room",
            Self::TooLate => "deadline",
            Self::Stopping => "stopping",
            Self::Refused | Self::WriterGone => "store",
        }
    }
}

/// Why a delivery was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// Its proof of origin is missing or wrong: 401.
    #[error("proof refused")]
    Refused(#[source] Refusal),
    /// It was not durable in time: 503.
    #[error("not durable")]
    NotDurable(#[source] NotDurable),
}
