//! How long: changes, and what was merged without becoming a sample.

use super::answer::Measure;
use super::question::Clock;
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, Thing};
use crate::delivery::history::RequestRow;
use crate::dora::assessment::changes::{Origin, Stage};
use crate::dora::assessment::fates::{Fate, Reach};
use crate::dora::assessment::{Delivered, TierAssessment};
use crate::dora::policy::Counting;
use crate::dora::samples::ChangeSample;

/// Sampled changes, by one clock.
pub(super) fn lead_time(asked: &Asked<'_>, sheet: &mut Sheet, clock: Clock) {
    let since = |change: &Delivered| match clock {
        Clock::FirstCommit => change.first_commit_at,
        Clock::Merge => change.merged_at,
    };
    let seconds = |sample: &ChangeSample| match clock {
        Clock::FirstCommit => sample.first_commit_seconds,
        Clock::Merge => sample.merge_seconds,
    };
    samples(
        asked,
        sheet,
        |sample| Some(Measure::Seconds(seconds(sample))),
        |change| {
            let since = since(change);
            let clamped = (since > change.delivered_at).then_some(Detail::Clamped);
            clamped.into_iter().chain([Detail::Since(since)]).collect()
        },
    );
}

/// Sampled changes, counted.
pub(super) fn counted(asked: &Asked<'_>, sheet: &mut Sheet) {
    samples(asked, sheet, |_| Some(Measure::One), |_| Vec::new());
}

/// One stage of sampled merge requests.
pub(super) fn stage(asked: &Asked<'_>, sheet: &mut Sheet, stage: Stage) {
    let place = Stage::ALL.into_iter().position(|own| own == stage);
    let measure = |sample: &ChangeSample| {
        let seconds = *sample.stages?.get(place?)?;
        Some(Measure::Seconds(seconds))
    };
    samples(asked, sheet, measure, |_| Vec::new());
}

fn samples(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    measure: impl Fn(&ChangeSample) -> Option<Measure>,
    details: impl Fn(&Delivered) -> Vec<Detail>,
) {
    let Some((tier, _)) = asked.tier() else { return };
    for change in &tier.delivered {
        let thing = Thing::Change(change.origin);
        let at = change.delivered_at;
        let mut more = delivered_by(tier, change.release);
        more.extend(details(change));
        let sample = ChangeSample::of(change);
        let out = match (&sample, sample.as_ref().and_then(&measure)) {
            (Some(_), Some(measure)) if asked.is_inside(at) => {
                sheet.row(thing, at, measure, more);
                continue;
            }
            (Some(_), Some(_)) => Rule::BeforeWindow,
            _ if !asked.is_inside(at) => continue,
            (None, _) => why_not_sampled(asked, change.origin),
            (Some(_), None) => Rule::WithoutStages,
        };
        sheet.leave_out(thing, Some(at), out, more);
    }
    for fate in asked.fates() {
        undelivered(asked, sheet, tier, fate);
    }
}

fn delivered_by(tier: &TierAssessment, release: usize) -> Vec<Detail> {
    let release = tier.counted.get(release);
    release.map(|release| Detail::DeliveredBy(release.first_id)).into_iter().collect()
}

fn why_not_sampled(asked: &Asked<'_>, origin: Origin) -> Rule {
    let Origin::MergeRequest(iid) = origin else { return Rule::ExcludedAuthor };
    let requests = asked.history().requests();
    let row = requests.find(iid).and_then(|place| requests.rows().get(place));
    if row.is_some_and(RequestRow::author_excluded) {
        Rule::ExcludedAuthor
    } else {
        Rule::ExcludedLabel
    }
}

/// What was merged and gives no sample, where that concerns the window.
fn undelivered(asked: &Asked<'_>, sheet: &mut Sheet, tier: &TierAssessment, fate: &Fate) {
    let is_no_change =
        fate.is_promotion && asked.policy().promotion_merge_requests == Counting::Ignore;
    let end = |release: usize| tier.counted.get(release).map(|release| release.ended_at);
    let (at, rule) = match fate.reach {
        Reach::Delivered(release) if is_no_change => (end(release), Rule::Promotion),
        Reach::Delivered(_) => return,
        Reach::Baseline => (end(0), Rule::Baseline),
        Reach::Nowhere if is_no_change => (Some(fate.landed_at), Rule::Promotion),
        Reach::Nowhere => (None, Rule::NotDelivered),
    };
    if at.is_none_or(|at| asked.is_inside(at)) {
        sheet.leave_out(Thing::Change(fate.origin), at, rule, vec![Detail::Since(fate.landed_at)]);
    }
}
