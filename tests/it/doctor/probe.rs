//! `doctor --e2e`: probes of a real exporter through proxies that misbehave.

use gitlab_dora_exporter::proof::{Nonce, SigningToken, probe_body};
use serde_json::{Value, json};

use super::{assert_found, at, codes, looked_with};
use crate::hooks::Told;
use crate::support::fake_gitlab::{Reply, refusal};
use crate::support::process::{Place, TOKEN, http_client, signed};
use crate::support::proxy::{Passing, Proxy, Way};

const E2E: [&str; 4] = ["doctor", "--json", "--e2e", "--only=address"];

fn on(passing: Passing) -> Way {
    Way::On(passing, Vec::new())
}

fn html(status: u16) -> Way {
    let body = b"<!doctype html><title>Log in</title>".to_vec();
    Way::Back(
        Reply { body, ..Reply::json(status, &Value::Null) }.header("content-type", "text/html"),
    )
}

/// What `doctor` says of an exporter behind a proxy that does this to deliveries.
async fn behind(meddle: impl Fn(Passing) -> Way + Send + Sync + 'static) -> Told {
    let place = Place::new("");
    let proxy = Proxy::before(place.url(""), move |passing| {
        // What is read goes through: only deliveries fare badly.
        if passing.method == "POST" { meddle(passing) } else { on(passing) }
    })
    .await;
    place.is_reached_by(&format!("http://{}", proxy.address));
    let served = place.serve().await;
    let told = looked_with(&place, &E2E).await;
    assert_eq!(served.terminate(), Some(0));
    let kept = place.store().scan(None, 1).unwrap();
    assert!(kept.is_empty(), "nothing of a probe is kept");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_way_is_open_every_probe_comes_back() {
    let place = Place::new("");
    place.know_own_address();
    let served = place.serve().await;
    let told = looked_with(&place, &E2E).await;
    let codes = codes(&told);
    for code in ["address_answers", "probe_arrives", "probe_large"] {
        assert!(codes.contains(&code.to_owned()), "{code} in {told:?}");
    }
    assert_eq!(told.code, Some(0), "{told:?}");
    drop(served);
}

/// What a proxy does to a delivery.
type Meddle = Box<dyn Fn(Passing) -> Way + Send + Sync>;

fn without(name: &'static str) -> Meddle {
    Box::new(move |mut passing| {
        passing.headers.retain(|(own, _)| own != name);
        on(passing)
    })
}

fn login(_: Passing) -> Way {
    Way::Back(refusal(302, "").header("location", "https://login.example.com/?to=x"))
}

fn changed(mut passing: Passing) -> Way {
    passing.body.push(b'\n');
    on(passing)
}

fn repeated(mut passing: Passing) -> Way {
    let own = passing.headers.iter().find(|(name, _)| name == "webhook-id").cloned();
    passing.headers.extend(own);
    on(passing)
}

/// The same delivery as of six years ago, rightly signed.
fn stale(mut passing: Passing) -> Way {
    let (id, long_ago) = ("x", "1600000000");
    let token = SigningToken::parse(TOKEN).unwrap();
    let signature = token.sign(id.as_bytes(), long_ago.as_bytes(), &passing.body);
    passing.headers.retain(|(name, _)| !name.starts_with("webhook-"));
    let proof = [("id", id), ("timestamp", long_ago), ("signature", &signature)];
    let proof = proof.map(|(name, value)| (format!("webhook-{name}"), value.to_owned()));
    passing.headers.extend(proof);
    on(passing)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_on_the_way_is_told_apart() {
    let older = || Way::Back(Reply::json(200, &json!({"status": "ignored"})));
    let cases: Vec<(&str, Meddle)> = vec![
        ("probe_stripped", without("webhook-signature")),
        ("probe_stripped", without("webhook-id")),
        ("probe_redirected", Box::new(login)),
        ("probe_lost", Box::new(|_| html(200))),
        ("probe_old", Box::new(move |_| older())),
        ("probe_blocked", Box::new(|_| html(403))),
        ("probe_down", Box::new(|_| html(502))),
        ("probe_changed", Box::new(changed)),
        ("probe_repeated", Box::new(repeated)),
        ("probe_stale", Box::new(stale)),
    ];
    for (code, meddle) in cases {
        let told = behind(meddle).await;
        assert_eq!(codes(&told).last().map(String::as_str), Some(code), "{told:?}");
        assert_eq!(told.code, Some(1), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_filters_and_what_holds_back_are_found() {
    let told =
        behind(|passing| if passing.body.len() > 3 << 20 { html(413) } else { on(passing) }).await;
    assert_found(&told, "takes bodies of 2 MiB, and not of the 25 MiB");
    assert_eq!(told.code, Some(1), "{told:?}");

    let told = behind(|passing| {
        let odd = passing.body.windows(8).take(4_096).any(|window| window == b"<script>");
        if odd { html(403) } else { Way::On(passing, vec![("x-cache", "miss")]) }
    })
    .await;
    assert!(codes(&told).contains(&"probe_censored".to_owned()), "{told:?}");
    assert!(codes(&told).contains(&"probe_buffered".to_owned()), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_or_an_answer_that_is_what_it_says() {
    let told = looked_with(&Place::new(""), &E2E).await;
    assert!(codes(&told).contains(&"probe_impossible".to_owned()), "{told:?}");
    assert_eq!(told.code, Some(1));
    let told = looked_with(&at("http://127.0.0.1:1"), &E2E).await;
    assert!(codes(&told).contains(&"probe_silent".to_owned()), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_proved_probe_is_answered_with_its_nonce_and_nothing_is_counted() {
    let place = Place::new("");
    let served = place.serve().await;
    let (client, url) = (http_client(), place.url("/webhooks/gitlab"));
    let nonce = Nonce::of(0xfeed);
    let body = probe_body(&nonce, "", 0).into_bytes();
    let metrics =
        async || client.get(place.url("/metrics")).send().await.unwrap().text().await.unwrap();
    let counted = |metrics: &str| {
        let is_of_deliveries = |line: &&str| {
            ["webhooks_accepted_total", "webhook_ack_duration", "last_event", "secret_last_used"]
                .iter()
                .any(|name| line.starts_with(&format!("gitlab_dora_exporter_{name}")))
        };
        metrics.lines().filter(is_of_deliveries).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = counted(&metrics().await);

    let answer = signed(&client, &url, "a", ("X", body.clone())).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!((&answer["status"], &answer["nonce"]), (&json!("probe"), &json!(nonce.as_str())));
    assert_eq!(answer["bytes"], json!(body.len()));

    let forged = [
        client.post(&url).body(body.clone()),
        client.post(&url).header("x-gitlab-token", "wrong").body(body.clone()),
        signed(&client, &url, "b", ("X", body.clone())).body([&body[..], b" "].concat()),
    ];
    for request in forged {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.text().await.unwrap(), r#"{"error":"unauthorized"}"#);
    }
    assert_eq!(counted(&metrics().await), before, "a probe is no delivery");
    assert_eq!(served.terminate(), Some(0));
    assert!(place.store().scan(None, 1).unwrap().is_empty());
}
