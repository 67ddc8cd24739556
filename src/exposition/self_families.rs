//! This process's own metrics, as the prometheus crate gathers them, in our family model.

use std::borrow::Cow;

use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::catalog;
use super::family::{Family, Head, Kind, Number, Reading, Series, Unit};
use super::limits::clean;

/// Translates what `gather()` gave. Types that are not registered here, summaries and untyped, are
/// left out.
pub(super) fn own_families(gathered: &[MetricFamily]) -> Vec<Family<'_>> {
    gathered.iter().filter_map(translate).collect()
}

fn translate(family: &MetricFamily) -> Option<Family<'_>> {
    let kind = match family.get_field_type() {
        MetricType::COUNTER => Kind::Counter,
        MetricType::GAUGE if family.name().ends_with("_info") => Kind::Info,
        MetricType::GAUGE => Kind::Gauge,
        MetricType::HISTOGRAM => Kind::Histogram,
        MetricType::SUMMARY | MetricType::UNTYPED => return None,
    };
    let unit = catalog::find(family.name()).map_or(Unit::None, |metric| metric.unit);
    let head = Head { name: family.name(), kind, unit, help: family.help() };
    let series = family.get_metric().iter().map(|metric| read(metric, kind)).collect();
    Some(Family { head, series })
}

fn read(metric: &Metric, kind: Kind) -> Series<'_> {
    let labels = metric.get_label().iter().map(|pair| (pair.name(), clean(pair.value())));
    let mut labels: Vec<(&str, Cow<'_, str>)> = labels.collect();
    labels.sort_unstable_by_key(|(name, _)| *name);
    let reading = match kind {
        Kind::Counter => Reading::Number(Number::Real(metric.get_counter().get_value())),
        Kind::Gauge | Kind::Info => Reading::Number(Number::Real(metric.get_gauge().get_value())),
        Kind::Histogram => {
            let histogram = metric.get_histogram();
            let finite = histogram.get_bucket().iter().filter(|own| own.upper_bound().is_finite());
            Reading::Histogram {
                buckets: finite.map(|own| (own.upper_bound(), own.cumulative_count())).collect(),
                sum: Number::Real(histogram.get_sample_sum()),
                count: histogram.get_sample_count(),
            }
        }
    };
    Series { labels, reading }
}
