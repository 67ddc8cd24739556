//! Which kinds of deliveries have been heard: what the set-up page ticks off.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::delivery::Timestamp;
use crate::record::Kind;

/// Kinds kept apart; GitLab has some thirty, and a template may invent any number.
const MAX_KINDS: usize = 128;

/// What was heard of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hearing {
    /// When the last delivery was received.
    pub last: Timestamp,
    /// How many deliveries there were.
    pub deliveries: u64,
}

/// All kinds heard so far, in memory; readers never ask the store.
#[derive(Debug, Default)]
pub struct Heard(Mutex<BTreeMap<Kind, Hearing>>);

impl Heard {
    /// Adds `deliveries` deliveries of `kind`, the last one at `last`.
    pub fn add(&self, kind: &Kind, last: Timestamp, deliveries: u64) {
        let mut kinds = self.lock();
        if let Some(known) = kinds.get_mut(kind) {
            known.last = known.last.max(last);
            known.deliveries = known.deliveries.saturating_add(deliveries);
        } else if kinds.len() < MAX_KINDS {
            kinds.insert(kind.clone(), Hearing { last, deliveries });
        }
    }

    /// Every kind heard, by name.
    #[must_use]
    pub fn list(&self) -> Vec<(Kind, Hearing)> {
        self.lock().iter().map(|(kind, hearing)| (kind.clone(), *hearing)).collect()
    }

    /// A panic cannot happen while the lock is held, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Kind, Hearing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_add_up_and_keep_their_newest_instant_whatever_the_order() {
        let (heard, push) = (Heard::default(), Kind::new("push"));
        heard.add(&push, Timestamp::from_second(20), 3);
        heard.add(&push, Timestamp::from_second(10), 1);
        let expected = Hearing { last: Timestamp::from_second(20), deliveries: 4 };
        assert_eq!(heard.list(), [(push, expected)]);
    }

    #[test]
    fn invented_kinds_cannot_grow_it_without_end() {
        let heard = Heard::default();
        for number in 0..1_000 {
            heard.add(&Kind::new(&number.to_string()), Timestamp::from_second(0), 1);
        }
        assert_eq!(heard.list().len(), MAX_KINDS);
    }
}
