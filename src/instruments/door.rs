//! Metrics of what comes in by HTTP.

use prometheus::{GaugeVec, Histogram, IntCounter, IntCounterVec, IntGauge};

use super::maker::Maker;

/// From a commit on a fast disk to the deadline of a delivery (8 s).
const ACK_BUCKETS_SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0];

/// Metrics of what comes in by HTTP.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) accepted: IntCounterVec,
    pub(super) rejected: IntCounterVec,
    pub(super) ack_seconds: Histogram,
    pub(super) inflight_body_bytes: IntGauge,
    pub(super) last_event_seconds: GaugeVec,
    pub(super) clock_skew_seconds: GaugeVec,
    pub(super) secret_last_used_seconds: GaugeVec,
    pub(super) http_requests: IntCounterVec,
    pub(super) panics: IntCounter,
    pub(super) ready: IntGauge,
}

impl Door {
    pub(super) fn new(r: &Maker<'_>) -> Self {
        Self {
            accepted: r.counters(
                "webhooks_accepted_total",
                "Deliveries answered 200, by kind and by what became of them.",
                &["kind", "result"],
            ),
            rejected: r.counters(
                "webhooks_rejected_total",
                "Requests to the webhook that were refused, by reason.",
                &["reason"],
            ),
            ack_seconds: r.histogram(
                "webhook_ack_duration_seconds",
                "Time from the head of a delivery to its answer 200, in seconds.",
                ACK_BUCKETS_SECONDS,
            ),
            inflight_body_bytes: r.gauge(
                "inflight_body_bytes",
                "Bytes of request bodies held in memory before they are queued.",
            ),
            last_event_seconds: r.gauges(
                "last_event_timestamp_seconds",
                "When the last delivery of this kind was accepted, in seconds since the epoch.",
                &["kind"],
            ),
            clock_skew_seconds: r.gauges(
                "clock_skew_seconds",
                "Our clock minus GitLab's at the last signed delivery, in seconds.",
                &[],
            ),
            secret_last_used_seconds: r.gauges(
                "secret_last_used_timestamp_seconds",
                "When a delivery last verified with this secret, in seconds since the epoch.",
                &["fingerprint"],
            ),
            http_requests: r.counters(
                "http_requests_total",
                "Requests answered, by route and status code.",
                &["route", "code"],
            ),
            panics: r.counter("panics_total", "Panics that were caught; each is a defect."),
            ready: r.gauge(
                "ready",
                "1 when the first snapshot exists and the store can commit, else 0.",
            ),
        }
    }
}
