//! How often it fails, and how long until it works again.

use super::answer::Measure;
use super::deployments::{Judged, Ruling, releases};
use super::incidents;
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, ReleaseThing, Thing};
use crate::dora::assessment::TierAssessment;
use crate::dora::assessment::changes::Origin;
use crate::dora::assessment::failures::Verdict;
use crate::dora::assessment::fates::{Fate, Reach};
use crate::dora::assessment::releases::ReleaseKind;
use crate::dora::policy::FailureSignal;
use crate::dora::samples::Timed;

/// Counted releases, of which the failed ones are the part.
pub(super) fn fail_ratio(asked: &Asked<'_>, sheet: &mut Sheet) {
    let Some((tier, _)) = asked.tier() else { return };
    let rule = |judged: &Judged<'_>| share(judged, judged.sample.failed.is_some());
    releases(asked, sheet, rule, |judged| failure(tier, judged.verdict));
    incidents::blameless(asked, sheet);
}

/// Failed releases under one signal.
pub(super) fn failed(asked: &Asked<'_>, sheet: &mut Sheet, signal: FailureSignal) {
    let Some((tier, _)) = asked.tier() else { return };
    let rule = |judged: &Judged<'_>| match judged.sample.failed {
        Some(first) if first == signal => Ruling::Counts(Measure::One),
        Some(_) if judged.verdict.is_some_and(|verdict| verdict.signals.contains(&signal)) => {
            Ruling::Not(Rule::HigherPriority)
        }
        _ => Ruling::Beside,
    };
    releases(asked, sheet, rule, |judged| failure(tier, judged.verdict));
    if signal == FailureSignal::Incident {
        incidents::blameless(asked, sheet);
    }
}

/// Failed releases that recovered, and those that have not.
pub(super) fn recovery(asked: &Asked<'_>, sheet: &mut Sheet) {
    let Some((tier, _)) = asked.tier() else { return };
    for (release, verdict) in tier.counted.iter().zip(&tier.verdicts) {
        if verdict.failed().is_none() {
            continue;
        }
        let thing = Thing::Release(ReleaseThing::of(release, asked.history()));
        let mut details = failure(tier, Some(verdict));
        details.push(Detail::Since(release.started_at));
        match Timed::recovery(release, verdict) {
            Some(Timed { at, seconds }) if asked.is_inside(at) => {
                sheet.row(thing, at, Measure::Seconds(seconds), details);
            }
            Some(Timed { at, .. }) => {
                sheet.leave_out(thing, Some(at), Rule::BeforeWindow, details);
            }
            None => sheet.leave_out(thing, None, Rule::NotRecovered, details),
        }
    }
}

/// Counted releases, of which rework is the part.
pub(super) fn rework(asked: &Asked<'_>, sheet: &mut Sheet) {
    let fates = asked.fates();
    let rule = |judged: &Judged<'_>| share(judged, judged.sample.is_rework);
    releases(asked, sheet, rule, |judged| repairs(judged, fates));
}

/// A part of the counted releases.
fn share(judged: &Judged<'_>, is_part: bool) -> Ruling {
    if judged.sample.is_counted {
        Ruling::Counts(Measure::Share { part: u64::from(is_part), whole: 1 })
    } else {
        Ruling::Not(Rule::Redeploy)
    }
}

/// What says that a release failed, and that it recovered.
fn failure(tier: &TierAssessment, verdict: Option<&Verdict>) -> Vec<Detail> {
    let Some(verdict) = verdict else { return Vec::new() };
    let signals = verdict.signals.iter().map(|signal| Detail::FailedBy(*signal));
    let incidents = verdict.incidents.iter().map(|incident| Detail::Incident(*incident));
    let remedies = verdict.remediations.iter().filter_map(|index| tier.counted.get(*index));
    let recovered = verdict.failed().and(verdict.recovered_at).map(Detail::RecoveredAt);
    signals
        .chain(incidents)
        .chain(remedies.map(|release| Detail::RemediedBy(release.name())))
        .chain(recovered)
        .collect()
}

/// What a release repairs.
fn repairs(judged: &Judged<'_>, fates: &[Fate]) -> Vec<Detail> {
    if !judged.sample.is_rework {
        return Vec::new();
    }
    let goes_back = judged.release.kind == ReleaseKind::Rollback;
    let delivered = |fate: &&Fate| fate.reach == Reach::Delivered(judged.place);
    let repair = |fate: &Fate| {
        let Origin::MergeRequest(own) = fate.origin else { return Vec::new() };
        let hotfix = fate.is_hotfix.then_some(Detail::Hotfix(own));
        let revert = fate.reverts.map(|original| Detail::Revert(own, original));
        hotfix.into_iter().chain(revert).collect()
    };
    let of_changes = fates.iter().filter(delivered).flat_map(repair);
    goes_back.then_some(Detail::GoesBack).into_iter().chain(of_changes).collect()
}
