//! The folders of hooks, and how GitLab would send each file.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Delivery;

/// One body as it lies in a folder.
#[derive(Debug, Clone)]
pub(crate) struct Payload {
    /// Its path within the folder.
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
}

impl Payload {
    /// The delivery of it, under the header that GitLab gives it.
    pub(crate) fn delivery(&self) -> Delivery {
        Delivery::new(self.body.clone()).event(self.event())
    }

    /// The body as JSON: of a key that stands twice the last value, and null for what is no JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The `X-Gitlab-Event` of it.
    pub(crate) fn event(&self) -> &'static str {
        if self.name.contains("/service_") {
            return "Service Hook";
        }
        let json = self.json();
        let told = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
        let kind = told("object_kind");
        // System hooks tell of no notes: the name of such a file means a note that GitLab wrote.
        let is_of_instance = self.name.contains("system") && kind.as_deref() != Some("note");
        if is_of_instance || (kind.is_none() && !self.name.contains("group-")) {
            return "System Hook";
        }
        match kind.or_else(|| told("event_name")).unwrap_or_default().as_str() {
            "access_token" => "Resource Access Token Hook",
            "build" => "Job Hook",
            "deployment" => "Deployment Hook",
            "emoji" => "Emoji Hook",
            "feature_flag" => "Feature Flag Hook",
            "issue" => "Issue Hook",
            "merge_request" => "Merge Request Hook",
            "milestone" => "Milestone Hook",
            "note" => "Note Hook",
            "pipeline" => "Pipeline Hook",
            "project_create" | "project_destroy" => "Project Hook",
            "push" => "Push Hook",
            "release" => "Release Hook",
            "subgroup_create" | "subgroup_destroy" => "Subgroup Hook",
            "tag_push" => "Tag Push Hook",
            "user_add_to_group" => "Member Hook",
            "vulnerability" => "Vulnerability Hook",
            "wiki_page" => "Wiki Page Hook",
            "work_item" => "Work Item Hook",
            _ => "System Hook",
        }
    }
}

/// Our own hooks, named `<kind>-<what>.json`.
pub(crate) fn own() -> Vec<Payload> {
    let payloads = read(&project().join("tests/fixtures/gitlab/hooks"));
    assert!(payloads.len() > 70, "only {} hooks", payloads.len());
    payloads
}

/// The hooks that are kept outside the project; `None`, with a notice, where they are not.
pub(crate) fn outside() -> Option<Vec<Payload>> {
    let folder = project().join("../shared/gitlab-payloads");
    if folder.is_dir() {
        return Some(read(&folder));
    }
    say(&format!("SKIPPED: {} is absent, its hooks were not sent", folder.display()));
    None
}

/// Says something past the test harness, which keeps what is printed to itself.
pub(crate) fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every JSON file below `root`, in the order of their paths.
fn read(root: &Path) -> Vec<Payload> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push(Payload { name, body: std::fs::read(&path).unwrap() });
            }
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}
