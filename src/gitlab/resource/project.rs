//! Projects and their environments.

use std::borrow::Cow;

use serde::Deserialize;

use crate::delivery::{BranchName, EnvironmentName, ProjectId, ProjectPath, Timestamp};
use crate::gitlab::hook::Said;

/// A project as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiProject {
    /// Its number.
    pub project_id: Said<ProjectId>,
    /// Its path.
    pub path_with_namespace: Said<ProjectPath>,
    /// The branch that deliveries start from.
    pub default_branch: Said<BranchName>,
    /// When it last changed; not told by all versions.
    pub updated_at: Said<Timestamp>,
    /// When something last happened in it.
    pub last_activity_at: Said<Timestamp>,
}

/// An environment as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiEnvironment<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Its name.
    pub name: Said<EnvironmentName>,
    /// GitLab's tier of it.
    #[serde(borrow)]
    pub tier: Said<Cow<'a, str>>,
    /// When it was made.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
}
