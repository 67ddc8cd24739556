//! What the scrub keeps, and what it derives.

use serde_json::{Value, json};

use super::fixtures::{INSTANCE, fixture, fixtures, members, pseudonyms, record, scrubbed};
use super::{CUSTOM_KIND, DERIVED_KEYS};

fn kept_json(body: &Value) -> Value {
    let record = scrubbed(body.to_string().as_bytes()).unwrap();
    serde_json::from_slice(&record.json).unwrap()
}

fn kept_of(name: &str) -> Value {
    serde_json::from_slice(&record(name).json).unwrap()
}

fn person(id: u64) -> String {
    let hash = *pseudonyms().person(INSTANCE, id).as_bytes();
    format!("{:032x}", u128::from_be_bytes(hash))
}

#[test]
fn every_fixture_has_the_kind_its_name_says() {
    let all = fixtures();
    assert!(all.len() > 60, "the fixtures were not found");
    for (name, body) in all {
        let record = scrubbed(&body).unwrap_or_else(|unread| panic!("{name}: {unread:?}"));
        assert_eq!(record.kind.as_str(), name.split('-').next().unwrap(), "{name}");
        assert_eq!(record.instance, INSTANCE);
    }
}

#[test]
fn a_deployment_keeps_what_is_listed_and_the_commit_of_its_link() {
    let body = json!({
        "object_kind": "deployment", "status": "success", "status_changed_at": "2026-01-01 00:00:00 UTC",
        "deployment_id": 9, "deployable_url": "https://x/1", "environment": "production",
        "project": {"id": 7, "name": "N", "path_with_namespace": "a/b", "default_branch": null},
        "commit_url": format!("https://x/a/b/-/commit/{}", "ab".repeat(20)), "commit_title": "T",
        "user": {"id": 1, "username": "u"}, "ref": "main",
    });
    assert_eq!(
        kept_json(&body),
        json!({
            "status": "success", "status_changed_at": "2026-01-01 00:00:00 UTC",
            "deployment_id": 9, "environment": "production",
            "project": {"id": 7, "path_with_namespace": "a/b", "default_branch": null},
            "ref": "main", "derived": {"sha": "ab".repeat(20)},
        })
    );
}

#[test]
fn the_kind_is_object_kind_else_event_name_wherever_they_stand() {
    for (body, kind) in [
        (r#"{"a": 1, "event_name": "push", "object_kind": "tag_push"}"#, "tag_push"),
        (r#"{"object_kind": "tag_push", "event_name": "push"}"#, "tag_push"),
        (r#"{"created_at": "x", "event_name": "project_rename"}"#, "project_rename"),
        (r#"{"object_kind": null, "event_name": "push"}"#, "push"),
        (r#"{"object_kind": 7, "event_name": "push"}"#, "push"),
        (r#"{"object_kind": "", "event_name": ["push"]}"#, CUSTOM_KIND),
        (r#"{"object_kind": {"a": 1}}"#, CUSTOM_KIND),
        (r#"{"object_kind": "b\u0075ild"}"#, "build"),
        ("{}", CUSTOM_KIND),
    ] {
        assert_eq!(scrubbed(body.as_bytes()).unwrap().kind.as_str(), kind, "{body}");
    }
}

#[test]
fn what_stands_before_the_kind_is_kept_like_what_stands_behind() {
    let early = r#"{"ref": "refs/heads/main", "user_id": 11, "commits": [], "event_name": "push"}"#;
    let late = r#"{"event_name": "push", "ref": "refs/heads/main", "user_id": 11, "commits": []}"#;
    let behind =
        r#"{"object_kind": "push", "ref": "refs/heads/main", "user_id": 11, "commits": []}"#;
    let expected = scrubbed(behind.as_bytes()).unwrap().json;
    assert_eq!(scrubbed(early.as_bytes()).unwrap().json, expected);
    assert_eq!(scrubbed(late.as_bytes()).unwrap().json, expected);
}

#[test]
fn nothing_of_a_custom_template_or_an_unheard_of_kind_is_kept() {
    for name in ["custom-template", "lighthouse-unheard-of", "wiki_page-create", "emoji-award"] {
        assert_eq!(record(name).json.as_ref(), b"{}", "{name}");
    }
    for body in ["[1, {\"object_kind\": \"push\"}]", "\"text\"", "null", "true", "-1.5", " {} "] {
        let record = scrubbed(body.as_bytes()).unwrap();
        assert_eq!(
            (record.kind.as_str(), record.json.as_ref()),
            (CUSTOM_KIND, &b"{}"[..]),
            "{body}"
        );
    }
}

#[test]
fn authors_and_actors_become_hashes_and_bots_are_told_before() {
    let derived = &kept_of("merge_request-approved-17x")["derived"];
    assert_eq!(derived["author"], person(11));
    assert_eq!(derived["actor"], person(12));
    assert_eq!(derived.get("author_excluded"), None);
    let derived = &kept_of("merge_request-open-fork-by-bot-18x")["derived"];
    assert_eq!(
        (&derived["author"], &derived["author_excluded"]),
        (&json!(person(13)), &json!(true))
    );
    assert_eq!(derived["actor_excluded"], json!(true));
}

#[test]
fn an_author_is_recognised_as_a_bot_among_assignees_and_reviewers_too() {
    for list in ["assignees", "reviewers"] {
        let body = json!({
            "object_kind": "merge_request", "user": {"id": 11, "username": "pilot"},
            "object_attributes": {"author_id": 13},
            list: [{"id": 12, "username": "mate"}, {"id": 13, "username": "Project_71_BOT_x"}],
        });
        assert_eq!(kept_json(&body)["derived"]["author_excluded"], json!(true), "{list}");
    }
}

#[test]
fn a_merge_requests_description_is_read_and_dropped() {
    let derived = |description: Value| {
        let attributes = json!({"iid": 1, "description": description});
        kept_json(&json!({"object_kind": "merge_request", "object_attributes": attributes}))["derived"]
            .clone()
    };
    assert_eq!(
        derived(json!("This reverts merge request !22\n\nCloses #4, #2\ndora: caused-by external")),
        json!({"described": true, "reverts_merge_request": 22, "closes": [2, 4], "caused_by": "external"})
    );
    let sha = "cd".repeat(20);
    assert_eq!(
        derived(json!(format!("This reverts commit {sha}."))),
        json!({"described": true, "reverts_commit": sha})
    );
    assert_eq!(derived(Value::Null), json!({"described": true}));
    assert_eq!(derived(json!(7)), Value::Null);
}

#[test]
fn a_review_is_submitted_by_a_reviewer_who_reviewed() {
    let derived = kept_of("merge_request-update-review-submitted-19x")["derived"].clone();
    assert_eq!(derived["review_submitted"], json!(true));
    let derived = kept_of("merge_request-update-labels-milestone-18x")["derived"].clone();
    assert_eq!(derived.get("review_submitted"), None);
}

#[test]
fn commits_tell_what_their_texts_said() {
    let push = kept_of("push-direct-18x");
    let derived: Vec<&Value> =
        push["commits"].as_array().unwrap().iter().map(|commit| &commit["derived"]).collect();
    assert_eq!(derived[0]["picked_from"], push["commits"][1]["id"]);
    assert_eq!(derived[1]["reverts_commit"], push["commits"][0]["id"]);
    assert_eq!(derived[2]["author_excluded"], json!(true), "by the e-mail's local part");
    assert_eq!(derived[3]["is_merge"], json!(true));
    assert_eq!(push["commits"][0].as_object().unwrap().len(), 3, "id, timestamp, derived");
}

#[test]
fn a_commit_keeps_its_identity_across_a_rebase_and_a_redacted_resend() {
    let identity = |id: &str, timestamp: &str, email: &str, message: &str| {
        let commit = json!({
            "id": id.repeat(40), "timestamp": timestamp, "title": "Sound the…", "message": message,
            "author": {"name": "Pilot One", "email": email},
        });
        let body = json!({"object_kind": "push", "commits": [commit]});
        kept_json(&body)["commits"][0]["derived"]["identity"].clone()
    };
    let original = identity("a", "2026-03-03T07:00:00+01:00", "p@x", "Sound the horn\n\nTwice.");
    assert!(original.is_string());
    assert_eq!(identity("b", "2026-03-03T06:00:00Z", "[REDACTED]", "Sound the horn"), original);
    assert_ne!(identity("b", "2026-03-03T06:00:01Z", "p@x", "Sound the horn"), original);
    assert_ne!(identity("b", "2026-03-03T06:00:00Z", "p@x", "Sound the bell"), original);
    assert_eq!(identity("b", "yesterday", "p@x", "Sound the horn"), Value::Null);
}

#[test]
fn a_resend_with_redacted_addresses_gives_the_same_record() {
    for (name, body) in fixtures() {
        let text = String::from_utf8(body.clone()).unwrap();
        let redacted = text
            .replace("pilot.one@harbour.example", "[REDACTED]")
            .replace("someone@harbour.example", "[REDACTED]");
        assert_eq!(scrubbed(redacted.as_bytes()), scrubbed(&body), "{name}");
    }
}

#[test]
fn a_long_text_is_cut_at_a_character_and_that_is_said() {
    let body = json!({"object_kind": "push", "ref": "é".repeat(600)});
    let kept = kept_json(&body);
    assert_eq!(kept["ref"].as_str().unwrap(), "é".repeat(512));
    assert_eq!(kept["derived"]["cut"], json!(true));
    let fits = json!({"object_kind": "push", "ref": "x".repeat(1_024)});
    assert_eq!(fits["ref"], kept_json(&fits)["ref"]);
}

#[test]
fn a_long_list_is_cut_and_that_is_said() {
    let stages = vec!["s"; 10_001];
    let body = json!({"object_kind": "pipeline", "object_attributes": {"id": 1, "stages": stages}});
    let kept = kept_json(&body);
    assert_eq!(kept["object_attributes"]["stages"].as_array().unwrap().len(), 10_000);
    assert_eq!(kept["derived"]["cut"], json!(true));
}

#[test]
fn a_value_of_another_type_is_left_out_and_nothing_else_with_it() {
    let body = json!({
        "object_kind": "pipeline", "project": 7, "builds": {"id": 1},
        "object_attributes": {"id": {"a": 1}, "iid": [1], "ref": true, "stages": "x", "tag": null},
        "commit": ["x"], "source_pipeline": {"project": {"name": "x"}},
    });
    assert_eq!(kept_json(&body), json!({"object_attributes": {"ref": true, "tag": null}}));
}

#[test]
fn a_key_called_derived_is_not_taken_from_outside() {
    let body = json!({
        "object_kind": "deployment", "deployment_id": 1, "derived": {"sha": "ab".repeat(20)},
    });
    assert_eq!(kept_json(&body), json!({"deployment_id": 1}));
}

#[test]
fn every_derived_key_is_declared() {
    let mut seen = 0;
    for (name, _) in fixtures() {
        members(&kept_of(&name), &mut |_, key, value| {
            if key == "derived" {
                let keys = value.as_object().unwrap().keys();
                keys.for_each(|key| assert!(DERIVED_KEYS.contains(&key.as_str()), "{key}"));
                seen += 1;
            }
        });
    }
    assert!(seen > 20);
}

#[test]
fn scrubbing_a_fixture_leaves_compact_json_much_smaller_than_itself() {
    let body = fixture("pipeline-success-16x");
    let json = scrubbed(&body).unwrap().json;
    assert!(json.len() * 2 < body.len(), "{} of {} bytes", json.len(), body.len());
    assert!(!json.contains(&b'\n'));
}
