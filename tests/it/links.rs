//! Deployment repositories: hooks of both projects, what GitLab says of the deployed commits, and the
//! numbers of the application, through the real binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use gitlab_dora_exporter::delivery::Timestamp;
use serde_json::{Value, json};

use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::{Place, http_client, signed};
use crate::support::{Samples, wait_until};

const LINKS: &str = r#"
[policy]
project_links = [
    { deploy = "shop/deploy", app = "shop/cart", match = "^apps/cart/" },
    { deploy = "shop/deploy", app = "shop/menu", match = "^apps/menu/" },
]
[exposition]
refresh = "1s"
"#;
const NO_LINKS: &str = "[exposition]\nrefresh = \"1s\"\n";

/// What deployed commits change, in order; and what is made of it.
const COMMITS: [(&str, &str); 6] = [
    ("apps/cart/values.yaml", "@@ -1 +1 @@\n-  tag: canary\n+  tag: 1.0.0\n"),
    ("apps/cart/values.yaml", "@@ -1 +1 @@\n-  tag: 1.0.0\n+  tag: \"1.1.0\" # canary\n"),
    // Back by reverting.
    ("apps/cart/values.yaml", "@@ -1 +1 @@\n-  tag: 1.1.0\n+  tag: 1.0.0\n"),
    ("apps/menu/deploy.yaml", "@@ -1 +1 @@\n-image: r/menu:canary\n+image: r/menu:2.0.0\n"),
    ("apps/cart/values.yaml", "@@ -1 +1 @@\n-  tag: 1.0.0\n+  tag: 9.9.9\n"),
    ("README.md", "@@ -1 +1 @@\n-canary\n+canary words\n"),
];

fn sha(project: u64, number: usize) -> String {
    format!("{project:08x}{number:032x}")
}

fn project(id: u64) -> Value {
    let path = ["shop/deploy", "shop/cart", "shop/menu"][usize::try_from(id).unwrap() - 1];
    json!({"id": id, "path_with_namespace": path, "default_branch": "main"})
}

/// An instant so many hours ago, as GitLab writes it.
fn hours_ago(now: Timestamp, hours: usize) -> String {
    let at = now.minus(u64::try_from(hours).unwrap() * 3_600);
    jiff::Timestamp::from_second(at.as_second()).unwrap().to_string()
}

/// The number of a deployment and of its job; the last is the newest.
fn deployment(now: Timestamp, own: usize) -> Value {
    json!({
        "object_kind": "deployment", "status": "success", "deployment_id": own,
        "status_changed_at": hours_ago(now, 10 - own), "deployable_id": 100 + own,
        "environment": "production", "environment_tier": "production", "ref": "main",
        "project": project(1), "commit_url": format!("https://x/-/commit/{}", sha(1, own)),
    })
}

fn push(now: Timestamp, project_id: u64, own: usize) -> Value {
    json!({
        "object_kind": "push", "ref": "refs/heads/main", "before": sha(project_id, own - 1),
        "after": sha(project_id, own), "checkout_sha": sha(project_id, own),
        "project_id": project_id, "project": project(project_id), "total_commits_count": 1,
        "commits": [{"id": sha(project_id, own), "timestamp": hours_ago(now, 20), "message": "One"}],
    })
}

fn tag(project_id: u64, name: &str, own: usize) -> Value {
    json!({
        "object_kind": "tag_push", "ref": format!("refs/tags/{name}"), "before": "0".repeat(40),
        // An annotated tag is an object of its own.
        "after": sha(99, own), "checkout_sha": sha(project_id, own), "project_id": project_id,
        "project": project(project_id), "total_commits_count": 0, "commits": [],
    })
}

/// Everything that hooks tell, in order.
fn hooks(now: Timestamp) -> Vec<(&'static str, Value)> {
    let pushes = (1..=3).map(|own| ("Push Hook", push(now, 2, own)));
    let tags = [(2, "v1.0.0", 1), (2, "1.1.0", 2), (3, "2.0.0", 1)];
    let tags = tags.map(|(project, name, own)| ("Tag Push Hook", tag(project, name, own)));
    let deployments = (1..=6).map(|own| ("Deployment Hook", deployment(now, own)));
    pushes.chain([("Push Hook", push(now, 3, 1))]).chain(tags).chain(deployments).collect()
}

/// A GitLab that tells what the commits changed, and all that hooks told besides.
async fn gitlab(now: Timestamp) -> FakeGitlab {
    let gitlab = FakeGitlab::start().await;
    for (own, (file, diff)) in (1..).zip(COMMITS) {
        let other = json!({"old_path": "canary", "new_path": "canary", "diff": "+canary: 1\n"});
        let files = vec![other, json!({"old_path": file, "new_path": file, "diff": diff})];
        gitlab.put(&format!("projects/1/repository/commits/{}/diff", sha(1, own)), files);
    }
    let rows = (1..=3).map(|id| {
        let mut row = project(id);
        row["archived"] = false.into();
        row["last_activity_at"] = hours_ago(now, 1).into();
        row
    });
    gitlab.put("projects", rows.collect());
    for id in 1..=3_u64 {
        for list in ["merge_requests", "issues", "milestones", "releases", "environments"] {
            gitlab.put(&format!("projects/{id}/{list}"), Vec::new());
        }
        gitlab.put(&format!("projects/{id}/deployments"), Vec::new());
        gitlab.put(&format!("projects/{id}/repository/commits"), Vec::new());
    }
    let at = |own: usize| hours_ago(now, 10 - own);
    let row = |own: usize| {
        json!({
            "id": own, "status": "success", "ref": "main", "sha": sha(1, own),
            "created_at": at(own), "updated_at": at(own), "finished_at": at(own),
            "environment": {"id": 1, "name": "production", "tier": "production"},
            "deployable": {"id": 100 + own, "finished_at": at(own)},
        })
    };
    gitlab.put("projects/1/deployments", (1..=6).map(row).collect());
    let environment = json!({"id": 1, "name": "production", "tier": "production",
                             "created_at": at(1), "updated_at": at(1)});
    gitlab.put("projects/1/environments", vec![environment]);
    let commit = |id: u64, own: usize| {
        json!({"id": sha(id, own), "parent_ids": [sha(id, own - 1)], "title": "One",
               "message": "One", "author_name": "Sample", "author_email": "sample@example.org",
               "authored_date": hours_ago(now, 20), "committed_date": hours_ago(now, 20)})
    };
    gitlab.put("projects/2/repository/commits", (1..=3).rev().map(|own| commit(2, own)).collect());
    gitlab.put("projects/3/repository/commits", vec![commit(3, 1)]);
    let row = |id: u64, name: &str, own: usize| {
        json!({"name": name, "message": "canary", "target": sha(99, own), "protected": false,
               "commit": {"id": sha(id, own), "committed_date": hours_ago(now, 20),
                          "title": "canary", "author_name": "canary"}})
    };
    gitlab.put("projects/2/repository/tags", vec![row(2, "1.1.0", 2), row(2, "v1.0.0", 1)]);
    gitlab.put("projects/3/repository/tags", vec![row(3, "2.0.0", 1)]);
    gitlab
}

async fn tell(place: &Place, hooks: &[(&str, Value)]) {
    let (client, url) = (http_client(), place.url("/webhooks/gitlab"));
    for (event, body) in hooks {
        let body = body.to_string().into_bytes();
        // The same body is the same delivery.
        let id = format!(
            "{:x}",
            body.iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31) ^ u64::from(*byte))
        );
        let answer = signed(&client, &url, &id, (event, body)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

async fn get(place: &Place, path: &str) -> String {
    http_client().get(place.url(path)).send().await.unwrap().text().await.unwrap()
}

async fn samples(place: &Place) -> Samples {
    Samples::parse(&get(place, "/metrics").await)
}

fn window(project: &str, kind: &str) -> String {
    format!(
        r#"dora_window_deployments{{environment_tier="production",kind="{kind}",project="{project}",window="30d"}}"#
    )
}

/// How many deployments of each kind a project has: first, change, rollback.
fn kinds(samples: &Samples, project: &str) -> [Option<f64>; 3] {
    ["first", "change", "rollback"].map(|kind| samples.value(&window(project, kind)))
}

async fn until_cart_has(place: &Place, expected: [f64; 3]) {
    wait_until("the application has its deployments", async || {
        kinds(&samples(place).await, "shop/cart") == expected.map(Some)
    })
    .await;
}

/// The answer of `explain` about the deployments of one kind.
async fn explained(place: &Place, project: &str, kind: &str) -> Value {
    let series = [("series", window(project, kind))];
    let url = reqwest::Url::parse_with_params(&place.url("/api/v1/explain"), series).unwrap();
    let text = http_client().get(url).send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Names of what was left out, with the rules.
fn left_out(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = answer["left_out"].as_array().unwrap().iter();
    let mut all: Vec<_> = all.map(|own| (text(&own["name"]), text(&own["rule"]))).collect();
    all.sort();
    all
}

fn named(names: &[(&str, &str)]) -> Vec<(String, String)> {
    names.iter().map(|(name, rule)| ((*name).to_owned(), (*rule).to_owned())).collect()
}

/// The application tells each deployment with its page in the other project, and what it leaves out;
/// the deploying project whose they are.
async fn assert_explained(place: &Place, gitlab: &str) {
    let answer = explained(place, "shop/cart", "rollback").await;
    let deployment = &answer["rows"][0]["deployments"][0];
    assert_eq!(deployment["project"], "shop/deploy");
    assert_eq!(deployment["url"], format!("{gitlab}/shop/deploy/-/jobs/103"));
    assert_eq!(answer["rows"][0]["url"], format!("{gitlab}/shop/cart/-/commit/{}", sha(2, 1)));
    let unknown = [
        ("1", "other_kind"),
        ("2", "other_kind"),
        ("5", "version_unknown"),
        ("6", "version_unchanged"),
    ];
    assert_eq!(left_out(&answer), named(&unknown));
    let answer = explained(place, "shop/deploy", "change").await;
    assert_eq!(
        (answer["value"].as_f64(), answer["rows"].as_array().unwrap().len()),
        (Some(0.0), 0)
    );
    let elsewhere = ["1", "2", "3", "4", "5", "6"].map(|own| (own, "measured_elsewhere"));
    assert_eq!(left_out(&answer), named(&elsewhere));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_repository_delivers_the_versions_of_its_applications() {
    let now = SystemClock.now();
    let gitlab = gitlab(now).await;
    let place = Place::with_api(LINKS, &gitlab.url());
    let served = place.serve().await;
    tell(&place, &hooks(now)).await;
    until_cart_has(&place, [1.0, 1.0, 1.0]).await;
    let reason = r#"gitlab_dora_exporter_projects_incomplete{reason="unknown_version"}"#;
    // What other commits name may still have to be asked, of the other application too.
    wait_until("every commit was read", async || samples(&place).await.value(reason) == Some(1.0))
        .await;

    let all = samples(&place).await;
    assert_eq!(kinds(&all, "shop/menu"), [1.0, 0.0, 0.0].map(Some));
    assert_eq!(kinds(&all, "shop/deploy"), [0.0; 3].map(Some));
    let changes =
        r#"dora_window_changes{environment_tier="production",project="shop/cart",window="30d"}"#;
    assert_eq!(all.value(changes), Some(1.0));
    let total = |project: &str, kind: &str| {
        all.value(&format!(
            r#"dora_deployments_total{{environment="production",environment_tier="production",kind="{kind}",project="{project}",status="success"}}"#
        ))
    };
    assert_eq!(total("shop/cart", "rollback"), Some(1.0));
    assert_eq!((total("shop/deploy", "first"), total("shop/deploy", "change")), (None, Some(0.0)));

    // A tag nobody knows: left out, said, and the numbers are incomplete.
    assert_eq!(all.value(reason), Some(1.0));
    let complete = |samples: &Samples, project: &str| {
        samples.value(&format!(r#"dora_data_complete{{project="{project}"}}"#))
    };
    assert_eq!(complete(&all, "shop/cart"), Some(0.0));
    assert_explained(&place, &gitlab.url()).await;

    // Until its tag is pushed after all.
    tell(&place, &[("Tag Push Hook", tag(2, "9.9.9", 3))]).await;
    until_cart_has(&place, [1.0, 2.0, 1.0]).await;
    wait_until("nothing is unknown", async || samples(&place).await.value(reason) == Some(0.0))
        .await;

    // Without links the same facts are the deploying project's own; what was counted stays.
    let config = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), config.replace(LINKS, NO_LINKS)).unwrap();
    served.signal("-HUP");
    wait_until("the deploying project has its own", async || {
        kinds(&samples(&place).await, "shop/deploy") == [1.0, 5.0, 0.0].map(Some)
    })
    .await;
    let series = r#"dora_deployments_total{environment="production",environment_tier="production",kind="rollback",project="shop/cart",status="success"}"#;
    let all = samples(&place).await;
    assert_eq!((kinds(&all, "shop/cart"), all.value(series)), ([None; 3], Some(1.0)));
    std::fs::write(place.config(), config).unwrap();
    served.signal("-HUP");
    until_cart_has(&place, [1.0, 2.0, 1.0]).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
    assert!(!place.log().contains("canary-of"), "{}", place.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_alone_tells_what_hooks_and_questions_tell() {
    let now = SystemClock.now();
    let gitlab = gitlab(now).await;
    let by_hooks = Place::with_api(LINKS, &gitlab.url());
    let served = by_hooks.serve().await;
    tell(&by_hooks, &hooks(now)).await;
    until_cart_has(&by_hooks, [1.0, 1.0, 1.0]).await;
    assert_eq!(served.terminate(), Some(0), "{}", by_hooks.log());

    gitlab.take_seen();
    let by_api = Place::with_api(LINKS, &gitlab.url());
    let output = by_api.run_async(&["backfill", "--since", "30d"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let diffs = gitlab.take_seen().iter().filter(|seen| seen.target.ends_with("/diff")).count();
    assert_eq!(diffs, COMMITS.len(), "each commit once");
    for (project, kind) in
        [("shop/cart", "change"), ("shop/cart", "rollback"), ("shop/menu", "first")]
    {
        let series = window(project, kind);
        let at = hours_ago(now, 0);
        let arguments = ["explain", series.as_str(), "--at", at.as_str(), "--json"];
        let [hooks, api] =
            [by_hooks.run_async(&arguments).await, by_api.run_async(&arguments).await]
                .map(|output| String::from_utf8(output.stdout).unwrap());
        let [hooks, api] = [hooks, api].map(|text| serde_json::from_str::<Value>(&text).unwrap());
        assert_eq!(hooks["value"], 1.0, "{hooks:#}");
        assert_eq!(hooks, api, "{series}");
    }
    // Read again, nothing is asked again.
    let output = by_api.run_async(&["backfill", "--since", "30d"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(gitlab.take_seen().iter().all(|seen| !seen.target.ends_with("/diff")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_no_hook_told_of_is_asked_for_by_its_name() {
    let now = SystemClock.now();
    let gitlab = gitlab(now).await;
    let marked = json!({"name": "v9.9.9", "target": sha(2, 3), "commit": {"id": sha(2, 3)}});
    // GitLab has it with the letter that many put before.
    gitlab.put_one("projects/2/repository/tags/v9.9.9", marked);
    let place = Place::with_api(LINKS, &gitlab.url());
    let served = place.serve().await;
    tell(&place, &hooks(now)).await;
    until_cart_has(&place, [1.0, 2.0, 1.0]).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
}
