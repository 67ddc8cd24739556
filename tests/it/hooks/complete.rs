//! Numbers marked incomplete while facts are known to be missing, and no longer.

use std::time::Duration;

use serde_json::json;

use super::URL;
use crate::support::fake_gitlab::{API_TOKEN, FakeGitlab};
use crate::support::process::TOKEN;
use crate::support::{Plan, TestApp, deployment_hook, wait_until};

const GROUP: &str = "dora_group_data_complete";
const PROJECT: &str = "dora_data_complete";

/// A GitLab with the project of the delivery, of which nothing else is known.
async fn gitlab() -> FakeGitlab {
    let gitlab = FakeGitlab::start().await;
    let body: serde_json::Value = serde_json::from_slice(deployment_hook().body()).unwrap();
    let id = &body["project"]["id"];
    gitlab.put(
        "projects",
        vec![json!({"id": id, "default_branch": "main",
                    "path_with_namespace": body["project"]["path_with_namespace"]})],
    );
    for list in [
        "environments",
        "deployments",
        "merge_requests",
        "issues",
        "milestones",
        "releases",
        "repository/commits",
    ] {
        gitlab.put(&format!("projects/{id}/{list}"), Vec::new());
    }
    gitlab.hook(&format!("projects/{id}"), URL, TOKEN);
    gitlab
}

async fn app(gitlab: &FakeGitlab) -> TestApp {
    let block = format!(
        "url = \"{}\"\ntoken = \"{API_TOKEN}\"\nrequests_per_minute = 6000\n",
        gitlab.url()
    );
    let app = Plan::new(&block).set("server.external_url", "http://127.0.0.1:1").start().await;
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    app
}

/// Lets time pass, a quarter of an hour at a time, until the project's numbers are so; what is under
/// way meanwhile is given its time.
async fn is_complete(app: &TestApp, expected: f64) {
    wait_until(PROJECT, async || {
        if app.measure().await.value(PROJECT) == Some(expected) {
            return true;
        }
        app.pass(Duration::from_mins(5));
        false
    })
    .await;
}

#[tokio::test]
async fn numbers_are_incomplete_until_the_api_was_read_and_while_a_hook_is_disabled() {
    let gitlab = gitlab().await;
    gitlab.refuse("projects/", 500);
    let app = app(&gitlab).await;
    let samples = app.measure().await;
    assert_eq!((samples.value(PROJECT), samples.value(GROUP)), (Some(0.0), Some(0.0)));
    let unread = r#"gitlab_dora_exporter_projects_incomplete{reason="unread"}"#;
    assert_eq!(samples.value(unread), Some(1.0));
    gitlab.world().refused.clear();
    is_complete(&app, 1.0).await;

    let now = app.now();
    {
        let mut world = gitlab.world();
        world.now = now;
        for _ in 0..40 {
            world.hooks[0].fails(now);
        }
    }
    is_complete(&app, 0.0).await;
    let samples = app.scrape().await;
    assert_eq!(samples.value(GROUP), Some(0.0));
    let disabled = r#"gitlab_dora_exporter_projects_incomplete{reason="hook_disabled"}"#;
    assert_eq!((samples.value(disabled), samples.value(unread)), (Some(1.0), Some(0.0)));
    let report = app.get("/api/v1/scorecard").await;
    assert!(report.text().contains(r#""missing":["hook_disabled"]"#), "{}", report.text());
    for (language, told) in [("en", "GitLab has paused the hook"), ("fr", "GitLab a suspendu")] {
        let page = app.get(&format!("/?lang={language}")).await;
        assert!(page.text().contains(told), "{}", page.text());
    }

    // It sends again; what it lost meanwhile is in doubt until the API was read.
    {
        let mut world = gitlab.world();
        world.hooks.clear();
        let project = world.lists["projects"][0]["id"].to_string();
        drop(world);
        gitlab.hook(&format!("projects/{project}"), URL, TOKEN);
    }
    is_complete(&app, 1.0).await;
    let page = app.get("/?lang=en").await;
    assert!(!page.text().contains("incomplete"), "{}", page.text());
    app.stop().await;
}

#[tokio::test]
async fn where_nobody_can_tell_nothing_is_said() {
    let app = TestApp::start().await;
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    let samples = app.measure().await;
    assert_eq!((samples.count(PROJECT), samples.count(GROUP)), (0, 0));
    app.stop().await;
}
