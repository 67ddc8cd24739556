//! What is done about the store while the program runs: watch its disk, copy its log back, remove
//! what is too old.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use super::base::Base;
use crate::clock::Clock;
use crate::delivery::{Contact, KeptJobs, ProjectKey};
use crate::http::Readiness;
use crate::ingest::{Contacts, Feed, Replay, ReplayScope, ReplayStep};
use crate::projection::PROJECTION_VERSION;
use crate::store::{Maintained, Retention, Room, Store, StoreError};

/// How often the disk is looked at: service is back within that time of space returning.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often the log is looked at: at a thousand deliveries a second it grows by some MiB meanwhile.
const COPY_EVERY: Duration = Duration::from_secs(1);

/// How often what was heard of projects is kept: silence is told in hours, and what a kill leaves
/// out is heard again with the next delivery.
const KEEP_CONTACTS_EVERY: Duration = Duration::from_mins(1);

/// Projects kept in one transaction: some ten milliseconds for a commit that comes meanwhile.
const CONTACTS_PER_STEP: usize = 500;

/// How often old rows are looked for; they are counted in days.
const PURGE_EVERY: Duration = Duration::from_hours(1);

/// How long what is kept is kept; may change while the program runs.
#[derive(Debug)]
pub(super) struct Keep(ArcSwap<Retention>);

impl Keep {
    pub(super) fn new(retention: Retention) -> Self {
        Self(ArcSwap::from_pointee(retention))
    }

    pub(super) fn replace(&self, retention: Retention) {
        self.0.store(Arc::new(retention));
    }
}

/// Questions to the store that may be under way at once: more than the duties there are.
const QUESTIONS: u16 = 16;

/// Questions to the store under way on the blocking pool, which no abort ends.
#[derive(Debug, Clone)]
pub(super) struct Questions(Arc<Semaphore>);

impl Questions {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(QUESTIONS.into())))
    }

    /// Resolves when none is under way, so that nobody but the caller holds the store.
    pub(super) async fn ended(&self) {
        // It is never closed.
        let _ = self.0.acquire_many(QUESTIONS.into()).await;
    }

    /// Asks the store on the blocking pool; `None` when that panicked.
    async fn ask<T: Send + 'static>(
        &self,
        store: &Arc<Store>,
        question: impl FnOnce(&Store) -> T + Send + 'static,
    ) -> Option<T> {
        let permit = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let store = Arc::clone(store);
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question(&store);
            drop(store);
            drop(permit);
            answer
        });
        asked.await.ok()
    }
}

/// The duty of one process, for as long as it runs.
pub(super) struct Maintenance {
    store: Arc<Store>,
    keep: Arc<Keep>,
    readiness: Arc<Readiness>,
    contacts: Arc<Contacts>,
    questions: Questions,
    feed: Feed,
    kept_jobs: KeptJobs,
    clock: Arc<dyn Clock>,
}

impl Maintenance {
    pub(super) fn new(
        base: &Base,
        readiness: &Arc<Readiness>,
        keep: Arc<Keep>,
        feed: Feed,
    ) -> Self {
        Self {
            store: Arc::clone(&base.store),
            keep,
            readiness: Arc::clone(readiness),
            contacts: Arc::clone(&base.contacts),
            questions: Questions::new(),
            feed,
            kept_jobs: base.kept_jobs.clone(),
            clock: Arc::clone(&base.clock),
        }
    }

    /// Its questions to the store, to be waited for once it was stopped.
    pub(super) fn questions(&self) -> Questions {
        self.questions.clone()
    }

    /// Works for ever.
    pub(super) async fn run(self) {
        tokio::join!(
            self.look_for_damage(),
            self.catch_up(),
            self.watch(),
            self.copy_log_back(),
            self.keep_contacts()
        );
    }

    /// Reads a large database through after an unclean stop, which would have delayed the start.
    async fn look_for_damage(&self) {
        if !self.store.needs_check() {
            return;
        }
        tracing::info!("looking for damage in the store after an unclean stop");
        match self.questions.ask(&self.store, Store::quick_check).await {
            Some(Ok(())) => tracing::info!("the store is sound"),
            Some(Err(error)) => {
                let advice = error.advice();
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, advice, "failed to find the store sound");
            }
            None => {}
        }
    }

    /// Reads again what older rules of projection read: an upgrade may understand more of it.
    async fn catch_up(&self) {
        if self.ask(|store| store.is_behind(PROJECTION_VERSION)).await != Some(true) {
            return;
        }
        let mut replay = Replay::new(ReplayScope::Behind, false, self.kept_jobs.clone());
        loop {
            let stepped = self.ask(move |store| {
                let step = replay.step(store)?;
                Ok((replay, step))
            });
            let Some((stepped, step)) = stepped.await else {
                tracing::warn!("the journal is not read again; the next start tries once more");
                return;
            };
            replay = stepped;
            match step {
                ReplayStep::Changed(facts) if facts.is_empty() => {}
                ReplayStep::Changed(facts) => (self.feed)(facts),
                ReplayStep::End => break,
            }
        }
        let done = replay.done();
        if done.projected > 0 {
            let (entries, facts, damaged) = (done.projected, done.changed, done.damaged);
            tracing::info!(entries, facts, damaged, "read the journal again by newer rules");
        }
    }

    /// Looks at the store for ever. The first purge comes with the first look, since a process
    /// that is restarted every hour must purge too.
    async fn watch(&self) {
        let mut next_purge = self.clock.monotonic();
        let mut known = Room::Ample;
        loop {
            let room = self.look().await.unwrap_or(known);
            report(known, room);
            let now = self.clock.monotonic();
            if now >= next_purge || (room != Room::Ample && known == Room::Ample) {
                next_purge = now.checked_add(PURGE_EVERY).unwrap_or(now);
                self.purge().await;
            }
            known = room;
            self.clock.sleep(LOOK_EVERY).await;
        }
    }

    async fn copy_log_back(&self) {
        loop {
            self.clock.sleep(COPY_EVERY).await;
            self.ask(Store::copy_log_back).await;
        }
    }

    async fn keep_contacts(&self) {
        loop {
            self.clock.sleep(KEEP_CONTACTS_EVERY).await;
            for step in self.contacts.take_changed().chunks(CONTACTS_PER_STEP) {
                self.keep(step.to_vec()).await;
            }
        }
    }

    /// Keeps what was heard of some projects, or leaves them for the next time.
    async fn keep(&self, heard: Vec<(ProjectKey, Contact)>) {
        let projects: Vec<ProjectKey> = heard.iter().map(|(project, _)| *project).collect();
        if self.ask(move |store| store.keep_contacts(&heard)).await.is_none() {
            self.contacts.give_back(projects);
        }
    }

    async fn look(&self) -> Option<Room> {
        let health = self.ask(Store::check).await?;
        self.readiness.store_commits(health.can_commit());
        Some(health.room)
    }

    /// Removes what is too old, a little at a time, so that commits get their turn.
    async fn purge(&self) {
        let mut removed = Maintained::default();
        loop {
            let (now, keep) = (self.clock.now(), **self.keep.0.load());
            let Some(step) = self.ask(move |store| store.maintain(now, &keep)).await else {
                return;
            };
            removed.entries = removed.entries.saturating_add(step.entries);
            removed.facts = removed.facts.saturating_add(step.facts);
            if !step.more {
                break;
            }
        }
        if removed.entries > 0 || removed.facts > 0 {
            let Maintained { entries, facts, .. } = removed;
            tracing::info!(entries, facts, "removed what is older than it should be kept");
        }
    }

    /// Asks the store on the blocking pool; an error is said, and means no answer.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Option<T> {
        let answer = self.questions.ask(&self.store, question).await?;
        answer
            .inspect_err(|error| {
                let error: &dyn std::error::Error = error;
                tracing::warn!(error, "failed to maintain the store; trying again");
            })
            .ok()
    }
}

fn report(known: Room, room: Room) {
    match room {
        _ if room == known => {}
        Room::Ample => tracing::info!("the store's disk has room again"),
        Room::Low => tracing::warn!("the store's disk is nearly full"),
        Room::Exhausted => {
            tracing::error!("the store's disk is full; deliveries are refused until it has room");
        }
    }
}
