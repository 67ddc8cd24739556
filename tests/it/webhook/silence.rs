//! Whether each project's hooks still speak, and what they never said.

use std::time::Duration;

use serde_json::json;

use crate::support::{Delivery, TestApp, deployment};

const SILENT: &str = r#"gitlab_dora_exporter_project_silent{project="group/app"}"#;
const LAST: &str =
    r#"gitlab_dora_exporter_project_last_delivery_timestamp_seconds{project="group/app"}"#;
const HOUR: Duration = Duration::from_hours(1);

/// A deployment of the project, an hour after the last one, `times` times.
async fn deploy_hourly(app: &TestApp, ids: std::ops::Range<u64>) {
    for id in ids {
        app.pass(HOUR);
        let delivery = Delivery::new(deployment(id).to_string()).id(&format!("hourly-{id}"));
        assert_eq!(app.deliver(&delivery).await, 200);
    }
}

#[tokio::test]
async fn a_project_that_stops_to_speak_is_silent_by_its_own_rhythm() {
    let app = TestApp::start().await;
    assert_eq!(app.measure().await.value(LAST), None);
    deploy_hourly(&app, 1..10).await;
    let young = app.measure().await;
    assert_eq!(young.value(SILENT), None, "nine deliveries are no rhythm");

    deploy_hourly(&app, 10..13).await;
    #[expect(clippy::cast_precision_loss, reason = "seconds need 53 bits in 2255")]
    let last = app.now().as_second() as f64;
    let speaks = app.measure().await;
    assert_eq!((speaks.value(SILENT), speaks.value(LAST)), (Some(0.0), Some(last)));
    app.pass(HOUR);
    assert_eq!(app.measure().await.value(SILENT), Some(0.0));
    app.pass(2 * HOUR);
    assert_eq!(app.measure().await.value(SILENT), Some(1.0));

    deploy_hourly(&app, 13..14).await;
    assert_eq!(app.measure().await.value(SILENT), Some(0.0));
}

#[tokio::test]
async fn what_was_heard_is_remembered_over_a_restart_and_shown_on_the_page_of_set_up() {
    let app = TestApp::start().await;
    deploy_hourly(&app, 1..13).await;
    let never =
        |kind: &str| format!(r#"gitlab_dora_exporter_projects_never_sent{{kind="{kind}"}}"#);
    let app = app.stop().await.restart().await;
    app.pass(3 * HOUR);
    let samples = app.measure().await;
    assert_eq!(samples.value(SILENT), Some(1.0));
    assert_eq!(samples.value(&never("deployment")), Some(0.0));
    assert_eq!(samples.value(&never("merge_request")), Some(1.0));
    assert_eq!(samples.value(&never("issue")), Some(1.0));

    let english = app.get("/setup?lang=en").await;
    assert_eq!(english.status, 200);
    for said in [
        "group/app",
        "silent",
        "silent from 2\u{a0}h on",
        "missing, needed",
        "Merge request events",
    ] {
        assert!(english.text().contains(said), "{said}: {}", english.text());
    }
    let french = app.get("/setup?lang=fr").await;
    assert!(french.text().contains("silencieux"));
    assert!(app.get("/").await.text().contains(r#"href="setup?lang="#));
}

#[tokio::test]
async fn an_issue_that_comes_as_work_item_is_an_issue() {
    let app = TestApp::start().await;
    deploy_hourly(&app, 1..2).await;
    let incident = json!({
        "object_kind": "work_item",
        "project": deployment(1)["project"],
        "object_attributes": {
            "id": 4, "iid": 4, "type": "Incident", "action": "open", "state": "opened",
            "created_at": "2026-09-01 08:00:00 UTC", "updated_at": "2026-09-01 08:00:00 UTC"
        }
    });
    assert_eq!(app.deliver(&Delivery::new(incident.to_string()).id("incident")).await, 200);
    let never = r#"gitlab_dora_exporter_projects_never_sent{kind="issue"}"#;
    assert_eq!(app.measure().await.value(never), Some(0.0));
}
