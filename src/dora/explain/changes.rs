//! How long: changes, and what was merged without becoming a sample.

use super::answer::{Absence, Measure};
use super::question::Clock;
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, Thing};
use crate::delivery::history::RequestRow;
use crate::dora::assessment::changes::{Origin, Stage};
use crate::dora::assessment::fates::{Fate, Reach};
use crate::dora::assessment::{Delivered, TierAssessment};
use crate::dora::policy::{Counting, OTHER_CATEGORY};
use crate::dora::samples::ChangeSample;

/// Sampled changes, by one clock.
pub(super) fn lead_time(asked: &Asked<'_>, sheet: &mut Sheet, clock: Clock) {
    samples(asked, sheet, |sample| Ok(by_clock(sample, clock)), |change| begun(change, clock));
}

/// Sampled changes of one kind of work, by one clock.
pub(super) fn category_lead_time(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    (name, clock): (&str, Clock),
) {
    let Some(of_kind) = category(asked, sheet, name) else { return };
    let measure = |sample: &ChangeSample| of_kind(sample).map(|()| by_clock(sample, clock));
    samples(asked, sheet, measure, |change| begun(change, clock));
}

/// Sampled changes of one kind of work, counted.
pub(super) fn of_category(asked: &Asked<'_>, sheet: &mut Sheet, name: &str) {
    let Some(of_kind) = category(asked, sheet, name) else { return };
    let measure = |sample: &ChangeSample| of_kind(sample).map(|()| Measure::One);
    samples(asked, sheet, measure, |_| Vec::new());
}

/// Says of a sample whether it is of a kind of work; `None` where the project has no such kind.
fn category<'a>(
    asked: &'a Asked<'_>,
    sheet: &mut Sheet,
    name: &'a str,
) -> Option<impl Fn(&ChangeSample) -> Result<(), Rule> + use<'a>> {
    let (_, tier) = asked.tier()?;
    let names = &tier.categories;
    let is_known = name == OTHER_CATEGORY || names.iter().any(|own| **own == *name);
    let known = (!names.is_empty() && is_known).then_some(names);
    sheet.rests_on(known, Absence::NoCategory);
    let names = known?;
    Some(move |sample: &ChangeSample| {
        let own = sample.category.and_then(|place| names.get(place));
        let own = own.map_or(OTHER_CATEGORY, |own| own);
        if own == name { Ok(()) } else { Err(Rule::OtherCategory) }
    })
}

fn by_clock(sample: &ChangeSample, clock: Clock) -> Measure {
    Measure::Seconds(match clock {
        Clock::FirstCommit => sample.first_commit_seconds,
        Clock::Merge => sample.merge_seconds,
    })
}

/// Since when a change took, by one clock.
fn begun(change: &Delivered, clock: Clock) -> Vec<Detail> {
    let since = match clock {
        Clock::FirstCommit => change.first_commit_at,
        Clock::Merge => change.merged_at,
    };
    let clamped = (since > change.delivered_at).then_some(Detail::Clamped);
    clamped.into_iter().chain([Detail::Since(since)]).collect()
}

/// Sampled changes, counted.
pub(super) fn counted(asked: &Asked<'_>, sheet: &mut Sheet) {
    samples(asked, sheet, |_| Ok(Measure::One), |_| Vec::new());
}

/// One stage of sampled merge requests.
pub(super) fn stage(asked: &Asked<'_>, sheet: &mut Sheet, stage: Stage) {
    let place = Stage::ALL.into_iter().position(|own| own == stage).unwrap_or_default();
    let measure = |sample: &ChangeSample| {
        let seconds = sample.stages.and_then(|stages| stages.get(place).copied());
        seconds.map(Measure::Seconds).ok_or(Rule::WithoutStages)
    };
    samples(asked, sheet, measure, |_| Vec::new());
}

fn samples(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    measure: impl Fn(&ChangeSample) -> Result<Measure, Rule>,
    details: impl Fn(&Delivered) -> Vec<Detail>,
) {
    let Some((tier, _)) = asked.tier() else { return };
    for change in &tier.delivered {
        let thing = Thing::Change(change.origin);
        let at = change.delivered_at;
        let mut more = delivered_by(tier, change.release);
        more.extend(details(change));
        let unsampled = || why_not_sampled(asked, change.origin);
        let measured = ChangeSample::of(change).ok_or_else(unsampled);
        match measured.and_then(|sample| measure(&sample)) {
            Ok(measure) if asked.is_inside(at) => sheet.row(thing, at, measure, more),
            Ok(_) => sheet.leave_out(thing, Some(at), Rule::BeforeWindow, more),
            Err(rule) if asked.is_inside(at) => sheet.leave_out(thing, Some(at), rule, more),
            Err(_) => {}
        }
    }
    for fate in asked.fates() {
        undelivered(asked, sheet, tier, fate);
    }
}

pub(super) fn delivered_by(tier: &TierAssessment, release: usize) -> Vec<Detail> {
    let release = tier.counted.get(release);
    release.map(|release| Detail::DeliveredBy(release.name())).into_iter().collect()
}

pub(super) fn why_not_sampled(asked: &Asked<'_>, origin: Origin) -> Rule {
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
