//! GitLab's API read into the store: by `backfill` while nothing else runs, by `serve` beside the
//! deliveries.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;

use super::base::Base;
use super::{DRAIN, RunError, StartError, values};
use crate::backfill::{Backfill, BackfillParts, Progress, Report, Scope, Stopped, plan};
use crate::clock::Clock;
use crate::config::{Sender, Settings};
use crate::delivery::{InstanceId, ProjectKey, Timestamp};
use crate::gitlab::Pseudonyms;
use crate::gitlab::resource::ProjectRow;
use crate::ingest::{End, Queue, Trust, Writer};
use crate::instruments::Instruments;

/// How long after one reading the next begins: what a hook lost is found within that time and that
/// of a reading, well within the hour.
const READ_EVERY: Duration = Duration::from_mins(15);

/// One GitLab whose API can be asked.
pub(super) struct Gitlab {
    pub(super) name: String,
    pub(super) since_seconds: Option<u64>,
    pub(super) instance: InstanceId,
    pub(super) backfill: Backfill,
}

impl Gitlab {
    fn wanted(since_seconds: u64, now: Timestamp) -> plan::Wanted {
        plan::Wanted { since: now.minus(since_seconds), until: now }
    }
}

/// Every GitLab for which there is a token, asked within the budget that all of this process share.
pub(super) fn gitlabs(base: &Base, settings: &Settings, queue: &Queue) -> Vec<Gitlab> {
    let gitlab = |sender: &Sender| {
        let backfill = Backfill::new(BackfillParts {
            client: base.clients.get(&sender.name)?.clone(),
            instance: *base.gitlabs.get(&sender.name)?,
            projects: sender.projects.clone(),
            needs: values::needs(settings, sender),
            pseudonyms: Pseudonyms::new(&base.pseudonym_key, settings.exclude_authors.clone()),
            queue: queue.clone(),
            store: Arc::clone(&base.store),
            clock: Arc::clone(&base.clock),
        });
        let since_seconds = sender.backfill_since_seconds;
        let instance = *base.gitlabs.get(&sender.name)?;
        Some(Gitlab { name: sender.name.clone(), since_seconds, instance, backfill })
    };
    settings.senders.iter().filter_map(gitlab).collect()
}

/// What `serve` reads beside the deliveries: first the past, then again and again what hooks lost.
pub(super) struct Reading {
    gitlabs: Vec<Gitlab>,
    instruments: Arc<Instruments>,
    trust: Arc<Trust>,
    clock: Arc<dyn Clock>,
}

impl Reading {
    pub(super) fn new(base: &Base, settings: &Settings, queue: &Queue) -> Self {
        let mut gitlabs = gitlabs(base, settings, queue);
        gitlabs.retain(|gitlab| gitlab.since_seconds.is_some());
        let instruments = Arc::clone(&base.instruments);
        if !gitlabs.is_empty() {
            instruments.reconciling();
        }
        let (trust, clock) = (Arc::clone(&base.trust), Arc::clone(&base.clock));
        let now = clock.now();
        trust.with(|doubts| gitlabs.iter().for_each(|own| doubts.reads(own.instance, now)));
        Self { gitlabs, instruments, trust, clock }
    }

    /// Reads for ever, every GitLab by itself: the past of one may take days, and what another lost
    /// is found meanwhile. Says by `past_is_read` that each was read once, or could not be: counting
    /// waits for that, and must not wait for ever.
    pub(super) async fn run(self, past_is_read: Box<dyn Fn() + Send + Sync>) {
        let unread = AtomicUsize::new(self.gitlabs.len());
        if self.gitlabs.is_empty() {
            past_is_read();
        }
        let once_read = || {
            if unread.fetch_sub(1, Ordering::Relaxed) == 1 {
                past_is_read();
            }
        };
        join_all(self.gitlabs.iter().map(|gitlab| self.read_for_ever(gitlab, &once_read))).await;
    }

    async fn read_for_ever(&self, gitlab: &Gitlab, once_read: &(dyn Fn() + Sync)) {
        self.read(gitlab).await;
        once_read();
        loop {
            self.clock.sleep(READ_EVERY).await;
            self.read(gitlab).await;
        }
    }

    async fn read(&self, gitlab: &Gitlab) {
        let Some(since_seconds) = gitlab.since_seconds else { return };
        let wanted = Gitlab::wanted(since_seconds, self.clock.now());
        let name = gitlab.name.as_str();
        let read = gitlab.backfill.run(&Scope::All, wanted, &mut |_| {}).await;
        match read {
            Ok(Report { projects, requests, rows, new, failures, read_to, .. }) => {
                let key = |project| ProjectKey { instance: gitlab.instance, project };
                let read_to = read_to.into_iter().map(|(project, at)| (key(project), at));
                self.trust.with(|doubts| read_to.for_each(|(own, at)| doubts.read(own, at)));
                self.instruments.reconciled(name, self.clock.now());
                tracing::info!(
                    gitlab = name,
                    projects,
                    requests,
                    rows,
                    new,
                    failures,
                    "read GitLab's API"
                );
            }
            Err(stopped) => {
                let error: &dyn std::error::Error = &stopped;
                tracing::warn!(gitlab = name, error, "failed to read GitLab's API; trying again");
            }
        }
    }
}

/// A store with a writer and without a door, into which the API is read.
pub struct Backfilling {
    base: Base,
    queue: Queue,
    writer: Writer,
    gitlabs: Vec<Gitlab>,
}

impl Backfilling {
    /// Opens the store, which no exporter may have open.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let base = Base::open(settings, clock).await?;
        let queue = base.queue(settings);
        // Nobody measures meanwhile.
        let writer = base.writer(settings, &queue, Arc::new(|_| {}))?;
        let gitlabs = gitlabs(&base, settings, &queue);
        Ok(Self { base, queue, writer, gitlabs })
    }

    /// Every GitLab that can be asked, by the name that the operator gave it, and the span of time that is
    /// configured for it, in seconds.
    pub fn gitlabs(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        self.gitlabs.iter().map(|gitlab| (gitlab.name.as_str(), gitlab.since_seconds))
    }

    /// What would be asked of one GitLab: its projects, and the lists that are left.
    ///
    /// # Errors
    /// [`Stopped`]; `None` when no GitLab of this name can be asked.
    pub async fn plan(
        &self,
        gitlab: &str,
        scope: &Scope,
        since_seconds: u64,
    ) -> Option<Result<(Vec<ProjectRow>, Vec<plan::Span>), Stopped>> {
        let own = self.gitlabs.iter().find(|own| own.name == gitlab)?;
        let wanted = Gitlab::wanted(since_seconds, self.base.clock.now());
        Some(own.backfill.plan(scope, wanted).await)
    }

    /// Reads what is left of one GitLab.
    ///
    /// # Errors
    /// [`Stopped`]; `None` when no GitLab of this name can be asked.
    pub async fn run(
        &self,
        gitlab: &str,
        scope: &Scope,
        since_seconds: u64,
        on: &mut (dyn FnMut(Progress) + Send),
    ) -> Option<Result<Report, Stopped>> {
        let own = self.gitlabs.iter().find(|own| own.name == gitlab)?;
        let wanted = Gitlab::wanted(since_seconds, self.base.clock.now());
        Some(own.backfill.run(scope, wanted, on).await)
    }

    /// Drains the queue and closes the store.
    ///
    /// # Errors
    /// [`RunError`] when the store took not everything, or failed.
    pub async fn close(mut self) -> Result<(), RunError> {
        let now = self.base.clock.monotonic();
        self.queue.close(now.checked_add(DRAIN).unwrap_or(now));
        let end = self.writer.ended().await;
        drop(self.gitlabs);
        let store = self.base.store;
        let closed = tokio::task::spawn_blocking(move || match Arc::into_inner(store) {
            Some(store) => store.close(),
            None => Ok(()),
        });
        match end {
            End::Drained => {}
            End::GaveUp => return Err(RunError::NotDrained),
            End::Failing(error) => return Err(RunError::Storage(error)),
            End::Panicked => return Err(RunError::Writer),
        }
        match closed.await {
            Ok(Err(error)) => Err(RunError::Storage(error)),
            _ => Ok(()),
        }
    }
}
