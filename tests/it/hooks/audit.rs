//! Hooks looked after while the program runs: their state on `/metrics`, within the budget.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};

use super::URL;
use crate::support::fake_gitlab::{API_TOKEN, FakeGitlab};
use crate::support::{Plan, Samples, TestApp, deployment_hook, wait_until};

const EXECUTABLE: &str = r#"gitlab_dora_exporter_hooks{gitlab="main",status="executable"}"#;
const WITHOUT: &str = r#"gitlab_dora_exporter_projects_without_hook{gitlab="main"}"#;

/// The program with a token for `gitlab`, and a delivery of one project.
async fn app(gitlab: &FakeGitlab) -> TestApp {
    let block = format!(
        "url = \"{}\"\ntoken = \"{API_TOKEN}\"\nrequests_per_minute = 6000\n",
        gitlab.url()
    );
    let plan = Plan::new(&block).set("server.external_url", "http://127.0.0.1:1");
    let app = plan.start().await;
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    app.measure().await;
    app
}

/// Puts a hook of ours at a place.
async fn hook_at(gitlab: &FakeGitlab, path: &str) {
    let body = json!({"url": URL, "deployment_events": true, "token": "x"});
    let url = format!("{}/api/v4/{path}/hooks", gitlab.url());
    let request = crate::support::process::http_client()
        .post(url)
        .header("authorization", format!("Bearer {API_TOKEN}"))
        .header("content-type", "application/json")
        .body(body.to_string());
    assert_eq!(request.send().await.unwrap().status(), 201);
    gitlab.take_seen();
}

/// Lets an audit come, after which `selector` shows `value`.
///
/// The audit before may be under way while the time passes, and sleeps only from then on: when
/// nothing has changed for a good while, the time passes once more.
pub(super) async fn audit(app: &TestApp, selector: &str, value: f64) -> Samples {
    look_until(app, selector, async || app.scrape().await.value(selector) == Some(value)).await;
    app.scrape().await
}

/// Lets an audit come, after which something is so.
pub(super) async fn look_until(app: &TestApp, what: &str, is_so: impl AsyncFn() -> bool) {
    const GOOD_WHILE: u32 = 200;
    let looks = Cell::new(0_u32);
    wait_until(what, async || {
        if looks.replace(looks.get() + 1).is_multiple_of(GOOD_WHILE) {
            app.pass(Duration::from_mins(10));
        }
        is_so().await
    })
    .await;
}

/// The project of the delivery: its number and its path.
fn project() -> (String, String) {
    let body: Value = serde_json::from_slice(deployment_hook().body()).unwrap();
    let path = body["project"]["path_with_namespace"].as_str().unwrap().to_owned();
    (body["project"]["id"].to_string(), path)
}

fn hooks(samples: &Samples, status: &str) -> Option<f64> {
    samples.value(&format!(r#"gitlab_dora_exporter_hooks{{gitlab="main",status="{status}"}}"#))
}

#[tokio::test]
async fn the_state_of_each_hook_is_exposed_and_until_when_it_is_paused() {
    let gitlab = FakeGitlab::start().await;
    let (id, path) = project();
    for group in above(&path) {
        gitlab.refuse(&format!("groups/{group}/hooks"), 404);
    }
    hook_at(&gitlab, &format!("projects/{id}")).await;
    let app = app(&gitlab).await;
    let samples = audit(&app, EXECUTABLE, 1.0).await;
    assert_eq!(hooks(&samples, "temporarily_disabled"), Some(0.0));
    assert_eq!(samples.value(WITHOUT), Some(0.0));
    assert_eq!(samples.value(r#"gitlab_dora_exporter_gitlab_up{gitlab="main"}"#), Some(1.0));
    let expiry = r#"gitlab_dora_exporter_gitlab_token_expiry_timestamp_seconds{gitlab="main"}"#;
    assert_eq!(samples.value(expiry), Some(1_801_353_600.0), "2027-01-31");

    let (now, hook) = {
        let mut world = gitlab.world();
        world.now = app.now();
        let now = world.now;
        for _ in 0..10 {
            world.hooks[0].fails(now);
        }
        (now, world.hooks[0].shown["id"].to_string())
    };
    let samples = audit(&app, EXECUTABLE, 0.0).await;
    assert_eq!(hooks(&samples, "temporarily_disabled"), Some(1.0));
    let until = format!(
        "gitlab_dora_exporter_hook_disabled_until_timestamp_seconds\
         {{gitlab=\"main\",hook=\"projects/{id}/hooks/{hook}\"}}"
    );
    #[expect(clippy::cast_precision_loss, reason = "seconds need 53 bits in 2255")]
    let expected = now.plus(64 * 60).as_second() as f64;
    assert_eq!(samples.value(&until), Some(expected));

    gitlab.world().now = now.plus(65 * 60);
    let samples = audit(&app, EXECUTABLE, 1.0).await;
    assert_eq!(samples.value(&until), None, "a pause that is over is forgotten");
    app.stop().await;
}

#[tokio::test]
async fn a_project_without_a_hook_is_seen_and_one_that_a_group_covers_is_not_asked() {
    let gitlab = FakeGitlab::start().await;
    let (id, path) = project();
    let app = app(&gitlab).await;
    audit(&app, WITHOUT, 1.0).await;

    let group = above(&path).next().unwrap();
    hook_at(&gitlab, &format!("groups/{group}")).await;
    audit(&app, WITHOUT, 0.0).await;
    let own = format!("projects/{id}/hooks");
    assert!(gitlab.take_seen().iter().all(|seen| !seen.target.contains(&own)));
    app.stop().await;
}

#[tokio::test]
async fn without_a_token_nothing_is_asked_and_nothing_is_said() {
    let app = TestApp::start().await;
    app.pass(Duration::from_mins(30));
    let samples = app.measure().await;
    assert_eq!(samples.value(r#"gitlab_dora_exporter_gitlab_up{gitlab="main"}"#), None);
    assert_eq!(hooks(&samples, "executable"), None);
    app.stop().await;
}

/// Every group above a project.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}
