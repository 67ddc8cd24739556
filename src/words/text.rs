//! Phrases with places to fill, checked by the compiler.

/// A phrase with exactly the places `{0}` to `{N−1}`, each at least once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<const N: usize>(&'static str);

impl<const N: usize> Text<N> {
    /// Wraps a phrase; in a constant, one with other places does not compile.
    pub(crate) const fn new(text: &'static str) -> Self {
        assert!(has_places(text, N), "a phrase must have exactly the places that are filled");
        Self(text)
    }

    /// The phrase with its places filled. What is filled in is not searched for places again.
    pub(crate) fn fill(self, values: [&str; N]) -> String {
        let mut parts = self.0.split('{');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let Some((place, rest)) = part.split_once('}') else { continue };
            let value = place.parse().ok().and_then(|place: usize| values.get(place));
            filled.push_str(value.copied().unwrap_or_default());
            filled.push_str(rest);
        }
        filled
    }

    /// The phrase as it is written, places and all.
    #[cfg(test)]
    pub(crate) const fn pattern(&self) -> &'static str {
        self.0
    }
}

/// A phrase about a number of things: `{0}` is the number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plural {
    /// For what the language counts as one: 1 in English, 0 and 1 in French.
    pub(crate) one: Text<1>,
    /// For any other number.
    pub(crate) many: Text<1>,
}

impl Plural {
    /// Wraps both forms.
    pub(crate) const fn new(one: &'static str, many: &'static str) -> Self {
        Self { one: Text::new(one), many: Text::new(many) }
    }
}

/// Whether `text` has each place from `{0}` to `{count − 1}` and no other brace.
const fn has_places(text: &str, count: usize) -> bool {
    // One bit per place; no phrase has as many as eight.
    let mut seen: u8 = 0;
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        if *first == b'}' {
            return false;
        }
        if *first != b'{' {
            continue;
        }
        let [place @ b'0'..=b'7', b'}', after @ ..] = rest else { return false };
        seen |= 1 << (*place - b'0');
        bytes = after;
    }
    count < 8 && seen as u16 + 1 == 1 << count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_must_have_exactly_the_places_that_are_filled() {
        assert!(has_places("plain", 0));
        assert!(has_places("{0} of {1}, {0}", 2));
        for (text, count) in [("plain", 1), ("{0}", 0), ("{1}", 1), ("{0", 1), ("{}", 1), ("}", 0)]
        {
            assert!(!has_places(text, count), "{text} with {count}");
        }
    }

    #[test]
    fn what_is_filled_in_is_text_and_not_a_place() {
        assert_eq!(Text::<2>::new("{1} < {0}!").fill(["{1}", "{0}"]), "{0} < {1}!");
    }
}
