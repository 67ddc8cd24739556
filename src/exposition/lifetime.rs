//! Lifetime totals: which series a project has, and their values.

use std::borrow::Cow;

use super::limits::{Histograms, clean};
use crate::delivery::{
    DeploymentStatus, EnvironmentTier, LifetimeSeries, ProjectKey, ServiceName, Severity, Total,
};
use crate::dora::counting::{INCIDENT_DURATION_BOUNDS, LEAD_TIME_BOUNDS};
use crate::dora::lifetime::{ENVIRONMENTS, LifetimeTotals, REST, folder_or_name};

/// The values of the label `clock`.
pub(super) const CLOCKS: [&str; 2] = ["first_commit", "merge"];

/// All totals of a scorecard, ready to be asked by project.
pub(super) struct LifetimeIndex<'a> {
    totals: &'a LifetimeTotals,
    histograms: Histograms,
}

/// One series of `dora_deployments_total`: environment, tier, kind, status and service.
pub(super) type DeploymentLabels<'a> =
    (Cow<'a, str>, &'a str, &'static str, &'static str, Option<&'a str>);

/// A tier, and the service where they are told apart.
pub(super) type Stream<'a> = (&'a EnvironmentTier, Option<&'a str>);

/// The totals of one project, sorted by label.
#[derive(Debug, Default)]
pub(super) struct ProjectTotals<'a> {
    pub(super) deployments: Vec<(DeploymentLabels<'a>, u64)>,
    pub(super) changes: Vec<(Stream<'a>, u64)>,
    pub(super) incidents: Vec<(Severity, u64)>,
    /// The clock is an index into [`CLOCKS`].
    pub(super) lead_times: Vec<(Stream<'a>, usize, &'a Total)>,
    pub(super) incident_durations: Option<&'a Total>,
    pub(super) due_date_changes: Option<u64>,
}

impl<'a> LifetimeIndex<'a> {
    pub(super) fn of(totals: &'a LifetimeTotals, histograms: Histograms) -> Self {
        Self { totals, histograms }
    }

    /// The totals of `project`, and how many series were added up into others.
    pub(super) fn project(&self, project: ProjectKey) -> (ProjectTotals<'a>, u64) {
        let mut totals = ProjectTotals::default();
        for (series, total) in self.totals.of(project) {
            totals.add(series, total, self.histograms);
        }
        let before = totals.deployments.len();
        totals.fold_environments();
        let folded = before - totals.deployments.len();
        (totals, u64::try_from(folded).unwrap_or(u64::MAX))
    }
}

impl<'a> ProjectTotals<'a> {
    fn add(&mut self, series: &'a LifetimeSeries, total: &'a Total, histograms: Histograms) {
        let shown = histograms == Histograms::Shown;
        match series {
            LifetimeSeries::Deployments { service, environment, tier, status, kind } => {
                if DeploymentStatus::ENDS.contains(status) {
                    let name = match folder_or_name(environment.as_str(), tier) {
                        Cow::Borrowed(name) => clean(name),
                        Cow::Owned(folder) => Cow::Owned(clean(&folder).into_owned()),
                    };
                    let service = text(service.as_ref());
                    let labels = (name, tier.as_str(), *kind, status.as_str(), service);
                    self.deployments.push((labels, total.count));
                }
            }
            LifetimeSeries::ChangesDelivered { service, tier } => {
                self.changes.push(((tier, text(service.as_ref())), total.count));
            }
            LifetimeSeries::Incidents { severity } => {
                self.incidents.push((*severity, total.count));
            }
            LifetimeSeries::LeadTime { service, tier, clock } if shown => {
                let clock = CLOCKS.iter().position(|known| known == clock);
                self.lead_times
                    .extend(clock.map(|clock| ((tier, text(service.as_ref())), clock, total)));
            }
            LifetimeSeries::IncidentDuration if shown => self.incident_durations = Some(total),
            LifetimeSeries::LeadTime { .. } | LifetimeSeries::IncidentDuration => {}
            LifetimeSeries::MilestoneDueDateChanges => self.due_date_changes = Some(total.count),
        }
    }

    /// Sorts, adds up what has the same labels, and bounds the number of environments.
    fn fold_environments(&mut self) {
        self.sort_and_add_up();
        let mut seen = 0;
        let mut previous: Option<Cow<'a, str>> = None;
        for ((environment, ..), _) in &mut self.deployments {
            if previous.as_ref() != Some(environment) {
                seen += 1;
                previous = Some(environment.clone());
            }
            if seen > ENVIRONMENTS {
                *environment = Cow::Borrowed(REST);
            }
        }
        if seen > ENVIRONMENTS {
            self.sort_and_add_up();
        }
        let label = |(tier, service): Stream<'a>| (tier.as_str(), service);
        self.changes.sort_by_key(|(stream, _)| label(*stream));
        self.lead_times.sort_by_key(|(stream, clock, _)| (label(*stream), *clock));
    }

    fn sort_and_add_up(&mut self) {
        self.deployments.sort();
        self.deployments.dedup_by(|(later, count), (first, sum)| {
            let same = later == first;
            *sum = sum.saturating_add(if same { *count } else { 0 });
            same
        });
    }

    /// How many series they are.
    pub(super) fn series(&self) -> u64 {
        // Besides the buckets: +Inf, sum and count.
        let histograms = self.lead_times.len() * (LEAD_TIME_BOUNDS.len() + 3)
            + self.incident_durations.map_or(0, |_| INCIDENT_DURATION_BOUNDS.len() + 3);
        let counters = self.deployments.len()
            + self.changes.len()
            + self.incidents.len()
            + usize::from(self.due_date_changes.is_some());
        u64::try_from(counters + histograms).unwrap_or(u64::MAX)
    }
}

fn text(service: Option<&ServiceName>) -> Option<&str> {
    service.map(ServiceName::as_str)
}

/// Observations up to each bound, for `bounds` bounds; never more than all of them.
pub(super) fn cumulative(total: &Total, bounds: usize) -> impl Iterator<Item = u64> {
    let buckets = total.buckets.iter().copied().chain(std::iter::repeat(0)).take(bounds);
    buckets.scan(0_u64, |sum, own| {
        *sum = sum.saturating_add(own).min(total.count);
        Some(*sum)
    })
}
