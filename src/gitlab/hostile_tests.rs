//! Bodies that no GitLab sends: none makes the scrub panic, and each is read or refused for a
//! stated reason.

use proptest::prelude::*;
use serde_json::Value;

use super::fixtures::{fixture, fixtures, scrubbed};
use crate::record::Unread;

fn refused(body: &[u8]) -> Unread {
    scrubbed(body).unwrap_err()
}

fn kept(body: &str) -> String {
    String::from_utf8(scrubbed(body.as_bytes()).unwrap().json.to_vec()).unwrap()
}

#[test]
fn a_body_that_is_not_one_json_document_in_utf8_is_refused() {
    for (body, why) in [
        (&b""[..], "JSON that ends too early"),
        (b"   ", "JSON that ends too early"),
        (b"{\"object_kind\":", "JSON that ends too early"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"{\0\"\0a\0", "not JSON"),
        (b"{\"object_kind\": \"b\xe9b\xe9\"}", "not UTF-8"),
        (b"{\"b\xff\": 1}", "not UTF-8"),
        (b"{\"a\": \"\xed\xa0\x80\"}", "not UTF-8"),
        (b"{} {}", "not JSON"),
        (b"{}x", "not JSON"),
        (b"{\"a\": NaN}", "not JSON"),
        (b"{\"a\": Infinity}", "not JSON"),
        (b"{\"a\": 01}", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b"{\"a\": 1,}", "not JSON"),
        (b"{\"a\": 1 /* b */}", "not JSON"),
        (b"{\"a\": \"\x01\"}", "not JSON"),
        (b"object_kind=push", "not JSON"),
        (b"<a/>", "not JSON"),
    ] {
        assert_eq!(refused(body).why, why, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn a_refusal_names_the_byte_and_the_digest() {
    let unread = refused(b"{\n \"a\": 1,\n \"b\": x}");
    assert_eq!((unread.position, unread.size_bytes), (17, 19));
    let digest = unread.digest;
    assert_ne!(digest, refused(b"{\n \"a\": 1,\n \"b\": y}").digest);
    assert_eq!(refused(b"{\"a\": \"\xff\"}").position, 7);
}

#[test]
fn a_key_named_twice_in_an_object_that_is_looked_into_is_refused() {
    for body in [
        r#"{"object_kind": "push", "ref": "a", "ref": "b"}"#,
        r#"{"object_kind": "push", "x": 1, "x": 1}"#,
        r#"{"object_kind": "push", "object_kind": "push"}"#,
        r#"{"object_kind": "push", "re\u0066": "a", "ref": "b"}"#,
        r#"{"object_kind": "push", "project": {"name": "a", "name": "b"}}"#,
        r#"{"project": {"id": 1, "id": 2}, "event_name": "push"}"#,
        r#"{"object_kind": "push", "commits": [{"id": 1}, {"url": 1, "url": 2}]}"#,
        r#"{"object_kind": "merge_request", "object_attributes": {"source": {"a": 1, "a": 2}}}"#,
    ] {
        assert_eq!(refused(body.as_bytes()).why, "a key occurs twice in one object", "{body}");
    }
    let early = r#"{"created_at": 1, "project": {"id": 1, "id": 2}, "event_name": "push"}"#;
    assert_eq!(
        refused(early.as_bytes()).position,
        46,
        "the end of that object, seen from the start"
    );
    assert_eq!(kept(r#"{"object_kind": "push", "x": {"a": 1, "a": 2}}"#), "{}", "skipped whole");
}

#[test]
fn depth_costs_nothing_where_nothing_is_kept() {
    for depth in [127, 128, 129, 100_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        assert_eq!(kept(&format!(r#"{{"object_kind":"push","x":{open}{close}}}"#)), "{}");
        assert_eq!(kept(&format!(r#"{{"object_kind":"push","ref":{open}{close}}}"#)), "{}");
        assert_eq!(kept(&format!(r#"{{"object_kind":"push","project":{open}{close}}}"#)), "{}");
        assert_eq!(
            kept(&format!(r#"{{"object_kind":"push","commits":{open}{close}}}"#)),
            r#"{"commits":[]}"#
        );
        assert_eq!(refused(open.as_bytes()).why, "JSON that ends too early");
        let objects = r#"{"project":"#.repeat(depth);
        assert_eq!(refused(objects.as_bytes()).why, "JSON that ends too early");
    }
}

#[test]
fn a_million_keys_are_read_and_a_repetition_among_them_is_found() {
    let keys: String = (0..1_000_000_u32).fold(String::new(), |mut keys, n| {
        keys.push_str(",\"k");
        keys.push_str(&n.to_string());
        keys.push_str("\":0");
        keys
    });
    let body = format!(r#"{{"object_kind":"push"{keys},"ref":"a"}}"#);
    assert_eq!(kept(&body), r#"{"ref":"a"}"#);
    let body = format!(r#"{{"object_kind":"push"{keys},"k500000":0}}"#);
    assert_eq!(refused(body.as_bytes()).why, "a key occurs twice in one object");
    let body = format!(r#"{{"object_kind":"push"{keys},"k3":0}}"#);
    assert_eq!(refused(body.as_bytes()).why, "a key occurs twice in one object");
}

#[test]
fn half_a_surrogate_pair_spoils_its_own_field_only() {
    assert_eq!(kept(r#"{"object_kind":"push","ref":"a\ud800","after":"b"}"#), r#"{"after":"b"}"#);
    assert_eq!(kept(r#"{"object_kind":"push","x":"\udc00","after":"b"}"#), r#"{"after":"b"}"#);
    assert_eq!(kept(r#"{"object_kind":"push","ref":"\ud83d\ude00"}"#), r#"{"ref":"😀"}"#);
}

#[test]
fn an_escaped_nul_is_dropped_from_a_text() {
    assert_eq!(kept(r#"{"object_kind":"push","ref":"a\u0000b"}"#), r#"{"ref":"ab"}"#);
}

#[test]
fn numbers_are_kept_verbatim_within_reach_and_left_out_beyond() {
    for number in [
        "0",
        "-1",
        "1.0",
        "-0",
        "1e3",
        "9007199254740993",
        "9223372036854775808",
        "18446744073709551616",
    ] {
        let body = format!(r#"{{"object_kind":"push","project_id":{number}}}"#);
        assert_eq!(kept(&body), format!(r#"{{"project_id":{number}}}"#));
    }
    for number in ["1e309", "-1e999", &"9".repeat(400)] {
        let body = format!(r#"{{"object_kind":"push","project_id":{number},"after":"b"}}"#);
        assert_eq!(kept(&body), r#"{"after":"b"}"#);
    }
}

#[test]
fn a_text_of_megabytes_is_read_once_and_cut() {
    let text = "dora: caused-by external ".repeat(100_000);
    let body = format!(
        r#"{{"object_kind":"issue","object_attributes":{{"state":"{text}","description":"{text}"}}}}"#
    );
    assert!(kept(&body).len() < 1_500);
}

#[test]
fn a_body_cut_at_any_byte_is_refused_there() {
    for name in ["deployment-success-19x", "push-direct-18x", "user_add_to_group-member"] {
        let whole: Value = serde_json::from_slice(&fixture(name)).unwrap();
        let body = whole.to_string().into_bytes();
        for end in 0..body.len() {
            let unread = refused(&body[..end]);
            assert_eq!(unread.why, "JSON that ends too early", "{name} at {end}");
            assert!(unread.position <= u64::try_from(end).unwrap(), "{name} at {end}");
        }
    }
}

/// Every value of `document` replaced in turn by each of `others`.
fn with_each_value_replaced(document: &Value, others: &[Value], check: &mut dyn FnMut(&Value)) {
    fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(key, value)| paths(value, &format!("{at}/{key}"), found));
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    paths(value, &format!("{at}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    paths(document, "", &mut found);
    for path in found {
        for other in others {
            let mut changed = document.clone();
            *changed.pointer_mut(&path).unwrap() = other.clone();
            check(&changed);
        }
    }
}

#[test]
fn any_value_replaced_by_another_type_is_still_read_and_projected() {
    let others = [
        Value::Null,
        Value::Bool(true),
        serde_json::json!(-1.5),
        serde_json::json!("x"),
        serde_json::json!([[]]),
        serde_json::json!({"id": {}}),
    ];
    for name in [
        "deployment-success-19x",
        "issue-open-15x-no-type",
        "milestone-create-18x",
        "release-create-16x",
        "build-success-18x-iso-beside",
        "repository_update-system",
    ] {
        let whole: Value = serde_json::from_slice(&fixture(name)).unwrap();
        with_each_value_replaced(&whole, &others, &mut |changed| {
            let record = scrubbed(changed.to_string().as_bytes()).unwrap();
            let _ = crate::projection::project(&record);
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = scrubbed(&body);
    }

    #[test]
    fn no_mutation_of_a_hook_makes_scrub_or_projection_panic(
        (which, changes) in (any::<prop::sample::Index>(), prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(b"{}[]\",:0-e\\u\x00\xff \n".to_vec())),
            1..6,
        ))
    ) {
        let all = fixtures();
        let mut body = which.get(&all).1.clone();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        match scrubbed(&body) {
            Ok(record) => {
                prop_assert!(serde_json::from_slice::<Value>(&record.json).is_ok());
                let _ = crate::projection::project(&record);
            }
            Err(unread) => prop_assert!(unread.position <= unread.size_bytes),
        }
    }
}
