//! Deployments that one project makes for another: put together when measuring, never facts.

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::ids::{DeploymentId, EnvironmentName, ProjectKey, ProjectPath};

/// What of a project's deployments is another's, and the other way round.
#[derive(Debug, Clone, Default)]
pub struct Linked {
    /// Deployments of other projects that are measured as this one's.
    pub taken: BTreeMap<DeploymentId, Taken>,
    /// Environments that this project has by them alone.
    pub environments: BTreeSet<EnvironmentName>,
    /// Its own deployments that are measured as others'.
    pub given: BTreeSet<DeploymentId>,
}

impl Linked {
    /// The project that made a deployment, where it is another one.
    #[must_use]
    pub fn from(&self, id: DeploymentId) -> Option<(ProjectKey, ProjectPath)> {
        self.taken.get(&id).map(|taken| taken.from.clone())
    }
}

/// A deployment of another project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Whose record it is.
    pub from: (ProjectKey, ProjectPath),
    /// Why nobody knows what it brought; `None` where that is known.
    pub fault: Option<VersionFault>,
}

/// Why it is not known which version a deployment of another project brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VersionFault {
    /// What its commit changed was not told yet.
    Untold,
    /// Its commit changed no image: it brought no new version.
    Unchanged,
    /// No commit of this project is known by that version.
    Unknown,
    /// Several commits of this project are.
    Several,
}

impl VersionFault {
    /// Whether something is missing, so that numbers are not complete.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        matches!(self, Self::Untold | Self::Unknown | Self::Several)
    }
}
