//! This process's own metrics, rendered once a second at most.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::exposition::{Format, Tail};
use crate::instruments::Instruments;

/// How long a rendering is good for: scrapes come every few seconds, and what they show of this
/// process may be a second old. Many scrapers at once then cost one rendering.
const LIFE: Duration = Duration::from_secs(1);

/// The newest rendering of each format that was asked for.
#[derive(Debug, Default)]
pub(super) struct Tails {
    // As many as there are formats: three.
    rendered: Mutex<Vec<(Format, Instant, Arc<Tail>)>>,
}

impl Tails {
    /// The own metrics in one format, as of `now` or at most a second before.
    pub(super) fn get(&self, format: Format, instruments: &Instruments, now: Instant) -> Arc<Tail> {
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        rendered.retain(|(_, at, _)| now.saturating_duration_since(*at) < LIFE);
        if let Some((_, _, tail)) = rendered.iter().find(|(own, _, _)| *own == format) {
            return Arc::clone(tail);
        }
        let tail = Arc::new(Tail::render(&instruments.gather(), format));
        rendered.push((format, now, Arc::clone(&tail)));
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock as _, SystemClock};

    #[test]
    fn a_rendering_serves_for_a_second_and_each_format_has_its_own() {
        let (tails, instruments) = (Tails::default(), Instruments::new());
        let now = SystemClock.monotonic();
        let first = tails.get(Format::Text, &instruments, now);
        let again = tails.get(Format::Text, &instruments, now + LIFE / 2);
        assert!(Arc::ptr_eq(&first, &again));
        let other = crate::exposition::Escaping::Unnamed;
        let other = tails.get(Format::OpenMetrics { escaping: other }, &instruments, now);
        assert!(!Arc::ptr_eq(&first, &other));
        let later = tails.get(Format::Text, &instruments, now + LIFE);
        assert!(!Arc::ptr_eq(&first, &later));
    }
}
