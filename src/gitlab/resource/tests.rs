//! What is kept of a resource, and that nothing else is.

use serde_json::{Value, json};

use super::{Resource, Within, elements, identity, scrub_resource};
use crate::delivery::{Iid, ProjectId};
use crate::gitlab::fixtures::{INSTANCE, pseudonyms};
use crate::record::{Channel, Record, Unread};

fn within() -> Within<'static> {
    Within::project(ProjectId::new(7).unwrap())
}

fn scrubbed(resource: Resource, within: Within<'_>, body: &str) -> Result<Record, Unread> {
    scrub_resource(INSTANCE, (resource, within), body, &pseudonyms())
}

fn kept(resource: Resource, within: Within<'_>, body: &Value) -> Value {
    let record = scrubbed(resource, within, &body.to_string()).unwrap();
    assert_eq!((record.channel, record.kind.as_str()), (Channel::Api, resource.as_str()));
    serde_json::from_slice(&record.json).unwrap()
}

fn person(id: u64) -> String {
    let hash = *pseudonyms().person(INSTANCE, id).as_bytes();
    format!("{:032x}", u128::from_be_bytes(hash))
}

#[test]
fn a_page_is_a_list_of_elements_as_they_stand_in_it() {
    assert_eq!(elements(r#" [ {"a": [1, 2]} , 3 ] "#).unwrap(), [r#"{"a": [1, 2]}"#, "3"]);
    assert_eq!(elements("[]").unwrap(), Vec::<&str>::new());
    for page in ["", "{}", "[", "[1", "[1,]", "[1] 2", "null", "\"[]\""] {
        assert!(elements(page).is_none(), "{page}");
    }
}

#[test]
fn a_merge_request_keeps_what_is_listed_and_its_author_as_a_hash() {
    let body = json!({
        "id": 1, "iid": 3, "project_id": 9, "title": "T", "description": "This reverts merge request !2",
        "state": "merged", "merged_at": "2026-01-01T00:00:00.123Z", "sha": "ab".repeat(20),
        "author": {"id": 5, "username": "project_7_bot_x", "name": "N", "avatar_url": "u"},
        "merge_user": {"id": 6, "username": "m"}, "labels": ["hotfix"], "web_url": "https://x",
        "milestone": {"id": 4, "title": "M"}, "reviewers": [{"id": 8, "username": "r"}],
    });
    let wanted = json!({
        "project_id": 7, "id": 1, "iid": 3, "state": "merged",
        "merged_at": "2026-01-01T00:00:00.123Z", "sha": "ab".repeat(20),
        "labels": ["hotfix"], "milestone": {"id": 4},
        "derived": {
            "author": person(5), "author_excluded": true, "described": true,
            "reverts_merge_request": 2,
        },
    });
    assert_eq!(kept(Resource::MergeRequest, within(), &body), wanted);
}

#[test]
fn a_commit_stands_beside_what_it_belongs_to() {
    let body = json!({
        "id": "ab".repeat(20), "parent_ids": ["cd".repeat(20)], "title": "Round",
        "message": "Round\n\n(cherry picked from commit 1111111111111111111111111111111111111111)",
        "author_name": "Ada", "author_email": "ada@example.org",
        "authored_date": "2026-01-01T00:00:00Z", "committer_name": "Bob",
    });
    let of_branch = Within { branch: Some("feature/\"x\""), ..within() };
    let line = kept(Resource::Commit, of_branch, &body);
    assert_eq!(line["branch"], "feature/\"x\"");
    assert_eq!(line["commit"]["parent_ids"], json!(["cd".repeat(20)]));
    assert_eq!(line["commit"]["derived"]["picked_from"], "1".repeat(40));
    assert!(line["commit"]["derived"]["identity"].is_string());
    let of_request = Within { merge_request: Some(Iid::new(3).unwrap()), ..within() };
    let listed = kept(Resource::MergeRequestCommit, of_request, &body);
    assert_eq!((&listed["merge_request"], &listed["branch"]), (&json!(3), &Value::Null));
    let text = line.to_string();
    for gone in ["Ada", "ada@", "Bob", "Round"] {
        assert!(!text.contains(gone), "{gone}");
    }
}

#[test]
fn an_issue_tells_whether_it_repeats_another_without_keeping_the_link() {
    let of = |links: Value| kept(Resource::Issue, within(), &json!({"iid": 1, "_links": links}));
    assert_eq!(of(json!({"self": "https://x"})), json!({"project_id": 7, "iid": 1}));
    let link = json!({"closed_as_duplicate_of": "https://x/issues/2"});
    assert_eq!(of(link)["derived"], json!({"duplicate": true}));
    let none = json!({"closed_as_duplicate_of": null});
    assert_eq!(of(none)["derived"], json!({"no_duplicate": true}));
}

#[test]
fn what_gitlab_notes_of_itself_is_told_from_what_it_says() {
    let of = |body: &str| {
        let note = json!({"id": 1, "system": true, "body": body, "author": {"id": 5}});
        kept(Resource::MergeRequestNote, within(), &note)["derived"]["act"].clone()
    };
    assert_eq!(of("approved this merge request"), "approved");
    assert_eq!(of("marked this merge request as **ready**"), "ready");
    assert_eq!(of("marked this merge request as **draft** from abc"), "draft");
    assert_eq!(of("added 2 commits"), Value::Null);
}

#[test]
fn nothing_that_people_write_and_no_unlisted_key_is_kept_of_any_resource() {
    for resource in Resource::ALL {
        let canary = "canary-7f3a";
        let body = json!({
            "id": 1, "name": "n", "title": canary, "description": canary, "body": canary,
            "message": canary, "author_name": canary, "author_email": canary, "web_url": canary,
            "author": {"id": 5, "username": canary, "name": canary, "avatar_url": canary},
            "assignees": [{"username": canary}], "user": {"name": canary}, "unheard_of": canary,
            "deployable": {"name": "n", "user": {"name": canary}, "commit": {"title": canary}},
            "environment": {"name": "n", "external_url": canary},
            "milestone": {"id": 2, "title": canary}, "commit": {"id": canary.len(), "title": canary},
            "_links": {"closed_as_duplicate_of": canary},
        });
        let record = scrubbed(resource, within(), &body.to_string()).unwrap();
        let text = String::from_utf8(record.json.into_vec()).unwrap();
        assert!(!text.contains(canary), "{resource:?}: {text}");
    }
}

#[test]
fn what_is_no_object_or_says_a_key_twice_is_not_read() {
    for body in ["", "[]", "null", "{", "{\"id\": 1", "{\"id\": 1} x", r#"{"id": 1, "id": 2}"#] {
        for resource in [Resource::Issue, Resource::Commit] {
            assert!(scrubbed(resource, within(), body).is_err(), "{resource:?} {body}");
        }
    }
}

#[test]
fn the_same_state_has_the_same_name_and_another_state_another() {
    let name = |resource, body: &str| identity(&scrubbed(resource, within(), body).unwrap());
    let one = r#"{"iid": 1, "state": "opened", "title": "A"}"#;
    let retitled = r#"{"iid": 1, "state": "opened", "title": "B"}"#;
    let closed = r#"{"iid": 1, "state": "closed", "title": "A"}"#;
    assert_eq!(name(Resource::Issue, one), name(Resource::Issue, retitled));
    assert_ne!(name(Resource::Issue, one), name(Resource::Issue, closed));
    assert_ne!(name(Resource::Issue, one), name(Resource::Milestone, one));
    assert!(name(Resource::Issue, one).as_bytes().starts_with(b"api:"));
}

#[test]
fn kinds_are_read_back() {
    for resource in Resource::ALL {
        assert_eq!(Resource::of_kind(resource.as_str()), Some(resource));
    }
    assert_eq!(Resource::of_kind("unheard_of"), None);
}
