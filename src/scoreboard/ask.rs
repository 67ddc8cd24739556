//! Questions to the owner: what only the history can answer, in bounded number and time.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Message, Published, Scoreboard};
use crate::clock::Clock;
use crate::delivery::{History, Timestamp};
use crate::dora::measuring::Measuring;

/// Questions that may wait for the owner: people ask them, one at a time, and it has numbers to
/// publish.
const MOST_QUESTIONS: usize = 4;
/// How long an asker waits, and how long the owner may work on an answer: less than the step from
/// one instant of measure to the next.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an answer may read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Everything known.
    pub history: &'a History,
    /// What is measured.
    pub measuring: &'a Measuring,
    /// The instant of the newest snapshot.
    pub as_of: Timestamp,
}

/// Why a question got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The history is being read.
    #[error("the history is being read")]
    Loading,
    /// Too many questions wait already.
    #[error("too many questions wait already")]
    Busy,
    /// The answer takes too long.
    #[error("the answer takes too long")]
    Late,
}

/// A question on its way.
pub(super) struct Ask(Box<dyn FnOnce(&Reading<'_>) + Send>);

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
    }
}

impl Ask {
    /// A question that panics is a defect; it must not end the owner.
    pub(super) fn answer(self, reading: &Reading<'_>) {
        if catch_unwind(AssertUnwindSafe(|| (self.0)(reading))).is_err() {
            tracing::error!("a question ended in a panic");
        }
    }
}

/// A place among the questions, given back when dropped.
struct Place(Arc<Published>);

impl Place {
    fn take(published: &Arc<Published>) -> Option<Self> {
        let more = |asking| (asking < MOST_QUESTIONS).then_some(asking + 1);
        let taken = published.asking.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        taken.is_ok().then(|| Self(Arc::clone(published)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.asking.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Scoreboard {
    /// Has the owner answer a question between two measures. `answer` is also told whether there is
    /// still time, and should give up when there is none.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn ask<T: Send + 'static>(
        &self,
        clock: &Arc<dyn Clock>,
        answer: impl FnOnce(&Reading<'_>, &dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T, AskError> {
        if self.published.snapshot.load().is_none() {
            return Err(AskError::Loading);
        }
        let place = Place::take(&self.published).ok_or(AskError::Busy)?;
        let (reply, answered) = oneshot::channel();
        let (own_clock, since) = (Arc::clone(clock), clock.monotonic());
        let ask = Ask(Box::new(move |reading| {
            let _place = place;
            let goes_on = || own_clock.monotonic().saturating_duration_since(since) < PATIENCE;
            if goes_on() && !reply.is_closed() {
                // Whoever asked may have gone away.
                let _ = reply.send(answer(reading, &goes_on));
            }
        }));
        self.inbox.try_send(Message::Ask(ask)).map_err(|_| AskError::Busy)?;
        tokio::select! {
            answer = answered => answer.map_err(|_| AskError::Late),
            () = clock.sleep(PATIENCE) => Err(AskError::Late),
        }
    }
}
