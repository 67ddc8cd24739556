//! A person, unrecognisable: only ever used to tell "someone else".

/// Keyed hash (HMAC-SHA-256, first 16 bytes) of a person's id under this installation's key.
///
/// It appears in no output; destroying the key makes it anonymous.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonHash([u8; 16]);

impl PersonHash {
    /// Wraps the first 16 bytes of the keyed hash.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, for the store only.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for PersonHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonHash(…)")
    }
}
