//! Milestones: on time, and with how much less in them.

use crate::delivery::Timestamp;
use crate::dora::assessment::milestones::DueMilestone;
use crate::dora::statistics::ratio;
use crate::dora::window::Window;

/// What became of the milestones due in one window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MilestonesDue {
    /// How many were due; `None` until a milestone is known.
    pub due: Option<u64>,
    /// Delivered before their deadline by due, 0 to 1; `None` where none was due.
    pub on_time_ratio: Option<f64>,
    /// Issues that left them between start and deadline, by issues at the start, 0 to 1; `None`
    /// where none was in them.
    pub scope_cut_ratio: Option<f64>,
}

impl DueMilestone {
    /// The instant that places it in a window: the last second of its due day.
    #[must_use]
    pub fn placed_at(&self) -> Timestamp {
        self.deadline.minus(1)
    }

    /// Whether it was delivered before its deadline.
    #[must_use]
    pub fn is_on_time(&self) -> bool {
        self.delivered_at.is_some_and(|at| at < self.deadline)
    }
}

/// Counts the milestones whose deadline lies in the window: later than its start, at its end at the
/// latest.
///
/// - **Input.** Milestones of one or more projects, `None` of a project without one.
/// - **Output.** Zero due is a fact once a milestone is known. Ratios are of sums, never averages.
/// - **Cost.** O(n).
///
/// Source: this exporter. Cutting scope is no fault; moving the date after the start changes
/// nothing here.
#[must_use]
pub fn milestones_due<'a>(
    projects: impl Iterator<Item = Option<&'a [DueMilestone]>>,
    window: Window,
    as_of: Timestamp,
) -> MilestonesDue {
    let mut known = projects.flatten().peekable();
    if known.peek().is_none() {
        return MilestonesDue::default();
    }
    let (mut due, mut on_time, mut scope, mut cut) = (0_u64, 0_u64, 0_u64, 0_u64);
    let all = known.flatten();
    for milestone in all.filter(|own| window.contains(own.placed_at(), as_of)) {
        due += 1;
        on_time += u64::from(milestone.is_on_time());
        scope += milestone.scope;
        cut += milestone.cut;
    }
    let share = |part: u64, whole: u64| (whole > 0).then(|| ratio(part.into(), whole.into()));
    MilestonesDue {
        due: Some(due),
        on_time_ratio: share(on_time, due),
        scope_cut_ratio: share(cut, scope),
    }
}
