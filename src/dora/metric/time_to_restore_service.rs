//! Time to restore service, and the incidents that are still open.

use super::failed_deployment_recovery_time::within;
use crate::delivery::{Severity, Timestamp};
use crate::dora::samples::IncidentSample;
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// Summarises how long the incidents lasted that were closed in the window.
///
/// - **Input.** The incidents of one or more projects, external and unattributed ones included.
/// - **Output.** Seconds from start to last close. Open incidents are in no quantile: show
///   [`open_incidents`] beside. `None` when none was closed.
/// - **Cost.** O(n log n).
///
/// Source: DORA until 2022, "time to restore service" (MTTR); GitLab's
/// `time_to_restore_service` takes a median of daily medians instead.
#[must_use]
pub fn time_to_restore_service(
    incidents: &[&IncidentSample],
    window: Window,
    as_of: Timestamp,
) -> Option<Quantiles> {
    within(incidents.iter().filter_map(|incident| incident.restored()), window, as_of)
}

/// Incidents that are open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenIncidents {
    /// How many, by [`Severity::ALL`].
    pub by_severity: [u64; Severity::ALL.len()],
    /// When the oldest of them began.
    pub oldest_started_at: Option<Timestamp>,
}

/// Counts the open incidents; zero is a fact.
#[must_use]
pub fn open_incidents(incidents: &[&IncidentSample]) -> OpenIncidents {
    let mut open = OpenIncidents::default();
    for incident in incidents.iter().filter(|incident| incident.closed_at.is_none()) {
        for (count, severity) in open.by_severity.iter_mut().zip(Severity::ALL) {
            *count += u64::from(severity == incident.severity);
        }
        let oldest = open.oldest_started_at.into_iter().chain([incident.started_at]);
        open.oldest_started_at = oldest.min();
    }
    open
}
