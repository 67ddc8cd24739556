//! Scorecards: one small and written by hand, any number of random ones.

mod besides;
mod services;
mod value_stream;

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use gitlab_dora_exporter::delivery::{
    DeploymentStatus, Doubt, EnvironmentName, EnvironmentTier, InstanceId, LifetimeSeries,
    ProjectId, ProjectKey, ProjectPath, Severity, Timestamp, Total,
};
use gitlab_dora_exporter::dora::lifetime::LifetimeTotals;
use gitlab_dora_exporter::dora::metric::batch::Batch;
use gitlab_dora_exporter::dora::metric::inventory::Inventory;
use gitlab_dora_exporter::dora::metric::release_feedback::ReleaseFeedback;
use gitlab_dora_exporter::dora::metric::rhythm::Rhythm;
use gitlab_dora_exporter::dora::metric::work_categories::CategoryFigures;
use gitlab_dora_exporter::dora::scorecard::{
    ClockFigures, Figures, PooledFigures, ProjectFigures, Scorecard, TierFigures,
    TierValueStreamWindow, WindowFigures,
};
use gitlab_dora_exporter::dora::statistics::Quantiles;
use gitlab_dora_exporter::dora::window::Window;
use proptest::prelude::*;

use besides::{contact, gitlab};
use services::{service, totals};
use value_stream::value_stream;

pub(crate) fn key(instance: u32, project: u64) -> ProjectKey {
    let project = ProjectId::new(project).unwrap();
    ProjectKey { instance: InstanceId::new(instance), project }
}

const fn quantiles(p50: f64, p75: f64, p90: f64) -> Quantiles {
    Quantiles { samples: NonZeroU64::MIN, p50, p75, p90 }
}

/// A window in which nothing happened.
fn quiet(window: Window) -> WindowFigures {
    WindowFigures {
        window,
        deployment_frequency_per_day: 0.0,
        counted_deployments: 0,
        deployments: [0; 5],
        deployment_days: 0,
        change_lead_time: ClockFigures::default(),
        changes: 0,
        stages: [None; 4],
        change_fail_ratio: None,
        failed_deployments: [0; 4],
        failed_deployment_recovery_time: None,
        deployment_rework_ratio: None,
        rework_deployments: 0,
        rhythm: Rhythm::default(),
        batch: Batch::default(),
        categories: Vec::new(),
        value_stream: Arc::default(),
    }
}

fn busy(window: Window) -> WindowFigures {
    WindowFigures {
        deployment_frequency_per_day: 3.0 / 7.0,
        counted_deployments: 3,
        deployments: [0, 1, 1, 0, 2],
        deployment_days: 2,
        change_lead_time: ClockFigures {
            first_commit: Some(quantiles(93_600.0, 97_200.25, 1_209_600.5)),
            merge: Some(quantiles(3_600.0, 5_400.0, 7_200.0)),
        },
        changes: 3,
        stages: [
            Some(quantiles(60.0, 90.0, 120.0)),
            None,
            None,
            Some(quantiles(3_600.0, 5_400.0, 7_200.0)),
        ],
        change_fail_ratio: Some(1.0 / 3.0),
        failed_deployments: [1, 0, 0, 0],
        failed_deployment_recovery_time: Some(quantiles(1_800.0, 1_800.0, 1_800.0)),
        deployment_rework_ratio: Some(1.0 / 3.0),
        rework_deployments: 1,
        rhythm: Rhythm {
            interval: Some(quantiles(86_400.0, 129_600.0, 155_520.0)),
            interval_variation_ratio: Some(1.5),
            cadence_adherence_ratio: Some(0.75),
        },
        batch: Batch {
            size_changes: Some(quantiles(1.0, 1.5, 2.6)),
            span: Some(quantiles(93_600.0, 97_200.0, 1_209_600.0)),
        },
        categories: vec![
            CategoryFigures {
                name: "other".into(),
                changes: 0,
                lead_time: ClockFigures::default(),
            },
            CategoryFigures {
                name: "security".into(),
                changes: 3,
                lead_time: ClockFigures {
                    first_commit: Some(quantiles(7_200.0, 7_200.0, 7_200.0)),
                    merge: Some(quantiles(3_600.0, 3_600.0, 3_600.0)),
                },
            },
        ],
        value_stream: Arc::new(TierValueStreamWindow {
            needs: [
                Some(quantiles(600.0, 900.0, 1_200.5)),
                None,
                Some(quantiles(60.0, 90.0, 120.0)),
                None,
            ],
            feedback: ReleaseFeedback {
                feedback_ratio: Some(0.5),
                first_feedback: Some(quantiles(10.0, 20.0, 30.0)),
                fixed_in_next_release_ratio: None,
            },
        }),
        ..quiet(window)
    }
}

/// Two projects: one with a little of everything, one of which only the tier is known.
pub(crate) fn small() -> Scorecard {
    let windows = vec![Window::of_days(30), Window::of_days(7)];
    let as_of = Timestamp::from_second(1_710_000_000);
    let tier = |tier, since: Option<u64>, figures: fn(Window) -> WindowFigures| TierFigures {
        tier,
        last_deployment_at: since.map(|age| as_of.minus(age)),
        inventory: since
            .map(|age| Inventory { undelivered_changes: 2, oldest_at: Some(as_of.minus(age / 2)) }),
        windows: windows.iter().copied().map(figures).collect(),
    };
    let shop = Figures {
        tiers: vec![
            tier(EnvironmentTier::Production, Some(86_400), busy),
            tier(EnvironmentTier::Custom("recette".into()), None, quiet),
        ],
        incidents_open: [0, 0, 0, 1, 0],
        oldest_open_incident_at: Some(as_of.minus(600)),
        time_to_restore_service: vec![Some(quantiles(900.0, 900.0, 900.0)), None].into(),
        value_stream: value_stream(2),
        gitlab: Some(gitlab(2)),
        is_complete: Some(false),
    };
    let tools = Figures {
        tiers: vec![tier(EnvironmentTier::Production, None, quiet)],
        time_to_restore_service: vec![None, None].into(),
        ..Figures::default()
    };
    let project = |id, path: &str, figures: &Figures| ProjectFigures {
        project: key(1, id),
        path: ProjectPath::new(path).unwrap(),
        figures: figures.clone(),
        services: Vec::new(),
        data_since: (id == 7).then_some(Timestamp::from_second(1_700_000_000)),
        unattributed_incidents: vec![1, 0].into(),
        tier_warnings: 1,
        unknown_version_at: None,
    };
    let pooled =
        |name: &str| PooledFigures { name: name.to_owned(), projects: 2, figures: shop.clone() };
    Scorecard {
        as_of,
        projects: [project(7, "alpine/shop", &shop), project(9, "alpine/\"tools\"\\", &tools)]
            .map(Arc::new)
            .into(),
        groups: vec![pooled("alpine").into()],
        teams: vec![pooled("payments").into()],
        totals: small_totals(),
        contacts: BTreeMap::from([(key(1, 7), contact(Some(true)))]),
        doubts: BTreeMap::new(),
        future_events: 2,
        negative_durations: 1,
        tier_warnings: 2,
        windows,
    }
}

fn small_totals() -> LifetimeTotals {
    let deployments = |environment: &str, tier, status, kind| LifetimeSeries::Deployments {
        service: None,
        environment: EnvironmentName::new(environment).unwrap(),
        tier,
        status,
        kind,
    };
    let counted = |count| Total { count, ..Total::default() };
    let tier = EnvironmentTier::Production;
    let production = tier.clone();
    let testing = EnvironmentTier::Testing;
    [
        (deployments("production", tier.clone(), DeploymentStatus::Success, "change"), counted(2)),
        (deployments("production", tier.clone(), DeploymentStatus::Failed, "none"), counted(1)),
        (deployments("review/a", testing.clone(), DeploymentStatus::Success, "first"), counted(1)),
        (deployments("review/b", testing, DeploymentStatus::Success, "first"), counted(1)),
        (LifetimeSeries::ChangesDelivered { service: None, tier: tier.clone() }, counted(3)),
        (LifetimeSeries::MilestoneDueDateChanges, counted(2)),
        (LifetimeSeries::Incidents { severity: Severity::High }, counted(1)),
        (LifetimeSeries::Incidents { severity: Severity::Unknown }, counted(0)),
        (
            LifetimeSeries::LeadTime { service: None, tier, clock: "merge" },
            Total { count: 3, sum_seconds: 1_221_000, buckets: vec![1, 1, 0, 0, 0, 0, 0, 1] },
        ),
        (
            LifetimeSeries::LeadTime { service: None, tier: production, clock: "first_commit" },
            counted(0),
        ),
        (
            LifetimeSeries::IncidentDuration,
            Total {
                count: 1,
                sum_seconds: 20_000_000,
                buckets: vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            },
        ),
    ]
    .into_iter()
    .map(|(series, total)| ((key(1, 7), series), total))
    .collect()
}

fn some_quantiles() -> impl Strategy<Value = Option<Quantiles>> {
    prop::option::of((0_u32..100_000_000, 0_u32..1000, 0_u32..1000).prop_map(|(a, b, c)| {
        let [a, b, c] = [a, a + b, a + b + c].map(|hundredths| f64::from(hundredths) / 100.0);
        Quantiles { samples: NonZeroU64::MIN, p50: a, p75: b, p90: c }
    }))
}

fn rhythm() -> impl Strategy<Value = Rhythm> {
    (some_quantiles(), prop::option::of(0.0..9.0), prop::option::of(0.0..=1.0)).prop_map(
        |(interval, interval_variation_ratio, cadence_adherence_ratio)| Rhythm {
            interval,
            interval_variation_ratio,
            cadence_adherence_ratio,
        },
    )
}

fn batch() -> impl Strategy<Value = Batch> {
    (some_quantiles(), some_quantiles())
        .prop_map(|(size_changes, span)| Batch { size_changes, span })
}

/// The same kinds of work in every window.
fn categories() -> impl Strategy<Value = Vec<CategoryFigures>> {
    let category = |name: &'static str| {
        (0_u64..1000, some_quantiles(), some_quantiles()).prop_map(
            move |(changes, first_commit, merge)| CategoryFigures {
                name: name.into(),
                changes,
                lead_time: ClockFigures { first_commit, merge },
            },
        )
    };
    (category("features"), category("other")).prop_map(|(one, other)| vec![one, other])
}

/// An instant, or none; not always before that of the measure.
fn past() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((0_i64..2_000_000_000).prop_map(Timestamp::from_second))
}

fn inventory() -> impl Strategy<Value = Option<Inventory>> {
    prop::option::of(
        (0_u64..1000, past()).prop_map(|(undelivered_changes, oldest_at)| Inventory {
            undelivered_changes,
            oldest_at,
        }),
    )
}

fn window_figures(window: Window) -> impl Strategy<Value = WindowFigures> {
    let counts = prop::array::uniform5(0_u64..1000);
    let failed = prop::array::uniform4(0_u64..1000);
    let stages = prop::array::uniform4(some_quantiles());
    let ratios = (prop::option::of(0.0..=1.0), prop::option::of(0.0..=1.0), 0.0..1e4);
    let spans = (some_quantiles(), some_quantiles(), some_quantiles());
    let regular = (rhythm(), batch(), categories());
    (counts, failed, stages, ratios, spans, regular).prop_map(
        move |(counts, failed, stages, ratios, spans, (rhythm, batch, categories))| WindowFigures {
            deployment_frequency_per_day: ratios.2,
            deployments: counts,
            deployment_days: counts[0],
            change_lead_time: ClockFigures { first_commit: spans.0, merge: spans.1 },
            changes: counts[1],
            stages,
            change_fail_ratio: ratios.0,
            failed_deployments: failed,
            failed_deployment_recovery_time: spans.2,
            deployment_rework_ratio: ratios.1,
            rhythm,
            batch,
            categories,
            ..quiet(window)
        },
    )
}

fn figures(windows: &[Window]) -> impl Strategy<Value = Figures> + use<> {
    let names =
        prop::sample::subsequence(vec!["production", "staging", "testing", "recette"], 0..4);
    let (windows, count) = (windows.to_vec(), windows.len());
    let restored = prop::collection::vec(some_quantiles(), windows.len());
    let tiers = names.prop_flat_map(move |names| {
        let windows = windows.clone();
        let tier = move |name: &str| {
            let tier = EnvironmentTier::from_policy(name).unwrap();
            let each: Vec<_> = windows.iter().copied().map(window_figures).collect();
            (past(), inventory(), each).prop_map(move |(since, inventory, windows)| TierFigures {
                tier: tier.clone(),
                last_deployment_at: since,
                inventory,
                windows: windows.into(),
            })
        };
        names.into_iter().map(tier).collect::<Vec<_>>()
    });
    (tiers, prop::array::uniform5(0_u64..9), past(), restored).prop_map(
        move |(tiers, incidents_open, oldest, restored)| Figures {
            tiers,
            incidents_open,
            oldest_open_incident_at: oldest,
            time_to_restore_service: restored.into(),
            value_stream: value_stream(count),
            gitlab: Some(gitlab(count)),
            is_complete: Some(count % 2 == 0),
        },
    )
}

/// Scorecards of up to six projects with the given kind of names.
pub(crate) fn scorecards(names: impl Strategy<Value = String>) -> impl Strategy<Value = Scorecard> {
    let days = prop::sample::subsequence(vec![7_u32, 30, 90], 1..=3).prop_shuffle();
    let windows = days.prop_map(|days| days.into_iter().map(Window::of_days).collect::<Vec<_>>());
    (windows, prop::collection::btree_set(names, 0..6)).prop_flat_map(|(windows, names)| {
        let each: Vec<_> = names.iter().map(|_| (figures(&windows), totals())).collect();
        let names: Vec<_> = names.into_iter().collect();
        each.prop_map(move |each| assemble(&windows, &names, each))
    })
}

fn assemble(
    windows: &[Window],
    names: &[String],
    each: Vec<(Figures, Vec<(LifetimeSeries, Total)>)>,
) -> Scorecard {
    let (mut projects, mut groups, mut all) = (Vec::new(), Vec::new(), BTreeMap::new());
    for ((name, (figures, totals)), id) in names.iter().zip(each).zip(1..) {
        let pooled = PooledFigures { name: name.clone(), projects: id, figures: figures.clone() };
        groups.push(Arc::new(pooled));
        projects.push(Arc::new(ProjectFigures {
            project: key(1, id),
            path: ProjectPath::new(name).unwrap(),
            // Some are told apart into services.
            services: if id % 3 == 0 {
                vec![service("api", &figures), service("web", &figures)]
            } else {
                Vec::new()
            },
            figures,
            data_since: (id % 2 == 0).then_some(Timestamp::from_second(-5)),
            unattributed_incidents: vec![id; windows.len()].into(),
            tier_warnings: id,
            unknown_version_at: None,
        }));
        all.extend(totals.into_iter().map(|(series, total)| ((key(1, id), series), total)));
    }
    // Some were never heard, some have no rhythm yet; and one was deleted since.
    let told = [None, Some(false), Some(true)].into_iter().cycle();
    let heard = projects.iter().filter(|own| own.tier_warnings % 4 != 3);
    let heard = heard.zip(told).map(|(own, told)| (own.project, contact(told)));
    Scorecard {
        as_of: Timestamp::from_second(1_000_000_000),
        contacts: heard.chain([(key(9, 999), contact(None))]).collect(),
        doubts: projects.iter().take(1).map(|own| (own.project, vec![Doubt::Lost])).collect(),
        windows: windows.to_vec(),
        teams: groups.clone(),
        projects,
        groups,
        totals: all.into_iter().collect(),
        future_events: 0,
        negative_durations: 0,
        tier_warnings: 0,
    }
}
