//! One environment on one day, as far as values need it.

use crate::dora::assessment::environment_days::EnvironmentDay;
use crate::dora::statistics::{Stat, quantile};

/// The median of one row, kept as its double, for half seconds are whole then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DailyMedian(u64);

impl DailyMedian {
    /// The median of whole seconds in any order; `None` without any.
    #[must_use]
    pub fn of(mut seconds: Vec<u64>) -> Option<Self> {
        seconds.sort_unstable();
        let last = seconds.len().checked_sub(1)?;
        let (below, above) = (seconds.get(last / 2)?, seconds.get(last.div_ceil(2))?);
        Some(Self(below.saturating_add(*above)))
    }

    /// In seconds.
    #[must_use]
    pub fn as_seconds(self) -> f64 {
        quantile(&[self.0], Stat::P50).unwrap_or_default() / 2.0
    }

    /// The median of medians, in seconds; `None` without any.
    #[must_use]
    pub fn median(medians: impl Iterator<Item = Self>) -> Option<f64> {
        let mut doubled: Vec<u64> = medians.map(|own| own.0).collect();
        doubled.sort_unstable();
        quantile(&doubled, Stat::P50).map(|median| median / 2.0)
    }
}

/// One environment on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyRow {
    /// The day of UTC, counted from 1970-01-01.
    pub day: i32,
    /// Deployments that succeeded.
    pub deployments: u64,
    /// From merge to deployment, of the merge requests linked to them.
    pub lead_time: Option<DailyMedian>,
    /// How long the incidents closed that day lasted.
    pub restore: Option<DailyMedian>,
    /// Incidents opened that day; `None` where the tier is not production.
    pub incidents: Option<u64>,
}

impl DailyRow {
    /// What values need of a row.
    #[must_use]
    pub fn of(own: &EnvironmentDay) -> Self {
        let count = |items: usize| u64::try_from(items).unwrap_or(u64::MAX);
        let median = |all: &[(_, u64)]| DailyMedian::of(all.iter().map(|(_, own)| *own).collect());
        Self {
            day: own.day,
            deployments: count(own.deployments.len()),
            lead_time: median(&own.linked),
            restore: median(&own.restored),
            incidents: own.opened.as_ref().map(|opened| count(opened.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_whole_seconds_may_end_in_half_a_second_and_their_median_in_a_quarter() {
        let median = |seconds: &[u64]| DailyMedian::of(seconds.to_vec());
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[9, 4, 2]).map(DailyMedian::as_seconds), Some(4.0));
        assert_eq!(median(&[9, 4, 2, 5]).map(DailyMedian::as_seconds), Some(4.5));
        let both = [median(&[4, 5]), median(&[7])].into_iter().flatten();
        assert_eq!(DailyMedian::median(both), Some(5.75));
        assert_eq!(DailyMedian::median(std::iter::empty()), None);
    }
}
