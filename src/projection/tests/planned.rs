//! What was planned, and when: labels, milestones and what a merge request closes.

use serde_json::{Value, json};

use super::{Projection, at, iid, projection};
use crate::delivery::register::{Earliest, Greatest, Newest};
use crate::delivery::{
    ClosedIssues, FactBody, IssueLabel, IssueMilestone, LabelName, MilestoneDue, MilestoneId,
};

fn told(body: &Value) -> Vec<FactBody> {
    match projection(body) {
        Projection::Facts(facts) => facts.into_iter().map(|fact| fact.body).collect(),
        other => panic!("{other:?}"),
    }
}

fn issue(action: &str, attributes: &Value, changes: &Value) -> Vec<FactBody> {
    let mut body = json!({
        "object_kind": "issue", "project": {"id": 1}, "changes": changes,
        "object_attributes": {
            "iid": 7, "action": action, "type": "Issue",
            "created_at": "2026-05-25T09:00:00Z", "updated_at": "2026-06-01T15:00:00Z",
        },
    });
    for (key, value) in attributes.as_object().unwrap() {
        body["object_attributes"][key] = value.clone();
    }
    told(&body)
}

fn labels(facts: &[FactBody]) -> Vec<IssueLabel> {
    let labels = facts.iter().filter_map(|body| match body {
        FactBody::IssueLabel(label) => Some(label.clone()),
        _ => None,
    });
    labels.collect()
}

fn label(name: &str, added: &str) -> IssueLabel {
    let label = LabelName::new(name).unwrap();
    IssueLabel { issue: iid(7), label, added_at: Earliest::at(at(added)) }
}

fn moves(facts: &[FactBody]) -> Vec<IssueMilestone> {
    let moves = facts.iter().filter_map(|body| match body {
        FactBody::IssueMilestone(moved) => Some(moved.clone()),
        _ => None,
    });
    moves.collect()
}

fn milestone(number: u64) -> MilestoneId {
    MilestoneId::new(number).unwrap()
}

#[test]
fn a_label_is_given_when_it_is_new_in_an_event_or_there_at_the_opening() {
    let both = json!([{"title": "idea"}, {"title": "validated"}]);
    let opened = issue("open", &json!({"labels": both}), &json!({}));
    let at_creation = "2026-05-25T09:00:00Z";
    assert_eq!(labels(&opened), [label("idea", at_creation), label("validated", at_creation)]);

    let change = json!({"labels": {"previous": [{"title": "idea"}], "current": both}});
    let changed = issue("update", &json!({"labels": both}), &change);
    assert_eq!(labels(&changed), [label("validated", "2026-06-01T15:00:00Z")]);

    let taken = json!({"labels": {"previous": both, "current": [{"title": "idea"}]}});
    assert_eq!(labels(&issue("update", &json!({}), &taken)), []);
    let later = issue("update", &json!({"labels": both}), &json!({}));
    assert_eq!(labels(&later), [], "it was given before, nobody knows when");
    let undated = issue("update", &json!({"updated_at": null}), &change);
    assert_eq!(labels(&undated), []);
}

#[test]
fn a_milestone_is_assigned_at_the_opening_or_by_a_change_and_taken_away_by_null() {
    let opened = issue("open", &json!({"milestone_id": 4}), &json!({}));
    let [at_creation, later] = [at("2026-05-25T09:00:00Z"), at("2026-06-01T15:00:00Z")];
    let moved = |at, before: Option<u64>, after: Option<u64>| IssueMilestone {
        issue: iid(7),
        at,
        before: Greatest(before.map(milestone)),
        milestone: Greatest(after.map(milestone)),
    };
    assert_eq!(moves(&opened), [moved(at_creation, None, Some(4))]);
    assert_eq!(moves(&issue("open", &json!({"milestone_id": null}), &json!({}))), []);
    let change = |previous: Value, current: Value| {
        let change = json!({"milestone_id": {"previous": previous, "current": current}});
        moves(&issue("update", &json!({}), &change))
    };
    assert_eq!(change(json!(null), json!(4)), [moved(later, None, Some(4))]);
    assert_eq!(change(json!(4), json!(5)), [moved(later, Some(4), Some(5))]);
    assert_eq!(change(json!(5), json!(null)), [moved(later, Some(5), None)]);
    let unchanged = issue("update", &json!({"milestone_id": 4}), &json!({}));
    assert_eq!(moves(&unchanged), []);
}

#[test]
fn a_merge_request_closes_the_issues_that_its_description_says() {
    let closes = |description: Value| {
        let body = json!({
            "object_kind": "merge_request", "project": {"id": 1},
            "object_attributes": {
                "iid": 3, "description": description, "updated_at": "2026-06-01T15:00:00Z",
            },
        });
        told(&body).into_iter().find_map(|body| match body {
            FactBody::MergeRequest(request) => Some(request.closes),
            _ => None,
        })
    };
    let said = |issues: &[u64]| {
        let issues = issues.iter().copied().map(iid).collect();
        Some(Newest::at(at("2026-06-01T15:00:00Z"), ClosedIssues::new(issues)))
    };
    assert_eq!(closes(json!("Closes #9, #7 and fixes #9")), said(&[7, 9]));
    assert_eq!(closes(json!("See #7")), said(&[]));
    assert_eq!(closes(json!(null)), said(&[]));
}

#[test]
fn each_event_of_a_milestone_tells_the_due_day_of_its_instant() {
    let due = |day: Value, updated: Value| {
        let body = json!({
            "object_kind": "milestone", "project": {"id": 1}, "action": "close",
            "object_attributes": {"id": 4, "due_date": day, "updated_at": updated},
        });
        told(&body).into_iter().find_map(|body| match body {
            FactBody::MilestoneDue(due) => Some(due),
            _ => None,
        })
    };
    let when = "2026-06-01T15:00:00Z";
    let expected = |day: Option<&str>| {
        let due_day = Greatest(day.map(at));
        Some(MilestoneDue { milestone: milestone(4), at: at(when), due_day })
    };
    assert_eq!(due(json!("2026-06-30"), json!(when)), expected(Some("2026-06-30")));
    assert_eq!(due(json!(null), json!(when)), expected(None));
    assert_eq!(due(json!("2026-06-30"), json!(null)), None, "nobody knows since when");
}

#[test]
fn a_pipeline_of_a_merge_request_names_it_unless_it_ran_in_a_fork() {
    let request = |target: Value| {
        let body = json!({
            "object_kind": "pipeline", "project": {"id": 1}, "object_attributes": {"id": 5},
            "merge_request": {"iid": 7, "target_project_id": target},
        });
        told(&body).into_iter().find_map(|body| match body {
            FactBody::Pipeline(pipeline) => pipeline.merge_request.0,
            _ => None,
        })
    };
    assert_eq!(request(json!(1)), Some(iid(7)));
    assert_eq!(request(json!(null)), Some(iid(7)));
    assert_eq!(request(json!(2)), None);
}
