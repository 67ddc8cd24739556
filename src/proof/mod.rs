//! Who sent this: proof of origin, and the identity of a delivery.
//!
//! A `webhook-signature` that is present must verify, and nothing else is tried; without one, the
//! `X-Gitlab-Token` must equal an active secret. `webhook-id` and `webhook-timestamp` come with
//! unsigned deliveries too and prove nothing. Headers are read as bytes: one that is present but
//! odd is not absent.
//!
//! Source: GitLab, "Webhooks", validate requests with a signing token; Standard Webhooks 1.0.

mod authenticator;
mod clear;
mod fingerprint;
mod headers;
mod identity;
mod probe;
mod refusal;
mod secret_token;
mod signing_token;
#[cfg(test)]
mod tests;

pub use authenticator::{Authenticator, ProofKind, Source, Verified};
pub use clear::ClearSecret;
pub use fingerprint::Fingerprint;
pub use headers::DeliveryHeaders;
pub use probe::{Nonce, probe_body, probe_nonce};
pub use refusal::Refusal;
pub use secret_token::{EmptySecret, SecretToken};
pub use signing_token::{InvalidSigningToken, SigningToken};
