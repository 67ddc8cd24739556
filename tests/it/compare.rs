//! `compare`: GitLab's own DORA numbers beside ours, through the command and a GitLab that speaks
//! HTTP.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::process::Output;

use serde_json::{Value, json};

use crate::support::deployment;
use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::{Place, http_client, signed};

const RANGE: [&str; 4] = ["--from", "2026-05-20", "--to", "2026-06-10"];

/// A GitLab of those values, and a store that heard three deployments, the last of the same version.
async fn sides(values: &[(&str, &str, Value)]) -> (FakeGitlab, Place) {
    sides_under("", ["production"; 3], values).await
}

/// The same under a policy, each deployment to an environment of its own.
async fn sides_under(
    policy: &str,
    environments: [&str; 3],
    values: &[(&str, &str, Value)],
) -> (FakeGitlab, Place) {
    let gitlab = FakeGitlab::start().await;
    for (metric, interval, value) in values {
        let path = format!("projects/group/app/dora/metrics:{metric}:{interval}");
        gitlab.put_one(&path, value.clone());
    }
    let place = Place::with_api(policy, &gitlab.url());
    let served = place.serve().await;
    let (client, url) = (http_client(), place.url("/webhooks/gitlab"));
    for (id, environment) in (1..).zip(environments) {
        let mut body = deployment(id);
        body["environment"] = environment.into();
        if id == 3 {
            body["short_sha"] = deployment(2)["short_sha"].clone();
            body["commit_url"] = deployment(2)["commit_url"].clone();
        }
        let told = ("Deployment Hook", body.to_string().into_bytes());
        let answer = signed(&client, &url, &id.to_string(), told).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
    (gitlab, place)
}

/// What GitLab says of the four metrics, with so many deployments on the one day.
fn gitlab_says(deployments: f64) -> Vec<(&'static str, &'static str, Value)> {
    let day = |value: f64| json!([{"date": "2026-05-31", "value": value}]);
    let whole = |value: Value| json!([{"date": null, "value": value}]);
    vec![
        ("deployment_frequency", "daily", day(deployments)),
        // As versions of before answer.
        ("deployment_frequency", "all", json!(deployments / 22.0)),
        ("lead_time_for_changes", "daily", json!([])),
        ("lead_time_for_changes", "all", whole(Value::Null)),
        ("time_to_restore_service", "daily", json!([])),
        ("time_to_restore_service", "all", whole(Value::Null)),
        ("change_failure_rate", "daily", day(0.0)),
        ("change_failure_rate", "all", whole(json!(0.0))),
    ]
}

async fn compared(place: &Place, further: &[&str]) -> Output {
    let arguments = [&["compare", "--project", "group/app"], &RANGE[..], further].concat();
    place.run_async(&arguments).await
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_numbers_are_equal_and_ours_say_why_they_are_others() {
    let (gitlab, place) = sides(&gitlab_says(3.0)).await;
    let output = compared(&place, &["--json"]).await;
    let report = json_of(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    let frequency = &report["metrics"][0];
    assert_eq!(frequency["gitlab"], frequency["gitlab_arithmetic"]);
    let ours = frequency["ours"].as_f64().unwrap();
    assert!((ours - 2.0 / 22.0).abs() < 1e-12, "{ours}");
    let why = frequency["definition"].as_str().unwrap();
    assert!(why.contains("2 releases") && why.contains("1 that brought what ran already"), "{why}");
    assert_eq!(frequency["equal_days"], json!(1));

    let seen = gitlab.take_seen();
    assert_eq!(seen.len(), 8, "each metric by day and over the whole");
    assert!(seen[0].target.ends_with("/projects/group%2Fapp/dora/metrics"), "{}", seen[0].target);
    let asked = |name| seen[0].parameter(name);
    assert_eq!((asked("start_date"), asked("end_date")), (Some("2026-05-20"), Some("2026-06-10")));
    assert_eq!(asked("environment_tiers[]"), Some("production"));
}

/// GitLab knows nothing of services: its arithmetic is over the whole project, ours adds the streams up.
#[tokio::test(flavor = "multi_thread")]
async fn services_are_added_up_beside_gitlabs_numbers_of_the_whole_project() {
    let policy = "[policy]\nservice_map = [{ match = \"api\", service = \"api\" }, \
                  { match = \"web\", service = \"web\" }]\n";
    let environments = ["production-api", "production-api", "production-web"];
    let (_gitlab, place) = sides_under(policy, environments, &gitlab_says(3.0)).await;
    let output = compared(&place, &["--json"]).await;
    let report = json_of(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    let frequency = &report["metrics"][0];
    assert_eq!(frequency["gitlab"], frequency["gitlab_arithmetic"]);
    // The web runs for the first time what the api ran already: a release of its own.
    let ours = frequency["ours"].as_f64().unwrap();
    assert!((ours - 3.0 / 22.0).abs() < 1e-12, "{report:#}");
    assert_eq!(frequency["equal_days"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_differs_says_why_and_the_command_fails_as_diff_does() {
    let (_gitlab, place) = sides(&gitlab_says(4.0)).await;
    let output = compared(&place, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("group/app, production, 2026-05-20 to 2026-06-10 (UTC)"), "{text}");
    let line = "2026-05-31  4 · 3  GitLab has deployments that we never heard of";
    assert!(text.contains(line), "{text}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("try: see the reason beside each day"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_ultimate_or_a_project_it_says_what_is_missing() {
    let (_gitlab, place) = sides(&[]).await;
    let output = compared(&place, &[]).await;
    assert_eq!(output.status.code(), Some(4));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("GitLab Ultimate"), "{errors}");

    let unknown = place.run_async(&["compare", "--project", "group/none"]).await;
    assert_eq!(unknown.status.code(), Some(2));
    let errors = String::from_utf8(unknown.stderr).unwrap();
    assert!(errors.contains("group/none is not known here"), "{errors}");

    let without_token = Place::new("");
    let output = without_token.run_async(&["compare", "--project", "group/app"]).await;
    assert_eq!(output.status.code(), Some(3));
}
