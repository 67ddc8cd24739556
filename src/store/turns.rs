//! Who writes next: a sender waits for a commit, nobody waits for counting or retention.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Under a load that always has a next commit, the rest gets its turn after so long all the same.
const PATIENCE: Duration = Duration::from_millis(20);

/// Counts the commits that wait for the writer.
///
/// A mutex is not fair: a thread that writes time and again would take it before a commit that was
/// there first, for hundreds of transactions in a row.
#[derive(Debug, Default)]
pub(super) struct Turns {
    waiting: Mutex<usize>,
    nobody: Condvar,
}

/// A commit that waits, until dropped.
#[derive(Debug)]
pub(super) struct Waiting<'a>(&'a Turns);

impl Turns {
    /// Goes first, for as long as what is given back lives.
    pub(super) fn first(&self) -> Waiting<'_> {
        *self.lock() += 1;
        Waiting(self)
    }

    /// Waits until no commit waits, 20 ms at most.
    pub(super) fn last(&self) {
        let waits = |waiting: &mut usize| *waiting > 0;
        // Either end of the wait is a turn.
        let _ = self.nobody.wait_timeout_while(self.lock(), PATIENCE, waits);
    }

    /// A panic cannot happen while the lock is held, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        *waiting -= 1;
        if *waiting == 0 {
            self.0.nobody.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_rest_waits_for_a_commit_that_waits_but_not_for_ever() {
        let turns = Turns::default();
        turns.last();
        let commit = turns.first();
        turns.last();
        std::thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            let turns = &turns;
            scope.spawn(move || {
                turns.last();
                tell.send(()).unwrap();
            });
            drop(commit);
            told.recv().unwrap();
        });
    }
}
