//! An invented scorecard: every kind of row that the page can show.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use gitlab_dora_exporter::delivery::{
    EnvironmentTier, InstanceId, ProjectId, ProjectKey, ProjectPath, Timestamp,
};
use gitlab_dora_exporter::dora::lifetime::LifetimeTotals;
use gitlab_dora_exporter::dora::metric::batch::Batch;
use gitlab_dora_exporter::dora::metric::rhythm::Rhythm;
use gitlab_dora_exporter::dora::scorecard::{
    ClockFigures, Figures, PooledFigures, ProjectFigures, Scorecard, TierFigures, WindowFigures,
};
use gitlab_dora_exporter::dora::shared::Shared;
use gitlab_dora_exporter::dora::statistics::Quantiles;
use gitlab_dora_exporter::dora::window::{DAY_SECONDS, Window};
use gitlab_dora_exporter::page::HeardKind;

/// 1 March 2026, noon.
pub(crate) const AS_OF: Timestamp = Timestamp::from_second(1_772_366_400);

const HOUR: u64 = 3_600;

/// What one window of the sample holds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sample {
    pub(crate) deployments: u64,
    pub(crate) failed: u64,
    pub(crate) rework: u64,
    pub(crate) lead_time: Option<(u64, u64)>,
    pub(crate) recovery: Option<(u64, u64)>,
}

/// `samples` samples, all of `seconds`.
fn quantiles((samples, seconds): (u64, u64)) -> Quantiles {
    let mut quantiles = Quantiles::of(vec![seconds]).unwrap();
    quantiles.samples = NonZeroU64::new(samples).unwrap();
    quantiles
}

#[expect(clippy::cast_precision_loss, reason = "the sample's numbers are small")]
fn window(days: u32, sample: Sample) -> WindowFigures {
    let window = Window::of_days(days);
    let ratio =
        |part: u64| (sample.deployments > 0).then(|| part as f64 / sample.deployments as f64);
    WindowFigures {
        window,
        deployment_frequency_per_day: sample.deployments as f64 / f64::from(days),
        counted_deployments: sample.deployments,
        deployments: [0, 0, 0, 0, sample.deployments],
        deployment_days: sample.deployments.min(window.days()),
        change_lead_time: ClockFigures {
            first_commit: sample.lead_time.map(quantiles),
            merge: sample.lead_time.map(quantiles),
        },
        changes: sample.lead_time.map_or(0, |(samples, _)| samples),
        stages: [None; 4],
        change_fail_ratio: ratio(sample.failed),
        failed_deployments: [sample.failed, 0, 0, 0],
        failed_deployment_recovery_time: sample.recovery.map(quantiles),
        deployment_rework_ratio: ratio(sample.rework),
        rework_deployments: sample.rework,
        rhythm: Rhythm::default(),
        batch: Batch::default(),
        categories: Vec::new(),
        value_stream: Arc::default(),
    }
}

/// The same sample in three windows, but only in the middle one the deployments asked for.
pub(crate) fn figures(sample: Sample) -> Figures {
    let other = |deployments| Sample { deployments, ..sample };
    let windows = vec![
        window(7, other(sample.deployments / 4)),
        window(30, sample),
        window(90, other(sample.deployments * 3)),
    ];
    let tier = |tier, windows| TierFigures {
        tier,
        last_deployment_at: Some(AS_OF.minus(HOUR)),
        inventory: None,
        windows,
    };
    Figures {
        tiers: vec![
            tier(EnvironmentTier::Staging, Shared::default()),
            tier(EnvironmentTier::Production, windows.into()),
        ],
        ..Figures::default()
    }
}

pub(crate) fn project(number: u64, path: &str, figures: Figures) -> Arc<ProjectFigures> {
    Arc::new(ProjectFigures {
        project: ProjectKey {
            instance: InstanceId::new(1),
            project: ProjectId::new(number).unwrap(),
        },
        path: ProjectPath::new(path).unwrap(),
        figures,
        services: Vec::new(),
        data_since: Some(AS_OF.minus(200 * DAY_SECONDS)),
        unattributed_incidents: vec![0, 0, 0].into(),
        tier_warnings: 0,
        unknown_version_at: None,
    })
}

pub(crate) fn pooled(name: &str, projects: u64, sample: Sample) -> Arc<PooledFigures> {
    Arc::new(PooledFigures { name: name.to_owned(), projects, figures: figures(sample) })
}

pub(crate) fn empty() -> Scorecard {
    Scorecard {
        as_of: AS_OF,
        windows: [7, 30, 90].map(Window::of_days).into(),
        projects: Vec::new(),
        groups: Vec::new(),
        teams: Vec::new(),
        totals: LifetimeTotals::default(),
        contacts: BTreeMap::new(),
        doubts: BTreeMap::new(),
        future_events: 0,
        negative_durations: 0,
        tier_warnings: 0,
    }
}

fn projects() -> Vec<Arc<ProjectFigures>> {
    let mut ferry = figures(Sample {
        deployments: 41,
        failed: 3,
        rework: 4,
        lead_time: Some((58, 3 * DAY_SECONDS + 4 * HOUR)),
        recovery: Some((3, 5_400)),
    });
    ferry.incidents_open = [1, 0, 0, 0, 2];
    ferry.oldest_open_incident_at = Some(AS_OF.minus(2 * DAY_SECONDS + 5 * HOUR));
    let lock = Figures { tiers: Vec::new(), ..figures(Sample::default()) };
    let mut tide = project(
        3,
        "harbour/tide-tables",
        figures(Sample {
            deployments: 1,
            lead_time: Some((1, 12 * DAY_SECONDS)),
            ..Sample::default()
        }),
    );
    Arc::make_mut(&mut tide).data_since = Some(AS_OF.minus(6 * DAY_SECONDS));
    vec![
        project(1, "harbour/ferry-booking", ferry),
        project(2, "harbour/lock-control", lock),
        tide,
        project(
            4,
            "orchard/cider/press",
            figures(Sample {
                deployments: 1_234,
                failed: 160,
                rework: 98,
                lead_time: Some((2_210, 16_320)),
                recovery: Some((151, 2_400)),
            }),
        ),
        project(5, "orchard/seed-bank", figures(Sample::default())),
    ]
}

/// Every kind of row: full, without production, young, busy, silent.
pub(crate) fn full() -> Scorecard {
    let harbour = Sample {
        deployments: 42,
        failed: 3,
        rework: 4,
        lead_time: Some((59, 3 * DAY_SECONDS + 5 * HOUR)),
        recovery: Some((3, 5_400)),
    };
    let orchard = Sample {
        deployments: 1_234,
        failed: 160,
        rework: 98,
        lead_time: Some((2_210, 16_320)),
        recovery: Some((151, 2_400)),
    };
    Scorecard {
        projects: projects(),
        groups: vec![
            pooled("harbour", 3, harbour),
            pooled("orchard", 2, orchard),
            pooled("orchard/cider", 1, orchard),
        ],
        ..empty()
    }
}

pub(crate) fn heard() -> Vec<HeardKind> {
    let kind = |kind: &str, seconds_ago, deliveries| HeardKind {
        kind: kind.to_owned(),
        last_heard: AS_OF.minus(seconds_ago),
        deliveries,
    };
    vec![
        kind("build", 95, 61_440),
        kind("deployment", 172, 12_345),
        kind("issue", 5 * DAY_SECONDS, 87),
        kind("merge_request", 640, 9_870),
        kind("push", 4 * HOUR, 20_480),
        kind("work_item", 3 * HOUR, 12),
    ]
}
