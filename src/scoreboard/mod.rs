//! The thread that owns History, and the snapshots it publishes.
//!
//! Readers never wait for the owner and never lock what it works on: they take the newest
//! [`Snapshot`] or [`Scorecard`] by an atomic swap. Facts come in by a bounded channel; when it is
//! full they are dropped and the owner loads the whole history again, since the store has them.

mod ask;
mod board;
mod noticed;
mod owner;
mod past;
mod pooled;
mod tallies;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwapOption;

use crate::clock::Clock;
use crate::delivery::{Fact, ProjectKey, Timestamp};
use crate::dora::measuring::Measuring;
use crate::dora::scorecard::{ContactFigures, Scorecard};
use crate::exposition::{Limits, Snapshot};
use crate::instruments::Instruments;
use crate::store::Store;

use ask::Ask;
pub use ask::{AskError, Reading};
pub use board::{Board, Counting};
use owner::Owner;
pub use past::history;

/// Batches of facts that wait for the owner at most: more than a refresh ever leaves behind under
/// full load, and a few megabytes.
const WAITING_BATCHES: usize = 4_096;

/// Tells whether the hooks of projects still speak, as of an instant.
pub type Contacts = Box<dyn Fn(Timestamp) -> BTreeMap<ProjectKey, ContactFigures> + Send>;

/// Marks what a measure cannot be trusted for.
pub type Judge = Box<dyn Fn(&mut Scorecard, &Measuring) + Send>;

/// What the owner needs to work.
pub struct Parts {
    /// Asked at each measure.
    pub contacts: Contacts,
    /// Asked at each measure.
    pub judge: Judge,
    /// Where facts and totals are.
    pub store: Arc<Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where its own figures go.
    pub instruments: Arc<Instruments>,
    /// What is measured.
    pub measuring: Measuring,
    /// What is exposed.
    pub limits: Limits,
    /// Whether lifetime totals count from the start.
    pub counting: Counting,
    /// The as-of grid, in seconds: measures are taken at its multiples. At least 1.
    pub refresh_seconds: u32,
}

/// Handle of the owner thread; dropping it stops the thread.
#[derive(Debug)]
pub struct Scoreboard {
    published: Arc<Published>,
    inbox: SyncSender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What readers see.
#[derive(Debug, Default)]
struct Published {
    snapshot: ArcSwapOption<Snapshot>,
    scorecard: ArcSwapOption<Scorecard>,
    /// Questions that wait for the owner, or are being answered.
    asking: AtomicUsize,
    /// Facts were dropped, or the history could not be loaded yet: load it again.
    is_behind: AtomicBool,
}

#[derive(Debug)]
enum Message {
    Facts(Vec<Fact>),
    Reload(Box<(Measuring, Limits)>),
    Ask(Ask),
    Count,
    Stop,
}

impl Scoreboard {
    /// Starts the owner thread, which loads the history and then publishes a first snapshot.
    ///
    /// Facts handed to [`feed`](Self::feed) from now on are not missed: those committed while the
    /// history loads are merged twice, which changes nothing.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(parts: Parts) -> std::io::Result<Self> {
        let published = Arc::new(Published::default());
        published.is_behind.store(true, Ordering::SeqCst);
        let (inbox, messages) = sync_channel(WAITING_BATCHES);
        let owner = Owner::new(parts, Arc::clone(&published), messages);
        let thread =
            std::thread::Builder::new().name("scoreboard".to_owned()).spawn(|| owner.run())?;
        Ok(Self { published, inbox, thread: Mutex::new(Some(thread)) })
    }

    /// Where the writer hands over facts after each commit; never waits.
    #[must_use]
    pub fn feed(&self) -> Arc<dyn Fn(Vec<Fact>) + Send + Sync> {
        let (inbox, published) = (self.inbox.clone(), Arc::clone(&self.published));
        Arc::new(move |facts| {
            if let Err(TrySendError::Full(_)) = inbox.try_send(Message::Facts(facts)) {
                published.is_behind.store(true, Ordering::SeqCst);
            }
        })
    }

    /// Re-reads all history under another policy, at the next instant of the grid.
    pub fn reload(&self, measuring: Measuring, limits: Limits) {
        // An owner that has ended needs no policy.
        let _ = self.inbox.send(Message::Reload(Box::new((measuring, limits))));
    }

    /// A way to say that lifetime totals count from now on, whenever that is.
    #[must_use]
    pub fn counts(&self) -> Box<dyn Fn() + Send + Sync> {
        let inbox = self.inbox.clone();
        // An owner that has ended counts nothing.
        Box::new(move || drop(inbox.send(Message::Count)))
    }

    /// The newest rendered snapshot; `None` until the history is loaded.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.published.snapshot.load_full()
    }

    /// The newest numbers; `None` until the history is loaded.
    #[must_use]
    pub fn scorecard(&self) -> Option<Arc<Scorecard>> {
        self.published.scorecard.load_full()
    }

    /// Ends the owner thread and waits for it.
    pub fn stop(&self) {
        let _ = self.inbox.send(Message::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(_)) = thread.map(JoinHandle::join) {
            tracing::error!("the scoreboard ended in a panic");
        }
    }
}

impl Drop for Scoreboard {
    fn drop(&mut self) {
        self.stop();
    }
}
