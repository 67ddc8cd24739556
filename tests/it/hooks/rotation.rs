//! Tokens of hooks: which is sent, what an old GitLab makes of it, and how one is changed for
//! another without losing an event.

use std::fs;

use serde_json::json;

use super::{Office, SYNC};
use crate::support::fake_gitlab::Kept;
use crate::support::process::{Served, TOKEN, http_client, signed};

const OLD: &str = "an-invented-old-secret-of-a-test-000";
const NEW: &str = "an-invented-new-secret-of-a-test-111";
const NEW_SIGNING: &str = "whsec_YW5vdGhlcmFub3RoZXJhbm90aGVyYW5vdGhlcmtleSE=";

/// Delivers something as the hook would, with the tokens that it has, and gives the answer.
async fn fire(office: &Office, hook: &Kept, id: &str) -> u16 {
    let body = json!({"object_kind": "push", "project": {"id": 7, "path_with_namespace": "a/b"}});
    let mut request = http_client()
        .post(office.place.url("/webhooks/gitlab"))
        .header("content-type", "application/json")
        .header("x-gitlab-event", "Push Hook")
        .header("webhook-id", id);
    if let Some(token) = &hook.token {
        request = request.header("x-gitlab-token", token);
    }
    request.body(body.to_string()).send().await.unwrap().status().as_u16()
}

/// Writes other secret tokens into the configuration and has the program read it again.
async fn configure(office: &Office, served: &Served, before: &str, after: &str) {
    let text = fs::read_to_string(office.place.config()).unwrap();
    assert!(text.contains(before), "{text}");
    fs::write(office.place.config(), text.replace(before, after)).unwrap();
    served.signal("-HUP");
    // The same by the other door, which answers when it is done.
    let reload = http_client().post(office.place.url("/-/reload"));
    assert_eq!(reload.send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_changed_for_another_without_losing_an_event() {
    let office = Office::with(&format!("secret_tokens = [\"{OLD}\"]\n")).await;
    office.gitlab.world().version = "18.5.0".to_owned();
    let yes = [&SYNC[..], &["--yes"]].concat();
    office.run(&yes).await;
    let served = office.place.serve().await;
    assert_eq!(fire(&office, &office.only("projects/7"), "a1").await, 200);

    // The new one is added at the end of the list, and both are believed.
    let both = format!("[\"{OLD}\", \"{NEW}\"]");
    configure(&office, &served, &format!("[\"{OLD}\"]"), &both).await;
    assert_eq!(fire(&office, &office.only("projects/7"), "a2").await, 200);
    let told = office.run(&yes).await;
    assert!(told.out.contains("its tokens are sent again"), "{}", told.out);
    let hook = office.only("projects/7");
    assert_eq!(hook.token.as_deref(), Some(NEW), "the last of the list is sent");
    assert_eq!(fire(&office, &hook, "a3").await, 200);

    // Once the hook has it, the old one goes.
    configure(&office, &served, &both, &format!("[\"{NEW}\"]")).await;
    assert_eq!(fire(&office, &hook, "a4").await, 200);
    let mut stale = hook;
    stale.token = Some(OLD.to_owned());
    assert_eq!(fire(&office, &stale, "a5").await, 401);
    assert_eq!(served.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_gitlab_keeps_the_secret_token_and_it_is_said() {
    let office = Office::with(&format!("secret_tokens = [\"{NEW}\"]\n")).await;
    office.gitlab.world().version = "18.11.2".to_owned();
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains("keeps no signing token (before 19.0)"), "{}", told.out);
    let hook = office.only("projects/7");
    assert_eq!((hook.token.as_deref(), hook.signing_token), (Some(NEW), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_could_prove_nothing_is_not_made() {
    let office = Office::with("").await;
    office.gitlab.world().version = "18.11.2".to_owned();
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(told.err.contains("knows no signing tokens"), "{}", told.err);
    assert!(told.err.contains("try: add secret_tokens"), "{}", told.err);
    assert_eq!(office.gitlab.world().hooks.len(), 0);
    let changed = office.gitlab.take_seen().iter().any(|seen| seen.method != "GET");
    assert!(!changed, "it is found out before anything is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gitlab_that_does_not_tell_its_version_is_found_out_by_the_hook_itself() {
    let office = Office::with("").await;
    office.gitlab.world().version = "18.11.2".to_owned();
    office.gitlab.refuse("metadata", 403);
    office.gitlab.refuse("version", 403);
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(4), "{told:?}");
    assert_eq!(office.gitlab.world().hooks.len(), 0, "taken away again");
    assert!(office.gitlab.take_seen().iter().any(|seen| seen.method == "DELETE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_token_alone_is_enough_for_a_new_gitlab() {
    let office = Office::with("").await;
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let hook = office.only("projects/7");
    assert_eq!((hook.token, hook.signing_token.as_deref()), (None, Some(TOKEN)));
    // What the hook signs with is what the program believes.
    let served = office.place.serve().await;
    let body = json!({"object_kind": "push", "project": {"id": 7, "path_with_namespace": "a/b"}});
    let request = ("Push Hook", body.to_string().into_bytes());
    let url = office.place.url("/webhooks/gitlab");
    let answer = signed(&http_client(), &url, "a1", request).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    drop(served);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_signing_tokens_the_last_is_sent() {
    let office = Office::with("").await;
    let text = fs::read_to_string(office.place.config()).unwrap();
    let both = format!("signing_tokens = [\"{TOKEN}\", \"{NEW_SIGNING}\"]");
    let text = text.replace(&format!("signing_tokens = [\"{TOKEN}\"]"), &both);
    fs::write(office.place.config(), text).unwrap();
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(office.only("projects/7").signing_token.as_deref(), Some(NEW_SIGNING));
}
