//! Pipelines, jobs, releases, milestones, projects, and what says nothing.

use super::{Projection, at, bodies, only, project, record};
use crate::delivery::register::{Earliest, Furthest, Newest};
use crate::delivery::{FactBody, Job, RunStatus};
use crate::gitlab::project_path;

fn jobs(name: &str) -> Vec<Job> {
    let jobs = bodies(name).into_iter().filter_map(|body| match body {
        FactBody::Job(job) => Some(job),
        _ => None,
    });
    jobs.collect()
}

#[test]
fn a_pipeline_tells_of_itself_and_its_jobs() {
    let pipeline = only!("pipeline-success-16x", Pipeline);
    assert_eq!(pipeline.created_at, Earliest::at(at("2026-03-03T09:00:00Z")));
    assert_eq!(pipeline.finished_at, Earliest::at(at("2026-03-03T09:10:00Z")));
    assert_eq!(pipeline.status.state(), Some(&RunStatus::Success));
    let jobs = jobs("pipeline-success-16x");
    assert_eq!(jobs.len(), 2);
    assert_eq!(jobs[1].stage.0.as_ref().unwrap().as_str(), "deploy");
    assert_eq!(jobs[1].started_at, Earliest::at(at("2026-03-03T09:05:02Z")));
    assert_eq!(jobs[1].pipeline.0, Some(pipeline.id));
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
    let jobs = jobs(name);
    assert_eq!(jobs[0].status, Furthest::at(at("2026-03-03T09:00:10Z"), RunStatus::Running));
    assert_eq!(jobs[1].status, Furthest::at(created, RunStatus::Pending), "manual waits");
}

#[test]
fn an_instance_in_another_zone_names_the_same_instants() {
    let pipeline = only!("pipeline-failed-other-zone", Pipeline);
    assert_eq!(pipeline.finished_at, Earliest::at(at("2026-03-03T16:10:00Z")));
    assert_eq!(pipeline.status.state(), Some(&RunStatus::Failed));
}

#[test]
fn a_jobs_pipeline_is_what_gitlab_calls_its_commit() {
    let job = only!("build-success-18x-iso-beside", Job);
    assert_eq!(job.pipeline.0.unwrap().get(), 900);
    assert_eq!(job.finished_at, Earliest::at(at("2026-03-03T09:05:00Z")));
    let old = only!("build-created-13x-no-project", Job);
    assert_eq!(old.pipeline.0.unwrap().get(), 900);
    assert_eq!(old.id.get(), 4_294_967_299, "job ids outgrew 32 bits");
    assert_eq!(old.status.state(), Some(&RunStatus::Pending));
    assert_eq!(old, {
        Job { finished_at: Earliest(None), started_at: Earliest(None), ..old.clone() }
    });
}

#[test]
fn a_pipeline_and_its_job_hook_tell_of_one_job() {
    use crate::delivery::Merge;
    let [mut job, _] = jobs("pipeline-success-16x").try_into().unwrap();
    let before = job.clone();
    job.merge(only!("build-success-18x-iso-beside", Job));
    assert_eq!(job, before);
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
