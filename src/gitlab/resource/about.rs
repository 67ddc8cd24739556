//! What GitLab says of itself, of the token and of projects: the few keys that set-up needs.

use serde::Deserialize;

use crate::delivery::Timestamp;
use crate::gitlab::timestamp;

/// A version of GitLab: major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 19 in 19.4.
    pub major: u32,
    /// 4 in 19.4.
    pub minor: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The version in the answer of `/metadata` or `/version`; `None` when it says none.
#[must_use]
pub fn version(body: &[u8]) -> Option<Version> {
    #[derive(Deserialize)]
    struct Said {
        version: String,
    }
    let Said { version } = serde_json::from_slice(body).ok()?;
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some(Version { major: parts.next()??, minor: parts.next()?? })
}

/// What a token may do, and until when, by `/personal_access_tokens/self`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OwnToken {
    /// `api`, `read_api` …
    pub scopes: Vec<String>,
    /// Its last day, as `2027-01-31`.
    pub expires_at: Option<String>,
}

impl OwnToken {
    /// The instant at which it ends: the begin of its last day, by UTC. `None` when it has no end.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        timestamp::read(self.expires_at.as_deref()?)
    }

    /// Whether it may do what `scope` names.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope)
    }
}

/// The token that was used; `None` when the answer is none.
#[must_use]
pub fn own_token(body: &[u8]) -> Option<OwnToken> {
    serde_json::from_slice(body).ok()
}

/// A project or a group as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// GitLab's number of it, which survives a rename.
    pub id: u64,
    /// Its full path.
    #[serde(alias = "full_path")]
    pub path_with_namespace: String,
}

/// The projects of one page of a list.
///
/// # Errors
/// When it is no list of projects.
pub fn projects(page: &[u8]) -> serde_json::Result<Vec<Listed>> {
    serde_json::from_slice(page)
}

/// One project or group.
///
/// # Errors
/// When it is none.
pub fn project(body: &[u8]) -> serde_json::Result<Listed> {
    serde_json::from_slice(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_two_numbers_whatever_follows() {
        for (text, expected) in [
            ("19.4.0-ee", Some((19, 4))),
            ("15.11.13", Some((15, 11))),
            ("19.0.0-pre", Some((19, 0))),
            ("new", None),
            ("19", None),
        ] {
            let body = format!(r#"{{"version":"{text}","revision":"x"}}"#);
            let found = version(body.as_bytes()).map(|version| (version.major, version.minor));
            assert_eq!(found, expected, "{text}");
        }
        assert!(Version { major: 18, minor: 11 } < Version { major: 19, minor: 0 });
        assert_eq!(version(b"[]"), None);
    }

    #[test]
    fn a_token_may_have_no_end_and_a_project_has_a_number_and_a_path() {
        let token = own_token(br#"{"id":1,"scopes":["api"],"expires_at":null}"#).unwrap();
        assert_eq!((token.scopes, token.expires_at), (vec!["api".to_owned()], None));
        let page = br#"[{"id":7,"path_with_namespace":"a/b","name":"B"}]"#;
        let listed = Listed { id: 7, path_with_namespace: "a/b".to_owned() };
        assert_eq!(projects(page).unwrap(), [listed]);
    }
}
