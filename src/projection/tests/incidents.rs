//! Issues, incidents, and the causes that comments name.

use serde_json::json;

use super::{Projection, at, bodies, iid, only, projection, record, unreadable};
use crate::delivery::register::{Earliest, Newest};
use crate::delivery::{
    Cause, DeploymentId, FactBody, IssueTransition, IssueType, Severity, Transition,
};

fn transitions(name: &str) -> Vec<IssueTransition> {
    let transitions = bodies(name).into_iter().filter_map(|body| match body {
        FactBody::IssueTransition(transition) => Some(transition),
        _ => None,
    });
    transitions.collect()
}

#[test]
fn an_incident_starts_at_its_creation_with_type_and_severity() {
    let incident = only!("work_item-incident-open-19x", Issue);
    let when = at("2026-03-04T08:20:00Z");
    assert_eq!(incident.iid, iid(31));
    assert_eq!(incident.created_at, Earliest::at(when));
    assert_eq!(incident.issue_type, Newest::at(when, IssueType::Incident));
    assert_eq!(incident.severity, Newest::at(when, Severity::High));
    assert_eq!(incident.superseded, Newest::at(when, false));
    assert_eq!(incident.described_cause, Newest::at(when, None));
    assert!(transitions("work_item-incident-open-19x").is_empty());
}

#[test]
fn a_close_is_dated_by_closed_at_and_a_reopening_by_its_event() {
    let close = transitions("work_item-incident-close-19x");
    let expected = |text, transition| IssueTransition { issue: iid(31), at: at(text), transition };
    assert_eq!(close, [expected("2026-03-04T09:29:59Z", Transition::Closed)]);
    let reopening = transitions("work_item-incident-reopen-19x");
    assert_eq!(reopening, [expected("2026-03-04T10:00:00Z", Transition::Reopened)]);
    let update = transitions("work_item-incident-update-closed-19x");
    assert_eq!(update, [expected("2026-03-04T11:00:00Z", Transition::Closed)], "a lost close");
}

#[test]
fn before_closed_at_was_sent_a_close_is_dated_by_its_event() {
    let name = "issue-incident-close-15x-no-type";
    let expected = IssueTransition {
        issue: iid(32),
        at: at("2026-03-06T12:00:00Z"),
        transition: Transition::Closed,
    };
    assert_eq!(transitions(name), [expected]);
    let mut body: serde_json::Value =
        serde_json::from_slice(&crate::gitlab::fixtures::fixture(name)).unwrap();
    body["object_attributes"]["action"] = json!("update");
    let Projection::Facts(facts) = projection(&body) else { panic!() };
    let told = facts.iter().any(|fact| matches!(fact.body, FactBody::IssueTransition(_)));
    assert!(!told, "a later update does not know when it was closed");
}

#[test]
fn without_a_type_the_signs_of_an_incident_decide() {
    let incident = only!("issue-incident-close-15x-no-type", Issue);
    assert_eq!(incident.issue_type.value(), Some(&IssueType::Incident));
    let plain = only!("issue-open-15x-no-type", Issue);
    assert_eq!(plain.issue_type.value(), Some(&IssueType::Issue));
    assert_eq!(plain.labels.value().unwrap().iter().next().unwrap().as_str(), "wish");
    let told = |attributes: serde_json::Value| {
        let mut body = json!({"object_kind": "issue", "project": {"id": 1}});
        body["object_attributes"] = attributes;
        let Projection::Facts(facts) = projection(&body) else { panic!() };
        let FactBody::Issue(issue) = &facts[0].body else { panic!() };
        *issue.issue_type.value().unwrap()
    };
    assert_eq!(told(json!({"iid": 1, "severity": "low"})), IssueType::Incident);
    assert_eq!(told(json!({"iid": 1, "escalation_status": "resolved"})), IssueType::Incident);
    assert_eq!(
        told(json!({"iid": 1, "url": "https://x/-/issues/incident/1"})),
        IssueType::Incident
    );
    assert_eq!(told(json!({"iid": 1, "severity": "unknown"})), IssueType::Issue);
    assert_eq!(told(json!({"iid": 1, "type": "Issue", "severity": "high"})), IssueType::Issue);
    assert_eq!(told(json!({"iid": 1, "type": "Task"})), IssueType::Other);
}

#[test]
fn a_cause_is_read_from_the_description_and_from_comments() {
    let described = only!("work_item-incident-update-closed-19x", Issue);
    let when = at("2026-03-05T10:00:00Z");
    assert_eq!(described.described_cause, Newest::at(when, Some(Cause::External)));
    assert_eq!(described.severity, Newest::at(when, Severity::Critical));
    let noted = only!("note-issue-cause-18x", Issue);
    let deployment = Cause::Deployment(DeploymentId::new(502).unwrap());
    assert_eq!(noted.noted_cause, Newest::at(at("2026-03-04T09:00:00Z"), deployment));
    assert_eq!(noted.issue_type, Newest::default(), "a comment says nothing else of the issue");
    let noted = only!("note-work-item-cause-19x", Issue);
    assert_eq!(noted.noted_cause.value(), Some(&Cause::MergeRequest(iid(22))));
}

#[test]
fn a_comment_without_a_cause_says_no_more_than_when_somebody_spoke() {
    let noted = only!("note-issue-chat-18x", Issue);
    assert_eq!(noted.noted_cause, Newest::default());
    assert_ne!(noted.first_note_at, Earliest::default());
    let undated = json!({
        "object_kind": "note", "project": {"id": 1}, "issue": {"iid": 3},
        "object_attributes": {"noteable_type": "Issue", "note": "?"},
    });
    let why = "a comment without a date that names no cause";
    assert_eq!(projection(&undated), Projection::Irrelevant(why));
}

#[test]
fn a_duplicate_is_superseded() {
    let duplicate = only!("issue-duplicate-18x", Issue);
    assert_eq!(duplicate.superseded.value(), Some(&true));
    assert_eq!(duplicate.issue_type.value(), Some(&IssueType::Issue));
}

#[test]
fn a_groups_work_item_is_irrelevant_and_an_issue_without_project_unreadable() {
    let epic = super::project(&record("work_item-epic-of-group-19x"));
    assert!(matches!(epic, Projection::Irrelevant(_)));
    let body = json!({"object_kind": "issue", "object_attributes": {"iid": 1}});
    assert!(unreadable(&body).starts_with("project.id:"));
    let body =
        json!({"object_kind": "issue", "project": {"id": 1}, "object_attributes": {"state": "x"}});
    assert!(unreadable(&body).starts_with("object_attributes.iid:"));
}
