//! The one instant type of facts: whole seconds of UTC.

use std::fmt;

/// An instant, in whole seconds since 1970-01-01T00:00:00Z; fractions were dropped at the edge.
///
/// Whole seconds make a webhook (seconds) and the API (milliseconds) name the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Before every instant: the date of a statement that carries none, so that any dated rival
    /// wins over it.
    pub const UNDATED: Self = Self(i64::MIN);

    /// The instant `second` seconds after the epoch.
    #[must_use]
    pub const fn from_second(second: i64) -> Self {
        Self(second)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_second(self) -> i64 {
        self.0
    }

    /// Whole seconds from `earlier` to `self`, never negative.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// The instant `seconds` later, saturating at the ends of time.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }

    /// The instant `seconds` earlier, saturating at the ends of time.
    #[must_use]
    pub fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
