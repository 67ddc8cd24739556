//! The client of GitLab's API against a GitLab that pages, limits, fails and lies.

mod faults;
mod origin;
mod pace;
mod paging;
mod secrecy;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use gitlab_dora_exporter::clock::{Clock, FixedClock};
use gitlab_dora_exporter::instruments::Instruments;
use gitlab_dora_exporter::rest::{Client, Method, Origin, RestSettings, Timeouts, Token};
use tokio::task::JoinHandle;

use crate::support::fake_gitlab::{API_TOKEN, FakeGitlab};
use crate::support::{NOON, wait_until};

/// A GitLab, and a client of it whose clock stands still.
struct Pair {
    gitlab: FakeGitlab,
    client: Client,
    clock: Arc<FixedClock>,
    instruments: Arc<Instruments>,
}

impl Pair {
    async fn start() -> Self {
        let gitlab = FakeGitlab::start().await;
        let settings = settings(&gitlab.url());
        Self::with(gitlab, settings)
    }

    fn with(gitlab: FakeGitlab, settings: RestSettings) -> Self {
        let (clock, instruments) = (Arc::new(FixedClock::at(NOON)), Arc::new(Instruments::new()));
        let own: Arc<dyn Clock> = clock.clone();
        let client = Client::new(settings, own, Arc::clone(&instruments)).unwrap();
        Self { gitlab, client, clock, instruments }
    }

    /// Lets `seconds` pass for the client once it waits for something.
    async fn pass(&self, seconds: u64) {
        wait_until("the client waits", async || self.clock.sleepers() > 0).await;
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets time pass for the client until what was asked is answered.
    async fn finish<T>(&self, asked: JoinHandle<T>) -> T {
        wait_until("it is answered", async || {
            self.clock.advance(Duration::from_secs(1));
            asked.is_finished()
        })
        .await;
        asked.await.unwrap()
    }

    /// What is counted of requests with this status.
    fn counted(&self, endpoint: &str, code: &str) -> u64 {
        let families = self.instruments.gather();
        let counted = families
            .iter()
            .filter(|family| family.name() == "gitlab_dora_exporter_gitlab_api_requests_total")
            .flat_map(|family| family.get_metric().iter())
            .filter(|metric| {
                let value = |name: &str| {
                    let label = metric.get_label().iter().find(|label| label.name() == name);
                    label.map(|label| label.value().to_owned())
                };
                value("endpoint").as_deref() == Some(endpoint)
                    && value("code").as_deref() == Some(code)
            });
        let total: f64 = counted.map(|metric| metric.get_counter().get_value()).sum();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few requests")]
        let total = total as u64;
        total
    }
}

/// Plenty of requests, so that only tests about the pace meet it.
fn settings(url: &str) -> RestSettings {
    RestSettings {
        name: "main".to_owned(),
        origin: Origin::parse(url).unwrap(),
        token: Token::new(API_TOKEN).unwrap(),
        requests_per_minute: 6_000,
        authorities: None,
        proxy: None,
        timeouts: Timeouts::default(),
    }
}

/// Rows with these ids.
fn rows(ids: std::ops::RangeInclusive<u64>) -> Vec<serde_json::Value> {
    ids.map(|id| serde_json::json!({"id": id})).collect()
}

/// The ids of a page.
fn ids(page: &[u8]) -> Vec<u64> {
    let page: Vec<serde_json::Value> = serde_json::from_slice(page).unwrap();
    page.iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_resource_is_read_below_the_configured_address_as_the_tokens_user() {
    let Pair { gitlab, client, .. } = Pair::start().await;
    gitlab.put_one("projects/a/b", serde_json::json!({"id": 7}));
    let answer = client.get(&["projects", "a/b"], &[("statistics", "true")]).await.unwrap();
    assert_eq!(answer.status(), 200);
    let read: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(read["id"], 7);
    let [seen] = gitlab.take_seen().try_into().unwrap();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("GET", "/gitlab/api/v4/projects/a%2Fb")
    );
    assert_eq!(seen.query, [("statistics".to_owned(), "true".to_owned())]);
    assert_eq!(seen.headers["authorization"], format!("Bearer {API_TOKEN}"));
    assert!(seen.headers["user-agent"].starts_with("gitlab-dora-exporter/"));
    assert!(!seen.headers.contains_key("private-token"));
    assert!(!seen.headers.contains_key("accept-encoding"), "nothing is inflated");
}

#[tokio::test]
async fn requests_are_counted_by_kind_and_status_and_share_a_connection() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects/7/deployments", rows(1..=3));
    for _ in 0..5 {
        pair.client.get(&["projects", "7", "deployments"], &[]).await.unwrap();
    }
    pair.client.get(&["projects", "8", "invented"], &[]).await.unwrap_err();
    assert_eq!((pair.client.requests_made(), pair.gitlab.seen()), (6, 6));
    assert_eq!(pair.counted("deployments", "200"), 5);
    assert_eq!(pair.counted("projects", "404"), 1);
    assert_eq!(pair.gitlab.connections(), 1);
}

#[tokio::test]
async fn something_is_made_replaced_and_taken_away() {
    let Pair { gitlab, client, .. } = Pair::start().await;
    let body = serde_json::json!({"url": "https://dora.example.com/webhooks/gitlab"});
    let body = bytes::Bytes::from(body.to_string());
    let hooks = ["projects", "7", "hooks"];
    let made = client.send(Method::Post, &hooks, Some(&body)).await.unwrap();
    assert_eq!(made.status(), 201);
    let made: serde_json::Value = serde_json::from_slice(made.body()).unwrap();
    let id = made["id"].to_string();
    let hook = ["projects", "7", "hooks", id.as_str()];
    assert_eq!(client.send(Method::Put, &hook, Some(&body)).await.unwrap().status(), 200);
    let gone = client.send(Method::Delete, &hook, None).await.unwrap();
    assert_eq!((gone.status(), gone.body().len()), (204, 0));
    assert_eq!(gitlab.world().hooks.len(), 0);
}

#[tokio::test]
async fn the_fake_treats_hooks_as_gitlab_does() {
    let Pair { gitlab, client, .. } = Pair::start().await;
    let path = ["projects", "7", "hooks"];
    let body = bytes::Bytes::from(
        serde_json::json!({"url": "https://x.example", "token": "t", "deployment_events": true})
            .to_string(),
    );
    client.send(Method::Post, &path, Some(&body)).await.unwrap();
    for _ in 0..4 {
        gitlab.world().hooks[0].fails(NOON);
    }
    let listed = client.pages(&path, &[]).next().await.unwrap().unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed).unwrap();
    let hook = &listed[0];
    assert_eq!(
        (hook["alert_status"].as_str(), hook["token"].as_str()),
        (Some("temporarily_disabled"), None)
    );
    assert_eq!(hook["disabled_until"], "2026-06-01T12:01:00Z");
    let world = gitlab.world();
    let kept = &world.hooks[0];
    assert!(kept.is_on("push_events") && kept.is_on("deployment_events"), "on unless said");
    assert_eq!((kept.token.as_deref(), kept.signing_token.as_deref()), (Some("t"), None));
}
