//! Patterns of names, by which an operator tells jobs apart.

use regex::Regex;

use crate::delivery::ServiceName;

/// A pattern of names: searched anywhere in one, in any case.
#[derive(Debug, Clone)]
pub struct NamePattern(Regex);

impl NamePattern {
    /// A pattern that was compiled to ignore case.
    #[must_use]
    pub const fn new(pattern: Regex) -> Self {
        Self(pattern)
    }

    /// Whether it is found in a name.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for NamePattern {}

/// One rule that says to which service deployments belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRule {
    /// Looked for in the name of the environment, else in that of the job.
    pub pattern: NamePattern,
    /// Whose deployments they are.
    pub service: ServiceName,
}
