//! The scanner beside `serde_json`, and the scrub beside a plain reading of the allow-list.

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::allow_list::KINDS;
use super::fixtures::{fixture, fixtures, scrubbed};
use super::keep::Keep;
use super::scanner::Scanner;

fn is_skipped_whole(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.skip().and_then(|()| scanner.end()).is_ok()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[test]
fn what_is_json_to_the_letter() {
    for text in [
        "0",
        "-0",
        "-0.0e-10",
        "1E+9",
        " [ ] ",
        "{}",
        "\t{\"a\"\r:\n[1 , {} ,[]]}",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
        "\"\u{7f}\"",
        "\"\\ud800\"",
        "\"é\u{1f600}\u{2028}\"",
        "[true,false,null]",
    ] {
        assert!(is_skipped_whole(text) && is_json(text), "{text}");
    }
}

/// Wrong numbers and words, wrong brackets, wrong members, wrong texts.
const NOT_JSON: &[&str] = &[
    "",
    " ",
    "-",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "1e+",
    "0x1",
    "--1",
    "1 2",
    "tru",
    "nul",
    "True",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[}",
    "{]",
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{a:1}",
    "{1:1}",
    "{\"a\" 1}",
    "{\"a\":}",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u123g\"",
    "\"\t\"",
    "\"\u{1f}\"",
    "[]]",
    "{}}",
    "\u{a0}1",
];

#[test]
fn what_is_not_json_to_the_letter() {
    for text in NOT_JSON {
        assert!(!is_skipped_whole(text) && !is_json(text), "{text}");
    }
}

#[test]
fn a_text_ends_at_its_quote_wherever_that_stands_in_a_word() {
    for length in 0..40 {
        let text = "x".repeat(length);
        for (inside, fits) in [("", true), ("\\\"", true), ("\u{1f}", false), ("\\", false)] {
            for at in 0..=length {
                let (before, after) = text.split_at(at);
                let list = format!("[\"{before}{inside}{after}\",\"\"]");
                let fits = fits || (inside == "\\" && is_json(&list));
                assert_eq!(is_skipped_whole(&list), fits, "{list}");
            }
        }
    }
}

#[test]
fn a_value_that_repeats_another_is_skipped_only_as_far_as_it_does() {
    let user = r#"{"name":"Pilot One","note":"a long text"}"#;
    let body = |second: &str| {
        format!(r#"{{"object_kind":"pipeline","builds":[{{"user":{user}}},{{"user":{second}}}]}}"#)
    };
    let kept = scrubbed(body(user).as_bytes()).unwrap();
    assert_eq!(scrubbed(body("7").as_bytes()).unwrap(), kept);
    for second in [&user[..user.len() - 1], &format!("{user}x"), &format!("{user}{user}"), "{"] {
        assert_eq!(scrubbed(body(second).as_bytes()).unwrap_err().why, "not JSON", "{second}");
    }
    let longer = format!(r#"{user},"stage":"test""#);
    let longer =
        String::from_utf8(scrubbed(body(&longer).as_bytes()).unwrap().json.into()).unwrap();
    assert_eq!(longer, r#"{"builds":[{"stage":"test"}]}"#);
}

#[test]
fn an_element_need_not_have_the_keys_of_the_first() {
    let kept = |second: &str| {
        let first = r#"{"id":1,"before":"a","after":"b"}"#;
        let body = format!(r#"{{"object_kind":"repository_update","changes":[{first},{second}]}}"#);
        let record = scrubbed(body.as_bytes()).map_err(|unread| unread.why)?;
        let read: Value = serde_json::from_slice(&record.json).unwrap();
        Ok::<Value, &str>(read["changes"][1].clone())
    };
    for (second, wanted) in [
        (r#"{"id":2,"before":"c","after":"d"}"#, r#"{"before":"c","after":"d"}"#),
        (r#"{"id":2,"before":"c"}"#, r#"{"before":"c"}"#),
        (
            r#"{"id":2,"before":"c","after":"d","ref":"e"}"#,
            r#"{"before":"c","after":"d","ref":"e"}"#,
        ),
        (r#"{"id":2,"after":"d","before":"c"}"#, r#"{"before":"c","after":"d"}"#),
        (r#"{"before":"c","id":2}"#, r#"{"before":"c"}"#),
        (r#"{"id" :2, "before": "c" }"#, r#"{"before":"c"}"#),
        (r#"{"id":2,"before":["c"],"aft\u0065r":"d"}"#, r#"{"after":"d"}"#),
    ] {
        assert_eq!(kept(second), Ok(serde_json::from_str(wanted).unwrap()), "{second}");
    }
    for second in [
        r#"{"id":2,"before":"c","id":3}"#,
        r#"{"id":2,"id":3}"#,
        r#"{"id":2,"before":"c","after":"d","before":"c"}"#,
        r#"{"id":2,"before":"c","x":1,"b\u0065fore":"c"}"#,
    ] {
        assert_eq!(kept(second), Err("a key occurs twice in one object"), "{second}");
    }
}

/// Any JSON value, not very deep.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z\"\\\\/ \n\u{1}\u{7f}é]{0,24}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A few bytes set to what JSON is made of; a text that is none any more comes out in U+FFFD.
fn broken(text: &str, changes: &[(prop::sample::Index, u8)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (at, byte) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    let byte = prop::sample::select(b"{}[]\",:0159-+.eE\\/utrfn \n\t\x00\x1f".to_vec());
    prop::collection::vec((any::<prop::sample::Index>(), byte), 0..4)
}

/// What the list keeps of a value that was read as a tree.
fn kept(value: &Value, keep: &Keep) -> Option<Value> {
    match (keep, value) {
        (Keep::Read(_), _) | (Keep::Value | Keep::Both(_), Value::Object(_) | Value::Array(_)) => {
            None
        }
        (Keep::Value | Keep::Both(_), Value::String(text)) => Some(text.replace('\0', "").into()),
        (Keep::Value | Keep::Both(_), scalar) => Some(scalar.clone()),
        (Keep::Object(fields) | Keep::Whole(_, fields), Value::Object(object)) => {
            let object = kept_members(object, fields);
            (!object.is_empty()).then_some(Value::Object(object))
        }
        (Keep::Each(keep), Value::Array(list)) => {
            Some(list.iter().filter_map(|value| kept(value, keep)).collect())
        }
        (Keep::Object(_) | Keep::Whole(..) | Keep::Each(_), _) => None,
    }
}

fn kept_members(object: &Map<String, Value>, fields: &[(&str, Keep)]) -> Map<String, Value> {
    let keep = |key: &str| fields.iter().find(|(name, _)| *name == key).map(|(_, keep)| keep);
    object.iter().filter_map(|(key, value)| Some((key.clone(), kept(value, keep(key)?)?))).collect()
}

/// A record without what was derived; what holds nothing else is not looked at either.
fn without_derived(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("derived");
            object.values_mut().for_each(without_derived);
        }
        Value::Array(list) => {
            list.iter_mut().for_each(without_derived);
            list.retain(|value| value.as_object().is_none_or(|object| !object.is_empty()));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn json_is_what_serde_json_takes_for_it(value in value(), changes in changes()) {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        for text in [value.to_string(), pretty] {
            prop_assert!(is_skipped_whole(&text), "{}", text);
            let text = broken(&text, &changes);
            prop_assert_eq!(is_skipped_whole(&text), is_json(&text), "{}", text);
        }
    }

    #[test]
    fn so_it_is_of_texts_that_are_hardly_json(text in "[\\[\\]{}\",:0-2.eE\\\\u+tn \n-]{0,12}") {
        prop_assert_eq!(is_skipped_whole(&text), is_json(&text), "{}", text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_broken_hook_is_read_if_it_is_still_json_and_keeps_what_the_list_says(
        which in any::<prop::sample::Index>(), changes in changes()
    ) {
        let mut all = fixtures();
        all.push(("pipeline".to_owned(), many_jobs()));
        let text = broken(std::str::from_utf8(&which.get(&all).1).unwrap(), &changes);
        match scrubbed(text.as_bytes()) {
            Ok(record) => {
                prop_assert!(is_json(&text), "{}", text);
                let Ok(Value::Object(body)) = serde_json::from_str(&text) else { return Ok(()) };
                let fields = KINDS.iter().find(|(kind, _)| *kind == record.kind.as_str());
                let mut wanted = fields.map_or(Value::Object(Map::new()), |(_, fields)| {
                    Value::Object(kept_members(&body, fields))
                });
                let mut found: Value = serde_json::from_slice(&record.json).unwrap();
                without_derived(&mut found);
                without_derived(&mut wanted);
                prop_assert_eq!(found, wanted);
            }
            Err(unread) => {
                let is_duplicate = unread.why == "a key occurs twice in one object";
                prop_assert!(is_duplicate || !is_json(&text), "{:?}: {}", unread, text);
            }
        }
    }
}

/// A pipeline whose jobs repeat each other, as they do.
fn many_jobs() -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(&fixture("pipeline-success-16x")).unwrap();
    let builds = body["builds"].as_array_mut().unwrap();
    builds.extend(builds.clone());
    serde_json::to_vec(&body).unwrap()
}
