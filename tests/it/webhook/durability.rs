//! Acknowledged means durable; what is not durable in time is not acknowledged.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;

use crate::support::{Delivery, Plan, TestApp, deployment, deployment_hook, wait_until};

/// Holds the database's write lock, as a backup tool or a second program might.
struct Held(Connection);

impl Held {
    fn by(app: &TestApp) -> Self {
        let files = std::fs::read_dir(app.plan().store()).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let database: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "sqlite3")).collect();
        let [database] = database.as_slice() else { panic!("one database: {database:?}") };
        let connection = Connection::open(database).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn release(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

async fn waiting(app: &TestApp, number: f64) {
    let handed = async || {
        let samples = app.scrape().await;
        let queued = samples.value("gitlab_dora_exporter_queue_events").unwrap();
        let failed = samples.sum("gitlab_dora_exporter_store_errors_total").unwrap();
        // One more is in the writer's hand as soon as a commit has failed.
        failed > 0.0 && queued + 1.0 >= number
    };
    wait_until("the deliveries wait", handed).await;
}

#[tokio::test]
async fn what_cannot_be_made_durable_in_time_is_refused_and_saved_later_all_the_same() {
    let app = TestApp::start().await;
    let held = Held::by(&app);
    let delivery = deployment_hook();
    let time = async {
        waiting(&app, 1.0).await;
        app.pass(Duration::from_secs(8));
    };
    let (answer, ()) = tokio::join!(app.send(&delivery), time);
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("10"));
    assert_eq!(answer.text(), r#"{"error":"not stored, try again"}"#);
    let late = r#"gitlab_dora_exporter_webhooks_rejected_total{reason="deadline"}"#;
    assert_eq!(app.scrape().await.value(late), Some(1.0));

    held.release();
    let again = app.send(&delivery).await;
    assert_eq!((again.status, again.text()), (200, r#"{"status":"duplicate"}"#));
}

#[tokio::test]
async fn who_finds_no_room_in_the_queue_waits_and_is_refused_at_the_deadline() {
    let app = Plan::new("[ingest]\nqueue_events = 16\nbatch_events = 1\n").start().await;
    let held = Held::by(&app);
    let deliveries: Vec<Delivery> =
        (1..=20).map(|id| Delivery::new(deployment(id).to_string())).collect();
    let time = async {
        waiting(&app, 17.0).await;
        wait_until("all wait", async || app.clock().sleepers() > 20).await;
        app.pass(Duration::from_secs(8));
    };
    let sent = futures_util::future::join_all(deliveries.iter().map(|own| app.deliver(own)));
    let (statuses, ()) = tokio::join!(sent, time);
    assert_eq!(statuses, [503; 20]);
    let samples = app.scrape().await;
    let refused = |reason: &str| {
        let name = "gitlab_dora_exporter_webhooks_rejected_total";
        samples.value(&format!("{name}{{reason=\"{reason}\"}}"))
    };
    assert_eq!((refused("no_room"), refused("deadline")), (Some(3.0), Some(17.0)));
    held.release();
}

#[tokio::test]
async fn a_store_that_is_busy_for_a_moment_costs_nothing_but_time() {
    let app = TestApp::start().await;
    let held = Held::by(&app);
    let delivery = deployment_hook();
    let (status, ()) = tokio::join!(app.deliver(&delivery), async {
        waiting(&app, 1.0).await;
        held.release();
    });
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_sender_that_hangs_up_after_the_whole_body_has_delivered() {
    let app = TestApp::start().await;
    let held = Held::by(&app);
    let delivery = deployment_hook();
    let framing = format!("content-length: {}", delivery.body().len());
    let request = [delivery.head(app.now(), &framing), delivery.body().to_vec()].concat();
    let mut connection = app.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut connection, &request).await.unwrap();
    waiting(&app, 1.0).await;
    drop(connection);

    held.release();
    let again = app.send(&delivery).await;
    assert_eq!((again.status, again.text()), (200, r#"{"status":"duplicate"}"#));
}

#[tokio::test]
async fn deliveries_under_way_while_it_stops_are_stored_or_not_acknowledged() {
    let app = TestApp::start().await;
    let deliveries: Vec<Delivery> = (1..=200)
        .map(|id| Delivery::new(deployment(id).to_string()).id(&format!("d{id}")))
        .collect();
    let (client, url, now) = (app.client().clone(), app.url("/webhooks/gitlab"), app.now());
    let senders = deliveries.iter().map(|delivery| {
        let mut request = client.post(&url).body(delivery.body().to_vec());
        for (name, value) in delivery.headers(now) {
            request = request.header(name, value);
        }
        async move { request.send().await.is_ok_and(|answer| answer.status() == 200) }
    });
    let (acknowledged, stopped) = tokio::join!(futures_util::future::join_all(senders), async {
        let first = "gitlab_dora_exporter_webhooks_accepted_total{result=\"stored\"}";
        wait_until("some are stored", async || app.scrape().await.sum(first) > Some(0.0)).await;
        app.stop().await
    });
    stopped.result.as_ref().unwrap();
    let store = stopped.store();
    let entries = store.scan(None, 1_000).unwrap();
    let stored: Vec<&[u8]> = entries.iter().map(|entry| entry.key.as_bytes()).collect();
    for (number, acknowledged) in (1..).zip(&acknowledged) {
        let key = format!("d{number}");
        assert!(!acknowledged || stored.contains(&key.as_bytes()), "{key} was acknowledged");
    }
    assert!(acknowledged.contains(&true));
}

#[tokio::test]
async fn everything_acknowledged_is_there_after_a_restart() {
    let app = TestApp::start().await;
    for id in 1..=5 {
        assert_eq!(app.deliver(&Delivery::new(deployment(id).to_string())).await, 200);
    }
    let deployments = r#"dora_deployments_total{status="success"}"#;
    assert_eq!(app.measure().await.sum(deployments), Some(5.0));
    let last = r#"gitlab_dora_exporter_last_event_timestamp_seconds{kind="deployment"}"#;
    let heard_at = app.scrape().await.value(last);
    assert!(heard_at.is_some_and(|second| second > 0.0));
    let app = app.stop().await.restart().await;
    assert_eq!(app.measure().await.sum(deployments), Some(5.0));
    assert_eq!(app.scrape().await.value(last), heard_at);
}
