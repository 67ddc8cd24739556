//! The memory that request bodies may take, all together.
//!
//! The first 64 KiB of a body are always free, because the number of connections bounds them: an
//! ordinary delivery never waits for a giant one. What is larger reserves all it may become before
//! more of it is read, in turn, so that several half-read bodies cannot block each other for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::instruments::Instruments;

/// Part of each body that needs no reservation: with 1,024 connections at most 64 MiB.
pub(super) const FREE_BYTES: usize = 64 << 10;

/// What is known of a sender before its body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its secret token verified.
    Proved,
    /// It claims a signature, which needs the body.
    Claimed,
}

/// The memory for bodies; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    all: Arc<Semaphore>,
    claimed: Arc<Semaphore>,
    held: Arc<AtomicU64>,
    instruments: Arc<Instruments>,
}

/// A part of the budget; given back when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    _all: OwnedSemaphorePermit,
    _claimed: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// `bytes` for all bodies beyond their free part; senders that have proved nothing yet share a
    /// quarter of it.
    pub(super) fn new(bytes: usize, instruments: Arc<Instruments>) -> Self {
        Self {
            all: Arc::new(Semaphore::new(bytes)),
            claimed: Arc::new(Semaphore::new(bytes / 4)),
            held: Arc::default(),
            instruments,
        }
    }

    /// Waits in turn for `bytes`. `None` when there can never be as much.
    pub(super) async fn reserve(&self, bytes: usize, standing: Standing) -> Option<Reservation> {
        let bytes = u32::try_from(bytes).ok()?;
        let claimed = match standing {
            Standing::Proved => None,
            Standing::Claimed => {
                Some(Arc::clone(&self.claimed).acquire_many_owned(bytes).await.ok()?)
            }
        };
        let all = Arc::clone(&self.all).acquire_many_owned(bytes).await.ok()?;
        Some(Reservation { _all: all, _claimed: claimed })
    }

    /// Ties a finished body to its reservation: both end with the last reference to the bytes.
    pub(super) fn bind(&self, body: Bytes, reservation: Option<Reservation>) -> Bytes {
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        self.count(self.held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes));
        Bytes::from_owner(Held { body, budget: self.clone(), _reservation: reservation })
    }

    fn count(&self, held: u64) {
        self.instruments.inflight_body_bytes(held);
    }
}

struct Held {
    body: Bytes,
    budget: Budget,
    _reservation: Option<Reservation>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let bytes = u64::try_from(self.body.len()).unwrap_or(u64::MAX);
        let before = self.budget.held.fetch_sub(bytes, Ordering::Relaxed);
        self.budget.count(before.saturating_sub(bytes));
    }
}
