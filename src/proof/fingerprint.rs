//! A name for a secret that may be shown.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The first 32 bits of a secret's SHA-256, eight hexadecimal digits: enough to tell an operator's
/// secrets apart, of no use to whoever wants to guess one of 16 bytes or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u32);

impl Fingerprint {
    /// The fingerprint of `secret` as it is written in GitLab, prefix included.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(secret).into();
        Self(u32::from_be_bytes([a, b, c, d]))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_start_of_what_sha256sum_prints() {
        // From FIPS 180-4's example: SHA-256("abc") = ba7816bf…
        assert_eq!(Fingerprint::of(b"abc").to_string(), "ba7816bf");
    }
}
