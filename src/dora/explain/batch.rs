//! How much a release brings, how far back its work reaches, and what waits for one.

use super::answer::{Absence, Measure};
use super::deployments::{Judged, Ruling, releases};
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, Thing};
use crate::delivery::Timestamp;
use crate::dora::assessment::TierAssessment;
use crate::dora::assessment::fates::Reach;
use crate::dora::samples::BatchSample;

/// Forward releases, by the number of changes they delivered.
pub(super) fn size(asked: &Asked<'_>, sheet: &mut Sheet) {
    let Some((tier, _)) = asked.tier() else { return };
    batches(
        asked,
        sheet,
        |batch| Measure::Changes(batch.changes),
        |judged| {
            let own = tier.delivered.iter().filter(|change| change.release == judged.place);
            own.map(|change| Detail::Delivers(change.origin)).collect()
        },
    );
}

/// Forward releases, by the time from their earliest first commit.
pub(super) fn span(asked: &Asked<'_>, sheet: &mut Sheet) {
    let Some((tier, _)) = asked.tier() else { return };
    batches(
        asked,
        sheet,
        |batch| Measure::Seconds(batch.span_seconds),
        |judged| earliest(tier, judged.place).map(Detail::Since).into_iter().collect(),
    );
}

fn earliest(tier: &TierAssessment, release: usize) -> Option<Timestamp> {
    let own = tier.delivered.iter().filter(|change| change.release == release);
    own.map(|change| change.first_commit_at).min()
}

fn batches(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    measure: impl Fn(&BatchSample) -> Measure,
    details: impl Fn(&Judged<'_>) -> Vec<Detail>,
) {
    let rule = |judged: &Judged<'_>| match &judged.sample.batch {
        Some(batch) => Ruling::Counts(measure(batch)),
        None if !judged.sample.kind.is_forward() => Ruling::Not(Rule::NotForward),
        None if judged.place == 0 => Ruling::Not(Rule::FirstRelease),
        None => Ruling::Not(Rule::NothingDelivered),
    };
    let shown = |judged: &Judged<'_>| {
        let counts = judged.sample.batch.is_some();
        if counts { details(judged) } else { Vec::new() }
    };
    releases(asked, sheet, rule, shown);
}

/// Changes that wait for their delivery to the tier.
pub(super) fn undelivered(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    measure: impl Fn(Timestamp) -> Measure,
) {
    let Some((tier, _)) = asked.tier() else { return };
    sheet.rests_on(tier.undelivered.as_ref(), Absence::NoInventory);
    if tier.undelivered.is_none() {
        return;
    }
    for fate in asked.fates() {
        let (thing, at) = (Thing::Change(fate.origin), fate.landed_at);
        if fate.waits {
            sheet.row(thing, at, measure(at), Vec::new());
        } else if fate.reach == Reach::Nowhere {
            let rule = if fate.is_promotion { Rule::Promotion } else { Rule::NotWaiting };
            sheet.leave_out(thing, Some(at), rule, Vec::new());
        }
    }
}
