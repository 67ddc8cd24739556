//! Metrics of what hooks lost or do not tell, and of how it is made good.

use prometheus::{GaugeVec, IntCounterVec, IntGauge};

use super::gitlab::count;
use super::labels::GapCause;
use super::maker::Maker;
use super::{Instruments, seconds};
use crate::delivery::Timestamp;

/// Metrics of reconciliation.
#[derive(Debug)]
pub(super) struct Reconcile {
    enabled: IntGauge,
    reconciled: GaugeVec,
    gaps: IntCounterVec,
    missing: GaugeVec,
    wanted: GaugeVec,
    wants_answered: IntCounterVec,
    wants_given_up: IntCounterVec,
}

impl Reconcile {
    pub(super) fn new(r: &Maker<'_>) -> Self {
        Self {
            enabled: r.gauge(
                "reconcile_enabled",
                "1 when what hooks lose is read from GitLab's API again and again, else 0.",
            ),
            reconciled: r.gauges(
                "reconcile_last_success_timestamp_seconds",
                "When GitLab's API was last asked what happened and nothing of that was left unread for an hour, in seconds since the epoch.",
                &["gitlab"],
            ),
            gaps: r.counters(
                "reconcile_gaps_total",
                "Events that hooks lost and that were found and taken in, by why they were lost.",
                &["gitlab", "cause"],
            ),
            missing: r.gauges(
                "reconcile_missing",
                "Deliveries that hooks lost and that could not be taken in yet.",
                &["gitlab"],
            ),
            wanted: r.gauges(
                "wanted",
                "What changes and deployments lack and GitLab's API is to be asked for.",
                &["gitlab"],
            ),
            wants_answered: r.counters(
                "wants_answered_total",
                "What changes and deployments lacked and GitLab's API told.",
                &["gitlab"],
            ),
            wants_given_up: r.counters(
                "wants_given_up_total",
                "What changes and deployments lack and GitLab's API did not tell within an hour.",
                &["gitlab"],
            ),
        }
    }
}

impl Instruments {
    /// What hooks lose is read from GitLab's API from now on.
    pub fn reconciling(&self) {
        let _change = self.change();
        self.reconcile.enabled.set(1);
    }

    /// The API of the GitLab of that name was read to the end at `at`.
    pub fn reconciled(&self, gitlab: &str, at: Timestamp) {
        let _change = self.change();
        self.reconcile.reconciled.with_label_values(&[gitlab]).set(seconds(at));
    }

    /// Gaps of that GitLab are looked for from now on.
    pub fn looking_for_gaps(&self, gitlab: &str) {
        let _change = self.change();
        for cause in GapCause::ALL {
            self.reconcile.gaps.with_label_values(&[gitlab, cause.as_str()]);
        }
    }

    /// So many events that hooks of that GitLab had lost were taken in.
    pub fn gaps_repaired(&self, gitlab: &str, cause: GapCause, events: u64) {
        let _change = self.change();
        self.reconcile.gaps.with_label_values(&[gitlab, cause.as_str()]).inc_by(events);
    }

    /// So many deliveries of that GitLab are known to be missing.
    pub fn deliveries_missing(&self, gitlab: &str, deliveries: u64) {
        let _change = self.change();
        self.reconcile.missing.with_label_values(&[gitlab]).set(count(deliveries));
    }

    /// So much is wanted of that GitLab; so many wants were answered since the last call, and so many
    /// given up.
    pub fn wants(&self, gitlab: &str, open: u64, answered: u64, given_up: u64) {
        let _change = self.change();
        self.reconcile.wanted.with_label_values(&[gitlab]).set(count(open));
        self.reconcile.wants_answered.with_label_values(&[gitlab]).inc_by(answered);
        self.reconcile.wants_given_up.with_label_values(&[gitlab]).inc_by(given_up);
    }
}
