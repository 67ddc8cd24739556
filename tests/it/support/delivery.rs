//! Deliveries as GitLab sends them, and as it never would.

use std::sync::atomic::{AtomicU64, Ordering};

use gitlab_dora_exporter::delivery::Timestamp;
use gitlab_dora_exporter::proof::SigningToken;
use serde_json::{Value, json};

/// The signing token that every test program accepts: the one of GitLab's own test vectors.
pub(crate) const SIGNING_TOKEN: &str = super::process::TOKEN;

/// The secret token that every test program accepts.
pub(crate) const SECRET_TOKEN: &str = "an-invented-secret-of-the-tests-1";

/// One delivery; signed with [`SIGNING_TOKEN`] unless something else is said.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    body: Vec<u8>,
    id: String,
    event: String,
    sent_at: Option<Timestamp>,
    proof: Proof,
    headers: Vec<(String, Vec<u8>)>,
}

#[derive(Debug, Clone)]
enum Proof {
    Signed(String),
    Token(Vec<u8>),
    Nothing,
}

impl Delivery {
    /// A delivery of these bytes, under an id of its own.
    pub(crate) fn new(body: impl Into<Vec<u8>>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            body: body.into(),
            id: format!("delivery-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
            event: "Deployment Hook".to_owned(),
            sent_at: None,
            proof: Proof::Signed(SIGNING_TOKEN.to_owned()),
            headers: Vec::new(),
        }
    }

    /// The same under this `webhook-id` and `Idempotency-Key`.
    pub(crate) fn id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// The same under this `X-Gitlab-Event`.
    pub(crate) fn event(mut self, event: &str) -> Self {
        event.clone_into(&mut self.event);
        self
    }

    /// The same, sent at this instant instead of now.
    pub(crate) fn sent_at(mut self, at: Timestamp) -> Self {
        self.sent_at = Some(at);
        self
    }

    /// The same, signed with another token.
    pub(crate) fn sign(mut self, token: &str) -> Self {
        self.proof = Proof::Signed(token.to_owned());
        self
    }

    /// The same, not signed, with this `X-Gitlab-Token`.
    pub(crate) fn token(mut self, token: impl Into<Vec<u8>>) -> Self {
        self.proof = Proof::Token(token.into());
        self
    }

    /// The same without any proof.
    pub(crate) fn unproved(mut self) -> Self {
        self.proof = Proof::Nothing;
        self
    }

    /// The same with one more header, whatever stands under its name already.
    pub(crate) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The bytes of the body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// All headers of the request but those of its framing, for a request built at `now`.
    pub(crate) fn headers(&self, now: Timestamp) -> Vec<(String, Vec<u8>)> {
        let sent_at = self.sent_at.unwrap_or(now).to_string();
        let mut headers: Vec<(String, Vec<u8>)> = [
            ("content-type", "application/json"),
            ("user-agent", "GitLab/19.4.0"),
            ("x-gitlab-event", &self.event),
            ("idempotency-key", &self.id),
            ("webhook-id", &self.id),
            ("webhook-timestamp", &sent_at),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
        .collect();
        match &self.proof {
            Proof::Signed(token) => {
                let token = SigningToken::parse(token).expect("a signing token");
                let signature = token.sign(self.id.as_bytes(), sent_at.as_bytes(), &self.body);
                headers.push(("webhook-signature".to_owned(), signature.into_bytes()));
            }
            Proof::Token(token) => headers.push(("x-gitlab-token".to_owned(), token.clone())),
            Proof::Nothing => {}
        }
        headers.extend(self.headers.iter().cloned());
        headers
    }

    /// The head of the request as it stands on the wire, up to its empty line.
    pub(crate) fn head(&self, now: Timestamp, framing: &str) -> Vec<u8> {
        let mut head = b"POST /webhooks/gitlab HTTP/1.1\r\nhost: exporter\r\n".to_vec();
        for (name, value) in self.headers(now) {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(&value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(format!("{framing}\r\n\r\n").as_bytes());
        head
    }
}

/// A deployment of project `group/app` to production that succeeded at 2026-05-31T10:00:00Z.
pub(crate) fn deployment_hook() -> Delivery {
    Delivery::new(deployment(1).to_string())
}

/// The body of a deployment hook; later ids succeeded later, a minute apart.
pub(crate) fn deployment(id: u64) -> Value {
    json!({
        "object_kind": "deployment",
        "status": "success",
        "status_changed_at": format!("2026-05-31 10:{:02}:00 UTC", id % 60),
        "deployment_id": id,
        "environment": "production",
        "environment_tier": "production",
        "project": {
            "id": 1,
            "path_with_namespace": "group/app",
            "default_branch": "main",
            "web_url": "https://gitlab.example/group/app",
        },
        "ref": "main",
        "short_sha": format!("{id:08x}"),
        "commit_url": format!("https://gitlab.example/group/app/-/commit/{id:040x}"),
    })
}
