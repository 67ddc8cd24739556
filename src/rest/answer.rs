//! One whole answer of GitLab's, within its bounds.

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LINK, LOCATION};

use super::link::{self, Place};
use super::pace::Hints;
use crate::delivery::Timestamp;

/// More than any page we ask for: 100 rows of GitLab's largest lists take about 1 MiB, and one row
/// of a hook's log repeats a delivery, of at most 25 MiB.
pub(super) const BODY_LIMIT_BYTES: usize = 32 << 20;

/// An answer that is no refusal.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) hints: Hints,
    pub(super) next: Option<Place>,
}

impl Answer {
    /// 200, 201, 202 or 204.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// JSON, or nothing.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// When it was made, by GitLab's clock.
    #[must_use]
    pub const fn date(&self) -> Option<Timestamp> {
        self.hints.date
    }
}

/// The headers of an answer that mean something to us.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) hints: Hints,
    pub(super) next: Option<Place>,
    pub(super) location: Option<String>,
    pub(super) is_json: bool,
}

impl Head {
    pub(super) fn of(response: &Response, now: Timestamp) -> Self {
        let headers = response.headers();
        Self {
            status: response.status().as_u16(),
            hints: Hints::read(|name| text(headers, name), now),
            next: link::next(headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok())),
            location: text(headers, LOCATION.as_str()).map(str::to_owned),
            is_json: text(headers, CONTENT_TYPE.as_str()).is_some_and(is_json),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `application/json`, or a kind of JSON such as `application/problem+json`.
fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

/// Why a body could not be read.
pub(super) enum BadBody {
    TooLarge,
    Cut(reqwest::Error),
}

/// Reads a body to its end, unless it has more than `limit` bytes.
pub(super) async fn body(mut response: Response, limit: usize) -> Result<Bytes, BadBody> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(BadBody::Cut)? {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(BadBody::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_type_whatever_its_charset() {
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/x+json"] {
            assert!(is_json(kind), "{kind}");
        }
        for kind in ["text/html", "text/plain; a=application/json", "", "application/jsonp"] {
            assert!(!is_json(kind), "{kind}");
        }
    }
}
