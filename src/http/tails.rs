//! This process's own metrics, rendered again only when they changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::exposition::{Format, Tail};
use crate::instruments::Instruments;

/// How long a rendering is good for while nothing happens: what it says of the process itself
/// (memory, processor time, scrapes) may be a second old. Many scrapers at once cost one rendering.
const LIFE: Duration = Duration::from_secs(1);

/// The newest rendering of each format that was asked for.
#[derive(Debug, Default)]
pub(super) struct Tails {
    // As many as there are formats: three.
    rendered: Mutex<Vec<Rendering>>,
}

#[derive(Debug)]
struct Rendering {
    format: Format,
    at: Instant,
    changes: u64,
    tail: Arc<Tail>,
}

impl Tails {
    /// The own metrics in one format, as they are at `now`.
    pub(super) fn get(&self, format: Format, instruments: &Instruments, now: Instant) -> Arc<Tail> {
        // Read before gathering: what changes meanwhile makes the next scrape render again.
        let changes = instruments.changes();
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        rendered
            .retain(|own| own.changes == changes && now.saturating_duration_since(own.at) < LIFE);
        if let Some(own) = rendered.iter().find(|own| own.format == format) {
            return Arc::clone(&own.tail);
        }
        let tail = Arc::new(Tail::render(&instruments.gather(), format));
        rendered.push(Rendering { format, at: now, changes, tail: Arc::clone(&tail) });
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock as _, SystemClock};

    #[test]
    fn a_rendering_serves_for_a_second_or_until_something_happens_and_each_format_has_its_own() {
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
        instruments.panicked();
        let changed = tails.get(Format::Text, &instruments, now + LIFE);
        assert!(!Arc::ptr_eq(&later, &changed));
    }
}
