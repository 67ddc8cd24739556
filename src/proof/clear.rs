//! A secret as GitLab must be told it: the one form in which it is not a digest.

use std::fmt;

/// A secret in clear, for the body of a request that sets up a hook.
#[derive(Clone, PartialEq, Eq)]
pub struct ClearSecret(String);

impl ClearSecret {
    /// Takes a secret as it is written.
    #[must_use]
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClearSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClearSecret(…)")
    }
}
