//! What a metric family is, whoever made it; the two writers know nothing else.

use std::borrow::Cow;

/// What the values of a family mean over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, but for restarts of its owner; its name ends in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Cumulative buckets, sum and count.
    Histogram,
    /// Always 1; what matters are its labels. Its name ends in `_info`.
    Info,
}

/// The base unit of a family; `OpenMetrics` wants it to be the end of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A count, or a state.
    None,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A part of a whole, from 0 to 1; or a spread by its mean, which has no upper end.
    Ratio,
}

impl Unit {
    /// The unit as names end in it; `None` where there is none.
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Seconds => Some("seconds"),
            Self::Bytes => Some("bytes"),
            Self::Ratio => Some("ratio"),
        }
    }
}

/// What stands above the samples of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// The full name, in the text format's spelling: counters with `_total`, infos with `_info`.
    pub name: &'a str,
    /// Its type.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// What it means, in one sentence.
    pub help: &'a str,
}

/// The value of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// A count or whole seconds.
    Whole(u64),
    /// An instant: whole seconds since the epoch.
    Instant(i64),
    /// Anything else.
    Real(f64),
}

impl Number {
    /// A measured number; `None`, hence no series, for what is no number.
    #[must_use]
    pub(super) fn measured(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self::Real(value))
    }
}

/// A family with all its series in memory: this process's own metrics, which are few.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family<'a> {
    /// What stands above them.
    pub(super) head: Head<'a>,
    /// Its series.
    pub(super) series: Vec<Series<'a>>,
}

/// One label set of a family and what it reads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series<'a> {
    /// Names and values, sorted by name, each name once.
    pub(super) labels: Vec<(&'a str, Cow<'a, str>)>,
    /// The reading.
    pub(super) reading: Reading,
}

/// What a series reads.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    /// A counter, gauge or info.
    Number(Number),
    /// A histogram.
    Histogram {
        /// Upper bounds, ascending and without `+Inf`, with the observations up to each.
        buckets: Vec<(f64, u64)>,
        /// Sum of all observations.
        sum: Number,
        /// Number of all observations: the bucket `+Inf`.
        count: u64,
    },
}
