//! `doctor` finds what is wrong, says what to do, and ends as it found.

mod broken;
mod probe;
mod prometheus;
mod serving;

use std::fs;

use serde_json::{Value, json};

use crate::hooks::{Office, SYNC, Told, URL};
use crate::support::fake_gitlab::{Fault, Listener, Reply, refusal};
use crate::support::process::{Place, http_client, signed};
use crate::support::wait_until;

/// The findings of a run, as `level area: what`.
fn findings(told: &Told) -> Vec<String> {
    let report: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{told:?}"));
    let line = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let needs_advice = text("level") != "ok";
        assert!(!needs_advice || finding["try"].is_string(), "nothing to do about {finding}");
        let gitlab = finding["gitlab"].as_str().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{} {}{gitlab}: {}", text("level"), text("area"), text("what"))
    };
    report["findings"].as_array().unwrap().iter().map(line).collect()
}

#[track_caller]
fn assert_found(told: &Told, part: &str) {
    let findings = findings(told);
    assert!(findings.iter().any(|line| line.contains(part)), "no {part:?} in {findings:#?}");
}

/// Has the exporter hear of two projects: one in production and in doubtful stages, one that only
/// pushes.
async fn heard(office: &Office) {
    let served = office.place.serve().await;
    let deployment = |id: u64, environment: &str, tier: &str| {
        json!({
            "object_kind": "deployment", "status": "success",
            "status_changed_at": "2026-05-31 10:00:00 UTC", "deployment_id": id,
            "environment": environment, "environment_tier": tier, "ref": "main",
            "project": {"id": 7, "path_with_namespace": "shop/cart", "default_branch": "main"},
            "commit_url": format!("https://gitlab.example/shop/cart/-/commit/{id:040x}"),
        })
    };
    let project = json!({"id": 8, "path_with_namespace": "shop/till", "default_branch": "main"});
    let push = json!({
        "object_kind": "push", "ref": "refs/heads/main", "project": project, "commits": [],
        "before": format!("{:040x}", 1), "after": format!("{:040x}", 2),
    });
    let sent = [
        ("Deployment Hook", deployment(1, "production", "production")),
        ("Deployment Hook", deployment(2, "preprod-blue", "production")),
        ("Deployment Hook", deployment(3, "formation", "other")),
        ("Push Hook", push),
    ];
    for (place, (event, body)) in sent.into_iter().enumerate() {
        let url = office.place.url("/webhooks/gitlab");
        let body = (event, body.to_string().into_bytes());
        let request = signed(&http_client(), &url, &format!("a{place}"), body);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    assert_eq!(served.terminate(), Some(0));
}

const DOCTOR: [&str; 2] = ["doctor", "--json"];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sound_is_said_to_be_and_what_lacks_is_told() {
    let office = Office::open().await;
    heard(&office).await;
    office.gitlab.refuse("groups/", 404);
    let told = office.run(&DOCTOR).await;
    let gitlab = office.gitlab.url();
    for part in [
        "ok configuration: every setting can be used",
        "ok store: it can be read and knows 2 projects",
        &format!("ok gitlab main: {gitlab} is GitLab 19.4"),
        "ok gitlab main: the token may read and set up hooks (api)",
        "note numbers: 1 of 2 projects have sent no deployment event: shop/till",
        "note numbers: 2 of 2 projects have sent no merge request event: shop/cart, shop/till",
        "warning numbers: preprod-blue is measured as production: shop/cart",
        "warning numbers: formation is measured as other: shop/cart",
        "warning hooks main: 2 projects have no hook of ours: shop/cart, shop/till",
    ] {
        assert_found(&told, part);
    }
    assert!(
        office.gitlab.take_seen().iter().all(|seen| seen.method == "GET"),
        "it changes nothing"
    );
    assert_eq!(told.code, Some(0), "warnings alone are no failure: {told:?}");
    let strict = office.run(&["doctor", "--json", "--strict"]).await;
    assert_eq!(strict.code, Some(1));
    let text = office.run(&["doctor"]).await;
    assert!(text.out.contains("\n         try: environment: deployment_tier"), "{}", text.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_hook_and_failing_deliveries_are_found() {
    let office = Office::open().await;
    heard(&office).await;
    office.gitlab.refuse("groups/", 404);
    office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    let id = office.only("projects/7").shown["id"].to_string();
    {
        let mut world = office.gitlab.world();
        let now = world.now;
        world.hooks[0].shown.insert("deployment_events".to_owned(), json!(false));
        for _ in 0..4 {
            world.hooks[0].fails(now);
        }
    }
    let delivered = |status: &str| json!({"id": 1, "url": URL, "response_status": status});
    let log = vec![delivered("internal error"), delivered("200"), delivered("503")];
    office.gitlab.put(&format!("projects/7/hooks/{id}/events"), log);
    let told = office.run(&DOCTOR).await;
    let expected = [
        format!("warning hooks main: shop/cart: hook {id} is not as it should be: deployment on"),
        format!("failure hooks main: shop/cart: hook {id} is temporarily_disabled"),
        format!("hook {id}: 2 of its last 3 deliveries failed, the last one was answered internal"),
    ];
    for part in expected {
        assert_found(&told, &part);
    }
    assert_eq!(told.code, Some(1), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_or_may_too_little_is_found() {
    let office = Office::open().await;
    heard(&office).await;
    for (own, expected, code) in [
        (
            json!({"scopes": ["read_user"], "expires_at": null}),
            "failure gitlab main: the token may not read",
            4,
        ),
        (
            json!({"scopes": ["read_api"], "expires_at": "2020-01-01"}),
            "warning gitlab main: the token ends in 0 days",
            0,
        ),
    ] {
        office.gitlab.put_one("personal_access_tokens/self", own);
        office.gitlab.refuse("groups/", 404);
        office.gitlab.refuse("projects/", 404);
        let told = office.run(&DOCTOR).await;
        assert_found(&told, expected);
        assert_eq!(told.code, Some(code), "{told:?}");
    }
    office.gitlab.fault("metadata", Fault::Instead(refusal(401, "401 Unauthorized")));
    let told = office.run(&DOCTOR).await;
    assert_found(&told, "failure gitlab main: GitLab does not accept the token");
    assert_eq!(told.code, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_gitlab_and_a_wrong_clock_are_found() {
    let office = Office::open().await;
    heard(&office).await;
    office.gitlab.refuse("groups/", 404);
    office.gitlab.world().version = "16.0.4".to_owned();
    let long_ago = "Mon, 01 Jun 2020 12:00:00 GMT".to_owned();
    office.gitlab.fault("metadata", Fault::With(vec![("date", long_ago)]));
    let told = office.run(&DOCTOR).await;
    for part in ["tell no tier", "no milestone events", "no signing tokens"] {
        assert_found(&told, part);
    }
    assert_found(&told, "signed deliveries are refused");
    assert_eq!(told.code, Some(1), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_store_or_with_a_wrong_configuration_that_is_what_it_says() {
    let office = Office::open().await;
    let told = office.run(&DOCTOR).await;
    assert_found(&told, "failure store: ");
    assert_eq!(told.code, Some(5), "{told:?}");
    let text = fs::read_to_string(office.place.config()).unwrap();
    fs::write(office.place.config(), format!("{text}\n[log]\nlevle = 1\n")).unwrap();
    let told = office.run(&DOCTOR).await;
    assert_found(&told, "failure configuration: log.levle is not a setting");
    assert_eq!(told.code, Some(3));
}

/// A place whose public address is `url`.
fn at(url: &str) -> Place {
    let place = Place::new("");
    place.is_reached_by(url);
    place
}

async fn looked(place: &Place) -> Told {
    looked_with(place, &DOCTOR).await
}

async fn looked_with(place: &Place, arguments: &[&str]) -> Told {
    Told::from(place.run_async(arguments).await)
}

/// Waits for the first snapshot of an exporter that was just started.
async fn is_ready(place: &Place) {
    let client = http_client();
    wait_until("it is ready", async || {
        let answer = client.get(place.url("/-/ready")).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
}

/// The codes of the findings of a run.
fn codes(told: &Told) -> Vec<String> {
    let report: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{told:?}"));
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_before_the_address_is_found() {
    for (reply, expected) in [
        (refusal(302, "").header("location", "https://login.example.com/x"), "points to login"),
        (Reply::json(200, &json!({})), "answers 200, which is not the exporter's answer"),
        (refusal(404, ""), "answers 404, which is not the exporter's answer"),
    ] {
        let proxy = Listener::start(move |_| reply.clone()).await;
        let told = looked(&at(&format!("http://{}", proxy.address))).await;
        assert_found(&told, &format!("failure address: http://{}", proxy.address));
        assert_found(&told, expected);
    }
    let told = looked(&at("http://127.0.0.1:1")).await;
    assert_found(&told, "warning address: http://127.0.0.1:1/webhooks/gitlab does not answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exporter_itself_is_known_by_its_answer() {
    let place = Place::new("");
    place.know_own_address();
    let served = place.serve().await;
    is_ready(&place).await;
    let told = looked(&place).await;
    assert_found(&told, "/webhooks/gitlab is answered by the exporter");
    assert_found(&told, "note gitlab: no GitLab has a token");
    assert_eq!(told.code, Some(0), "{told:?}");
    drop(served);
}
