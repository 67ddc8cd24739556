//! A list of GitLab's, page by page, by its links to the next page.

use std::collections::HashSet;

use bytes::Bytes;

use super::answer::Answer;
use super::client::{Ask, Client, Method};
use super::error::{RestError, Unusable};
use super::link::Place;

/// Rows that are asked for at once: the most that GitLab gives.
pub const PAGE_ROWS: &str = "100";
/// A million rows; no project has as many deployments, and a list without end must end.
const PAGES_LIMIT: usize = 10_000;
const PER_PAGE: &str = "per_page";

/// A walk along a list, in the order that was asked for.
///
/// Filters are those of the first request on every page, whatever the links say: GitLab ignores a
/// parameter that it does not know, so a caller still checks rows against its filter.
#[derive(Debug)]
pub struct Pages {
    client: Client,
    path: Vec<String>,
    query: Vec<(String, String)>,
    /// Where the next page begins; nothing is the beginning, `None` the end.
    next: Option<Place>,
    seen: HashSet<Place>,
}

impl Pages {
    pub(super) fn new(client: Client, path: &[&str], query: &[(&str, &str)]) -> Self {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let mut query: Vec<_> = query.iter().map(owned).collect();
        if query.iter().all(|(key, _)| key != PER_PAGE) {
            query.push((PER_PAGE.to_owned(), PAGE_ROWS.to_owned()));
        }
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Self { client, path, query, next: Some(Place::new()), seen: HashSet::new() }
    }

    /// Whether another page is known of, or none was asked for yet.
    #[must_use]
    pub const fn has_next(&self) -> bool {
        self.next.is_some()
    }

    /// The next page, a JSON list; `None` after the last one. After an error the same page may be
    /// asked for again.
    ///
    /// # Errors
    /// [`RestError`]; [`Unusable::Circle`], [`Unusable::NoPage`] and [`Unusable::TooLong`] for
    /// links that would not end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, RestError> {
        let Some(place) = self.next.clone() else { return Ok(None) };
        if self.seen.len() >= PAGES_LIMIT {
            return Err(RestError::Unusable(Unusable::TooLong));
        }
        let path: Vec<_> = self.path.iter().map(String::as_str).collect();
        let given = self.query.iter().filter(|(key, _)| place.iter().all(|(new, _)| new != key));
        let query: Vec<_> =
            given.chain(&place).map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let ask = Ask { method: Method::Get, path: &path, query: &query, body: None };
        let Answer { body, next, .. } = self.client.ask(ask).await?;
        // Some lists link on from an empty page for ever.
        let next = next.filter(|_| !is_empty_list(&body));
        if let Some(next) = &next {
            if next.is_empty() {
                return Err(RestError::Unusable(Unusable::NoPage));
            }
            if *next == place || self.seen.contains(next) {
                return Err(RestError::Unusable(Unusable::Circle));
            }
        }
        self.seen.insert(place);
        self.next = next;
        Ok(Some(body))
    }
}

fn is_empty_list(body: &[u8]) -> bool {
    body.iter().filter(|byte| !byte.is_ascii_whitespace()).take(3).eq(b"[]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_page_is_known_however_it_is_written() {
        for body in ["[]", " [ ] \n", "[\n]"] {
            assert!(is_empty_list(body.as_bytes()), "{body}");
        }
        for body in ["", "[", "[0]", "[[]]", "{}", "[],"] {
            assert!(!is_empty_list(body.as_bytes()), "{body}");
        }
    }
}
