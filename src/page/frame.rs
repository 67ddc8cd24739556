//! What stands around the content of every page: languages to choose from, links, the version.

use super::DORA_GUIDE;
use crate::words::{Language, Phrases};

/// A link to a page as it would be with one choice changed.
pub(super) struct Choice {
    pub(super) href: String,
    pub(super) text: String,
    pub(super) tag: &'static str,
    pub(super) is_current: bool,
}

/// What every page shows.
pub(super) struct Frame {
    pub(super) languages: Vec<Choice>,
    pub(super) version: String,
    pub(super) dora_guide: &'static str,
    /// The page beside this one.
    pub(super) other_page: String,
    pub(super) other_page_name: &'static str,
}

impl Frame {
    /// The frame of a page; `further` are the parameters that a change of language keeps.
    pub(super) fn new(
        (language, languages): (Language, &[Language]),
        version: &str,
        further: &str,
        (other_page, name): (&str, fn(&Phrases) -> &'static str),
    ) -> Self {
        let words = language.phrases();
        let choice = |own: &Language| Choice {
            href: query(*own) + further,
            text: own.own_name().to_owned(),
            tag: own.tag(),
            is_current: *own == language,
        };
        Self {
            languages: languages.iter().map(choice).collect(),
            version: words.version.fill([version]),
            dora_guide: DORA_GUIDE,
            other_page: format!("{other_page}{}", query(language)),
            other_page_name: name(words),
        }
    }
}

/// The query that asks for a language.
pub(super) fn query(language: Language) -> String {
    format!("?{}={}", Language::PARAMETER, language.tag())
}
