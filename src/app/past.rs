//! The numbers of past instants, from a store that another process may have open.

use super::values;
use crate::config::Settings;
use crate::delivery::{History, Timestamp};
use crate::dora::measuring::Measuring;
use crate::exposition::{Limits, Snapshot, Timeline, TimelineFull, render};
use crate::scoreboard::history;
use crate::store::{Glance, StoreError, StoreSettings};

/// What a store holds, to be measured as of any instant. Nothing is changed in it.
#[derive(Debug)]
pub struct Past {
    history: History,
    measuring: Measuring,
    limits: Limits,
}

impl Past {
    /// Reads the store of `settings`.
    ///
    /// # Errors
    /// When there is no store, or it cannot be read.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let store = Glance::open(&StoreSettings::new(&settings.storage.directory))?;
        Ok(Self {
            history: history(&store)?,
            measuring: values::measuring(settings),
            limits: values::exposition_limits(settings, &store.gitlabs()?),
        })
    }

    /// The numbers of one instant, rendered.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Snapshot {
        render(&self.measuring.all(&self.history, at), &self.limits)
    }

    /// Adds the numbers of one instant to a timeline.
    ///
    /// # Errors
    /// When the timeline holds no more.
    pub fn add_to(&self, timeline: &mut Timeline, at: Timestamp) -> Result<(), TimelineFull> {
        timeline.add(&self.measuring.all(&self.history, at), &self.limits)
    }
}
