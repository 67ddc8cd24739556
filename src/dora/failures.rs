//! Failed releases: what says that they failed, when they recovered, and which were rework.

use rustc_hash::FxHashMap;

use super::arrivals::{Arrivals, Delivered};
use super::changes::{Changes, Origin};
use super::incidents::Incident;
use super::policy::{FailureSignal, Policy, Recovery, ReworkMatch};
use super::releases::{Release, ReleaseKind};
use crate::delivery::{Cause, Iid, Timestamp};

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
    /// The release that delivers each merged request, promotions included.
    pub(super) deliveries: &'a FxHashMap<Iid, usize>,
    /// Incidents that may be blamed on this tier.
    pub(super) incidents: &'a [Incident],
}

/// Judges every counted release.
///
/// Source: the metric specification, "Failed release, recovery, rework".
pub(super) fn judge(evidence: &Evidence<'_>, policy: &Policy) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::default(); evidence.releases.len()];
    let enabled = |signal| policy.failure_signals.contains(&signal);
    if enabled(FailureSignal::Incident) {
        for incident in evidence.incidents {
            let blamed = attribute(incident, evidence, policy);
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
    let releases = evidence.releases;
    match &incident.cause {
        Some(Cause::External) => None,
        Some(Cause::Deployment(id)) => releases
            .iter()
            .position(|release| release.members.iter().any(|member| member.id == *id)),
        Some(Cause::MergeRequest(iid)) => {
            let merged = evidence.changes.merged.iter().find(|m| m.request.iid == *iid)?;
            merged.arrives_by.iter().filter_map(|sha| evidence.arrivals.of(*sha)).min()
        }
        Some(Cause::Commit(digits)) => evidence.arrivals.of_prefix(digits),
        None => {
            let began = incident.started_at;
            let span =
                |release: &Release| began.as_second().saturating_sub(release.ended_at.as_second());
            releases
                .iter()
                .enumerate()
                .filter(|(_, release)| release.started_at <= began)
                .filter(|(_, release)| policy.within_horizon(span(release)))
                .max_by_key(|(_, release)| (release.started_at, release.ended_at, release.first_id))
                .map(|(index, _)| index)
        }
    }
}

/// A release that failed, and the release that remedied it.
struct Remedy {
    failed: usize,
    by: usize,
}

/// A rollback blames the first release after the one it went back to.
fn rollbacks(evidence: &Evidence<'_>) -> Vec<Remedy> {
    let releases = evidence.releases;
    let blamed = |by: usize, rollback: &Release| {
        let environment = &rollback.members.first()?.environment;
        let earlier: Vec<(usize, &Release)> = releases
            .iter()
            .enumerate()
            .take(by)
            .filter(|(_, release)| release.reached(environment))
            .collect();
        let target = earlier.iter().rposition(|(_, release)| release.sha == rollback.sha);
        let failed = target.map_or(earlier.last(), |target| earlier.get(target + 1));
        failed.map(|(index, _)| Remedy { failed: *index, by })
    };
    releases
        .iter()
        .enumerate()
        .filter(|(_, release)| release.kind == ReleaseKind::Rollback)
        .filter_map(|(index, release)| blamed(index, release))
        .collect()
}

/// A revert blames the release that delivered what it takes back.
fn reverts(evidence: &Evidence<'_>) -> Vec<Remedy> {
    let delivery = |iid: &Iid| evidence.deliveries.get(iid).copied();
    let merged = evidence.changes.merged.iter();
    merged
        .filter_map(|merged| {
            let by = delivery(&merged.request.iid)?;
            let failed = delivery(&merged.reverts?)?;
            (failed < by).then_some(Remedy { failed, by })
        })
        .collect()
}

/// A hotfix blames the latest forward release before its own.
fn hotfixes(evidence: &Evidence<'_>, policy: &Policy) -> Vec<Remedy> {
    let merged = evidence.changes.merged.iter().filter(|merged| merged.is_hotfix);
    merged
        .filter_map(|merged| {
            let by = *evidence.deliveries.get(&merged.request.iid)?;
            let forward = |index: &usize| {
                evidence.releases.get(*index).is_some_and(|release| release.kind.is_forward())
            };
            let failed = (0..by).rev().find(forward)?;
            let end = |index: usize| evidence.releases.get(index).map(|r| r.ended_at.as_second());
            let span = end(by)?.saturating_sub(end(failed)?);
            policy.within_horizon(span).then_some(Remedy { failed, by })
        })
        .collect()
}

/// Which counted releases are rework.
fn rework(evidence: &Evidence<'_>, policy: &Policy) -> Vec<bool> {
    let mut fixes: FxHashMap<usize, Vec<Iid>> = FxHashMap::default();
    for merged in &evidence.changes.merged {
        let Some(by) = evidence.deliveries.get(&merged.request.iid) else { continue };
        let takes_back = merged.reverts.is_some_and(|original| {
            evidence.deliveries.get(&original).is_none_or(|delivered| delivered < by)
        });
        if merged.is_hotfix || takes_back {
            fixes.entry(*by).or_default().push(merged.request.iid);
        }
    }
    let is_fix = |change: &Delivered, fixes: &[Iid]| match change.origin {
        Origin::MergeRequest(iid) => fixes.contains(&iid),
        Origin::DirectCommit(_) => false,
    };
    let judged = |(index, release): (usize, &Release)| {
        let fixes = fixes.get(&index);
        release.kind == ReleaseKind::Rollback
            || fixes.is_some_and(|fixes| match policy.rework_match {
                ReworkMatch::Any => true,
                ReworkMatch::All => evidence
                    .delivered
                    .iter()
                    .filter(|change| change.release == index)
                    .all(|change| is_fix(change, fixes)),
            })
    };
    evidence.releases.iter().enumerate().map(judged).collect()
}

/// When a failed release recovered, by the policy.
fn recovery(verdict: &Verdict, evidence: &Evidence<'_>, policy: &Policy) -> Option<Timestamp> {
    let mut closings = evidence
        .incidents
        .iter()
        .filter(|incident| verdict.incidents.contains(&incident.iid))
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
