//! Texts of hooks that must not be found anywhere, and the search for them.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::super::folders::Payload;
use super::super::places::Place;

/// Shorter texts stand in many words by chance.
const SHORTEST: usize = 6;

/// Keys of what people write, of who they are, and of links.
const PRIVATE: &[&str] = &[
    "name",
    "username",
    "email",
    "title",
    "description",
    "message",
    "note",
    "avatar_url",
    "user_name",
    "user_username",
    "user_email",
    "user_avatar",
    "user_url",
    "author_name",
    "author_email",
    "author_url",
    "owner_name",
    "owner_email",
    "commit_title",
    "comment",
    "content",
    "url",
    "web_url",
    "homepage",
    "git_ssh_url",
    "git_http_url",
    "ssh_url",
    "http_url",
    "text",
    "deployable_url",
    "environment_external_url",
    "namespace",
    "project_name",
    "group_name",
    "reason",
    "key",
    "value",
    "added",
    "modified",
    "removed",
    "filename",
];

/// Keys of what is kept on purpose: where code lives, how branches, tags, labels, stages, jobs
/// and environments are called, and GitLab's own words.
const KEPT: &[&str] = &[
    "path_with_namespace",
    "old_path_with_namespace",
    "full_path",
    "old_full_path",
    "ref",
    "default_branch",
    "source_branch",
    "target_branch",
    "tag",
    "environment",
    "environment_slug",
    "environment_tier",
    "deployment_tier",
    "stage",
    "build_stage",
    "build_name",
    "stages",
    "status",
    "state",
    "action",
    "type",
    "object_kind",
    "event_name",
    "noteable_type",
    "id",
    "before",
    "after",
    "detailed_merge_status",
    "failure_reason",
    "build_failure_reason",
    "source",
    "severity",
];

/// Which name or title is kept: a label's, an environment's, a job's.
pub(super) fn kept_of(members: &Map<String, Value>) -> Option<&'static str> {
    if members.contains_key("color") {
        Some("title")
    } else if members.contains_key("deployment_tier") || members.contains_key("stage") {
        Some("name")
    } else {
        None
    }
}

/// Texts by where they come from: file and JSON path.
pub(super) type Texts = BTreeMap<String, String>;

/// The search for texts.
pub(super) struct Probes {
    /// The text and its origin, by every spelling in which it could be found.
    spelt: BTreeMap<String, (String, String)>,
    search: Regex,
}

impl Probes {
    /// Looks for these texts.
    pub(super) fn new(texts: Texts) -> Self {
        let mut spelt = BTreeMap::new();
        for (text, origin) in texts {
            for spelling in spellings(&text) {
                spelt.insert(spelling, (text.clone(), origin.clone()));
            }
        }
        let alternatives: Vec<String> = spelt.keys().map(|text| regex::escape(text)).collect();
        let search = RegexBuilder::new(&alternatives.join("|")).size_limit(1 << 30).build();
        Self { spelt, search: search.unwrap() }
    }

    /// Where the texts come from that `bytes` holds; of texts that overlap one is told.
    pub(super) fn found_in<'a>(&'a self, bytes: &'a [u8]) -> BTreeSet<&'a str> {
        self.finds(bytes).map(|(_, origin)| origin.as_str()).collect()
    }

    fn finds<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = &'a (String, String)> {
        let found = self.search.find_iter(bytes);
        found.map(|found| &self.spelt[std::str::from_utf8(found.as_bytes()).unwrap()])
    }
}

/// A text as it is, within JSON and labels, and within HTML.
fn spellings(text: &str) -> [String; 3] {
    let json = serde_json::to_string(text).unwrap();
    let html = text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
    let html = html.replace('"', "&#34;").replace('\'', "&#39;");
    [text.to_owned(), json[1..json.len() - 1].to_owned(), html]
}

/// What a walk through the hooks gathers.
#[derive(Default)]
struct Walk {
    private: Texts,
    kept: Vec<String>,
    paths: Vec<String>,
}

impl Walk {
    fn value(&mut self, value: &Value, key: &str, kept: Option<&str>, place: &str) {
        match value {
            Value::Object(members) => {
                let kept = kept_of(members);
                for (key, value) in members {
                    self.value(value, key, kept, &format!("{place}.{key}"));
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.value(value, key, None, &format!("{place}[{index}]"));
                }
            }
            Value::String(text) => self.text(text, key, kept, place),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, key: &str, kept: Option<&str>, place: &str) {
        if kept == Some(key) || KEPT.contains(&key) {
            self.kept.push(text.to_owned());
        }
        if key == "path_with_namespace" {
            self.paths.push(text.to_owned());
        }
        if kept == Some(key) || !PRIVATE.contains(&key) {
            return;
        }
        // A part of a long text is as private as the whole.
        for part in std::iter::once(text).chain(text.lines()).map(str::trim) {
            if part.chars().count() >= SHORTEST {
                self.private.entry(part.to_owned()).or_insert_with(|| place.to_owned());
            }
        }
    }
}

/// What a set of hooks is looked through for.
pub(super) struct Looked {
    pub(super) probes: Probes,
    /// How many texts are looked for.
    pub(super) texts: usize,
    /// How many are not, because they are also kept on purpose, or the program's own words.
    pub(super) passed_over: usize,
    /// A project's path, which is kept on purpose.
    pub(super) path: String,
}

/// What is private in the hooks; `own_words` is what the program says without them.
pub(super) fn probes(payloads: &[Payload], own_words: &[Place]) -> Looked {
    let mut walk = Walk::default();
    for payload in payloads {
        walk.value(&payload.json(), "", None, &format!("{}:$", payload.name));
    }
    let mut texts = walk.private;
    let gathered = texts.len();
    texts.retain(|text, _| !walk.kept.iter().any(|kept| kept.contains(text.as_str())));
    loop {
        let probes = Probes::new(texts.clone());
        let said: BTreeSet<&str> = own_words
            .iter()
            .flat_map(|place| probes.finds(&place.bytes))
            .map(|(text, _)| text.as_str())
            .collect();
        if said.is_empty() {
            let path = walk.paths.into_iter().next().expect("hooks tell paths");
            let passed_over = gathered - texts.len();
            return Looked { probes, texts: texts.len(), passed_over, path };
        }
        // Those that these overlapped are found in the next round.
        texts.retain(|text, _| !said.contains(text.as_str()));
    }
}
