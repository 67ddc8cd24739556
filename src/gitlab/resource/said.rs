//! What GitLab says when it refuses.

use serde_json::Value;

/// Longer texts are no reason but a page.
const LONGEST: usize = 200;

/// GitLab's reason in the body of a refusal: one line of at most 200 characters, control
/// characters and quotes of whole documents left out. `None` when it gives none.
#[must_use]
pub fn refusal(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let reason = ["error_description", "message", "error"]
        .into_iter()
        .find_map(|key| value.get(key).and_then(words))?;
    let line: String = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    (!line.is_empty()).then_some(line)
}

/// A text, or the texts of a list or block joined: `{"url": ["is blocked"]}` is `url is blocked`.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(words).collect();
            Some(items.join(", "))
        }
        Value::Object(block) => {
            let entry = |(key, value): (&String, &Value)| Some(format!("{key} {}", words(value)?));
            Some(block.iter().filter_map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_in_every_form_that_gitlab_gives_it() {
        for (body, expected) in [
            (r#"{"message":"403 Forbidden"}"#, Some("403 Forbidden")),
            (
                r#"{"error":"insufficient_scope","error_description":"needs api"}"#,
                Some("needs api"),
            ),
            (r#"{"message":{"url":["is blocked","is odd"]}}"#, Some("url is blocked, is odd")),
            (r#"{"error":"finished_after is\n missing"}"#, Some("finished_after is missing")),
            (r#"{"message":null}"#, None),
            (r#"{"message":""}"#, None),
            ("[]", None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(refusal(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn a_long_reason_is_cut() {
        let body = format!(r#"{{"message":"{}"}}"#, "é".repeat(1_000));
        assert_eq!(refusal(body.as_bytes()).unwrap().chars().count(), LONGEST);
    }
}
