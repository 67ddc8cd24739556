//! What is known to be missing, shared by those who lose and those who find.

use std::sync::{Mutex, PoisonError};

use crate::delivery::Doubts;

/// [`Doubts`] that any thread may look at and change.
#[derive(Debug, Default)]
pub struct Trust(Mutex<Doubts>);

impl Trust {
    /// Looks at them, or changes them, while the others wait.
    pub fn with<T>(&self, work: impl FnOnce(&mut Doubts) -> T) -> T {
        // A panic leaves a map as it was or with one entry more, so a poisoned lock is as good.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
