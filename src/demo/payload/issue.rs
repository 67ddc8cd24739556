//! Issues, incidents and notes.

use serde_json::{Value, json};

use super::spelling::Spelling;
use super::{labels, project, repository, request, user, web_url};
use crate::delivery::Timestamp;
use crate::demo::company::Service;
use crate::demo::happening::{Issue, IssueAction, IssueEvent, Note, Noted};

impl IssueAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Update | Self::Labelled(_) | Self::Planned(_) => "update",
            Self::Close => "close",
            Self::Reopen => "reopen",
        }
    }
}

impl IssueEvent {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        let (what, severity) = match self.issue.severity {
            Some(severity) => ("incident", severity),
            None => ("issue", ""),
        };
        let text = format!("{what} #{} {} {severity}", self.issue.iid, self.action.as_str());
        text.trim_end().to_owned()
    }
}

impl Note {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        match &self.on {
            Noted::Request(request) => format!("note on merge request !{}", request.iid),
            Noted::Issue(issue) => format!("note on incident #{}", issue.iid),
        }
    }
}

/// GitLab calls an incident a work item.
const fn kind(issue: &Issue) -> &'static str {
    if issue.severity.is_some() { "work_item" } else { "issue" }
}

/// The body of an issue hook.
pub(super) fn event(
    service: &Service,
    event: &IssueEvent,
    at: Timestamp,
    spelling: Spelling<'_>,
) -> Value {
    let issue = &event.issue;
    let mut attributes = attributes(service, issue, spelling);
    if let Some(attributes) = attributes.as_object_mut() {
        attributes.insert(String::from("action"), json!(event.action.as_str()));
        attributes.insert(String::from("updated_at"), json!(spelling.time(at)));
    }
    let changes = match event.action {
        IssueAction::Open | IssueAction::Update => json!({}),
        IssueAction::Labelled(before) => json!({
            "labels": { "previous": labels(before), "current": labels(issue.labels) },
        }),
        IssueAction::Planned(before) => json!({
            "milestone_id": { "previous": before, "current": issue.milestone },
        }),
        IssueAction::Close => json!({ "state_id": { "previous": 1, "current": 2 } }),
        IssueAction::Reopen => json!({ "state_id": { "previous": 2, "current": 1 } }),
    };
    json!({
        "object_kind": kind(issue),
        "event_type": kind(issue),
        "user": user(event.by),
        "project": project(service),
        "object_attributes": attributes,
        "labels": labels(issue.labels),
        "changes": changes,
        "repository": repository(service),
    })
}

fn attributes(service: &Service, issue: &Issue, spelling: Spelling<'_>) -> Value {
    let incident = issue.severity.is_some();
    let (state, state_id) = if issue.closed_at.is_some() { ("closed", 2) } else { ("opened", 1) };
    let folder = if incident { "issues/incident" } else { "issues" };
    json!({
        "id": issue.id,
        "iid": issue.iid,
        "title": issue.title,
        "description": issue.description,
        "type": if incident { "Incident" } else { "Issue" },
        "author_id": issue.author.id,
        "project_id": service.id,
        "created_at": spelling.time(issue.created_at),
        "updated_at": spelling.time(issue.closed_at.unwrap_or(issue.created_at)),
        "closed_at": issue.closed_at.map(|at| spelling.time(at)),
        "assignee_ids": [],
        "milestone_id": issue.milestone,
        "state": state,
        "state_id": state_id,
        "confidential": false,
        "due_date": null,
        "moved_to_id": null,
        "duplicated_to_id": null,
        "severity": issue.severity.unwrap_or("unknown"),
        "escalation_status": if issue.closed_at.is_some() { "resolved" } else { "triggered" },
        "labels": labels(issue.labels),
        "url": format!("{}/-/{folder}/{}", web_url(service), issue.iid),
    })
}

/// The body of a note hook.
pub(super) fn note(service: &Service, note: &Note, at: Timestamp, spelling: Spelling<'_>) -> Value {
    let (noteable_type, noteable_id, key, subject) = match &note.on {
        Noted::Request(request) => {
            let subject = request::attributes(service, request, spelling);
            ("MergeRequest", request.id, "merge_request", subject)
        }
        Noted::Issue(issue) => ("Issue", issue.id, "issue", attributes(service, issue, spelling)),
    };
    let mut body = json!({
        "object_kind": "note",
        "event_type": "note",
        "user": user(note.by),
        "project_id": service.id,
        "project": project(service),
        "object_attributes": {
            "id": note.id,
            "note": note.text,
            "noteable_type": noteable_type,
            "noteable_id": noteable_id,
            "author_id": note.by.id,
            "created_at": spelling.time(at),
            "updated_at": spelling.time(at),
            "project_id": service.id,
            "system": false,
            "internal": false,
            "action": "create",
            "type": null,
            "commit_id": null,
            "line_code": null,
            "url": format!("{}/-/notes/{}", web_url(service), note.id),
        },
        "repository": repository(service),
    });
    if let Some(body) = body.as_object_mut() {
        body.insert(key.to_owned(), subject);
    }
    body
}
