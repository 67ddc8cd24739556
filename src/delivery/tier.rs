//! Environment tiers: GitLab's five, and those an override introduces.

use std::fmt;
use std::sync::Arc;

use super::ids::InvalidId;

/// What an environment is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnvironmentTier {
    /// Where users are.
    Production,
    /// The last stop before production; *recette* and *pré-production* by the shipped overrides.
    Staging,
    /// Where software is tested.
    Testing,
    /// Where software is written; review apps.
    Development,
    /// Anything else.
    Other,
    /// A tier an override introduced, `[a-z][a-z0-9_]*`.
    Custom(Arc<str>),
}

impl EnvironmentTier {
    /// GitLab's five, by GitLab's names; `None` for any other text.
    #[must_use]
    pub fn from_gitlab(text: &str) -> Option<Self> {
        Some(match text {
            "production" => Self::Production,
            "staging" => Self::Staging,
            "testing" => Self::Testing,
            "development" => Self::Development,
            "other" => Self::Other,
            _ => return None,
        })
    }

    /// GitLab's five, or a tier of the operator's own.
    ///
    /// # Errors
    /// [`InvalidId`] unless the text matches `[a-z][a-z0-9_]*`.
    pub fn from_policy(text: &str) -> Result<Self, InvalidId> {
        if let Some(known) = Self::from_gitlab(text) {
            return Ok(known);
        }
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
        let goes_on_well =
            text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !(starts_well && goes_on_well) {
            return Err(InvalidId { what: "tier name (allowed: a-z, then a-z, 0-9 or _)" });
        }
        Ok(Self::Custom(Arc::from(text)))
    }

    /// The name used in labels and configuration.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Testing => "testing",
            Self::Development => "development",
            Self::Other => "other",
            Self::Custom(name) => name,
        }
    }
}

impl fmt::Display for EnvironmentTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
