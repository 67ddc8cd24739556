//! Windows: the half-open spans of time that metrics look at.

use std::fmt;

use crate::delivery::Timestamp;

/// A span `[as_of − length, as_of)`, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    seconds: u64,
}

/// Length of a day as windows count it: a local day may be shorter or longer.
pub const DAY_SECONDS: u64 = 86_400;

impl Window {
    /// A window of `days` days; at least one.
    #[must_use]
    pub const fn of_days(days: u32) -> Self {
        let days = if days == 0 { 1 } else { days };
        Self { seconds: days as u64 * DAY_SECONDS }
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.seconds
    }

    /// Its length in days.
    #[must_use]
    pub const fn days(self) -> u64 {
        self.seconds / DAY_SECONDS
    }

    /// Whether `at` lies in the window that ends at `as_of`: its start is in, `as_of` is out.
    #[must_use]
    pub fn contains(self, at: Timestamp, as_of: Timestamp) -> bool {
        at < as_of && at >= as_of.minus(self.seconds)
    }

    /// The first instant of measure at which `at` is no longer in the window.
    #[must_use]
    pub fn leaves_at(self, at: Timestamp) -> Timestamp {
        at.plus(self.seconds).plus(1)
    }
}

/// The day of UTC on which an instant lies, counted from 1970-01-01; instants that no calendar
/// holds fall on the last day it knows.
#[must_use]
pub fn utc_day(at: Timestamp) -> i32 {
    let day = at.as_second().div_euclid(DAY_SECONDS.cast_signed());
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}

/// The instant at which a day of UTC begins.
#[must_use]
pub fn start_of_utc_day(day: i32) -> Timestamp {
    Timestamp::from_second(i64::from(day) * DAY_SECONDS.cast_signed())
}

impl fmt::Display for Window {
    /// As written in labels: `30d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.days())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_window_is_in_and_its_end_is_out() {
        let (window, as_of) = (Window::of_days(1), Timestamp::from_second(100_000));
        assert!(window.contains(Timestamp::from_second(13_600), as_of));
        assert!(!window.contains(Timestamp::from_second(13_599), as_of));
        assert!(window.contains(Timestamp::from_second(99_999), as_of));
        assert!(!window.contains(as_of, as_of));
    }

    #[test]
    fn a_sample_leaves_a_window_one_second_after_it_stood_on_its_start() {
        let (window, at) = (Window::of_days(7), Timestamp::from_second(5));
        let leaves = window.leaves_at(at);
        assert!(!window.contains(at, leaves));
        assert!(window.contains(at, leaves.minus(1)));
    }
}
