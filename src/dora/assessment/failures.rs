//! Failed releases: what says that they failed, when they recovered, and which were rework.

use rustc_hash::{FxHashMap, FxHashSet};

use super::arrivals::{Arrivals, Delivered};
use super::changes::{Changes, MergedRequest, Origin};
use super::incidents::Incident;
use super::releases::{Finished, Release, ReleaseKind, Source};
use crate::delivery::{Cause, DeploymentId, EnvironmentName, Iid, ProjectHistory, Timestamp};
use crate::dora::policy::{FailureSignal, Policy, Recovery, ReworkMatch};

/// What became of one counted release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The signals that say it failed, each once, by priority; empty when it did not.
    pub signals: Vec<FailureSignal>,
    /// The incidents attributed to it.
    pub incidents: Vec<Iid>,
    /// Indices of the releases that remedied it.
    pub remediations: Vec<usize>,
    /// When it recovered.
    pub recovered_at: Option<Timestamp>,
    /// Whether it is rework itself.
    pub is_rework: bool,
}

impl Verdict {
    /// The signal under which a failure is counted: the first by priority.
    #[must_use]
    pub fn failed(&self) -> Option<FailureSignal> {
        self.signals.first().copied()
    }
}

/// What failures are judged by, in one tier.
pub(super) struct Evidence<'a> {
    pub(super) releases: &'a [Release],
    pub(super) changes: &'a Changes<'a>,
    pub(super) arrivals: &'a Arrivals<'a>,
    pub(super) delivered: &'a [Delivered],
    /// Incidents that may be blamed on this tier.
    pub(super) incidents: &'a [Incident],
    /// Indices of the releases, by (start, end, creation).
    pub(super) by_start: &'a [usize],
    /// The releases of deployments that incidents name as their cause.
    pub(super) by_deployment: &'a FxHashMap<DeploymentId, usize>,
}

impl Evidence<'_> {
    /// The release that delivers a merge request, promotions included.
    fn delivery(&self, iid: Iid) -> Option<usize> {
        self.arrivals.delivery(self.changes.place(iid)?)
    }

    /// Merged requests with the releases that deliver them.
    fn deliveries(&self) -> impl Iterator<Item = (&MergedRequest<'_>, usize)> {
        let merged = self.changes.merged.iter().enumerate();
        merged.filter_map(|(place, merged)| Some((merged, self.arrivals.delivery(place)?)))
    }

    fn incident(&self, iid: Iid) -> Option<&Incident> {
        let place = self.incidents.binary_search_by_key(&iid, |incident| incident.iid).ok()?;
        self.incidents.get(place)
    }
}

/// Indices of releases in the order in which users first met them: by (start, end, creation).
pub(super) fn by_start(releases: &[Release]) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..releases.len()).collect();
    indices.sort_by_key(|index| {
        releases.get(*index).map(|release| (release.started_at, release.ended_at, release.first_id))
    });
    indices
}

/// The releases of the deployments that these incidents name as their cause: where jobs count, those
/// of the jobs that made them. What is no record of a deployment has a number of another kind.
pub(super) fn by_deployment(
    history: &ProjectHistory,
    releases: &[Release],
    incidents: &[Incident],
) -> FxHashMap<DeploymentId, usize> {
    let causes = incidents.iter().filter_map(|incident| match incident.cause {
        Some(Cause::Deployment(id)) => Some(id),
        _ => None,
    });
    let named: FxHashSet<DeploymentId> = causes.collect();
    if named.is_empty() {
        return FxHashMap::default();
    }
    let made_by = |id: &DeploymentId| Some((history.deployments().find(*id)?.job()?.get(), *id));
    let by_job: FxHashMap<u64, DeploymentId> = named.iter().filter_map(made_by).collect();
    let record = |member: &Finished| match member.source {
        Source::Deployment => named.get(&member.id).copied(),
        Source::Job => by_job.get(&member.id.get()).copied(),
        Source::Tag(_) => None,
    };
    let each = releases.iter().enumerate();
    let members = each.flat_map(|(place, own)| own.members.iter().map(move |own| (own, place)));
    members.filter_map(|(member, place)| Some((record(member)?, place))).collect()
}

/// Judges every counted release; `blamed` has the release that each incident is blamed on.
///
/// Source: the metric specification, "Failed release, recovery, rework".
pub(super) fn judge(
    evidence: &Evidence<'_>,
    blamed: &[Option<usize>],
    policy: &Policy,
) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::default(); evidence.releases.len()];
    let enabled = |signal| policy.failure_signals.contains(&signal);
    if enabled(FailureSignal::Incident) {
        for (incident, blamed) in evidence.incidents.iter().zip(blamed) {
            if let Some(verdict) = blamed.and_then(|index| verdicts.get_mut(index)) {
                verdict.signals.push(FailureSignal::Incident);
                verdict.incidents.push(incident.iid);
            }
        }
    }
    let remedies = [
        (FailureSignal::Rollback, rollbacks(evidence)),
        (FailureSignal::Revert, reverts(evidence)),
        (FailureSignal::Hotfix, hotfixes(evidence, policy)),
    ];
    for (signal, found) in remedies.into_iter().filter(|(signal, _)| enabled(*signal)) {
        for Remedy { failed, by } in found {
            if let Some(verdict) = verdicts.get_mut(failed) {
                verdict.signals.push(signal);
                verdict.remediations.push(by);
            }
        }
    }
    let rework = rework(evidence, policy);
    for (verdict, is_rework) in verdicts.iter_mut().zip(rework) {
        verdict.signals.dedup();
        verdict.recovered_at = recovery(verdict, evidence, policy);
        verdict.is_rework = is_rework;
    }
    verdicts
}

/// The counted release that an incident is blamed on.
pub(super) fn attribute(
    incident: &Incident,
    evidence: &Evidence<'_>,
    policy: &Policy,
) -> Option<usize> {
    match &incident.cause {
        Some(Cause::External) => None,
        Some(Cause::Deployment(id)) => evidence.by_deployment.get(id).copied(),
        Some(Cause::MergeRequest(iid)) => {
            let merged = evidence.changes.merged.get(evidence.changes.place(*iid)?)?;
            merged.arrives_by().filter_map(|commit| evidence.arrivals.of(commit)).min()
        }
        Some(Cause::Commit(digits)) => evidence.arrivals.of_prefix(digits),
        None => latest_exposed(incident.started_at, evidence, policy),
    }
}

/// The release exposed last before an incident began, within the horizon.
fn latest_exposed(began: Timestamp, evidence: &Evidence<'_>, policy: &Policy) -> Option<usize> {
    let exposed = evidence.by_start.partition_point(|index| {
        evidence.releases.get(*index).is_some_and(|r| r.started_at <= began)
    });
    let (before, _) = evidence.by_start.split_at_checked(exposed)?;
    before
        .iter()
        .rev()
        .map_while(|index| Some((*index, evidence.releases.get(*index)?)))
        // A release ends within the group window of its start: all earlier ones are out of reach.
        .take_while(|(_, release)| {
            let latest_end = release.started_at.plus(policy.release_group_seconds);
            policy.within_horizon(span(latest_end, began))
        })
        .find(|(_, release)| policy.within_horizon(span(release.ended_at, began)))
        .map(|(index, _)| index)
}

/// Seconds from one instant to another; negative when it is earlier.
fn span(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}

/// A release that failed, and the release that remedied it.
struct Remedy {
    failed: usize,
    by: usize,
}

/// A rollback blames the first release after the one it went back to, in the environment that it
/// reached first.
fn rollbacks(evidence: &Evidence<'_>) -> Vec<Remedy> {
    let mut reached: FxHashMap<&EnvironmentName, Vec<usize>> = FxHashMap::default();
    let mut remedies = Vec::new();
    for (by, release) in evidence.releases.iter().enumerate() {
        let first = release.members.first().filter(|_| release.kind == ReleaseKind::Rollback);
        if let Some(earlier) = first.and_then(|member| reached.get(&member.environment)) {
            let is_target =
                |index: &usize| evidence.releases.get(*index).is_some_and(|r| r.sha == release.sha);
            let target = earlier.iter().rposition(is_target);
            let failed = target.map_or(earlier.last(), |target| earlier.get(target + 1));
            remedies.extend(failed.map(|failed| Remedy { failed: *failed, by }));
        }
        for member in &release.members {
            reached.entry(&member.environment).or_default().push(by);
        }
    }
    remedies
}

/// A revert blames the release that delivered what it takes back.
fn reverts(evidence: &Evidence<'_>) -> Vec<Remedy> {
    evidence
        .deliveries()
        .filter_map(|(merged, by)| {
            let failed = evidence.delivery(merged.reverts?)?;
            (failed < by).then_some(Remedy { failed, by })
        })
        .collect()
}

/// A hotfix blames the latest forward release before its own.
fn hotfixes(evidence: &Evidence<'_>, policy: &Policy) -> Vec<Remedy> {
    evidence
        .deliveries()
        .filter(|(merged, _)| merged.is_hotfix)
        .filter_map(|(_, by)| {
            let forward = |index: &usize| {
                evidence.releases.get(*index).is_some_and(|release| release.kind.is_forward())
            };
            let failed = (0..by).rev().find(forward)?;
            let end = |index: usize| evidence.releases.get(index).map(|release| release.ended_at);
            policy.within_horizon(span(end(failed)?, end(by)?)).then_some(Remedy { failed, by })
        })
        .collect()
}

/// Which counted releases are rework.
fn rework(evidence: &Evidence<'_>, policy: &Policy) -> Vec<bool> {
    let mut fixes: FxHashMap<usize, FxHashSet<Iid>> = FxHashMap::default();
    for (merged, by) in evidence.deliveries() {
        let takes_back = merged.reverts.is_some_and(|original| {
            evidence.delivery(original).is_none_or(|delivered| delivered < by)
        });
        if merged.is_hotfix || takes_back {
            fixes.entry(by).or_default().insert(merged.request.iid());
        }
    }
    let is_fix = |change: &Delivered| match change.origin {
        Origin::MergeRequest(iid) => {
            fixes.get(&change.release).is_some_and(|fixes| fixes.contains(&iid))
        }
        Origin::DirectCommit(_) => false,
    };
    let others = evidence.delivered.iter().filter(|change| !is_fix(change));
    let delivers_others: FxHashSet<usize> = match policy.rework_match {
        ReworkMatch::Any => FxHashSet::default(),
        ReworkMatch::All => others.map(|change| change.release).collect(),
    };
    let judged = |(index, release): (usize, &Release)| {
        let is_fix = fixes.contains_key(&index) && !delivers_others.contains(&index);
        release.kind == ReleaseKind::Rollback || is_fix
    };
    evidence.releases.iter().enumerate().map(judged).collect()
}

/// When a failed release recovered, by the policy.
fn recovery(verdict: &Verdict, evidence: &Evidence<'_>, policy: &Policy) -> Option<Timestamp> {
    let mut closings = verdict
        .incidents
        .iter()
        .filter_map(|iid| evidence.incident(*iid))
        .map(|incident| incident.closed_at);
    // `None` as soon as one is open, and when there is none.
    let closed = closings
        .next()
        .and_then(|first| closings.try_fold(first?, |latest, closed| Some(latest.max(closed?))));
    let ends = verdict.remediations.iter().filter_map(|index| evidence.releases.get(*index));
    let remedied = ends.map(|release| release.ended_at).min();
    match policy.recovery {
        Recovery::IncidentThenRemediation if verdict.incidents.is_empty() => remedied,
        Recovery::IncidentThenRemediation => closed,
        Recovery::Earliest => closed.into_iter().chain(remedied).min(),
        Recovery::Remediation => remedied,
    }
}
