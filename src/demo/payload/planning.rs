//! Milestones, and the Releases that mark tags.

use serde_json::{Value, json};

use super::spelling::Spelling;
use super::{commit, project, web_url};
use crate::delivery::Timestamp;
use crate::demo::company::Service;
use crate::demo::happening::{MilestoneEvent, Tag};

impl MilestoneEvent {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        format!("milestone {} {}", self.iid, self.action())
    }

    const fn action(&self) -> &'static str {
        if self.closed { "close" } else { "create" }
    }
}

/// The body of a milestone hook.
pub(super) fn milestone(
    service: &Service,
    event: &MilestoneEvent,
    at: Timestamp,
    spelling: Spelling<'_>,
) -> Value {
    json!({
        "object_kind": "milestone",
        "event_type": "milestone",
        "project": project(service),
        "object_attributes": {
            "id": event.id,
            "iid": event.iid,
            "title": format!("Step {}", event.iid),
            "description": "",
            "state": if event.closed { "closed" } else { "active" },
            "created_at": spelling.time(event.created_at),
            "updated_at": spelling.time(at),
            "start_date": spelling.day(event.starts),
            "due_date": spelling.day(event.due),
            "group_id": null,
            "project_id": service.id,
        },
        "action": event.action(),
    })
}

/// The body of a release hook.
pub(super) fn release(
    service: &Service,
    tag: &Tag,
    at: Timestamp,
    spelling: Spelling<'_>,
) -> Value {
    json!({
        "object_kind": "release",
        "action": "create",
        "id": tag.id,
        "name": tag.name,
        "tag": tag.name,
        "description": "What changed for users.",
        "created_at": spelling.time(at),
        "released_at": spelling.time(at),
        "project": project(service),
        "url": format!("{}/-/releases/{}", web_url(service), tag.name),
        "assets": { "count": 0, "links": [], "sources": [] },
        "commit": commit(service, &tag.commit, spelling),
    })
}
