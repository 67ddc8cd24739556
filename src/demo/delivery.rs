//! One delivery of the company's GitLab, ready to be signed and sent.

use crate::delivery::Timestamp;

/// One delivery: what GitLab would post, and what it is about in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// When it happened.
    pub at: Timestamp,
    /// The `webhook-id`: the same for the same seed.
    pub id: String,
    /// The `X-Gitlab-Event` header.
    pub event: &'static str,
    /// Full path of the project.
    pub project: &'static str,
    /// What happened, for people who recount the numbers by hand: `deployment 41007 success
    /// production 1a2b3c4d`.
    pub summary: String,
    /// The JSON body.
    pub body: Vec<u8>,
}
