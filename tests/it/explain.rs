//! Why a number is what it is, through the doors: `/api/v1/explain`, `/api/v1/scorecard` and the
//! command.

mod command;
mod demo;

use gitlab_dora_exporter::delivery::Timestamp;
use serde_json::Value;

use crate::support::{Answer, Delivery, Plan, TestApp, deployment};

const PRODUCTION: &str = r#"project="group/app",environment_tier="production",window="30d""#;

/// Where explanations of a series are.
fn at_explain(series: &str) -> String {
    let query: String =
        reqwest::Url::parse_with_params("http://x/api/v1/explain", [("series", series)])
            .unwrap()
            .query()
            .unwrap()
            .to_owned();
    format!("/api/v1/explain?{query}")
}

async fn explained(app: &TestApp, path: &str) -> Value {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}

/// A deployment that ends in another way, or brings what another one brought.
fn told(id: u64, change: impl FnOnce(&mut Value)) -> Delivery {
    let mut body = deployment(id);
    change(&mut body);
    Delivery::new(body.to_string())
}

/// Four versions, the third again as a redeployment, a failed deployment, and a way back from the
/// fourth to the third.
async fn app() -> TestApp {
    let app = Plan::new("url = \"https://gitlab.example\"\n").start().await;
    let brings = |body: &mut Value, other: u64| {
        body["short_sha"] = deployment(other)["short_sha"].clone();
        body["commit_url"] = deployment(other)["commit_url"].clone();
    };
    for delivery in [
        told(1, |_| {}),
        told(2, |_| {}),
        told(3, |_| {}),
        told(4, |body| brings(body, 3)),
        told(5, |_| {}),
        told(6, |body| body["status"] = "failed".into()),
        told(7, |body| brings(body, 3)),
    ] {
        assert_eq!(app.deliver(&delivery).await, 200);
    }
    app.measure().await;
    app
}

fn by_name<'a>(rows: &'a Value, name: &str) -> &'a Value {
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row["name"] == name).unwrap_or_else(|| panic!("no row {name}"))
}

#[tokio::test]
async fn a_fail_ratio_is_explained_down_to_its_deployments() {
    let app = app().await;
    let answer =
        explained(&app, &at_explain(&format!("dora_change_fail_ratio{{{PRODUCTION}}}"))).await;
    // Counted are 1, 2, 3, 5 and the rollback 7; of these 5 failed.
    assert_eq!(answer["value"], 0.2);
    assert_eq!((&answer["formula"]["part"], &answer["formula"]["whole"]), (&1.into(), &5.into()));
    let rows = &answer["rows"];
    assert_eq!(rows.as_array().unwrap().len(), 5);
    let failed = by_name(rows, "5");
    assert_eq!(failed["counts"]["share"], serde_json::json!({ "part": 1, "whole": 1 }));
    let details = ["failed by rollback", "remedied by release 7", "recovered 2026-05-31T10:07:00Z"];
    assert_eq!(failed["details"], serde_json::json!(details));
    assert_eq!(failed["kind"], "change");
    assert_eq!(failed["deployments"][0]["environment"], "production");
    let commit = format!("https://gitlab.example/group/app/-/commit/{:040x}", 5);
    assert_eq!(failed["url"], commit);
    assert_eq!(by_name(rows, "7")["kind"], "rollback");

    let out = &answer["left_out"];
    assert_eq!(by_name(out, "4")["rule"], "redeploy");
    assert_eq!(by_name(out, "6")["rule"], "deployment_failed");
    assert_eq!(out.as_array().unwrap().len(), 2);
    assert!(app.stop().await.result.is_ok());
}

#[tokio::test]
async fn a_past_instant_sees_only_what_had_happened() {
    let app = app().await;
    let series = format!("dora_deployment_frequency_per_day{{{PRODUCTION}}}");
    let path = format!("{}&at=2026-05-31T10:02:30Z", at_explain(&series));
    let answer = explained(&app, &path).await;
    assert_eq!(answer["as_of"], "2026-05-31T10:02:30Z");
    assert_eq!(answer["rows"].as_array().unwrap().len(), 2);
    assert_eq!(answer["value"], 2.0 / 30.0);
    let scorecard =
        explained(&app, "/api/v1/scorecard?project=group/app&at=2026-05-31T10:02:30Z").await;
    let values = scorecard["projects"][0]["values"].as_array().unwrap();
    let shown = values.iter().find(|value| {
        value["metric"] == "dora_deployment_frequency_per_day" && value["labels"]["window"] == "30d"
    });
    assert_eq!(shown.unwrap()["value"], 2.0 / 30.0);
}

#[tokio::test]
async fn levels_of_the_survey_stand_beside_a_scorecard() {
    let app = app().await;
    let scorecard = explained(&app, "/api/v1/scorecard?project=group/app").await;
    assert_eq!(scorecard["survey"]["year"], 2024);
    assert_eq!(scorecard["survey"]["government"]["change_lead_time"], 4.8);
    let levels = scorecard["projects"][0]["levels"].as_array().unwrap();
    let of = |window: &str, question: &str| {
        levels.iter().find(|own| own["window"] == window && own["question"] == question).unwrap()
    };
    // Five counted releases in 30 days: between once a day and once a week.
    let frequency = of("30d", "deployment_frequency");
    assert_eq!(frequency["value"], 5.0 / 30.0);
    assert_eq!(frequency["level"], serde_json::json!({ "best": "high", "worst": "high" }));
    assert_eq!(frequency["score"], serde_json::json!({ "best": 6.0, "worst": 6.0 }));
    // That year's figures of the fail rate are no scale: no level is read into them.
    let failed = of("30d", "change_fail_rate");
    assert_eq!((&failed["value"], &failed["level"]), (&0.2.into(), &Value::Null));
    assert!(levels.iter().all(|own| own["question"] != "change_lead_time"), "no change is known");
    assert!(app.stop().await.result.is_ok());
}

#[tokio::test]
async fn what_does_not_exist_is_explained_too() {
    let app = app().await;
    for (series, rule) in [
        (
            r#"dora_change_lead_time_seconds{project="group/app",environment_tier="production",window="30d",clock="merge",stat="p50"}"#,
            "no_sample",
        ),
        (
            r#"dora_change_fail_ratio{project="group/app",environment_tier="staging",window="30d"}"#,
            "tier_unknown",
        ),
        (
            r#"dora_change_fail_ratio{project="group/app",environment_tier="development",window="30d"}"#,
            "tier_not_measured",
        ),
        (r#"dora_oldest_open_incident_age_seconds{project="group/app"}"#, "nothing_open"),
    ] {
        let answer = explained(&app, &at_explain(series)).await;
        assert_eq!(
            (&answer["value"], &answer["absent"]["rule"]),
            (&Value::Null, &rule.into()),
            "{series}"
        );
    }
}

#[tokio::test]
async fn labels_may_be_parameters_of_their_own() {
    let app = app().await;
    let series = format!("dora_window_deployments{{{PRODUCTION},kind=\"rollback\"}}");
    let one = explained(&app, &at_explain(&series)).await;
    let path = "/api/v1/explain?metric=dora_window_deployments&project=group/app\
                &environment_tier=production&window=30d&kind=rollback";
    assert_eq!(explained(&app, path).await, one);
    assert_eq!(one["value"], 1.0);
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_told_what_is_wrong_with_it() {
    let app = app().await;
    let refused = async |path: &str, status: u16, words: &str| {
        let answer: Answer = app.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["error"], words, "{path}");
    };
    let explain = "/api/v1/explain";
    let wanted = "wanted either series, or metric and a parameter for each of its labels";
    refused(explain, 422, wanted).await;
    refused(&format!("{explain}?series=a&metric=b"), 422, wanted).await;
    let mistyped = at_explain("dora_change_fail_ration{project=\"group/app\"}");
    let nearest = "no metric of that name is known; the nearest is dora_change_fail_ratio";
    refused(&mistyped, 422, nearest).await;
    let other = at_explain(&format!("dora_change_fail_ratio{{{PRODUCTION}}}").replace("app", "ap"));
    refused(&other, 404, "no project of that name is known; the nearest known is group/app").await;
    let window =
        at_explain(&format!("dora_change_fail_ratio{{{PRODUCTION}}}").replace("30d", "31d"));
    refused(&window, 422, "no series has that window; configured are 7d, 30d, 90d").await;
    let instant = format!("{explain}?series=dora_x&at=yesterday");
    refused(&instant, 422, "at is an instant like 2026-03-01T00:00:00Z").await;
    refused("/api/v1/scorecard?group=nobody", 404, "nothing of that name is known").await;
    let both = "wanted at most one of project, group, team; and at";
    refused("/api/v1/scorecard?group=a&team=b", 422, both).await;
    assert_eq!(app.ask(app.client().post(app.admin_url(explain))).await.status, 405);
}

#[tokio::test]
async fn explanations_stand_behind_the_door_of_the_administration() {
    let app = Plan::new("").set("server.admin_listen", "127.0.0.1:0").start().await;
    let public = async |path| {
        let request = app.client().get(app.url(path));
        app.ask(request).await.status
    };
    assert_eq!(public("/api/v1/explain").await, 404);
    assert_eq!(public("/api/v1/scorecard").await, 404);
    assert_eq!(app.get("/api/v1/scorecard").await.status, 200);
}

/// The instant of measure, as a scrape tells it.
fn instant(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds of this century")]
    let at = Timestamp::from_second(seconds as i64);
    jiff::Timestamp::from_second(at.as_second()).unwrap().to_string()
}

#[tokio::test]
async fn environments_beyond_the_limit_are_explained_together() {
    let app = Plan::new("url = \"https://gitlab.example\"\n").start().await;
    for id in 1..=70 {
        let name = format!("production-{id:02}");
        let delivery = told(id, |body| body["environment"] = name.into());
        assert_eq!(app.deliver(&delivery).await, 200);
    }
    let samples = app.measure().await;
    let rest = r#"dora_deployments_total{project="group/app",environment="*",environment_tier="production",status="success",kind="first"}"#;
    let answer = explained(&app, &at_explain(rest)).await;
    assert_eq!(answer["value"].as_f64(), samples.value(rest));
    assert_eq!(answer["value"], 6.0);
    let rows = answer["rows"].as_array().unwrap().iter();
    let mut named: Vec<&str> =
        rows.map(|row| row["deployments"][0]["environment"].as_str().unwrap()).collect();
    named.sort_unstable();
    let beyond: Vec<String> = (65..=70).map(|id| format!("production-{id:02}")).collect();
    assert_eq!(named, beyond);
    let last = rest.replace('*', "production-64");
    assert_eq!(explained(&app, &at_explain(&last)).await["value"], 1.0);
    assert!(app.stop().await.result.is_ok());
}
