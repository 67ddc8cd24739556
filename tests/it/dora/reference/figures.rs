//! DORA's five in one tier of one stream: section 3.1 of the specification, and kinds of work of 3.7.

use std::collections::BTreeMap;

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::policy::FailureSignal;

use super::deliveries::{Delivered, View};
use super::failures::{self, Failure};
use super::numbers::{Labels, Number, Numbers, count};
use super::{Stream, feedback, is_inside, needs, regularity, seconds};

pub(super) fn measure_tier(numbers: &mut Numbers, stream: Stream<'_>, tier: &EnvironmentTier) {
    let now = stream.scene.now;
    let view = stream.view(tier);
    let failed = failures::failures(&view, stream.blamed_in(tier));
    let delivered = view.delivered();
    let labels = Labels::default().and("environment_tier", tier);
    if let Some(last) = view.releases.last() {
        let age = Number::MostRecent(now - last.end());
        numbers.put("time_since_last_deployment_seconds", &labels, age);
    }
    regularity::inventory(numbers, &labels, &view);
    let needs = needs::needs(&view);
    for window in stream.windows {
        let labels = labels.and("window", window);
        let inside = |at: i64| is_inside(at, now, *window);
        releases_in(numbers, &labels, (&view, seconds(*window)), &inside);
        changes_in(numbers, &labels, &delivered, &inside);
        categories_in(numbers, &labels, (&view, &delivered), &inside);
        failures_in(numbers, &labels, (&view, &failed), &inside);
        regularity::rhythm_in(numbers, &labels, (&view, seconds(*window)), &inside);
        regularity::batches_in(numbers, &labels, (&view, &delivered), &inside);
        needs::measure_in(numbers, &labels, &needs, &inside);
        feedback::measure_in(numbers, &labels, (&view, &needs), &inside);
    }
}

fn releases_in(
    numbers: &mut Numbers,
    labels: &Labels,
    (view, seconds): (&View<'_>, i64),
    inside: &dyn Fn(i64) -> bool,
) {
    let counted = || view.releases.iter().filter(|release| inside(release.end()));
    let number = count(counted().count());
    numbers.put("deployment_frequency_per_day", labels, Number::PerDay(number, seconds));
    for kind in ReleaseKind::ALL {
        let same = view.all.iter().filter(|own| inside(own.end()) && own.kind == kind).count();
        let labels = labels.and("kind", kind.as_str());
        numbers.put("window_deployments", &labels, Number::Count(count(same)));
    }
    let date = |at: i64| {
        let instant = jiff::Timestamp::from_second(at).unwrap();
        view.policy.timezone.to_datetime(instant).date().to_string()
    };
    let dates = counted().map(|release| date(release.end())).collect();
    numbers.put("deployment_days", labels, Number::Dates(dates));
}

fn changes_in(
    numbers: &mut Numbers,
    labels: &Labels,
    delivered: &[Delivered],
    inside: &dyn Fn(i64) -> bool,
) {
    let samples: Vec<&Delivered> = samples(delivered, inside);
    numbers.put("window_changes", labels, Number::Count(count(samples.len())));
    lead_times(numbers, "change_lead_time_seconds", labels, &samples);
    for (place, stage) in ["coding", "pickup", "review", "deploy"].into_iter().enumerate() {
        let spans = samples.iter().filter_map(|change| Some(change.stages?[place])).collect();
        let labels = labels.and("stage", stage);
        numbers.put("change_lead_time_stage_seconds", &labels, Number::Samples(spans));
    }
}

fn samples<'a>(delivered: &'a [Delivered], inside: &dyn Fn(i64) -> bool) -> Vec<&'a Delivered> {
    delivered.iter().filter(|change| change.sampled && inside(change.at)).collect()
}

fn lead_times(
    numbers: &mut Numbers,
    family: &'static str,
    labels: &Labels,
    samples: &[&Delivered],
) {
    let first = samples.iter().map(|change| (change.at - change.first_commit).max(0)).collect();
    numbers.put(family, &labels.and("clock", "first_commit"), Number::Samples(first));
    let merge = samples.iter().map(|change| (change.at - change.merge).max(0)).collect();
    numbers.put(family, &labels.and("clock", "merge"), Number::Samples(merge));
}

fn categories_in(
    numbers: &mut Numbers,
    labels: &Labels,
    (view, delivered): (&View<'_>, &[Delivered]),
    inside: &dyn Fn(i64) -> bool,
) {
    let mut names: Vec<String> =
        view.policy.categories.iter().map(|own| own.name.to_string()).collect();
    if names.is_empty() {
        return;
    }
    names.push("other".to_owned());
    for name in names {
        let mut own = samples(delivered, inside);
        own.retain(|change| change.category == name);
        let labels = labels.and("category", name);
        numbers.put("window_category_changes", &labels, Number::Count(count(own.len())));
        lead_times(numbers, "category_change_lead_time_seconds", &labels, &own);
    }
}

fn failures_in(
    numbers: &mut Numbers,
    labels: &Labels,
    (view, failed): (&View<'_>, &BTreeMap<usize, Failure>),
    inside: &dyn Fn(i64) -> bool,
) {
    let ends: Vec<usize> =
        (0..view.releases.len()).filter(|own| inside(view.releases[*own].end())).collect();
    for signal in FailureSignal::ALL {
        let under = ends.iter().filter_map(|own| failed.get(own)?.signals.first());
        let same = under.filter(|first| **first == signal).count();
        let labels = labels.and("signal", signal.as_str());
        numbers.put("window_failed_deployments", &labels, Number::Count(count(same)));
    }
    let all = count(ends.len());
    let fails = count(ends.iter().filter(|own| failed.contains_key(own)).count());
    numbers.put("change_fail_ratio", labels, Number::Ratio(fails, all));
    let rework = count(ends.iter().filter(|own| failures::is_rework(view, **own)).count());
    numbers.put("deployment_rework_ratio", labels, Number::Ratio(rework, all));
    let recoveries = failures::recoveries(view, failed).into_iter();
    let spans = recoveries.filter(|(_, at)| inside(*at)).map(|(span, _)| span).collect();
    numbers.put("failed_deployment_recovery_time_seconds", labels, Number::Samples(spans));
}
