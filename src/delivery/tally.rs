//! Tallies: things counted once, for ever, and the lifetime totals they add up to.

use std::collections::BTreeMap;

use super::deployment::DeploymentStatus;
use super::ids::{
    CommitSha, DeploymentId, EnvironmentName, Iid, JobId, MilestoneId, ProjectKey, ServiceName,
    TagName,
};
use super::issue::Severity;
use super::tier::EnvironmentTier;
use super::time::Timestamp;

/// A lifetime series: its labels froze when its things were counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifetimeSeries {
    /// `dora_deployments_total`.
    Deployments {
        /// Whose it is, where services are told apart.
        service: Option<ServiceName>,
        /// Where it went.
        environment: EnvironmentName,
        /// That environment's tier at the time.
        tier: EnvironmentTier,
        /// A final status.
        status: DeploymentStatus,
        /// `first`, `change` …, or `none` unless it succeeded.
        kind: &'static str,
    },
    /// `dora_changes_delivered_total`.
    ChangesDelivered {
        /// To which service, where they are told apart.
        service: Option<ServiceName>,
        /// Where they arrived.
        tier: EnvironmentTier,
    },
    /// `dora_incidents_total`.
    Incidents {
        /// As first classified.
        severity: Severity,
    },
    /// `dora_delivered_change_lead_time_seconds`.
    LeadTime {
        /// To which service, where they are told apart.
        service: Option<ServiceName>,
        /// Where they arrived.
        tier: EnvironmentTier,
        /// `first_commit` or `merge`.
        clock: &'static str,
    },
    /// `dora_closed_incident_duration_seconds`.
    IncidentDuration,
    /// `dora_milestone_due_date_changes_total`.
    MilestoneDueDateChanges,
}

impl LifetimeSeries {
    /// The tier that it is about, where it has one.
    #[must_use]
    pub const fn tier(&self) -> Option<&EnvironmentTier> {
        match self {
            Self::Deployments { tier, .. }
            | Self::ChangesDelivered { tier, .. }
            | Self::LeadTime { tier, .. } => Some(tier),
            Self::Incidents { .. } | Self::IncidentDuration | Self::MilestoneDueDateChanges => None,
        }
    }
}

/// What is counted once within a project and series family.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// A deployment's end.
    Deployment(DeploymentId),
    /// A Release of GitLab, where those are what is counted.
    TagRelease(TagName),
    /// A job's success, where jobs are what is counted.
    Job(JobId),
    /// A change's arrival in a tier, named by its landing commit; for each service once.
    Change(EnvironmentTier, CommitSha, Option<ServiceName>),
    /// A sample of one clock of that arrival.
    LeadTime(EnvironmentTier, &'static str, CommitSha, Option<ServiceName>),
    /// An incident.
    Incident(Iid),
    /// An incident's first close.
    IncidentClose(Iid),
    /// A move of a milestone's due day, named by when it was heard of.
    MilestoneDueDateChange(MilestoneId, Timestamp),
}

/// One thing to be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Whose it is.
    pub project: ProjectKey,
    /// The thing; a thing counted before is not counted again.
    pub thing: Thing,
    /// The series it adds to.
    pub series: LifetimeSeries,
    /// What a histogram observes; `None` for counters.
    pub observed: Option<Observation>,
}

/// One observation of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// The value, in seconds.
    pub seconds: u64,
    /// The bucket it falls into: an index into the family's upper bounds, their number for +Inf.
    pub bucket: u16,
}

/// The value of one lifetime series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    /// How many things were counted or observed.
    pub count: u64,
    /// Sum of what was observed, in seconds; 0 for counters.
    pub sum_seconds: u64,
    /// How many observations fell into each bucket alone, not cumulated, by
    /// [`Observation::bucket`]; may be shorter than the family's buckets, and is empty for counters.
    pub buckets: Vec<u64>,
}

/// All lifetime series of all projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals(pub BTreeMap<ProjectKey, ProjectTotals>);

/// The lifetime series of one project, sorted: a few dozen at most, so that a list is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectTotals(Vec<(LifetimeSeries, Total)>);

impl ProjectTotals {
    /// The total of a series, where something was counted or it is known.
    #[must_use]
    pub fn get(&self, series: &LifetimeSeries) -> Option<&Total> {
        let place = self.find(series).ok()?;
        self.0.get(place).map(|(_, total)| total)
    }

    /// The total of a series, 0 where nothing was counted yet.
    pub fn of_mut(&mut self, series: LifetimeSeries) -> &mut Total {
        let place = self.find(&series).unwrap_or_else(|place| {
            self.0.insert(place, (series, Total::default()));
            place
        });
        let (_, total) = self.0.get_mut(place).unwrap_or_else(|| unreachable!("it is there now"));
        total
    }

    /// All of them, by series.
    pub fn iter(&self) -> impl Iterator<Item = (&LifetimeSeries, &Total)> {
        self.0.iter().map(|(series, total)| (series, total))
    }

    /// Gives back memory that growing has left over.
    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    fn find(&self, series: &LifetimeSeries) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.cmp(series))
    }
}
