//! Durations and sizes, as people write them.

use std::time::Duration;

/// How durations are written, for messages.
pub(super) const DURATION_FORM: &str = "a duration like 500ms, 90s, 5m, 72h or 14d";
/// How sizes are written, for messages.
pub(super) const SIZE_FORM: &str = "a size like 512KiB, 64MiB or 1GiB";

/// Milliseconds of each unit of a duration; longer names first, so that `ms` is not read as `s`.
const DURATION_UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// Bytes of each unit of a size.
const SIZE_UNITS: [(&str, u64); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// Reads a duration as settings write it, `90s` `5m` `72h` `14d`: a whole number and one unit.
/// `None` for anything else and for what does not fit 64 bits of milliseconds.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    with_unit(text, &DURATION_UNITS).map(Duration::from_millis)
}

/// Reads a whole number of binary units, as bytes.
pub(super) fn size(text: &str) -> Option<u64> {
    with_unit(text, &SIZE_UNITS)
}

fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// A duration as it would be written: in the largest unit that leaves no rest.
pub(super) fn write_duration(duration: Duration) -> String {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    written(milliseconds, &DURATION_UNITS, "ms")
}

/// A size as it would be written: in the largest unit that leaves no rest.
pub(super) fn write_size(bytes: u64) -> String {
    written(bytes, &SIZE_UNITS, " bytes")
}

fn written(amount: u64, units: &[(&str, u64)], smallest: &str) -> String {
    let fits = |factor: u64| amount >= factor && amount.is_multiple_of(factor);
    units.iter().rev().find(|(_, factor)| fits(*factor)).map_or_else(
        || format!("{amount}{smallest}"),
        |(unit, factor)| format!("{}{unit}", amount / factor),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_whole_number_and_one_unit() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("72h", 259_200), ("14d", 1_209_600)] {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
            assert_eq!(duration(&write_duration(Duration::from_secs(seconds))), duration(text));
        }
        assert_eq!(duration("2ms"), Some(Duration::from_millis(2)));
        assert_eq!(write_duration(Duration::from_hours(72)), "3d");
    }

    #[test]
    fn a_size_is_a_whole_number_of_binary_units() {
        assert_eq!(size("25MiB"), Some(26_214_400));
        assert_eq!(write_size(26_214_400), "25MiB");
        assert_eq!(write_size(3), "3 bytes");
    }

    #[test]
    fn anything_else_and_everything_too_large_is_refused() {
        for text in ["", "5", "s", "-5s", "+5s", "1.5h", "1h30m", "5 s", "5S", "99999999999999999d"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
        for text in ["25", "25MB", "25mib", "-1KiB", "99999999999999999GiB"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
