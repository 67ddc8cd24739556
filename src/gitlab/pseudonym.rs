//! People, made unrecognisable: a keyed hash of their id, and the patterns of those who are not
//! people at all, matched before hashing.

use std::fmt;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::delivery::{CommitIdentity, InstanceId, PersonHash, Timestamp};

/// Turns people into hashes under the key of this installation.
///
/// The same person of the same GitLab gives the same hash for as long as the key exists; without
/// the key nothing leads back. Its `Debug` shows neither key nor patterns.
#[derive(Clone)]
pub struct Pseudonyms {
    keyed: Hmac<Sha256>,
    exclude_authors: GlobSet,
}

impl Pseudonyms {
    /// Hashes with `key`; who matches `exclude_authors` is no author. Build the patterns with
    /// [`author_patterns`], which ignore case.
    #[must_use]
    pub fn new(key: &[u8; 32], exclude_authors: GlobSet) -> Self {
        // RFC 2104 pads a short key with zeros to the block, which is done here so that nothing
        // can fail.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self { keyed: Hmac::new(&block), exclude_authors }
    }

    /// The hash of the person whom `instance` numbers `user_id`.
    #[must_use]
    pub fn person(&self, instance: InstanceId, user_id: u64) -> PersonHash {
        PersonHash::new(self.hash(b"person", instance, &[&user_id.to_be_bytes()]))
    }

    /// The hash that recognises a commit after a rebase, by author, authored date and title.
    ///
    /// The author's name stands for the author: GitLab redacts e-mail addresses in what it
    /// resends, so an address would make the resend another commit.
    #[must_use]
    pub fn commit(
        &self,
        instance: InstanceId,
        author: &str,
        authored_at: Timestamp,
        title: &str,
    ) -> CommitIdentity {
        let second = authored_at.as_second().to_be_bytes();
        let parts = [author.trim().as_bytes(), &second, title.trim().as_bytes()];
        CommitIdentity(self.hash(b"commit", instance, &parts))
    }

    /// Whether a user name, author name or the part of an e-mail address before the `@` is one of
    /// those that are not counted as authors.
    #[must_use]
    pub fn excludes(&self, name: &str) -> bool {
        !self.exclude_authors.is_empty() && !name.is_empty() && self.exclude_authors.is_match(name)
    }

    /// The first 16 bytes of the keyed hash of `parts`, each with its length before it.
    fn hash(&self, what: &[u8], instance: InstanceId, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.keyed.clone();
        mac.update(what);
        mac.update(&instance.get().to_be_bytes());
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        let full = mac.finalize().into_bytes();
        let mut first = [0; 16];
        for (to, from) in first.iter_mut().zip(full) {
            *to = from;
        }
        first
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms(…)")
    }
}

/// Compiles patterns of authors, case ignored: `*` any characters, `?` one, `[ab]` one of these
/// (`[[]` is a bracket).
///
/// # Errors
/// When one of them is not a glob.
pub fn author_patterns<'a>(
    patterns: impl IntoIterator<Item = &'a str>,
) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(GlobBuilder::new(pattern).case_insensitive(true).build()?);
    }
    set.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms(key: u8, patterns: &[&str]) -> Pseudonyms {
        Pseudonyms::new(&[key; 32], author_patterns(patterns.iter().copied()).unwrap())
    }

    #[test]
    fn a_person_hashes_alike_only_under_one_key_and_one_gitlab() {
        let (one, other) = (pseudonyms(1, &[]), pseudonyms(2, &[]));
        let (here, there) = (InstanceId::new(1), InstanceId::new(2));
        assert_eq!(one.person(here, 7), one.person(here, 7));
        assert_ne!(one.person(here, 7), one.person(here, 8));
        assert_ne!(one.person(here, 7), one.person(there, 7));
        assert_ne!(one.person(here, 7), other.person(here, 7));
    }

    #[test]
    fn the_hash_is_the_start_of_an_hmac_of_the_unpadded_key() {
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(b"person\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x08");
        mac.update(&42_u64.to_be_bytes());
        let expected = mac.finalize().into_bytes();
        let person = pseudonyms(7, &[]).person(InstanceId::new(3), 42);
        assert_eq!(person.as_bytes().as_slice(), &expected[..16]);
    }

    #[test]
    fn a_commit_is_recognised_by_author_date_and_title_together() {
        let of = |author, second, title| {
            let at = Timestamp::from_second(second);
            pseudonyms(1, &[]).commit(InstanceId::new(1), author, at, title)
        };
        assert_eq!(of("Ada", 5, "Round"), of(" Ada ", 5, "Round\n"));
        assert_ne!(of("Ada", 5, "Round"), of("Bob", 5, "Round"));
        assert_ne!(of("Ada", 5, "Round"), of("Ada", 6, "Round"));
        assert_ne!(of("Ada", 5, "Round"), of("Ada", 5, "Square"));
    }

    #[test]
    fn patterns_of_authors_ignore_case() {
        let pseudonyms = pseudonyms(1, &["project_*_bot*", "Renovate[[]bot]", "*-CI"]);
        for name in ["project_30_bot_ab12", "PROJECT_30_BOT", "renovate[bot]", "shop-ci"] {
            assert!(pseudonyms.excludes(name), "{name}");
        }
        for name in ["", "ada", "renovate-bot"] {
            assert!(!pseudonyms.excludes(name), "{name}");
        }
    }

    #[test]
    fn nothing_of_the_key_is_shown() {
        assert_eq!(format!("{:?}", pseudonyms(1, &["ada"])), "Pseudonyms(…)");
    }
}
