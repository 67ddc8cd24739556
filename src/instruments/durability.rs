//! Metrics of the way from the queue to the disk.

use prometheus::{GaugeVec, Histogram, IntCounterVec, IntGauge};

use super::maker::Maker;

/// One flush of a disk takes from 0.1 ms to seconds.
const COMMIT_BUCKETS_SECONDS: &[f64] =
    &[0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// Powers of two up to the largest batch.
const BATCH_BUCKETS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Metrics of the way from the queue to the disk.
#[derive(Debug)]
pub(super) struct Durability {
    pub(super) queue_events: IntGauge,
    pub(super) queue_bytes: IntGauge,
    pub(super) commit_seconds: Histogram,
    pub(super) batch_events: Histogram,
    pub(super) store_errors: IntCounterVec,
    pub(super) store: GaugeVec,
}

impl Durability {
    pub(super) fn new(r: &Maker<'_>) -> Self {
        Self {
            queue_events: r.gauge("queue_events", "Deliveries that wait for the store."),
            queue_bytes: r.gauge("queue_bytes", "Bytes of the deliveries that wait for the store."),
            commit_seconds: r.histogram(
                "commit_duration_seconds",
                "Time that one durable commit of a batch took, in seconds.",
                COMMIT_BUCKETS_SECONDS,
            ),
            batch_events: r.histogram(
                "batch_events",
                "Deliveries that one durable commit took together.",
                BATCH_BUCKETS,
            ),
            store_errors: r.counters(
                "store_errors_total",
                "Calls to the store that failed, by what could be done about it.",
                &["class"],
            ),
            store: r.gauges(
                "store_info",
                "1, labelled by what durability rests on, as SQLite said when the store was opened.",
                &["journal_mode", "sqlite", "synchronous"],
            ),
        }
    }
}
