//! The numbers of past instants, from a store that another process may have open.

use super::values;
use crate::config::Settings;
use crate::delivery::{History, Timestamp};
use crate::dora::explain::{Unanswered, explain};
use crate::dora::measuring::Measuring;
use crate::exposition::{Limits, Snapshot, Timeline, TimelineFull, render};
use crate::report::{ExplanationReport, Gitlabs, Misread, Series};
use crate::scoreboard::history;
use crate::store::{Glance, StoreError, StoreSettings};

/// What a store holds, to be measured as of any instant. Nothing is changed in it.
#[derive(Debug)]
pub struct Past {
    history: History,
    measuring: Measuring,
    limits: Limits,
    gitlabs: Gitlabs,
}

impl Past {
    /// Reads the store of `settings`.
    ///
    /// # Errors
    /// When there is no store, or it cannot be read.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let store = Glance::open(&StoreSettings::new(&settings.storage.directory))?;
        let numbers = store.gitlabs()?;
        Ok(Self {
            history: history(&store)?,
            measuring: values::measuring(settings),
            limits: values::exposition_limits(settings, &numbers),
            gitlabs: values::gitlabs(settings, &numbers),
        })
    }

    /// The numbers of one instant, rendered.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Snapshot {
        render(&self.measuring.all(&self.history, at), &self.limits)
    }

    /// Reads a series as [`Series::parse`] does.
    ///
    /// # Errors
    /// When it is none, or none that can be explained.
    pub fn series(&self, text: &str) -> Result<Series, Misread> {
        Series::parse(text, &self.gitlabs)
    }

    /// What stands behind a series at one instant.
    ///
    /// # Errors
    /// When whose series it is, or its window, is not known.
    pub fn explain(&self, series: &Series, at: Timestamp) -> Result<ExplanationReport, Unanswered> {
        let question = series.question();
        let explanation = explain(&self.measuring, &self.history, question, at, &|| true)?;
        Ok(ExplanationReport::new(series, &explanation, &self.gitlabs))
    }

    /// Adds the numbers of one instant to a timeline.
    ///
    /// # Errors
    /// When the timeline holds no more.
    pub fn add_to(&self, timeline: &mut Timeline, at: Timestamp) -> Result<(), TimelineFull> {
        timeline.add(&self.measuring.all(&self.history, at), &self.limits)
    }
}
