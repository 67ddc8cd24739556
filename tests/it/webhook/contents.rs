//! Whatever a verified delivery says, it is kept and answered 200.

use gitlab_dora_exporter::store::StoredContent;
use serde_json::{Value, json};

use crate::support::{Delivery, Plan, SECRET_TOKEN, Samples, TestApp, deployment, deployment_hook};

/// Successful deployments of the only project, of every kind.
fn counted(samples: &Samples) -> Option<f64> {
    samples.sum(r#"dora_deployments_total{project="group/app",status="success"}"#)
}

#[tokio::test]
async fn a_deployment_is_stored_and_measured() {
    let app = TestApp::start().await;
    let answer = app.send(&deployment_hook()).await;
    assert_eq!((answer.status, answer.text()), (200, r#"{"status":"stored"}"#));

    let samples = app.measure().await;
    assert_eq!(counted(&samples), Some(1.0));
    let accepted = r#"gitlab_dora_exporter_webhooks_accepted_total{kind="deployment"}"#;
    assert_eq!(samples.sum(accepted), Some(1.0));
}

#[tokio::test]
async fn a_release_of_a_tag_is_a_deployment_where_the_policy_says_so() {
    let app = Plan::new("[policy]\ndeployment_source = \"release\"\n").start().await;
    let released = |tag: &str, sha: u8, at: &str| {
        let body = json!({
            "object_kind": "release", "action": "create", "tag": tag,
            "created_at": at, "released_at": at,
            "project": { "id": 1, "path_with_namespace": "group/app", "default_branch": "main" },
            "commit": { "id": format!("{sha:040x}") },
        });
        Delivery::new(body.to_string()).event("Release Hook")
    };
    assert_eq!(app.deliver(&released("v1", 1, "2026-05-30 10:00:00 UTC")).await, 200);
    assert_eq!(app.deliver(&released("v2", 2, "2026-05-31 10:00:00 UTC")).await, 200);
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    let samples = app.measure().await;
    let kinds = r#"dora_window_deployments{project="group/app",window="7d"}"#;
    assert_eq!(samples.sum(kinds), Some(2.0));
    assert_eq!(counted(&samples), Some(2.0));
}

#[tokio::test]
async fn a_job_is_a_deployment_as_soon_as_the_policy_says_so() {
    let app = TestApp::start().await;
    let production = json!({"name": "production", "action": "start"});
    let build = |id: u64, name: &str, environment: &Value| {
        json!({
            "id": id, "name": name, "stage": "any", "status": "success", "environment": environment,
            "started_at": "2026-05-31 10:00:00 UTC", "finished_at": "2026-05-31 10:05:00 UTC",
        })
    };
    let project = json!({
        "id": 1, "path_with_namespace": "group/app", "default_branch": "main",
    });
    let pipeline = json!({
        "object_kind": "pipeline", "project": project,
        "object_attributes": {
            "id": 9, "status": "success", "ref": "main", "sha": format!("{:040x}", 1),
            "created_at": "2026-05-31 09:59:00 UTC", "finished_at": "2026-05-31 10:05:00 UTC",
        },
        "builds": [
            build(90, "test", &Value::Null),
            build(91, "deploy prod", &production),
            build(92, "deploy docs", &Value::Null),
        ],
    });
    let later = json!({
        "object_kind": "build", "project": project, "commit": {"id": 10}, "ref": "main",
        "sha": format!("{:040x}", 2), "build_id": 95, "build_name": "Deploy prod",
        "build_stage": "any", "build_status": "success", "environment": null,
        "build_started_at": "2026-05-31 11:00:00 UTC",
        "build_finished_at": "2026-05-31 11:05:00 UTC",
    });
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    let pipeline = Delivery::new(pipeline.to_string()).event("Pipeline Hook");
    assert_eq!(app.deliver(&pipeline).await, 200);
    let counted = r#"dora_window_deployments{project="group/app",window="7d"}"#;
    assert_eq!(app.measure().await.sum(counted), Some(1.0), "the record of a deployment");

    // A job that names an environment is there although nobody had asked for jobs when it came.
    let policy = "[policy]\ndeployment_source = \"pipeline:^deploy\"\n";
    app.plan().configure(SECRET_TOKEN, policy);
    assert_eq!(app.ask(app.client().post(app.admin_url("/-/reload"))).await.status, 200);
    assert_eq!(app.measure().await.sum(counted), Some(1.0), "one job, and no record");
    assert_eq!(app.deliver(&Delivery::new(later.to_string()).event("Job Hook")).await, 200);
    let samples = app.measure().await;
    assert_eq!(samples.sum(counted), Some(2.0), "one more, to an environment of its name");
    let of_job = r#"dora_deployments_total{environment="Deploy prod",project="group/app"}"#;
    assert_eq!(samples.sum(of_job), Some(1.0));
}

#[tokio::test]
async fn services_of_one_repository_have_series_of_their_own_where_a_rule_names_them() {
    let rules = r#"[{ match = "-api$", service = "api" }, { match = "-web$", service = "web" }]"#;
    let app = Plan::new(&format!("[policy]\nservice_map = {rules}\n")).start().await;
    for (id, environment) in [(1, "production-api"), (2, "production-web"), (3, "production-api")] {
        let mut body = deployment(id);
        body["environment"] = json!(environment);
        assert_eq!(app.deliver(&Delivery::new(body.to_string())).await, 200);
    }
    let samples = app.measure().await;
    let releases = |service: &str| {
        let labels = format!(r#"{service}project="group/app",window="7d""#);
        samples.sum(&format!("dora_window_deployments{{{labels}}}"))
    };
    assert_eq!(releases(r#"service="api","#), Some(2.0));
    assert_eq!(releases(r#"service="web","#), Some(1.0));
    assert_eq!(releases(""), Some(3.0), "nothing beside them");
    let pooled = r#"dora_group_window_deployments{group="group",window="7d"}"#;
    assert_eq!(samples.sum(pooled), Some(3.0));
    let total = r#"dora_deployments_total{service="api",project="group/app"}"#;
    assert_eq!(samples.sum(total), Some(2.0));
    assert_eq!(samples.sum(r#"dora_incidents_open{project="group/app"}"#), Some(0.0));
    let of_service = samples.sum(r#"dora_incidents_open{service="api"}"#);
    assert_eq!(of_service, None, "incidents belong to the project");
    let labels = "environment_tier=production&kind=first&project=group/app&service=web&window=30d";
    let asked = format!("/api/v1/explain?metric=dora_window_deployments&{labels}");
    let answer = app.get(&asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("production-web"), "{}", answer.text());
    let answer = app.get("/api/v1/scorecard").await;
    assert!(answer.text().contains(r#""service":"api""#), "{}", answer.text());
}

#[tokio::test]
async fn a_secret_token_is_as_good_as_a_signature() {
    let app = TestApp::start().await;
    assert_eq!(app.deliver(&deployment_hook().token(SECRET_TOKEN)).await, 200);
}

#[tokio::test]
async fn a_resend_is_acknowledged_and_counted_once() {
    let app = TestApp::start().await;
    let delivery = deployment_hook().id("a1");
    assert_eq!(app.deliver(&delivery).await, 200);

    let again = app.send(&delivery).await;
    assert_eq!((again.status, again.text()), (200, r#"{"status":"duplicate"}"#));
    assert_eq!(counted(&app.measure().await), Some(1.0));
}

#[tokio::test]
async fn an_id_that_comes_back_with_something_else_to_say_is_kept_beside_the_first() {
    let app = TestApp::start().await;
    let delivery = |id| Delivery::new(deployment(id).to_string()).id("burnt");
    assert_eq!(app.deliver(&delivery(1)).await, 200);
    let other = app.send(&delivery(2)).await;
    assert_eq!((other.status, other.text()), (200, r#"{"status":"conflict"}"#));
    assert_eq!(counted(&app.measure().await), Some(2.0));
}

#[tokio::test]
async fn no_content_is_refused() {
    let app = TestApp::start().await;
    let bodies: [(&[u8], &str); 13] = [
        (b"", "unreadable"),
        (b"   ", "unreadable"),
        (b"\xef\xbb\xbf{}", "unreadable"),
        (b"{\"object_kind\":\"deployment\"", "unreadable"),
        (b"{\"object_kind\":\"deployment\",\"status\":\"\xff\"}", "unreadable"),
        (b"status=success&environment=production", "unreadable"),
        (b"<xml/>", "unreadable"),
        (b"[]", "ignored"),
        (b"null", "ignored"),
        (b"{\"object_kind\":\"deployment\"}", "unreadable"),
        (b"{\"text\":\"a template of our own\"}", "ignored"),
        (b"{\"object_kind\":\"invented_next_year\"}", "ignored"),
        (b"{\"object_kind\":\"emoji\"}", "ignored"),
    ];
    for (body, expected) in bodies {
        let answer = app.send(&Delivery::new(body)).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!(answer.status, 200, "{shown}");
        assert_eq!(answer.text(), format!(r#"{{"status":"{expected}"}}"#), "{shown}");
    }
    let samples = app.scrape().await;
    assert_eq!(samples.value("gitlab_dora_exporter_panics_total"), Some(0.0));

    let stopped = app.stop().await;
    let store = stopped.store();
    assert_eq!(store.scan(None, 100).unwrap().len(), bodies.len());
}

#[tokio::test]
async fn a_deeply_nested_body_is_answered_like_any_other() {
    let app = TestApp::start().await;
    for depth in [127, 128, 129, 100_000] {
        let nested = [vec![b'['; depth], vec![b']'; depth]].concat();
        let body = [br#"{"object_kind":"deployment","x":"#.as_slice(), &nested, b"}"].concat();
        assert_eq!(app.deliver(&Delivery::new(body)).await, 200, "depth {depth}");
    }
}

#[tokio::test]
async fn what_is_out_of_scope_is_journaled_without_effect() {
    let app = Plan::new("projects = [\"elsewhere/**\"]\n").start().await;
    let answer = app.send(&deployment_hook()).await;
    assert_eq!((answer.status, answer.text()), (200, r#"{"status":"out_of_scope"}"#));

    let stopped = app.stop().await;
    let store = stopped.store();
    let entries = store.scan(None, 10).unwrap();
    assert!(matches!(entries[0].content, StoredContent::Irrelevant { .. }), "{entries:?}");
    assert_eq!(store.digest().unwrap().facts, 0);
}

#[tokio::test]
async fn titles_and_names_never_reach_the_journal() {
    let app = TestApp::start().await;
    let mut body = deployment(1);
    body["user"] = json!({ "name": "canary person", "email": "canary@example.org" });
    body["commit_title"] = json!("canary title");
    assert_eq!(app.deliver(&Delivery::new(body.to_string())).await, 200);

    let stopped = app.stop().await;
    let store = stopped.store();
    let kept = format!("{:?}", store.scan(None, 10).unwrap());
    let Some(StoredContent::Projected(record)) =
        store.scan(None, 10).unwrap().into_iter().next().map(|entry| entry.content)
    else {
        panic!("not projected: {kept}");
    };
    let json = String::from_utf8(record.json.to_vec()).unwrap();
    assert!(json.contains("deployment") && !json.contains("canary"), "{json}");
}
