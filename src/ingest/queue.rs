//! The bounded queue between the handlers and the writer.
//!
//! An entry belongs to the queue from the moment it has room: a client that hangs up ends a wait,
//! not a commit. Who finds no room waits for it in turn, until the deadline: waiting beats
//! refusing, because the sender does not try again.
//!
//! There are two lanes. What is asked of GitLab's API waits in the second, which has room of its
//! own, and is written when deliveries leave a batch unfilled.

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

/// Room of the second lane, in bytes: two pages of the API and what hangs on them. Nobody waits for
/// them, and they can be asked for again.
const BACKFILL_BYTES: u32 = 4 << 20;

/// Entries of the second lane that are written at once: a delivery that comes meanwhile waits for
/// them.
const BACKFILL_BATCH: usize = 64;

/// Who waits for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A sender, who does not try again: first.
    Live,
    /// Our own reading of GitLab's API, which can be done again: when there is time.
    Backfill,
}

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
    backfill_room: Semaphore,
    limits: QueueLimits,
    line: Mutex<Line>,
    work: Condvar,
    clock: Arc<dyn Clock>,
    instruments: Arc<Instruments>,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Pending>,
    backfill: VecDeque<Pending>,
    bytes: usize,
    writer_sleeps: bool,
    /// Set when no entry is taken any more: until when the writer may try to write the rest.
    closed: Option<Instant>,
}

/// An entry on its way into the queue.
#[derive(Debug)]
struct Arrival {
    entry: Entry,
    lane: Lane,
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
            backfill_room: Semaphore::new(usize::try_from(BACKFILL_BYTES).unwrap_or(usize::MAX)),
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
    pub async fn submit(
        &self,
        entry: Entry,
        lane: Lane,
        deadline: Instant,
    ) -> Result<Outcome, NotDurable> {
        let bytes = bytes_of(&entry);
        let cost = self.0.limits.cost(bytes, lane);
        let arrival = Arrival { entry, lane, bytes, cost };
        let ticket = match self.0.room(lane).try_acquire_many(cost) {
            Ok(permit) => {
                permit.forget();
                self.0.push(arrival)?
            }
            Err(TryAcquireError::Closed) => return Err(NotDurable::Stopping),
            Err(TryAcquireError::NoPermits) => {
                let shared = Arc::clone(&self.0);
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
        self.0.backfill_room.close();
        self.0.lock().closed = Some(give_up_at);
        self.0.work.notify_all();
    }

    /// The next batch: waits for a first entry; `None` when closed and empty.
    pub(super) fn take(&self, limits: &BatchLimits) -> Option<Vec<Pending>> {
        let mut line = self.0.lock();
        while line.is_empty() {
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
        let Cut { batch, live_cost, backfill_cost } = line.cut(limits);
        self.0.instruments.queue_depth(line.len(), line.bytes);
        drop(line);
        self.0.room.add_permits(usize::try_from(live_cost).unwrap_or(0));
        self.0.backfill_room.add_permits(usize::try_from(backfill_cost).unwrap_or(0));
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
        let backfill = std::mem::take(&mut line.backfill);
        line.bytes = 0;
        drop(line);
        let gone = waiting
            .into_iter()
            .chain(backfill)
            .map(|pending| (pending.reply, Err(NotDurable::WriterGone)));
        Reply::answer_all(gone);
        self.0.instruments.queue_depth(0, 0);
    }
}

impl QueueLimits {
    fn cost(self, bytes: usize, lane: Lane) -> u32 {
        let room = match lane {
            Lane::Live => self.bytes,
            Lane::Backfill => BACKFILL_BYTES,
        };
        let share = (self.bytes / self.entries).min(room);
        u32::try_from(bytes).unwrap_or(u32::MAX).clamp(share, room)
    }
}

/// A batch, and the room that it leaves.
struct Cut {
    batch: Vec<Pending>,
    live_cost: u64,
    backfill_cost: u64,
}

impl Line {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.backfill.is_empty()
    }

    fn len(&self) -> usize {
        self.waiting.len() + self.backfill.len()
    }

    /// Takes deliveries, and what fits behind them of the rest.
    fn cut(&mut self, limits: &BatchLimits) -> Cut {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let live_cost = draw(&mut self.waiting, (limits, limits.entries), &mut batch, &mut bytes);
        let left = limits.entries.saturating_sub(batch.len()).min(BACKFILL_BATCH);
        let backfill_cost = draw(&mut self.backfill, (limits, left), &mut batch, &mut bytes);
        self.bytes = self.bytes.saturating_sub(bytes);
        Cut { batch, live_cost, backfill_cost }
    }
}

/// Moves at most so many entries from a lane into the batch, up to its bytes; the first of a batch
/// fits always. Gives back their cost.
fn draw(
    lane: &mut VecDeque<Pending>,
    (limits, most): (&BatchLimits, usize),
    batch: &mut Vec<Pending>,
    bytes: &mut usize,
) -> u64 {
    let (mut number, mut cost) = (0, 0_u64);
    for pending in lane.iter().take(most) {
        let with_it = bytes.saturating_add(pending.bytes);
        if batch.len() + number > 0 && with_it > limits.bytes {
            break;
        }
        *bytes = with_it;
        number += 1;
        cost += u64::from(pending.cost);
    }
    batch.extend(lane.drain(..number));
    cost
}

impl Shared {
    /// A panic cannot happen while the lock is held, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    const fn room(&self, lane: Lane) -> &Semaphore {
        match lane {
            Lane::Live => &self.room,
            Lane::Backfill => &self.backfill_room,
        }
    }

    async fn wait_for_room(
        self: Arc<Self>,
        arrival: Arrival,
        deadline: Instant,
    ) -> Result<Ticket, NotDurable> {
        let room = self.room(arrival.lane).acquire_many(arrival.cost);
        match self.before(deadline, room).await {
            Some(Ok(permit)) => permit.forget(),
            Some(Err(_closed)) => return Err(NotDurable::Stopping),
            None => return Err(NotDurable::NoRoom),
        }
        self.push(arrival)
    }

    fn push(&self, arrival: Arrival) -> Result<Ticket, NotDurable> {
        let Arrival { entry, lane, bytes, cost } = arrival;
        let (reply, ticket) = pair();
        let mut line = self.lock();
        if line.closed.is_some() {
            return Err(NotDurable::Stopping);
        }
        let pending = Pending { entry, reply, bytes, cost };
        match lane {
            Lane::Live => line.waiting.push_back(pending),
            Lane::Backfill => line.backfill.push_back(pending),
        }
        line.bytes = line.bytes.saturating_add(bytes);
        self.instruments.queue_depth(line.len(), line.bytes);
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
