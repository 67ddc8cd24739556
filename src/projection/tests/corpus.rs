//! What holds for every hook: our own, and those kept outside the project when they are there.

use std::path::Path;

use proptest::prelude::*;

use super::{Projection, project};
use crate::delivery::{Fact, History};
use crate::gitlab::fixtures::{fixtures, json_files, members, scrubbed};

fn folded<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> History {
    let mut history = History::default();
    for fact in facts {
        history.fold(fact.clone());
    }
    history
}

fn all_facts(bodies: &[(String, Vec<u8>)]) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, body) in bodies {
        let Ok(record) = scrubbed(body) else { continue };
        if let Projection::Facts(more) = project(&record) {
            assert!(!more.is_empty(), "{name}");
            facts.extend(more);
        }
    }
    facts
}

/// Merging by key, which also holds for the facts that a history does not keep.
fn merged(facts: &[Fact]) -> Vec<Fact> {
    use crate::delivery::Merge;
    let mut by_key = std::collections::BTreeMap::new();
    for fact in facts {
        let key = (fact.project, fact.body.key());
        match by_key.entry(key) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(fact.clone());
            }
            std::collections::btree_map::Entry::Occupied(mut own) => {
                own.get_mut().body.merge(fact.body.clone());
            }
        }
    }
    by_key.into_values().collect()
}

fn in_some_order(facts: Vec<Fact>) -> impl Strategy<Value = Vec<Fact>> {
    let twice = [facts.clone(), facts].concat();
    Just(twice).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_order_and_any_repetition_of_our_hooks_give_the_same_facts(
        shuffled in in_some_order(all_facts(&fixtures()))
    ) {
        let facts = all_facts(&fixtures());
        prop_assert_eq!(folded(&shuffled), folded(&facts));
        prop_assert_eq!(merged(&shuffled), merged(&facts));
    }
}

#[test]
fn a_record_projects_alike_each_time() {
    for (name, body) in fixtures() {
        let record = scrubbed(&body).unwrap();
        assert_eq!(project(&record), project(&record), "{name}");
    }
}

/// The folder of hooks that are kept outside the project, when it is there.
fn outside() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/gitlab-payloads");
    if folder.is_dir() {
        return Some(json_files(&folder));
    }
    // Said past the test harness, which keeps what is printed to itself.
    let notice = format!("SKIPPED: {} is absent, its hooks were not read\n", folder.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), notice.as_bytes());
    None
}

#[test]
fn every_hook_kept_outside_is_read_as_what_it_is() {
    let Some(hooks) = outside() else { return };
    let mut unread = Vec::new();
    let mut unreadable = Vec::new();
    for (name, body) in &hooks {
        match scrubbed(body).map(|record| (project(&record), record)) {
            Err(_) => unread.push(name.as_str()),
            Ok((Projection::Unreadable(_), _)) => unreadable.push(name.as_str()),
            Ok((_, record)) => {
                let sent: serde_json::Value = serde_json::from_slice(body).unwrap();
                let kind = sent.get("object_kind").or(sent.get("event_name")).unwrap();
                assert_eq!(Some(record.kind.as_str()), kind.as_str(), "{name}");
            }
        }
    }
    assert_eq!(unread, ["gitlab-merge-request-comment-event"], "it names a key twice");
    assert_eq!(unreadable, ["group_merge_request"], "it cannot be placed");
}

#[test]
fn the_hooks_kept_outside_give_the_same_facts_in_any_order_and_twice() {
    let Some(hooks) = outside() else { return };
    let facts = all_facts(&hooks);
    let (history, kept) = (folded(&facts), merged(&facts));
    let backwards: Vec<Fact> = facts.iter().rev().cloned().collect();
    assert_eq!((folded(&backwards), merged(&backwards)), (history.clone(), kept.clone()));
    for step in [7, 11, 13] {
        let strided: Vec<Fact> =
            (0..step).flat_map(|start| facts.iter().skip(start).step_by(step)).cloned().collect();
        let twice = [strided.clone(), strided].concat();
        assert_eq!((folded(&twice), merged(&twice)), (history.clone(), kept.clone()));
    }
}

#[test]
fn nothing_personal_of_a_hook_kept_outside_is_left() {
    const PERSONAL: [&str; 11] = [
        "name",
        "username",
        "email",
        "avatar_url",
        "title",
        "description",
        "message",
        "note",
        "user_name",
        "user_username",
        "user_email",
    ];
    let Some(hooks) = outside() else { return };
    for (name, body) in hooks {
        let Ok(record) = scrubbed(&body) else { continue };
        let mut found = Vec::new();
        members(&serde_json::from_slice(&body).unwrap(), &mut |object, key, value| {
            // Labels and environments keep their names.
            let is_kept = ["color", "deployment_tier"].iter().any(|key| object.contains_key(*key));
            if PERSONAL.contains(&key) && !is_kept {
                found.extend(value.as_str().map(str::to_owned));
            }
        });
        let kept = String::from_utf8(record.json.to_vec()).unwrap();
        // Words that GitLab itself uses, or that stand within a path, prove nothing.
        let telling = found.iter().filter(|text| text.len() > 12 && text.contains(' '));
        assert_eq!(telling.filter(|text| kept.contains(text.as_str())).count(), 0, "{name}");
    }
}
