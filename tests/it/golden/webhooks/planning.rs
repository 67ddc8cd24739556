//! What an ordinary issue's events tell of planning.

use serde_json::{Value, json};

use super::super::scenario::Issue;
use super::Teller;

/// The one milestone that issues are assigned to: examples do not number them.
const MILESTONE: u64 = 1;

impl Teller<'_> {
    /// An issue that is opened, perhaps planned, perhaps validated by a label.
    pub(super) fn planned(&self, issue: &Issue, validated: &str) -> Vec<(&'static str, Value)> {
        let at = |at: &Option<String>| at.as_ref().map(|at| at.parse::<jiff::Timestamp>().unwrap());
        let (planned_at, validated_at) =
            (at(&issue.milestone_assigned_at), at(&issue.validated_at));
        let label = json!([{ "title": validated }]);
        let state = |when: jiff::Timestamp| {
            let is_past = |at: Option<jiff::Timestamp>| at.is_some_and(|at| at <= when);
            let milestone = is_past(planned_at).then_some(MILESTONE);
            (milestone, if is_past(validated_at) { label.clone() } else { json!([]) })
        };
        let event = |action: &str, when: jiff::Timestamp, changes: Value| {
            self.planned_event(issue, action, when, (state(when), changes))
        };
        let opened = issue.created_at.parse().unwrap();
        let mut told = vec![event("open", opened, json!({}))];
        told.extend(planned_at.map(|when| {
            let change = json!({ "milestone_id": { "previous": null, "current": MILESTONE } });
            event("update", when, change)
        }));
        told.extend(validated_at.map(|when| {
            let change = json!({ "labels": { "previous": [], "current": label } });
            event("update", when, change)
        }));
        told
    }

    fn planned_event(
        &self,
        issue: &Issue,
        action: &str,
        when: jiff::Timestamp,
        ((milestone, labels), changes): ((Option<u64>, Value), Value),
    ) -> (&'static str, Value) {
        let body = json!({
            "object_kind": "issue", "event_type": "issue",
            "user": Self::user("planner"), "project": self.about(), "labels": labels,
            "object_attributes": {
                "id": issue.iid, "iid": issue.iid, "project_id": self.id,
                "type": "Issue", "action": action, "state": "opened",
                "created_at": issue.created_at, "updated_at": when.to_string(),
                "milestone_id": milestone, "labels": labels, "description": "Wanted",
            },
            "changes": changes,
        });
        ("Issue Hook", body)
    }
}
