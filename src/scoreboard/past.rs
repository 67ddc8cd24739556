//! The numbers of a past instant: today's facts, evaluated as of then.

use crate::delivery::{History, Timestamp};
use crate::dora::measuring::Measuring;
use crate::dora::scorecard::Scorecard;
use crate::store::{Glance, StoreError};

/// Measures everything in the store as of `at`. Lifetime totals are left out: they are known only
/// as they are now.
///
/// # Errors
/// When the facts cannot be read.
pub fn past(store: &Glance, at: Timestamp, measuring: &Measuring) -> Result<Scorecard, StoreError> {
    let mut history = History::default();
    store.load(Timestamp::UNDATED, &mut |fact| {
        history.fold(fact);
    })?;
    Ok(measuring.all(&history, at))
}
