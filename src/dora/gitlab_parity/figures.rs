//! GitLab's numbers of one window.

use super::points::{DayRange, GitlabMetric, value};
use super::row::DailyRow;
use crate::delivery::Timestamp;
use crate::dora::window::Window;

/// GitLab's numbers of production in one window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GitlabFigures {
    /// Successful deployments.
    pub deployments: u64,
    /// The same, by the days of the window.
    pub deployment_frequency: f64,
    /// Median of the daily medians from merge to deployment, in seconds.
    pub lead_time_for_changes: Option<f64>,
    /// Median of the daily medians of what incidents lasted, in seconds.
    pub time_to_restore_service: Option<f64>,
    /// Incidents by deployments, which may exceed 1.
    pub change_failure_rate: Option<f64>,
}

/// GitLab's numbers over the whole days of a window, that of `as_of` left out.
///
/// - **Input.** Rows of production, of one or more projects, in any order.
/// - **Output.** `None` where no row lies in the window.
/// - **Cost.** O(n log n).
///
/// Source: the metric specification, "Parity with GitLab"; as GitLab's `interval=all`.
#[must_use]
pub fn gitlab_figures<'a>(
    rows: impl Iterator<Item = &'a DailyRow>,
    window: Window,
    as_of: Timestamp,
) -> Option<GitlabFigures> {
    let range = DayRange::of(window, as_of);
    let rows: Vec<&DailyRow> = rows.filter(|row| range.contains(row.day)).collect();
    let value = |metric| value(&rows, metric, range.days());
    Some(GitlabFigures {
        deployments: rows.iter().map(|row| row.deployments).sum(),
        deployment_frequency: value(GitlabMetric::DeploymentFrequency)?,
        lead_time_for_changes: value(GitlabMetric::LeadTimeForChanges),
        time_to_restore_service: value(GitlabMetric::TimeToRestoreService),
        change_failure_rate: value(GitlabMetric::ChangeFailureRate),
    })
}
