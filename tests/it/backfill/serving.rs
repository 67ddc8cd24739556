//! `serve` reads the past by itself, behind the deliveries.

use std::fmt::Write as _;
use std::time::Duration;

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use serde_json::json;

use crate::support::fake_gitlab::{API_TOKEN, FakeGitlab};
use crate::support::process::{Place, http_client};
use crate::support::{Delivery, Plan, TestApp, wait_until};

use super::digest;
use super::town::{Town, deployment};

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

/// The program with a token for each of these, at the present.
async fn reading(gitlabs: &[(&FakeGitlab, u32)]) -> TestApp {
    let mut blocks = String::new();
    for (number, (gitlab, rate)) in gitlabs.iter().enumerate() {
        if number > 0 {
            write!(blocks, "[[gitlab]]\nname = \"other-{number}\"\n").unwrap();
            writeln!(blocks, "secret_tokens = [\"another secret of thirty-two bytes\"]").unwrap();
        }
        writeln!(blocks, "url = \"{}\"\ntoken = \"{API_TOKEN}\"", gitlab.url()).unwrap();
        writeln!(blocks, "requests_per_minute = {rate}").unwrap();
    }
    let plan = Plan::new(&blocks);
    plan.clock().set(SystemClock.now());
    plan.start().await
}

/// Waits until as many deployments succeeded as told, while time goes on.
async fn deployed(app: &TestApp, selector: &str, number: f64) {
    wait_until(selector, async || app.measure().await.sum(selector) == Some(number)).await;
}

#[tokio::test]
async fn what_a_hook_lost_is_read_within_the_quarter_of_an_hour_while_another_past_is_long() {
    let (gitlab, slow) = (FakeGitlab::start().await, FakeGitlab::start().await);
    let town = Town { merge_requests: 2, deployments: 30, issues: 2, commits: 31 };
    town.build(&gitlab, &[1]);
    Town { merge_requests: 2_000, ..town }.build(&slow, &[1]);
    let app = reading(&[(&gitlab, 6_000), (&slow, 6)]).await;
    let shown =
        r#"dora_window_deployments{environment_tier="production",gitlab="main",window="90d"}"#;
    deployed(&app, shown, 30.0).await;

    // No hook tells of one more; the API does.
    let now = jiff::Timestamp::from_second(app.now().as_second()).unwrap().to_string();
    let mut lost = deployment(1, 31);
    for key in ["created_at", "updated_at"] {
        lost[key] = json!(now);
    }
    lost["deployable"]["finished_at"] = json!(now);
    gitlab.world().lists.get_mut("projects/1/deployments").unwrap().push(lost);
    gitlab.world().lists.get_mut("projects").unwrap()[0]["last_activity_at"] = json!(now);
    app.pass(Duration::from_mins(15));
    deployed(&app, shown, 31.0).await;
    let read = |name: &str| {
        format!(
            "gitlab_dora_exporter_reconcile_last_success_timestamp_seconds{{gitlab=\"{name}\"}}"
        )
    };
    let samples = app.scrape().await;
    assert!(samples.value(&read("main")).is_some());
    assert_eq!(samples.value(&read("other-1")), None, "that takes eleven hours");
    app.stop().await;
}

#[tokio::test]
async fn what_the_api_told_first_although_the_hook_speaks_is_counted() {
    let gitlab = FakeGitlab::start().await;
    let town = Town { merge_requests: 2, deployments: 30, issues: 2, commits: 31 };
    town.build(&gitlab, &[1]);
    let app = reading(&[(&gitlab, 6_000)]).await;
    let shown = r#"dora_window_deployments{environment_tier="production",window="90d"}"#;
    deployed(&app, shown, 30.0).await;
    let hook = town.deployment_hooks(1).remove(0);
    assert_eq!(app.deliver(&Delivery::new(hook.to_string())).await, 200);
    let gaps = |cause: &str| {
        format!("gitlab_dora_exporter_reconcile_gaps_total{{cause=\"{cause}\",gitlab=\"main\"}}")
    };
    assert_eq!(app.scrape().await.value(&gaps("unlogged")), Some(0.0), "the past is no gap");

    let at = app.now().minus(120);
    let at = jiff::Timestamp::from_second(at.as_second()).unwrap().to_string();
    let mut lost = deployment(1, 31);
    for key in ["created_at", "updated_at"] {
        lost[key] = json!(at);
    }
    lost["deployable"]["finished_at"] = json!(at);
    gitlab.world().lists.get_mut("projects/1/deployments").unwrap().push(lost);
    app.pass(Duration::from_mins(15));
    deployed(&app, shown, 31.0).await;
    wait_until("it is counted", async || app.scrape().await.value(&gaps("unlogged")) == Some(1.0))
        .await;
    app.stop().await;
}
