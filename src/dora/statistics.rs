//! Exact quantiles of whole seconds.

use std::num::NonZeroU64;

/// The quantiles that are exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stat {
    /// The median.
    P50,
    /// The third quartile.
    P75,
    /// The ninth decile.
    P90,
}

impl Stat {
    /// All of them, ascending.
    pub const ALL: [Self; 3] = [Self::P50, Self::P75, Self::P90];

    /// The value of the label `stat`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
        }
    }

    /// The rank in hundredths: ranks are whole numbers so that every machine agrees.
    const fn hundredths(self) -> u128 {
        match self {
            Self::P50 => 50,
            Self::P75 => 75,
            Self::P90 => 90,
        }
    }
}

/// A set of samples, summarised: the three quantiles, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiles {
    /// How many samples stand behind them.
    pub samples: NonZeroU64,
    /// Seconds.
    pub p50: f64,
    /// Seconds.
    pub p75: f64,
    /// Seconds.
    pub p90: f64,
}

impl Quantiles {
    /// Summarises samples in ascending order; `None` without any: no data is not zero.
    #[must_use]
    pub fn of_sorted(sorted: &[u64]) -> Option<Self> {
        Some(Self {
            samples: NonZeroU64::new(u64::try_from(sorted.len()).ok()?)?,
            p50: quantile(sorted, Stat::P50)?,
            p75: quantile(sorted, Stat::P75)?,
            p90: quantile(sorted, Stat::P90)?,
        })
    }

    /// Summarises samples in any order.
    #[must_use]
    pub fn of(mut samples: Vec<u64>) -> Option<Self> {
        // Below that, a sort is as fast as what spares it.
        const FEW: usize = 32;
        if samples.len() > FEW {
            sort_around_quantiles(&mut samples);
        } else {
            samples.sort_unstable();
        }
        Self::of_sorted(&samples)
    }

    /// One of the three, in seconds.
    #[must_use]
    pub const fn get(&self, stat: Stat) -> f64 {
        match stat {
            Stat::P50 => self.p50,
            Stat::P75 => self.p75,
            Stat::P90 => self.p90,
        }
    }
}

/// The quantile of samples in ascending order, by linear interpolation between closest ranks
/// (`PERCENTILE_CONT`): position q·(n−1). `None` without samples.
///
/// The interpolation is done on whole hundredths of a second and divided once, last.
#[must_use]
pub fn quantile(sorted: &[u64], stat: Stat) -> Option<f64> {
    let last = u128::try_from(sorted.len().checked_sub(1)?).ok()?;
    let position = stat.hundredths() * last;
    let below = usize::try_from(position / 100).ok()?;
    let (low, part) = (u128::from(*sorted.get(below)?), position % 100);
    let high = sorted.get(below + 1).map_or(low, |value| u128::from(*value));
    Some(ratio(low * 100 + part * (high - low), 100))
}

/// Brings to their places those samples that the quantiles are made of, in linear time.
fn sort_around_quantiles(samples: &mut [u64]) {
    let last = samples.len().saturating_sub(1);
    let ranks = Stat::ALL.map(|stat| {
        let below = stat.hundredths().saturating_mul(u128::try_from(last).unwrap_or(0)) / 100;
        usize::try_from(below).unwrap_or(last)
    });
    let (mut rest, mut placed) = (samples, 0);
    for rank in ranks {
        // The rank itself, and the one above it: what is below is no matter any more.
        for wanted in [rank, last.min(rank + 1)] {
            let Some(place) = wanted.checked_sub(placed).filter(|place| *place < rest.len()) else {
                continue;
            };
            let (_, _, above) = rest.select_nth_unstable(place);
            (rest, placed) = (above, wanted + 1);
        }
    }
}

/// `part / whole` as a float: the one place where whole numbers become one.
#[expect(clippy::cast_precision_loss, reason = "seconds and counts stay far below 2⁵³")]
pub(crate) fn ratio(part: u128, whole: u128) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_the_closest_ranks() {
        let quantiles = Quantiles::of(vec![40, 10, 30, 20]);
        let samples = NonZeroU64::new(4).unwrap();
        let expected = Quantiles { samples, p50: 25.0, p75: 32.5, p90: 37.0 };
        assert_eq!(quantiles, Some(expected));
    }

    #[test]
    fn many_samples_are_not_sorted_and_give_the_same() {
        for count in 1..400_u64 {
            let samples: Vec<u64> = (0..count).map(|n| (n * 7_919 + count) % 257).collect();
            let mut sorted = samples.clone();
            sorted.sort_unstable();
            assert_eq!(Quantiles::of(samples), Quantiles::of_sorted(&sorted), "{count}");
        }
    }

    #[test]
    fn one_sample_is_every_quantile_and_none_is_no_data() {
        let samples = NonZeroU64::MIN;
        let expected = Quantiles { samples, p50: 7.0, p75: 7.0, p90: 7.0 };
        assert_eq!(Quantiles::of(vec![7]), Some(expected));
        assert_eq!(Quantiles::of(Vec::new()), None);
    }
}
