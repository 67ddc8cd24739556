//! The document of worked examples, as far as webhooks and the API can tell it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// `scenarios.json`.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    /// All worked examples.
    pub(crate) scenarios: Vec<Scenario>,
}

/// One worked example.
#[derive(Debug, Deserialize)]
pub(crate) struct Scenario {
    pub(crate) id: String,
    pub(crate) now: String,
    pub(crate) windows: Vec<String>,
    pub(crate) tiers: Vec<String>,
    #[serde(default)]
    pub(crate) config: BTreeMap<String, Value>,
    pub(crate) projects: Vec<Project>,
    pub(crate) sha_map: BTreeMap<String, String>,
    pub(crate) expected: BTreeMap<String, Option<f64>>,
    #[serde(default)]
    pub(crate) auxiliary: BTreeMap<String, Option<f64>>,
    /// What GitLab Ultimate shows of the same facts.
    #[serde(default)]
    pub(crate) expected_gitlab: BTreeMap<String, Option<f64>>,
    /// How GitLab's API is asked for that, by window.
    #[serde(default)]
    pub(crate) gitlab_query: BTreeMap<String, GitlabQuery>,
    /// Facts of milestones that are given as results, not as events.
    #[serde(default)]
    pub(crate) milestones: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GitlabQuery {
    pub(crate) start_date: String,
    pub(crate) end_date: String,
    pub(crate) interval: String,
    pub(crate) environment_tiers: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Project {
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) default_branch: Option<String>,
    #[serde(default)]
    pub(crate) history: Vec<String>,
    #[serde(default)]
    pub(crate) commit_times: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) environments: Vec<Environment>,
    #[serde(default)]
    pub(crate) deployments: Vec<Deployment>,
    #[serde(default)]
    pub(crate) merge_requests: Vec<MergeRequest>,
    #[serde(default)]
    pub(crate) incidents: Vec<Incident>,
    #[serde(default)]
    pub(crate) issues: Vec<Issue>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) tier: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Deployment {
    pub(crate) id: u64,
    pub(crate) environment: String,
    pub(crate) tier: Option<String>,
    pub(crate) status: String,
    #[serde(rename = "ref", default)]
    pub(crate) ref_name: Option<String>,
    pub(crate) sha: Option<String>,
    pub(crate) finished_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MergeRequest {
    pub(crate) iid: u64,
    pub(crate) target_branch: String,
    pub(crate) source_branch: String,
    pub(crate) author: String,
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    pub(crate) landed_sha: Option<String>,
    pub(crate) merged_at: Option<String>,
    #[serde(default)]
    pub(crate) merge_method: Option<String>,
    #[serde(default)]
    pub(crate) commits: Vec<Commit>,
    #[serde(default)]
    pub(crate) created_at: Option<String>,
    #[serde(default)]
    pub(crate) created_as_draft: bool,
    #[serde(default)]
    pub(crate) ready_at: Option<String>,
    #[serde(default)]
    pub(crate) first_review_at: Option<String>,
    #[serde(default)]
    pub(crate) approved_at: Option<String>,
    #[serde(default)]
    pub(crate) ignored_notes: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) reverts: Option<u64>,
    #[serde(default)]
    pub(crate) closes: Vec<u64>,
}

impl MergeRequest {
    /// How it was merged; unsaid, a landing commit among its own is a fast-forward.
    pub(crate) fn method(&self) -> &str {
        let landed = self.landed_sha.as_deref().unwrap_or_default();
        let is_own = self.commits.iter().any(|commit| commit.sha == landed);
        self.merge_method.as_deref().unwrap_or(if is_own { "ff" } else { "squash" })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) authored_at: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Incident {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) severity: Option<String>,
    pub(crate) created_at: String,
    pub(crate) closed_at: Option<String>,
    #[serde(default)]
    pub(crate) history: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) duplicate_of: Option<u64>,
    #[serde(default)]
    pub(crate) caused_by: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Issue {
    pub(crate) iid: u64,
    pub(crate) created_at: String,
    #[serde(default)]
    pub(crate) validated_at: Option<String>,
    #[serde(default)]
    pub(crate) milestone_assigned_at: Option<String>,
}
