//! What `doctor` finds, in words: each finding with a code that never changes and, unless all is
//! well, what to do about it.

pub(crate) mod here;
pub(crate) mod there;
pub(crate) mod way;

use super::{Language, Text};

/// A finding whose places are not filled yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Diagnosis<const N: usize> {
    code: &'static str,
    /// By language, as `place` counts them.
    what: [Text<N>; 2],
    /// Empty when there is nothing to do.
    advice: [&'static str; 2],
}

/// A finding as it can be told in every language.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Its name for programs.
    pub(crate) code: &'static str,
    what: [String; 2],
    advice: [String; 2],
}

impl<const N: usize> Diagnosis<N> {
    const fn new(
        code: &'static str,
        [english, french]: [&'static str; 2],
        advice: [&'static str; 2],
    ) -> Self {
        Self { code, what: [Text::new(english), Text::new(french)], advice }
    }

    /// The finding with values that are the same in every language.
    pub(crate) fn of(self, values: [&str; N]) -> Told {
        self.told(Language::ALL.map(|language| self.text(language).fill(values)))
    }

    /// The finding with values that have words of their own in each language.
    pub(crate) fn each(self, values: impl Fn(Language) -> [String; N]) -> Told {
        self.told(Language::ALL.map(|language| {
            let values = values(language);
            self.text(language).fill(values.each_ref().map(String::as_str))
        }))
    }

    fn told(self, what: [String; 2]) -> Told {
        Told { code: self.code, what, advice: self.advice.map(str::to_owned) }
    }

    const fn text(self, language: Language) -> Text<N> {
        let [english, french] = self.what;
        match language {
            Language::English => english,
            Language::French => french,
        }
    }
}

impl Told {
    /// The same with other advice.
    pub(crate) fn advising(self, advice: impl Fn(Language) -> String) -> Self {
        Self { advice: Language::ALL.map(advice), ..self }
    }

    /// What was found.
    pub(crate) fn what(&self, language: Language) -> &str {
        chosen(&self.what, language)
    }

    /// What to do about it; `None` when there is nothing to do.
    pub(crate) fn advice(&self, language: Language) -> Option<&str> {
        Some(chosen(&self.advice, language)).filter(|advice| !advice.is_empty())
    }
}

fn chosen([english, french]: &[String; 2], language: Language) -> &str {
    match language {
        Language::English => english,
        Language::French => french,
    }
}

/// Declares findings: `NAME<places> = "code": "English" / "French" => "what to do" / "que faire";`.
macro_rules! diagnoses {
    ($($name:ident<$places:literal> = $code:literal: $en:literal / $fr:literal
        $(=> $try_en:literal / $try_fr:literal)?;)+) => {
        $(pub(crate) const $name: super::Diagnosis<$places> =
            super::Diagnosis::new($code, [$en, $fr], [concat!($($try_en)?), concat!($($try_fr)?)]);)+

        #[cfg(test)]
        pub(super) const ALL: &[(&str, [&str; 4])] =
            &[$(($code, [$en, $fr, concat!($($try_en)?), concat!($($try_fr)?)]),)+];
    };
}
use diagnoses;

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static (&'static str, [&'static str; 4])> {
        [here::ALL, there::ALL, way::ALL].into_iter().flatten()
    }

    #[test]
    fn each_code_is_a_word_of_its_own_that_the_manual_explains() {
        let manual = include_str!("../../../docs/doctor.md");
        let mut seen = std::collections::BTreeSet::new();
        for (code, _) in all() {
            assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
            assert!(seen.insert(code), "{code} stands for two findings");
            assert!(manual.contains(&format!("`{code}`")), "{code} is not in docs/doctor.md");
        }
    }

    #[test]
    fn french_keeps_its_signs_together_and_neither_language_lacks_advice() {
        for (code, [_, french, advice, conseil]) in all() {
            assert_eq!(advice.is_empty(), conseil.is_empty(), "{code}");
            let loose = [" :", " ;", " ?", " !", "'"];
            let found = loose
                .into_iter()
                .find(|sign| [french, conseil].iter().any(|text| text.contains(sign)));
            assert_eq!(found, None, "{code}: {french} / {conseil}");
        }
    }

    #[test]
    fn values_are_filled_in_for_each_language() {
        let told = here::STORE_READABLE.of(["3"]);
        assert_eq!(told.what(Language::English), "it can be read and knows 3 projects");
        assert_eq!(told.what(Language::French), "elle est lisible et connaît 3 projets");
        assert_eq!(told.advice(Language::French), None);
    }
}
