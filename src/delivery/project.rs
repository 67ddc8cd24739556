//! A project: where it is now, and whether it still is.

use super::ids::{BranchName, ProjectPath};
use super::register::{Merge, Newest};

/// What is known of a project itself; its key is the fact's project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// Full path; changes on rename and transfer.
    pub path: Newest<ProjectPath>,
    /// The branch that deliveries start from.
    pub default_branch: Newest<BranchName>,
    /// Whether GitLab said that it was deleted.
    pub deleted: Newest<bool>,
}

impl Merge for Project {
    fn merge(&mut self, other: Self) {
        let Self { path, default_branch, deleted } = other;
        self.path.merge(path);
        self.default_branch.merge(default_branch);
        self.deleted.merge(deleted);
    }
}
