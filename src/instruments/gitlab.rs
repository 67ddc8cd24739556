//! Metrics of what is asked of GitLab's API.

use prometheus::{GaugeVec, IntCounterVec, IntGauge};

use super::maker::Maker;

/// Metrics of what is asked of GitLab's API.
#[derive(Debug)]
pub(super) struct GitLab {
    pub(super) requests: IntCounterVec,
    pub(super) budget_remaining: GaugeVec,
    pub(super) reconcile_enabled: IntGauge,
    pub(super) reconciled: GaugeVec,
}

impl GitLab {
    pub(super) fn new(r: &Maker<'_>) -> Self {
        Self {
            requests: r.counters(
                "gitlab_api_requests_total",
                "Requests to GitLab's API, by kind of resource and status code.",
                &["endpoint", "code"],
            ),
            budget_remaining: r.gauges(
                "gitlab_api_budget_remaining_ratio",
                "Share of the requests that GitLab may be asked at once that is left, 0 to 1.",
                &["gitlab"],
            ),
            reconcile_enabled: r.gauge(
                "reconcile_enabled",
                "1 when what hooks lose is read from GitLab's API every quarter of an hour, else 0.",
            ),
            reconciled: r.gauges(
                "reconcile_last_success_timestamp_seconds",
                "When GitLab's API was last read to the end, in seconds since the epoch.",
                &["gitlab"],
            ),
        }
    }
}
