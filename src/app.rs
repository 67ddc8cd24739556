//! The whole program put together: what is started in which order, and how it ends.

mod auditing;
mod backfilling;
mod base;
mod clients;
mod maintenance;
mod past;
mod reading;
mod reload;
mod values;
mod wanting;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::{ConfigError, Settings};
use crate::http::{self, Readiness, Reload, Server, StateParts};
use crate::ingest::{Contacts, End, Queue, Writer};
use crate::scoreboard::Scoreboard;
use crate::store::{Store, StoreError};
use auditing::Auditing;
pub use backfilling::Backfilling;
use base::Base;
use maintenance::{Keep, Maintenance, Questions};
pub use past::Past;
use reading::Reading;
use reload::{Reloader, Rooms};
pub use values::kept_jobs;
pub(crate) use values::wanted_hooks;
use wanting::Wanting;

/// How long the queue may take to drain once nothing comes in any more: with the time that
/// requests under way have, it stays below what supervisors wait before they kill.
const DRAIN: Duration = Duration::from_secs(10);

/// How long questions to the store may still take at the end: all but one take milliseconds.
const LAST_QUESTIONS: Duration = Duration::from_secs(2);

/// How often the first snapshot is looked for; nobody waits for it but a line of the log.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Reads the configuration again.
pub type Reread = Box<dyn Fn() -> Result<Settings, ConfigError> + Send + Sync>;

/// Why the program could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store cannot be used; nothing was changed in it.
    #[error("failed to open the store")]
    Store(#[from] StoreError),
    /// An address cannot be listened on.
    #[error("failed to listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Hooks are to be set up, and the token may not do that.
    #[error("cannot set up hooks: the token of {gitlab} has the scopes {scopes} and not `api`")]
    Scope {
        /// The operator's name of the GitLab.
        gitlab: String,
        /// What it may do.
        scopes: String,
    },
    /// The client of a GitLab's API cannot be made.
    #[error("failed to prepare for asking GitLab's API")]
    Client(#[source] crate::rest::Cause),
    /// The system gives no thread or no socket.
    #[error("failed to start a thread")]
    System(#[from] std::io::Error),
}

/// Why the program ended although nobody asked it to, or could not end in order.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The disk failed under a write: start again, and the store recovers.
    #[error("the storage failed under a write")]
    Storage(#[source] StoreError),
    /// The writer panicked, which is a defect.
    #[error("the writer stopped working")]
    Writer,
    /// The store was away until the end; what it did not take was not acknowledged.
    #[error("the store did not take the last deliveries, none of which was acknowledged")]
    NotDrained,
}

/// The running program.
pub struct App {
    store: Arc<Store>,
    queue: Queue,
    writer: Writer,
    scoreboard: Arc<Scoreboard>,
    server: Server,
    readiness: Arc<Readiness>,
    maintenance: JoinHandle<()>,
    questions: Questions,
    reading: JoinHandle<()>,
    auditing: JoinHandle<()>,
    wanting: JoinHandle<()>,
    contacts: Arc<Contacts>,
    reload: Reload,
    clock: Arc<dyn Clock>,
    drain_delay: Duration,
    address: SocketAddr,
    admin_address: SocketAddr,
}

impl App {
    /// Starts with settings that a reload does not change.
    ///
    /// # Errors
    /// As [`start_rereading`](Self::start_rereading).
    pub async fn start(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let same = settings.clone();
        Self::start_rereading(settings, Box::new(move || Ok(same.clone())), clock).await
    }

    /// Opens the store, then the listeners; from then on deliveries are taken in. The history is
    /// read in the background, and the first snapshot makes the program ready.
    ///
    /// `reread` reads the configuration again at each reload.
    ///
    /// # Errors
    /// [`StartError`]; what was started before is stopped again.
    pub async fn start_rereading(
        settings: Settings,
        reread: Reread,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let base = Base::open(&settings, clock).await?;
        let doors = http::bind(settings.server.listen, settings.server.admin_listen)
            .map_err(|(address, source)| StartError::Listen { address, source })?;
        let (address, admin_address) = (doors.address()?, doors.admin_address()?);

        let scoreboard = Arc::new(base.scoreboard(&settings)?);
        let queue = base.queue(&settings);
        let wanting = Wanting::new(&base, &settings, &queue, &scoreboard);
        let writer = base.writer(&settings, &queue, wanting.feed())?;
        let receiver = base.receiver(&settings, &queue);
        let auditing = Auditing::new(&base, &settings, &scoreboard, &receiver);
        let readiness = Arc::new(Readiness::default());
        let keep = Arc::new(Keep::new(values::retention(&settings)));
        let gitlabs = Arc::new(ArcSwap::from_pointee(values::gitlabs(&settings, &base.gitlabs)));
        let rooms =
            Rooms { receiver: &receiver, scoreboard: &scoreboard, keep: &keep, gitlabs: &gitlabs };
        let reload = Reloader::new(&base, (&settings, reread), rooms).shared();
        let state = StateParts {
            receiver,
            scoreboard: Arc::clone(&scoreboard),
            heard: Arc::clone(&base.heard),
            contacts: Arc::clone(&base.contacts),
            instruments: Arc::clone(&base.instruments),
            clock: Arc::clone(&base.clock),
            readiness: Arc::clone(&readiness),
            body_limits: values::body_limits(&settings),
            public_url: settings.server.external_url.clone(),
            languages: settings.page.languages.clone(),
            levels: settings.page.levels,
            gitlabs,
            reload: Arc::clone(&reload),
        };
        let server = Server::start(doors, state, values::server_limits(&settings))?;
        let maintenance = Maintenance::new(&base, &readiness, keep, scoreboard.feed());
        let questions = maintenance.questions();
        let maintenance = tokio::spawn(maintenance.run());
        let reading = tokio::spawn(Reading::new(&base, &settings, &queue).run(scoreboard.counts()));
        let (auditing, wanting) = (tokio::spawn(auditing.run()), tokio::spawn(wanting.run()));
        let drain_delay = settings.server.drain_delay;
        let Base { store, contacts, clock, .. } = base;
        Ok(Self {
            store,
            queue,
            writer,
            scoreboard,
            server,
            readiness,
            maintenance,
            questions,
            reading,
            auditing,
            wanting,
            contacts,
            reload,
            clock,
            drain_delay,
            address,
            admin_address,
        })
    }

    /// Resolves when the first snapshot exists.
    pub fn ready(&self) -> impl Future<Output = ()> + Send + use<> {
        let (scoreboard, clock) = (Arc::clone(&self.scoreboard), Arc::clone(&self.clock));
        async move {
            while scoreboard.snapshot().is_none() {
                clock.sleep(LOOK_EVERY).await;
            }
        }
    }

    /// Where deliveries arrive; the real port where 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where metrics and administration are; the same unless there is a second listener.
    #[must_use]
    pub const fn admin_address(&self) -> SocketAddr {
        self.admin_address
    }

    /// Reads the configuration again, as `POST /-/reload` does.
    #[must_use]
    pub fn reload(&self) -> Reload {
        Arc::clone(&self.reload)
    }

    /// Runs until `stop` resolves, then ends in order: says that it is not ready, lets load
    /// balancers look elsewhere, closes the listeners, finishes the requests under way, drains the
    /// queue, and closes the store.
    ///
    /// # Errors
    /// [`RunError`] when the program ended by itself or left something undone. Whatever was
    /// acknowledged is safe.
    pub async fn run_until(mut self, stop: impl Future<Output = ()>) -> Result<(), RunError> {
        let asked = async {
            stop.await;
            tracing::info!("stopping");
            self.readiness.stop();
            // What it has not read yet, the next start reads.
            self.reading.abort();
            self.clock.sleep(self.drain_delay).await;
        };
        let early = tokio::select! {
            end = self.writer.ended() => Some(end),
            () = asked => None,
        };
        self.readiness.stop();
        if early.is_none() {
            self.server.stop().await;
        }
        let give_up_at = self.clock.monotonic().checked_add(DRAIN);
        self.queue.close(give_up_at.unwrap_or_else(|| self.clock.monotonic()));
        let end = match early {
            Some(end) => end,
            None => self.writer.ended().await,
        };
        for duty in [self.maintenance, self.reading, self.auditing, self.wanting] {
            duty.abort();
            let _ = duty.await;
        }
        // A question that is under way holds the store, and would leave it open: reading a large
        // file through may take longer than anybody waits, and harms nothing then.
        tokio::select! {
            () = self.questions.ended() => {}
            () = self.clock.sleep(LAST_QUESTIONS) => {}
        }
        close(self.scoreboard, self.store, &self.contacts).await;
        match end {
            End::Drained => Ok(()),
            End::GaveUp => Err(RunError::NotDrained),
            End::Failing(error) => Err(RunError::Storage(error)),
            End::Panicked => Err(RunError::Writer),
        }
    }
}

/// Ends the scoreboard and closes the store; blocks a thread of the pool meanwhile.
async fn close(scoreboard: Arc<Scoreboard>, store: Arc<Store>, contacts: &Contacts) {
    let last_heard = contacts.take_changed();
    let closed = tokio::task::spawn_blocking(move || {
        scoreboard.stop();
        store.keep_contacts(&last_heard)?;
        match Arc::into_inner(store) {
            Some(store) => store.close(),
            // A request that outlived its time still holds it; its end will close the store.
            None => Ok(()),
        }
    });
    if let Ok(Err(error)) = closed.await {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, "failed to close the store in order; the next start recovers");
    }
}
