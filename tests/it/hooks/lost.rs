//! What hooks lost while nobody listened, taken in from GitLab's own log by the real binary.

use gitlab_dora_exporter::store::{FactsDigest, StoredContent};
use serde_json::{Value, json};

use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::{Place, TOKEN, http_client};
use crate::support::wait_until;

const PATH: &str = "/webhooks/gitlab";

fn project() -> Value {
    json!({"id": 7, "path_with_namespace": "shop/cart", "default_branch": "main"})
}

fn sha(number: u64) -> String {
    format!("{number:040x}")
}

/// The n-th deployment, an hour after the one before.
fn deployment(number: u64) -> (&'static str, Value) {
    let body = json!({
        "object_kind": "deployment", "status": "success", "deployment_id": number,
        "status_changed_at": format!("2026-05-{:02}T10:00:00Z", number), "deployable_id": number,
        "environment": "production", "environment_tier": "production", "ref": "main",
        "project": project(), "commit_url": format!("https://x/-/commit/{}", sha(number)),
        "user": {"id": 5, "username": "sample", "email": "sample@example.org"},
    });
    ("Deployment Hook", body)
}

/// The push that brought the commit of the n-th deployment.
fn push(number: u64) -> (&'static str, Value) {
    let at = format!("2026-05-{number:02}T08:00:00+02:00");
    let body = json!({
        "object_kind": "push", "event_name": "push", "ref": "refs/heads/main",
        "before": sha(number - 1), "after": sha(number), "checkout_sha": sha(number),
        "project_id": 7, "project": project(), "total_commits_count": 1,
        "commits": [{"id": sha(number), "message": "A change", "title": "A change",
                     "timestamp": at, "author": {"name": "Sample", "email": "sample@example.org"}}],
    });
    ("Push Hook", body)
}

/// Six days of work.
fn week() -> Vec<(&'static str, Value)> {
    (2..=7).flat_map(|number| [push(number), deployment(number)]).collect()
}

fn digest(place: &Place) -> FactsDigest {
    place.store().digest().unwrap()
}

fn a_day_passes(gitlab: &FakeGitlab) {
    let mut world = gitlab.world();
    world.now = world.now.plus(86_400);
}

async fn metrics(place: &Place) -> String {
    let answer = http_client().get(place.url("/metrics")).send().await.unwrap();
    answer.text().await.unwrap()
}

/// What a store holds that heard everything as it happened.
async fn as_heard(gitlab: &FakeGitlab, key_of: &Place) -> FactsDigest {
    let place = Place::new("").with_key_of(key_of);
    let hook = gitlab.hook("projects/8", &place.url(PATH), TOKEN);
    let served = place.serve().await;
    for (event, body) in [deployment(1)].into_iter().chain(week()) {
        assert_eq!(gitlab.tell(hook, event, &body).await.as_deref(), Some("200"));
    }
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
    digest(&place)
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_made_while_nobody_listened_are_taken_in_at_the_next_start() {
    let gitlab = FakeGitlab::start().await;
    let place = Place::looking_after_hooks("", &gitlab.url());
    let hook = gitlab.hook("projects/7", &place.url(PATH), TOKEN);
    let served = place.serve().await;
    let (event, body) = deployment(1);
    assert_eq!(gitlab.tell(hook, event, &body).await.as_deref(), Some("200"));
    served.kill();

    for (event, body) in week() {
        let told = gitlab.tell(hook, event, &body).await;
        // Four in a row pause the hook; then it is tried again.
        if told.is_none() {
            a_day_passes(&gitlab);
            let told = gitlab.tell(hook, event, &body).await;
            assert_eq!(told.as_deref(), Some("internal error"));
        }
    }
    a_day_passes(&gitlab);
    let served = place.serve().await;
    let took = "took in deliveries that had not arrived";
    wait_until("the log is read", async || place.log().contains(took)).await;
    let gaps = "gitlab_dora_exporter_reconcile_gaps_total{cause=\"unanswered\",gitlab=\"main\"} 12";
    assert!(metrics(&place).await.contains(gaps), "{}", metrics(&place).await);
    assert!(gitlab.take_seen().iter().all(|seen| seen.method == "GET"), "no resend is asked for");
    served.kill();
    assert_eq!(digest(&place), as_heard(&gitlab, &place).await);

    // Taken in once: the log is read from where it was left.
    let served = place.serve().await;
    wait_until("the log is asked for", async || {
        gitlab.world().seen_below("projects/7/hooks").len() >= 2
    })
    .await;
    assert!(!place.log().contains(took), "{}", place.log());
    let events = gitlab.world().seen_below("/events");
    assert_eq!(events.len(), 1, "one page: {events:?}");
    assert_eq!(served.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_redirect_swallowed_is_taken_in_and_what_was_too_large_is_told_of() {
    let gitlab = FakeGitlab::start().await;
    let place = Place::looking_after_hooks("", &gitlab.url());
    let hook = gitlab.hook("groups/shop", &place.url(PATH), TOKEN);
    let served = place.serve().await;
    for (event, body) in [deployment(1)].into_iter().chain(week()) {
        gitlab.tell(hook, event, &body).await;
    }
    served.kill();
    {
        // As if a page of log-in had stood before us, and one event had been too large to keep.
        let mut world = gitlab.world();
        let rows = world.lists.get_mut(&format!("groups/shop/hooks/{hook}/events")).unwrap();
        let mut extra = rows[0].clone();
        extra["id"] = json!(9_000);
        for key in ["Idempotency-Key", "webhook-id"] {
            extra["request_headers"][key] = json!("swallowed");
        }
        extra["response_status"] = json!("302");
        extra["request_data"] = deployment(8).1;
        let mut large = extra.clone();
        large["id"] = json!(9_001);
        large["request_headers"]["webhook-id"] = json!("large");
        large["request_data"] = json!({"oversize": true});
        large["response_status"] = json!("internal error");
        rows.splice(0..0, [large, extra]);
        // Small pages, so that there are several.
        world.page_limit = 5;
    }
    let served = place.serve().await;
    let lines = [
        "gitlab_dora_exporter_reconcile_gaps_total{cause=\"redirected\",gitlab=\"main\"} 1\n",
        "gitlab_dora_exporter_reconcile_gaps_total{cause=\"accepted\",gitlab=\"main\"} 0\n",
        "gitlab_dora_exporter_reconcile_missing{gitlab=\"main\"} 1\n",
    ];
    let is_told = async || {
        let text = metrics(&place).await;
        lines.iter().all(|line| text.contains(line))
    };
    wait_until("it is told of", is_told).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());

    let (store, mut taken_in) = (place.store(), Vec::new());
    for entry in store.scan(None, 500).unwrap() {
        if let StoredContent::Projected(record) = entry.content
            && record.channel.as_str() == "delivery_log"
        {
            taken_in.push((record.kind.as_str().to_owned(), entry.key.as_bytes().to_vec()));
        }
    }
    assert_eq!(taken_in, [("deployment".to_owned(), b"swallowed".to_vec())]);
}
