//! How many requests one GitLab gets, shared by everything that asks it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::clock::Clock;

const MINUTE: Duration = Duration::from_mins(1);
/// This part of a minute's requests may be made at once, so that a command of a few requests need
/// not wait; the rest flows evenly.
const BURST_PART: u32 = 10;
/// Requests under way at once: one that GitLab thinks about for long must not stop a short one, and
/// no more than that should bind its workers.
const AT_ONCE: usize = 2;

/// A bucket of tokens, one a request. It refills so slowly that the requests of no minute, a full
/// bucket included, are more than allowed.
pub struct Budget {
    clock: Arc<dyn Clock>,
    /// The time in which one token flows in.
    interval: Duration,
    /// The time in which the whole bucket fills.
    capacity: Duration,
    state: Mutex<State>,
    at_once: Semaphore,
}

/// The right to make one request, until it is dropped.
#[derive(Debug)]
#[must_use = "the request is under way until this is dropped"]
pub struct Turn<'a>(#[expect(dead_code, reason = "held, not read")] Option<SemaphorePermit<'a>>);

#[derive(Debug, Clone, Copy)]
struct State {
    /// When the bucket will be full again, if nobody asks: later by one interval a request.
    full_at: Instant,
    /// GitLab asked to be left alone until then.
    quiet_until: Instant,
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("interval", &self.interval)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl Budget {
    /// A full bucket for `requests_per_minute`, at least 1.
    #[must_use]
    pub fn new(requests_per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        let burst = (requests_per_minute / BURST_PART).max(1);
        let flowing = requests_per_minute.saturating_sub(burst).max(1);
        let (now, interval) = (clock.monotonic(), MINUTE / flowing);
        let state = Mutex::new(State { full_at: now, quiet_until: now });
        let capacity = interval.saturating_mul(burst);
        Self { clock, interval, capacity, state, at_once: Semaphore::new(AT_ONCE) }
    }

    /// Waits for a token and takes it, first come, first served; then until fewer than two
    /// requests are under way.
    pub async fn take(&self) -> Turn<'_> {
        let due = self.reserve();
        loop {
            // Meanwhile GitLab may have asked somebody else for a rest.
            let due = due.max(self.state().quiet_until);
            let wait = due.saturating_duration_since(self.clock.monotonic());
            if !wait.is_zero() {
                self.clock.sleep(wait).await;
                continue;
            }
            // It is never closed, so there is always a permit to wait for.
            let permit = self.at_once.acquire().await.ok();
            if self.state().quiet_until <= self.clock.monotonic() {
                return Turn(permit);
            }
        }
    }

    /// Nobody takes a token for `rest` from now on; a longer rest that was asked for stands.
    pub fn pause(&self, rest: Duration) {
        let until = later(self.clock.monotonic(), rest);
        let mut state = self.lock();
        state.quiet_until = state.quiet_until.max(until);
    }

    /// How full the bucket is, from 0 to 1; 0 during a rest.
    #[must_use]
    pub fn fullness(&self) -> f64 {
        let (now, state) = (self.clock.monotonic(), self.state());
        if state.quiet_until > now {
            return 0.0;
        }
        let missing = state.full_at.saturating_duration_since(now);
        1.0 - missing.as_secs_f64().min(self.capacity.as_secs_f64()) / self.capacity.as_secs_f64()
    }

    /// The instant at which the next request may be made; it belongs to the caller.
    fn reserve(&self) -> Instant {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        let full_at = later(state.full_at.max(now), self.interval);
        state.full_at = full_at;
        full_at.checked_sub(self.capacity).unwrap_or(now).max(now)
    }

    fn state(&self) -> State {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(at: Instant, duration: Duration) -> Instant {
    at.checked_add(duration).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::clock::FixedClock;
    use crate::delivery::Timestamp;

    fn bucket(requests_per_minute: u32) -> (Budget, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::at(Timestamp::from_second(0)));
        (Budget::new(requests_per_minute, Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    type Take<'a> = std::pin::Pin<Box<dyn Future<Output = Turn<'a>> + 'a>>;

    /// How many requests are made in each of so many seconds by somebody who never rests.
    fn greedy(budget: &Budget, clock: &FixedClock, seconds: usize) -> Vec<u32> {
        let mut waiting: Take<'_> = Box::pin(budget.take());
        let mut second = || {
            let mut count = 0;
            while waiting.as_mut().now_or_never().is_some() {
                count += 1;
                waiting = Box::pin(budget.take());
            }
            clock.advance(Duration::from_secs(1));
            count
        };
        (0..seconds).map(|_| second()).collect()
    }

    #[test]
    fn no_minute_sees_more_requests_than_allowed_and_few_see_fewer() {
        for rate in [1, 6, 60, 300, 2_000] {
            let (budget, clock) = bucket(rate);
            let made = greedy(&budget, &clock, 600);
            for minute in made.windows(60) {
                // A rate of one has no part to spare: its bucket refills in a minute.
                assert!(minute.iter().sum::<u32>() <= rate.max(2), "{rate}");
            }
            let total: u32 = made.iter().sum();
            assert!(f64::from(total) >= 0.8 * f64::from(rate) * 10.0, "{rate}: {total}");
        }
    }

    #[test]
    fn a_few_requests_need_not_wait_and_the_next_one_does() {
        let (budget, clock) = bucket(60);
        for _ in 0..6 {
            assert!(budget.take().now_or_never().is_some());
        }
        assert!(budget.fullness() < 0.01);
        let mut next = Box::pin(budget.take());
        assert!(next.as_mut().now_or_never().is_none());
        clock.advance(Duration::from_secs(2));
        assert!(next.as_mut().now_or_never().is_some());
        clock.advance(Duration::from_hours(1));
        assert!(budget.fullness() > 0.99);
    }

    #[test]
    fn two_requests_are_under_way_at_once_and_the_third_waits() {
        let (budget, _) = bucket(600);
        let first = budget.take().now_or_never().unwrap();
        let _second = budget.take().now_or_never().unwrap();
        let mut third = Box::pin(budget.take());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        assert!(third.as_mut().now_or_never().is_some());
    }

    #[test]
    fn a_rest_holds_everybody_those_who_wait_already_included() {
        let (budget, clock) = bucket(60);
        for _ in 0..6 {
            drop(budget.take().now_or_never().unwrap());
        }
        let mut waiting = Box::pin(budget.take());
        assert!(waiting.as_mut().now_or_never().is_none());
        budget.pause(Duration::from_secs(30));
        budget.pause(Duration::from_secs(10));
        assert!(budget.fullness() < f64::EPSILON);
        clock.advance(Duration::from_secs(29));
        assert!(waiting.as_mut().now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        assert!(waiting.as_mut().now_or_never().is_some());
    }
}
