//! A milestone and its dates.

use super::ids::MilestoneId;
use super::register::{Earliest, Greatest, Merge, Newest};
use super::time::Timestamp;

/// One milestone of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Key within the project.
    pub id: MilestoneId,
    /// When it was created.
    pub created_at: Earliest,
    /// UTC midnight of its start day; `None` when taken out.
    pub start_day: Newest<Option<Timestamp>>,
    /// UTC midnight of its due day; `None` when taken out.
    pub due_day: Newest<Option<Timestamp>>,
    /// Whether it is closed.
    pub closed: Newest<bool>,
    /// Whether it was deleted.
    pub deleted: Newest<bool>,
}

impl Milestone {
    /// A milestone of which only the id is known.
    #[must_use]
    pub fn new(id: MilestoneId) -> Self {
        Self {
            id,
            created_at: Earliest::default(),
            start_day: Newest::default(),
            due_day: Newest::default(),
            closed: Newest::default(),
            deleted: Newest::default(),
        }
    }
}

impl Merge for Milestone {
    fn merge(&mut self, other: Self) {
        let Self { id: _, created_at, start_day, due_day, closed, deleted } = other;
        self.created_at.merge(created_at);
        self.start_day.merge(start_day);
        self.due_day.merge(due_day);
        self.closed.merge(closed);
        self.deleted.merge(deleted);
    }
}

/// What a milestone's due day was heard to be at one instant: kept as a sequence, so that a date
/// that is moved later cannot make good what was late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneDue {
    /// The milestone; with `at`, the key within the project.
    pub milestone: MilestoneId,
    /// When.
    pub at: Timestamp,
    /// UTC midnight of its due day; nothing when it had none.
    pub due_day: Greatest<Timestamp>,
}

impl Merge for MilestoneDue {
    fn merge(&mut self, other: Self) {
        let Self { milestone: _, at: _, due_day } = other;
        self.due_day.merge(due_day);
    }
}
