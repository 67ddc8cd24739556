//! Metrics of snapshots and the configuration behind them.

use prometheus::{GaugeVec, Histogram, IntCounterVec, IntGauge};

use super::maker::Maker;

/// Snapshots are due every 15 s.
const SNAPSHOT_BUCKETS_SECONDS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0];

/// Metrics of snapshots and the configuration behind them.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) series: IntGauge,
    pub(super) series_limit: IntGauge,
    pub(super) series_dropped: IntCounterVec,
    pub(super) snapshot_seconds: Histogram,
    pub(super) snapshot_as_of_seconds: GaugeVec,
    pub(super) config_reload_successful: IntGauge,
    pub(super) config_reload_success_seconds: GaugeVec,
}

impl Numbers {
    pub(super) fn new(r: &Maker<'_>) -> Self {
        Self {
            series: r.gauge("series", "Series of delivery metrics in the last snapshot."),
            series_limit: r.gauge("series_limit", "Series that a snapshot may hold at most."),
            series_dropped: r.counters(
                "series_dropped_total",
                "Series left out of snapshots, by reason.",
                &["reason"],
            ),
            snapshot_seconds: r.histogram(
                "snapshot_duration_seconds",
                "Time that measuring and rendering one snapshot took, in seconds.",
                SNAPSHOT_BUCKETS_SECONDS,
            ),
            snapshot_as_of_seconds: r.gauges(
                "snapshot_timestamp_seconds",
                "The instant at which the last snapshot was measured, in seconds since the epoch.",
                &[],
            ),
            config_reload_successful: r.gauge(
                "config_last_reload_successful",
                "1 when the last reading of the configuration succeeded, else 0.",
            ),
            config_reload_success_seconds: r.gauges(
                "config_last_reload_success_timestamp_seconds",
                "When the configuration was last read with success, in seconds since the epoch.",
                &[],
            ),
        }
    }
}
