//! Pipelines, stages, releases, milestones, projects, and what says nothing.

use super::{Projection, at, bodies, iid, only, project, projection, record, unreadable};
use crate::delivery::register::{Earliest, Furthest, Greatest, Newest};
use serde_json::json;

use crate::delivery::{FactBody, PipelineId, PipelineStage, ProjectId, RunStatus, StageName};
use crate::gitlab::fixtures::{INSTANCE, pseudonyms};
use crate::gitlab::project_path;
use crate::gitlab::resource::{Resource, Within, scrub_resource};

fn stages(name: &str) -> Vec<PipelineStage> {
    let stages = bodies(name).into_iter().filter_map(|body| match body {
        FactBody::PipelineStage(stage) => Some(stage),
        _ => None,
    });
    stages.collect()
}

fn stage(pipeline: u64, stage: &str, started_at: &str, finished_at: Option<&str>) -> PipelineStage {
    PipelineStage {
        pipeline: PipelineId::new(pipeline).unwrap(),
        stage: StageName::new(stage).unwrap(),
        started_at: Earliest::at(at(started_at)),
        finished_at: Greatest(finished_at.map(at)),
    }
}

#[test]
fn a_pipeline_tells_of_itself_and_its_stages() {
    let pipeline = only!("pipeline-success-16x", Pipeline);
    assert_eq!(pipeline.created_at, Earliest::at(at("2026-03-03T09:00:00Z")));
    assert_eq!(pipeline.finished_at, Earliest::at(at("2026-03-03T09:10:00Z")));
    assert_eq!(pipeline.status.state(), Some(&RunStatus::Success));
    let stages = stages("pipeline-success-16x");
    let wanted = [
        stage(900, "build", "2026-03-03T09:00:09Z", Some("2026-03-03T09:05:00Z")),
        stage(900, "deploy", "2026-03-03T09:05:01Z", Some("2026-03-03T09:10:00Z")),
    ];
    assert_eq!(stages, wanted, "a second and a quarter in the queue count as one");
}

#[test]
fn a_running_pipeline_has_no_end_and_mixes_spellings_of_time() {
    let name = "pipeline-running-19x-mixed-times";
    let pipeline = only!(name, Pipeline);
    let created = at("2026-03-03T09:00:00Z");
    assert_eq!(pipeline.status, Furthest::at(created, RunStatus::Running));
    assert_eq!(
        (pipeline.created_at, pipeline.finished_at),
        (Earliest::at(created), Earliest(None))
    );
    let build = stage(901, "build", "2026-03-03T09:00:09Z", None);
    assert_eq!(stages(name), [build], "a manual job that waits is no part of its stage");
}

#[test]
fn an_instance_in_another_zone_names_the_same_instants() {
    let pipeline = only!("pipeline-failed-other-zone", Pipeline);
    assert_eq!(pipeline.finished_at, Earliest::at(at("2026-03-03T16:10:00Z")));
    assert_eq!(pipeline.status.state(), Some(&RunStatus::Failed));
}

#[test]
fn a_stage_lasts_from_its_first_job_to_its_last_whatever_their_order() {
    let build = |stage: &str, started_at: &str, finished_at: &str, queued_duration: f64| {
        let [started_at, finished_at] =
            [started_at, finished_at].map(|time| format!("2026-03-03 {time} UTC"));
        json!({
            "stage": stage, "started_at": started_at, "finished_at": finished_at,
            "queued_duration": queued_duration,
        })
    };
    let mut builds = vec![
        build("test", "09:02:00", "09:03:00", 0.9),
        build("test", "09:02:10", "09:08:00", 30.999),
        build("test", "09:01:50", "09:02:00", 0.0),
        build("build", "09:00:05", "09:01:00", 4.2),
        build("", "08:00:00", "10:00:00", 0.0),
        json!({"stage": "test", "started_at": null, "finished_at": "2026-03-03 09:30:00 UTC"}),
    ];
    let wanted = [
        stage(900, "build", "2026-03-03T09:00:01Z", Some("2026-03-03T09:01:00Z")),
        stage(900, "test", "2026-03-03T09:01:40Z", Some("2026-03-03T09:08:00Z")),
    ];
    for _ in 0..builds.len() {
        let body = json!({
            "object_kind": "pipeline", "project": {"id": 71}, "builds": builds,
            "object_attributes": {"id": 900, "status": "running"},
        });
        let Projection::Facts(facts) = projection(&body) else { panic!("{body}") };
        let facts: Vec<_> = facts.into_iter().map(|fact| fact.body).skip(1).collect();
        assert_eq!(facts, wanted.clone().map(FactBody::PipelineStage));
        builds.rotate_left(1);
    }
}

#[test]
fn a_job_tells_of_its_stage_in_the_pipeline_that_gitlab_calls_its_commit() {
    let told = only!("build-success-18x-iso-beside", PipelineStage);
    assert_eq!(told, stage(900, "build", "2026-03-03T09:00:00Z", Some("2026-03-03T09:05:00Z")));
    let mut body = json!({
        "object_kind": "build", "project_id": 71, "build_stage": "build", "commit": {"id": 900},
        "build_started_at": "2026-03-03 09:00:10 UTC",
    });
    let Projection::Facts(facts) = projection(&body) else { panic!("{body}") };
    let wanted = stage(900, "build", "2026-03-03T09:00:10Z", None);
    assert_eq!(facts[0].body, FactBody::PipelineStage(wanted));
    body["commit"] = json!(null);
    assert!(unreadable(&body).starts_with("commit.id"));
}

#[test]
fn a_job_that_has_not_started_says_nothing() {
    let created = project(&record("build-created-13x-no-project"));
    assert!(matches!(created, Projection::Irrelevant(_)));
}

#[test]
fn a_pipeline_and_its_job_hook_tell_of_one_stage() {
    use crate::delivery::Merge;
    let [mut told, _] = stages("pipeline-success-16x").try_into().unwrap();
    told.merge(only!("build-success-18x-iso-beside", PipelineStage));
    let longer_queued = stage(900, "build", "2026-03-03T09:00:00Z", Some("2026-03-03T09:05:00Z"));
    assert_eq!(told, longer_queued);
}

fn asked(resource: Resource, body: &serde_json::Value) -> Projection {
    let within = Within::project(ProjectId::new(71).unwrap());
    let within = Within { merge_request: Some(iid(4)), ..within };
    let of = (resource, within);
    project(&scrub_resource(INSTANCE, of, &body.to_string(), &pseudonyms()).unwrap())
}

#[test]
fn a_pipeline_of_the_api_ended_at_its_last_change_and_says_whom_it_ran_for() {
    let pipeline = |resource, source: &str, status: &str| {
        let body = json!({
            "id": 900, "sha": "ab".repeat(20), "ref": "main", "source": source, "status": status,
            "created_at": "2026-03-03T09:00:00.4Z", "updated_at": "2026-03-03T09:10:00.9Z",
        });
        let Projection::Facts(facts) = asked(resource, &body) else { panic!("{body}") };
        match facts.into_iter().next().unwrap().body {
            FactBody::Pipeline(own) => own,
            other => panic!("{other:?}"),
        }
    };
    let ended = pipeline(Resource::Pipeline, "push", "success");
    let end = at("2026-03-03T09:10:00Z");
    assert_eq!((ended.finished_at, ended.merge_request.0), (Earliest::at(end), None));
    assert_eq!(ended.status, Furthest::at(end, RunStatus::Success));
    let runs = pipeline(Resource::MergeRequestPipeline, "merge_request_event", "running");
    assert_eq!((runs.finished_at, runs.merge_request.0), (Earliest(None), Some(iid(4))));
    let of_branch = pipeline(Resource::MergeRequestPipeline, "push", "failed");
    assert_eq!(of_branch.merge_request.0, None, "it ran for the branch, as its hook says");
}

#[test]
fn a_job_of_the_api_tells_of_its_stage_once_it_ran() {
    let mut body = json!({
        "id": 1, "stage": "build", "name": "compile", "pipeline": {"id": 900, "sha": "ab"},
        "started_at": "2026-03-03T09:00:10.2Z", "finished_at": "2026-03-03T09:05:00.8Z",
        "queued_duration": 10.9,
    });
    let wanted = stage(900, "build", "2026-03-03T09:00:00Z", Some("2026-03-03T09:05:00Z"));
    let Projection::Facts(facts) = asked(Resource::Job, &body) else { panic!("{body}") };
    assert_eq!(facts[0].body, FactBody::PipelineStage(wanted));
    body["started_at"] = json!(null);
    assert!(matches!(asked(Resource::Job, &body), Projection::Irrelevant(_)));
}

#[test]
fn a_release_may_lie_in_the_future_and_stays_deleted() {
    let release = only!("release-create-16x", TagRelease);
    assert_eq!(release.tag.as_str(), "v1.4.0");
    assert_eq!(release.released_at.value(), Some(&at("2026-04-01T00:00:00Z")));
    assert!(release.sha.0.is_some());
    assert_eq!(release.deleted.value(), Some(&false));
    let deleted = only!("release-delete-19x", TagRelease);
    for (mut one, other) in [(release.clone(), deleted.clone()), (deleted, release)] {
        crate::delivery::Merge::merge(&mut one, other);
        assert_eq!(one.deleted.value(), Some(&true));
    }
}

#[test]
fn a_milestone_has_days_and_a_state() {
    let milestone = only!("milestone-create-18x", Milestone);
    let when = at("2026-02-01T08:00:00Z");
    assert_eq!(milestone.id.get(), 61);
    assert_eq!(milestone.due_day, Newest::at(when, Some(at("2026-03-31"))));
    assert_eq!(milestone.start_day, Newest::at(when, None));
    assert_eq!(milestone.closed, Newest::at(when, false));
    let closed = only!("milestone-close-19x", Milestone);
    assert_eq!(closed.closed, Newest::at(at("2026-03-30T08:00:00Z"), true));
    let of_group = project(&record("milestone-create-of-group-18x"));
    assert!(matches!(of_group, Projection::Irrelevant(_)));
}

#[test]
fn renames_and_transfers_date_the_path_and_a_deletion_is_remembered() {
    for (name, path, when) in [
        ("project_rename-system", "harbour/night-ferry", "2026-03-10T08:00:00Z"),
        ("project_transfer-system", "fleet/night-ferry", "2026-03-11T08:00:00Z"),
        ("project_update-system", "fleet/night-ferry", "2026-03-12T08:00:00Z"),
    ] {
        let project = only!(name, Project);
        let (dated, told) = project.path.0.unwrap();
        assert_eq!((dated, told.as_str()), (at(when), path), "{name}");
    }
    let deleted = only!("project_destroy-group-hook", Project).deleted;
    assert_eq!(deleted, Newest::at(at("2026-03-13T08:00:00Z"), true));
}

#[test]
fn a_test_of_a_system_hook_renames_nothing() {
    for name in ["project_create-system-hook-test", "project_create-system"] {
        assert!(matches!(project(&record(name)), Projection::Irrelevant(_)), "{name}");
    }
}

#[test]
fn kinds_that_no_metric_reads_say_nothing() {
    for name in [
        "feature_flag-on",
        "emoji-award",
        "wiki_page-create",
        "user_add_to_group-member",
        "subgroup_create-group-hook",
        "access_token-expiring-project",
        "vulnerability-detected-17x",
        "group_rename-system",
        "custom-template",
        "lighthouse-unheard-of",
    ] {
        assert!(matches!(project(&record(name)), Projection::Irrelevant(_)), "{name}");
    }
}

#[test]
fn an_events_path_and_default_branch_are_dated_by_the_event() {
    for (name, when) in [
        ("deployment-success-19x", "2026-03-04T08:00:07Z"),
        ("merge_request-merge-19x", "2026-03-03T09:00:02Z"),
        ("work_item-incident-reopen-19x", "2026-03-04T10:00:00Z"),
        ("note-merge-request-17x", "2026-03-01T12:00:00Z"),
        ("pipeline-success-16x", "2026-03-03T09:10:00Z"),
        ("milestone-close-19x", "2026-03-30T08:00:00Z"),
    ] {
        let project = only!(name, Project);
        assert_eq!(project.path.0.unwrap().0, at(when), "{name}");
        assert_eq!(project.default_branch.0.unwrap().0, at(when), "{name}");
    }
    let shortened = only!("deployment-rejected-19x", Project);
    assert_eq!(shortened.default_branch, Newest::default());
}

#[test]
fn the_path_of_a_record_is_that_of_its_project() {
    assert_eq!(project_path(&record("push-system-hook")).as_deref(), Some("harbour/ferry"));
    let renamed = project_path(&record("project_rename-system"));
    assert_eq!(renamed.as_deref(), Some("harbour/night-ferry"));
    for name in ["custom-template", "build-created-13x-no-project", "group_rename-system"] {
        assert_eq!(project_path(&record(name)), None, "{name}");
    }
}
