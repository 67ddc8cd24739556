//! The numbers that GitLab Ultimate would show of the same facts, by GitLab's own arithmetic: to be
//! laid beside its own, not beside ours.
//!
//! [`environment_days`](super::assessment::environment_days::environment_days) draws the rows,
//! [`DailyRow`] holds what values need of them, and [`points()`] answers for a range of days, as
//! GitLab's API does. The differences from our definitions stand in `docs/definitions.md`.

mod ask;
mod comparison;
mod figures;
mod points;
mod row;

pub use ask::{GitlabQuery, GitlabSubject, gitlab_points};
pub use comparison::{Comparison, Days, Difference, Reason, compare};
pub use figures::{GitlabFigures, gitlab_figures};
pub use points::{DayRange, GitlabMetric, Interval, Point, points};
pub use row::{DailyMedian, DailyRow};
