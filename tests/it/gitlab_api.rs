//! `/api/v4/…/dora/metrics`: asked and answered as GitLab Ultimate's own.

use serde_json::{Value, json};

use crate::support::{Delivery, Plan, TestApp, deployment};

/// A deployment that succeeded at another instant.
fn deployed(id: u64, at: &str, change: impl FnOnce(&mut Value)) -> Delivery {
    let mut body = deployment(id);
    body["status_changed_at"] = at.into();
    change(&mut body);
    Delivery::new(body.to_string())
}

/// Two deployments of April, one of May in two environments, one to staging; a second project.
async fn app() -> TestApp {
    let app = TestApp::start().await;
    let to = |name: &'static str, tier: &'static str| {
        move |body: &mut Value| {
            body["environment"] = name.into();
            body["environment_tier"] = tier.into();
        }
    };
    for delivery in [
        deployed(1, "2026-04-29 10:00:00 UTC", |_| {}),
        deployed(2, "2026-04-29 12:00:00 UTC", |_| {}),
        deployed(3, "2026-05-03 10:00:00 UTC", |_| {}),
        deployed(4, "2026-05-03 10:05:00 UTC", to("prod-b", "production")),
        deployed(5, "2026-05-02 10:00:00 UTC", to("stage", "staging")),
        deployed(6, "2026-05-04 10:00:00 UTC", |body| {
            body["project"]["id"] = 2.into();
            body["project"]["path_with_namespace"] = "group/other".into();
        }),
    ] {
        assert_eq!(app.deliver(&delivery).await, 200);
    }
    app.measure().await;
    app
}

const APRIL_AND_MAY: &str = "start_date=2026-04-21&end_date=2026-05-20";

async fn asked(app: &TestApp, container: &str, query: &str) -> (u16, Value) {
    let answer = app.get(&format!("/api/v4/{container}/dora/metrics?{query}")).await;
    assert_eq!(answer.header("content-type"), Some("application/json"), "{query}");
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[tokio::test]
async fn days_months_and_the_whole_range_are_answered_in_gitlabs_shape() {
    let app = app().await;
    let frequency = format!("metric=deployment_frequency&{APRIL_AND_MAY}");
    let project = "projects/group%2Fapp";
    let daily = json!([{ "date": "2026-04-29", "value": 2 }, { "date": "2026-05-03", "value": 2 }]);
    assert_eq!(asked(&app, project, &frequency).await, (200, daily));
    // 10 days of April, 20 of May.
    let monthly =
        json!([{ "date": "2026-04-01", "value": 0.2 }, { "date": "2026-05-01", "value": 0.1 }]);
    let query = format!("{frequency}&interval=monthly");
    assert_eq!(asked(&app, project, &query).await, (200, monthly));
    let all = json!([{ "date": null, "value": 4.0 / 30.0 }]);
    assert_eq!(asked(&app, project, &format!("{frequency}&interval=all")).await, (200, all));
    let tiers = "environment_tiers[]=production&environment_tiers%5B%5D=staging";
    let both = asked(&app, project, &format!("{frequency}&{tiers}")).await;
    assert_eq!(both.1[1], json!({ "date": "2026-05-02", "value": 1 }));
    let unknown = json!([{ "date": null, "value": null }]);
    let restore = format!("metric=time_to_restore_service&interval=all&{APRIL_AND_MAY}");
    assert_eq!(asked(&app, project, &restore).await, (200, unknown));
    let rate = format!("metric=change_failure_rate&interval=all&{APRIL_AND_MAY}");
    let none = json!([{ "date": null, "value": 0 }]);
    assert_eq!(asked(&app, project, &rate).await, (200, none));
}

#[tokio::test]
async fn a_project_is_found_by_its_id_too_and_a_group_pools_its_projects() {
    let app = app().await;
    let query = "metric=deployment_frequency&start_date=2026-05-03&end_date=2026-05-04";
    let by_id = asked(&app, "projects/1", query).await;
    assert_eq!(by_id, asked(&app, "projects/group%2Fapp", query).await);
    assert_eq!(by_id.1, json!([{ "date": "2026-05-03", "value": 2 }]));
    let both = json!([{ "date": "2026-05-03", "value": 2 }, { "date": "2026-05-04", "value": 1 }]);
    assert_eq!(asked(&app, "groups/group", query).await, (200, both));
    for (container, what) in [
        ("projects/3", "Project"),
        ("projects/group%2Fnobody", "Project"),
        ("groups/nobody", "Group"),
    ] {
        let message = json!({ "message": format!("404 {what} Not Found") });
        assert_eq!(asked(&app, container, query).await, (404, message), "{container}");
    }
}

#[tokio::test]
async fn what_gitlab_refuses_is_refused() {
    let app = app().await;
    for (query, body) in [
        ("", json!({ "error": "metric is missing" })),
        (
            "metric=deployments",
            json!({ "message": "The metric must be one of deployment_frequency, \
                     lead_time_for_changes, time_to_restore_service, change_failure_rate." }),
        ),
        (
            "metric=change_failure_rate&start_date=2026-05-03&end_date=2026-05-03",
            json!({ "message": "The start date must be before the end date." }),
        ),
        ("metric=change_failure_rate&start_date=May", json!({ "error": "start_date is invalid" })),
        ("metric=change_failure_rate&gitlab=x", json!({ "error": "gitlab is invalid" })),
    ] {
        assert_eq!(asked(&app, "projects/1", query).await, (400, body), "{query}");
    }
}

#[tokio::test]
async fn a_lead_time_and_a_failure_rate_are_those_of_the_exposition() {
    let app = Plan::new("[policy]\ncompat = { gitlab = true }\n").start().await;
    let opened = json!({
        "object_kind": "work_item",
        "project": { "id": 1, "path_with_namespace": "group/app" },
        "object_attributes": {
            "id": 9, "iid": 9, "type": "Incident", "action": "open",
            "created_at": "2026-05-31 11:00:00 UTC", "updated_at": "2026-05-31 11:00:00 UTC",
        },
    });
    for delivery in
        [deployed(1, "2026-05-31 10:00:00 UTC", |_| {}), Delivery::new(opened.to_string())]
    {
        assert_eq!(app.deliver(&delivery).await, 200);
    }
    let samples = app.measure().await;
    let shown = r#"dora_gitlab_change_failure_rate{project="group/app",window="7d"}"#;
    assert_eq!(samples.value(shown), Some(1.0));
    let query = "metric=change_failure_rate&interval=all&start_date=2026-05-25&end_date=2026-05-31";
    let (_, answer) = asked(&app, "projects/1", query).await;
    assert_eq!(answer, json!([{ "date": null, "value": 1 }]));
}

#[tokio::test]
async fn gitlabs_words_are_spoken_behind_the_door_of_the_administration() {
    let app = Plan::new("").set("server.admin_listen", "127.0.0.1:0").start().await;
    let path = "/api/v4/projects/1/dora/metrics";
    assert_eq!(app.ask(app.client().get(app.url(path))).await.status, 404);
    assert_eq!(app.get(path).await.status, 400);
    assert_eq!(app.ask(app.client().post(app.admin_url(path))).await.status, 405);
}
