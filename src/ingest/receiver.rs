//! One delivery's way in: verify, scrub, project, queue, and wait until it is durable.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{
    Contacts, Heard, Lane, NotDurable, OUT_OF_SCOPE, PANICKED, Queue, ReceiveError, Trust,
};
use crate::clock::Clock;
use crate::delivery::{Doubt, InstanceId, KeptJobs, ProjectKey, Timestamp};
use crate::gitlab::{self, Pseudonyms};
use crate::instruments::{DeliveryResult, Instruments};
use crate::projection::{self, Projection};
use crate::proof::{self, Authenticator, DeliveryHeaders, Nonce, ProofKind, Refusal, Verified};
use crate::record::{Content, DeliveryKey, Entry, Kind, Record, Unread};
use crate::store::Outcome;

/// Larger bodies are hashed and read on the blocking pool: at this size that takes about a
/// millisecond, and a worker serves other connections meanwhile.
const INLINE_BYTES: usize = 256 << 10;

/// What became of a delivery that was believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is durable, or was before.
    Kept(DeliveryResult),
    /// It was a probe of ours, of so many bytes; nothing was kept or counted.
    Probe(Nonce, usize),
}

/// What the operator may change while deliveries come in.
#[derive(Debug)]
pub struct Rules {
    /// Who is believed, and about which projects.
    pub authenticator: Authenticator,
    /// How persons become hashes.
    pub pseudonyms: Pseudonyms,
    /// Which jobs of pipelines become facts.
    pub kept_jobs: KeptJobs,
}

/// Receives deliveries; clones share everything.
#[derive(Debug, Clone)]
pub struct Receiver(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    rules: ArcSwap<Rules>,
    parts: ReceiverParts,
}

/// What the receiver works with.
#[derive(Debug)]
pub struct ReceiverParts {
    /// Where entries go.
    pub queue: Queue,
    /// Which kinds have been heard.
    pub heard: Arc<Heard>,
    /// Which projects have been heard of.
    pub contacts: Arc<Contacts>,
    /// Of which projects something is missing.
    pub trust: Arc<Trust>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Counts what is accepted.
    pub instruments: Arc<Instruments>,
}

impl Receiver {
    /// A receiver that follows `rules` until they are replaced.
    #[must_use]
    pub fn new(rules: Rules, parts: ReceiverParts) -> Self {
        Self(Arc::new(Inside { rules: ArcSwap::from_pointee(rules), parts }))
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
    /// Once the proof has been accepted the delivery is kept, even when the caller goes away; but a
    /// probe of ours is answered and not kept.
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
        let now = self.0.parts.clock.now();
        let verified =
            rules.authenticator.verify(headers, body, now).map_err(ReceiveError::Refused)?;
        if let Some(nonce) = proof::probe_nonce(&verified.body) {
            return Ok(Receipt::Probe(nonce, verified.body.len()));
        }
        self.0.note_proof(&verified, now);
        let inside = Arc::clone(&self.0);
        let settled = if verified.body.len() <= INLINE_BYTES {
            let prepared = inside.prepare_verified(&rules, &verified);
            drop(verified);
            inside.settle(prepared, deadline).await
        } else {
            let task = tokio::spawn(inside.receive_large(rules, verified, deadline));
            task.await.unwrap_or(Err(NotDurable::Stopping))
        };
        settled.map_err(ReceiveError::NotDurable)
    }

    /// Makes a delivery durable that never arrived, as GitLab's log of the hook shows it: by the
    /// rules of those that arrive, behind whatever senders wait for. It does not count as heard.
    /// Gives the project that it tells something of.
    ///
    /// # Errors
    /// [`NotDurable`] when it was not durable by `deadline`.
    pub async fn take_in_logged(
        &self,
        (source, key): (InstanceId, DeliveryKey),
        body: &str,
        deadline: Instant,
    ) -> Result<Option<ProjectKey>, NotDurable> {
        let rules = self.0.rules.load_full();
        let read = || gitlab::scrub_logged(source, body.as_bytes(), &rules.pseudonyms);
        let Prepared { entry, project, .. } =
            self.0.prepare(&rules, (source, key), body.as_bytes(), read);
        self.0.parts.queue.submit(entry, Lane::Backfill, deadline).await?;
        Ok(project)
    }
}

/// An entry, and what is said of it when it becomes durable.
struct Prepared {
    entry: Entry,
    /// `None` for what could not be read.
    kind: Option<Kind>,
    /// Of which project it tells something.
    project: Option<ProjectKey>,
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
        let read = tokio::task::spawn_blocking(move || inside.prepare_verified(&rules, &verified));
        let prepared = read.await.map_err(|_| NotDurable::Stopping)?;
        self.settle(prepared, deadline).await
    }

    fn prepare_verified(&self, rules: &Rules, verified: &Verified) -> Prepared {
        let read = || gitlab::scrub(verified, &rules.pseudonyms);
        self.prepare(rules, (verified.source, verified.key.clone()), &verified.body, read)
    }

    /// Reads a body; whatever it is, an entry comes of it.
    fn prepare(
        &self,
        rules: &Rules,
        (source, key): (InstanceId, DeliveryKey),
        body: &[u8],
        read: impl FnOnce() -> Result<Record, Unread>,
    ) -> Prepared {
        let scrubbed = self.guarded(read);
        let (kind, (content, result)) = match scrubbed {
            Some(Ok(record)) => (Some(record.kind.clone()), self.understand(rules, record)),
            Some(Err(unread)) => (None, (Content::Unread(unread), DeliveryResult::Unreadable)),
            None => {
                let unread = unread_after_panic(body);
                (None, (Content::Unread(unread), DeliveryResult::Unreadable))
            }
        };
        let project = match &content {
            Content::Projected { facts, .. } => facts.first().map(|fact| fact.project),
            Content::Unreadable { record, .. } => gitlab::project_id(record)
                .map(|project| ProjectKey { instance: record.instance, project }),
            _ => None,
        };
        let entry = Entry { source, key, received_ms: self.parts.clock.now_ms(), content };
        Prepared { entry, kind, project, result }
    }

    fn understand(&self, rules: &Rules, record: Record) -> (Content, DeliveryResult) {
        // Without a path nothing ties the record to an allowed project.
        let path = || gitlab::project_path(&record).unwrap_or_default();
        if !rules.authenticator.allows(record.instance, path) {
            let why = OUT_OF_SCOPE;
            return (Content::Irrelevant { record, why }, DeliveryResult::OutOfScope);
        }
        match self.guarded(|| projection::project(&record)) {
            Some(Projection::Facts(facts)) => {
                let facts = rules.kept_jobs.of(facts);
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
        let Prepared { entry, kind, project, result } = prepared;
        let submitted = self.parts.queue.submit(entry, Lane::Live, deadline).await;
        let now = self.parts.clock.now();
        let doubt = match &submitted {
            // What is late becomes durable all the same.
            Err(NotDurable::NoRoom | NotDurable::Refused) => Some(Doubt::Refused),
            Ok(_) if result == DeliveryResult::Unreadable => Some(Doubt::Unreadable),
            _ => None,
        };
        if let Some((project, doubt)) = project.zip(doubt) {
            self.parts.trust.with(|doubts| doubts.add(project, doubt, now));
        }
        let outcome = submitted?;
        let result = match outcome {
            Outcome::New => result,
            Outcome::Duplicate => DeliveryResult::Duplicate,
            Outcome::Conflict => DeliveryResult::Conflict,
        };
        if let (Some(kind), true) = (&kind, outcome != Outcome::Duplicate) {
            self.parts.heard.add(kind, now, 1);
            if let Some(project) = project.filter(|_| doubt.is_none()) {
                self.parts.contacts.hear(project, kind.as_str(), now);
            }
        }
        let kind = kind.as_ref().map_or("", Kind::as_str);
        self.parts.instruments.delivery_accepted(kind, result, now);
        Ok(Receipt::Kept(result))
    }

    fn note_proof(&self, verified: &Verified, now: Timestamp) {
        let instruments = &self.parts.instruments;
        instruments.secret_used(&verified.secret().to_string(), now);
        // An unsigned time is whatever a sender likes to write.
        if let (ProofKind::SigningToken, Some(sent_at)) = (verified.proof, verified.sent_at) {
            instruments.clock_compared(now, sent_at);
        }
    }

    /// What `work` gives, or `None` when it panics: a defect of ours must not cost a delivery.
    fn guarded<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        // Nothing that `work` could leave half changed is looked at afterwards.
        let done = catch_unwind(AssertUnwindSafe(work)).ok();
        if done.is_none() {
            self.parts.instruments.panicked();
        }
        done
    }
}

fn unread_after_panic(body: &[u8]) -> Unread {
    Unread {
        digest: Sha256::digest(body).into(),
        size_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
        position: 0,
        why: PANICKED,
    }
}

#[cfg(test)]
mod tests {
    use globset::GlobSet;

    use super::*;
    use crate::clock::SystemClock;
    use crate::ingest::QueueLimits;

    fn receiver() -> (Receiver, Arc<Instruments>) {
        let (clock, instruments) = (Arc::new(SystemClock), Arc::new(Instruments::new()));
        let rules = Rules {
            authenticator: Authenticator::new(Vec::new(), 300),
            pseudonyms: Pseudonyms::new(&[7; 32], GlobSet::empty()),
            kept_jobs: KeptJobs::default(),
        };
        let parts = ReceiverParts {
            queue: Queue::new(QueueLimits::default(), clock.clone(), Arc::clone(&instruments)),
            heard: Arc::default(),
            contacts: Arc::default(),
            trust: Arc::default(),
            clock,
            instruments: Arc::clone(&instruments),
        };
        (Receiver::new(rules, parts), instruments)
    }

    #[test]
    fn a_panic_is_caught_and_counted() {
        let (receiver, instruments) = receiver();
        assert_eq!(receiver.0.guarded(|| 1), Some(1));
        assert_eq!(receiver.0.guarded(|| -> u8 { panic!("a defect") }), None);
        let families = instruments.gather();
        let panics = families.iter().find(|family| family.name().ends_with("_panics_total"));
        let count = panics.map(|family| family.get_metric()[0].get_counter().get_value());
        assert_eq!(count, Some(1.0));
    }

    #[test]
    fn what_could_not_be_read_is_named_by_its_digest_and_holds_nothing_of_it() {
        let unread = unread_after_panic(b"abc");
        // FIPS 180-4, SHA-256("abc") begins so.
        assert!(unread.digest.starts_with(&[0xba, 0x78, 0x16, 0xbf]), "{unread:?}");
        assert_eq!((unread.size_bytes, unread.why), (3, PANICKED));
    }
}
