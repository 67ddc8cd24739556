//! How long each step of the value stream takes.

use crate::delivery::Timestamp;
use crate::dora::samples::{Samples, Step};
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// Summarises how long the steps took, each placed by what ended it in the window.
///
/// - **Input.** The samples of one or more projects, in any order; production only.
/// - **Output.** Seconds, by [`Step::ALL`]: of issues and merge requests by their delivery, of
///   failures by their recovery, of incidents by their beginning. `None` without samples.
/// - **Cost.** O(n log n).
///
/// Source: this exporter. `code`, `pickup`, `review` and `release` with `deploy` are the stages of
/// change lead time; their quantiles do not add up, their samples do.
#[must_use]
pub fn step_duration(
    samples: &[&Samples],
    window: Window,
    as_of: Timestamp,
) -> [Option<Quantiles>; Step::ALL.len()] {
    let mut seconds: [Vec<u64>; Step::ALL.len()] = Default::default();
    let steps = samples.iter().flat_map(|own| own.steps());
    for (step, time) in steps.filter(|(_, time)| window.contains(time.at, as_of)) {
        for (own, _) in seconds.iter_mut().zip(Step::ALL).filter(|(_, own)| *own == step) {
            own.push(time.seconds);
        }
    }
    seconds.map(Quantiles::of)
}
