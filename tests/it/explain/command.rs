//! `explain` on the command line, beside a running server.

use serde_json::Value;

use super::PRODUCTION;
use crate::support::deployment;
use crate::support::process::{Place, http_client, signed};

async fn place() -> Place {
    let place = Place::new("");
    let served = place.serve().await;
    let url = place.url("/webhooks/gitlab");
    for id in [1, 2] {
        let body = ("Deployment Hook", deployment(id).to_string().into_bytes());
        let request = signed(&http_client(), &url, &format!("a{id}"), body);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    // It only reads, so a server may run: this one does.
    let series = format!("dora_window_deployments{{{PRODUCTION},kind=\"first\"}}");
    let output = place.run(&["explain", &series, "--at", "2026-06-01T12:00:00Z"]);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(served.terminate(), Some(0));
    place
}

#[tokio::test]
async fn people_see_the_value_first_then_what_counts_then_what_was_left_out() {
    let place = place().await;
    let series = format!("dora_window_deployments{{{PRODUCTION},kind=\"first\"}}");
    let output = place.run(&["explain", &series, "--at", "2026-06-01T12:00:00Z"]);
    assert!(output.status.success());
    let expected = "\
dora_window_deployments{environment_tier=\"production\",kind=\"first\",project=\"group/app\",window=\"30d\"}
Releases that ended in the window, by kind; the kind redeploy is not counted in frequency and ratios.

  value    1
  made of  the number of rows (1 row)
  as of    2026-06-01T12:00:00Z
  window   from 2026-05-02T12:00:00Z, its end left out

What counts
  2026-05-31T10:01:00Z  release 1 (first) to production  1

What was left out
  2026-05-31T10:02:00Z  release 2 (change) to production  other_kind  it is of another kind
";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[tokio::test]
async fn programs_get_json_and_mistakes_end_as_a_wrong_usage() {
    let place = place().await;
    let series = format!("dora_deployment_days{{{PRODUCTION}}}");
    let output = place.run(&["explain", &series, "--at", "2026-06-01T12:00:00Z", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["value"], 1.0);
    assert_eq!(answer["rows"][1]["counts"]["day"], "2026-05-31");
    assert_eq!(answer["rows"][1]["url"], Value::Null, "no address is configured");

    for (series, words) in [
        (
            "dora_deployment_day",
            "no metric of that name is known; the nearest is dora_deployment_days",
        ),
        ("dora_incidents_open{project=\"a\",severity=\"low\"}", "no project of that name is known"),
        (
            "gitlab_dora_exporter_project_silent",
            "gitlab_dora_exporter_project_silent cannot be explained: it tells of webhooks",
        ),
        (
            "dora_closed_incident_duration_seconds{project=\"group/app\"}",
            "dora_closed_incident_duration_seconds is a histogram: ask for its",
        ),
        (
            "dora_closed_incident_duration_seconds_bucket{project=\"group/app\",le=\"7\"}",
            "the label le is one of 900.0, 3600.0,",
        ),
    ] {
        let output = place.run(&["explain", series]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(&format!("error: {words}")), "{said}");
        assert_eq!(output.stdout, b"");
    }
}
