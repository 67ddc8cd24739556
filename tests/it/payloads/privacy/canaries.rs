//! Our own hooks with a canary in every text that is not kept on purpose.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::folders::Payload;
use super::probes::{Probes, kept_of};

/// Keys whose texts are kept, by nobody's hand but a developer's naming: paths, references, labels,
/// environments, stages, jobs; GitLab's own words; instants; ids of commits. Whoever lengthens the
/// allow-list by a text comes by here.
const KEPT: &[&str] = &[
    "action",
    "after",
    "before",
    "before_sha",
    "build_failure_reason",
    "build_name",
    "build_stage",
    "build_status",
    "checkout_sha",
    "default_branch",
    "deployment_tier",
    "detailed_merge_status",
    "detailed_status",
    "draft",
    "due_date",
    "environment",
    "environment_slug",
    "environment_tier",
    "escalation_status",
    "event_name",
    "full_path",
    "id",
    "merge_commit_sha",
    "milestone_id",
    "noteable_type",
    "object_kind",
    "old_full_path",
    "old_path_with_namespace",
    "path_with_namespace",
    "ref",
    "severity",
    "sha",
    "short_sha",
    "source",
    "source_branch",
    "squash_commit_sha",
    "stage",
    "stages",
    "state",
    "status",
    "system_action",
    "tag",
    "target_branch",
    "timestamp",
    "type",
    "when",
];

/// How the keys of instants end.
const INSTANTS: [&str; 2] = ["_at", "_at_iso"];

/// The hooks with their canaries, and the search for these.
pub(super) fn poisoned(payloads: &[Payload]) -> (Vec<Payload>, Probes) {
    let mut canaries = BTreeMap::new();
    let poisoned = payloads.iter().map(|payload| {
        let mut json = payload.json();
        let before = canaries.len();
        poison(&mut json, "", None, (&format!("{}:$", payload.name), &mut canaries));
        assert!(canaries.len() > before, "{}: nothing to look for", payload.name);
        Payload { name: payload.name.clone(), body: json.to_string().into_bytes() }
    });
    let poisoned: Vec<Payload> = poisoned.collect();
    let probes = Probes::new(canaries);
    let found = |payload: &&Payload| !probes.found_in(&payload.body).is_empty();
    assert_eq!(poisoned.iter().filter(found).count(), payloads.len(), "the search finds them");
    (poisoned, probes)
}

type Nest<'a> = (&'a str, &'a mut BTreeMap<String, String>);

fn poison(value: &mut Value, key: &str, kept: Option<&str>, (place, canaries): Nest<'_>) {
    if INSTANTS.iter().any(|suffix| key.ends_with(suffix)) {
        return;
    }
    match value {
        Value::Object(members) => {
            let kept = kept_of(members);
            for (key, value) in members {
                poison(value, key, kept, (&format!("{place}.{key}"), &mut *canaries));
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter_mut().enumerate() {
                poison(value, key, None, (&format!("{place}[{index}]"), &mut *canaries));
            }
        }
        Value::String(text) => {
            if kept == Some(key) || KEPT.contains(&key) {
                return;
            }
            let canary = format!("canary{:05}x", canaries.len());
            *text = disguised(&canary, key, text);
            canaries.insert(canary, place.to_owned());
        }
        _ => {}
    }
}

/// A text that still says what may be derived from the old one, with the canary in it.
fn disguised(canary: &str, key: &str, text: &str) -> String {
    match key {
        "commit_url" | "url" if text.starts_with("https://") => {
            text.replacen("https://", &format!("https://{canary}."), 1)
        }
        "email" | "user_email" | "author_email" => format!("{canary}@{canary}.example"),
        _ => format!("{canary} {text} {canary}"),
    }
}
