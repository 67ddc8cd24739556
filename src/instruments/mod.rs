//! This process's own counters: what came in, what was refused, how long the promises took.
//!
//! Names begin with `gitlab_dora_exporter_`. Labels take values from closed sets, and each of them
//! is there at 0 from the start, so that a rate sees the first event; a gauge that knows nothing
//! yet is absent, for no data is not zero.

mod door;
mod durability;
mod gitlab;
mod labels;
mod maker;
mod numbers;
mod reconcile;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus::Registry;

use door::Door;
use durability::Durability;
use gitlab::GitLab;
pub use labels::{
    DeliveryResult, GapCause, HookKept, StoreErrorClass, code_label, endpoint_label, kind_label,
    reason_label,
};
use maker::Maker;
use numbers::Numbers;
use reconcile::Reconcile;

use crate::delivery::Timestamp;

/// What every name begins with.
const PREFIX: &str = "gitlab_dora_exporter";

/// The route that is scraped.
const SCRAPES: &str = "/metrics";

/// A change under way.
struct Change<'a>(&'a AtomicU64);

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// All counters, gauges and histograms of this process; shared by reference, updated from anywhere.
#[derive(Debug)]
pub struct Instruments {
    registry: Registry,
    door: Door,
    durability: Durability,
    numbers: Numbers,
    gitlab: GitLab,
    reconcile: Reconcile,
    changes: AtomicU64,
}

impl Instruments {
    /// Everything at 0, or absent where 0 would be a lie.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let maker = Maker(&registry);
        maker.build_and_process();
        let (door, durability, numbers) =
            (Door::new(&maker), Durability::new(&maker), Numbers::new(&maker));
        let (gitlab, reconcile) = (GitLab::new(&maker), Reconcile::new(&maker));
        let changes = AtomicU64::new(0);
        let own = Self { registry, door, durability, numbers, gitlab, reconcile, changes };
        own.start_at_zero();
        own
    }

    /// How often anything was noted, scrapes and readings of readiness apart: while this stands,
    /// [`gather`](Self::gather) gives the same but for the process' own figures.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Counts a change when it is over, so that whoever sees the count sees the change.
    fn change(&self) -> Change<'_> {
        Change(&self.changes)
    }

    fn start_at_zero(&self) {
        for kind in labels::kinds() {
            for result in DeliveryResult::ALL {
                self.door.accepted.with_label_values(&[kind, result.as_str()]);
            }
        }
        for reason in labels::reasons() {
            self.door.rejected.with_label_values(&[reason]);
        }
        for class in StoreErrorClass::ALL {
            self.durability.store_errors.with_label_values(&[class.as_str()]);
        }
        for reason in labels::DROP_REASONS {
            self.numbers.series_dropped.with_label_values(&[reason]);
        }
    }

    /// A delivery of `kind` (GitLab's word) was answered 200 at `at`.
    pub fn delivery_accepted(&self, kind: &str, result: DeliveryResult, at: Timestamp) {
        let _change = self.change();
        let kind = kind_label(kind);
        self.door.accepted.with_label_values(&[kind, result.as_str()]).inc();
        self.door.last_event_seconds.with_label_values(&[kind]).set(seconds(at));
    }

    /// The last delivery of `kind` (GitLab's word) that is remembered from before the start was
    /// received at `at`. Kinds may share a label; the newest of them counts.
    pub fn remembered(&self, kind: &str, at: Timestamp) {
        let _change = self.change();
        let last = self.door.last_event_seconds.with_label_values(&[kind_label(kind)]);
        last.set(last.get().max(seconds(at)));
    }

    /// A request to the webhook was refused; an unknown `reason` counts as `other`.
    pub fn refused(&self, reason: &str) {
        let _change = self.change();
        self.door.rejected.with_label_values(&[reason_label(reason)]).inc();
    }

    /// The store was opened with these settings of SQLite in force, and this version of it.
    pub fn store_opened(&self, journal_mode: &str, synchronous: &str, sqlite: &str) {
        let _change = self.change();
        let labels = [journal_mode, sqlite, synchronous];
        self.durability.store.with_label_values(&labels).set(1.0);
    }

    /// A delivery was answered 200, `elapsed` after its head was read.
    pub fn acknowledged(&self, elapsed: Duration) {
        let _change = self.change();
        self.door.ack_seconds.observe(elapsed.as_secs_f64());
    }

    /// Bytes of request bodies now in memory.
    pub fn inflight_body_bytes(&self, bytes: u64) {
        let _change = self.change();
        self.door.inflight_body_bytes.set(whole(bytes));
    }

    /// A signed delivery said it was sent at `sent_at`, and it was `now` here.
    pub fn clock_compared(&self, now: Timestamp, sent_at: Timestamp) {
        let _change = self.change();
        self.door
            .clock_skew_seconds
            .with_label_values::<&str>(&[])
            .set(seconds(now) - seconds(sent_at));
    }

    /// A delivery verified at `at` with the secret of this fingerprint: 8 hexadecimal digits, one
    /// for each configured secret.
    pub fn secret_used(&self, fingerprint: &str, at: Timestamp) {
        let _change = self.change();
        self.door.secret_last_used_seconds.with_label_values(&[fingerprint]).set(seconds(at));
    }

    /// A request was answered; `route` is the pattern of a route, never a path.
    pub fn http_answered(&self, route: &'static str, code: u16) {
        // A scrape must not make the next one render everything again.
        let _change = (route != SCRAPES).then(|| self.change());
        self.door.http_requests.with_label_values(&[route, code.to_string().as_str()]).inc();
    }

    /// What waits for the store now.
    pub fn queue_depth(&self, events: usize, bytes: usize) {
        let _change = self.change();
        self.durability.queue_events.set(i64::try_from(events).unwrap_or(i64::MAX));
        self.durability.queue_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// A batch of `events` deliveries became durable in `elapsed`.
    pub fn committed(&self, elapsed: Duration, events: usize) {
        let _change = self.change();
        self.durability.commit_seconds.observe(elapsed.as_secs_f64());
        self.durability.batch_events.observe(f64::from(u32::try_from(events).unwrap_or(u32::MAX)));
    }

    /// A call to the store failed.
    pub fn store_failed(&self, class: StoreErrorClass) {
        let _change = self.change();
        self.durability.store_errors.with_label_values(&[class.as_str()]).inc();
    }

    /// A panic was caught.
    pub fn panicked(&self) {
        let _change = self.change();
        self.door.panics.inc();
    }

    /// Whether scrapes and deliveries can be served as promised; [`Self::set_unready`] undoes it.
    pub fn set_ready(&self) {
        self.ready(1);
    }

    /// Not ready: starting, stopping, or the store cannot commit.
    pub fn set_unready(&self) {
        self.ready(0);
    }

    fn ready(&self, value: i64) {
        if self.door.ready.get() != value {
            let _change = self.change();
            self.door.ready.set(value);
        }
    }

    /// A snapshot measured at `as_of` was ready after `elapsed`, with `series` series.
    pub fn snapshot_made(&self, elapsed: Duration, as_of: Timestamp, series: u64) {
        let _change = self.change();
        self.numbers.snapshot_seconds.observe(elapsed.as_secs_f64());
        self.numbers.snapshot_as_of_seconds.with_label_values::<&str>(&[]).set(seconds(as_of));
        self.numbers.series.set(whole(series));
    }

    /// How many series a snapshot may hold.
    pub fn series_limit(&self, limit: u64) {
        let _change = self.change();
        self.numbers.series_limit.set(whole(limit));
    }

    /// Series were left out of a snapshot because it held too many, or because one dimension did.
    pub fn series_dropped(&self, over_limit: u64, over_dimension: u64) {
        let _change = self.change();
        let [max_series, dimension] = labels::DROP_REASONS;
        self.numbers.series_dropped.with_label_values(&[max_series]).inc_by(over_limit);
        self.numbers.series_dropped.with_label_values(&[dimension]).inc_by(over_dimension);
    }

    /// The configuration was read and applied at `at`.
    pub fn config_loaded(&self, at: Timestamp) {
        let _change = self.change();
        self.numbers.config_reload_successful.set(1);
        self.numbers.config_reload_success_seconds.with_label_values::<&str>(&[]).set(seconds(at));
    }

    /// The configuration was read and refused; the one before is still in force.
    pub fn config_refused(&self) {
        let _change = self.change();
        self.numbers.config_reload_successful.set(0);
    }

    /// Everything as it is now, sorted by name.
    #[must_use]
    pub fn gather(&self) -> Vec<prometheus::proto::MetricFamily> {
        self.registry.gather()
    }
}

impl Default for Instruments {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since the epoch need 53 bits in 2255")]
fn seconds(at: Timestamp) -> f64 {
    at.as_second() as f64
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn series(instruments: &Instruments, name: &str) -> Vec<(Vec<String>, f64)> {
        let name = format!("{PREFIX}_{name}");
        instruments
            .gather()
            .iter()
            .filter(|family| family.name() == name)
            .flat_map(prometheus::proto::MetricFamily::get_metric)
            .map(|metric| {
                let labels = metric.get_label().iter().map(|l| l.value().to_owned()).collect();
                let (counter, gauge) =
                    (metric.get_counter().get_value(), metric.get_gauge().get_value());
                (labels, counter + gauge)
            })
            .collect()
    }

    #[test]
    fn every_closed_label_set_is_there_at_zero_from_the_start() {
        let instruments = Instruments::new();
        for (name, expected) in [
            ("webhooks_accepted_total", labels::kinds().count() * DeliveryResult::ALL.len()),
            ("webhooks_rejected_total", labels::reasons().count()),
            ("store_errors_total", StoreErrorClass::ALL.len()),
            ("series_dropped_total", labels::DROP_REASONS.len()),
            ("panics_total", 1),
        ] {
            let found = series(&instruments, name);
            assert_eq!(found.len(), expected, "{name}");
            assert!(found.iter().all(|(_, value)| value.abs() < f64::EPSILON), "{name}");
        }
    }

    #[test]
    fn what_is_not_known_yet_is_absent_rather_than_zero() {
        let instruments = Instruments::new();
        for name in [
            "last_event_timestamp_seconds",
            "clock_skew_seconds",
            "secret_last_used_timestamp_seconds",
            "snapshot_timestamp_seconds",
            "config_last_reload_success_timestamp_seconds",
        ] {
            assert_eq!(series(&instruments, name), [], "{name}");
        }
        instruments.clock_compared(Timestamp::from_second(100), Timestamp::from_second(130));
        assert_eq!(series(&instruments, "clock_skew_seconds"), [(vec![], -30.0)]);
    }

    #[test]
    fn ten_thousand_invented_kinds_and_reasons_make_no_series() {
        let instruments = Instruments::new();
        let names = |instruments: &Instruments| {
            series(instruments, "webhooks_accepted_total").len()
                + series(instruments, "webhooks_rejected_total").len()
        };
        let before = names(&instruments);
        for number in 0..10_000 {
            let (kind, at) = (format!("kind{number}"), Timestamp::from_second(number));
            instruments.delivery_accepted(&kind, DeliveryResult::Stored, at);
            instruments.refused(&kind);
        }
        assert_eq!(names(&instruments), before);
        let last = series(&instruments, "last_event_timestamp_seconds");
        assert_eq!(last, [(vec!["other".to_owned()], 9_999.0)]);
    }

    #[test]
    fn what_is_remembered_of_kinds_that_share_a_label_is_the_newest() {
        let instruments = Instruments::new();
        for (kind, second) in [("invented", 20), ("push", 7), ("another", 10)] {
            instruments.remembered(kind, Timestamp::from_second(second));
        }
        let last = series(&instruments, "last_event_timestamp_seconds");
        assert_eq!(last, [(vec!["other".to_owned()], 20.0), (vec!["push".to_owned()], 7.0)]);
    }

    #[test]
    fn every_name_has_help_and_says_what_program_and_process_it_is() {
        let families = Instruments::new().gather();
        let names: BTreeSet<_> = families.iter().map(|family| family.name().to_owned()).collect();
        assert!(families.iter().all(|family| !family.help().is_empty()));
        assert!(names.contains("gitlab_dora_exporter_build_info"));
        #[cfg(target_os = "linux")]
        assert!(names.contains("process_resident_memory_bytes"));
    }
}
