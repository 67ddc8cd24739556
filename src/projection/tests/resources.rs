//! What resources of the API mean: what hooks tell of the same things, and no more.

use serde_json::{Value, json};

use super::{Projection, at, facts, iid, project};
use crate::delivery::register::{Earliest, Newest};
use crate::delivery::{
    Cause, Commit, Deployment, DeploymentStatus, FactBody, IssueTransition, IssueType, JobId,
    Merge as _, MergeRequest, MergeRequestState, MilestoneId, ProjectId, Push, Transition,
};
use crate::gitlab::fixtures::{INSTANCE, fixture, pseudonyms};
use crate::gitlab::resource::{Resource, Within, scrub_resource};

const SHA: &str = "abababababababababababababababababababab";
const PARENT: &str = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";

fn told(resource: Resource, body: &Value) -> Vec<FactBody> {
    let within = Within {
        project: ProjectId::new(71).unwrap(),
        merge_request: Some(iid(4)),
        issue: Some(iid(4)),
        branch: Some("main"),
        commit: None,
    };
    let body = body.to_string();
    let record = scrub_resource(INSTANCE, (resource, within), &body, &pseudonyms()).unwrap();
    match project(&record) {
        Projection::Facts(facts) => facts.into_iter().map(|fact| fact.body).collect(),
        other => panic!("{resource:?} {body}: {other:?}"),
    }
}

/// The only fact of a kind.
macro_rules! the {
    ($kind:ident, $facts:expr) => {{
        let mut found = $facts.into_iter().filter_map(|body| match body {
            FactBody::$kind(fact) => Some(fact),
            _ => None,
        });
        let fact = found.next().expect("such a fact");
        assert!(found.next().is_none());
        fact
    }};
}

fn deployment(changes: &Value) -> Deployment {
    let mut body = json!({
        "id": 9, "status": "success", "sha": SHA, "ref": "main",
        "created_at": "2026-03-04T07:59:00.100Z", "updated_at": "2026-03-04T08:30:00.900Z",
        "environment": {"name": "production"},
        "deployable": {
            "id": 5, "started_at": "2026-03-04T08:00:00Z", "finished_at": "2026-03-04T08:05:00.999Z",
        },
    });
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    the!(Deployment, told(Resource::Deployment, &body))
}

#[test]
fn a_deployment_finished_by_its_own_word_else_its_jobs_else_its_last_change() {
    let finish = |changes: Value| deployment(&changes).succeeded_at;
    assert_eq!(finish(json!({})), Earliest::at(at("2026-03-04T08:05:00Z")));
    let own = json!({"finished_at": "2026-03-04T08:05:02Z"});
    assert_eq!(finish(own), Earliest::at(at("2026-03-04T08:05:02Z")));
    let by_api = json!({"deployable": null});
    assert_eq!(finish(by_api), Earliest::at(at("2026-03-04T08:30:00Z")));
    assert_eq!(finish(json!({"status": "failed"})), Earliest(None));
    let failed = deployment(&json!({"status": "failed"}));
    assert_eq!(failed.status.state(), Some(&DeploymentStatus::Failed));
    assert_eq!(failed.started_at, Earliest::at(at("2026-03-04T08:00:00Z")));
    let waits = deployment(&json!({"status": "blocked", "approvals": [{"status": "approved"}]}));
    assert_eq!((waits.started_at, waits.rejected.0), (Earliest(None), false));
    assert!(deployment(&json!({"approvals": [{"status": "rejected"}]})).rejected.0);
}

#[test]
fn milliseconds_and_the_order_of_hearing_make_no_difference_to_a_deployment() {
    let hook = facts("deployment-success-19x")
        .into_iter()
        .find_map(|fact| match fact.body {
            FactBody::Deployment(own) => Some(own),
            _ => None,
        })
        .unwrap();
    let finished_at = hook.succeeded_at.0.unwrap();
    let written = crate::gitlab::timestamp::write(finished_at).replace('Z', ".987Z");
    let mut body = json!({"id": hook.id.get(), "finished_at": written, "updated_at": written});
    body["sha"] = json!(hook.sha.0.map(|sha| sha.to_string()));
    body["environment"] = json!({"name": hook.environment.0.as_ref().map(ToString::to_string)});
    body["ref"] = json!(hook.ref_name.0.as_ref().map(ToString::to_string));
    body["deployable"] = json!({"id": hook.job.0.map(JobId::get)});
    let asked = deployment(&body);
    for (mut one, other) in [(hook.clone(), asked.clone()), (asked.clone(), hook.clone())] {
        one.merge(other);
        assert_eq!(one, hook);
    }
    assert_eq!(asked, hook, "either alone says the same");
}

fn merge_request(changes: &Value) -> MergeRequest {
    let mut body = json!({
        "iid": 4, "state": "merged", "draft": false, "sha": SHA, "labels": ["hotfix"],
        "created_at": "2026-03-01T08:00:00Z", "merged_at": "2026-03-03T09:00:00.400Z",
        "updated_at": "2026-03-05T10:00:00.100Z", "description": "Closes #3", "milestone": null,
        "merge_commit_sha": null, "squash_commit_sha": PARENT, "source_branch": "hotfix/x",
        "target_branch": "main", "author": {"id": 11, "username": "ada"},
    });
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    *the!(MergeRequest, told(Resource::MergeRequest, &body))
}

#[test]
fn a_merge_request_says_when_it_merged_and_what_landed() {
    let own = merge_request(&json!({}));
    assert_eq!(own.merged(), Some(at("2026-03-03T09:00:00Z")));
    assert_eq!(own.merge_reported_at, Earliest(None));
    assert_eq!(own.state.state(), Some(&MergeRequestState::Merged));
    assert_eq!(own.squash_commit.value().map(ToString::to_string).as_deref(), Some(PARENT));
    assert_eq!(own.merge_commit, Newest(None));
    assert_eq!(own.closes.value().map(|issues| issues.as_slice().to_vec()), Some(vec![iid(3)]));
    assert!(own.labels.value().is_some_and(|labels| labels.contains("hotfix")));
    assert_eq!(own.milestone, Newest::at(at("2026-03-05T10:00:00Z"), None));
    assert!(!own.was_draft.0);
    let untold = merge_request(&json!({"merged_at": null}));
    assert_eq!(untold.merged(), Some(at("2026-03-05T10:00:00Z")));
    assert_eq!(merge_request(&json!({"labels": null})).labels, Newest(None));
}

#[test]
fn a_merge_hook_and_the_api_agree_whichever_comes_first() {
    let name = "merge_request-merge-19x";
    let hook: Value = serde_json::from_slice(&fixture(name)).unwrap();
    let attributes = &hook["object_attributes"];
    let mut body = attributes.clone();
    body["author"] = json!({"id": attributes["author_id"], "username": "somebody"});
    body["labels"] = json!(
        hook["labels"].as_array().unwrap().iter().map(|label| &label["title"]).collect::<Vec<_>>()
    );
    body["sha"] = attributes["last_commit"]["id"].clone();
    body["milestone"] = match &attributes["milestone_id"] {
        Value::Null => Value::Null,
        id => json!({"id": id}),
    };
    let asked = *the!(MergeRequest, told(Resource::MergeRequest, &body));
    let heard = facts(name).into_iter().find_map(|fact| match fact.body {
        FactBody::MergeRequest(own) => Some(*own),
        _ => None,
    });
    let heard = heard.unwrap();
    let joined = |mut one: MergeRequest, other: MergeRequest| {
        one.merge(other);
        one
    };
    let both = joined(heard.clone(), asked.clone());
    assert_eq!(both, joined(asked.clone(), heard.clone()));
    assert_eq!(both.merged(), heard.merged());
    // All that is measured is the same by either way alone.
    assert_eq!(asked.merged_at, heard.merged_at);
    assert_eq!((asked.author, &asked.source_project), (heard.author, &heard.source_project));
    assert_eq!((&asked.labels, &asked.head), (&heard.labels, &heard.head));
    assert_eq!(
        (&asked.merge_commit, &asked.target_branch),
        (&heard.merge_commit, &heard.target_branch)
    );
}

fn commit(resource: Resource, parents: &[&str]) -> Vec<FactBody> {
    let body = json!({
        "id": SHA, "parent_ids": parents, "title": "Round", "message": "Round",
        "author_name": "Ada", "authored_date": "2026-03-01T08:00:00+02:00",
        "committed_date": "2026-03-02T08:00:00Z",
    });
    told(resource, &body)
}

#[test]
fn a_commit_of_a_line_moved_the_branch_from_its_first_parent() {
    let push = |parents| -> Push { the!(Push, commit(Resource::Commit, parents)) };
    let plain = push(&[PARENT]);
    assert_eq!(plain.ref_name.as_str(), "refs/heads/main");
    assert_eq!(plain.before.0.map(|sha| sha.to_string()).as_deref(), Some(PARENT));
    assert!(plain.is_complete() && plain.listed() == [plain.after]);
    let merge = push(&[PARENT, SHA]);
    assert!(!merge.is_complete(), "what it merged is not listed");
    assert_eq!(push(&[]).before.0, None);
    let told: Commit = the!(Commit, commit(Resource::Commit, &[PARENT, SHA]));
    assert!(told.is_merge.0);
    assert_eq!(told.authored_at, Earliest::at(at("2026-03-01T06:00:00Z")));
    assert_eq!(told.committed_at, Earliest::at(at("2026-03-02T08:00:00Z")));
}

#[test]
fn a_commit_of_a_merge_request_is_one_of_its_own_and_moves_no_branch() {
    let all = commit(Resource::MergeRequestCommit, &[]);
    assert!(!all.iter().any(|body| matches!(body, FactBody::Push(_))));
    let listed = the!(MergeRequestCommit, all);
    assert_eq!((listed.merge_request, listed.sha.to_string().as_str()), (iid(4), SHA));
}

#[test]
fn notes_tell_of_reviews_approvals_and_drafts() {
    let note = |system: bool, body: &str, author: &str| {
        json!({
            "id": 1, "system": system, "body": body, "created_at": "2026-03-02T08:00:00.5Z",
            "author": {"id": 12, "username": author},
        })
    };
    let told = |note: &Value| told(Resource::MergeRequestNote, note);
    let when = at("2026-03-02T08:00:00Z");
    assert_eq!(the!(Review, told(&note(false, "Fine", "bob"))).at, when);
    assert_eq!(the!(Review, told(&note(true, "approved this merge request", "bob"))).at, when);
    let ready = told(&note(true, "marked this merge request as **ready**", "bob"));
    let ready = the!(MergeRequest, ready);
    assert_eq!((ready.was_draft.0, ready.ready_at), (true, Earliest::at(when)));
    // A person may write what GitLab would.
    let quoted = told(&note(false, "marked this merge request as **ready**", "bob"));
    assert!(quoted.iter().all(|body| matches!(body, FactBody::Review(_))));
}

#[test]
fn notes_of_bots_and_of_gitlab_itself_say_nothing() {
    for (system, author) in [(true, "bob"), (false, "project_71_bot_1")] {
        let note = json!({
            "system": system, "body": "added 1 commit", "created_at": "2026-03-02T08:00:00Z",
            "author": {"id": 12, "username": author},
        });
        let project_id = ProjectId::new(71).unwrap();
        let within = Within { merge_request: Some(iid(4)), ..Within::project(project_id) };
        let of = (Resource::MergeRequestNote, within);
        let record = scrub_resource(INSTANCE, of, &note.to_string(), &pseudonyms()).unwrap();
        assert!(matches!(project(&record), Projection::Irrelevant(_)), "{system} {author}");
    }
}

fn issue(changes: &Value) -> Vec<FactBody> {
    let mut body = json!({
        "iid": 4, "issue_type": "incident", "type": "INCIDENT", "severity": "HIGH",
        "state": "closed", "created_at": "2026-03-04T08:00:00Z", "labels": [],
        "closed_at": "2026-03-04T09:00:00.700Z", "updated_at": "2026-03-05T08:00:00Z",
        "description": "dora: caused-by deployment 9", "moved_to_id": null,
    });
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    told(Resource::Issue, &body)
}

#[test]
fn an_incident_has_type_severity_cause_and_its_close() {
    let own = the!(Issue, issue(&json!({})));
    assert_eq!(own.issue_type.value(), Some(&IssueType::Incident));
    assert_eq!(own.severity.value().map(|severity| severity.as_str()), Some("high"));
    assert!(own.cause().is_some());
    let close = the!(IssueTransition, issue(&json!({})));
    assert_eq!((close.at, close.transition), (at("2026-03-04T09:00:00Z"), Transition::Closed));
    let ordinary = json!({"issue_type": "issue", "state": "opened", "closed_at": null});
    assert!(!issue(&ordinary).iter().any(|body| matches!(body, FactBody::IssueTransition(_))));
    let task = the!(Issue, issue(&json!({"issue_type": "task"})));
    assert_eq!(task.issue_type.value(), Some(&IssueType::Other));
    let old = the!(Issue, issue(&json!({"issue_type": null, "type": "INCIDENT"})));
    assert_eq!(old.issue_type.value(), Some(&IssueType::Incident));
}

#[test]
fn an_incident_that_is_open_after_all_was_opened_again() {
    let open = json!({"state": "opened", "closed_at": null});
    let reopened = the!(IssueTransition, issue(&open));
    let wanted = (at("2026-03-05T08:00:00Z"), Transition::Reopened);
    assert_eq!((reopened.at, reopened.transition), wanted);
    let mut new = open;
    new["updated_at"] = json!("2026-03-04T08:00:00Z");
    assert!(!issue(&new).iter().any(|body| matches!(body, FactBody::IssueTransition(_))));
}

#[test]
fn silence_about_repetitions_undoes_no_hooks_word() {
    let superseded = |changes: Value| the!(Issue, issue(&changes)).superseded.value().copied();
    assert_eq!(superseded(json!({})), None);
    assert_eq!(superseded(json!({"moved_to_id": 7})), Some(true));
    let link = |link: Value| json!({"_links": {"closed_as_duplicate_of": link}});
    assert_eq!(superseded(link(json!("https://x/api/v4/projects/1/issues/2"))), Some(true));
    assert_eq!(superseded(link(Value::Null)), Some(false));
}

fn event(resource: Resource, more: &Value) -> Result<FactBody, &'static str> {
    let mut body = json!({"id": 1, "created_at": "2026-03-04T08:00:00.9Z"});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let within = Within { issue: Some(iid(4)), ..Within::project(ProjectId::new(71).unwrap()) };
    let of = (resource, within);
    let record = scrub_resource(INSTANCE, of, &body.to_string(), &pseudonyms()).unwrap();
    match project(&record) {
        Projection::Facts(facts) => Ok(facts.into_iter().next().unwrap().body),
        Projection::Irrelevant(why) => Err(why),
        Projection::Unreadable(why) => panic!("{body}: {why}"),
    }
}

#[test]
fn closings_and_reopenings_are_told_by_the_second() {
    let state = |state: &str| event(Resource::IssueStateEvent, &json!({"state": state}));
    for (name, transition) in [
        ("closed", Transition::Closed),
        ("reopened", Transition::Reopened),
        ("opened", Transition::Reopened),
    ] {
        let wanted = IssueTransition { issue: iid(4), at: at("2026-03-04T08:00:00Z"), transition };
        assert_eq!(state(name), Ok(FactBody::IssueTransition(wanted)));
    }
    assert!(state("merged").is_err());
}

#[test]
fn a_label_counts_from_when_it_was_given_and_a_deleted_one_not_at_all() {
    let label = |more: Value| event(Resource::IssueLabelEvent, &more);
    let named = json!({"id": 2, "name": "validated", "color": "#fff"});
    let Ok(FactBody::IssueLabel(given)) = label(json!({"action": "add", "label": named})) else {
        panic!()
    };
    assert_eq!((given.label.as_str(), given.issue), ("validated", iid(4)));
    assert_eq!(given.added_at, Earliest::at(at("2026-03-04T08:00:00Z")));
    assert!(label(json!({"action": "remove", "label": named})).is_err());
    assert!(label(json!({"action": "add", "label": null})).is_err());
}

#[test]
fn moves_into_milestones_and_out_of_them_are_told_apart() {
    let moved = |more: Value| match event(Resource::IssueMilestoneEvent, &more) {
        Ok(FactBody::IssueMilestone(moved)) => {
            Some((moved.before.0.map(MilestoneId::get), moved.milestone.0.map(MilestoneId::get)))
        }
        _ => None,
    };
    let milestone = json!({"id": 61, "iid": 9, "title": "M"});
    let of = |action: &str, own: &Value| moved(json!({"action": action, "milestone": own}));
    assert_eq!(of("add", &milestone), Some((None, Some(61))));
    assert_eq!(of("remove", &milestone), Some((Some(61), None)));
    assert_eq!(of("remove", &Value::Null), Some((None, None)));
    assert_eq!(of("add", &Value::Null), None);
}

#[test]
fn a_persons_comment_on_an_issue_tells_when_somebody_cared_and_why() {
    let note = |system: bool, author: &str| {
        let more = json!({"system": system, "body": "Rolled back\n\ndora: caused-by !17",
            "updated_at": "2026-03-04T09:00:00Z", "author": {"id": 12, "username": author}});
        event(Resource::IssueNote, &more)
    };
    let Ok(FactBody::Issue(issue)) = note(false, "bob") else { panic!() };
    assert_eq!(issue.first_note_at, Earliest::at(at("2026-03-04T08:00:00Z")));
    let cause = Cause::MergeRequest(iid(17));
    assert_eq!(issue.noted_cause, Newest::at(at("2026-03-04T09:00:00Z"), cause));
    assert!(note(true, "bob").is_err());
    assert!(note(false, "project_71_bot_1").is_err());
}

#[test]
fn environments_projects_releases_and_milestones_are_told_as_they_are() {
    let when = "2026-03-01T08:00:00Z";
    let environment =
        json!({"name": "prod", "tier": "production", "created_at": when, "updated_at": when});
    let environment = the!(Environment, told(Resource::Environment, &environment));
    assert_eq!(environment.seen_at, Earliest::at(at(when)));
    assert_eq!(environment.tier.value().map(ToString::to_string).as_deref(), Some("production"));

    let body =
        json!({"path_with_namespace": "a/b", "default_branch": "main", "last_activity_at": when});
    let project = the!(Project, told(Resource::Project, &body));
    assert_eq!(project.path.0.map(|(at, _)| at), Some(at(when)));

    let release =
        json!({"tag_name": "v1", "created_at": when, "released_at": when, "commit": {"id": SHA}});
    let release = the!(TagRelease, told(Resource::Release, &release));
    assert_eq!((release.tag.as_str(), release.deleted.value()), ("v1", Some(&false)));
    assert!(release.sha.0.is_some());

    let body = json!({"id": 61, "state": "closed", "updated_at": when, "due_date": "2026-03-31"});
    let milestone = the!(Milestone, told(Resource::Milestone, &body));
    assert_eq!(milestone.closed, Newest::at(at(when), true));
    let due = the!(MilestoneDue, told(Resource::Milestone, &body));
    assert_eq!((due.at, due.due_day.0), (at(when), Some(at("2026-03-31"))));
}
