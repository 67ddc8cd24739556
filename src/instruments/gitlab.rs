//! Metrics of what is asked of GitLab's API.

use prometheus::{GaugeVec, IntCounterVec};

use super::maker::Maker;

/// Metrics of what is asked of GitLab's API.
#[derive(Debug)]
pub(super) struct GitLab {
    pub(super) requests: IntCounterVec,
    pub(super) budget_remaining: GaugeVec,
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
        }
    }
}
