//! Milestones, promotions from tier to tier, and the time in which one could deliver.

use super::answer::{Absence, Measure};
use super::changes::{delivered_by, why_not_sampled};
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, Thing};
use crate::dora::assessment::milestones::DueMilestone;
use crate::dora::metric::releasable_time::spans;
use crate::dora::policy::PromotionPair;
use crate::dora::samples::{find_tier, promoted};

/// Milestones due.
pub(super) fn due(asked: &Asked<'_>, sheet: &mut Sheet) {
    milestones(asked, sheet, |_| Measure::One);
}

/// Milestones due, of which those delivered in time are the part.
pub(super) fn on_time(asked: &Asked<'_>, sheet: &mut Sheet) {
    milestones(asked, sheet, |own| Measure::Share { part: own.is_on_time().into(), whole: 1 });
}

/// Milestones due, by the issues that left them and those that were in them.
pub(super) fn scope_cut(asked: &Asked<'_>, sheet: &mut Sheet) {
    milestones(asked, sheet, |own| Measure::Share { part: own.cut, whole: own.scope });
}

fn milestones(asked: &Asked<'_>, sheet: &mut Sheet, measure: impl Fn(&DueMilestone) -> Measure) {
    let milestones = asked.assessment().milestones.as_ref();
    sheet.rests_on(milestones, Absence::NoMilestone);
    for own in milestones.iter().flat_map(|milestones| &milestones.due) {
        let (thing, at) = (Thing::Milestone(own.id), own.placed_at());
        let details =
            [Some(Detail::Deadline(own.deadline)), own.delivered_at.map(Detail::DeliveredAt)];
        let details = details.into_iter().flatten().collect();
        if asked.is_inside(at) {
            sheet.row(thing, at, measure(own), details);
        } else {
            let is_ahead = at >= asked.as_of();
            let rule = if is_ahead { Rule::NotDue } else { Rule::BeforeWindow };
            sheet.leave_out(thing, Some(at), rule, details);
        }
    }
}

/// Changes that reached one tier and then another.
pub(super) fn promotion(asked: &Asked<'_>, sheet: &mut Sheet, pair: &PromotionPair) {
    let assessment = asked.assessment();
    let is_chosen = asked.policy().value_stream.promotion_pairs.contains(pair);
    let to = find_tier(assessment, &pair.to).filter(|_| is_chosen);
    let to = to.filter(|_| find_tier(assessment, &pair.from).is_some());
    sheet.rests_on(to, Absence::NoPair);
    let Some(to) = to else { return };
    let times = promoted(assessment, pair);
    for change in &to.delivered {
        let (thing, at) = (Thing::Change(change.origin), change.delivered_at);
        let mut details = delivered_by(to, change.release);
        let time = times.iter().find(|(origin, _)| *origin == change.origin);
        match time {
            Some((_, time)) => {
                details.push(Detail::Since(at.minus(time.seconds)));
                if asked.is_inside(at) {
                    sheet.row(thing, at, Measure::Seconds(time.seconds), details);
                } else {
                    sheet.leave_out(thing, Some(at), Rule::BeforeWindow, details);
                }
            }
            None if asked.is_inside(at) => {
                let unsampled = (!change.is_sampled).then(|| why_not_sampled(asked, change.origin));
                let rule = unsampled.unwrap_or(Rule::NotPromoted);
                sheet.leave_out(thing, Some(at), rule, details);
            }
            None => {}
        }
    }
}

/// The spans between changes of state, of which those that were releasable are the part.
pub(super) fn releasable(asked: &Asked<'_>, sheet: &mut Sheet) {
    let Some(window) = asked.window else { return };
    let changes = &asked.assessment().releasable;
    sheet.rests_on(changes.first(), Absence::NoPipeline);
    let start = asked.as_of().minus(window.seconds());
    for (from, until, is_releasable) in spans(changes, asked.as_of()) {
        let from = from.max(start);
        let whole = until.seconds_since(from);
        if whole > 0 {
            let part = if is_releasable { whole } else { 0 };
            let measure = Measure::Share { part, whole };
            sheet.row(Thing::Period { from, until }, from, measure, Vec::new());
        }
    }
}
