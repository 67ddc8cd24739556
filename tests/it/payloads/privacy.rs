//! Nothing that people write, and nobody, leaves a trace: not on disk, not in what is exposed, not
//! in the logs. A failing test names file and JSON path, and never the text.

mod canaries;
mod probes;

use crate::support::TestApp;
use crate::support::process::{Place as Folder, http_client, signed};

use super::folders::{Payload, outside, own, say};
use super::places::{Place, answers, files};
use super::send;
use canaries::poisoned;
use probes::{Looked, Probes, probes};

/// Sends payloads, lets them be measured, and gives every place that they could have got to.
async fn traces(payloads: &[Payload]) -> Vec<Place> {
    let app = TestApp::start().await;
    // A project that is gone is shown no more: what says so comes last, after a look.
    let (last, first): (Vec<_>, Vec<_>) =
        payloads.iter().cloned().partition(|payload| payload.name.contains("destroy"));
    let mut places = Vec::new();
    for (round, payloads) in [("first", first), ("last", last)] {
        send(&app, round, &payloads).await;
        places.extend(files(&app.plan().store()));
        app.measure().await;
        places.extend(answers(&app).await);
    }
    assert!(places.iter().any(|place| place.name.ends_with("-wal")), "the log is looked through");
    let stopped = app.stop().await;
    places.extend(files(&stopped.directory()));
    places
}

/// What the program says of a few hooks without being told any of `payloads`: its own words.
async fn own_words() -> Vec<Place> {
    traces(&own()).await
}

/// The real binary's folder after it was sent `payloads`: its log, at its most talkative, and its
/// store.
async fn traces_of_the_binary(payloads: &[Payload]) -> Vec<Place> {
    let folder = Folder::new("");
    let served = folder.serve_with(&[("GITLAB_DORA_LOG__LEVEL", "trace")]).await;
    let client = http_client();
    let url = folder.url("/webhooks/gitlab");
    for (place, payload) in payloads.iter().enumerate() {
        let request = (payload.event(), payload.body.clone());
        let answer = signed(&client, &url, &format!("a-{place}"), request).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{}", payload.name);
    }
    assert_eq!(served.terminate(), Some(0));
    let places = files(folder.config().parent().unwrap());
    let log = places.iter().find(|place| place.name == "log").expect("a log");
    assert!(log.holds("TRACE"), "it tells everything");
    places
}

/// Without a find that must be there, a search that finds nothing means nothing.
fn assert_found(known: &str, places: &[Place], where_kept: &[&str]) {
    for kept in where_kept {
        let mut named = places.iter().filter(|place| place.name.starts_with(kept));
        assert!(named.any(|place| place.holds(known)), "a project's path is not found in {kept}");
    }
}

fn assert_no_trace(probes: &Probes, places: &[Place]) {
    let found: Vec<String> = places
        .iter()
        .flat_map(|place| {
            probes.found_in(&place.bytes).into_iter().map(|probe| format!("{} {probe}", place.name))
        })
        .collect();
    assert!(found.is_empty(), "{} traces:\n{}", found.len(), found.join("\n"));
}

/// What to look for in real hooks; fails when that is hardly anything.
async fn looked_for(payloads: &[Payload]) -> Looked {
    let looked = probes(payloads, &own_words().await);
    let Looked { probes, texts, passed_over, .. } = &looked;
    say(&format!("{texts} texts of real hooks are looked for, {passed_over} passed over"));
    assert!(*texts > 400 && *passed_over < texts / 8, "{texts} texts, {passed_over} passed over");
    let found = |payload: &&Payload| !probes.found_in(&payload.body).is_empty();
    let telling = payloads.iter().filter(found).count();
    assert!(telling > payloads.len() / 10 * 9, "found in {telling} of {} files", payloads.len());
    looked
}

#[tokio::test]
async fn no_text_of_a_real_hook_is_kept_or_shown() {
    let Some(payloads) = outside() else { return };
    let looked = looked_for(&payloads).await;
    let places = traces(&payloads).await;
    assert_found(&looked.path, &places, &["store.sqlite3-wal", "store.sqlite3"]);
    assert_no_trace(&looked.probes, &places);
}

#[tokio::test]
async fn no_text_of_a_real_hook_is_logged() {
    let Some(payloads) = outside() else { return };
    let looked = looked_for(&payloads).await;
    assert_no_trace(&looked.probes, &traces_of_the_binary(&payloads).await);
}

#[tokio::test]
async fn no_canary_in_our_hooks_is_kept_or_shown() {
    let (payloads, probes) = poisoned(&own());
    let places = traces(&payloads).await;
    let shown = ["store.sqlite3-wal", "store.sqlite3", "/metrics", "/ (", "/setup"];
    assert_found("harbour/ferry", &places, &shown);
    assert_no_trace(&probes, &places);
}

#[tokio::test]
async fn no_canary_in_our_hooks_is_logged() {
    let (payloads, probes) = poisoned(&own());
    assert_no_trace(&probes, &traces_of_the_binary(&payloads).await);
}
