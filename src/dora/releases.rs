//! Deployments grouped into releases and classed by kind.

/// What a deployment does to the version that runs in its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReleaseKind {
    /// Nothing ran there before.
    First,
    /// The same commit again.
    Redeploy,
    /// Back to an ancestor, on purpose.
    Rollback,
    /// An ancestor whose older pipeline finished late.
    Outdated,
    /// Anything else.
    Change,
}

impl ReleaseKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::First, Self::Redeploy, Self::Rollback, Self::Outdated, Self::Change];

    /// The value of the label `kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Redeploy => "redeploy",
            Self::Rollback => "rollback",
            Self::Outdated => "outdated",
            Self::Change => "change",
        }
    }

    /// Whether it brings a version forward.
    #[must_use]
    pub const fn is_forward(self) -> bool {
        matches!(self, Self::First | Self::Change)
    }
}
