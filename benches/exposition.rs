//! Rendering speed: nanoseconds per series, beside a copy of the same bytes and beside the
//! prometheus crate's encoder over the same samples.
//!
//! Run with `cargo bench --bench exposition`. All sides run in one process, one after the other,
//! several rounds; medians are printed, with the fastest and slowest round. What is measured is CPU
//! time of the thread, so that a busy machine changes it little; ratios change less still.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::indexing_slicing, reason = "a benchmark that is wrong should stop")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::thread;

use gitlab_dora_exporter::delivery::{
    DeploymentStatus, EnvironmentName, EnvironmentTier, InstanceId, LifetimeSeries, ProjectId,
    ProjectKey, ProjectPath, Severity, Timestamp, Total,
};
use gitlab_dora_exporter::dora::metric::batch::Batch;
use gitlab_dora_exporter::dora::metric::inventory::Inventory;
use gitlab_dora_exporter::dora::metric::rhythm::Rhythm;
use gitlab_dora_exporter::dora::scorecard::{
    ClockFigures, Figures, ProjectFigures, Scorecard, TierFigures, ValueStreamFigures,
    WindowFigures,
};
use gitlab_dora_exporter::dora::statistics::Quantiles;
use gitlab_dora_exporter::dora::window::Window;
use gitlab_dora_exporter::exposition::{Limits, render, render_text};
use prometheus::TextEncoder;
use prometheus::proto::{Gauge, LabelPair, Metric, MetricFamily, MetricType};
use rustix::time::{ClockId, clock_gettime};

/// Odd, so that the median is a round; at least five by the rule of the house.
const ROUNDS: usize = 7;
/// Series of one project of [`scorecard`], to aim at a number of series.
const SERIES_OF_A_PROJECT: u64 = 380;

fn main() {
    let title = format!("ns per series, {ROUNDS} rounds");
    println!("{title:<44}{:>10}{:>10}{:>10}", "median", "least", "most");
    for series in [100_000, 1_000_000] {
        compare(series);
    }
}

fn compare(wanted: u64) {
    let scorecard = scorecard(wanted / SERIES_OF_A_PROJECT);
    let limits = Limits { max_series: u64::MAX, ..Limits::default() };
    let (text, series) = render_text(&scorecard, &limits, Vec::new());
    let families = same_samples(&text);
    println!("{series} series, {} bytes", text.len());

    let (mut copy, mut reused, mut foreign) = (Vec::new(), Vec::new(), String::new());
    let mut rounds: [Vec<f64>; 6] = Default::default();
    for _ in 0..ROUNDS {
        let [floor, reusing, fresh, whole, theirs, collected] = &mut rounds;
        floor.push(measure(series, || {
            copy.clear();
            copy.extend_from_slice(black_box(&text));
        }));
        reusing.push(measure(series, || {
            (reused, _) = render_text(black_box(&scorecard), &limits, std::mem::take(&mut reused));
        }));
        fresh.push(measure(series, || {
            black_box(render_text(black_box(&scorecard), &limits, Vec::new()));
        }));
        whole.push(measure(series, || {
            black_box(render(black_box(&scorecard), &limits));
        }));
        theirs.push(measure(series, || {
            foreign.clear();
            TextEncoder::new().encode_utf8(black_box(&families), &mut foreign).unwrap_or_default();
        }));
        // In a thread of its own: what it frees would be tidied up in the others' time.
        foreign.clear();
        let collecting = || {
            measure(series, || {
                let families = black_box(&families).clone();
                TextEncoder::new().encode_utf8(&families, &mut foreign).unwrap_or_default();
            })
        };
        collected.extend(thread::scope(|scope| scope.spawn(collecting).join()).ok());
    }
    assert_eq!(reused, text, "what was timed is what is served");
    let names = [
        "memory copy of the text",
        "rendered into a reused buffer",
        "rendered into a fresh buffer",
        "whole snapshot: two formats, plain and gzip",
        "prometheus crate, TextEncoder alone",
        "the same with the least a collector does",
    ];
    let medians = rounds.map(|mut round| {
        round.sort_by(f64::total_cmp);
        (round[ROUNDS / 2], round[0], round[ROUNDS - 1])
    });
    for (name, (median, least, most)) in names.iter().zip(medians) {
        println!("  {name:<42}{median:>10.1}{least:>10.1}{most:>10.1}");
    }
    let ratio = |theirs: usize| medians[theirs].0 / medians[1].0;
    println!("  ÷ reused buffer: encoder {:.1}, with collector {:.1}", ratio(4), ratio(5));
}

/// Nanoseconds of CPU per series that `work` takes.
#[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
fn measure(series: u64, work: impl FnOnce()) -> f64 {
    let now = || clock_gettime(ClockId::ThreadCPUTime);
    let start = now();
    work();
    let end = now();
    let nanoseconds =
        (end.tv_sec - start.tv_sec) as f64 * 1e9 + (end.tv_nsec - start.tv_nsec) as f64;
    nanoseconds / series as f64
}

/// The samples of `text` in the prometheus crate's model. We render from figures; there a collector
/// must first build these families at every scrape, of which a copy of them is the least. Every sample name is a gauge family there: the parts of histograms too.
fn same_samples(text: &[u8]) -> Vec<MetricFamily> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let mut families: Vec<(String, Vec<Metric>)> = Vec::new();
    let mut places = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_default();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let pairs = labels.trim_end_matches('}').split(',').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let mut pair = LabelPair::default();
            pair.set_name(name.to_owned());
            pair.set_value(value.trim_matches('"').to_owned());
            Some(pair)
        });
        let mut metric = Metric::from_label(pairs.collect());
        let mut gauge = Gauge::default();
        gauge.set_value(value.parse().unwrap_or_default());
        metric.set_gauge(gauge);
        let place = *places.entry(name).or_insert_with(|| {
            families.push((name.to_owned(), Vec::new()));
            families.len() - 1
        });
        families[place].1.push(metric);
    }
    let family = |(name, metrics)| {
        let mut family = MetricFamily::default();
        family.set_name(name);
        family.set_help("As ours.".to_owned());
        family.set_field_type(MetricType::GAUGE);
        family.set_metric(metrics);
        family
    };
    families.into_iter().map(family).collect()
}

/// Projects with everything: two tiers, three windows, every quantile.
fn scorecard(projects: u64) -> Scorecard {
    let windows: Vec<_> = [7, 30, 90].map(Window::of_days).into();
    let mut noise = Noise(1);
    let (mut all, mut totals) = (Vec::new(), BTreeMap::new());
    for id in 1..=projects {
        let Ok(project) = ProjectId::new(id) else { continue };
        let key = ProjectKey { instance: InstanceId::new(1), project };
        let path = format!("group-{}/subgroup-{}/project-{id}", id % 40, id % 7);
        let Ok(path) = ProjectPath::new(&path) else { continue };
        all.push(Arc::new(ProjectFigures {
            project: key,
            path,
            figures: figures(&windows, &mut noise),
            services: Vec::new(),
            data_since: Some(Timestamp::from_second(1_700_000_000)),
            unattributed_incidents: vec![noise.below(9); windows.len()].into(),
            tier_warnings: 0,
            unknown_version_at: None,
        }));
        add_totals(&mut totals, key, &mut noise);
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Scorecard {
        as_of: AS_OF,
        windows,
        projects: all,
        groups: Vec::new(),
        teams: Vec::new(),
        totals: totals.into_iter().collect(),
        contacts: BTreeMap::new(),
        doubts: BTreeMap::new(),
        future_events: 0,
        negative_durations: 0,
        tier_warnings: 0,
    }
}

/// Invented numbers, the same in every run.
struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
    fn hundredths(&mut self, limit: u64) -> f64 {
        self.below(limit) as f64 / 100.0
    }

    fn quantiles(&mut self) -> Quantiles {
        let [p50, p75, p90] = [(); 3].map(|()| self.hundredths(100_000_000));
        Quantiles { samples: NonZeroU64::MIN, p50, p75, p90 }
    }
}

/// The instant of measure.
const AS_OF: Timestamp = Timestamp::from_second(1_710_000_000);

fn figures(windows: &[Window], noise: &mut Noise) -> Figures {
    let mut tier = |tier| TierFigures {
        tier,
        last_deployment_at: Some(AS_OF.minus(noise.below(1_000_000))),
        inventory: Some(Inventory {
            undelivered_changes: noise.below(100),
            oldest_at: Some(AS_OF.minus(noise.below(1_000_000))),
        }),
        windows: windows.iter().map(|window| window_figures(*window, noise)).collect(),
    };
    Figures {
        tiers: vec![tier(EnvironmentTier::Production), tier(EnvironmentTier::Staging)],
        incidents_open: [0, 1, 0, 2, 0],
        oldest_open_incident_at: Some(AS_OF.minus(noise.below(1_000_000))),
        time_to_restore_service: windows.iter().map(|_| Some(noise.quantiles())).collect(),
        value_stream: ValueStreamFigures::default(),
        gitlab: None,
        is_complete: Some(true),
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
fn window_figures(window: Window, noise: &mut Noise) -> WindowFigures {
    let counted = noise.below(60) + 1;
    let ratio = |part: u64| Some(part as f64 / counted as f64);
    WindowFigures {
        window,
        deployment_frequency_per_day: counted as f64 / window.days() as f64,
        counted_deployments: counted,
        deployments: [0, 2, 1, 0, counted],
        deployment_days: counted.min(window.days()),
        change_lead_time: ClockFigures {
            first_commit: Some(noise.quantiles()),
            merge: Some(noise.quantiles()),
        },
        changes: counted * 3,
        stages: [(); 4].map(|()| Some(noise.quantiles())),
        change_fail_ratio: ratio(noise.below(counted)),
        failed_deployments: [noise.below(4), 0, 1, 0],
        failed_deployment_recovery_time: Some(noise.quantiles()),
        deployment_rework_ratio: ratio(noise.below(counted)),
        value_stream: Arc::default(),
        rework_deployments: 1,
        rhythm: Rhythm {
            interval: Some(noise.quantiles()),
            interval_variation_ratio: ratio(noise.below(counted)),
            cadence_adherence_ratio: ratio(noise.below(counted)),
        },
        categories: Vec::new(),
        batch: Batch { size_changes: Some(noise.quantiles()), span: Some(noise.quantiles()) },
    }
}

fn add_totals(
    totals: &mut BTreeMap<(ProjectKey, LifetimeSeries), Total>,
    key: ProjectKey,
    noise: &mut Noise,
) {
    let mut add = |series, buckets: usize| {
        let buckets: Vec<_> = (0..buckets).map(|_| noise.below(1000)).collect();
        let count = buckets.iter().sum::<u64>() + noise.below(1000);
        totals.insert((key, series), Total { count, sum_seconds: count * 9_000, buckets });
    };
    let tiers = [EnvironmentTier::Production, EnvironmentTier::Staging];
    for (tier, environment) in tiers.into_iter().zip(["production", "staging"]) {
        let Ok(environment) = EnvironmentName::new(environment) else { continue };
        for (status, kind) in [
            (DeploymentStatus::Success, "change"),
            (DeploymentStatus::Success, "redeploy"),
            (DeploymentStatus::Failed, "none"),
            (DeploymentStatus::Canceled, "none"),
        ] {
            let (environment, tier) = (environment.clone(), tier.clone());
            add(LifetimeSeries::Deployments { service: None, environment, tier, status, kind }, 0);
        }
        add(LifetimeSeries::ChangesDelivered { service: None, tier: tier.clone() }, 0);
        for clock in ["first_commit", "merge"] {
            add(LifetimeSeries::LeadTime { service: None, tier: tier.clone(), clock }, 11);
        }
    }
    for severity in Severity::ALL {
        add(LifetimeSeries::Incidents { severity }, 0);
    }
    add(LifetimeSeries::IncidentDuration, 10);
}
