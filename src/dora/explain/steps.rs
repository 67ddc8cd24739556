//! How long each step takes, in production.

use std::collections::BTreeSet;

use super::answer::Measure;
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, ReleaseThing, Thing};
use crate::delivery::{EnvironmentTier, Iid};
use crate::dora::assessment::TierAssessment;
use crate::dora::assessment::changes::Origin;
use crate::dora::samples::{Step, StepOf, all_steps};

/// Everything that went through a step.
pub(super) fn duration(asked: &Asked<'_>, sheet: &mut Sheet, step: Step) {
    let assessment = asked.assessment();
    let mut tiers = assessment.tiers.iter();
    let production = tiers.find(|tier| tier.tier == EnvironmentTier::Production);
    let mut seen: BTreeSet<StepOf> = BTreeSet::new();
    for (_, time, of) in all_steps(assessment).into_iter().filter(|(own, ..)| *own == step) {
        let Some(thing) = thing(asked, production, of) else { continue };
        seen.insert(of);
        let details = production.map(|tier| delivered_by(tier, of)).unwrap_or_default();
        if asked.is_inside(time.at) {
            sheet.row(thing, time.at, Measure::Seconds(time.seconds), details);
        } else {
            sheet.leave_out(thing, Some(time.at), Rule::BeforeWindow, details);
        }
    }
    if let Some(tier) = production {
        without(asked, sheet, tier, (step, &seen));
    }
}

fn thing(asked: &Asked<'_>, production: Option<&TierAssessment>, of: StepOf) -> Option<Thing> {
    Some(match of {
        StepOf::Issue(iid) => Thing::Issue(iid),
        StepOf::Change(origin) => Thing::Change(origin),
        StepOf::Incident(iid) => Thing::Incident(iid),
        StepOf::Release(place) => {
            let release = production?.counted.get(place)?;
            Thing::Release(ReleaseThing::of(release, asked.history()))
        }
    })
}

fn delivered_by(tier: &TierAssessment, of: StepOf) -> Vec<Detail> {
    let place = match of {
        StepOf::Change(origin) => {
            let change = tier.delivered.iter().find(|change| change.origin == origin);
            change.map(|change| change.release)
        }
        StepOf::Issue(iid) => {
            tier.needs.iter().find(|need| need.issue == iid).map(|need| need.release)
        }
        StepOf::Release(_) | StepOf::Incident(_) => None,
    };
    let release = place.and_then(|place| tier.counted.get(place));
    release.map(|release| Detail::DeliveredBy(release.name())).into_iter().collect()
}

/// Issues and merge requests delivered in the window of which nothing tells of this step.
fn without(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    tier: &TierAssessment,
    (step, seen): (Step, &BTreeSet<StepOf>),
) {
    let issues = tier.needs.iter().map(|need| (StepOf::Issue(need.issue), need.delivered_at));
    let issues = issues.filter(|_| matches!(step, Step::Plan | Step::Ready));
    let requests = tier.delivered.iter().filter(|change| change.is_sampled).filter_map(|change| {
        let iid: Iid = match change.origin {
            Origin::MergeRequest(iid) => iid,
            Origin::DirectCommit(_) => return None,
        };
        Some((StepOf::Change(Origin::MergeRequest(iid)), change.delivered_at))
    });
    let requests = requests
        .filter(|_| matches!(step, Step::Build | Step::Test | Step::Release | Step::Deploy));
    for (of, at) in issues.chain(requests).filter(|(of, _)| !seen.contains(of)) {
        if let Some(thing) = thing(asked, Some(tier), of).filter(|_| asked.is_inside(at)) {
            sheet.leave_out(thing, Some(at), Rule::WithoutStep, Vec::new());
        }
    }
}
