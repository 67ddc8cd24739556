//! `serve` reads the past by itself, behind the deliveries.

use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::{Place, http_client};
use crate::support::wait_until;

use super::digest;
use super::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn an_exporter_with_a_token_reads_the_past_and_once_is_enough() {
    let gitlab = FakeGitlab::start().await;
    let town = Town { merge_requests: 20, deployments: 30, issues: 10, commits: 30 };
    town.build(&gitlab, &[1]);
    let place = Place::reading_api("", &gitlab.url());
    let served = place.serve().await;
    let client = http_client();
    let shows = async || {
        let text = client.get(place.url("/metrics")).send().await.unwrap().text().await.unwrap();
        text.contains("dora_deployments_total{") && text.contains(r#"status="success"} 29"#)
    };
    wait_until("the past is shown", shows).await;
    wait_until("it is read", async || place.log().contains("read GitLab's API")).await;
    let text = client.get(place.url("/metrics")).send().await.unwrap().text().await.unwrap();
    for line in [
        "gitlab_dora_exporter_reconcile_enabled 1\n",
        "gitlab_dora_exporter_reconcile_last_success_timestamp_seconds{gitlab=\"main\"} 1",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
    let (before, requests) = (digest(&place), gitlab.take_seen().len());
    assert!(requests > 40, "{requests}");

    let served = place.serve().await;
    wait_until("it has asked", async || place.log().contains("read GitLab's API")).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
    assert_eq!((digest(&place), gitlab.seen()), (before, 1), "the list of projects alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_begin_with_the_past_and_never_run_through_it() {
    let gitlab = FakeGitlab::start().await;
    let town = Town { merge_requests: 100, deployments: 30, issues: 10, commits: 30 };
    town.build(&gitlab, &[1]);
    let place = Place::reading_api("[exposition]\nrefresh = \"1s\"\n", &gitlab.url());
    let served = place.serve().await;
    let client = http_client();
    let counter = async || {
        let text = client.get(place.url("/metrics")).send().await.unwrap().text().await.unwrap();
        let mut lines = text.lines().map(str::to_owned);
        lines
            .find(|line| line.starts_with("dora_deployments_total{") && line.contains("\"change\""))
    };
    let first = std::cell::OnceCell::new();
    let shown = async || counter().await.is_some_and(|line| first.set(line).is_ok());
    wait_until("a counter is shown", shown).await;
    assert!(first.get().unwrap().ends_with(" 29"), "{first:?}");
    assert!(place.log().contains("read GitLab's API"), "{}", place.log());
    assert_eq!(served.terminate(), Some(0));
}
