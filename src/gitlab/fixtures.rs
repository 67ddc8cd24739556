//! Hooks for tests: our own under `tests/fixtures/gitlab/hooks`, named `<kind>-<what>.json`, and
//! what turns them into records.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Pseudonyms, author_patterns, scrub};
use crate::delivery::InstanceId;
use crate::proof::Verified;
use crate::record::{Record, Unread};

/// The installation that every test hook comes from.
pub(crate) const INSTANCE: InstanceId = InstanceId::new(3);

/// Pseudonyms that exclude the bots of the fixtures.
pub(crate) fn pseudonyms() -> Pseudonyms {
    Pseudonyms::new(&[7; 32], author_patterns(["project_*_bot_*"]).unwrap())
}

/// One hook by name, without `.json`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = folder().join(format!("{name}.json"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every hook, by name.
pub(crate) fn fixtures() -> Vec<(String, Vec<u8>)> {
    json_files(&folder())
}

/// Every JSON file below `folder`, by its name without `.json`, in order.
pub(crate) fn json_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// Scrubs a body as if it had been verified.
pub(crate) fn scrubbed(body: &[u8]) -> Result<Record, Unread> {
    scrub(&Verified::for_test(INSTANCE, body.to_vec()), &pseudonyms())
}

/// The record of one hook by name.
pub(crate) fn record(name: &str) -> Record {
    scrubbed(&fixture(name)).unwrap()
}

/// What looks at a member: the object, the key, the value.
pub(crate) type See<'a> = dyn FnMut(&Map<String, Value>, &str, &Value) + 'a;

/// Shows every member of every object to `see`.
pub(crate) fn members(value: &Value, see: &mut See<'_>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                see(object, key, value);
                members(value, see);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| members(value, see)),
        _ => {}
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/gitlab/hooks")
}
