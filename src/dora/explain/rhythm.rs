//! How regularly: the gaps between forward releases, and the periods of the cadence.

use std::collections::BTreeMap;

use super::answer::Measure;
use super::deployments::{Judged, Ruling, releases};
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, Thing};
use crate::delivery::Timestamp;
use crate::dora::metric::rhythm::{cadence_period, period_of};

/// Forward releases, by the gap to the one before.
pub(super) fn intervals(asked: &Asked<'_>, sheet: &mut Sheet) {
    let before = |judged: &Judged<'_>| judged.sample.follows.filter(|at| asked.is_inside(*at));
    let rule = |judged: &Judged<'_>| match before(judged) {
        _ if !judged.sample.kind.is_forward() => Ruling::Not(Rule::NotForward),
        Some(before) => {
            Ruling::Counts(Measure::Seconds(judged.sample.ended_at.seconds_since(before)))
        }
        None => Ruling::Not(Rule::NothingBefore),
    };
    let details = |judged: &Judged<'_>| before(judged).map(Detail::Since).into_iter().collect();
    releases(asked, sheet, rule, details);
}

/// Periods of the cadence, of which those with a forward release are the part.
pub(super) fn cadence(asked: &Asked<'_>, sheet: &mut Sheet) {
    let (Some((tier, samples)), Some(window)) = (asked.tier(), asked.window) else { return };
    let Some(period) = cadence_period(samples) else { return };
    let as_of = asked.as_of();
    let mut held: BTreeMap<u64, Vec<Detail>> = BTreeMap::new();
    let forward = tier.releases().filter(|(release, _)| release.kind.is_forward());
    for (release, _) in forward.filter(|(release, _)| asked.is_inside(release.ended_at)) {
        let place = period_of(release.ended_at, period, as_of);
        held.entry(place).or_default().push(Detail::Release(release.name()));
    }
    for place in 0..window.seconds() / period {
        let until = as_of.minus(place.saturating_mul(period));
        let from: Timestamp = until.minus(period);
        let details = held.remove(&place).unwrap_or_default();
        let part = u64::from(!details.is_empty());
        sheet.row(Thing::Period { from, until }, from, Measure::Share { part, whole: 1 }, details);
    }
}
