//! The prometheus crate's own encoder, asked about families that it can hold too.

use std::collections::BTreeSet;

use gitlab_dora_exporter::exposition::{Encoding, Format, Tail, scrape};
use prometheus::TextEncoder;
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType,
};
use proptest::prelude::*;

use super::formats::{OPEN, text_of};
use super::parser::{self, Labels, Read};

fn values() -> impl Strategy<Value = f64> {
    let near = (0_u32..1_000_000).prop_map(|hundredths| f64::from(hundredths) / 100.0);
    prop_oneof![any::<f64>(), near, -1e6..1e6, Just(0.0), Just(-0.0), Just(f64::INFINITY)]
}

fn metrics(kind: MetricType) -> impl Strategy<Value = Metric> {
    // Printable, quotes and backslashes included.
    let labels = prop::collection::btree_map("[a-z_]{1,6}", "\\PC{0,20}|[\"\\\\n]{0,4}", 0..4);
    let buckets = prop::collection::btree_map(1_u32..1 << 31, 0_u64..100, 0..5);
    (labels, values(), buckets).prop_map(move |(labels, value, buckets)| {
        let labels =
            labels.into_iter().filter(|(name, _)| !name.ends_with("le")).map(|(name, value)| {
                let mut pair = LabelPair::default();
                pair.set_name(name);
                // Separators of lines would be replaced; that has a test of its own.
                pair.set_value(value.replace(['\u{2028}', '\u{2029}'], "-"));
                pair
            });
        let mut metric = Metric::from_label(labels.collect());
        match kind {
            MetricType::HISTOGRAM => metric.set_histogram(histogram(value, buckets)),
            MetricType::COUNTER => {
                let mut counter = Counter::default();
                counter.set_value(value);
                metric.set_counter(counter);
            }
            _ => {
                let mut gauge = Gauge::default();
                gauge.set_value(value);
                metric.set_gauge(gauge);
            }
        }
        metric
    })
}

fn histogram(sum: f64, own: impl IntoIterator<Item = (u32, u64)>) -> Histogram {
    let mut count = 0;
    let buckets = own.into_iter().map(|(bound, own)| {
        count += own;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(f64::from(bound) / 64.0);
        bucket.set_cumulative_count(count);
        bucket
    });
    let buckets = buckets.collect();
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets);
    histogram.set_sample_count(count + 1);
    histogram.set_sample_sum(sum);
    histogram
}

fn families() -> impl Strategy<Value = Vec<MetricFamily>> {
    let kind = prop::sample::select(vec![
        (MetricType::COUNTER, "_total"),
        (MetricType::GAUGE, ""),
        (MetricType::GAUGE, "_bytes"),
        (MetricType::HISTOGRAM, "_seconds"),
    ]);
    let family = kind.prop_flat_map(|(kind, suffix)| {
        (
            Just((kind, suffix)),
            prop::collection::vec(metrics(kind), 1..4),
            "\\PC{1,20}|[\"\\\\]{1,4}",
        )
    });
    let all = prop::collection::btree_map("[a-z]{3,8}", family, 1..4);
    all.prop_map(|all| {
        all.into_iter()
            .map(|(name, (kind, metrics, help))| {
                let mut family = MetricFamily::default();
                // A first letter of its own for each, so that no name is another's with a suffix.
                family.set_name(format!("x_{name}_y{}", kind.1));
                family.set_help(help);
                family.set_field_type(kind.0);
                let mut seen = BTreeSet::new();
                let labels = |metric: &Metric| -> Vec<_> {
                    let pairs = metric.get_label().iter();
                    pairs.map(|pair| (pair.name().to_owned(), pair.value().to_owned())).collect()
                };
                family.set_metric(
                    metrics.into_iter().filter(|metric| seen.insert(labels(metric))).collect(),
                );
                family
            })
            .collect()
    })
}

/// Name, type, help, and the samples with the bits of their values.
type Comparable = (String, String, String, Vec<(String, Labels, u64)>);

/// With `le` as a number: the crate spells it in its own way.
fn comparable(families: &[Read]) -> Vec<Comparable> {
    let mut all: Vec<_> = families
        .iter()
        .map(|family| {
            let samples = family.samples.iter().map(|(name, labels, value)| {
                let mut labels = labels.clone();
                if let Some(le) = labels.get_mut("le") {
                    *le = format!("{:?}", parser::read_number(le));
                }
                (name.clone(), labels, value.to_bits())
            });
            (family.name.clone(), family.kind.clone(), family.help.clone(), samples.collect())
        })
        .collect();
    all.sort();
    all
}

/// Reads what the prometheus crate wrote; `le` without a point and `inf` are its own habits.
fn read_foreign(text: &str) -> Vec<Read> {
    let mut out = String::new();
    for line in text.lines() {
        let line = match line.strip_suffix("inf").filter(|_| !line.starts_with('#')) {
            Some(rest) if rest.ends_with('-') => &format!("{rest}Inf"),
            Some(rest) => &format!("{rest}+Inf"),
            None => line,
        };
        match line.split_once("le=\"") {
            Some((before, after)) if line.contains("_bucket{") && !line.starts_with('#') => {
                let (bound, rest) = after.split_once('"').unwrap();
                let point = if bound.contains(['.', 'e', 'I']) { "" } else { ".0" };
                out.push_str(&reordered(&format!("{before}le=\"{bound}{point}\"{rest}")));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    parser::read(&out, Format::Text)
}

/// The crate writes `le` last; the strict reader wants labels sorted.
fn reordered(line: &str) -> String {
    let at = line.rfind("le=\"").unwrap();
    let (before, le) = line.split_at(at);
    let (le, value) = le.rsplit_once("} ").unwrap();
    let (name, labels) = before.split_once('{').unwrap();
    // Our test labels hold no `",` of their own but for escaped quotes, which stay whole.
    let mut parts: Vec<String> = Vec::new();
    let mut rest = labels;
    while let Some(start) = rest.find("=\"") {
        let mut end = start + 2;
        let bytes = rest.as_bytes();
        while bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        parts.push(rest[..=end].to_owned());
        rest = rest[end + 1..].trim_start_matches(',');
    }
    parts.push(le.to_owned());
    parts.sort_by(|a, b| a.split('=').next().cmp(&b.split('=').next()));
    format!("{name}{{{}}} {value}", parts.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_prometheus_crate_writes_the_same_families(families in families()) {
        let theirs = TextEncoder::new().encode_to_string(&families).unwrap();
        let [ours, open] = [Format::Text, OPEN].map(|format| {
            let tail = Tail::render(&families, format);
            parser::read(&text_of(&scrape(None, &tail, Encoding::Identity)), format)
        });
        prop_assert_eq!(comparable(&ours), comparable(&read_foreign(&theirs)));
        prop_assert_eq!(open.len(), ours.len());
    }
}
