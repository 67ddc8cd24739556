//! Bodies of a wanted size for measuring speed: many projects, no story.

use serde_json::{Value, json};

use super::spelling::Spelling;
use super::{deployment, pipeline, written};
use crate::delivery::Timestamp;
use crate::demo::calendar::Calendar;
use crate::demo::company::SERVICES;
use crate::demo::happening::{Commit, Deployed, DeploymentState, Dialect, Run, RunState, Sha};

/// One body to be made.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Which project, from 0.
    pub project: u64,
    /// Which deployment or pipeline of the installation, from 1.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Bytes of the body; a smaller one is filled up, a larger one stays.
    pub bytes: usize,
}

/// A deployment hook in the shape of 19.x: every odd number starts to run, the even one after it
/// says that the same deployment arrived.
#[must_use]
pub fn deployment(wanted: Wanted) -> Vec<u8> {
    let Some(service) = SERVICES.first() else { return Vec::new() };
    let deployment = wanted.number.div_ceil(2);
    let deployed = Deployed {
        id: deployment,
        job: deployment,
        environment: "production",
        sha: sha(deployment),
        title: String::from("A change like any other"),
        state: if wanted.number.is_multiple_of(2) {
            DeploymentState::Success
        } else {
            DeploymentState::Running
        },
        by: service.team.first().unwrap_or(&crate::demo::company::BOT),
    };
    let calendar = Calendar::new(wanted.at, 1);
    let spelling = Spelling { dialect: Dialect::V19, calendar: &calendar };
    finish(deployment::event(service, &deployed, wanted.at, spelling), wanted)
}

/// A hook about a successful pipeline of the default branch, in the shape of 19.x, with as many
/// jobs as fit the wanted size.
#[must_use]
pub fn pipeline(wanted: Wanted) -> Vec<u8> {
    let Some(service) = SERVICES.first() else { return Vec::new() };
    let run = Run {
        id: wanted.number,
        iid: wanted.number,
        first_job: wanted.number * 100,
        commit: Commit {
            sha: sha(wanted.number),
            author: service.team.first().unwrap_or(&crate::demo::company::BOT),
            authored_at: wanted.at,
            message: String::from("A change like any other"),
        },
        branch: String::from("main"),
        request: None,
        state: RunState::Success,
        created_at: wanted.at.minus(300),
    };
    let calendar = Calendar::new(wanted.at, 1);
    let spelling = Spelling { dialect: Dialect::V19, calendar: &calendar };
    let mut body = pipeline::run(service, &run, wanted.at, spelling);
    let room = wanted.bytes.saturating_sub(body.to_string().len());
    if let Some(builds) = body.get_mut("builds").and_then(Value::as_array_mut) {
        let model = builds.first().cloned().unwrap_or_default();
        let count = room / (model.to_string().len() + 8);
        for id in (run.first_job + 3..).take(count) {
            let mut job = model.clone();
            if let Some(job) = job.as_object_mut() {
                job.insert(String::from("id"), json!(id));
            }
            builds.push(job);
        }
    }
    finish(body, wanted)
}

/// A commit id that only this number has.
fn sha(number: u64) -> Sha {
    let mut chance = crate::demo::chance::Chance::new(number);
    Sha(chance.sha())
}

/// Moves the body to its project and fills it up to its size.
fn finish(mut body: Value, wanted: Wanted) -> Vec<u8> {
    let path = format!("load/group-{:02}/service-{:04}", wanted.project % 20, wanted.project);
    if let Some(project) = body.get_mut("project").and_then(Value::as_object_mut) {
        project.insert(String::from("id"), json!(1_000 + wanted.project));
        project.insert(String::from("path_with_namespace"), json!(path));
    }
    let missing = wanted.bytes.saturating_sub(body.to_string().len());
    if let Some(text) = body.get_mut("project").and_then(|project| project.get_mut("description")) {
        let longer = format!("{}{}", text.as_str().unwrap_or_default(), "x".repeat(missing));
        *text = json!(longer);
    }
    written(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(number: u64, bytes: usize) -> Wanted {
        Wanted { project: 7, number, at: Timestamp::from_second(1_780_305_247), bytes }
    }

    #[test]
    fn bodies_have_the_wanted_size_to_the_byte() {
        assert_eq!(deployment(wanted(1, 4_096)).len(), 4_096);
        assert_eq!(pipeline(wanted(1, 20_480)).len(), 20_480);
    }

    #[test]
    fn a_body_begins_with_its_kind_and_names_it_once() {
        for body in [deployment(wanted(1, 4_096)), pipeline(wanted(1, 20_480))] {
            let text = String::from_utf8(body).unwrap();
            assert!(text.starts_with("{\"object_kind\":\""), "{text:.40}");
            assert_eq!(text.matches("\"object_kind\"").count(), 1);
        }
    }

    #[test]
    fn a_deployment_first_runs_and_then_arrives() {
        let read = |number| -> Value {
            serde_json::from_slice(&deployment(wanted(number, 4_096))).unwrap()
        };
        let (running, success) = (read(3), read(4));
        assert_eq!(running["deployment_id"], success["deployment_id"]);
        assert_eq!(running["commit_url"], success["commit_url"]);
        assert_eq!(
            (&running["status"], &success["status"]),
            (&json!("running"), &json!("success"))
        );
        assert_ne!(success["deployment_id"], read(5)["deployment_id"]);
        assert_eq!(running["project"]["id"], 1_007);
    }

    #[test]
    fn a_pipeline_of_twenty_kibibytes_has_dozens_of_jobs_each_with_its_own_id() {
        let body: Value = serde_json::from_slice(&pipeline(wanted(9, 20_480))).unwrap();
        let mut ids: Vec<u64> = body["builds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|job| job["id"].as_u64().unwrap())
            .collect();
        let count = ids.len();
        ids.dedup();
        assert!(count > 20 && ids.len() == count, "{count} jobs");
    }
}
