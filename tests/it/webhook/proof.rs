//! Who cannot prove who they are get one answer, whatever the cause.

use gitlab_dora_exporter::delivery::Timestamp;

use crate::support::{Delivery, NOON, Plan, SECRET_TOKEN, SIGNING_TOKEN, TestApp, deployment_hook};

/// A well-formed signing token that nobody configured.
const FOREIGN_TOKEN: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn refused() -> Vec<(&'static str, Delivery)> {
    let hook = deployment_hook;
    let almost = |token: &str| hook().token(token);
    let upper = SECRET_TOKEN.to_uppercase();
    let late = |seconds: i64| hook().sent_at(Timestamp::from_second(NOON.as_second() + seconds));
    let unsigned = |signature: &str| hook().unproved().header("webhook-signature", signature);
    vec![
        ("no_proof", hook().unproved()),
        ("no_proof", hook().unproved().header("x-gitlab-webhook-token", SECRET_TOKEN)),
        ("wrong_token", almost("")),
        ("wrong_token", almost(&SECRET_TOKEN[1..])),
        ("wrong_token", almost(&format!("{SECRET_TOKEN}1"))),
        ("wrong_token", almost(&upper)),
        ("wrong_token", hook().token(b"\xff\xfe".as_slice())),
        ("wrong_token", almost(&"x".repeat(10_000))),
        ("wrong_token", almost(SIGNING_TOKEN)),
        ("repeated_header", almost(SECRET_TOKEN).header("x-gitlab-token", SECRET_TOKEN)),
        ("wrong_signature", hook().sign(FOREIGN_TOKEN)),
        ("wrong_signature", hook().sign(FOREIGN_TOKEN).header("x-gitlab-token", SECRET_TOKEN)),
        ("malformed_signature", unsigned("")),
        ("malformed_signature", unsigned("v1,")),
        ("malformed_signature", unsigned("v2,BIN3xJ7GRt9kIRU3Y/iUCo/fmTYTQux2VEswD9TgWsg=")),
        ("malformed_signature", unsigned("nonsense").header("x-gitlab-token", SECRET_TOKEN)),
        ("repeated_header", hook().header("webhook-signature", "v1,x")),
        ("repeated_header", hook().header("webhook-id", "another")),
        ("stale_timestamp", late(-301)),
        ("stale_timestamp", late(301)),
    ]
}

#[tokio::test]
async fn every_bad_proof_gets_the_same_answer_and_is_counted_by_its_reason() {
    let app = TestApp::start().await;
    let mut first = None;
    for (reason, delivery) in refused() {
        let series =
            format!(r#"gitlab_dora_exporter_webhooks_rejected_total{{reason="{reason}"}}"#);
        let before = app.scrape().await.value(&series);
        let answer = app.send(&delivery).await;
        assert_eq!(answer.status, 401, "{reason}: {delivery:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{reason}");
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|header| format!("{header:?}"))
            .collect();
        headers.sort();
        let shown = format!("{headers:?} {}", answer.text());
        assert_eq!(first.get_or_insert_with(|| shown.clone()), &shown, "{reason}");
        let after = app.scrape().await.value(&series);
        assert_eq!(after, before.map(|before| before + 1.0), "{reason}: {delivery:?}");
    }
    assert!(app.stop().await.store().scan(None, 1).unwrap().is_empty());
}

#[tokio::test]
async fn a_token_in_the_address_is_no_proof() {
    let app = TestApp::start().await;
    let url = format!("{}?token={SECRET_TOKEN}", app.url("/webhooks/gitlab"));
    let answer = app.ask(app.client().post(url).body("{}")).await;
    assert_eq!(answer.status, 401);
    assert!(!answer.text().contains(SECRET_TOKEN));
}

#[tokio::test]
async fn a_strict_source_takes_signed_deliveries_only() {
    let app = Plan::new("strict = true\n").start().await;
    assert_eq!(app.deliver(&deployment_hook().token(SECRET_TOKEN)).await, 401);
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
}

#[tokio::test]
async fn the_skew_of_clocks_is_shown_for_signed_deliveries() {
    let app = TestApp::start().await;
    let late = deployment_hook().sent_at(Timestamp::from_second(NOON.as_second() - 42));
    assert_eq!(app.deliver(&late).await, 200);
    let skew = app.scrape().await.value("gitlab_dora_exporter_clock_skew_seconds");
    assert_eq!(skew, Some(42.0));
}
