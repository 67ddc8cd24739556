//! Jobs that succeeded.

use serde_json::{Value, json};

use super::{Projection, at, projection};
use crate::delivery::register::{Earliest, Greatest};
use crate::delivery::{
    CommitSha, EnvironmentName, EnvironmentTier, FactBody, Job, JobId, JobName, Jobs, Merge as _,
    PipelineId, PipelineJobs, RefName,
};

/// What a body says of jobs.
fn told(body: &Value) -> Option<PipelineJobs> {
    let facts = match projection(body) {
        Projection::Facts(facts) => facts,
        Projection::Irrelevant(_) => Vec::new(),
        Projection::Unreadable(why) => panic!("{why}"),
    };
    facts.into_iter().find_map(|fact| match fact.body {
        FactBody::PipelineJobs(jobs) => Some(jobs),
        _ => None,
    })
}

fn run(jobs: Vec<Job>) -> PipelineJobs {
    PipelineJobs {
        pipeline: PipelineId::new(900).unwrap(),
        sha: Greatest(CommitSha::from_hex(&"a1".repeat(20)).ok()),
        ref_name: Greatest(RefName::new("main").ok()),
        jobs: Jobs::new(jobs),
    }
}

fn job(id: u64, name: &str, place: Option<&str>) -> Job {
    Job {
        id: JobId::new(id).unwrap(),
        name: JobName::new(name).unwrap(),
        started_at: Earliest::at(at("2026-03-03T09:00:10Z")),
        finished_at: at("2026-03-03T09:05:00Z"),
        environment: Greatest(place.map(|name| EnvironmentName::new(name).unwrap())),
        tier: Greatest(place.map(|_| EnvironmentTier::Production)),
    }
}

fn build(id: u64, name: &str, status: &str, environment: &Value) -> Value {
    json!({
        "id": id, "name": name, "status": status, "stage": "s", "environment": environment,
        "started_at": "2026-03-03 09:00:10 UTC", "finished_at": "2026-03-03 09:05:00 UTC",
    })
}

fn pipeline(builds: &[Value]) -> Value {
    let sha = "a1".repeat(20);
    json!({
        "object_kind": "pipeline", "project": {"id": 71}, "builds": builds,
        "object_attributes": {"id": 900, "status": "success", "ref": "main", "sha": sha},
    })
}

#[test]
fn a_pipeline_tells_of_those_of_its_jobs_that_succeeded() {
    let place = json!({"name": "eu", "action": "start", "deployment_tier": "production"});
    let stop = json!({"name": "eu", "action": "stop"});
    let builds = [
        build(4, "deploy", "success", &place),
        build(3, "test", "success", &Value::Null),
        build(5, "lint", "failed", &Value::Null),
        build(6, "stop", "success", &stop),
        build(7, "later", "manual", &place),
    ];
    let wanted = run(vec![job(3, "test", None), job(4, "deploy", Some("eu"))]);
    assert_eq!(told(&pipeline(&builds)), Some(wanted));
    assert_eq!(told(&pipeline(&builds[2..])), None, "no job, no fact");
}

#[test]
fn a_jobs_own_hook_and_its_pipelines_say_the_same() {
    let body = |status: &str| {
        json!({
            "object_kind": "build", "project_id": 71, "commit": {"id": 900}, "ref": "main",
            "sha": "a1".repeat(20), "build_id": 4, "build_name": "deploy", "build_status": status,
            "build_started_at": "2026-03-03 09:00:10 UTC",
            "build_finished_at": "2026-03-03 09:05:00 UTC",
            "environment": {"name": "eu", "action": "start", "deployment_tier": "production"},
        })
    };
    let mut alone = told(&body("success")).unwrap();
    assert_eq!(alone, run(vec![job(4, "deploy", Some("eu"))]));
    assert_eq!(told(&body("failed")), None);
    let all = run(vec![job(3, "test", None), job(4, "deploy", Some("eu"))]);
    alone.merge(all.clone());
    assert_eq!(alone, all);
}
