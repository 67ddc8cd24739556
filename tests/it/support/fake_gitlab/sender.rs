//! Deliveries of the hooks, each tried once, logged as GitLab logs them, and none while disabled.

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use gitlab_dora_exporter::proof::SigningToken;
use serde_json::{Value, json};

use super::{FakeGitlab, Kept};
use crate::support::process::http_client;

/// The kinds of a hook's log, by the event.
const TRIGGERS: [(&str, &str); 4] = [
    ("Deployment Hook", "deployment_hooks"),
    ("Merge Request Hook", "merge_request_hooks"),
    ("Issue Hook", "issue_hooks"),
    ("Push Hook", "push_hooks"),
];

impl FakeGitlab {
    /// Makes a hook of `owner` (`projects/7`) that signs by `signing_token` and sends to `url`; gives
    /// its number.
    pub(crate) fn hook(&self, owner: &str, url: &str, signing_token: &str) -> u64 {
        let mut world = self.world();
        let id = world.fresh_id();
        world.hooks.push(Kept::sending(owner, id, url, signing_token));
        id
    }

    /// Lets a hook tell of one event. Gives what GitLab makes of the answer: a status, `internal
    /// error`, or nothing where the hook is disabled and nothing is sent or logged.
    pub(crate) async fn tell(&self, hook: u64, event: &str, body: &Value) -> Option<String> {
        let (owner, url, token, key) = {
            let mut world = self.world();
            let now = world.now;
            let own = world.hooks.iter().find(|own| own.shown["id"] == hook).unwrap();
            if !own.is_executable(now) {
                return None;
            }
            let url = own.shown["url"].as_str().unwrap().to_owned();
            let (owner, token) = (own.owner.clone(), own.signing_token.clone().unwrap());
            let key = format!("key-{}", world.fresh_id());
            (owner, url, SigningToken::parse(&token).unwrap(), key)
        };
        let (bytes, sent_at) = (body.to_string().into_bytes(), SystemClock.now().to_string());
        let signature = token.sign(key.as_bytes(), sent_at.as_bytes(), &bytes);
        let headers = [
            ("Content-Type", "application/json"),
            ("X-Gitlab-Event", event),
            ("Idempotency-Key", &key),
            ("webhook-id", &key),
            ("webhook-timestamp", &sent_at),
            ("webhook-signature", &signature),
        ];
        let request = http_client().post(&url);
        let request = headers.iter().fold(request, |own, (name, value)| own.header(*name, *value));
        let answer = request.body(bytes).send().await;
        let status = answer.map_or_else(
            |_| "internal error".to_owned(),
            |answer| answer.status().as_u16().to_string(),
        );
        self.world().log(&owner, hook, (event, &headers), (body, &status));
        Some(status)
    }
}

impl super::World {
    fn log(
        &mut self,
        owner: &str,
        hook: u64,
        (event, headers): (&str, &[(&str, &str)]),
        (body, status): (&Value, &str),
    ) {
        let now = self.now;
        let own = self.hooks.iter_mut().find(|own| own.shown["id"] == hook).unwrap();
        if status.starts_with(['2', '3']) {
            own.succeeds();
        } else {
            own.fails(now);
        }
        let trigger = TRIGGERS.iter().find(|(name, _)| *name == event).unwrap().1;
        let headers: serde_json::Map<String, Value> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let row = json!({
            "id": self.fresh_id(), "url": own_url(self, hook), "trigger": trigger,
            "request_headers": headers, "request_data": without_addresses(body.clone()),
            "response_headers": {}, "response_body": "", "response_status": status,
            "execution_duration": 0.1,
        });
        self.lists.entry(format!("{owner}/hooks/{hook}/events")).or_default().insert(0, row);
    }
}

fn own_url(world: &super::World, hook: u64) -> Value {
    world.hooks.iter().find(|own| own.shown["id"] == hook).unwrap().shown["url"].clone()
}

/// GitLab's log holds no e-mail address.
fn without_addresses(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('@') => json!("[REDACTED]"),
        Value::Array(list) => list.into_iter().map(without_addresses).collect(),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, own)| (key, without_addresses(own))).collect())
        }
        other => other,
    }
}
