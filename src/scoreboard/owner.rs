//! The owner: takes facts in, measures what changed, publishes.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::ask::{Ask, Reading};
use super::board::{Board, Counting};
use super::{Message, Parts, Published, WAITING_BATCHES};
use crate::delivery::{Fact, Timestamp};
use crate::dora::measuring::Measuring;
use crate::exposition::{Limits, render};
use crate::store::{Store, StoreError};

/// Facts that are handed over at once while loading: few enough to stay in a cache.
const LOADED_BATCH: usize = 512;
/// Batches on their way while loading; the slower of two threads never waits long.
const LOADED_BATCHES: usize = 8;

/// How often the owner looks at the clock while nothing arrives: a fraction of the finest grid.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) struct Owner {
    parts: Parts,
    published: Arc<Published>,
    messages: Receiver<Message>,
    board: Board,
    has_counted: bool,
}

impl Owner {
    pub(super) fn new(
        parts: Parts,
        published: Arc<Published>,
        messages: Receiver<Message>,
    ) -> Self {
        let mut board = Board::new(parts.measuring.clone());
        board.count(parts.counting);
        Self { parts, published, messages, board, has_counted: false }
    }

    pub(super) fn run(mut self) {
        yield_to_receiving();
        loop {
            // What arrived before an instant of the grid is part of its measure: so the clock is read
            // before what waits is taken in.
            let now = self.grid();
            self.load_if_behind();
            if self.take_waiting().is_break() {
                return;
            }
            let is_loaded = !self.published.is_behind.load(Ordering::SeqCst);
            if is_loaded && self.board.as_of().is_none_or(|as_of| now > as_of) {
                self.turn(now);
            }
            let flow = match self.messages.recv_timeout(LOOK_EVERY) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
                Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
            };
            if flow.is_break() {
                return;
            }
        }
    }

    /// As many messages as can wait; more may come meanwhile, and are for the next round.
    fn take_waiting(&mut self) -> ControlFlow<()> {
        for _ in 0..WAITING_BATCHES {
            let Ok(message) = self.messages.try_recv() else { break };
            self.take(message)?;
        }
        ControlFlow::Continue(())
    }

    fn take(&mut self, message: Message) -> ControlFlow<()> {
        match message {
            Message::Facts(facts) => facts.into_iter().for_each(|fact| self.board.fold(fact)),
            Message::Reload(settings) => self.reload(*settings),
            Message::Ask(ask) => self.answer(ask),
            Message::Count => self.board.count(Counting::Now),
            Message::Stop => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    /// Lets a question read what is measured; before the first measure there is nothing to read.
    fn answer(&self, ask: Ask) {
        if let Some(as_of) = self.board.as_of() {
            let (history, measuring) = (self.board.history(), self.board.measuring());
            ask.answer(&Reading { history, measuring, as_of });
        }
    }

    fn reload(&mut self, (measuring, limits): (Measuring, Limits)) {
        let patterns = |measuring: &Measuring| measuring.policies.job_patterns().to_vec();
        let asks_for_other_jobs = patterns(&measuring) != patterns(self.board.measuring());
        self.board.remeasure(measuring);
        self.parts.limits = limits;
        if asks_for_other_jobs {
            // What the store kept of them.
            self.published.is_behind.store(true, Ordering::SeqCst);
            self.load_if_behind();
        }
    }

    /// The newest instant of the grid that has come.
    fn grid(&self) -> Timestamp {
        let step = i64::from(self.parts.refresh_seconds.max(1));
        let now = self.parts.clock.now().as_second();
        Timestamp::from_second(now - now.rem_euclid(step))
    }

    /// Reads everything again when facts were missed. A store that cannot be read makes numbers
    /// old, not the exporter dead.
    fn load_if_behind(&mut self) {
        if !self.published.is_behind.swap(false, Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.load() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "history not loaded, trying again"
            );
            self.published.is_behind.store(true, Ordering::SeqCst);
        }
    }

    /// Reads facts and, at the first time, what was counted: at once, for only this thread counts
    /// and they need no one view. What is read is taken in while the next is on its way.
    fn load(&mut self) -> Result<(), StoreError> {
        let (store, board, has_counted) = (&self.parts.store, &mut self.board, self.has_counted);
        let (facts, counted) = std::thread::scope(|scope| {
            let counted = scope.spawn(|| (!has_counted).then(|| store.totals()).transpose());
            let (batches, loaded) = sync_channel(LOADED_BATCHES);
            let facts = scope.spawn(move || read(store, &batches));
            loaded.into_iter().flatten().for_each(|fact| board.fold(fact));
            (facts.join(), counted.join())
        });
        joined(facts)?;
        if let Some(counted) = joined(counted)? {
            board.take_counted(counted);
        }
        self.has_counted = true;
        board.shrink();
        Ok(())
    }

    /// Measures as of `as_of` and publishes.
    fn turn(&mut self, as_of: Timestamp) {
        let started = self.parts.clock.monotonic();
        let mut scorecard = self.board.turn(as_of, |tallies| self.parts.store.count(tallies));
        scorecard.contacts = (self.parts.contacts)(as_of);
        (self.parts.judge)(&mut scorecard, self.board.measuring());
        self.board.keep_marked(&scorecard);
        let snapshot = render(&scorecard, &self.parts.limits);
        let elapsed = self.parts.clock.monotonic().saturating_duration_since(started);
        let (series, dropped) = (snapshot.series(), snapshot.dropped());
        self.published.scorecard.store(Some(Arc::new(scorecard)));
        self.published.snapshot.store(Some(Arc::new(snapshot)));
        // Said when it is there: nobody who reads of it finds the one before.
        self.parts.instruments.snapshot_made(elapsed, as_of, series);
        self.parts.instruments.series_dropped(dropped.over_limit, dropped.over_dimension);
    }
}

/// Reads all facts, and sends them on in batches.
fn read(store: &Store, batches: &SyncSender<Vec<Fact>>) -> Result<(), StoreError> {
    let mut batch = Vec::with_capacity(LOADED_BATCH);
    store.load(Timestamp::UNDATED, &mut |fact| {
        batch.push(fact);
        if batch.len() == LOADED_BATCH {
            // Nobody takes it when the owner has ended.
            let full = std::mem::replace(&mut batch, Vec::with_capacity(LOADED_BATCH));
            let _ = batches.send(full);
        }
    })?;
    let _ = batches.send(batch);
    Ok(())
}

/// What a thread came to.
fn joined<T>(thread: std::thread::Result<T>) -> T {
    thread.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Lets every other thread go first: a measure of everything takes a core for a moment, and a
/// sender must not feel it. Numbers are a little later instead.
fn yield_to_receiving() {
    // Of 19 steps; Linux lowers the calling thread alone.
    const NICENESS: i32 = 10;
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(error = &error as &dyn std::error::Error, "priority not lowered");
    }
}
