//! Why GitLab did not give what was asked, named by what the caller can do.

use crate::delivery::Timestamp;

/// What the connection said; never an address, which may name what is private.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Cause(reqwest::Error);

impl Cause {
    pub(super) fn new(error: reqwest::Error) -> Self {
        Self(error.without_url())
    }

    /// What lies at the bottom of it, in a few words: the rest says only that it was a request.
    #[must_use]
    pub fn deepest(&self) -> String {
        let causes = std::iter::successors(std::error::Error::source(&self.0), |e| e.source());
        causes.last().map_or_else(|| self.0.to_string(), ToString::to_string)
    }
}

/// Why an answer cannot be used although it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is larger than anything we ask for.
    #[error("it is larger than 32 MiB")]
    TooLarge,
    /// It is no JSON: most likely a page of log-in.
    #[error("it is no JSON; a page of log-in may stand before the API")]
    NotJson,
    /// Following the links to the next page led back.
    #[error("its links to the next page go in a circle")]
    Circle,
    /// A link to the next page does not say which page.
    #[error("its link to the next page names no page")]
    NoPage,
    /// No list that we ask for is that long.
    #[error("it has more than 10000 pages")]
    TooLong,
}

/// Why GitLab did not give what was asked.
///
/// Texts of GitLab (`said`) may be shown to the operator who asked; they are no part of the
/// `Display`, which goes to the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestError {
    /// The token is wrong, expired or revoked: nothing will succeed with it.
    #[error("GitLab does not accept the token (401)")]
    Unauthorized,
    /// The token's scope or its user's role does not allow this.
    #[error("GitLab does not allow this to the token (403)")]
    Forbidden {
        /// GitLab's reason.
        said: Option<String>,
    },
    /// There is no such thing, or the token may not see it.
    #[error("GitLab has no such thing, or hides it from the token (404)")]
    NotFound,
    /// Too many requests; the same call may be made again at that instant.
    #[error("GitLab takes no more requests for now (429)")]
    Limited {
        /// When to ask again.
        until: Timestamp,
    },
    /// GitLab points elsewhere. The token goes nowhere but to the configured address.
    #[error(
        "GitLab points to {host} ({status}), and the token goes to the configured address only"
    )]
    Moved {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Host and port, or `another place` when it cannot be read.
        host: String,
    },
    /// Any other refusal, or an error of GitLab's that did not go away.
    #[error("GitLab answered {status}")]
    GitLab {
        /// The status code.
        status: u16,
        /// GitLab's reason.
        said: Option<String>,
    },
    /// An answer came that cannot be used.
    #[error("the answer cannot be used: {0}")]
    Unusable(Unusable),
    /// No whole answer came. The same call may help.
    #[error("GitLab does not answer")]
    Transport(#[source] Cause),
}

impl RestError {
    /// GitLab's own words about a refusal, for the operator who asked: one line.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Forbidden { said } | Self::GitLab { said, .. } => said.as_deref(),
            _ => None,
        }
    }
}
