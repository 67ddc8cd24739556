//! Needs: the first family of section 3.5 of the specification.

use gitlab_dora_exporter::dora::policy::Counting;

use super::deliveries::{View, has};
use super::numbers::{Labels, Number, Numbers};
use super::truth::Truth;

/// An issue that a tier received.
pub(super) struct Need {
    pub(super) at: i64,
    pub(super) opened: i64,
    pub(super) validated: Option<i64>,
    pub(super) planned: Option<i64>,
    pub(super) first_commit: i64,
    pub(super) reported: bool,
    pub(super) in_next_release: bool,
}

pub(super) fn needs(view: &View<'_>) -> Vec<Need> {
    let excludes = view.policy.promotion_merge_requests == Counting::Ignore;
    let labelled = |labels: &[&str], wanted: &[String]| labels.iter().any(|own| has(wanted, own));
    let mut needs = Vec::new();
    for (number, issue) in (1..).zip(&view.truth.issues) {
        let incident =
            issue.is_incident || labelled(&issue.labels, &view.policy.incident_filter.labels);
        let closing: Vec<_> = view
            .changes
            .merged
            .iter()
            .filter(|(request, ..)| !(excludes && view.changes.is_promotion(*request)))
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
        let first_planned = issue.moves.iter().filter(|(_, to)| to.is_some()).map(|(at, _)| *at);
        needs.push(Need {
            at: view.releases[last].end(),
            opened: issue.opened,
            validated: known(view.truth.validated(number)).filter(|_| valid),
            planned: known(first_planned.min()),
            first_commit: closing
                .iter()
                .map(|(_, own, ..)| view.changes.first_commit(own))
                .min()
                .unwrap(),
            reported: labelled(&issue.labels, &view.policy.value_stream.feedback_labels),
            in_next_release: next == Some(last),
        });
    }
    needs
}

pub(super) fn measure_in(
    numbers: &mut Numbers,
    labels: &Labels,
    needs: &[Need],
    inside: &dyn Fn(i64) -> bool,
) {
    let own = || needs.iter().filter(|need| inside(need.at));
    let span = |need: &Need, from: i64| (need.at - from).max(0);
    let validated = own().filter_map(|need| Some(span(need, need.validated?))).collect();
    let unvalidated = || own().filter(|need| need.validated.is_none());
    let planned = unvalidated().filter_map(|need| Some(span(need, need.planned?))).collect();
    let unplanned = unvalidated().filter(|need| need.planned.is_none());
    let created = unplanned.map(|need| span(need, need.opened)).collect();
    let reported = own().filter(|need| need.reported);
    let feedback = reported.map(|need| span(need, need.opened)).collect();
    for (basis, times) in [
        ("validated", validated),
        ("milestone", planned),
        ("created", created),
        ("feedback", feedback),
    ] {
        let labels = labels.and("basis", basis);
        numbers.put("need_lead_time_seconds", &labels, Number::Samples(times));
    }
}
