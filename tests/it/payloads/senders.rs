//! The same statement told by several hooks, each in its own form, is one fact.

use serde_json::{Value, json};

use super::folders::{Payload, own};
use super::ingest;

fn ours(name: &str) -> Payload {
    let found = own().into_iter().find(|payload| payload.name == format!("{name}.json"));
    found.unwrap_or_else(|| panic!("no fixture {name}"))
}

/// The same payload with a few things changed, as if it came from elsewhere.
fn changed(payload: &Payload, name: &str, change: impl FnOnce(&mut Value)) -> Payload {
    let mut json = payload.json();
    change(&mut json);
    Payload { name: name.to_owned(), body: json.to_string().into_bytes() }
}

fn drop_members(json: &mut Value, keys: &[&str]) {
    let members = json.as_object_mut().unwrap();
    for key in keys {
        members.remove(*key).expect("a member to drop");
    }
}

#[tokio::test]
async fn a_group_hook_beside_the_project_hook_changes_nothing() {
    let payloads = own();
    let one = ingest(&[("project", &payloads)]).await;
    // Both hooks send each event with an id of their own, one shortly after the other.
    let pairs: Vec<_> = payloads.iter().flat_map(|it| [it.clone(), it.clone()]).collect();
    let both = ingest(&[("both", &pairs)]).await;
    assert_eq!(both.digest, one.digest);
    assert_eq!(both.journal.len(), 2 * payloads.len());
}

#[tokio::test]
async fn the_push_of_a_system_hook_adds_nothing_to_the_project_hooks() {
    let push = ours("push-direct-18x");
    // A system hook tells `event_name` only, and lists no commits.
    let system = changed(&push, "push-system", |json| {
        drop_members(json, &["object_kind"]);
        json["event_name"] = json!("push");
        json["commits"] = json!([]);
    });
    assert_eq!((push.event(), system.event()), ("Push Hook", "System Hook"));
    let one = ingest(&[("project", std::slice::from_ref(&push))]).await;
    let both = ingest(&[("both", &[push.clone(), system.clone()])]).await;
    let first = ingest(&[("first", &[system, push])]).await;
    assert!(one.digest.facts > 1);
    assert_eq!((both.digest, first.digest), (one.digest, one.digest));
}

#[tokio::test]
async fn the_push_of_a_system_hook_alone_tells_the_push() {
    let push = ours("push-direct-18x");
    let system = changed(&push, "push-system", |json| {
        drop_members(json, &["object_kind"]);
        json["event_name"] = json!("push");
    });
    let one = ingest(&[("project", std::slice::from_ref(&push))]).await;
    let other = ingest(&[("system", &[system])]).await;
    assert_eq!(other.digest, one.digest);
}

#[tokio::test]
async fn the_merge_request_of_a_system_hook_adds_nothing_to_the_project_hooks() {
    let merged = ours("merge_request-merge-19x");
    let system = changed(&merged, "merge_request-system", |json| {
        // Repeated by every kind of hook; a system hook says nothing more.
        json["event_type"] = json!("merge_request");
    });
    assert_eq!((merged.event(), system.event()), ("Merge Request Hook", "System Hook"));
    let one = ingest(&[("project", std::slice::from_ref(&merged))]).await;
    let both = ingest(&[("both", &[system, merged])]).await;
    assert!(one.digest.facts > 1);
    assert_eq!(both.digest, one.digest);
}
