//! What a client is made from: where, as whom, how fast, by which way.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderValue;

use super::origin::Origin;
use super::tls::Authorities;

/// A connection that takes longer will not come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// GitLab may think for long before its first byte: its own limit for a web request is 60 s.
const READ_TIMEOUT: Duration = Duration::from_secs(70);
/// A page that comes byte by byte must end as well.
const WHOLE_TIMEOUT: Duration = Duration::from_mins(3);

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token as GitLab shows it once, like `glpat-…`: one word of ASCII letters and signs")]
pub struct BadToken;

/// A token of GitLab's API; seen by nobody but the configured origin.
#[derive(Clone, PartialEq)]
pub struct Token {
    text: String,
    header: HeaderValue,
}

impl Token {
    /// Takes a personal, group or project access token.
    ///
    /// # Errors
    /// [`BadToken`] for what cannot stand in a header as one word.
    pub fn new(text: &str) -> Result<Self, BadToken> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadToken);
        }
        // `Authorization` and not `PRIVATE-TOKEN`: the latter would survive a redirect.
        let mut header = HeaderValue::from_str(&format!("Bearer {text}")).map_err(|_| BadToken)?;
        header.set_sensitive(true);
        Ok(Self { text: text.to_owned(), header })
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// `text` without this token, should it hold it.
    pub(super) fn taken_out_of(&self, text: &str) -> String {
        text.replace(&self.text, "…")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The proxy through which requests go.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its address; may hold a user and a password.
    pub url: String,
    /// Hosts that it is not for, as `NO_PROXY` writes them.
    pub except: String,
}

impl fmt::Debug for Proxy {
    /// Without its address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("except", &self.except).finish_non_exhaustive()
    }
}

/// How long anything of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub read: Duration,
    /// From the connection to the last byte.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: CONNECT_TIMEOUT, read: READ_TIMEOUT, whole: WHOLE_TIMEOUT }
    }
}

/// How to ask one GitLab.
#[derive(Debug, Clone, PartialEq)]
pub struct RestSettings {
    /// The operator's name for it.
    pub name: String,
    /// Where it is.
    pub origin: Origin,
    /// As whom it is asked.
    pub token: Token,
    /// How many requests it gets in any minute, at most; at least 1.
    pub requests_per_minute: u32,
    /// Authorities that may sign its certificate, besides the system's.
    pub authorities: Option<Authorities>,
    /// The way there; `None` is straight.
    pub proxy: Option<Proxy>,
    /// How long anything may take.
    pub timeouts: Timeouts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_that_a_header_can_carry() {
        assert!(Token::new("glpat-abcDEF_123").is_ok());
        for text in ["", "two words", "line\nbreak", "tab\t", "accentué", "nul\0"] {
            assert_eq!(Token::new(text).map(drop), Err(BadToken), "{text:?}");
        }
    }

    #[test]
    fn nothing_shows_a_token_or_the_password_of_a_proxy() {
        let token = Token::new("glpat-canary").unwrap();
        let proxy =
            Proxy { url: "http://user:canary@proxy:3128".to_owned(), except: "local".to_owned() };
        let shown = format!("{token:?} {:?} {proxy:?}", token.header());
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(token.taken_out_of("bad token glpat-canary."), "bad token ….");
    }
}
