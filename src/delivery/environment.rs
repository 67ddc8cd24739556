//! An environment of a project, keyed by its name.

use super::ids::EnvironmentName;
use super::register::{Earliest, Merge, Newest};
use super::tier::EnvironmentTier;

/// Where deployments go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Key within the project.
    pub name: EnvironmentName,
    /// GitLab's own tier, before any override.
    pub tier: Newest<EnvironmentTier>,
    /// When it was first heard of, in a deployment of any status.
    pub seen_at: Earliest,
}

impl Environment {
    /// An environment of which only the name is known.
    #[must_use]
    pub fn new(name: EnvironmentName) -> Self {
        Self { name, tier: Newest::default(), seen_at: Earliest::default() }
    }
}

impl Merge for Environment {
    fn merge(&mut self, other: Self) {
        let Self { name: _, tier, seen_at } = other;
        self.tier.merge(tier);
        self.seen_at.merge(seen_at);
    }
}
