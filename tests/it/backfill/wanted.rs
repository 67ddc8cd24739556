//! What hooks do not tell, asked for seconds after a merge and a deployment.

use std::time::Duration;

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use gitlab_dora_exporter::delivery::Timestamp;
use serde_json::{Value, json};

use crate::support::fake_gitlab::{API_TOKEN, FakeGitlab};
use crate::support::process::{Place, TOKEN, http_client};
use crate::support::{Delivery, Plan, Samples, TestApp, wait_until};

const WANTED: &str = "gitlab_dora_exporter_wanted";
const COMPLETE: &str = "dora_data_complete";
const FREQUENCY: &str =
    r#"dora_window_deployments{kind="change",environment_tier="production",window="30d"}"#;

fn sha(number: u64) -> String {
    format!("{number:040x}")
}

fn text(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_second()).unwrap().to_string()
}

/// The hook of a deployment; `commit` is what GitLab links to, when it does.
fn deployment(id: u64, commit: Option<u64>, at: Timestamp) -> Value {
    json!({
        "object_kind": "deployment", "status": "success", "deployment_id": id,
        "status_changed_at": text(at), "deployable_id": id, "environment": "production",
        "environment_tier": "production", "ref": "main", "project": project(),
        "commit_url": commit.map(|own| format!("https://x/-/commit/{}", sha(own))),
    })
}

/// The hook of a merge by squash, as before 19: neither the commits nor the squash is named.
fn merge(iid: u64, head: u64, at: Timestamp) -> Value {
    json!({
        "object_kind": "merge_request", "project": project(),
        "object_attributes": {
            "id": iid, "iid": iid, "action": "merge", "state": "merged", "draft": false,
            "created_at": text(at.minus(3_600)), "updated_at": text(at),
            "source_branch": "topic", "target_branch": "main", "target_project_id": 7,
            "last_commit": {"id": sha(head), "timestamp": text(at.minus(1_800))},
        },
    })
}

fn project() -> Value {
    json!({"id": 7, "path_with_namespace": "shop/cart", "default_branch": "main"})
}

fn commit(number: u64, parents: &[u64], at: Timestamp) -> Value {
    let parents: Vec<String> = parents.iter().map(|own| sha(*own)).collect();
    json!({"id": sha(number), "parent_ids": parents, "title": "A change", "message": "A change",
           "author_name": "Sample", "author_email": "sample@example.org",
           "authored_date": text(at), "committed_date": text(at)})
}

/// A merge request made of the commits 11 and 12 that landed as the squash 20, and its deployment:
/// hooks name 12 alone.
fn squashed(gitlab: &FakeGitlab, now: Timestamp) {
    let (first, landed) = (now.minus(5 * 86_400), now.minus(60));
    gitlab.put("projects/7/merge_requests", vec![json!({
        "id": 4, "iid": 4, "state": "merged", "draft": false, "created_at": text(now.minus(3_660)),
        "merged_at": text(landed), "updated_at": text(landed), "labels": [], "milestone": null,
        "author": {"id": 5, "username": "sample"}, "source_branch": "topic",
        "target_branch": "main", "sha": sha(12), "merge_commit_sha": null,
        "squash_commit_sha": sha(20), "description": "",
    })]);
    gitlab.put(
        "projects/7/merge_requests/4/commits",
        vec![commit(12, &[], now.minus(1_800)), commit(11, &[], first)],
    );
    gitlab.put("projects/7/merge_requests/4/notes", Vec::new());
    let row = |id: u64, commit: u64, at: Timestamp| {
        json!({
            "id": id, "status": "success", "ref": "main", "sha": sha(commit), "created_at": text(at),
            "updated_at": text(at), "environment": {"id": 1, "name": "production"},
            "deployable": {"id": id, "finished_at": text(at)},
        })
    };
    gitlab.put("projects/7/deployments", vec![row(2, 20, now.minus(30))]);
}

async fn tell(app: &TestApp, body: Value) {
    assert_eq!(app.deliver(&Delivery::new(body.to_string())).await, 200);
}

/// A program that may ask and does not read the past.
async fn app(gitlab: &FakeGitlab) -> TestApp {
    let block = format!(
        "url = \"{}\"\ntoken = \"{API_TOKEN}\"\nrequests_per_minute = 6000\n\
         backfill_since = \"off\"\n",
        gitlab.url()
    );
    Plan::new(&block).start().await
}

/// Lets ten seconds pass again and again, until what is exposed is so.
async fn until(app: &TestApp, what: &str, holds: impl Fn(&Samples) -> bool) {
    wait_until(what, async || {
        app.pass(Duration::from_secs(10));
        holds(&app.measure().await)
    })
    .await;
}

#[tokio::test]
async fn the_first_commit_of_a_merge_and_its_landing_are_asked_for_and_then_the_figures_are_right()
{
    let gitlab = FakeGitlab::start().await;
    let app = app(&gitlab).await;
    let now = app.now();
    squashed(&gitlab, now);
    tell(&app, deployment(1, Some(1), now.minus(86_400))).await;
    tell(&app, merge(4, 12, now.minus(60))).await;
    // GitLab had not linked the commit yet.
    tell(&app, deployment(2, None, now.minus(30))).await;
    let samples = app.measure().await;
    let changes = r#"dora_window_changes{environment_tier="production",window="30d"}"#;
    assert_eq!((samples.value(FREQUENCY), samples.value(changes)), (Some(0.0), Some(0.0)));

    until(&app, "the change is delivered", |samples| samples.value(changes) == Some(1.0)).await;
    let lead_time = r#"dora_change_lead_time_seconds{clock="first_commit",environment_tier="production",stat="p50",window="30d"}"#;
    let samples = app.scrape().await;
    #[expect(clippy::cast_precision_loss, reason = "days in seconds")]
    let expected = now.minus(30).seconds_since(now.minus(5 * 86_400)) as f64;
    assert_eq!(samples.value(lead_time), Some(expected));
    until(&app, "nothing is wanted", |samples| samples.sum(WANTED) == Some(0.0)).await;
    let samples = app.scrape().await;
    assert!(samples.sum("gitlab_dora_exporter_wants_answered_total") >= Some(2.0));
    assert_eq!(samples.sum("gitlab_dora_exporter_wants_given_up_total"), Some(0.0));

    // What was told is not asked for again, not even by another start.
    let asked = gitlab.take_seen().len();
    assert!(asked <= 8, "{asked} requests");
    let app = app.stop().await.restart().await;
    until(&app, "it has looked", |samples| samples.sum(WANTED) == Some(0.0)).await;
    assert_eq!(gitlab.seen(), 0);
    app.stop().await;
}

#[tokio::test]
async fn what_lies_between_two_deployed_commits_is_asked_for() {
    let gitlab = FakeGitlab::start().await;
    let app = app(&gitlab).await;
    let now = app.now();
    let at = |number: u64| now.minus(9_000 - 1_000 * number);
    gitlab.put(
        "projects/7/repository/commits",
        (2..=5).rev().map(|own| commit(own, &[own - 1], at(own))).collect(),
    );
    gitlab.put("projects/7/deployments/2/merge_requests", Vec::new());
    tell(&app, deployment(1, Some(1), now.minus(86_400))).await;
    tell(&app, deployment(2, Some(5), now.minus(30))).await;
    let changes = r#"dora_window_changes{environment_tier="production",window="30d"}"#;
    let samples = app.measure().await;
    assert_eq!((samples.value(FREQUENCY), samples.value(changes)), (Some(1.0), Some(0.0)));
    until(&app, "the commits are delivered", |samples| samples.value(changes) == Some(4.0)).await;
    let asked = gitlab.take_seen();
    let line = asked.iter().find(|seen| seen.target.ends_with("/repository/commits")).unwrap();
    assert_eq!(line.parameter("ref_name"), Some(sha(5).as_str()));
    app.stop().await;
}

#[tokio::test]
async fn what_gitlab_does_not_tell_is_asked_for_three_times_and_given_up() {
    let gitlab = FakeGitlab::start().await;
    let app = app(&gitlab).await;
    tell(&app, deployment(1, None, app.now())).await;
    until(&app, "it is wanted", |samples| samples.sum(WANTED) == Some(1.0)).await;
    assert_eq!(gitlab.seen(), 0, "not before its time");
    until(&app, "it was asked for", |samples| samples.value(COMPLETE) == Some(0.0)).await;
    assert_eq!(gitlab.seen(), 1);
    app.pass(Duration::from_mins(5));
    until(&app, "it was asked for again", |_| gitlab.seen() == 2).await;
    app.pass(Duration::from_hours(1));
    let given_up = "gitlab_dora_exporter_wants_given_up_total";
    until(&app, "it is given up", |samples| samples.sum(given_up) == Some(1.0)).await;
    let samples = app.measure().await;
    assert_eq!((gitlab.seen(), samples.sum(WANTED)), (3, Some(0.0)));
    assert_eq!(samples.value(COMPLETE), None, "nobody looks for more");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_shows_the_right_figures_seconds_after_hooks_told_too_little() {
    let gitlab = FakeGitlab::start().await;
    let now = SystemClock.now();
    squashed(&gitlab, now);
    let place = Place::with_api("[exposition]\nrefresh = \"1s\"\n", &gitlab.url());
    let hook = gitlab.hook("projects/7", &place.url("/webhooks/gitlab"), TOKEN);
    let served = place.serve().await;
    for (event, body) in [
        ("Deployment Hook", deployment(1, Some(1), now.minus(86_400))),
        ("Merge Request Hook", merge(4, 12, now.minus(60))),
        ("Deployment Hook", deployment(2, None, now.minus(30))),
    ] {
        assert_eq!(gitlab.tell(hook, event, &body).await.as_deref(), Some("200"));
    }
    let client = http_client();
    let shows = async |line: &str| {
        let text = client.get(place.url("/metrics")).send().await.unwrap().text().await.unwrap();
        text.contains(line)
    };
    let series =
        "dora_window_changes{environment_tier=\"production\",project=\"shop/cart\",window=\"30d\"}";
    wait_until("hooks alone tell of no change", async || shows(&format!("{series} 0\n")).await)
        .await;
    wait_until("the change is there", async || shows(&format!("{series} 1\n")).await).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
}
