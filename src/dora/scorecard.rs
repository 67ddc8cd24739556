//! All numbers at one as-of instant.

mod value_stream;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::assessment::releases::ReleaseKind;
use super::gitlab_parity::GitlabFigures;
use super::lifetime::LifetimeTotals;
use super::metric::batch::Batch;
use super::metric::inventory::Inventory;
use super::metric::rhythm::Rhythm;
use super::metric::work_categories::CategoryFigures;
use super::policy::FailureSignal;
use super::shared::Shared;
use super::statistics::Quantiles;
use super::window::Window;
use crate::delivery::{
    Doubt, EnvironmentTier, ProjectKey, ProjectPath, ServiceName, Severity, Timestamp,
};

pub use value_stream::{
    PromotionFigures, TierValueStreamWindow, ValueStreamFigures, ValueStreamWindow,
};

/// Everything that is exposed, measured at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Scorecard {
    /// The instant of measure.
    pub as_of: Timestamp,
    /// The configured windows, in the configured order.
    pub windows: Vec<Window>,
    /// Known projects, sorted by path, deleted ones left out.
    pub projects: Vec<Arc<ProjectFigures>>,
    /// Every group above a known project, sorted by path.
    pub groups: Vec<Arc<PooledFigures>>,
    /// Configured teams, sorted by name.
    pub teams: Vec<Arc<PooledFigures>>,
    /// Lifetime counters and histograms of the projects above, zeros of known series included.
    pub totals: LifetimeTotals,
    /// Projects that a hook told of since the exporter began; empty where a past is measured.
    pub contacts: BTreeMap<ProjectKey, ContactFigures>,
    /// What is known to be missing of projects, the weightiest first; of projects that are not here,
    /// nothing.
    pub doubts: BTreeMap<ProjectKey, Vec<Doubt>>,
    /// Event instants further ahead than the policy tolerates, as of now.
    pub future_events: u64,
    /// Delivered samples whose duration was negative and became 0.
    pub negative_durations: u64,
    /// Environments found with a tier that contradicts GitLab's or their own name.
    pub tier_warnings: u64,
}

/// Kinds of events that every project's numbers need, by the names under which their lack is told.
pub const NEEDED_EVENTS: [&str; 3] = ["deployment", "merge_request", "issue"];

/// Whether a project's hooks still speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactFigures {
    /// When the last delivery was received that told something of the project.
    pub last_delivery: Timestamp,
    /// Whether it has been silent for twice its longest pause of the last weeks; `None` while it
    /// has no rhythm, see [`Contact`](crate::delivery::Contact).
    pub is_silent: Option<bool>,
    /// Which of [`NEEDED_EVENTS`] never came.
    pub lacks: [bool; NEEDED_EVENTS.len()],
}

/// One project's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectFigures {
    /// The project's key; links totals to it.
    pub project: ProjectKey,
    /// Its current full path: the label `project`.
    pub path: ProjectPath,
    /// Its numbers.
    pub figures: Figures,
    /// The numbers of each of its services, by name, where they are told apart: what depends on
    /// deployments. Those above then tell of the project as a whole, and of deployments that
    /// belong to no service.
    pub services: Vec<ServiceFigures>,
    /// The oldest deployment known.
    pub data_since: Option<Timestamp>,
    /// Incidents created in each window that no release was blamed for; in window order.
    pub unattributed_incidents: Shared<u64>,
    /// Environments whose tier an override changed against GitLab's, or whose name contradicts
    /// "production".
    pub tier_warnings: u64,
    /// When a deployment of another project last succeeded of which the version is not known: see
    /// `project_links`.
    pub unknown_version_at: Option<Timestamp>,
}

/// The numbers of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceFigures {
    /// Its name: the label `service`.
    pub name: ServiceName,
    /// What depends on its deployments; nothing of incidents, which belong to the project.
    pub figures: Figures,
}

/// A group's or team's numbers, from the pooled samples of its projects.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledFigures {
    /// Group path or team name: the label `group` or `team`.
    pub name: String,
    /// How many projects were pooled.
    pub projects: u64,
    /// The numbers.
    pub figures: Figures,
}

/// The numbers of a project, group or team.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Known measured tiers, in ascending order.
    pub tiers: Vec<TierFigures>,
    /// Open incidents by [`Severity::ALL`].
    pub incidents_open: [u64; Severity::ALL.len()],
    /// When the oldest open incident began.
    pub oldest_open_incident_at: Option<Timestamp>,
    /// Time to restore service, one per window in the scorecard's order, in seconds.
    pub time_to_restore_service: Shared<Option<Quantiles>>,
    /// How needs become deliveries.
    pub value_stream: ValueStreamFigures,
    /// GitLab's own numbers, one per window in the scorecard's order, where the window holds a row
    /// of GitLab's; `None` unless a policy asks for them.
    pub gitlab: Option<Shared<Option<GitlabFigures>>>,
    /// Whether no fact is known to be missing; `None` where nobody can tell, as of the past.
    pub is_complete: Option<bool>,
}

/// The numbers of one tier.
#[derive(Debug, Clone, PartialEq)]
pub struct TierFigures {
    /// The tier: the label `environment_tier`.
    pub tier: EnvironmentTier,
    /// The end of the last counted release.
    pub last_deployment_at: Option<Timestamp>,
    /// What waits for its delivery; `None` before the first release.
    pub inventory: Option<Inventory>,
    /// One per window, in the scorecard's order.
    pub windows: Shared<WindowFigures>,
}

/// The numbers of one tier in one window.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowFigures {
    /// The window: the label `window`.
    pub window: Window,
    /// Counted releases per day.
    pub deployment_frequency_per_day: f64,
    /// Counted releases: the denominator of both ratios.
    pub counted_deployments: u64,
    /// Releases by [`ReleaseKind::ALL`], redeploys included.
    pub deployments: [u64; ReleaseKind::ALL.len()],
    /// Distinct local days with a counted release.
    pub deployment_days: u64,
    /// Seconds from the first commit, and from the merge, to the delivery.
    pub change_lead_time: ClockFigures,
    /// Sampled changes delivered.
    pub changes: u64,
    /// Stages by [`Stage::ALL`](super::assessment::changes::Stage::ALL), in seconds.
    pub stages: [Option<Quantiles>; 4],
    /// Failed by counted releases.
    pub change_fail_ratio: Option<f64>,
    /// Failed releases under their first signal, by [`FailureSignal::ALL`].
    pub failed_deployments: [u64; FailureSignal::ALL.len()],
    /// Seconds from the start of a failed release to its recovery.
    pub failed_deployment_recovery_time: Option<Quantiles>,
    /// Rework by counted releases.
    pub deployment_rework_ratio: Option<f64>,
    /// Rework releases: the numerator of the ratio above.
    pub rework_deployments: u64,
    /// How regularly something new arrived.
    pub rhythm: Rhythm,
    /// How much releases brought.
    pub batch: Batch,
    /// Changes by kind of work, by name: the same kinds in every window. Empty where none are
    /// configured.
    pub categories: Vec<CategoryFigures>,
    /// How needs become deliveries.
    pub value_stream: Arc<TierValueStreamWindow>,
}

impl WindowFigures {
    /// Failed releases, each once: the numerator of the fail ratio.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed_deployments.iter().sum()
    }
}

/// A lead time by both clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ClockFigures {
    /// From the first commit.
    pub first_commit: Option<Quantiles>,
    /// From the merge.
    pub merge: Option<Quantiles>,
}
