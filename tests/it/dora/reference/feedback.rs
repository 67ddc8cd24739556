//! What users report of releases: section 3.7 of the specification.

use super::deliveries::{View, has};
use super::needs::Need;
use super::numbers::{Labels, Number, Numbers, count};
use super::releases::Release;

pub(super) fn measure_in(
    numbers: &mut Numbers,
    labels: &Labels,
    (view, needs): (&View<'_>, &[Need]),
    inside: &dyn Fn(i64) -> bool,
) {
    let wanted = &view.policy.value_stream.feedback_labels;
    let period = i64::try_from(view.policy.value_stream.feedback_period_seconds).unwrap();
    if wanted.is_empty() {
        return;
    }
    let issues = view.truth.issues.iter().filter(|own| own.opened < view.now);
    let reports = issues.filter(|own| own.labels.iter().any(|label| has(wanted, label)));
    let reports: Vec<i64> = reports.map(|own| own.opened).collect();
    let forward: Vec<&Release> = view.releases.iter().filter(|own| own.is_forward()).collect();
    let (mut answered, mut over) = (0, 0);
    let mut first = Vec::new();
    for (place, release) in forward.iter().enumerate() {
        let end = release.end();
        let until =
            forward.get(place + 1).map_or(end + period, |next| next.end().min(end + period));
        let earliest = reports.iter().filter(|at| (end..until).contains(*at)).min();
        if inside(end) {
            first.extend(earliest.map(|at| at - end));
        }
        if inside(end) && until <= view.now {
            over += 1;
            answered += i64::from(earliest.is_some());
        }
    }
    numbers.put("release_feedback_ratio", labels, Number::Ratio(answered, over));
    numbers.put("release_first_feedback_seconds", labels, Number::Samples(first));
    let delivered = || needs.iter().filter(|need| need.reported && inside(need.at));
    let fixed = count(delivered().filter(|need| need.in_next_release).count());
    let fixed = Number::Ratio(fixed, count(delivered().count()));
    numbers.put("fixed_in_next_release_ratio", labels, fixed);
}
