//! What is to be counted next, once and for ever.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::assessment::releases::{Finished, ReleaseKind, Source};
use super::assessment::{Assessment, TierAssessment};
use super::policy::DeploymentSource;
use crate::delivery::history::DeploymentRow;
use crate::delivery::{
    Counted, DeploymentId, DeploymentStatus, EnvironmentName, JobId, LifetimeSeries, Observation,
    ProjectHistory, ProjectKey, ServiceName, Severity, Tally, Thing, Timestamp,
};

/// Upper bounds of `dora_delivered_change_lead_time_seconds`, in seconds: 1h 4h 12h 1d 2d 7d 14d
/// 30d 90d 180d.
pub const LEAD_TIME_BOUNDS: [u64; 10] =
    [3_600, 14_400, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 15_552_000];

/// Upper bounds of `dora_closed_incident_duration_seconds`, in seconds: 15m 1h 4h 12h 1d 3d 7d
/// 30d 180d.
pub const INCIDENT_DURATION_BOUNDS: [u64; 9] =
    [900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000, 15_552_000];

/// The two clocks of a lead time, as the label `clock` names them.
pub const CLOCKS: [&str; 2] = ["first_commit", "merge"];

/// The kind of a deployment that did not succeed.
pub const NO_KIND: &str = "none";

/// What of this project has come to its end and was not counted yet.
///
/// Labels freeze at the moment of counting: a later correction moves gauges, never a counter.
#[must_use]
pub fn to_count(
    project: ProjectKey,
    history: &ProjectHistory,
    assessment: &Assessment,
    as_of: Timestamp,
    counted: &Counted,
) -> Vec<Tally> {
    // Records say nothing where something else counts.
    let counts_records = assessment.source == DeploymentSource::Deployment;
    let records = Some(history.deployments().rows()).filter(|_| counts_records);
    let records = (history, records.unwrap_or_default(), &shared(assessment));
    let deployments = streams(assessment)
        .flat_map(|(service, tier)| ended_deployments(project, records, (service, tier), as_of));
    let changes =
        streams(assessment).flat_map(|(service, tier)| delivered_changes(project, service, tier));
    let incidents = incidents(project, assessment);
    let moves = milestone_moves(project, assessment);
    let all = deployments.chain(changes).chain(incidents).chain(moves);
    all.filter(|tally| !counted.contains(project, &tally.thing)).collect()
}

/// Series that exist with 0 from the moment their project, environment or tier is known.
#[must_use]
pub fn known_series(assessment: &Assessment) -> Vec<LifetimeSeries> {
    let mut series = vec![LifetimeSeries::IncidentDuration];
    series.extend(Severity::ALL.map(|severity| LifetimeSeries::Incidents { severity }));
    if assessment.milestones.is_some() {
        series.push(LifetimeSeries::MilestoneDueDateChanges);
    }
    for (service, tier) in streams(assessment) {
        let service = || service.cloned();
        let name = || tier.tier.clone();
        series.push(LifetimeSeries::ChangesDelivered { service: service(), tier: name() });
        let lead_time =
            |clock| LifetimeSeries::LeadTime { service: service(), tier: name(), clock };
        series.extend(CLOCKS.map(lead_time));
        series.extend(tier.environments.iter().map(|name| LifetimeSeries::Deployments {
            service: service(),
            environment: name.clone(),
            tier: tier.tier.clone(),
            status: DeploymentStatus::Success,
            kind: "change",
        }));
    }
    series
}

/// Every tier of every stream, with the service whose it is.
fn streams(
    assessment: &Assessment,
) -> impl Iterator<Item = (Option<&ServiceName>, &TierAssessment)> {
    let streams = assessment.streams();
    streams.flat_map(|(service, own)| own.tiers.iter().map(move |tier| (service, tier)))
}

/// What is counted, and the environments of several services.
type Records<'a> = (&'a ProjectHistory, &'a [DeploymentRow], &'a BTreeSet<EnvironmentName>);

/// The environments that several services are deployed to.
fn shared(assessment: &Assessment) -> BTreeSet<EnvironmentName> {
    let mut seen = BTreeSet::new();
    let mut shared = BTreeSet::new();
    let streams = assessment.streams().filter(|_| !assessment.services.is_empty());
    for (_, own) in streams {
        let environments = own.tiers.iter().flat_map(|tier| &tier.environments);
        shared.extend(environments.filter(|name| !seen.insert(*name)).cloned());
    }
    shared
}

fn ended_deployments<'a>(
    project: ProjectKey,
    (history, records, shared): Records<'a>,
    (service, tier): (Option<&'a ServiceName>, &'a TierAssessment),
    as_of: Timestamp,
) -> impl Iterator<Item = Tally> + 'a {
    let members = || tier.releases().flat_map(|(release, _)| &release.members);
    let others = members().filter_map(move |member| {
        let series = LifetimeSeries::Deployments {
            service: service.cloned(),
            environment: member.environment.clone(),
            tier: tier.tier.clone(),
            status: DeploymentStatus::Success,
            kind: member.kind.as_str(),
        };
        let thing = match &member.source {
            Source::Deployment => return None,
            Source::Tag(tag) => Thing::TagRelease(tag.clone()),
            Source::Job => Thing::Job(JobId::new(member.id.get()).ok()?),
        };
        Some(counter(project, thing, series))
    });
    let is_deployed = |member: &&Finished| member.source == Source::Deployment;
    let kinds: FxHashMap<DeploymentId, ReleaseKind> =
        members().filter(is_deployed).map(|member| (member.id, member.kind)).collect();
    let tally = move |deployment: &DeploymentRow| {
        let environment = history.environment(deployment.environment()?)?;
        let is_given = history.linked.given.contains(&deployment.id());
        if is_given || !tier.environments.contains(environment) {
            return None;
        }
        let (_, status) = deployment.status().filter(|(at, _)| *at < as_of)?;
        let kind = match status {
            DeploymentStatus::Success => kinds.get(&deployment.id())?.as_str(),
            // What an approver refused did not fail.
            DeploymentStatus::Failed if deployment.is_rejected() => return None,
            DeploymentStatus::Failed | DeploymentStatus::Canceled | DeploymentStatus::Skipped => {
                NO_KIND
            }
            _ => return None,
        };
        let (environment, tier) = (environment.clone(), tier.tier.clone());
        // Whose it would have been nobody knows, where an environment is that of several services.
        let is_unknown = kind == NO_KIND && shared.contains(&environment);
        let service = service.filter(|_| !is_unknown).cloned();
        let series = LifetimeSeries::Deployments { service, environment, tier, status, kind };
        Some(counter(project, Thing::Deployment(deployment.id()), series))
    };
    records.iter().filter_map(tally).chain(others)
}

fn delivered_changes(
    project: ProjectKey,
    service: Option<&ServiceName>,
    tier: &TierAssessment,
) -> Vec<Tally> {
    let mut tallies = Vec::new();
    let service = || service.cloned();
    let name = || tier.tier.clone();
    for change in &tier.delivered {
        let series = LifetimeSeries::ChangesDelivered { service: service(), tier: name() };
        let thing = Thing::Change(name(), change.landing, service());
        tallies.push(counter(project, thing, series));
        let starts = [change.first_commit_at, change.merged_at];
        for (clock, start) in CLOCKS.into_iter().zip(starts).filter(|_| change.is_sampled) {
            let seconds = change.delivered_at.seconds_since(start);
            tallies.push(Tally {
                project,
                thing: Thing::LeadTime(name(), clock, change.landing, service()),
                series: LifetimeSeries::LeadTime { service: service(), tier: name(), clock },
                observed: Some(observe(seconds, &LEAD_TIME_BOUNDS)),
            });
        }
    }
    tallies
}

fn incidents(project: ProjectKey, assessment: &Assessment) -> impl Iterator<Item = Tally> {
    assessment.incidents.iter().flat_map(move |incident| {
        let series = LifetimeSeries::Incidents { severity: incident.severity };
        let closed = incident.first_closed_at.map(|at| Tally {
            project,
            thing: Thing::IncidentClose(incident.iid),
            series: LifetimeSeries::IncidentDuration,
            observed: Some(observe(
                at.seconds_since(incident.started_at),
                &INCIDENT_DURATION_BOUNDS,
            )),
        });
        closed.into_iter().chain([counter(project, Thing::Incident(incident.iid), series)])
    })
}

fn milestone_moves(project: ProjectKey, assessment: &Assessment) -> impl Iterator<Item = Tally> {
    let moves = assessment.milestones.iter().flat_map(|milestones| &milestones.moves);
    moves.map(move |(milestone, at)| {
        let thing = Thing::MilestoneDueDateChange(*milestone, *at);
        counter(project, thing, LifetimeSeries::MilestoneDueDateChanges)
    })
}

fn counter(project: ProjectKey, thing: Thing, series: LifetimeSeries) -> Tally {
    Tally { project, thing, series, observed: None }
}

fn observe(seconds: u64, bounds: &[u64]) -> Observation {
    let bucket = bounds.partition_point(|bound| *bound < seconds);
    Observation { seconds, bucket: u16::try_from(bucket).unwrap_or(u16::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_as_long_as_a_bound_is_in_its_bucket() {
        let bucket = |seconds| observe(seconds, &[60, 3_600]).bucket;
        assert_eq!([0, 60, 61, 3_600, 3_601].map(bucket), [0, 0, 1, 1, 2]);
    }
}
