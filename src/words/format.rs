//! Numbers, durations, frequencies and dates, written as each language writes them.

use super::{Language, Phrases, Plural};
use crate::delivery::Timestamp;

/// Keeps a number and its unit on one line.
const NO_BREAK: char = '\u{a0}';
/// French groups digits, and sets the per cent sign apart, with this.
const NARROW_NO_BREAK: char = '\u{202f}';

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Phrases {
    /// A whole number with its digits grouped by thousands: `1,234`, « 1 234 ».
    pub(crate) fn number(&self, number: u64) -> String {
        let separator = match self.language {
            Language::English => ',',
            Language::French => NARROW_NO_BREAK,
        };
        let digits = number.to_string();
        let mut grouped = String::with_capacity(digits.len() * 2);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                grouped.push(separator);
            }
            grouped.push(digit);
        }
        grouped
    }

    /// A number of tenths with one decimal, or none when it is whole: `2.5`, « 2,5 », `2`.
    fn tenths(&self, tenths: u64) -> String {
        let point = match self.language {
            Language::English => '.',
            Language::French => ',',
        };
        let whole = self.number(tenths / 10);
        match tenths % 10 {
            0 => whole,
            decimal => format!("{whole}{point}{decimal}"),
        }
    }

    /// The form of a phrase for `number` things, with the number in its place.
    pub(crate) fn plural(&self, plural: &Plural, number: u64) -> String {
        let is_one = match self.language {
            Language::English => number == 1,
            Language::French => number < 2,
        };
        let form = if is_one { plural.one } else { plural.many };
        form.fill([&self.number(number)])
    }

    /// The form of a phrase for a number of tenths: French says « 1,5 jour », English "1.5 days".
    fn plural_of_tenths(&self, plural: &Plural, tenths: u64) -> String {
        let is_one = match self.language {
            Language::English => tenths == 10,
            Language::French => tenths < 20,
        };
        let form = if is_one { plural.one } else { plural.many };
        form.fill([&self.tenths(tenths)])
    }

    /// A share of one as a percentage: one decimal below 10 %, none above: `7.3%`, « 12 % ».
    pub(crate) fn percentage(&self, ratio: f64) -> String {
        let percent = ratio * 100.0;
        let precise = format!("{percent:.1}");
        let text = if precise.len() > "9.9".len() || precise.ends_with(".0") {
            format!("{percent:.0}")
        } else {
            precise
        };
        match self.language {
            Language::English => format!("{text}%"),
            Language::French => format!("{}{NARROW_NO_BREAK}%", text.replace('.', ",")),
        }
    }

    /// A score of the Quick Check, in tenths: `6 of 10`, `9.3 of 10`, `8 to 10 of 10`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "scores are from 0 to 10; the conversion saturates"
    )]
    pub(crate) fn score(&self, (least, most): (f64, f64)) -> String {
        let [least, most] = [least, most].map(|score| (score * 10.0).round() as u64);
        let (from, to) = (self.tenths(least), self.tenths(most));
        let score = if least == most { from } else { self.to.fill([&from, &to]) };
        self.of.fill([&score, &self.number(10)])
    }

    /// A duration in its two greatest units: `3 days 4 h`, « 12 min », `45 s`. From ten days on,
    /// days alone; what is below the smaller unit is rounded, a half up.
    pub(crate) fn duration(&self, seconds: u64) -> String {
        let unit = |count: u64, symbol: &str| format!("{count}{NO_BREAK}{symbol}");
        let seconds = match seconds {
            0..HOUR if seconds < MINUTE => return unit(seconds, "s"),
            0..DAY => rounded(seconds, MINUTE),
            _ if seconds < 10 * DAY => rounded(seconds, HOUR),
            _ => rounded(seconds, DAY),
        };
        let (days, hours) = (seconds / DAY, seconds % DAY / HOUR);
        let minutes = seconds % HOUR / MINUTE;
        let mut parts = Vec::with_capacity(2);
        if days > 0 {
            parts.push(self.plural(&self.days, days));
        }
        if hours > 0 {
            parts.push(unit(hours, "h"));
        }
        if minutes > 0 {
            parts.push(unit(minutes, "min"));
        }
        parts.join(" ")
    }

    /// The median of a sample, which may lie between two seconds, as a duration.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "durations are finite and not negative; the conversion saturates"
    )]
    pub(crate) fn median(&self, seconds: f64) -> String {
        self.duration(seconds.round() as u64)
    }

    /// How long before `now` something was, in words.
    pub(crate) fn since(&self, at: Timestamp, now: Timestamp) -> String {
        match now.seconds_since(at) {
            0..MINUTE => self.just_now.to_owned(),
            seconds => self.ago.fill([&self.duration(seconds)]),
        }
    }

    /// How often something happened that happened `count` times in `days` days: "every 2 days",
    /// "4.2 a day", "once in 30 days", "none in 30 days".
    pub(crate) fn frequency(&self, count: u64, days: u64) -> String {
        // In tenths, rounded, a half up.
        let ratio = |part: u64, whole: u64| {
            part.saturating_mul(20).saturating_add(whole) / whole.saturating_mul(2).max(1)
        };
        match (count, ratio(days, count)) {
            (0, _) => self.plural(&self.none_in_days, days),
            (1, _) if days > 1 => self.plural(&self.once_in_days, days),
            (_, 10) => self.every_day.to_owned(),
            (_, interval) if interval > 10 => self.plural_of_tenths(&self.every_days, interval),
            _ => self.plural_of_tenths(&self.a_day, ratio(count, days)),
        }
    }

    /// An instant, in UTC; as bare seconds where no calendar reaches.
    pub(crate) fn date(&self, at: Timestamp) -> String {
        let Ok(instant) = jiff::Timestamp::from_second(at.as_second()) else {
            return at.to_string();
        };
        let time = jiff::tz::Offset::UTC.to_datetime(instant);
        let day = match time.day() {
            1 => self.first_of_month.to_owned(),
            day => day.to_string(),
        };
        let month = self.months.iter().zip(1_i8..).find(|(_, number)| *number == time.month());
        let month = month.map_or("", |(name, _)| name);
        let (year, hour) = (time.year().to_string(), format!("{:02}", time.hour()));
        self.date.fill([&day, month, &year, &hour, &format!("{:02}", time.minute())])
    }
}

/// An instant as machines read it, RFC 3339; `None` where no calendar reaches.
pub(crate) fn machine_time(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_second(at.as_second()).ok().map(|instant| instant.to_string())
}

fn rounded(seconds: u64, unit: u64) -> u64 {
    seconds.saturating_add(unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(write: impl Fn(&Phrases) -> String) -> [String; 2] {
        Language::ALL.map(|language| write(language.phrases()).replace(NO_BREAK, " "))
    }

    #[test]
    fn digits_are_grouped_by_thousands() {
        assert_eq!(both(|words| words.number(0)), ["0", "0"]);
        assert_eq!(both(|words| words.number(999)), ["999", "999"]);
        assert_eq!(both(|words| words.number(1_234_567)), ["1,234,567", "1\u{202f}234\u{202f}567"]);
    }

    #[test]
    fn french_has_its_plural_from_two_and_english_for_all_but_one() {
        for (number, english, french) in [
            (0, "0 deployments", "0 déploiement"),
            (1, "1 deployment", "1 déploiement"),
            (2, "2 deployments", "2 déploiements"),
        ] {
            assert_eq!(both(|words| words.plural(&words.deployments, number)), [english, french]);
        }
    }

    #[test]
    fn durations_show_their_two_greatest_units() {
        for (seconds, english, french) in [
            (0, "0 s", "0 s"),
            (59, "59 s", "59 s"),
            (60, "1 min", "1 min"),
            (3_570, "1 h", "1 h"),
            (15_120, "4 h 12 min", "4 h 12 min"),
            (86_399, "1 day", "1 jour"),
            (3 * DAY + 4 * HOUR, "3 days 4 h", "3 jours 4 h"),
            (10 * DAY - 1, "10 days", "10 jours"),
            (1_234 * DAY + HOUR, "1,234 days", "1\u{202f}234 jours"),
        ] {
            assert_eq!(both(|words| words.duration(seconds)), [english, french], "{seconds}");
        }
        assert!(!Language::English.phrases().duration(u64::MAX).is_empty());
    }

    #[test]
    fn a_frequency_reads_as_people_say_it() {
        for (count, days, english, french) in [
            (0, 30, "none in 30 days", "aucun en 30 jours"),
            (1, 30, "once in 30 days", "une fois en 30 jours"),
            (1, 1, "every day", "tous les jours"),
            (15, 30, "every 2 days", "tous les 2 jours"),
            (13, 30, "every 2.3 days", "tous les 2,3 jours"),
            (20, 30, "every 1.5 days", "tous les 1,5 jour"),
            (30, 30, "every day", "tous les jours"),
            (31, 30, "every day", "tous les jours"),
            (126, 30, "4.2 a day", "4,2 par jour"),
        ] {
            assert_eq!(both(|words| words.frequency(count, days)), [english, french], "{count}");
        }
    }

    #[test]
    fn percentages_are_no_more_precise_than_helps() {
        for (ratio, english, french) in [
            (0.0, "0%", "0\u{202f}%"),
            (3.0 / 41.0, "7.3%", "7,3\u{202f}%"),
            (0.0996, "10%", "10\u{202f}%"),
            (0.125, "12%", "12\u{202f}%"),
            (1.0, "100%", "100\u{202f}%"),
        ] {
            assert_eq!(both(|words| words.percentage(ratio)), [english, french]);
        }
    }

    #[test]
    fn a_score_is_one_number_or_a_range_of_ten() {
        for (score, english, french) in [
            ((6.0, 6.0), "6 of 10", "6 sur 10"),
            ((9.268, 9.268), "9.3 of 10", "9,3 sur 10"),
            ((8.0, 10.0), "8 to 10 of 10", "8 à 10 sur 10"),
        ] {
            assert_eq!(both(|words| words.score(score)), [english, french]);
        }
    }

    #[test]
    fn dates_are_in_the_calendar_of_utc() {
        let at = Timestamp::from_second(1_772_323_500);
        let dates = both(|words| words.date(at));
        assert_eq!(dates, ["1 March 2026, 00:05 UTC", "1er mars 2026 à 00 h 05 UTC"]);
        assert_eq!(machine_time(at).as_deref(), Some("2026-03-01T00:05:00Z"));
        assert_eq!(machine_time(Timestamp::UNDATED), None);
        assert!(!Language::French.phrases().date(Timestamp::UNDATED).is_empty());
    }

    #[test]
    fn what_is_in_the_future_by_our_clock_is_just_now() {
        let (at, now) = (Timestamp::from_second(500), Timestamp::from_second(0));
        assert_eq!(both(|words| words.since(at, now)), ["just now", "à l’instant"]);
        assert_eq!(both(|words| words.since(now, at)), ["8 min ago", "il y a 8 min"]);
    }
}
