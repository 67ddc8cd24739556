//! How fast GitLab is asked, and how long it is left alone when it says so.

use std::time::Duration;

use gitlab_dora_exporter::clock::Clock as _;
use gitlab_dora_exporter::rest::{Client, RestError, RestSettings};
use serde_json::json;
use tokio::task::JoinHandle;

use super::{Pair, rows, settings};
use crate::support::fake_gitlab::{FakeGitlab, Fault, Reply, refusal};
use crate::support::{NOON, wait_until};

type Asked = JoinHandle<Result<u16, RestError>>;

/// Asks beside the test, which lets time pass.
fn ask(client: &Client) -> Asked {
    let client = client.clone();
    tokio::spawn(async move { Ok(client.get(&["projects"], &[]).await?.status()) })
}

async fn pair() -> Pair {
    let pair = Pair::start().await;
    pair.gitlab.put("projects", rows(1..=1));
    pair
}

/// `Retry later`, as GitLab's own limits say it.
fn limited(headers: &[(&str, &str)]) -> Fault {
    let plain = Reply { body: b"Retry later".to_vec(), headers: Vec::new(), ..refusal(429, "") };
    Fault::Instead(headers.iter().fold(plain, |reply, (name, value)| reply.header(name, *value)))
}

#[tokio::test]
async fn a_limit_is_waited_for_as_long_as_gitlab_says() {
    for header in ["30", "Mon, 01 Jun 2026 12:00:30 GMT"] {
        let pair = pair().await;
        pair.gitlab.fault("projects", limited(&[("retry-after", header)]));
        let asked = ask(&pair.client);
        pair.pass(29).await;
        wait_until("it waits again", async || pair.clock.sleepers() > 0).await;
        assert_eq!(pair.gitlab.seen(), 1, "not before its time");
        pair.pass(1).await;
        assert_eq!(asked.await.unwrap().unwrap(), 200);
        assert_eq!(pair.gitlab.seen(), 2);
        assert_eq!((pair.counted("projects", "429"), pair.counted("projects", "200")), (1, 1));
    }
}

#[tokio::test]
async fn a_limit_without_headers_is_waited_for_twice_as_long_each_time_and_given_up() {
    let pair = pair().await;
    for _ in 0..5 {
        pair.gitlab.fault("projects", limited(&[]));
    }
    let asked = ask(&pair.client);
    let started = pair.clock.now();
    let error = pair.finish(asked).await.unwrap_err();
    assert!(pair.clock.now().seconds_since(started) >= 8, "half of 1, 2, 4 and 8 s at least");
    let RestError::Limited { until } = error else { panic!("{error:?}") };
    assert!(until > pair.clock.now(), "and says when to come back");
    assert_eq!(pair.gitlab.seen(), 5);
}

#[tokio::test]
async fn a_long_wait_is_not_sat_out_but_told() {
    let pair = pair().await;
    pair.gitlab.fault("projects", limited(&[("retry-after", "600")]));
    let error = ask(&pair.client).await.unwrap().unwrap_err();
    let RestError::Limited { until } = error else { panic!("{error:?}") };
    assert_eq!(until, NOON.plus(600));
}

#[tokio::test]
async fn a_limit_that_one_request_met_holds_for_all() {
    let pair = pair().await;
    pair.gitlab.fault("projects", limited(&[("retry-after", "30")]));
    let first = ask(&pair.client);
    wait_until("it was refused", async || pair.gitlab.seen() == 1).await;
    wait_until("it waits", async || pair.clock.sleepers() == 1).await;
    let second = ask(&pair.client);
    wait_until("both wait", async || pair.clock.sleepers() == 2).await;
    assert_eq!(pair.gitlab.seen(), 1);
    pair.clock.advance(Duration::from_secs(31));
    assert_eq!((first.await.unwrap().unwrap(), second.await.unwrap().unwrap()), (200, 200));
}

#[tokio::test]
async fn when_little_is_left_requests_are_spread_over_what_is_left_of_the_period() {
    let pair = pair().await;
    let left = |remaining: &str| {
        let reset = (NOON.as_second() + 60).to_string();
        Fault::With(vec![
            ("ratelimit-limit", "600".to_owned()),
            ("ratelimit-remaining", remaining.to_owned()),
            ("ratelimit-reset", reset),
        ])
    };
    pair.gitlab.fault("projects", left("400"));
    assert_eq!(ask(&pair.client).await.unwrap().unwrap(), 200);
    pair.gitlab.fault("projects", left("3"));
    assert_eq!(ask(&pair.client).await.unwrap().unwrap(), 200, "plenty was left");
    let third = ask(&pair.client);
    wait_until("it waits", async || pair.clock.sleepers() > 0).await;
    assert_eq!(pair.gitlab.seen(), 2);
    pair.pass(15).await;
    assert_eq!(third.await.unwrap().unwrap(), 200, "a fourth of a minute for three and a rest");
}

#[tokio::test]
async fn an_error_that_passes_is_tried_again_and_one_that_stays_is_told() {
    let pair = pair().await;
    for status in [500, 502, 503] {
        pair.gitlab.fault("projects", Fault::Instead(refusal(status, "x")));
    }
    let asked = ask(&pair.client);
    assert_eq!(pair.finish(asked).await.unwrap(), 200);
    assert_eq!(pair.gitlab.take_seen().len(), 4);

    for _ in 0..9 {
        pair.gitlab.fault("projects", Fault::Instead(refusal(502, "bad gateway")));
    }
    let asked = ask(&pair.client);
    let error = pair.finish(asked).await.unwrap_err();
    assert!(matches!(error, RestError::GitLab { status: 502, .. }), "{error:?}");
    assert_eq!(error.said(), Some("bad gateway"));
    assert_eq!(pair.gitlab.seen(), 5, "the attempts end");
}

#[tokio::test]
async fn nothing_is_created_twice_when_the_answer_is_lost() {
    let pair = pair().await;
    pair.gitlab.fault("hooks", Fault::Badly(crate::support::fake_gitlab::Travel::Nothing));
    let body = bytes::Bytes::from(json!({"url": "https://x.example"}).to_string());
    let path = ["projects", "1", "hooks"];
    let post = gitlab_dora_exporter::rest::Method::Post;
    let error = pair.client.send(post, &path, Some(&body)).await.unwrap_err();
    assert!(matches!(error, RestError::Transport(_)), "{error:?}");
    assert_eq!((pair.gitlab.seen(), pair.gitlab.world().hooks.len()), (1, 1));
}

#[tokio::test]
async fn no_minute_sees_more_requests_than_the_budget_whoever_asks() {
    let gitlab = FakeGitlab::start().await;
    gitlab.put("projects", rows(1..=1));
    let settings = RestSettings { requests_per_minute: 10, ..settings(&gitlab.url()) };
    let pair = Pair::with(gitlab, settings);
    let other = pair.client.clone();
    let asked: Vec<_> =
        (0..20).map(|n| ask(if n % 2 == 0 { &pair.client } else { &other })).collect();
    wait_until("one was asked", async || pair.gitlab.seen() == 1).await;
    wait_until("the others wait", async || pair.clock.sleepers() == 19).await;
    for _ in 0..60 {
        pair.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    wait_until("a minute's share", async || pair.gitlab.seen() == 10).await;
    pair.clock.advance(Duration::from_mins(1));
    wait_until("the next minute's", async || pair.gitlab.seen() == 19).await;
    pair.clock.advance(Duration::from_mins(1));
    for asked in asked {
        assert_eq!(asked.await.unwrap().unwrap(), 200);
    }
}
