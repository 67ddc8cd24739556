//! How fast to ask, and when to ask again: from an answer to what to do next. No I/O, no clock.
//!
//! GitLab's own limits answer 429 with `Retry-After`, newer versions tell on every answer how much
//! is left (`RateLimit-*`), and the limits of single features answer 429 with no header at all
//! (GitLab issues 365728 and 199738): for those, and for errors that may pass, we wait by
//! ourselves, twice as long each time.

use std::time::Duration;

use jiff::fmt::rfc2822;

use crate::delivery::Timestamp;

/// The first wait of our own.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// No wait of our own is longer: a GitLab that restarts is back in a minute or two.
const LONGEST_OWN_WAIT: Duration = Duration::from_mins(1);
/// Who is asked to wait for longer gives up, so that others are not held up; the caller is told
/// until when. GitLab's usual period is a minute, some lists have ten.
pub const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// No header puts us off for longer: GitLab has no longer period, and a broken one must not stop
/// us for ever.
const LONGEST_DELAY: Duration = Duration::from_hours(1);
/// How often one thing is asked for: with waits of 1, 2, 4 and 8 s an error has 15 s to pass.
pub const ATTEMPTS: u32 = 5;
/// Below this share of what GitLab allows, the rest is spread over the time until more is allowed.
const LOW_SHARE: u64 = 10;
/// Numbers below are seconds from now (as IETF's draft has it), above since 1970 (as GitLab has it).
const EPOCH_SECONDS: i64 = 1_000_000_000;

/// What an answer says about time and limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// When it was made, by GitLab's clock.
    pub date: Option<Timestamp>,
    /// How long to wait, in seconds.
    pub retry_after_seconds: Option<u64>,
    /// Requests allowed in a period.
    pub limit: Option<u64>,
    /// Requests left of them.
    pub remaining: Option<u64>,
    /// Seconds until the next period.
    pub reset_seconds: Option<u64>,
}

impl Hints {
    /// Reads what the headers of an answer say; `header` gives one by its name. Times are
    /// compared with GitLab's own clock where it tells what time it is, else with ours.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>, now: Timestamp) -> Self {
        let whole = |name| header(name).and_then(|text| text.trim().parse::<u64>().ok());
        let date = header("date").and_then(instant);
        let here = date.unwrap_or(now);
        let retry_after_seconds = header("retry-after").and_then(|text| {
            text.trim().parse().ok().or_else(|| Some(instant(text)?.seconds_since(here)))
        });
        let reset_seconds = header("ratelimit-reset").and_then(|text| {
            let number: i64 = text.trim().parse().ok()?;
            let at = Timestamp::from_second(number);
            if number < EPOCH_SECONDS {
                number.try_into().ok()
            } else {
                Some(at.seconds_since(here))
            }
        });
        Self {
            date,
            retry_after_seconds,
            limit: whole("ratelimit-limit"),
            remaining: whole("ratelimit-remaining"),
            reset_seconds,
        }
    }

    /// How long everybody should leave this GitLab alone so that its limit is not met: nothing
    /// while plenty is left.
    #[must_use]
    pub fn rest(&self) -> Option<Duration> {
        let (limit, remaining) = (self.limit?, self.remaining?);
        if remaining >= limit.div_ceil(LOW_SHARE) {
            return None;
        }
        let period = Duration::from_secs(self.reset_seconds?).min(LONGEST_WAIT);
        let shares = u32::try_from(remaining).unwrap_or(u32::MAX).saturating_add(1);
        Some(period / shares).filter(|rest| !rest.is_zero())
    }
}

/// A date of HTTP, `Wed, 21 Oct 2015 07:28:00 GMT`.
fn instant(text: &str) -> Option<Timestamp> {
    let zoned = rfc2822::parse(text.trim()).ok()?;
    Some(Timestamp::from_second(zoned.timestamp().as_second()))
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// An answer, with this status.
    Status(u16),
    /// No connection: nothing was asked.
    NoConnection,
    /// No whole answer; what was asked may have been done.
    NoAnswer,
}

/// Whether asking twice does the same as asking once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reading, replacing and deleting.
    Same,
    /// Creating.
    Twice,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// This is the answer, a refusal perhaps.
    Take,
    /// Ask again after this time.
    Again(Duration),
    /// Ask no more for now: GitLab takes nothing for that long.
    Later(Duration),
}

/// What to do after the `attempt`-th request, counted from 1; `luck` in 0 … 1000 spreads waits
/// of our own, so that several who were refused together do not return together.
#[must_use]
pub fn step(met: Met, hints: &Hints, attempt: u32, effect: Effect, luck: u32) -> Step {
    let last = attempt >= ATTEMPTS;
    let own = own_wait(attempt, luck);
    let told = hints.retry_after_seconds.map(|seconds| Duration::from_secs(seconds.max(1)));
    match met {
        Met::Status(429) => {
            let reset = hints.reset_seconds.map(|seconds| Duration::from_secs(seconds.max(1)));
            let wait = told.or(reset).unwrap_or(own);
            if last || wait > LONGEST_WAIT {
                Step::Later(wait.min(LONGEST_DELAY))
            } else {
                Step::Again(wait)
            }
        }
        Met::Status(408 | 500 | 502..=504) | Met::NoAnswer if effect == Effect::Twice => Step::Take,
        Met::Status(408 | 500 | 502..=504) | Met::NoAnswer | Met::NoConnection => {
            let wait = told.unwrap_or(own);
            if last || wait > LONGEST_WAIT { Step::Take } else { Step::Again(wait) }
        }
        Met::Status(_) => Step::Take,
    }
}

/// Between half and all of 1, 2, 4 … seconds, up to a minute.
fn own_wait(attempt: u32, luck: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    let full = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_OWN_WAIT);
    full / 2 + full / 2 * luck.min(1_000) / 1_000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_second(1_780_315_200);
    const SILENT: Hints = Hints {
        date: None,
        retry_after_seconds: None,
        limit: None,
        remaining: None,
        reset_seconds: None,
    };

    fn hints(headers: &[(&str, &'static str)]) -> Hints {
        Hints::read(
            |name| headers.iter().find(|(found, _)| *found == name).map(|(_, value)| *value),
            NOW,
        )
    }

    fn get(met: Met, hints: &Hints, attempt: u32) -> Step {
        step(met, hints, attempt, Effect::Same, 1_000)
    }

    #[test]
    fn gitlab_says_how_long_to_wait_in_seconds_or_as_a_date() {
        assert_eq!(hints(&[("retry-after", "57")]).retry_after_seconds, Some(57));
        let by_our_clock = hints(&[("retry-after", "Mon, 01 Jun 2026 12:00:30 GMT")]);
        assert_eq!(by_our_clock.retry_after_seconds, Some(30));
        let by_its_own = hints(&[
            ("date", "Mon, 01 Jun 2026 11:00:00 GMT"),
            ("retry-after", "Mon, 01 Jun 2026 11:00:30 GMT"),
        ]);
        assert_eq!(by_its_own.retry_after_seconds, Some(30), "whatever our clock says");
        assert_eq!(hints(&[("retry-after", "soon")]), SILENT);
        assert_eq!(hints(&[("retry-after", "-1")]), SILENT);
    }

    #[test]
    fn what_is_left_is_read_in_both_spellings_of_the_reset() {
        let epoch = [("ratelimit-reset", "1780315260")];
        assert_eq!(hints(&epoch).reset_seconds, Some(60));
        assert_eq!(hints(&[("ratelimit-reset", "45")]).reset_seconds, Some(45));
        assert_eq!(hints(&[("ratelimit-reset", "1780315000")]).reset_seconds, Some(0), "past");
        assert_eq!(hints(&[("ratelimit-remaining", "many")]).remaining, None);
    }

    #[test]
    fn plenty_is_used_as_it_comes_and_a_rest_is_spread() {
        let left = |remaining| Hints {
            limit: Some(600),
            remaining: Some(remaining),
            reset_seconds: Some(60),
            ..SILENT
        };
        assert_eq!(left(600).rest(), None);
        assert_eq!(left(60).rest(), None);
        assert_eq!(left(59).rest(), Some(Duration::from_secs(1)));
        assert_eq!(left(0).rest(), Some(Duration::from_mins(1)));
        let unknown = Hints { reset_seconds: None, ..left(0) };
        assert_eq!(unknown.rest(), None, "nobody says until when");
        assert_eq!(Hints { reset_seconds: Some(0), ..left(0) }.rest(), None);
        let far = Hints { reset_seconds: Some(86_400), ..left(0) };
        assert_eq!(far.rest(), Some(LONGEST_WAIT), "no header stops us for a day");
    }

    #[test]
    fn too_many_requests_wait_as_told_and_else_twice_as_long_each_time() {
        let told = Hints { retry_after_seconds: Some(57), ..SILENT };
        assert_eq!(get(Met::Status(429), &told, 1), Step::Again(Duration::from_secs(57)));
        let reset = Hints { reset_seconds: Some(9), ..SILENT };
        assert_eq!(get(Met::Status(429), &reset, 1), Step::Again(Duration::from_secs(9)));
        let at_once = Hints { retry_after_seconds: Some(0), ..SILENT };
        assert_eq!(get(Met::Status(429), &at_once, 1), Step::Again(Duration::from_secs(1)));
        let waits: Vec<_> = (1..ATTEMPTS).map(|n| get(Met::Status(429), &SILENT, n)).collect();
        assert_eq!(waits, [1, 2, 4, 8].map(|s| Step::Again(Duration::from_secs(s))));
    }

    #[test]
    fn a_long_wait_and_too_many_attempts_are_for_the_caller_to_plan() {
        let long = Hints { retry_after_seconds: Some(600), ..SILENT };
        assert_eq!(get(Met::Status(429), &long, 1), Step::Later(Duration::from_mins(10)));
        assert_eq!(get(Met::Status(503), &long, 1), Step::Take);
        assert_eq!(get(Met::Status(429), &SILENT, ATTEMPTS), Step::Later(Duration::from_secs(16)));
        assert_eq!(get(Met::Status(502), &SILENT, ATTEMPTS), Step::Take);
        assert_eq!(get(Met::NoAnswer, &SILENT, ATTEMPTS), Step::Take);
    }

    #[test]
    fn what_may_pass_is_asked_again_and_a_refusal_is_not() {
        for met in [408, 500, 502, 503, 504].map(Met::Status) {
            assert_eq!(get(met, &SILENT, 1), Step::Again(FIRST_WAIT), "{met:?}");
        }
        for met in [200, 201, 204, 301, 400, 401, 403, 404, 409, 422, 501].map(Met::Status) {
            assert_eq!(get(met, &SILENT, 1), Step::Take, "{met:?}");
        }
    }

    #[test]
    fn nothing_is_created_twice() {
        let create = |met| step(met, &SILENT, 1, Effect::Twice, 0);
        assert_eq!(create(Met::NoAnswer), Step::Take);
        assert_eq!(create(Met::Status(502)), Step::Take);
        assert!(matches!(create(Met::NoConnection), Step::Again(_)), "nothing was asked");
        assert!(matches!(create(Met::Status(429)), Step::Again(_)), "nothing was done");
    }

    proptest! {
        #[test]
        fn whatever_is_said_waits_are_bounded_and_attempts_end(
            status in 100_u16..600,
            seconds in proptest::option::of(any::<u64>()),
            reset in proptest::option::of(any::<u64>()),
            remaining in proptest::option::of(any::<u64>()),
            limit in proptest::option::of(any::<u64>()),
            attempt in 1_u32..1_000,
            luck in any::<u32>(),
        ) {
            let hints = Hints {
                date: None, retry_after_seconds: seconds, limit, remaining, reset_seconds: reset,
            };
            for met in [Met::Status(status), Met::NoAnswer, Met::NoConnection] {
                match step(met, &hints, attempt, Effect::Same, luck) {
                    Step::Again(wait) => {
                        prop_assert!(attempt < ATTEMPTS && wait <= LONGEST_WAIT);
                        prop_assert!(wait >= FIRST_WAIT / 2);
                    }
                    Step::Later(delay) => {
                        prop_assert_eq!(met, Met::Status(429));
                        prop_assert!(delay <= LONGEST_DELAY);
                    }
                    Step::Take => {}
                }
            }
            prop_assert!(hints.rest().is_none_or(|rest| rest <= LONGEST_WAIT));
        }

        #[test]
        fn no_header_can_panic(text in ".*") {
            let text: &'static str = Box::leak(text.into_boxed_str());
            let _ = hints(&[("date", text), ("retry-after", text), ("ratelimit-reset", text)]);
        }
    }
}
