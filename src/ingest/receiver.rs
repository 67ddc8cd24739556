//! One delivery's way in: verify, scrub, project, queue, and wait until it is durable.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{NotDurable, Queue, ReceiveError};
use crate::clock::Clock;
use crate::gitlab::{self, Pseudonyms};
use crate::instruments::{DeliveryResult, Instruments};
use crate::projection::{self, Projection};
use crate::proof::{Authenticator, DeliveryHeaders, Refusal, Verified};
use crate::record::{Content, Entry, Record, Unread};
use crate::store::Outcome;

/// Larger bodies are hashed and read on the blocking pool: at this size that takes about a
/// millisecond, and a worker serves other connections meanwhile.
const INLINE_BYTES: usize = 256 << 10;

/// What became of an acknowledged delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// In one word.
    pub result: DeliveryResult,
}

/// What the operator may change while deliveries come in.
#[derive(Debug)]
pub struct Rules {
    /// Who is believed, and about which projects.
    pub authenticator: Authenticator,
    /// How persons become hashes.
    pub pseudonyms: Pseudonyms,
}

/// Receives deliveries; clones share everything.
#[derive(Debug, Clone)]
pub struct Receiver(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    rules: ArcSwap<Rules>,
    queue: Queue,
    clock: Arc<dyn Clock>,
    instruments: Arc<Instruments>,
}

impl Receiver {
    /// A receiver that queues into `queue`.
    #[must_use]
    pub fn new(
        rules: Rules,
        queue: Queue,
        clock: Arc<dyn Clock>,
        instruments: Arc<Instruments>,
    ) -> Self {
        Self(Arc::new(Inside { rules: ArcSwap::from_pointee(rules), queue, clock, instruments }))
    }

    /// Replaces the rules for the deliveries that come from now on.
    pub fn reload(&self, rules: Rules) {
        self.0.rules.store(Arc::new(rules));
    }

    /// Says what can be said before the body is read.
    ///
    /// # Errors
    /// [`Refusal`] when no body could make the delivery acceptable.
    pub fn precheck(&self, headers: &DeliveryHeaders<'_>) -> Result<(), Refusal> {
        self.0.rules.load().authenticator.precheck(headers)
    }

    /// Makes one delivery durable.
    ///
    /// Once the proof has been accepted the delivery is kept, even when the caller goes away.
    ///
    /// # Errors
    /// [`ReceiveError::Refused`] for a bad proof; [`ReceiveError::NotDurable`] when it was not
    /// durable by `deadline`. Never for what the delivery says.
    pub async fn receive(
        &self,
        headers: &DeliveryHeaders<'_>,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Receipt, ReceiveError> {
        let rules = self.0.rules.load_full();
        let now = self.0.clock.now();
        let verified =
            rules.authenticator.verify(headers, body, now).map_err(ReceiveError::Refused)?;
        if let Some(sent_at) = verified.sent_at {
            self.0.instruments.clock_compared(now, sent_at);
        }
        let inside = Arc::clone(&self.0);
        let settled = if verified.body.len() <= INLINE_BYTES {
            let prepared = inside.prepare(&rules, &verified);
            drop(verified);
            inside.settle(prepared, deadline).await
        } else {
            let task = tokio::spawn(inside.receive_large(rules, verified, deadline));
            task.await.unwrap_or(Err(NotDurable::Stopping))
        };
        settled.map_err(ReceiveError::NotDurable)
    }
}

/// An entry, and what is said of it when it becomes durable.
struct Prepared {
    entry: Entry,
    kind: String,
    result: DeliveryResult,
}

impl Inside {
    async fn receive_large(
        self: Arc<Self>,
        rules: Arc<Rules>,
        verified: Verified,
        deadline: Instant,
    ) -> Result<Receipt, NotDurable> {
        let inside = Arc::clone(&self);
        let read = tokio::task::spawn_blocking(move || inside.prepare(&rules, &verified));
        let prepared = read.await.map_err(|_| NotDurable::Stopping)?;
        self.settle(prepared, deadline).await
    }

    /// Reads a verified body; whatever it is, an entry comes of it.
    fn prepare(&self, rules: &Rules, verified: &Verified) -> Prepared {
        let scrubbed = self.guarded(|| gitlab::scrub(verified, &rules.pseudonyms));
        let (kind, (content, result)) = match scrubbed {
            Some(Ok(record)) => (record.kind.to_string(), self.understand(rules, record)),
            Some(Err(unread)) => {
                (String::new(), (Content::Unread(unread), DeliveryResult::Unreadable))
            }
            None => {
                let unread = unread_after_panic(&verified.body);
                (String::new(), (Content::Unread(unread), DeliveryResult::Unreadable))
            }
        };
        let entry = Entry {
            source: verified.source,
            key: verified.key.clone(),
            received_ms: self.clock.now_ms(),
            content,
        };
        Prepared { entry, kind, result }
    }

    fn understand(&self, rules: &Rules, record: Record) -> (Content, DeliveryResult) {
        // Without a path nothing ties the record to an allowed project.
        let path = gitlab::project_path(&record).unwrap_or_default();
        if !rules.authenticator.allows(record.instance, &path) {
            let why = "project out of scope";
            return (Content::Irrelevant { record, why }, DeliveryResult::OutOfScope);
        }
        match self.guarded(|| projection::project(&record)) {
            Some(Projection::Facts(facts)) => {
                (Content::Projected { record, facts }, DeliveryResult::Stored)
            }
            Some(Projection::Irrelevant(why)) => {
                (Content::Irrelevant { record, why }, DeliveryResult::Irrelevant)
            }
            Some(Projection::Unreadable(why)) => {
                (Content::Unreadable { record, why }, DeliveryResult::Unreadable)
            }
            None => {
                let why = PANICKED.to_owned();
                (Content::Unreadable { record, why }, DeliveryResult::Unreadable)
            }
        }
    }

    async fn settle(&self, prepared: Prepared, deadline: Instant) -> Result<Receipt, NotDurable> {
        let Prepared { entry, kind, result } = prepared;
        let result = match self.queue.submit(entry, deadline).await? {
            Outcome::New => result,
            Outcome::Duplicate => DeliveryResult::Duplicate,
            Outcome::Conflict => DeliveryResult::Conflict,
        };
        self.instruments.delivery_accepted(&kind, result, self.clock.now());
        Ok(Receipt { result })
    }

    /// What `work` gives, or `None` when it panics: a defect of ours must not cost a delivery.
    fn guarded<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        // Nothing that `work` could leave half changed is looked at afterwards.
        let done = catch_unwind(AssertUnwindSafe(work)).ok();
        if done.is_none() {
            self.instruments.panicked();
        }
        done
    }
}

const PANICKED: &str = "reading it panicked";

fn unread_after_panic(body: &[u8]) -> Unread {
    Unread {
        digest: Sha256::digest(body).into(),
        size_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
        position: 0,
        why: PANICKED,
    }
}
