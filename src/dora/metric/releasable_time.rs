//! How much of the time the default branch could have been released.

use crate::delivery::Timestamp;
use crate::dora::statistics::ratio;
use crate::dora::window::Window;

/// Seconds of one window, summed over projects, at every instant until something happens at either
/// of its ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReleasableTime {
    /// Seconds since the first known pipeline.
    known: Growing,
    /// Those of them during which the newest finished pipeline had succeeded.
    releasable: Growing,
}

/// Seconds that grow with the instant of measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Growing {
    /// What they would be at the epoch.
    at_epoch: i64,
    /// What they gain each second, less what leaves the window at its start.
    gain: i64,
}

impl Growing {
    /// Adds seconds that are so many as of an instant.
    fn add(&mut self, seconds: u64, gain: i64, as_of: Timestamp) {
        let grown = gain.saturating_mul(as_of.as_second());
        let at_epoch = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_sub(grown);
        self.at_epoch = self.at_epoch.saturating_add(at_epoch);
        self.gain = self.gain.saturating_add(gain);
    }

    fn at(self, as_of: Timestamp) -> u64 {
        let grown = self.gain.saturating_mul(as_of.as_second());
        u64::try_from(self.at_epoch.saturating_add(grown)).unwrap_or_default()
    }
}

impl ReleasableTime {
    /// Seconds since the first known pipeline, and those of them that were releasable.
    #[must_use]
    pub fn seconds(&self, as_of: Timestamp) -> (u64, u64) {
        (self.known.at(as_of), self.releasable.at(as_of))
    }

    /// Releasable by known seconds, 0 to 1; `None` before the first pipeline.
    #[must_use]
    pub fn ratio(&self, as_of: Timestamp) -> Option<f64> {
        let (known, releasable) = self.seconds(as_of);
        (known > 0).then(|| ratio(releasable.into(), known.into()))
    }

    fn add(&mut self, changes: &[(Timestamp, bool)], start: Timestamp, as_of: Timestamp) {
        for (from, to, is_releasable) in spans(changes, as_of) {
            let seconds = to.seconds_since(from.max(start));
            // A change that the window begins with has not left it yet.
            let reaches_start = u64::from(from < start && start <= to);
            let reaches_end = u64::from(to == as_of);
            let gain = reaches_end.cast_signed() - reaches_start.cast_signed();
            self.known.add(seconds, gain, as_of);
            if is_releasable {
                self.releasable.add(seconds, gain, as_of);
            }
        }
    }
}

/// From each change to the next one or to `as_of`, and whether one could release meanwhile.
pub fn spans(
    changes: &[(Timestamp, bool)],
    as_of: Timestamp,
) -> impl Iterator<Item = (Timestamp, Timestamp, bool)> {
    let ends = changes.iter().skip(1).map(|(at, _)| *at).chain([as_of]);
    changes.iter().zip(ends).map(|((from, is_releasable), to)| (*from, to, *is_releasable))
}

/// Adds up how long the newest finished pipeline of the default branch was a success.
///
/// - **Input.** Of each project, the instants at which that changed, before `as_of` and in order.
/// - **Output.** Seconds of the window, from the first known pipeline of each project.
/// - **Cost.** O(n).
///
/// Source: this exporter; "deliverable at any moment" is continuous delivery's own definition.
#[must_use]
pub fn releasable_time<'a>(
    projects: impl Iterator<Item = &'a [(Timestamp, bool)]>,
    window: Window,
    as_of: Timestamp,
) -> ReleasableTime {
    let start = as_of.minus(window.seconds());
    let mut time = ReleasableTime::default();
    projects.for_each(|changes| time.add(changes, start, as_of));
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second)
    }

    #[test]
    fn it_is_the_same_as_measured_anew_until_a_change_leaves_the_window() {
        let window = Window::of_days(1);
        let day = 86_400;
        // Unknown for 100 s, releasable for 50, broken for 30, releasable since.
        let changes = [(at(100), true), (at(150), false), (at(180), true)];
        let measured = |as_of| releasable_time([&changes[..]].into_iter(), window, at(as_of));
        let mut kept = measured(200);
        assert_eq!(kept.seconds(at(200)), (100, 70));
        for as_of in (207..day + 400).step_by(7) {
            let has_left = changes.iter().any(|(change, _)| {
                let leaves = window.leaves_at(*change).as_second();
                (as_of - 6..=as_of).contains(&leaves)
            });
            let now = measured(as_of);
            if has_left {
                kept = now;
            }
            assert_eq!(kept, now, "as of {as_of}");
        }
        assert_eq!(measured(day + 1_000).ratio(at(day + 1_000)), Some(1.0));
        assert_eq!(releasable_time([].into_iter(), window, at(9)).ratio(at(9)), None);
    }
}
