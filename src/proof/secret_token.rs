//! The plain secret of `X-Gitlab-Token`, kept and compared as a digest.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::fingerprint::Fingerprint;

/// A digest of a secret: all have the same size, so a comparison cannot tell a secret's length.
pub(super) type SecretDigest = [u8; 32];

/// A secret that holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty")]
pub struct EmptySecret;

/// A secret that GitLab sends in clear; only its SHA-256 is kept. It has no `==`, so that the
/// only comparison there is takes constant time.
#[derive(Clone)]
pub struct SecretToken {
    digest: SecretDigest,
    fingerprint: Fingerprint,
}

impl SecretToken {
    /// Takes the secret as it is written in GitLab.
    ///
    /// # Errors
    /// [`EmptySecret`] for no bytes: a hook without a token must never match.
    pub fn new(secret: &[u8]) -> Result<Self, EmptySecret> {
        if secret.is_empty() {
            return Err(EmptySecret);
        }
        Ok(Self { digest: digest(secret), fingerprint: Fingerprint::of(secret) })
    }

    /// The name under which this secret may be shown.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) const fn digest(&self) -> &SecretDigest {
        &self.digest
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretToken({})", self.fingerprint)
    }
}

/// The digest under which secrets are compared; its cost depends on what was offered only.
pub(super) fn digest(secret: &[u8]) -> SecretDigest {
    Sha256::digest(secret).into()
}

/// Which of `known` equals `offered`: its position, the last one where several do.
///
/// Every comparison is made, whatever the outcome of those before, and none branches on it, so the
/// time tells neither how much of a secret was right nor which one it was.
pub(super) fn position<'a>(
    known: impl Iterator<Item = &'a SecretDigest>,
    offered: &SecretDigest,
) -> Option<usize> {
    position_by(known, |digest| digest.ct_eq(offered))
}

fn position_by<'a>(
    known: impl Iterator<Item = &'a SecretDigest>,
    mut equals: impl FnMut(&SecretDigest) -> Choice,
) -> Option<usize> {
    /// No position; more secrets than memory holds would be needed to reach it.
    const NONE: u64 = u64::MAX;
    let mut found = NONE;
    for (position, digest) in (0..).zip(known) {
        found.conditional_assign(&position, equals(digest));
    }
    if found == NONE { None } else { usize::try_from(found).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_is_compared_whatever_was_offered() {
        let secrets: Vec<_> = (0..7_u8).map(|n| digest(&vec![n; usize::from(n) + 1])).collect();
        let offers = [
            digest(b""),
            digest(b"\0"),
            digest(&[6; 7]),
            digest(&[6; 8]),
            digest(&[3; 4]),
            digest(&vec![0; 100_000]),
        ];
        for offered in offers {
            let mut comparisons = 0;
            let found = position_by(secrets.iter(), |digest| {
                comparisons += 1;
                // Both sides have 32 bytes by type, so no length is ever compared.
                digest.ct_eq(&offered)
            });
            assert_eq!(comparisons, secrets.len());
            assert_eq!(found, secrets.iter().position(|digest| *digest == offered));
        }
    }

    #[test]
    fn nothing_equals_anything_where_no_secret_is_known() {
        assert_eq!(position([].iter(), &digest(b"x")), None);
    }

    #[test]
    fn an_empty_secret_is_no_secret() {
        assert_eq!(SecretToken::new(b"").unwrap_err(), EmptySecret);
    }

    #[test]
    fn debug_output_shows_the_fingerprint_alone() {
        let token = SecretToken::new(b"canary-canary-canary").unwrap();
        assert_eq!(format!("{token:?}"), format!("SecretToken({})", token.fingerprint()));
    }
}
