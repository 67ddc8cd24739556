//! The languages we speak, and which one a reader asked for.

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// English, where nothing else is asked for.
    #[default]
    English,
    /// French.
    French,
}

/// Languages of an `Accept-Language` header that are looked at; browsers send at most a dozen.
const MAX_ACCEPTED: usize = 32;
/// How long a browser keeps the chosen language: one year, in seconds.
const COOKIE_SECONDS: u32 = 31_536_000;

impl Language {
    /// All of them, in the order of display.
    pub const ALL: [Self; 2] = [Self::English, Self::French];
    /// Name of the query parameter and of the cookie that choose a language.
    pub const PARAMETER: &'static str = "lang";

    /// The tag of BCP 47: for `lang`, `hreflang`, `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }

    /// Reads a tag in any case, of any region: `fr`, `FR-be`, `fr_CA`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The language a reader asked for: `?lang=`, else the cookie, else `Accept-Language`, else the
    /// first of those offered. What names none of them is passed over.
    ///
    /// - `offered`: the languages there are, the preferred one first; English when there is none.
    /// - `query`: the value of the parameter `lang`.
    /// - `cookies`: the whole `Cookie` header.
    /// - `accept`: the whole `Accept-Language` header (RFC 9110, section 12.5.4). Of equal weights
    ///   the first one wins.
    #[must_use]
    pub fn choose(
        offered: &[Self],
        query: Option<&str>,
        cookies: Option<&str>,
        accept: Option<&str>,
    ) -> Self {
        let is_offered = |language: &Self| offered.contains(language);
        query
            .and_then(Self::from_tag)
            .filter(is_offered)
            .or_else(|| cookies.and_then(from_cookies).filter(is_offered))
            .or_else(|| accept.and_then(|header| from_accept(header, offered)))
            .or_else(|| offered.first().copied())
            .unwrap_or_default()
    }

    /// The value of a `Set-Cookie` header that remembers this language and nothing else.
    #[must_use]
    pub fn cookie(self) -> String {
        let (name, tag) = (Self::PARAMETER, self.tag());
        format!("{name}={tag}; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax")
    }
}

fn from_cookies(header: &str) -> Option<Language> {
    header
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| name.trim() == Language::PARAMETER)
        .and_then(|(_, value)| Language::from_tag(value))
}

fn from_accept(header: &str, offered: &[Language]) -> Option<Language> {
    let mut best = None;
    for range in header.split(',').take(MAX_ACCEPTED) {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight(parameters);
        let Some(language) = Language::from_tag(tag) else { continue };
        if !offered.contains(&language) {
            continue;
        }
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// The weight `q=0.8` in thousandths; 1000 without one, 0 for what is no weight.
fn weight(parameters: &str) -> u32 {
    let Some(value) = parameters.split(';').find_map(|part| part.trim().strip_prefix("q=")) else {
        return 1_000;
    };
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = format!("{fraction:0<3}");
    match (whole, digits.get(..3).and_then(|digits| digits.parse::<u32>().ok())) {
        ("0", Some(thousandths)) => thousandths,
        ("1", Some(0)) => 1_000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(query: Option<&str>, cookies: Option<&str>, accept: Option<&str>) -> Language {
        Language::choose(&Language::ALL, query, cookies, accept)
    }

    #[test]
    fn the_parameter_beats_the_cookie_and_the_cookie_beats_the_browser() {
        assert_eq!(choose(Some("fr"), Some("lang=en"), Some("en")), Language::French);
        assert_eq!(choose(None, Some("a=b; lang=fr"), Some("en")), Language::French);
        assert_eq!(choose(None, None, Some("fr-BE,en;q=0.8")), Language::French);
    }

    #[test]
    fn a_language_we_do_not_speak_is_passed_over() {
        assert_eq!(choose(Some("tlh"), Some("lang=fr"), None), Language::French);
        assert_eq!(
            choose(Some("\"><script>"), Some("lang="), Some("de,*;q=0.1")),
            Language::English
        );
        assert_eq!(choose(None, None, None), Language::English);
    }

    #[test]
    fn a_language_that_is_not_offered_is_passed_over_and_the_preferred_one_comes_first() {
        let french = [Language::French];
        let asked = Language::choose(&french, Some("en"), Some("lang=en"), Some("en,fr;q=0.1"));
        assert_eq!(asked, Language::French);
        let both = [Language::French, Language::English];
        assert_eq!(Language::choose(&both, None, None, Some("de")), Language::French);
        assert_eq!(Language::choose(&both, None, None, Some("en")), Language::English);
    }

    #[test]
    fn the_greatest_weight_wins_and_a_weight_of_zero_refuses() {
        for (header, expected) in [
            ("en;q=0.8, fr;q=0.9", Language::French),
            ("de, fr;q=0.001", Language::French),
            ("fr;q=0, en;q=0.1", Language::English),
            ("fr;q=2, en;q=0.1", Language::English),
            ("fr;q=0.5;x=y, en;q=0.49", Language::French),
            ("fr;q=é, en;q=0.1", Language::English),
            ("EN-gb, fr", Language::English),
        ] {
            assert_eq!(choose(None, None, Some(header)), expected, "{header}");
        }
    }

    #[test]
    fn the_cookie_reads_back() {
        for language in Language::ALL {
            let cookie = language.cookie();
            assert_eq!(choose(None, Some(&cookie), None), language);
        }
    }
}
