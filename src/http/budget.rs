//! The memory that request bodies may take, all together.
//!
//! The first part of a body is always free, because the number of connections bounds it: an
//! ordinary delivery never waits for a giant one. What is larger reserves all it may become before
//! more of it is read, in turn, so that several half-read bodies cannot block each other for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::BodyLimits;
use crate::instruments::Instruments;

/// Part of each body that needs no reservation: few deliveries are larger. With 1,024 connections
/// it makes 64 MiB at most.
const FREE_BYTES: usize = 64 << 10;

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
    free_bytes: usize,
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
    /// The memory that `limits` grant; senders that have proved nothing yet share a quarter of
    /// what needs a reservation, but at least one largest body.
    pub(super) fn new(limits: &BodyLimits, instruments: Arc<Instruments>) -> Self {
        let connections = limits.connections.max(1);
        let free_bytes = FREE_BYTES.min(limits.inflight_bytes / 4 / connections);
        let reserved = limits.inflight_bytes.saturating_sub(free_bytes.saturating_mul(connections));
        let reserved = reserved.clamp(limits.bytes, Semaphore::MAX_PERMITS);
        let claimed = (reserved / 4).max(limits.bytes.min(reserved));
        Self {
            all: Arc::new(Semaphore::new(reserved)),
            claimed: Arc::new(Semaphore::new(claimed)),
            free_bytes,
            held: Arc::default(),
            instruments,
        }
    }

    /// Part of each body that needs no reservation.
    pub(super) const fn free_bytes(&self) -> usize {
        self.free_bytes
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
