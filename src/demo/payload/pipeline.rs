//! Pipelines and their jobs.

use serde_json::{Value, json};

use super::spelling::Spelling;
use super::{commit, project, user, web_url};
use crate::delivery::Timestamp;
use crate::demo::company::Service;
use crate::demo::happening::{Dialect, Run, RunState};

impl Run {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        let sha = self.commit.sha.to_string();
        format!("pipeline {} {} {} {sha:.8}", self.id, self.state.as_str(), self.branch)
    }
}

/// The jobs of every pipeline: (stage, name).
const JOBS: [(&str, &str); 3] = [("build", "compile"), ("test", "unit"), ("test", "style")];

/// The body of a pipeline hook.
pub(super) fn run(service: &Service, run: &Run, at: Timestamp, spelling: Spelling<'_>) -> Value {
    let finished_at = (run.state != RunState::Running).then_some(at);
    let duration = duration(run, finished_at);
    let mut attributes = json!({
        "id": run.id,
        "iid": run.iid,
        "name": null,
        "ref": run.branch,
        "tag": false,
        "sha": run.commit.sha.to_string(),
        "before_sha": "0000000000000000000000000000000000000000",
        "source": if run.request.is_some() { "merge_request_event" } else { "push" },
        "status": run.state.as_str(),
        "detailed_status": if run.state == RunState::Success { "passed" } else { run.state.as_str() },
        "stages": ["build", "test"],
        "created_at": spelling.time(run.created_at),
        "finished_at": finished_at.map(|end| spelling.time(end)),
        "duration": duration,
        "queued_duration": 3,
        "variables": [],
        "url": format!("{}/-/pipelines/{}", web_url(service), run.id),
    });
    if let (Dialect::V19, Some(attributes)) = (spelling.dialect, attributes.as_object_mut()) {
        attributes.insert(String::from("default_branch"), json!(run.branch == "main"));
    }
    json!({
        "object_kind": "pipeline",
        "object_attributes": attributes,
        "merge_request": run.request.map(|(id, iid)| json!({
            "id": id,
            "iid": iid,
            "source_branch": run.branch,
            "source_project_id": service.id,
            "target_branch": "main",
            "target_project_id": service.id,
            "state": "opened",
        })),
        "user": user(run.commit.author),
        "project": project(service),
        "commit": commit(service, &run.commit, spelling),
        "builds": builds(run, finished_at, spelling),
    })
}

/// In seconds, once it ended.
fn duration(run: &Run, finished_at: Option<Timestamp>) -> Option<u64> {
    finished_at.map(|end| end.seconds_since(run.created_at))
}

fn builds(run: &Run, finished_at: Option<Timestamp>, spelling: Spelling<'_>) -> Vec<Value> {
    JOBS.iter()
        .zip(run.first_job..)
        .map(|((stage, name), id)| {
            json!({
                "id": id,
                "stage": stage,
                "name": name,
                "status": run.state.as_str(),
                "created_at": spelling.ruby(run.created_at),
                "started_at": spelling.ruby(run.created_at.plus(3)),
                "finished_at": finished_at.map(|end| spelling.ruby(end)),
                "duration": duration(run, finished_at),
                "queued_duration": 1.5,
                "failure_reason": (run.state == RunState::Failed).then_some("script_failure"),
                "when": "on_success",
                "manual": false,
                "allow_failure": false,
                "user": user(run.commit.author),
                "runner": null,
                "artifacts_file": { "filename": null, "size": null },
                "environment": null,
            })
        })
        .collect()
}
