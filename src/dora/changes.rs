//! Changes: what releases deliver, with their clocks and stages.

/// The stages of a sampled merge request; they add up to its first-commit lead time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// First commit to ready for review.
    Coding,
    /// Ready to first review.
    Pickup,
    /// First review to merge.
    Review,
    /// Merge to delivery.
    Deploy,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 4] = [Self::Coding, Self::Pickup, Self::Review, Self::Deploy];

    /// The value of the label `stage`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coding => "coding",
            Self::Pickup => "pickup",
            Self::Review => "review",
            Self::Deploy => "deploy",
        }
    }
}
