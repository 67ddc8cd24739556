//! Makes metrics and registers them.

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
};

use super::PREFIX;

/// The revision this program was built from, when the build said so.
const REVISION: &str = match option_env!("GITLAB_DORA_EXPORTER_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};

/// Makes and registers; what it makes is declared in this file, so a failure is a defect here that
/// no input can cause.
pub(super) struct Maker<'a>(pub(super) &'a Registry);

impl Maker<'_> {
    pub(super) fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.keep(IntCounter::with_opts(opts(name, help)))
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.keep(IntCounterVec::new(opts(name, help), labels))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.keep(IntGauge::with_opts(opts(name, help)))
    }

    /// Absent until set; without labels too.
    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.keep(GaugeVec::new(opts(name, help), labels))
    }

    pub(super) fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let opts = HistogramOpts::from(opts(name, help)).buckets(buckets.to_vec());
        self.keep(Histogram::with_opts(opts))
    }

    pub(super) fn build_and_process(&self) {
        let labelled = opts("build_info", "1, labelled by what this program was built from.")
            .const_label("version", env!("CARGO_PKG_VERSION"))
            .const_label("revision", REVISION);
        self.keep(Gauge::with_opts(labelled)).set(1.0);
        #[cfg(target_os = "linux")]
        self.accept(Box::new(prometheus::process_collector::ProcessCollector::for_self()));
    }

    fn keep<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        match made {
            Ok(made) => {
                self.accept(Box::new(made.clone()));
                made
            }
            Err(error) => unreachable!("every name and label of this file is valid: {error}"),
        }
    }

    fn accept(&self, collector: Box<dyn Collector>) {
        if let Err(error) = self.0.register(collector) {
            unreachable!("every name of this file is used once: {error}");
        }
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(PREFIX)
}
