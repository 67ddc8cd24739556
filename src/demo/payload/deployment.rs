//! Deployments: the main source of numbers.

use serde_json::{Value, json};

use super::spelling::Spelling;
use super::{project, user, web_url};
use crate::delivery::Timestamp;
use crate::demo::company::{GITLAB_URL, Service};
use crate::demo::happening::{Deployed, DeploymentState};

impl Deployed {
    /// In a few words.
    pub(super) fn summary(&self) -> String {
        let (state, sha) = (self.state.as_str(), self.sha.to_string());
        format!("deployment {} {state} {} {sha:.8}", self.id, self.environment)
    }
}

/// The body of a deployment hook.
pub(super) fn event(
    service: &Service,
    deployed: &Deployed,
    at: Timestamp,
    spelling: Spelling<'_>,
) -> Value {
    let url = web_url(service);
    let decided = matches!(deployed.state, DeploymentState::Approved | DeploymentState::Rejected);
    let status_changed_at =
        if decided { spelling.decision(at) } else { spelling.status_change(at) };
    json!({
        "object_kind": "deployment",
        "status": deployed.state.as_str(),
        "status_changed_at": status_changed_at,
        "deployment_id": deployed.id,
        "deployable_id": deployed.job,
        "deployable_url": format!("{url}/-/jobs/{}", deployed.job),
        "environment": deployed.environment,
        "environment_tier": tier(deployed.environment),
        "environment_slug": deployed.environment,
        "environment_external_url": format!("https://{}.example", deployed.environment),
        "project": project(service),
        "short_sha": format!("{:.8}", deployed.sha.to_string()),
        "user": user(deployed.by),
        "user_url": format!("{GITLAB_URL}/{}", deployed.by.username),
        "commit_url": format!("{url}/-/commit/{}", deployed.sha),
        "commit_title": deployed.title,
        "ref": "main",
    })
}

/// GitLab's tier of the company's environments; it guesses "other" for *recette*.
fn tier(environment: &str) -> &'static str {
    match environment {
        "preprod" => "staging",
        "recette" => "other",
        _ => "production",
    }
}
