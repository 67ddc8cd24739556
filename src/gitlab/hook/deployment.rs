//! `deployment`: one status of one deployment.

use std::borrow::Cow;

use serde::Deserialize;

use super::project::ProjectPart;
use super::said::{Part, Said};
use crate::delivery::{
    CommitSha, DeploymentId, EnvironmentName, JobId, ProjectId, RefName, Timestamp,
};

/// A deployment came to a status.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Deployment<'a> {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// Which.
    pub deployment_id: Said<DeploymentId>,
    /// The job that made it.
    pub deployable_id: Said<JobId>,
    /// The status it came to.
    #[serde(borrow)]
    pub status: Said<Cow<'a, str>>,
    /// When it did.
    pub status_changed_at: Said<Timestamp>,
    /// Name of the environment.
    pub environment: Said<EnvironmentName>,
    /// GitLab's tier of the environment; since 16.1.
    #[serde(borrow)]
    pub environment_tier: Said<Cow<'a, str>>,
    /// Branch or tag, in the short form.
    #[serde(rename = "ref")]
    pub ref_name: Said<RefName>,
    /// The commit, read from `commit_url`.
    pub derived: Part<DeployedCommit>,
}

/// What the link to the commit said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeployedCommit {
    /// The full commit id.
    pub sha: Said<CommitSha>,
}
