//! Why a delivery is not believed.

/// Why a delivery is not believed; for our log and counters only. Outside it is one answer, 401,
/// the same for every cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither a signature nor a token.
    #[error("neither webhook-signature nor X-Gitlab-Token is present")]
    NoProof,
    /// A token that equals none of the active secrets.
    #[error("X-Gitlab-Token equals none of the active secrets")]
    WrongToken,
    /// The token is right, but its source accepts signed deliveries only.
    #[error("unsigned, and the source that knows this token is strict")]
    Unsigned,
    /// A header of the proof stands more than once.
    #[error("{0} is present more than once")]
    Repeated(&'static str),
    /// A signature, and no source has a signing token: nothing can verify it.
    #[error("signed, but no signing token is configured")]
    NoSigningToken,
    /// A signature without the id or the time that it signs.
    #[error("signed, but {0} is absent")]
    Incomplete(&'static str),
    /// No entry of the signature is `v1,` and 32 bytes of base64.
    #[error("webhook-signature holds no readable v1 signature")]
    MalformedSignature,
    /// The time is not a plain number of seconds.
    #[error("webhook-timestamp is not a number of seconds")]
    MalformedTimestamp,
    /// No active signing token makes this signature over this id, time and body.
    #[error("no active signing token makes this signature")]
    WrongSignature,
    /// The signature is right, but too old or too far ahead.
    #[error("signed {skew_seconds} s before our clock, outside the tolerance")]
    Stale {
        /// Our clock minus the sender's, in seconds; negative when the sender is ahead.
        skew_seconds: i64,
    },
}

impl Refusal {
    /// The value of the label `reason`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoProof => "no_proof",
            Self::WrongToken => "wrong_token",
            Self::Unsigned => "unsigned",
            Self::Repeated(_) => "repeated_header",
            Self::NoSigningToken => "no_signing_token",
            Self::Incomplete(_) => "incomplete_signature",
            Self::MalformedSignature => "malformed_signature",
            Self::MalformedTimestamp => "malformed_timestamp",
            Self::WrongSignature => "wrong_signature",
            Self::Stale { .. } => "stale_timestamp",
        }
    }
}
