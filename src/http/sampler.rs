//! At most one log line per interval, with the number of those it stands for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between two lines: six a minute cannot fill a disk, and tell of a trouble at once.
const INTERVAL: Duration = Duration::from_secs(10);

/// Decides which of many like events is worth a line.
#[derive(Debug, Default)]
pub(super) struct Sampler(Mutex<Sampled>);

#[derive(Debug, Default)]
struct Sampled {
    last: Option<Instant>,
    unsaid: u64,
}

impl Sampler {
    /// Takes note of one event; the number of events since the last line when it is time for one.
    pub(super) fn sample(&self, now: Instant) -> Option<u64> {
        let mut sampled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sampled.unsaid = sampled.unsaid.saturating_add(1);
        if sampled.last.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL) {
            return None;
        }
        sampled.last = Some(now);
        Some(std::mem::take(&mut sampled.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    #[test]
    fn the_first_event_is_told_and_the_rest_is_summed_up_later() {
        let (sampler, start) = (Sampler::default(), SystemClock.monotonic());
        assert_eq!(sampler.sample(start), Some(1));
        assert_eq!(sampler.sample(start + Duration::from_secs(1)), None);
        assert_eq!(sampler.sample(start + Duration::from_secs(9)), None);
        assert_eq!(sampler.sample(start + INTERVAL), Some(3));
    }
}
