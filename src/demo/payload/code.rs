//! Pushes of branches and tags.

use serde_json::{Value, json};

use super::spelling::Spelling;
use super::{commit, project, repository};
use crate::demo::company::{Person, Service};
use crate::demo::happening::{Push, Tag};

/// GitLab's way to say "no commit".
const NOTHING: &str = "0000000000000000000000000000000000000000";

impl Push {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        format!(
            "push {} {:.8} ({} commits)",
            self.branch,
            self.after.to_string(),
            self.commits.len()
        )
    }
}

impl Tag {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        format!("tag {} {:.8}", self.name, self.commit.sha.to_string())
    }
}

/// The body of a push hook.
pub(super) fn push(service: &Service, push: &Push, spelling: Spelling<'_>) -> Value {
    let commits: Vec<Value> = push
        .commits
        .iter()
        .map(|one| {
            let mut object = commit(service, one, spelling);
            if let Some(object) = object.as_object_mut() {
                object.insert(String::from("added"), json!([]));
                object.insert(String::from("modified"), json!(["src/service.rs"]));
                object.insert(String::from("removed"), json!([]));
            }
            object
        })
        .collect();
    let mut body = json!({
        "object_kind": "push",
        "event_name": "push",
        "before": push.before.map_or_else(|| NOTHING.to_owned(), |sha| sha.to_string()),
        "after": push.after.to_string(),
        "ref": format!("refs/heads/{}", push.branch),
        "ref_protected": push.branch == "main",
        "checkout_sha": push.after.to_string(),
        "message": null,
        "total_commits_count": commits.len(),
        "commits": commits,
        "push_options": {},
    });
    sign(&mut body, service, push.by);
    body
}

/// The body of a tag push hook.
pub(super) fn tag(service: &Service, tag: &Tag, spelling: Spelling<'_>) -> Value {
    let mut body = json!({
        "object_kind": "tag_push",
        "event_name": "tag_push",
        "before": NOTHING,
        "after": tag.object.to_string(),
        "ref": format!("refs/tags/{}", tag.name),
        "ref_protected": true,
        "checkout_sha": tag.commit.sha.to_string(),
        "message": format!("Version {}", tag.name),
        "commits": [commit(service, &tag.commit, spelling)],
        "total_commits_count": 1,
        "push_options": {},
    });
    sign(&mut body, service, tag.by);
    body
}

/// Adds what both have in common: who pushed, and where.
fn sign(body: &mut Value, service: &Service, by: &Person) {
    let Some(body) = body.as_object_mut() else { return };
    for (key, value) in [
        ("user_id", json!(by.id)),
        ("user_name", json!(by.name)),
        ("user_username", json!(by.username)),
        ("user_email", json!(null)),
        ("user_avatar", json!(null)),
        ("project_id", json!(service.id)),
        ("project", project(service)),
        ("repository", repository(service)),
    ] {
        body.insert(key.to_owned(), value);
    }
}
