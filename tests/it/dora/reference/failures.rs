//! Incidents, failed releases, recovery and rework: sections 1.9 and 1.10 of the specification.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_dora_exporter::delivery::{Severity, Transition};
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::policy::{Counting, FailureSignal, Policy, Recovery, ReworkMatch};

use super::Scene;
use super::deliveries::{View, has};
use super::releases::Release;
use super::truth::{TrueCause, TrueIssue, TrueRequest};

#[derive(Debug, Clone)]
pub(crate) struct Incident {
    pub(crate) number: u64,
    pub(crate) start: i64,
    pub(crate) severity: Severity,
    /// Its last close, unless it is open.
    pub(crate) closed: Option<i64>,
    pub(crate) first_close: Option<i64>,
    pub(crate) cause: Option<TrueCause>,
}

pub(crate) fn incidents(Scene { truth, now, policy }: Scene<'_>) -> Vec<Incident> {
    let filter = &policy.incident_filter;
    let is_incident = |issue: &&TrueIssue| {
        let labelled = |labels: &[String]| issue.labels.iter().any(|own| has(labels, own));
        issue.opened < now
            && (issue.is_incident || labelled(&filter.labels))
            && !labelled(&filter.exclude_labels)
            && issue.severity >= filter.min_severity
            && (!issue.superseded || policy.duplicate_incidents == Counting::Count)
    };
    (1..)
        .zip(&truth.issues)
        .filter(|(_, issue)| is_incident(issue))
        .map(|(number, issue)| {
            let mut turns: Vec<(i64, Transition)> =
                issue.turns.iter().filter(|(at, _)| *at < now).copied().collect();
            turns.sort_unstable();
            let closes = |turn: &(i64, Transition)| turn.1 == Transition::Closed;
            let external = issue.labels.iter().any(|own| has(&policy.external_labels, own));
            Incident {
                number,
                start: issue.opened,
                severity: issue.severity,
                closed: turns.last().filter(|turn| closes(turn)).map(|(at, _)| *at),
                first_close: turns.iter().find(|turn| closes(turn)).map(|(at, _)| *at),
                cause: if external { Some(TrueCause::External) } else { issue.cause },
            }
        })
        .collect()
}

/// The release of these streams that an incident is blamed on, and in which of them it is.
pub(crate) fn attributed(views: &[View<'_>], incident: &Incident) -> Option<(usize, usize)> {
    let all = views.iter().enumerate().flat_map(|(stream, view)| {
        view.releases.iter().enumerate().map(move |(place, own)| ((stream, place), view, own))
    });
    match incident.cause {
        Some(TrueCause::External) => None,
        Some(TrueCause::Deployment(id)) => {
            let holds = |own: &Release| own.members.iter().any(|member| member.record == Some(id));
            all.filter(|(.., own)| holds(own)).map(|(place, ..)| place).next()
        }
        Some(TrueCause::Request(number)) => {
            let landed = |view: &View<'_>| {
                let merged = view.changes.merged.iter().find(|(own, ..)| *own == number);
                merged.map(|(.., landings)| landings.clone())
            };
            first_with(views, &views.first().and_then(landed)?)
        }
        Some(TrueCause::Commit(commit)) => first_with(views, &BTreeSet::from([commit])),
        None => all
            .filter(|(_, view, own)| {
                own.start() <= incident.start && within(view.policy, incident.start - own.end())
            })
            .max_by_key(|(_, _, own)| (own.start(), own.end(), own.creation()))
            .map(|(place, ..)| place),
    }
}

/// The first release of all that contains one of these commits.
fn first_with(views: &[View<'_>], commits: &BTreeSet<usize>) -> Option<(usize, usize)> {
    views
        .iter()
        .enumerate()
        .filter_map(|(stream, view)| {
            let place = view.first_with(commits)?;
            Some((view.releases[place].order(), (stream, place)))
        })
        .min()
        .map(|(_, place)| place)
}

/// What the releases of each stream are blamed for.
pub(crate) fn blame(views: &[View<'_>], incidents: &[Incident]) -> Vec<Vec<(usize, Incident)>> {
    let mut blame: Vec<Vec<(usize, Incident)>> = views.iter().map(|_| Vec::new()).collect();
    for incident in incidents {
        if let Some((stream, place)) = attributed(views, incident) {
            blame[stream].push((place, incident.clone()));
        }
    }
    blame
}

fn within(policy: &Policy, seconds: i64) -> bool {
    policy
        .attribution_horizon_seconds
        .is_none_or(|horizon| i128::from(seconds) <= i128::from(horizon))
}

/// Which releases failed: the signals that say so, and the releases that put it right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure {
    pub(crate) signals: BTreeSet<FailureSignal>,
    pub(crate) incidents: Vec<Incident>,
    pub(crate) remediations: BTreeSet<usize>,
}

/// Of the releases of one stream, by their place; `blamed` are incidents with the release that each is
/// blamed on.
pub(crate) fn failures(view: &View<'_>, blamed: &[(usize, Incident)]) -> BTreeMap<usize, Failure> {
    let mut failures: BTreeMap<usize, Failure> = BTreeMap::new();
    let enabled = |signal| view.policy.failure_signals.contains(&signal);
    if enabled(FailureSignal::Incident) {
        for (release, incident) in blamed {
            let failure = failures.entry(*release).or_default();
            failure.signals.insert(FailureSignal::Incident);
            failure.incidents.push(incident.clone());
        }
    }
    let signals = [
        (FailureSignal::Rollback, rollbacks(view)),
        (FailureSignal::Revert, reverts(view)),
        (FailureSignal::Hotfix, hotfixes(view)),
    ];
    for (signal, pairs) in signals {
        for (failed, remediation) in pairs {
            if enabled(signal) {
                let failure = failures.entry(failed).or_default();
                failure.signals.insert(signal);
                failure.remediations.insert(remediation);
            }
        }
    }
    failures
}

fn rollbacks(view: &View<'_>) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (place, rollback) in view.releases.iter().enumerate() {
        if rollback.kind != ReleaseKind::Rollback {
            continue;
        }
        let environment = &rollback.members[0].environment;
        let earlier: Vec<usize> =
            (0..place).filter(|own| view.releases[*own].reached(environment)).collect();
        let target = earlier.iter().rposition(|own| view.releases[*own].commit == rollback.commit);
        let failed = match target {
            Some(target) => earlier.get(target + 1),
            None => earlier.last(),
        };
        pairs.extend(failed.map(|failed| (*failed, place)));
    }
    pairs
}

fn reverts(view: &View<'_>) -> Vec<(usize, usize)> {
    let delivered = &view.delivered_requests;
    let mut pairs = Vec::new();
    for (_, request, j) in delivered {
        let original = delivered.iter().find(|(number, ..)| request.reverts == Some(*number));
        if let Some((.., i)) = original
            && i < j
        {
            pairs.push((*i, *j));
        }
    }
    pairs
}

fn hotfixes(view: &View<'_>) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for &(_, request, place) in &view.delivered_requests {
        if !is_hotfix(view.policy, request) {
            continue;
        }
        let Some(before) = (0..place).rfind(|own| view.releases[*own].is_forward()) else {
            continue;
        };
        let span = view.releases[place].end() - view.releases[before].end();
        if within(view.policy, span) {
            pairs.push((before, place));
        }
    }
    pairs
}

fn is_hotfix(policy: &Policy, request: &TrueRequest) -> bool {
    let marks = &policy.hotfix_markers;
    request.labels.iter().any(|own| has(&marks.labels, own))
        || marks.branch_prefixes.iter().any(|prefix| request.source.starts_with(prefix))
}

/// Length and end of the recovery of each failed release that has recovered.
pub(crate) fn recoveries(view: &View<'_>, failed: &BTreeMap<usize, Failure>) -> Vec<(i64, i64)> {
    failed.iter().filter_map(|(place, failure)| recovery(view, *place, failure)).collect()
}

fn recovery(view: &View<'_>, place: usize, failure: &Failure) -> Option<(i64, i64)> {
    let ends: Option<Vec<i64>> = failure.incidents.iter().map(|incident| incident.closed).collect();
    let closed = ends.and_then(|ends| ends.into_iter().max());
    let remedied = failure.remediations.iter().map(|own| view.releases[*own].end()).min();
    let at = match view.policy.recovery {
        Recovery::Remediation => remedied,
        Recovery::Earliest => closed.into_iter().chain(remedied).min(),
        Recovery::IncidentThenRemediation if failure.incidents.is_empty() => remedied,
        Recovery::IncidentThenRemediation => closed,
    }?;
    Some(((at - view.releases[place].start()).max(0), at))
}

/// Whether a counted release is rework.
pub(crate) fn is_rework(view: &View<'_>, place: usize) -> bool {
    let delivered = &view.delivered_requests;
    let fixes: BTreeSet<u64> = delivered
        .iter()
        .filter(|(_, request, release)| *release == place && is_fix(view, request, place))
        .map(|(number, ..)| *number)
        .collect();
    // "Only if every change it delivers is such a fix" is read as said of releases with fixes: a
    // rollback is rework whatever it delivers, which is nothing.
    let all = || {
        view.delivered()
            .iter()
            .filter(|change| change.release == place)
            .all(|change| change.request.is_some_and(|number| fixes.contains(&number)))
    };
    view.releases[place].kind == ReleaseKind::Rollback
        || !fixes.is_empty() && (view.policy.rework_match == ReworkMatch::Any || all())
}

fn is_fix(view: &View<'_>, request: &TrueRequest, place: usize) -> bool {
    let delivered = &view.delivered_requests;
    let undoes_the_past = request.reverts.is_some_and(|original| {
        !delivered.iter().any(|(number, _, release)| *number == original && *release >= place)
    });
    is_hotfix(view.policy, request) || undoes_the_past
}
