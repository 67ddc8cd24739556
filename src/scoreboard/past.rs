//! The numbers of a past instant: today's facts, evaluated as of then.

use crate::delivery::{History, Timestamp};
use crate::store::{Glance, StoreError};

/// Everything in the store, to be measured as of any instant. Lifetime totals are left out of such
/// measures: they are known only as they are now.
///
/// # Errors
/// When the facts cannot be read.
pub fn history(store: &Glance) -> Result<History, StoreError> {
    let mut history = History::default();
    store.load(Timestamp::UNDATED, &mut |fact| {
        history.fold(fact);
    })?;
    Ok(history)
}
