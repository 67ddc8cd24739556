//! When people work, and how fast time passes.

use crate::delivery::Timestamp;

/// Seconds of a day in UTC.
pub(super) const DAY_SECONDS: u64 = 86_400;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Office hours of the company, in seconds of the UTC day.
const OPENS: i64 = 7 * HOUR;
const CLOSES: i64 = 16 * HOUR;

/// The company's calendar: working hours until `live_from`, then one continuous working day that
/// passes `pace` times faster than the clock.
///
/// The stories are told in the company's own time throughout; [`told`](Self::told) turns it into
/// instants of the world, so that no event claims to come from the future.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    live_from: Timestamp,
    pace: i64,
}

impl Calendar {
    /// A calendar whose history ends at `live_from`; a `pace` below 1 counts as 1.
    pub(super) fn new(live_from: Timestamp, pace: u32) -> Self {
        Self { live_from, pace: i64::from(pace.max(1)) }
    }

    /// The instant of the world at which company time `at` comes.
    pub(super) fn told(&self, at: Timestamp) -> Timestamp {
        let ahead = at.as_second() - self.live_from.as_second();
        if ahead <= 0 {
            return at;
        }
        Timestamp::from_second(self.live_from.as_second() + ahead / self.pace)
    }

    /// The company time that has come at instant `at` of the world.
    pub(super) fn reached(&self, at: Timestamp) -> Timestamp {
        let ahead = at.as_second() - self.live_from.as_second();
        if ahead <= 0 {
            return at;
        }
        Timestamp::from_second(self.live_from.as_second().saturating_add(ahead * self.pace))
    }

    /// Whether `at` is a working day; when live, every day is.
    pub(super) fn is_workday(&self, at: Timestamp) -> bool {
        at >= self.live_from || !is_weekend(at.as_second())
    }

    /// `from`, or the next morning when it lies outside working hours.
    pub(super) fn at_work(&self, from: Timestamp) -> Timestamp {
        let mut at = from.as_second();
        while at < self.live_from.as_second() {
            let clock = at.rem_euclid(DAY);
            if is_weekend(at) || clock >= CLOSES {
                at = at - clock + DAY;
            } else {
                at += (OPENS - clock).max(0);
                break;
            }
            at += OPENS;
        }
        Timestamp::from_second(at)
    }

    /// The instant `seconds` of working time after `from`.
    pub(super) fn after(&self, from: Timestamp, seconds: u64) -> Timestamp {
        let mut left = i64::try_from(seconds).unwrap_or(DAY);
        let mut at = self.at_work(from).as_second();
        while at < self.live_from.as_second() {
            let today = CLOSES - at.rem_euclid(DAY);
            if left < today {
                break;
            }
            left -= today;
            at = self.at_work(Timestamp::from_second(at + today)).as_second();
        }
        Timestamp::from_second(at + left)
    }
}

/// Midnight before `at`.
pub(super) fn midnight(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(DAY))
}

/// Days since the epoch.
pub(super) fn day_number(at: Timestamp) -> i64 {
    at.as_second().div_euclid(DAY)
}

/// Day of the week, Monday = 0. The epoch was a Thursday.
pub(super) fn weekday(at: Timestamp) -> i64 {
    (day_number(at) + 3).rem_euclid(7)
}

fn is_weekend(second: i64) -> bool {
    weekday(Timestamp::from_second(second)) >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday 2026-06-01, 00:00 UTC.
    const MONDAY: i64 = 1_780_272_000;

    fn calendar() -> Calendar {
        Calendar::new(Timestamp::from_second(MONDAY + 100 * DAY), 60)
    }

    #[test]
    fn the_first_of_june_2026_is_a_monday() {
        assert_eq!(weekday(Timestamp::from_second(MONDAY + 5)), 0);
        assert_eq!(midnight(Timestamp::from_second(MONDAY + 5)).as_second(), MONDAY);
    }

    #[test]
    fn work_begun_on_friday_evening_goes_on_on_monday_morning() {
        let friday = Timestamp::from_second(MONDAY + 4 * DAY + CLOSES - HOUR);
        let next = calendar().after(friday, 3 * 3_600);
        assert_eq!(next.as_second(), MONDAY + 7 * DAY + OPENS + 2 * HOUR);
    }

    #[test]
    fn nobody_starts_at_night() {
        let early = Timestamp::from_second(MONDAY + HOUR);
        assert_eq!(calendar().at_work(early).as_second(), MONDAY + OPENS);
        let late = Timestamp::from_second(MONDAY + 20 * HOUR);
        assert_eq!(calendar().at_work(late).as_second(), MONDAY + DAY + OPENS);
    }

    #[test]
    fn live_time_is_compressed_and_never_in_the_future() {
        let calendar = calendar();
        let now = calendar.live_from;
        assert_eq!(calendar.told(now.plus(600)), now.plus(10));
        assert_eq!(calendar.reached(now.plus(10)), now.plus(600));
        assert_eq!(calendar.told(now.minus(600)), now.minus(600));
        let saturday = Timestamp::from_second(MONDAY + 5 * DAY);
        assert!(!calendar.is_workday(saturday));
        assert!(calendar.is_workday(saturday.plus(100 * 7 * 86_400)), "no week-ends when live");
        assert_eq!(calendar.after(now.plus(1), 100_000), now.plus(100_001), "no nights when live");
    }
}
