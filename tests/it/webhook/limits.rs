//! What is refused before any proof, because of how it is sent.

use std::time::Duration;

use crate::support::{
    Delivery, Plan, SECRET_TOKEN, TestApp, deployment, deployment_hook, exchange, wait_until,
};

/// What GitLab sends at most.
const LARGEST: usize = 26_214_400;

fn status(answer: &str) -> Option<&str> {
    answer.split(' ').nth(1)
}

/// A deployment hook that blanks make exactly this long.
fn padded(length: usize) -> Delivery {
    let mut body = deployment(1).to_string().into_bytes();
    body.resize(length, b' ');
    Delivery::new(body)
}

#[tokio::test]
async fn the_largest_body_that_gitlab_sends_is_taken() {
    let app = TestApp::start().await;
    let answer = app.send(&padded(LARGEST)).await;
    assert_eq!((answer.status, answer.text()), (200, r#"{"status":"stored"}"#));
}

#[tokio::test]
async fn one_byte_more_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    let framing = format!("content-length: {}", LARGEST + 1);
    let head = deployment_hook().head(app.now(), &framing);
    let answer = exchange(&mut app.connect().await, &head).await;
    assert_eq!(status(&answer), Some("413"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(answer.ends_with(r#"{"error":"body too large"}"#), "{answer}");
}

#[tokio::test]
async fn a_body_of_undeclared_length_is_refused_where_it_gets_too_long() {
    let app = Plan::new("").set("server.body_limit", "64KiB").start().await;
    for (length, expected) in [(65_536, "200"), (65_537, "413")] {
        let delivery = padded(length);
        let mut request =
            delivery.head(app.now(), "transfer-encoding: chunked\r\nconnection: close");
        for chunk in delivery.body().chunks(10_000) {
            request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            request.extend_from_slice(chunk);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\n");
        let answer = exchange(&mut app.connect().await, &request).await;
        assert_eq!(status(&answer), Some(expected), "{length}: {answer}");
    }
}

#[tokio::test]
async fn an_encoded_body_is_refused_and_an_identity_is_none() {
    let app = TestApp::start().await;
    for encoding in ["gzip", "br", "zstd", "identity, gzip", ""] {
        let delivery = deployment_hook().header("content-encoding", encoding);
        assert_eq!(app.deliver(&delivery).await, 415, "{encoding}");
    }
    let delivery = deployment_hook().header("content-encoding", "Identity");
    assert_eq!(app.deliver(&delivery).await, 200);
}

#[tokio::test]
async fn another_method_is_refused() {
    let app = TestApp::start().await;
    for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::DELETE] {
        let url = app.url("/webhooks/gitlab");
        let answer = app.ask(app.client().request(method, url)).await;
        assert_eq!((answer.status, answer.text()), (405, r#"{"error":"method not allowed"}"#));
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    let answer = app.ask(app.client().post(app.admin_url("/metrics"))).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
}

/// Sends the head and the first `sent` bytes of a body, waits until the program waits for the
/// rest, lets time pass, and gives the answer.
async fn stall(app: &TestApp, delivery: &Delivery, sent: usize, passes: Duration) -> String {
    let sleepers = app.clock().sleepers();
    let framing = format!("content-length: {}", delivery.body().len());
    let mut request = delivery.head(app.now(), &framing);
    request.extend_from_slice(&delivery.body()[..sent]);
    let mut connection = app.connect().await;
    let answer = async { exchange(&mut connection, &request).await };
    let time = async {
        wait_until("it waits", async || app.clock().sleepers() > sleepers).await;
        app.pass(passes);
    };
    tokio::join!(answer, time).0
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_not_waited_for() {
    let app = TestApp::start().await;
    // 100 of 4,096 bytes after 2 s of grace are less than 2 KiB/s.
    let answer = stall(&app, &padded(4_096), 100, Duration::from_millis(2_100)).await;
    assert_eq!(status(&answer), Some("408"), "{answer}");
    let stalled = r#"gitlab_dora_exporter_webhooks_rejected_total{reason="stalled"}"#;
    assert_eq!(app.scrape().await.value(stalled), Some(1.0));
}

#[tokio::test]
async fn no_body_is_waited_for_beyond_the_deadline_however_fast_it_began() {
    let app = TestApp::start().await;
    let answer = stall(&app, &padded(60_000), 50_000, Duration::from_secs(8)).await;
    assert_eq!(status(&answer), Some("408"), "{answer}");
}

#[tokio::test]
async fn a_partial_body_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let delivery = padded(4_096).id("cut");
    let sleepers = app.clock().sleepers();
    let mut request = delivery.head(app.now(), "content-length: 4096");
    request.extend_from_slice(&delivery.body()[..2_000]);
    let mut connection = app.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut connection, &request).await.unwrap();
    wait_until("it waits", async || app.clock().sleepers() > sleepers).await;
    drop(connection);
    wait_until("it gave up", async || app.clock().sleepers() == sleepers).await;

    let whole = app.send(&delivery).await;
    assert_eq!((whole.status, whole.text()), (200, r#"{"status":"stored"}"#));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    for (headers, length) in [(97, 10), (3, 60_000)] {
        let mut request = b"POST /webhooks/gitlab HTTP/1.1\r\nhost: exporter\r\n".to_vec();
        for number in 0..headers {
            let header = format!("x-{number}: {}\r\n", "a".repeat(length));
            request.extend_from_slice(header.as_bytes());
        }
        request.extend_from_slice(format!("x-gitlab-token: {SECRET_TOKEN}\r\n\r\n").as_bytes());
        let answer = exchange(&mut app.connect().await, &request).await;
        assert_eq!(status(&answer), Some("431"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
}

#[tokio::test]
async fn large_bodies_take_turns_when_memory_is_short() {
    let plan = Plan::new("").set("server.body_limit", "1MiB").set("server.inflight_limit", "4MiB");
    let app = plan.start().await;
    let deliveries: Vec<Delivery> = (0..12).map(|_| padded(1 << 20)).collect();
    let sent = futures_util::future::join_all(deliveries.iter().map(|own| app.deliver(own))).await;
    assert_eq!(sent, [200; 12]);
    let held = app.scrape().await.value("gitlab_dora_exporter_inflight_body_bytes");
    assert_eq!(held, Some(0.0));
}
