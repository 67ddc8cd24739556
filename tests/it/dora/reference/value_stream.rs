//! The value stream: section 3.5 of the specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::policy::{Counting, Policy};
use gitlab_dora_exporter::dora::window::Window;

use super::changes::{Delivered, View, has};
use super::truth::Truth;
use super::{Sheet, f64_of, failures, is_inside, put_quantiles, releases};

pub(super) fn measure(
    sheet: &mut Sheet,
    truth: &Truth,
    now: i64,
    policy: &Policy,
    windows: &[Window],
) {
    promotions(sheet, truth, now, policy, windows);
    for tier in &policy.tiers_measured {
        let all = releases::releases(truth, now, policy, tier);
        let counted = releases::counted(&all, policy);
        let view = View::of(truth, now, policy, &counted);
        let needs = needs(&view);
        for window in windows {
            needs_in(sheet, &format!("{tier} {window}"), &needs, &|at| is_inside(at, now, *window));
        }
        if *tier == EnvironmentTier::Production {
            steps(sheet, &view, &needs, windows);
        }
    }
    incident_steps(sheet, truth, now, policy, windows);
}

/// An issue that a tier received.
struct Need {
    at: i64,
    opened: i64,
    validated: Option<i64>,
    planned: Option<i64>,
    first_commit: i64,
    reported: bool,
    in_next_release: bool,
}

fn needs(view: &View<'_>) -> Vec<Need> {
    let excludes = view.policy.promotion_merge_requests == Counting::Ignore;
    let labelled = |labels: &[&str], wanted: &[String]| labels.iter().any(|own| has(wanted, own));
    let mut needs = Vec::new();
    for (number, issue) in (1..).zip(&view.truth.issues) {
        let incident =
            issue.is_incident || labelled(&issue.labels, &view.policy.incident_filter.labels);
        let closing: Vec<_> = view
            .merged()
            .into_iter()
            .filter(|(request, own, ..)| !(excludes && view.is_promotion(*request, own)))
            .filter(|(request, ..)| Truth::closes(*request).contains(&number))
            .collect();
        let arrived = closing.iter().all(|(.., landings)| view.first_with(landings).is_some());
        let last = closing
            .iter()
            .filter_map(|(_, _, merge, landings)| view.delivers(landings, *merge))
            .max();
        let (false, true, true, Some(last)) = (incident, issue.opened < view.now, arrived, last)
        else {
            continue;
        };
        let known = |at: Option<i64>| at.filter(|at| *at < view.now);
        let valid = has(&view.policy.value_stream.validated_labels, "validated");
        let next = view
            .releases
            .iter()
            .position(|release| release.is_forward() && release.end() > issue.opened);
        needs.push(Need {
            at: view.releases[last].end(),
            opened: issue.opened,
            validated: known(view.truth.validated(number)).filter(|_| valid),
            planned: known(view.truth.planned(number)),
            first_commit: closing.iter().map(|(_, own, ..)| view.first_commit(own)).min().unwrap(),
            reported: labelled(&issue.labels, &view.policy.value_stream.feedback_labels),
            in_next_release: next == Some(last),
        });
    }
    needs
}

fn needs_in(sheet: &mut Sheet, place: &str, needs: &[Need], inside: &dyn Fn(i64) -> bool) {
    let own = || needs.iter().filter(|need| inside(need.at));
    let mut put = |basis: &str, times: Vec<i64>| {
        put_quantiles(sheet, &format!("{place} need {basis}"), times);
    };
    let span = |need: &Need, from: i64| (need.at - from).max(0);
    put("validated", own().filter_map(|need| Some(span(need, need.validated?))).collect());
    let unvalidated = || own().filter(|need| need.validated.is_none());
    put("milestone", unvalidated().filter_map(|need| Some(span(need, need.planned?))).collect());
    let unplanned = unvalidated().filter(|need| need.planned.is_none());
    put("created", unplanned.map(|need| span(need, need.opened)).collect());
    let reported: Vec<&Need> = own().filter(|need| need.reported).collect();
    put("feedback", reported.iter().map(|need| span(need, need.opened)).collect());
    if !reported.is_empty() {
        let fixed = reported.iter().filter(|need| need.in_next_release).count();
        sheet.insert(format!("{place} fixed next"), f64_of(fixed) / f64_of(reported.len()));
    }
}

fn steps(sheet: &mut Sheet, view: &View<'_>, needs: &[Need], windows: &[Window]) {
    let mut all: Vec<(&str, i64, i64)> = Vec::new();
    for need in needs {
        let Some(validated) = need.validated else { continue };
        all.push(("plan", need.at, (validated - need.opened).max(0)));
        all.push(("ready", need.at, (need.first_commit - validated).max(0)));
    }
    for change in view.delivered().iter().filter(|change| change.sampled) {
        let Some([coding, pickup, review, deploy]) = change.stages else { continue };
        all.push(("code", change.at, coding));
        all.push(("pickup", change.at, pickup));
        all.push(("review", change.at, review));
        let first = &view.releases[change.release].members[0];
        if first.began < view.now {
            let merged = change.first_commit + coding + pickup + review;
            let start = first.began.clamp(merged, merged + deploy);
            all.push(("release", change.at, start - merged));
            all.push(("deploy", change.at, merged + deploy - start));
        }
    }
    put_steps(sheet, view.now, &all, windows);
}

fn incident_steps(sheet: &mut Sheet, truth: &Truth, now: i64, policy: &Policy, windows: &[Window]) {
    let all = releases::releases(truth, now, policy, &policy.incident_tier);
    let counted = releases::counted(&all, policy);
    let view = View::of(truth, now, policy, &counted);
    let mut all: Vec<(&str, i64, i64)> = Vec::new();
    for incident in failures::incidents(truth, now, policy) {
        if let Some(blamed) = failures::attributed(&view, &incident) {
            let span = (incident.start - counted[blamed].start()).max(0);
            all.push(("detect", incident.start, span));
        }
        if let Some(noted) = truth.noted(incident.number).filter(|at| *at < now) {
            all.push(("acknowledge", incident.start, noted - incident.start));
        }
    }
    put_steps(sheet, now, &all, windows);
}

fn put_steps(sheet: &mut Sheet, now: i64, all: &[(&str, i64, i64)], windows: &[Window]) {
    let names: BTreeSet<&str> = all.iter().map(|(step, ..)| *step).collect();
    for window in windows {
        for name in &names {
            let own =
                all.iter().filter(|(step, at, _)| step == name && is_inside(*at, now, *window));
            put_quantiles(
                sheet,
                &format!("{window} step {name}"),
                own.map(|step| step.2).collect(),
            );
        }
    }
}

fn promotions(sheet: &mut Sheet, truth: &Truth, now: i64, policy: &Policy, windows: &[Window]) {
    for pair in &policy.value_stream.promotion_pairs {
        let left = delivered(truth, now, policy, &pair.from);
        let arrived = delivered(truth, now, policy, &pair.to);
        for window in windows {
            let mut times = Vec::new();
            for change in arrived.iter().filter(|change| is_inside(change.at, now, *window)) {
                let earlier = left.iter().filter(|other| other.family == change.family);
                times.extend(earlier.map(|other| change.at - other.at).filter(|time| *time >= 0));
            }
            let name = format!("promotion {} {} {window}", pair.from, pair.to);
            put_quantiles(sheet, &name, times);
        }
    }
}

/// The sampled changes that a measured tier received.
fn delivered(truth: &Truth, now: i64, policy: &Policy, tier: &EnvironmentTier) -> Vec<Delivered> {
    if !policy.tiers_measured.contains(tier) {
        return Vec::new();
    }
    let all = releases::releases(truth, now, policy, tier);
    let counted = releases::counted(&all, policy);
    let delivered = View::of(truth, now, policy, &counted).delivered();
    delivered.into_iter().filter(|change| change.sampled).collect()
}

/// What names a change in every tier: a merge request, or the commits that are one direct commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Family {
    Request(u64),
    Commits(BTreeSet<usize>),
}
