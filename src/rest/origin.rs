//! The one place that requests go to: scheme, host, port and path of a configured GitLab.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Where the API begins below the address of a GitLab.
const API: [&str; 2] = ["api", "v4"];

/// Why an address is no origin for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    /// It is no address of the web, or says more than where GitLab is.
    #[error("an address like https://gitlab.example.com, without user or query")]
    Address,
    /// A token must not travel where it can be read.
    #[error("https, for over http the token could be read on its way; http is for loopback only")]
    Plain,
}

/// The address of a GitLab, its path prefix included; every request goes below it.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    /// Ends with the API's own path, without a slash.
    api: Url,
    address: String,
}

impl Origin {
    /// Reads the address of a GitLab, `https://gitlab.example.com` or
    /// `https://example.com/gitlab`.
    ///
    /// # Errors
    /// [`BadOrigin`] unless it is an https address without user, query and fragment, or an http
    /// one of this machine.
    pub fn parse(text: &str) -> Result<Self, BadOrigin> {
        let mut api = Url::parse(text).map_err(|_| BadOrigin::Address)?;
        let bare = api.username().is_empty()
            && api.password().is_none()
            && api.query().is_none()
            && api.fragment().is_none();
        if !bare || !["http", "https"].contains(&api.scheme()) {
            return Err(BadOrigin::Address);
        }
        if api.scheme() == "http" && !is_loopback(&api) {
            return Err(BadOrigin::Plain);
        }
        let address = api.as_str().trim_end_matches('/').to_owned();
        let Ok(mut segments) = api.path_segments_mut() else { return Err(BadOrigin::Address) };
        segments.pop_if_empty().extend(API);
        drop(segments);
        Ok(Self { api, address })
    }

    /// The address of a resource: `path` is a list of parts, each encoded here. `None` for a part
    /// that would name another resource than it says: nothing, `.` or `..`.
    pub(super) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Option<Url> {
        if path.is_empty() || path.iter().any(|part| ["", ".", ".."].contains(part)) {
            return None;
        }
        let mut url = self.api.clone();
        url.path_segments_mut().ok()?.extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Some(url)
    }

    /// Whether it is this machine, to which no proxy of the network leads.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.api)
    }

    /// Whether what is sent there is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.api.scheme() == "https"
    }

    /// The address of a redirect, by the value of its `Location`: host and port alone, for the
    /// path may be a page of log-in that repeats what was asked.
    pub(super) fn host_of(&self, location: &str) -> Option<String> {
        let url = self.api.join(location).ok()?;
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }
}

impl fmt::Display for Origin {
    /// The address as it was configured, without a slash at its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.address)
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(origin: &str, path: &[&str], query: &[(&str, &str)]) -> Option<String> {
        Origin::parse(origin).unwrap().url(path, query).map(String::from)
    }

    #[test]
    fn a_resource_lies_below_the_address_and_its_prefix() {
        for (origin, expected) in [
            ("https://gitlab.example.com", "https://gitlab.example.com/api/v4/projects/7"),
            ("https://gitlab.example.com/", "https://gitlab.example.com/api/v4/projects/7"),
            ("https://example.com:8443/a/b/", "https://example.com:8443/a/b/api/v4/projects/7"),
            ("http://127.0.0.1:80", "http://127.0.0.1/api/v4/projects/7"),
        ] {
            assert_eq!(url(origin, &["projects", "7"], &[]).as_deref(), Some(expected));
        }
    }

    #[test]
    fn parts_and_parameters_are_encoded_and_cannot_become_others() {
        let origin = "https://gitlab.example.com/x";
        for (part, expected) in [
            ("group/app", "group%2Fapp"),
            ("a?b#c", "a%3Fb%23c"),
            ("%2e%2e", "%252e%252e"),
            ("é", "%C3%A9"),
            ("a\\b", "a%5Cb"),
        ] {
            let expected = format!("https://gitlab.example.com/x/api/v4/projects/{expected}");
            assert_eq!(url(origin, &["projects", part], &[]), Some(expected), "{part}");
        }
        for part in ["", ".", ".."] {
            assert_eq!(url(origin, &["projects", part, "hooks"], &[]), None, "{part}");
        }
        let query = [("updated_after", "2026-01-01T00:00:00+01:00"), ("x", "a&b=c")];
        let found = url(origin, &["projects"], &query).unwrap();
        assert!(
            found.ends_with("?updated_after=2026-01-01T00%3A00%3A00%2B01%3A00&x=a%26b%3Dc"),
            "{found}"
        );
    }

    #[test]
    fn a_token_never_travels_in_clear_over_a_network() {
        for plain in ["http://gitlab.example.com", "http://10.0.0.1", "http://[2001:db8::1]"] {
            assert_eq!(Origin::parse(plain), Err(BadOrigin::Plain), "{plain}");
        }
        for local in ["http://localhost:8080", "http://127.0.0.7", "http://[::1]:8080"] {
            assert!(Origin::parse(local).unwrap().is_loopback(), "{local}");
        }
        for tricky in ["http://localhost.example.com", "http://127.0.0.1.example.com"] {
            assert_eq!(Origin::parse(tricky), Err(BadOrigin::Plain), "{tricky}");
        }
    }

    #[test]
    fn what_says_more_than_where_gitlab_is_is_refused() {
        for text in [
            "",
            "gitlab.example.com",
            "ftp://gitlab.example.com",
            "file:///etc/passwd",
            "https://user@gitlab.example.com",
            "https://user:pass@gitlab.example.com",
            "https://gitlab.example.com?x=1",
            "https://gitlab.example.com/#top",
            "data:text/plain,x",
        ] {
            assert_eq!(Origin::parse(text), Err(BadOrigin::Address), "{text}");
        }
    }

    #[test]
    fn of_a_redirect_the_host_is_told_and_no_path() {
        let origin = Origin::parse("https://gitlab.example.com").unwrap();
        for (location, expected) in [
            ("https://login.example.com/saml?token=x", Some("login.example.com")),
            ("//other.example.com:444/x", Some("other.example.com:444")),
            ("/users/sign_in", Some("gitlab.example.com")),
            ("http://[", None),
        ] {
            assert_eq!(origin.host_of(location).as_deref(), expected, "{location}");
        }
    }
}
