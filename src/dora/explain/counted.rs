//! Lifetime counters and histograms: everything that ever came to its end.
//!
//! Told is what today's facts and policy make of them. The counter itself never falls: what was
//! counted stays under the labels of that moment.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::answer::{Absence, Measure};
use super::question::{Clock, Tallied};
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Deployed, Detail, ReleaseThing, Thing};
use crate::delivery;
use crate::delivery::{
    CommitSha, Counted, DeploymentId, EnvironmentName, Iid, LifetimeSeries, Timestamp,
};
use crate::dora::assessment::incidents::Incident;
use crate::dora::assessment::releases::{Finished, Source};
use crate::dora::assessment::{Delivered, TierAssessment};
use crate::dora::counting::{known_series, to_count};
use crate::dora::lifetime::{ENVIRONMENTS, REST, folder_or_name};

/// What a series counted or observed.
pub(super) fn lifetime(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    (series, tallied): (&LifetimeSeries, Tallied),
) {
    let assessment = &asked.measured.score.assessment;
    let (project, as_of) = (asked.measured.project, asked.as_of());
    let all = to_count(project, asked.history(), assessment, as_of, &Counted::default());
    let known = known_series(assessment);
    let names = Names::of(all.iter().map(|tally| &tally.series).chain(&known));
    let own = || all.iter().filter(|tally| names.is_shown_as(&tally.series, series));
    let is_known = own().next().is_some() || known.iter().any(|own| names.is_shown_as(own, series));
    sheet.rests_on(is_known.then_some(&()), Absence::NeverCounted);
    let ends = Ends::of(asked, series);
    for tally in own() {
        let Some((thing, at, details)) = ends.of_thing(&tally.thing) else { continue };
        let measure = tally.observed.map_or(Measure::One, |own| Measure::Seconds(own.seconds));
        match (tallied, measure) {
            (Tallied::AtMost(bound), Measure::Seconds(seconds)) if seconds > bound => {
                sheet.leave_out(thing, Some(at), Rule::AboveBound, details);
            }
            _ => sheet.row(thing, at, measure, details),
        }
    }
}

/// The environments that a project shows by name, folders as such.
struct Names(BTreeSet<String>);

impl Names {
    fn of<'a>(all: impl Iterator<Item = &'a LifetimeSeries>) -> Self {
        let names: BTreeSet<String> = all
            .filter_map(|own| match own {
                LifetimeSeries::Deployments { environment, tier, .. } => {
                    Some(folder_or_name(environment.as_str(), tier).into_owned())
                }
                _ => None,
            })
            .collect();
        Self(names.into_iter().take(ENVIRONMENTS).collect())
    }

    /// Whether what was counted under `own` labels is part of the series that was asked for: several
    /// environments may share a name.
    fn is_shown_as(&self, own: &LifetimeSeries, asked: &LifetimeSeries) -> bool {
        let LifetimeSeries::Deployments { service, environment, tier, status, kind } = own else {
            return own == asked;
        };
        let name = folder_or_name(environment.as_str(), tier);
        let name = if self.0.contains(name.as_ref()) { name.as_ref() } else { REST };
        EnvironmentName::new(name).is_ok_and(|environment| {
            let (service, tier, status) = (service.clone(), tier.clone(), *status);
            *asked == LifetimeSeries::Deployments { service, environment, tier, status, kind }
        })
    }
}

type End = (Thing, Timestamp, Vec<Detail>);

/// How what is counted came to its end.
struct Ends<'a> {
    asked: &'a Asked<'a>,
    /// What was delivered to the tier of the series, by landing commit.
    delivered: FxHashMap<CommitSha, &'a Delivered>,
    incidents: FxHashMap<Iid, &'a Incident>,
}

impl<'a> Ends<'a> {
    fn of(asked: &'a Asked<'a>, series: &LifetimeSeries) -> Self {
        let wanted = series.tier();
        let assessment = &asked.measured.score.assessment;
        let tiers = asked.assessment().tiers.iter().filter(|own| Some(&own.tier) == wanted);
        let delivered = tiers.flat_map(|own| &own.delivered);
        Self {
            asked,
            delivered: delivered.map(|change| (change.landing, change)).collect(),
            incidents: assessment.incidents.iter().map(|own| (own.iid, own)).collect(),
        }
    }

    fn of_thing(&self, thing: &delivery::Thing) -> Option<End> {
        use delivery::Thing as Counted;
        match thing {
            Counted::Deployment(id) => self.of_deployment(*id),
            Counted::TagRelease(tag) => self.of_source(&Source::Tag(tag.clone()), None),
            Counted::Job(id) => {
                self.of_source(&Source::Job, Some(DeploymentId::new(id.get()).ok()?))
            }
            Counted::Change(_, landing, _) => {
                let change = self.delivered.get(landing)?;
                Some((Thing::Change(change.origin), change.delivered_at, Vec::new()))
            }
            Counted::LeadTime(_, clock, landing, _) => {
                let change = self.delivered.get(landing)?;
                let is_merge = *clock == Clock::Merge.as_str();
                let since = if is_merge { change.merged_at } else { change.first_commit_at };
                let details = vec![Detail::Since(since)];
                Some((Thing::Change(change.origin), change.delivered_at, details))
            }
            Counted::Incident(iid) => {
                Some((Thing::Incident(*iid), self.incidents.get(iid)?.started_at, Vec::new()))
            }
            Counted::IncidentClose(iid) => {
                let incident = self.incidents.get(iid)?;
                let details = vec![Detail::Since(incident.started_at)];
                Some((Thing::Incident(*iid), incident.first_closed_at?, details))
            }
            Counted::MilestoneDueDateChange(milestone, at) => {
                Some((Thing::Milestone(*milestone), *at, Vec::new()))
            }
        }
    }

    fn of_deployment(&self, id: DeploymentId) -> Option<End> {
        let row = self.asked.history().deployments().find(id)?;
        let environment = row.environment().and_then(|own| self.asked.history().environment(own));
        let deployed = Deployed {
            id,
            environment: environment.cloned(),
            finished_at: row.succeeded_at(),
            job: row.job(),
            from: self.asked.history().linked.from(id),
        };
        Some((Thing::Deployment(deployed), row.status()?.0, Vec::new()))
    }

    /// The end of what a Release or a job brought.
    fn of_source(&self, source: &Source, id: Option<DeploymentId>) -> Option<End> {
        let is_it = |own: &&Finished| own.source == *source && id.is_none_or(|id| own.id == id);
        let tiers = self.asked.assessment().tiers.iter();
        let releases = tiers.flat_map(TierAssessment::releases).map(|(release, _)| release);
        let mut found = releases.filter_map(|own| Some((own, own.members.iter().find(is_it)?)));
        let (release, member) = found.next()?;
        let history = self.asked.history();
        let release = || Thing::Release(ReleaseThing::of(release, history));
        let thing = Deployed::of(member, history).map_or_else(release, Thing::Deployment);
        Some((thing, member.finished_at, Vec::new()))
    }
}
