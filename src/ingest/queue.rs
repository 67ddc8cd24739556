//! The bounded queue between the handlers and the writer.
//!
//! An entry belongs to the queue from the moment it has room: a client that hangs up ends a wait,
//! not a commit. Who finds no room waits for it in turn, until the deadline: waiting beats
//! refusing, because the sender does not try again.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, TryAcquireError};

use super::cost::bytes_of;
use super::ticket::{Reply, Ticket, pair};
use super::{BatchLimits, NotDurable};
use crate::clock::Clock;
use crate::instruments::Instruments;
use crate::record::Entry;
use crate::store::Outcome;

/// How much may wait for the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLimits {
    /// Most entries.
    pub entries: u32,
    /// Most bytes.
    pub bytes: u32,
}

impl Default for QueueLimits {
    /// A burst of 4,096 deliveries of a usual size fits; at 64 MiB the larger ones wait outside.
    fn default() -> Self {
        Self { entries: 4_096, bytes: 64 << 20 }
    }
}

/// The handlers' handle to the queue; clones share it.
#[derive(Debug, Clone)]
pub struct Queue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// One permit per byte. An entry costs at least its share of the queue, so that this one
    /// semaphore bounds the number of entries as well, and hands out room in turn.
    room: Semaphore,
    limits: QueueLimits,
    line: Mutex<Line>,
    work: Condvar,
    clock: Arc<dyn Clock>,
    instruments: Arc<Instruments>,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Pending>,
    bytes: usize,
    writer_sleeps: bool,
    /// Set when no entry is taken any more: until when the writer may try to write the rest.
    closed: Option<Instant>,
}

/// An entry on its way into the queue.
#[derive(Debug)]
struct Arrival {
    entry: Entry,
    bytes: usize,
    cost: u32,
}

/// One entry in the queue, and the way to answer it.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) entry: Entry,
    pub(super) reply: Reply,
    bytes: usize,
    cost: u32,
}

impl Queue {
    /// An empty queue.
    #[must_use]
    pub fn new(limits: QueueLimits, clock: Arc<dyn Clock>, instruments: Arc<Instruments>) -> Self {
        let limits =
            QueueLimits { entries: limits.entries.max(1), bytes: limits.bytes.max(limits.entries) };
        Self(Arc::new(Shared {
            room: Semaphore::new(usize::try_from(limits.bytes).unwrap_or(usize::MAX)),
            limits,
            line: Mutex::default(),
            work: Condvar::new(),
            clock,
            instruments,
        }))
    }

    /// Queues `entry` and waits until it is durable, at most until `deadline`.
    ///
    /// From the first poll on the entry is the queue's: dropping the future ends the wait alone.
    ///
    /// # Errors
    /// [`NotDurable`]; the entry may become durable later all the same, unless the reason is
    /// [`NotDurable::NoRoom`].
    pub async fn submit(&self, entry: Entry, deadline: Instant) -> Result<Outcome, NotDurable> {
        let bytes = bytes_of(&entry);
        let cost = self.0.limits.cost(bytes);
        let ticket = match self.0.room.try_acquire_many(cost) {
            Ok(permit) => {
                permit.forget();
                self.0.push(Arrival { entry, bytes, cost })?
            }
            Err(TryAcquireError::Closed) => return Err(NotDurable::Stopping),
            Err(TryAcquireError::NoPermits) => {
                let shared = Arc::clone(&self.0);
                let arrival = Arrival { entry, bytes, cost };
                let wait = tokio::spawn(shared.wait_for_room(arrival, deadline));
                // A wait ends without a result only with the runtime it ran on.
                wait.await.unwrap_or(Err(NotDurable::Stopping))?
            }
        };
        self.0.before(deadline, ticket).await.unwrap_or(Err(NotDurable::TooLate))
    }

    /// Takes nothing any more. What is queued may still be written until `give_up_at`.
    pub fn close(&self, give_up_at: Instant) {
        self.0.room.close();
        self.0.lock().closed = Some(give_up_at);
        self.0.work.notify_all();
    }

    /// The next batch: waits for a first entry; `None` when closed and empty.
    pub(super) fn take(&self, limits: &BatchLimits) -> Option<Vec<Pending>> {
        let mut line = self.0.lock();
        while line.waiting.is_empty() {
            if line.closed.is_some() {
                return None;
            }
            line.writer_sleeps = true;
            line = self.0.work.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        if !limits.linger.is_zero() && line.closed.is_none() && line.waiting.len() < limits.entries
        {
            // Woken by the next arrival or by the end of the linger; either is company enough.
            line.writer_sleeps = true;
            let waited = self.0.work.wait_timeout(line, limits.linger);
            line = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        line.writer_sleeps = false;
        let (batch, cost) = line.cut(limits);
        self.0.instruments.queue_depth(line.waiting.len(), line.bytes);
        drop(line);
        self.0.room.add_permits(usize::try_from(cost).unwrap_or(0));
        Some(batch)
    }

    /// Waits `pause`, or until the queue is closed; `false` when it is time to give up.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let line = self.0.lock();
        let was_closed = line.closed.is_some();
        let waited =
            self.0.work.wait_timeout_while(line, pause, |line| was_closed || line.closed.is_none());
        let line = waited.unwrap_or_else(PoisonError::into_inner).0;
        line.closed.is_none_or(|give_up_at| self.0.clock.monotonic() < give_up_at)
    }

    /// Takes nothing any more, and gives up at the first failure.
    pub(super) fn close_now(&self) {
        self.close(self.0.clock.monotonic());
    }

    /// Answers everybody who still waits, and takes nothing any more.
    pub(super) fn abandon(&self) {
        self.close_now();
        let mut line = self.0.lock();
        let waiting = std::mem::take(&mut line.waiting);
        line.bytes = 0;
        drop(line);
        let gone = waiting.into_iter().map(|pending| (pending.reply, Err(NotDurable::WriterGone)));
        Reply::answer_all(gone);
        self.0.instruments.queue_depth(0, 0);
    }
}

impl QueueLimits {
    fn cost(self, bytes: usize) -> u32 {
        let share = self.bytes / self.entries;
        u32::try_from(bytes).unwrap_or(u32::MAX).clamp(share, self.bytes)
    }
}

impl Line {
    fn cut(&mut self, limits: &BatchLimits) -> (Vec<Pending>, u64) {
        let (mut number, mut bytes, mut cost) = (0, 0_usize, 0_u64);
        for pending in self.waiting.iter().take(limits.entries) {
            bytes = bytes.saturating_add(pending.bytes);
            if number > 0 && bytes > limits.bytes {
                break;
            }
            number += 1;
            cost += u64::from(pending.cost);
        }
        let batch: Vec<Pending> = self.waiting.drain(..number).collect();
        let taken: usize = batch.iter().map(|pending| pending.bytes).sum();
        self.bytes = self.bytes.saturating_sub(taken);
        (batch, cost)
    }
}

impl Shared {
    /// A panic cannot happen while the lock is held, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_for_room(
        self: Arc<Self>,
        arrival: Arrival,
        deadline: Instant,
    ) -> Result<Ticket, NotDurable> {
        let room = self.room.acquire_many(arrival.cost);
        match self.before(deadline, room).await {
            Some(Ok(permit)) => permit.forget(),
            Some(Err(_closed)) => return Err(NotDurable::Stopping),
            None => return Err(NotDurable::NoRoom),
        }
        self.push(arrival)
    }

    fn push(&self, arrival: Arrival) -> Result<Ticket, NotDurable> {
        let Arrival { entry, bytes, cost } = arrival;
        let (reply, ticket) = pair();
        let mut line = self.lock();
        if line.closed.is_some() {
            return Err(NotDurable::Stopping);
        }
        line.waiting.push_back(Pending { entry, reply, bytes, cost });
        line.bytes = line.bytes.saturating_add(bytes);
        self.instruments.queue_depth(line.waiting.len(), line.bytes);
        let sleeps = std::mem::take(&mut line.writer_sleeps);
        drop(line);
        if sleeps {
            self.work.notify_all();
        }
        Ok(ticket)
    }

    /// What `future` gives, or `None` when `deadline` comes first.
    async fn before<T>(&self, deadline: Instant, future: impl Future<Output = T>) -> Option<T> {
        let left = deadline.saturating_duration_since(self.clock.monotonic());
        tokio::select! {
            biased;
            value = future => Some(value),
            () = self.clock.sleep(left) => None,
        }
    }
}
