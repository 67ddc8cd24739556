//! The only place that asks what time it is, and the only place that waits.
//!
//! Everything else takes an instant as an argument, or an `Arc<dyn Clock>`, so that a test decides
//! what time it is.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::delivery::Timestamp;

/// A wait that ends by itself; dropping it ends it early.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time and waits.
pub trait Clock: Send + Sync + Debug {
    /// The wall clock in whole seconds, fractions dropped.
    fn now(&self) -> Timestamp;

    /// The wall clock in milliseconds since the epoch.
    fn now_ms(&self) -> i64;

    /// The clock that never goes back, for durations and deadlines. Its start means nothing.
    fn monotonic(&self) -> Instant;

    /// Waits until `duration` has passed on the monotonic clock.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now_ms().div_euclid(1_000))
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the time enters")]
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the time enters")]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where waiting enters")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still until it is moved; whoever sleeps on it wakes when it is moved far
/// enough.
#[derive(Debug)]
pub struct FixedClock {
    wall_ms: AtomicI64,
    started: Instant,
    elapsed: watch::Sender<Duration>,
}

impl FixedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            wall_ms: AtomicI64::new(now.as_second().saturating_mul(1_000)),
            started: SystemClock.monotonic(),
            elapsed: watch::Sender::new(Duration::ZERO),
        }
    }

    /// Moves both clocks forward, and wakes whoever slept no longer than that.
    pub fn advance(&self, duration: Duration) {
        let milliseconds = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.wall_ms.fetch_add(milliseconds, Ordering::SeqCst);
        self.elapsed.send_modify(|elapsed| *elapsed = elapsed.saturating_add(duration));
    }

    /// Sets the wall clock alone, backwards too, as an operator or a time server might.
    pub fn set(&self, now: Timestamp) {
        self.wall_ms.store(now.as_second().saturating_mul(1_000), Ordering::SeqCst);
    }

    /// How many sleeps are under way.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.elapsed.receiver_count()
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now_ms().div_euclid(1_000))
    }

    fn now_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Instant {
        let elapsed = *self.elapsed.borrow();
        self.started.checked_add(elapsed).unwrap_or(self.started)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut elapsed = self.elapsed.subscribe();
        let wake_at = elapsed.borrow().saturating_add(duration);
        Box::pin(async move {
            if elapsed.wait_for(|elapsed| *elapsed >= wake_at).await.is_err() {
                // The clock is gone: time will never pass again.
                std::future::pending::<()>().await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn the_system_clock_drops_fractions_and_agrees_with_itself() {
        let before = SystemClock.now();
        let milliseconds = SystemClock.now_ms();
        let after = SystemClock.now();
        let seconds = Timestamp::from_second(milliseconds / 1_000);
        assert!(before <= seconds && seconds <= after);
        assert!(before > Timestamp::from_second(1_700_000_000), "a clock in this decade");
    }

    #[test]
    fn a_fixed_clock_stands_still_and_moves_both_clocks_when_told() {
        let clock = FixedClock::at(Timestamp::from_second(100));
        let start = clock.monotonic();
        assert_eq!((clock.now(), clock.monotonic()), (Timestamp::from_second(100), start));

        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now(), Timestamp::from_second(101));
        assert_eq!(clock.now_ms(), 101_500);
        assert_eq!(clock.monotonic() - start, Duration::from_millis(1_500));
    }

    #[test]
    fn setting_the_wall_clock_back_leaves_the_monotonic_clock_alone() {
        let clock = FixedClock::at(Timestamp::from_second(100));
        let start = clock.monotonic();
        clock.set(Timestamp::from_second(-1));
        assert_eq!((clock.now(), clock.monotonic()), (Timestamp::from_second(-1), start));
    }

    #[test]
    fn a_sleeper_wakes_when_the_clock_has_moved_far_enough_and_not_before() {
        let clock = FixedClock::at(Timestamp::from_second(0));
        let mut sleep = clock.sleep(Duration::from_secs(2));
        assert_eq!(clock.sleepers(), 1);
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(Duration::from_millis(1_999));
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(Duration::from_millis(1));
        assert!(sleep.as_mut().now_or_never().is_some());
    }

    #[test]
    fn a_sleep_of_nothing_is_over_at_once() {
        let clock = FixedClock::at(Timestamp::from_second(0));
        assert!(clock.sleep(Duration::ZERO).now_or_never().is_some());
    }
}
