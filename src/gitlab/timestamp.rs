//! Every spelling of an instant that GitLab has used, read by one parser.

use jiff::civil::{Date, Time};

use crate::delivery::Timestamp;

/// The widest offset from UTC that is believed, in hours; real ones end at +14.
const MAX_OFFSET_HOURS: i64 = 18;

/// Reads an instant: `2026-11-02T09:14:07.000+00:00`, `2013-12-03 17:23:34 UTC`,
/// `2026-07-28 15:09:25 -0700`, `2025-06-30` (UTC midnight) and their relatives.
///
/// `T` or a space between day and time; an optional fraction, dropped; the zone `Z`, `UTC`,
/// `±hh`, `±hhmm` or `±hh:mm`, with or without a space before it; a stray space after a colon.
/// `None` for anything else: an empty text, a time without zone, a day or time that does not
/// exist, a year before 1970 or after 9999. A leap second is the second before it.
#[must_use]
pub fn read(text: &str) -> Option<Timestamp> {
    let mut rest = Cursor(text.trim().as_bytes());
    let days = day(&mut rest)?;
    let mut second_of_day = 0;
    let mut offset = 0;
    if !rest.0.is_empty() {
        second_of_day = time(&mut rest)?;
        offset = zone(&mut rest)?;
    }
    let second = days.checked_mul(86_400)?.checked_add(second_of_day)?.checked_sub(offset)?;
    // Nothing later than the calendar knows, so that every instant can be formatted again.
    let representable = jiff::Timestamp::from_second(second).is_ok();
    (second >= 0 && representable).then(|| Timestamp::from_second(second))
}

/// Writes an instant as the API's parameters take it: `2026-11-02T09:14:07Z`, whose `+`-less zone
/// needs no escape. One that no calendar has is the epoch.
#[must_use]
pub fn write(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_second()).unwrap_or_default().to_string()
}

/// Days since the epoch of `yyyy-mm-dd`.
fn day(rest: &mut Cursor<'_>) -> Option<i64> {
    let year = i16::try_from(rest.digits(4)?).ok()?;
    rest.eat(b'-')?;
    let month = i8::try_from(rest.digits(2)?).ok()?;
    rest.eat(b'-')?;
    let day = i8::try_from(rest.digits(2)?).ok()?;
    if year < 1970 {
        return None;
    }
    let midnight = Date::new(year, month, day).ok()?.to_datetime(Time::midnight());
    let at = jiff::tz::Offset::UTC.to_timestamp(midnight).ok()?;
    Some(at.as_second().div_euclid(86_400))
}

/// Seconds since midnight of ` hh:mm:ss`, with an optional fraction.
fn time(rest: &mut Cursor<'_>) -> Option<i64> {
    if rest.eat(b'T').is_none() {
        rest.eat(b' ')?;
    }
    let hour = rest.digits(2)?;
    rest.eat(b':')?;
    let _stray = rest.eat(b' ');
    let minute = rest.digits(2)?;
    rest.eat(b':')?;
    let _stray = rest.eat(b' ');
    let second = rest.digits(2)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if rest.eat(b'.').or_else(|| rest.eat(b',')).is_some() {
        rest.digits(1)?;
        while rest.digits(1).is_some() {}
    }
    Some(hour * 3_600 + minute * 60 + second.min(59))
}

/// Seconds east of UTC.
fn zone(rest: &mut Cursor<'_>) -> Option<i64> {
    let _space = rest.eat(b' ');
    let sign = match rest.0 {
        b"Z" | b"z" | b"UTC" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    rest.0 = rest.0.get(1..)?;
    let hours = rest.digits(2)?;
    let _colon = rest.eat(b':');
    let minutes = if rest.0.is_empty() { 0 } else { rest.digits(2)? };
    let exists = hours <= MAX_OFFSET_HOURS && minutes <= 59 && rest.0.is_empty();
    exists.then_some(sign * (hours * 3_600 + minutes * 60))
}

/// What is left to read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn eat(&mut self, wanted: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[wanted])?;
        Some(())
    }

    /// Exactly `count` decimal digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + i64::from(digit - b'0');
        }
        self.0 = rest;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn second(text: &str) -> Option<i64> {
        read(text).map(Timestamp::as_second)
    }

    #[test]
    fn every_spelling_of_one_instant_gives_that_instant() {
        for text in [
            "2026-11-02T09:14:07.000+00:00",
            "2026-11-02 09:14:07 UTC",
            "2026-11-02 09:14:07UTC",
            "2026-11-02T09:14:07Z",
            "2026-11-02 09:14:07Z",
            "2026-11-02T09:14:07.999Z",
            "2026-11-02T09:14:07.123456789123Z",
            "2026-11-02 02:14:07 -0700",
            "2026-11-02T02:14:07-07:00",
            "2026-11-02T11:14:07+02:00",
            "2026-11-02 11:14:07 +02",
            "2026-11-02T14:44:07 +05:30",
            "2026-11-02T09: 14:07+00:00",
            "  2026-11-02 09:14:07 UTC ",
        ] {
            assert_eq!(second(text), Some(1_793_610_847), "{text}");
        }
    }

    #[test]
    fn a_day_alone_is_its_midnight_in_utc() {
        assert_eq!(second("1970-01-02"), Some(86_400));
        assert_eq!(second("2025-06-30"), Some(1_751_241_600));
    }

    #[test]
    fn a_leap_second_is_the_second_before_it() {
        assert_eq!(second("2016-12-31T23:59:60Z"), second("2016-12-31T23:59:59Z"));
    }

    #[test]
    fn what_does_not_exist_is_unknown() {
        for text in [
            "",
            " ",
            "None",
            "null",
            "2026-02-30",
            "2026-02-30T00:00:00Z",
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-01-01T24:00:00Z",
            "2026-01-01T23:60:00Z",
            "2026-01-01T23:59:61Z",
            "2026-01-01T23:59:59+99:00",
            "2026-01-01T23:59:59+0099",
            "2026-01-01T23:59:59+00:00x",
            "2026-01-01T23:59:59.Z",
            "2026-01-01T23:59:59",
            "2026-01-01T",
            "2026-1-1",
            "0000-01-01",
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
            "10000-01-01",
            "9999-12-31T23:59:59-18:00",
            "-2026-01-01",
            "٢٠٢٦-01-01",
            "1793610847",
        ] {
            assert_eq!(second(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_formatted_instant_reads_back_whatever_the_spelling(
            second_since_epoch in 0_i64..253_370_000_000,
            minutes_east in -840_i32..=840,
            fraction in prop::option::of(0_u32..1_000),
            spelling in 0_usize..4,
        ) {
            let offset = jiff::tz::Offset::from_seconds(minutes_east * 60).unwrap();
            let local = offset.to_datetime(jiff::Timestamp::from_second(second_since_epoch).unwrap());
            prop_assume!(local.year() >= 1970);
            let (sign, minutes) = (if minutes_east < 0 { '-' } else { '+' }, minutes_east.abs());
            let (hh, mm) = (minutes / 60, minutes % 60);
            let fraction = fraction.map(|f| format!(".{f:03}")).unwrap_or_default();
            let separator = if spelling % 2 == 0 { 'T' } else { ' ' };
            let day = local.date();
            let time = local.time().strftime("%H:%M:%S").to_string();
            let zone = match spelling {
                0 => format!("{sign}{hh:02}:{mm:02}"),
                1 => format!(" {sign}{hh:02}{mm:02}"),
                2 => format!("{sign}{hh:02}{mm:02}"),
                _ => format!(" {sign}{hh:02}:{mm:02}"),
            };
            let text = format!("{day}{separator}{time}{fraction}{zone}");
            prop_assert_eq!(second(&text), Some(second_since_epoch), "{}", text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = read(&text);
        }

        #[test]
        fn nothing_close_to_an_instant_makes_it_panic(text in "[0-9TZUC:+. -]{0,40}") {
            if let Some(at) = read(&text) {
                prop_assert!(jiff::Timestamp::from_second(at.as_second()).is_ok());
            }
        }
    }
}
