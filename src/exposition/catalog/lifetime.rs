//! Counters and histograms that never fall, and what the exporter says about its data.

use super::{Metric, Scope};
use crate::exposition::family::{Kind, Unit};

const ONCE_KNOWN: &str = "Until the project, or the tier in it, is known; counted from 0 then.";
const EXPORTER: &str = "This exporter.";
const NEVER: &str = "Never.";

/// Deployments.
pub static DEPLOYMENTS: Metric = Metric {
    name: "dora_deployments_total",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Deployments that reached a final status, by environment, status and kind, counted when first recorded.",
    scope: Scope::Project,
    labels: &["environment", "environment_tier", "kind", "status"],
    absent: ONCE_KNOWN,
    source: "GitLab's deployment records. A deployment, not a release; the kind is none unless it succeeded.",
};

/// Changes.
pub static CHANGES_DELIVERED: Metric = Metric {
    name: "dora_changes_delivered_total",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Changes delivered to the tier, sampled or not, counted when first recorded.",
    scope: Scope::Project,
    labels: &["environment_tier"],
    absent: ONCE_KNOWN,
    source: EXPORTER,
};

/// Incidents.
pub static INCIDENTS: Metric = Metric {
    name: "dora_incidents_total",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Incidents by their first severity, duplicates left out, counted when first recorded.",
    scope: Scope::Project,
    labels: &["severity"],
    absent: ONCE_KNOWN,
    source: EXPORTER,
};

/// Dates that were moved.
pub static MILESTONE_DUE_DATE_CHANGES: Metric = Metric {
    name: "dora_milestone_due_date_changes_total",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Due dates of milestones found changed after the start, counted when first recorded.",
    scope: Scope::Project,
    labels: &[],
    absent: "Until a milestone is known; counted from 0 then.",
    source: "This exporter. GitLab sends no hook when a date is moved: the move is found by the next event of the milestone, its closing at the latest.",
};

/// Lead times.
pub static DELIVERED_LEAD_TIME: Metric = Metric {
    name: "dora_delivered_change_lead_time_seconds",
    kind: Kind::Histogram,
    unit: Unit::Seconds,
    help: "Change lead time (GitLab: lead time for changes) of every delivered sample, by clock, in seconds.",
    scope: Scope::Project,
    labels: &["clock", "environment_tier"],
    absent: "Until the tier is known; where histograms are switched off.",
    source: "As dora_change_lead_time_seconds, one observation per delivered sample, for ever.",
};

/// Incident durations.
pub static CLOSED_INCIDENT_DURATION: Metric = Metric {
    name: "dora_closed_incident_duration_seconds",
    kind: Kind::Histogram,
    unit: Unit::Seconds,
    help: "Time to restore service (MTTR) of every incident at its first close, in seconds.",
    scope: Scope::Project,
    labels: &[],
    absent: "Until the project is known; where histograms are switched off.",
    source: "As dora_time_to_restore_service_seconds, one observation per incident, for ever.",
};

/// How far back the numbers can be trusted.
pub static DATA_SINCE: Metric = Metric {
    name: "gitlab_dora_exporter_data_since_timestamp_seconds",
    kind: Kind::Gauge,
    unit: Unit::Seconds,
    help: "Instant of the oldest deployment known, in seconds since the epoch; windows that begin before it are incomplete.",
    scope: Scope::Project,
    labels: &[],
    absent: "Until a deployment is known.",
    source: EXPORTER,
};

/// When a project was last heard of.
pub static LAST_DELIVERY: Metric = Metric {
    name: "gitlab_dora_exporter_project_last_delivery_timestamp_seconds",
    kind: Kind::Gauge,
    unit: Unit::Seconds,
    help: "When the last webhook that told something of the project was received, in seconds since the epoch.",
    scope: Scope::Project,
    labels: &[],
    absent: "Until a webhook told of the project.",
    source: EXPORTER,
};

/// Projects whose hooks may be broken.
pub static SILENT: Metric = Metric {
    name: "gitlab_dora_exporter_project_silent",
    kind: Kind::Gauge,
    unit: Unit::None,
    help: "1 when nothing was heard of the project for twice its longest pause of the last five weeks, an hour at least, else 0.",
    scope: Scope::Project,
    labels: &[],
    absent: "Until ten webhooks told of the project.",
    source: EXPORTER,
};

/// What hooks do not send.
pub static NEVER_SENT: Metric = Metric {
    name: "gitlab_dora_exporter_projects_never_sent",
    kind: Kind::Gauge,
    unit: Unit::None,
    help: "Projects that webhooks told of, but never by this kind, which numbers need.",
    scope: Scope::Process,
    labels: &["kind"],
    absent: NEVER,
    source: EXPORTER,
};

/// Projects whose numbers are incomplete.
pub static INCOMPLETE: Metric = Metric {
    name: "gitlab_dora_exporter_projects_incomplete",
    kind: Kind::Gauge,
    unit: Unit::None,
    help: "Projects of which facts are known to be missing, by why they are.",
    scope: Scope::Process,
    labels: &["reason"],
    absent: NEVER,
    source: EXPORTER,
};

/// Incidents that blame nothing.
pub static UNATTRIBUTED_INCIDENTS: Metric = Metric {
    name: "gitlab_dora_exporter_unattributed_incidents",
    kind: Kind::Gauge,
    unit: Unit::None,
    help: "Incidents created in the window that no release was blamed for.",
    scope: Scope::Project,
    labels: &["window"],
    absent: "Until the project is known.",
    source: EXPORTER,
};

/// Events from the future.
pub static FUTURE_EVENTS: Metric = Metric {
    name: "gitlab_dora_exporter_future_events_total",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Instants further in the future than tolerated, kept and counted when due.",
    scope: Scope::Process,
    labels: &[],
    absent: NEVER,
    source: EXPORTER,
};

/// Clocks that disagree.
pub static NEGATIVE_DURATIONS: Metric = Metric {
    name: "gitlab_dora_exporter_negative_durations_total",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Delivered samples whose duration was negative and was taken as 0.",
    scope: Scope::Process,
    labels: &[],
    absent: NEVER,
    source: EXPORTER,
};

/// Environments that may be in the wrong tier.
pub static TIER_WARNINGS: Metric = Metric {
    name: "gitlab_dora_exporter_tier_warnings_total",
    kind: Kind::Counter,
    unit: Unit::None,
    help: "Environments whose tier contradicts GitLab's or their own name.",
    scope: Scope::Process,
    labels: &[],
    absent: NEVER,
    source: EXPORTER,
};

/// How many of [`ALL`] are lifetime counters and histograms; the others are about the data.
pub const COUNTED: usize = 5;

/// All of them, in the order in which they are exposed.
pub static ALL: &[&Metric] = &[
    &DEPLOYMENTS,
    &CHANGES_DELIVERED,
    &INCIDENTS,
    &MILESTONE_DUE_DATE_CHANGES,
    &DELIVERED_LEAD_TIME,
    &CLOSED_INCIDENT_DURATION,
    &DATA_SINCE,
    &LAST_DELIVERY,
    &SILENT,
    &UNATTRIBUTED_INCIDENTS,
    &NEVER_SENT,
    &INCOMPLETE,
    &FUTURE_EVENTS,
    &NEGATIVE_DURATIONS,
    &TIER_WARNINGS,
];
