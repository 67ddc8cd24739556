//! How long what was asked for takes, and what users say of what they get.

use std::collections::BTreeSet;

use super::answer::{Absence, Measure};
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, ReleaseThing, Thing};
use crate::delivery::history::RequestRow;
use crate::delivery::{Iid, Timestamp};
use crate::dora::assessment::TierAssessment;
use crate::dora::assessment::feedback::Feedback;
use crate::dora::assessment::needs::{Need, NeedBasis};
use crate::dora::samples::{Fix, need_samples};

/// Delivered issues, from where such needs begin.
pub(super) fn lead_time(asked: &Asked<'_>, sheet: &mut Sheet, basis: NeedBasis) {
    let Some((tier, _)) = asked.tier() else { return };
    for need in &tier.needs {
        let (thing, at) = (Thing::Issue(need.issue), need.delivered_at);
        let own = need_samples(need).find(|(own, _)| *own == basis);
        let Some((_, time)) = own else {
            if asked.is_inside(at) {
                sheet.leave_out(thing, Some(at), Rule::OtherBasis, Vec::new());
            }
            continue;
        };
        let mut details = delivered_by(tier, need);
        details.push(Detail::Since(at.minus(time.seconds)));
        if asked.is_inside(at) {
            sheet.row(thing, at, Measure::Seconds(time.seconds), details);
        } else {
            sheet.leave_out(thing, Some(at), Rule::BeforeWindow, details);
        }
    }
    for issue in undelivered(asked, tier) {
        sheet.leave_out(Thing::Issue(issue), None, Rule::NeedNotDelivered, Vec::new());
    }
}

pub(super) fn delivered_by(tier: &TierAssessment, need: &Need) -> Vec<Detail> {
    let release = tier.counted.get(need.release);
    release.map(|release| Detail::DeliveredBy(release.name())).into_iter().collect()
}

/// Issues that some merged request closes and that were not delivered at a known time.
fn undelivered(asked: &Asked<'_>, tier: &TierAssessment) -> BTreeSet<Iid> {
    let delivered: BTreeSet<Iid> = tier.needs.iter().map(|need| need.issue).collect();
    let incidents = &asked.measured.score.assessment.incidents;
    let incidents: BTreeSet<Iid> = incidents.iter().map(|incident| incident.iid).collect();
    let requests = asked.history().requests();
    let is_merged = |row: &&RequestRow| row.merged().is_some_and(|at| at < asked.as_of());
    let closed = requests.rows().iter().filter(is_merged).flat_map(|row| requests.closes(row));
    let is_known = |issue: &Iid| asked.history().issues.contains_key(issue);
    closed
        .copied()
        .filter(|issue| is_known(issue) && !delivered.contains(issue))
        .filter(|issue| !incidents.contains(issue))
        .collect()
}

/// Forward releases, of which those that users said something of are the part.
pub(super) fn feedback(asked: &Asked<'_>, sheet: &mut Sheet) {
    let over = |own: &Feedback| own.until <= asked.as_of();
    releases(asked, sheet, |own| {
        let part = u64::from(own.first_at.is_some());
        if over(own) { Ok(Measure::Share { part, whole: 1 }) } else { Err(Rule::FeedbackOpen) }
    });
}

/// Forward releases, by how long it took until users said something.
pub(super) fn first_feedback(asked: &Asked<'_>, sheet: &mut Sheet) {
    releases(asked, sheet, |own| match own.first_at {
        Some(at) => Ok(Measure::Seconds(at.seconds_since(own.released_at))),
        None => Err(Rule::NothingReported),
    });
}

fn releases(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    measure: impl Fn(&Feedback) -> Result<Measure, Rule>,
) {
    let Some((tier, _)) = asked.tier() else { return };
    marked(asked, sheet);
    let forward = tier.counted.iter().filter(|release| release.kind.is_forward());
    for (release, own) in forward.zip(&tier.feedback) {
        let thing = Thing::Release(ReleaseThing::of(release, asked.history()));
        let at: Timestamp = own.released_at;
        let details = own.first_at.map(Detail::ReportedAt).into_iter().collect();
        match measure(own) {
            Ok(measure) if asked.is_inside(at) => sheet.row(thing, at, measure, details),
            Ok(_) => sheet.leave_out(thing, Some(at), Rule::BeforeWindow, details),
            Err(rule) if asked.is_inside(at) => sheet.leave_out(thing, Some(at), rule, details),
            Err(_) => {}
        }
    }
}

/// Delivered reports of users, of which those that the next release settled are the part.
pub(super) fn fixed(asked: &Asked<'_>, sheet: &mut Sheet) {
    let Some((tier, _)) = asked.tier() else { return };
    marked(asked, sheet);
    for need in tier.needs.iter().filter(|need| need.is_feedback) {
        let fix = Fix::of(tier, need);
        let (thing, at) = (Thing::Issue(need.issue), fix.delivered_at);
        let mut details = delivered_by(tier, need);
        details.push(Detail::Since(need.created_at));
        let measure = Measure::Share { part: u64::from(fix.in_next_release), whole: 1 };
        if asked.is_inside(at) {
            sheet.row(thing, at, measure, details);
        } else {
            sheet.leave_out(thing, Some(at), Rule::BeforeWindow, details);
        }
    }
}

/// Nothing is known of feedback where no label marks it.
fn marked(asked: &Asked<'_>, sheet: &mut Sheet) {
    let label = asked.policy().value_stream.feedback_labels.first();
    sheet.rests_on(label, Absence::NoFeedbackLabel);
}
