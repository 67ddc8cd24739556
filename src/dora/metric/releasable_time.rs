//! How much of the time the default branch could have been released.

use crate::delivery::Timestamp;
use crate::dora::statistics::ratio;
use crate::dora::window::Window;

/// Seconds of one window, summed over projects, and how they change while nothing happens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReleasableTime {
    /// Seconds since the first known pipeline.
    pub known_seconds: u64,
    /// Those of them during which the newest finished pipeline had succeeded.
    pub releasable_seconds: u64,
    /// What the two gain each second, less what leaves the window at its start.
    known_gain: i64,
    releasable_gain: i64,
}

impl ReleasableTime {
    /// Releasable by known seconds, 0 to 1; `None` before the first pipeline.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let known = u128::from(self.known_seconds);
        (known > 0).then(|| ratio(self.releasable_seconds.into(), known))
    }

    /// Whether anything changes while nothing happens.
    #[must_use]
    pub const fn grows(&self) -> bool {
        self.known_gain != 0 || self.releasable_gain != 0
    }

    /// Moves the window on by some seconds in which nothing happens at either end.
    pub fn grow_older(&mut self, seconds: u64) {
        let gained = |own: u64, gain: i64| {
            let gained = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(gain);
            own.saturating_add_signed(gained)
        };
        self.known_seconds = gained(self.known_seconds, self.known_gain);
        self.releasable_seconds = gained(self.releasable_seconds, self.releasable_gain);
    }

    fn add(&mut self, changes: &[(Timestamp, bool)], start: Timestamp, as_of: Timestamp) {
        for (from, to, is_releasable) in spans(changes, as_of) {
            let seconds = to.seconds_since(from.max(start));
            let reaches_start = u64::from(from <= start && start < to);
            let reaches_end = u64::from(to == as_of);
            let gain = reaches_end.cast_signed() - reaches_start.cast_signed();
            self.known_seconds += seconds;
            self.known_gain += gain;
            if is_releasable {
                self.releasable_seconds += seconds;
                self.releasable_gain += gain;
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
    fn growing_older_gives_what_measuring_anew_would_until_a_change_leaves_the_window() {
        let window = Window::of_days(1);
        let day = 86_400;
        // Unknown for 100 s, releasable for 50, broken for 30, releasable since.
        let changes = [(at(100), true), (at(150), false), (at(180), true)];
        let measured = |as_of| releasable_time([&changes[..]].into_iter(), window, at(as_of));
        let mut grown = measured(200);
        assert_eq!((grown.known_seconds, grown.releasable_seconds), (100, 70));
        for as_of in (207..day + 400).step_by(7) {
            let has_left = changes.iter().any(|(change, _)| {
                let leaves = window.leaves_at(*change).as_second();
                (as_of - 6..=as_of).contains(&leaves)
            });
            let now = measured(as_of);
            grown.grow_older(7);
            if has_left {
                grown = now;
            }
            let seconds = |time: ReleasableTime| (time.known_seconds, time.releasable_seconds);
            assert_eq!(seconds(grown), seconds(now), "as of {as_of}");
        }
        assert_eq!(measured(day + 1_000).ratio(), Some(1.0));
        assert_eq!(releasable_time([].into_iter(), window, at(9)).ratio(), None);
    }
}
