//! Lengths of time.

use std::borrow::Cow;

use super::said::Scalar;

/// A length of time in whole seconds; a fraction is dropped, as it is of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub u64);

impl Scalar<'_> for Seconds {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        text.parse().ok().and_then(Self::from_fraction)
    }

    fn from_number(number: u64) -> Option<Self> {
        Some(Self(number))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative; the cast drops the fraction and ends at the greatest number"
    )]
    fn from_fraction(number: f64) -> Option<Self> {
        (number >= 0.0).then_some(Self(number as u64))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::gitlab::hook::Said;

    #[test]
    fn seconds_lose_their_fraction_and_are_never_negative() {
        let read = |json| Said::deserialize(&mut serde_json::Deserializer::from_str(json)).unwrap();
        for (json, seconds) in [
            ("1.25", 1),
            ("0.999", 0),
            ("30.999", 30),
            ("3", 3),
            ("\"2.5\"", 2),
            ("1e2", 100),
            ("1e300", u64::MAX),
            ("-0.0", 0),
        ] {
            assert_eq!(read(json), Said::Value(Seconds(seconds)), "{json}");
        }
        for json in ["-1", "-0.5", "\"NaN\"", "\"soon\"", "true", "[1]"] {
            assert_eq!(read(json), Said::Nothing, "{json}");
        }
    }
}
