//! How often: releases, their days, and the last of them.

use super::answer::Measure;
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Deployed, Detail, ReleaseThing, Thing};
use crate::delivery::history::{Linked, VersionFault};
use crate::delivery::{Deployment, DeploymentId, DeploymentStatus, Timestamp};
use crate::dora::assessment::TierAssessment;
use crate::dora::assessment::failures::Verdict;
use crate::dora::assessment::jobs::matching;
use crate::dora::assessment::releases::{Release, ReleaseKind};
use crate::dora::assessment::sources::tiers;
use crate::dora::policy::{DeploymentSource, NamePattern};
use crate::dora::samples::ReleaseSample;

/// What is said of one release in the window.
pub(super) enum Ruling {
    /// It counts.
    Counts(Measure),
    /// It does not, by this rule.
    Not(Rule),
    /// It has nothing to do with the number.
    Beside,
}

/// One release with what was made of it.
pub(super) struct Judged<'a> {
    pub(super) release: &'a Release,
    pub(super) sample: &'a ReleaseSample,
    pub(super) verdict: Option<&'a Verdict>,
    /// Its place among the counted ones, where it is one.
    pub(super) place: usize,
}

/// Draws the releases of the tier, each as `rule` says, and the deployments that are in none.
pub(super) fn releases(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    rule: impl Fn(&Judged<'_>) -> Ruling,
    details: impl Fn(&Judged<'_>) -> Vec<Detail>,
) {
    let Some((tier, samples)) = asked.tier() else { return };
    for (place, ((release, verdict), sample)) in tier.releases().zip(&samples.releases).enumerate()
    {
        let judged = Judged { release, sample, verdict, place };
        let at = sample.ended_at;
        let thing = || Thing::Release(ReleaseThing::of(release, asked.history()));
        match rule(&judged) {
            Ruling::Counts(measure) if asked.is_inside(at) => {
                sheet.row(thing(), at, measure, details(&judged));
            }
            Ruling::Counts(_) => {
                sheet.leave_out(thing(), Some(at), Rule::BeforeWindow, Vec::new());
            }
            Ruling::Not(rule) if asked.is_inside(at) => {
                sheet.leave_out(thing(), Some(at), rule, details(&judged));
            }
            Ruling::Not(_) | Ruling::Beside => {}
        }
    }
    without_release(asked, sheet, tier);
}

/// Counts counted releases, each as `measure` says.
pub(super) fn counted(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    measure: impl Fn(&ReleaseSample) -> Measure,
) {
    let rule = |judged: &Judged<'_>| {
        let is_counted = judged.sample.is_counted;
        if is_counted {
            Ruling::Counts(measure(judged.sample))
        } else {
            Ruling::Not(Rule::Redeploy)
        }
    };
    releases(asked, sheet, rule, |_| Vec::new());
}

/// Counts releases of one kind.
pub(super) fn of_kind(asked: &Asked<'_>, sheet: &mut Sheet, kind: ReleaseKind) {
    let rule = |judged: &Judged<'_>| {
        if judged.sample.kind == kind {
            Ruling::Counts(Measure::One)
        } else {
            Ruling::Not(Rule::OtherKind)
        }
    };
    releases(asked, sheet, rule, |_| Vec::new());
}

/// The last counted release, and what came after it without being counted.
pub(super) fn last(asked: &Asked<'_>, sheet: &mut Sheet) {
    let Some((tier, samples)) = asked.tier() else { return };
    let drawn = || tier.releases().zip(&samples.releases);
    let counted = drawn().filter(|(_, sample)| sample.is_counted);
    let Some(((release, _), last)) = counted.max_by_key(|(_, sample)| sample.ended_at) else {
        return;
    };
    let thing = |release| Thing::Release(ReleaseThing::of(release, asked.history()));
    let age = Measure::Seconds(asked.as_of().seconds_since(last.ended_at));
    sheet.row(thing(release), last.ended_at, age, Vec::new());
    let uncounted = drawn().filter(|(_, sample)| !sample.is_counted);
    for ((release, _), sample) in uncounted.filter(|(_, own)| own.ended_at >= last.ended_at) {
        sheet.leave_out(thing(release), Some(sample.ended_at), Rule::Redeploy, Vec::new());
    }
}

/// Deployments in the window that are part of no release of the tier.
fn without_release(asked: &Asked<'_>, sheet: &mut Sheet, tier: &TierAssessment) {
    match &asked.policy().deployment_source {
        DeploymentSource::Deployment => {}
        DeploymentSource::TagRelease => return,
        DeploymentSource::Job(pattern) => return jobs_without_release(asked, sheet, tier, pattern),
    }
    for deployment in asked.history().deployment_facts() {
        let Some((at, rule)) = fault(asked, tier, &deployment) else { continue };
        if at >= asked.as_of() || !asked.is_inside(at) {
            continue;
        }
        let environment = deployment.environment.0.clone();
        let details = match (&environment, rule) {
            (Some(name), Rule::OtherTier) => vec![Detail::Tier(asked.tier_of(name))],
            _ => Vec::new(),
        };
        let thing = Thing::Deployment(Deployed {
            id: deployment.id,
            environment,
            finished_at: deployment.succeeded_at.0,
            job: deployment.job.0,
            from: asked.history().linked.from(deployment.id),
        });
        sheet.leave_out(thing, Some(at), rule, details);
    }
}

/// Jobs in the window that count as deployments and are part of no release of the tier.
fn jobs_without_release(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    tier: &TierAssessment,
    pattern: &NamePattern,
) {
    let tiers = tiers(asked.history(), asked.as_of(), asked.policy());
    for ran in matching(asked.history(), pattern) {
        let at = ran.job.finished_at;
        let (Some(id), Some(name)) = (ran.id(), ran.environment()) else { continue };
        if at >= asked.as_of() || !asked.is_inside(at) {
            continue;
        }
        let (rule, details) = if !tier.environments.contains(&name) {
            (Rule::OtherTier, tiers.get(&name).cloned().map(Detail::Tier).into_iter().collect())
        } else if !ran.has_commit() {
            (Rule::DeploymentWithoutCommit, Vec::new())
        } else {
            continue;
        };
        let (environment, finished_at, job) = (Some(name), Some(at), Some(ran.job.id));
        let thing = Thing::Deployment(Deployed { id, environment, finished_at, job, from: None });
        sheet.leave_out(thing, Some(at), rule, details);
    }
}

/// Why a deployment is in no release of the tier, and when that came to be; `None` where it is in
/// one.
fn fault(
    asked: &Asked<'_>,
    tier: &TierAssessment,
    deployment: &Deployment,
) -> Option<(Timestamp, Rule)> {
    let (heard_at, status) = deployment.status.0?;
    let linked = &asked.history().linked;
    let is_here =
        deployment.environment.0.as_ref().is_some_and(|name| tier.environments.contains(name));
    if let Some(finish) = deployment.succeeded_at.0 {
        return match (is_here, deployment.sha.0) {
            (false, _) => Some((finish, Rule::OtherTier)),
            (true, _) if linked.given.contains(&deployment.id) => {
                Some((finish, Rule::MeasuredElsewhere))
            }
            (true, None) => Some((finish, without_commit(linked, deployment.id))),
            (true, Some(_)) => None,
        };
    }
    let rule = match status {
        _ if !is_here => return None,
        _ if linked.given.contains(&deployment.id) => Rule::MeasuredElsewhere,
        DeploymentStatus::Rejected => Rule::DeploymentRejected,
        DeploymentStatus::Failed if deployment.rejected.0 => Rule::DeploymentRejected,
        DeploymentStatus::Failed => Rule::DeploymentFailed,
        DeploymentStatus::Canceled => Rule::DeploymentCanceled,
        DeploymentStatus::Skipped => Rule::DeploymentSkipped,
        _ => Rule::DeploymentUnfinished,
    };
    (heard_at < asked.as_of()).then_some((heard_at, rule))
}

/// Why nobody knows what a deployment brought.
fn without_commit(linked: &Linked, id: DeploymentId) -> Rule {
    match linked.taken.get(&id).and_then(|taken| taken.fault) {
        None => Rule::DeploymentWithoutCommit,
        Some(VersionFault::Untold) => Rule::VersionUntold,
        Some(VersionFault::Unchanged) => Rule::VersionUnchanged,
        Some(VersionFault::Unknown) => Rule::VersionUnknown,
        Some(VersionFault::Several) => Rule::VersionUnclear,
    }
}
