//! Rhythm: the gaps between releases, how even they are, and whether a cadence is kept.

use std::collections::BTreeSet;

use crate::delivery::Timestamp;
use crate::dora::samples::{ReleaseSample, TierSamples};
use crate::dora::statistics::{Quantiles, ratio};
use crate::dora::window::Window;

/// How regularly a tier received something new, in one window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rhythm {
    /// Seconds between the ends of consecutive forward releases; `None` below two releases.
    pub interval: Option<Quantiles>,
    /// Standard deviation of these gaps by their mean: 0 is a metronome. `None` below two gaps,
    /// where all are 0, and for groups and teams: a rhythm belongs to one project.
    pub interval_variation_ratio: Option<f64>,
    /// Periods with a forward release by all periods, 0 to 1; `None` where no period is configured
    /// or none fits into the window.
    pub cadence_adherence_ratio: Option<f64>,
}

/// Summarises how regularly forward releases ended in the window.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** Gaps run from one forward release of a project to its next, both in the window;
///   those of several projects are pooled, none runs from one project to another. Periods of length
///   `cadence_period` are counted backwards from `as_of`; a rest at the start of the window is none.
///   Each project has its own periods, kept or not; several projects add up both, as numerators and
///   denominators of every ratio are added.
/// - **Cost.** O(n log n).
///
/// Source: this exporter; the talk asks to "deliver value often", "every x weeks".
#[must_use]
pub fn rhythm(samples: &[&TierSamples], window: Window, as_of: Timestamp) -> Rhythm {
    let gaps: Vec<u64> = samples
        .iter()
        .flat_map(|tier| &tier.releases)
        .filter(|release| window.contains(release.ended_at, as_of))
        .filter_map(|release| {
            let before = release.follows.filter(|before| window.contains(*before, as_of))?;
            Some(release.ended_at.seconds_since(before))
        })
        .collect();
    Rhythm {
        interval_variation_ratio: variation_ratio(&gaps),
        interval: Quantiles::of(gaps),
        cadence_adherence_ratio: cadence_adherence_ratio(samples, window, as_of),
    }
}

/// Population standard deviation by mean.
///
/// With n gaps, their sum S and the sum Q of their squares this is √(n·Q − S²) / S, in whole numbers
/// up to the one division. The gaps of a project fill at most a window, so nothing overflows.
fn variation_ratio(gaps: &[u64]) -> Option<f64> {
    if gaps.len() < 2 {
        return None;
    }
    let whole = |gap: &u64| u128::from(*gap);
    let count = u128::try_from(gaps.len()).ok()?;
    let sum: u128 = gaps.iter().map(whole).sum();
    let squares = gaps.iter().map(whole).map(|gap| gap.saturating_mul(gap));
    let squares = squares.fold(0_u128, u128::saturating_add);
    let square = sum.saturating_mul(sum);
    let spread = count.saturating_mul(squares).saturating_sub(square);
    (sum > 0).then(|| ratio(spread, square).sqrt())
}

fn cadence_adherence_ratio(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> Option<f64> {
    let (mut kept, mut periods) = (0_u128, 0_u128);
    for tier in samples {
        let Some(period) = cadence_period(tier) else { continue };
        let own = window.seconds() / period;
        // The period k of [as_of − (k+1)·X, as_of − k·X) that each release is in.
        let held: BTreeSet<u64> = forward(tier)
            .filter(|release| window.contains(release.ended_at, as_of))
            .map(|release| as_of.seconds_since(release.ended_at).saturating_sub(1) / period)
            .filter(|period| *period < own)
            .collect();
        kept += u128::try_from(held.len()).unwrap_or(u128::MAX);
        periods += u128::from(own);
    }
    (periods > 0).then(|| ratio(kept, periods))
}

/// The next instants of measure at which a forward release passes from one period of the cadence
/// to the one before it: one for each release that is still in a period of some window.
pub(in crate::dora) fn passes_at(
    tier: &TierSamples,
    windows: &[Window],
    as_of: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let period = cadence_period(tier);
    let longest = windows.iter().map(|window| window.seconds()).max().unwrap_or(0);
    let passes = move |period: u64| {
        forward(tier).filter_map(move |release| {
            let passed = as_of.seconds_since(release.ended_at).max(1).div_ceil(period);
            let seconds = passed.saturating_mul(period);
            (passed <= longest / period).then(|| release.ended_at.plus(seconds).plus(1))
        })
    };
    period.into_iter().flat_map(passes)
}

fn cadence_period(tier: &TierSamples) -> Option<u64> {
    tier.cadence_period_seconds.filter(|period| *period > 0)
}

fn forward(tier: &TierSamples) -> impl Iterator<Item = &ReleaseSample> {
    tier.releases.iter().filter(|release| release.kind.is_forward())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_of_4_and_8_days_vary_by_a_third_and_even_ones_by_nothing() {
        const DAY: u64 = 86_400;
        // Mean 6 days, standard deviation 2 days.
        let third = variation_ratio(&[4 * DAY, 8 * DAY]).unwrap();
        assert!((third - 1.0 / 3.0).abs() < 1e-15, "{third}");
        assert_eq!(variation_ratio(&[DAY, DAY, DAY]), Some(0.0));
    }

    #[test]
    fn one_gap_has_no_variation_and_neither_have_gaps_of_no_length() {
        assert_eq!(variation_ratio(&[86_400]), None);
        assert_eq!(variation_ratio(&[0, 0]), None);
    }
}
