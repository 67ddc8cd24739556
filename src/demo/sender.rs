//! Delivers as GitLab does: signed, by HTTP, several at a time.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::delivery::Delivery;
use crate::clock::Clock;
use crate::proof::SigningToken;

/// Deliveries under way at once: enough to share commits, few enough to be a polite client.
const CONCURRENCY: usize = 32;

/// Why a delivery was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No answer came.
    #[error("deliver to {url}")]
    Unreachable {
        /// Where it was sent.
        url: String,
        /// What the connection said.
        #[source]
        cause: reqwest::Error,
    },
    /// The answer was not 200.
    #[error("deliver `{summary}`: the receiver answered {status}")]
    Refused {
        /// What it was about.
        summary: String,
        /// The answer's status code.
        status: u16,
    },
}

/// Posts deliveries to one receiver, each signed as Standard Webhooks asks.
#[derive(Debug, Clone)]
pub struct Sender {
    client: reqwest::Client,
    url: String,
    token: SigningToken,
    clock: Arc<dyn Clock>,
}

impl Sender {
    /// A sender through `client` to the hook address `url` that signs with `token`.
    #[must_use]
    pub fn new(
        client: reqwest::Client,
        url: String,
        token: SigningToken,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { client, url, token, clock }
    }

    /// Posts one delivery and waits for the answer.
    ///
    /// The request is dated now, as GitLab's are, whenever the thing it tells of happened.
    ///
    /// # Errors
    /// [`SendError`] unless the answer is 200.
    pub async fn send(&self, delivery: &Delivery) -> Result<(), SendError> {
        let timestamp = self.clock.now().to_string();
        let signature =
            self.token.sign(delivery.id.as_bytes(), timestamp.as_bytes(), &delivery.body);
        let request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("user-agent", "GitLab/19.6.0")
            .header("x-gitlab-event", delivery.event)
            .header("x-gitlab-instance", "https://gitlab.example")
            .header("idempotency-key", &delivery.id)
            .header("webhook-id", &delivery.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(delivery.body.clone());
        let answer = request.send().await;
        let unreachable = |cause| SendError::Unreachable { url: self.url.clone(), cause };
        let answer = answer.map_err(unreachable)?;
        let status = answer.status().as_u16();
        // A read body gives the connection back for the next delivery.
        answer.bytes().await.map_err(unreachable)?;
        match status {
            200 => Ok(()),
            _ => Err(SendError::Refused { summary: delivery.summary.clone(), status }),
        }
    }

    /// Posts all of them, some at once and therefore in no certain order; `sent` is called after
    /// each.
    ///
    /// # Errors
    /// The first [`SendError`]; what is under way then is given up.
    pub async fn send_all(
        &self,
        deliveries: impl Iterator<Item = Delivery>,
        mut sent: impl FnMut(),
    ) -> Result<(), SendError> {
        let mut answers = stream::iter(deliveries)
            .map(|delivery| async move { self.send(&delivery).await })
            .buffer_unordered(CONCURRENCY);
        while let Some(answer) = answers.next().await {
            answer?;
            sent();
        }
        Ok(())
    }
}
