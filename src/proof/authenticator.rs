//! Which proofs are accepted, from whom, and what a verified delivery is.

use bytes::Bytes;
use globset::GlobSet;

use super::fingerprint::Fingerprint;
use super::headers::{DeliveryHeaders, Header};
use super::identity::delivery_key;
use super::refusal::Refusal;
use super::secret_token::{self, SecretToken};
use super::signing_token::{Signature, SigningToken, signatures};
use crate::delivery::{InstanceId, Timestamp};
use crate::record::{DeliveryKey, Kind};

/// One configured sender: its secrets, and what they may speak for.
#[derive(Debug, Clone)]
pub struct Source {
    /// The store's number of this sender.
    pub instance: InstanceId,
    /// The operator's name for it.
    pub name: String,
    /// Active signing tokens; several while rotating.
    pub signing_tokens: Vec<SigningToken>,
    /// Active secrets of `X-Gitlab-Token`; several while rotating.
    pub secret_tokens: Vec<SecretToken>,
    /// Whether deliveries without a signature are refused even with a right token.
    pub strict: bool,
    /// The projects (by path) that this source's secrets may speak for; empty is all.
    pub projects: GlobSet,
}

/// How a delivery proved its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofKind {
    /// By a signature over id, time and body.
    SigningToken,
    /// By a secret sent in clear.
    SecretToken,
}

/// A delivery whose origin is proven; made by [`Authenticator::verify`] alone.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The source whose secret verified.
    pub source: InstanceId,
    /// The name under which the delivery counts once, within its source.
    pub key: DeliveryKey,
    /// `X-Gitlab-Event`, a hint that nothing proves: route by the body.
    pub event: Option<Kind>,
    /// The body, byte for byte as it arrived.
    pub body: Bytes,
    /// `webhook-timestamp`: when GitLab built the request. Proven only when signed.
    pub sent_at: Option<Timestamp>,
    /// How its origin was proven.
    pub proof: ProofKind,
    /// Which secret proved it. Private, so that no other room can make a `Verified`.
    secret: Fingerprint,
}

impl Verified {
    /// Which secret proved its origin, by the name that may be shown.
    #[must_use]
    pub const fn secret(&self) -> Fingerprint {
        self.secret
    }

    /// A delivery that nobody verified, for tests of the rooms that read one.
    #[cfg(test)]
    pub(crate) fn for_test(source: InstanceId, body: impl Into<Bytes>) -> Self {
        let (body, headers) = (body.into(), DeliveryHeaders::read(|_| std::iter::empty()));
        Self {
            source,
            key: delivery_key(&headers, source, &body),
            event: None,
            body,
            sent_at: None,
            proof: ProofKind::SecretToken,
            secret: Fingerprint::of(b""),
        }
    }
}

/// Decides who sent a delivery, by the secrets of all sources.
#[derive(Debug)]
pub struct Authenticator {
    sources: Vec<Source>,
    tolerance_seconds: u64,
}

/// Who proved it, with what.
struct Prover {
    source: InstanceId,
    proof: ProofKind,
    secret: Fingerprint,
}

/// A signature that is well-formed; whether it is right takes the body.
struct Claim<'a> {
    signatures: Vec<Signature>,
    id: &'a [u8],
    timestamp: &'a [u8],
    sent_at: Timestamp,
}

impl Authenticator {
    /// Accepts the secrets of `sources`, and signatures made at most `tolerance_seconds` before or
    /// after our clock.
    #[must_use]
    pub fn new(sources: Vec<Source>, tolerance_seconds: u64) -> Self {
        Self { sources, tolerance_seconds }
    }

    /// Everything that can be decided before the body is read: the token of an unsigned delivery,
    /// and whether a signature is one that could verify.
    ///
    /// # Errors
    /// [`Refusal`] where [`verify`](Self::verify) would refuse too, whatever the body.
    pub fn precheck(&self, headers: &DeliveryHeaders<'_>) -> Result<(), Refusal> {
        match headers.signature {
            Header::Absent => self.verify_token(headers).map(|_| ()),
            signature => self.claim(headers, signature).map(|_| ()),
        }
    }

    /// Decides who sent this delivery, received at `now`.
    ///
    /// A signature that is present must verify, and nothing else is tried; without one, the token
    /// must be right and its source not strict.
    ///
    /// # Errors
    /// [`Refusal`], for our log only: outside, all causes look the same.
    pub fn verify(
        &self,
        headers: &DeliveryHeaders<'_>,
        body: Bytes,
        now: Timestamp,
    ) -> Result<Verified, Refusal> {
        let prover = match headers.signature {
            Header::Absent => self.verify_token(headers)?,
            signature => self.verify_signature(&self.claim(headers, signature)?, &body, now)?,
        };
        Ok(Verified {
            source: prover.source,
            key: delivery_key(headers, prover.source, &body),
            event: headers.event.useful().map(|event| Kind::new(&String::from_utf8_lossy(event))),
            sent_at: headers.timestamp.useful().and_then(seconds),
            proof: prover.proof,
            secret: prover.secret,
            body,
        })
    }

    /// Whether `source` may speak for the project at `path`; a source that is not known may not.
    ///
    /// The path is asked for only where the source is kept to some projects.
    #[must_use]
    pub fn allows(&self, source: InstanceId, path: impl FnOnce() -> String) -> bool {
        let mut own = self.sources.iter().filter(|known| known.instance == source);
        if own.clone().any(|known| known.projects.is_empty()) {
            return true;
        }
        let path = std::cell::LazyCell::new(path);
        own.any(|known| known.projects.is_match(path.as_str()))
    }

    fn verify_token(&self, headers: &DeliveryHeaders<'_>) -> Result<Prover, Refusal> {
        let offered = match headers.token {
            Header::Absent => return Err(Refusal::NoProof),
            Header::Repeated => return Err(Refusal::Repeated("X-Gitlab-Token")),
            Header::Once(token) => secret_token::digest(token),
        };
        let digests = self.secret_tokens().map(|(_, token)| token.digest());
        let position = secret_token::position(digests, &offered).ok_or(Refusal::WrongToken)?;
        let (source, token) = self.secret_tokens().nth(position).ok_or(Refusal::WrongToken)?;
        if source.strict {
            return Err(Refusal::Unsigned);
        }
        let (proof, secret) = (ProofKind::SecretToken, token.fingerprint());
        Ok(Prover { source: source.instance, proof, secret })
    }

    fn claim<'a>(
        &self,
        headers: &DeliveryHeaders<'a>,
        signature: Header<'a>,
    ) -> Result<Claim<'a>, Refusal> {
        if self.signing_tokens().next().is_none() {
            return Err(Refusal::NoSigningToken);
        }
        let signatures = signatures(required(signature, "webhook-signature")?);
        if signatures.is_empty() {
            return Err(Refusal::MalformedSignature);
        }
        let id = required(headers.id, "webhook-id")?;
        let timestamp = required(headers.timestamp, "webhook-timestamp")?;
        let sent_at = seconds(timestamp).ok_or(Refusal::MalformedTimestamp)?;
        Ok(Claim { signatures, id, timestamp, sent_at })
    }

    /// Tries every signing token, also after one has verified.
    fn verify_signature(
        &self,
        claim: &Claim<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Prover, Refusal> {
        let mut prover = None;
        for (source, token) in self.signing_tokens() {
            if token.verifies(&claim.signatures, claim.id, claim.timestamp, body) {
                let (proof, secret) = (ProofKind::SigningToken, token.fingerprint());
                prover = Some(Prover { source: source.instance, proof, secret });
            }
        }
        let prover = prover.ok_or(Refusal::WrongSignature)?;
        let skew_seconds = now.as_second().saturating_sub(claim.sent_at.as_second());
        if skew_seconds.unsigned_abs() > self.tolerance_seconds {
            return Err(Refusal::Stale { skew_seconds });
        }
        Ok(prover)
    }

    fn secret_tokens(&self) -> impl Iterator<Item = (&Source, &SecretToken)> {
        self.sources
            .iter()
            .flat_map(|source| source.secret_tokens.iter().map(move |token| (source, token)))
    }

    fn signing_tokens(&self) -> impl Iterator<Item = (&Source, &SigningToken)> {
        self.sources
            .iter()
            .flat_map(|source| source.signing_tokens.iter().map(move |token| (source, token)))
    }
}

fn required<'a>(header: Header<'a>, name: &'static str) -> Result<&'a [u8], Refusal> {
    match header {
        Header::Absent => Err(Refusal::Incomplete(name)),
        Header::Repeated => Err(Refusal::Repeated(name)),
        Header::Once(value) => Ok(value),
    }
}

/// Digits and nothing else, as GitLab writes an instant; no sign, no fraction, no blank.
fn seconds(text: &[u8]) -> Option<Timestamp> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().map(Timestamp::from_second)
}
