//! Merge requests.

use serde_json::{Value, json};

use super::spelling::Spelling;
use super::{commit, labels, project, repository, user, web_url};
use crate::delivery::Timestamp;
use crate::demo::company::Service;
use crate::demo::happening::{Dialect, Request, RequestAction, RequestEvent};

impl RequestAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pushed(_) | Self::Ready => "update",
            Self::Approved => "approved",
            Self::Merge => "merge",
            Self::Close => "close",
        }
    }
}

impl RequestEvent {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        let detail = match self.action {
            RequestAction::Pushed(_) => " (pushed)",
            RequestAction::Ready => " (ready)",
            _ => "",
        };
        format!("merge request !{} {}{detail}", self.request.iid, self.action.as_str())
    }

    fn state(&self) -> (&'static str, u8) {
        match self.action {
            RequestAction::Merge => ("merged", 3),
            RequestAction::Close => ("closed", 2),
            _ => ("opened", 1),
        }
    }
}

/// The body of a merge request hook.
pub(super) fn event(
    service: &Service,
    event: &RequestEvent,
    at: Timestamp,
    spelling: Spelling<'_>,
) -> Value {
    let request = &event.request;
    let mut attributes = attributes(service, request, spelling);
    let (state, state_id) = event.state();
    let is_merge = event.action == RequestAction::Merge;
    let set = |attributes: &mut Value, key: &str, value: Value| {
        if let Some(attributes) = attributes.as_object_mut() {
            attributes.insert(key.to_owned(), value);
        }
    };
    set(&mut attributes, "state", json!(state));
    set(&mut attributes, "state_id", json!(state_id));
    set(&mut attributes, "action", json!(event.action.as_str()));
    set(&mut attributes, "updated_at", json!(spelling.time(at)));
    if let RequestAction::Pushed(before) = event.action {
        set(&mut attributes, "oldrev", json!(before.to_string()));
    }
    if is_merge {
        let merge_commit = request.merge_commit.map(|sha| sha.to_string());
        set(&mut attributes, "merge_commit_sha", json!(merge_commit));
    }
    if spelling.dialect == Dialect::V19 {
        let merged_at = request.merged_at.filter(|_| is_merge).map(|at| spelling.time(at));
        let squash_commit = request.squash_commit.map(|sha| sha.to_string());
        set(&mut attributes, "merged_at", json!(merged_at));
        set(&mut attributes, "squash_commit_sha", json!(squash_commit));
        set(&mut attributes, "actioned_at", json!(spelling.time(at)));
        set(&mut attributes, "target_branch_protected", json!(true));
    }
    json!({
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": user(event.by),
        "project": project(service),
        "object_attributes": attributes,
        "labels": labels(request.labels),
        "changes": changes(event, at, spelling),
        "repository": repository(service),
        "assignees": [user(request.author)],
        "reviewers": [user(request.reviewer)],
    })
}

/// What every hook about a merge request says of it, notes included.
pub(super) fn attributes(service: &Service, request: &Request, spelling: Spelling<'_>) -> Value {
    let head = request.commits.last();
    json!({
        "id": request.id,
        "iid": request.iid,
        "author_id": request.author.id,
        "title": request.title,
        "description": request.description,
        "created_at": spelling.time(request.created_at),
        "updated_at": spelling.time(request.created_at),
        "draft": request.draft,
        "work_in_progress": request.draft,
        "head_pipeline_id": null,
        "last_edited_at": null,
        "merge_commit_sha": null,
        "merge_error": null,
        "merge_params": { "force_remove_source_branch": "1" },
        "merge_status": "can_be_merged",
        "merge_user_id": null,
        "merge_when_pipeline_succeeds": false,
        "milestone_id": request.milestone,
        "source_branch": request.branch,
        "source_project_id": service.id,
        "target_branch": "main",
        "target_project_id": service.id,
        "state": "opened",
        "state_id": 1,
        "time_estimate": 0,
        "total_time_spent": 0,
        "blocking_discussions_resolved": true,
        "detailed_merge_status": "mergeable",
        "assignee_ids": [request.author.id],
        "reviewer_ids": [request.reviewer.id],
        "labels": labels(request.labels),
        "last_commit": head.map(|head| commit(service, head, spelling)),
        "source": project(service),
        "target": project(service),
        "url": format!("{}/-/merge_requests/{}", web_url(service), request.iid),
    })
}

fn changes(event: &RequestEvent, at: Timestamp, spelling: Spelling<'_>) -> Value {
    let updated_at =
        json!({ "previous": spelling.time(at.minus(1)), "current": spelling.time(at) });
    match event.action {
        RequestAction::Ready => json!({
            "draft": { "previous": true, "current": false },
            "title": {
                "previous": format!("Draft: {}", event.request.title),
                "current": event.request.title,
            },
            "updated_at": updated_at,
        }),
        RequestAction::Merge => json!({
            "state_id": { "previous": 4, "current": 3 },
            "updated_at": updated_at,
        }),
        RequestAction::Close => json!({
            "state_id": { "previous": 1, "current": 2 },
            "updated_at": updated_at,
        }),
        _ => json!({ "updated_at": updated_at }),
    }
}
