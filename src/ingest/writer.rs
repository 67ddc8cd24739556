//! The writer: the one thread that commits, a batch at a time.
//!
//! One batch is in flight; the next closes when the writer is free. A lone entry commits at once,
//! and load makes its own batches: the wait for company is the commit before.

use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::queue::Pending;
use super::ticket::Reply;
use super::{NotDurable, Queue};
use crate::clock::Clock;
use crate::delivery::Fact;
use crate::instruments::{Instruments, StoreErrorClass};
use crate::record::{Content, Entry};
use crate::store::{Committed, StoreError};

/// Pause before a failed batch is tried again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// Longest such pause: service is back within a second or so of the store's recovery.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How large a batch may grow, and how long the first entry waits for company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Most entries.
    pub entries: usize,
    /// Most bytes; a larger entry makes a batch of its own.
    pub bytes: usize,
    /// Nothing on a fast disk: the wait for company is the commit before.
    pub linger: Duration,
}

impl Default for BatchLimits {
    /// At 256 entries the flush costs little for each, and a batch that must be tried again is
    /// still a short wait; 8 MiB keep a few large records from making a long transaction.
    fn default() -> Self {
        Self { entries: 256, bytes: 8 << 20, linger: Duration::ZERO }
    }
}

/// Makes a batch durable: all of it when `Ok`.
pub type Commit = Box<dyn FnMut(&[Entry]) -> Result<Committed, StoreError> + Send>;

/// Takes the facts that a commit changed, as they now are.
pub type Feed = Arc<dyn Fn(Vec<Fact>) + Send + Sync>;

/// What the writer works with.
pub struct WriterParts {
    /// Where entries come from.
    pub queue: Queue,
    /// Makes them durable.
    pub commit: Commit,
    /// Hears what they changed, before they are acknowledged.
    pub feed: Feed,
    /// Tells how long a commit took.
    pub clock: Arc<dyn Clock>,
    /// Counts commits and failures.
    pub instruments: Arc<Instruments>,
    /// How large a batch may grow, and how long it waits for company.
    pub limits: BatchLimits,
}

/// Why the writer ended.
#[derive(Debug)]
pub enum End {
    /// The queue was closed, and everything in it is durable.
    Drained,
    /// The queue was closed, and the store could not take the rest in time.
    GaveUp,
    /// The disk failed under a write; nothing may be retried in this process.
    Failing(StoreError),
    /// A defect: it panicked.
    Panicked,
}

/// The running writer; dropping it closes its queue.
#[derive(Debug)]
pub struct Writer {
    queue: Queue,
    thread: Option<JoinHandle<()>>,
    ended: oneshot::Receiver<End>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(parts: WriterParts) -> std::io::Result<Self> {
        let (tell, ended) = oneshot::channel();
        let queue = parts.queue.clone();
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            let (queue, instruments) = (parts.queue.clone(), Arc::clone(&parts.instruments));
            let end = catch_unwind(AssertUnwindSafe(|| Work::from(parts).run()));
            let end = end.unwrap_or_else(|_| {
                instruments.panicked();
                End::Panicked
            });
            queue.abandon();
            // Nobody listens any more when the program is already on its way out.
            let _ = tell.send(end);
        })?;
        Ok(Self { queue, thread: Some(thread), ended })
    }

    /// Waits until the writer ends, by itself or because its queue was closed. Cancel safe.
    pub async fn ended(&mut self) -> End {
        let end = (&mut self.ended).await.unwrap_or(End::Panicked);
        if let Some(thread) = self.thread.take() {
            // Its last act was to tell; a panic was told as well.
            let _ = thread.join();
        }
        end
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close_now();
    }
}

/// What to do about a failed commit.
enum Remedy {
    TryAgain,
    Halve,
    Stop,
}

struct Batch {
    entries: Vec<Entry>,
    replies: Vec<Reply>,
    /// Its only entry has been stripped of its facts already.
    stripped: bool,
}

impl Batch {
    fn halves(mut self) -> [Self; 2] {
        let middle = self.entries.len() / 2;
        let entries = self.entries.split_off(middle);
        let replies = self.replies.split_off(middle);
        [self, Self { entries, replies, stripped: false }]
    }

    fn answer(self, answer: NotDurable) {
        Reply::answer_all(self.replies.into_iter().map(|reply| (reply, Err(answer))));
    }
}

impl From<Vec<Pending>> for Batch {
    fn from(pending: Vec<Pending>) -> Self {
        let (entries, replies) =
            pending.into_iter().map(|pending| (pending.entry, pending.reply)).unzip();
        Self { entries, replies, stripped: false }
    }
}

struct Work {
    parts: WriterParts,
    failed_attempts: u32,
}

impl From<WriterParts> for Work {
    fn from(parts: WriterParts) -> Self {
        Self { parts, failed_attempts: 0 }
    }
}

impl Work {
    fn run(mut self) -> End {
        while let Some(pending) = self.parts.queue.take(&self.parts.limits) {
            if let Err(end) = self.write(pending.into()) {
                return end;
            }
        }
        End::Drained
    }

    /// Commits `batch` whatever it takes. Entries whose waiters have given up are committed all
    /// the same: the sender does not try again, so a late commit is a saved event.
    fn write(&mut self, mut batch: Batch) -> Result<(), End> {
        loop {
            let (failed, error) = match self.commit(batch) {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            let (class, remedy) = classify(&error);
            self.parts.instruments.store_failed(class);
            batch = match remedy {
                Remedy::TryAgain => self.wait(failed, &error)?,
                Remedy::Halve => match self.isolate(failed, &error)? {
                    Some(rest) => rest,
                    None => return Ok(()),
                },
                Remedy::Stop => {
                    failed.answer(NotDurable::WriterGone);
                    return Err(End::Failing(error));
                }
            }
        }
    }

    fn commit(&mut self, batch: Batch) -> Result<(), (Batch, StoreError)> {
        let started = self.parts.clock.monotonic();
        match (self.parts.commit)(&batch.entries) {
            Ok(committed) => {
                let elapsed = self.parts.clock.monotonic().saturating_duration_since(started);
                self.parts.instruments.committed(elapsed, batch.entries.len());
                self.settle(batch, committed);
                Ok(())
            }
            Err(error) => Err((batch, error)),
        }
    }

    /// Waits before `batch` is tried again, unless it is time to give up.
    fn wait(&mut self, batch: Batch, error: &StoreError) -> Result<Batch, End> {
        if self.pause(error) {
            return Ok(batch);
        }
        batch.answer(NotDurable::Stopping);
        Err(End::GaveUp)
    }

    /// Goes one step towards the entry that the store will not take: commits the first half, or
    /// strips the culprit when it is alone. What is returned is still to be committed.
    fn isolate(&mut self, mut batch: Batch, error: &StoreError) -> Result<Option<Batch>, End> {
        let error: &dyn std::error::Error = error;
        if batch.entries.len() > 1 {
            let [first, second] = batch.halves();
            self.write(first)?;
            return Ok(Some(second));
        }
        if batch.stripped {
            tracing::error!(error, "failed to journal an entry even without its facts");
            batch.answer(NotDurable::Refused);
            return Ok(None);
        }
        tracing::error!(error, "failed to store an entry; keeping it as unreadable");
        batch.entries.iter_mut().for_each(strip);
        batch.stripped = true;
        Ok(Some(batch))
    }

    fn settle(&mut self, batch: Batch, committed: Committed) {
        if std::mem::take(&mut self.failed_attempts) > 0 {
            tracing::info!("the store commits again");
        }
        if !committed.changed.is_empty() {
            (self.parts.feed)(committed.changed);
        }
        let outcomes = committed.outcomes.into_iter().map(Ok);
        Reply::answer_all(batch.replies.into_iter().zip(outcomes));
    }

    fn pause(&mut self, error: &StoreError) -> bool {
        if self.failed_attempts == 0 {
            let error: &dyn std::error::Error = error;
            tracing::warn!(error, "the store cannot commit; trying again");
        }
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.failed_attempts.min(10));
        self.failed_attempts = self.failed_attempts.saturating_add(1);
        // Between three quarters and five quarters, so that two programs do not keep in step.
        let jitter = RandomState::new().hash_one(self.failed_attempts) % 512;
        let share = f64::from(u32::try_from(jitter).unwrap_or(0)) / 1_024.0;
        self.parts.queue.pause(doubled.min(LONGEST_PAUSE).mul_f64(0.75 + share))
    }
}

/// Takes the facts away from an entry that the store refused with them.
fn strip(entry: &mut Entry) {
    if let Content::Projected { record, .. } | Content::Irrelevant { record, .. } = &entry.content {
        let why = "the store refused its facts".to_owned();
        entry.content = Content::Unreadable { record: record.clone(), why };
    }
}

fn classify(error: &StoreError) -> (StoreErrorClass, Remedy) {
    match error {
        StoreError::Unavailable(_) => (StoreErrorClass::Unavailable, Remedy::TryAgain),
        StoreError::Full(_) => (StoreErrorClass::Full, Remedy::TryAgain),
        StoreError::Rejected(_) => (StoreErrorClass::Rejected, Remedy::Halve),
        StoreError::Failing(_) => (StoreErrorClass::Failing, Remedy::Stop),
        StoreError::Unreadable { .. } => (StoreErrorClass::Unreadable, Remedy::Stop),
        // What only opening a store can tell; of an open one it means that nothing can be trusted.
        _ => (StoreErrorClass::Schema, Remedy::Stop),
    }
}
