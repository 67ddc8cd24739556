//! GitLab's API read into the store by `backfill`, while nothing else runs.

use std::sync::Arc;

use super::base::Base;
use super::{DRAIN, RunError, StartError};
use crate::backfill::{Backfill, BackfillParts, Progress, Report, Scope, Stopped, plan};
use crate::clock::Clock;
use crate::config::{Sender, Settings};
use crate::delivery::{InstanceId, Timestamp};
use crate::gitlab::resource::ProjectRow;
use crate::ingest::{End, Queue, Writer};

/// One GitLab whose API can be asked.
pub(super) struct Gitlab {
    pub(super) name: String,
    pub(super) since_seconds: Option<u64>,
    pub(super) instance: InstanceId,
    pub(super) backfill: Backfill,
}

impl Gitlab {
    fn wanted(since_seconds: u64, now: Timestamp) -> plan::Wanted {
        let (since, fresh_seconds) = (now.minus(since_seconds), plan::FRESH_SECONDS);
        plan::Wanted { since, until: now, fresh_seconds }
    }
}

/// Every GitLab for which there is a token, asked within the budget that all of this process share.
pub(super) fn gitlabs(base: &Base, settings: &Settings, queue: &Queue) -> Vec<Gitlab> {
    let gitlab = |sender: &Sender| {
        let backfill = Backfill::new(BackfillParts {
            client: base.clients.get(&sender.name)?.clone(),
            instance: *base.gitlabs.get(&sender.name)?,
            terms: Arc::clone(base.terms.get(&sender.name)?),
            queue: queue.clone(),
            store: Arc::clone(&base.store),
            trust: Arc::clone(&base.trust),
            contacts: Arc::clone(&base.contacts),
            clock: Arc::clone(&base.clock),
        });
        let since_seconds = sender.backfill_since_seconds;
        let instance = *base.gitlabs.get(&sender.name)?;
        Some(Gitlab { name: sender.name.clone(), since_seconds, instance, backfill })
    };
    settings.senders.iter().filter_map(gitlab).collect()
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
