//! A second implementation of the metric specification, written from its text alone: slow, obvious,
//! and on the whole truth, parents of commits included. What it and the product disagree on is a
//! mistake of one of them.

mod changes;
mod failures;
mod gitlab;
mod regularity;
mod releases;
mod tallies;
pub(crate) mod truth;
mod value_stream;

use std::collections::{BTreeMap, BTreeSet};

use gitlab_dora_exporter::delivery::{EnvironmentTier, Severity};
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::policy::{FailureSignal, Policy};
use gitlab_dora_exporter::dora::window::Window;

use changes::{Delivered, View};
use failures::Failure;
use releases::Release;
use truth::Truth;

pub(crate) use tallies::tallies;

/// Every number by a name of its own; absent numbers are absent.
pub(crate) type Sheet = BTreeMap<String, f64>;

/// All figures of one project.
pub(crate) fn measure(truth: &Truth, now: i64, policy: &Policy, windows: &[Window]) -> Sheet {
    let mut sheet = Sheet::new();
    for tier in &policy.tiers_measured {
        if releases::is_known(truth, now, policy, tier) {
            measure_tier(&mut sheet, truth, now, policy, tier, windows);
        }
    }
    measure_incidents(&mut sheet, truth, now, policy, windows);
    value_stream::measure(&mut sheet, truth, now, policy, windows);
    gitlab::measure(&mut sheet, truth, now, policy, windows);
    sheet
}

#[expect(clippy::too_many_arguments, reason = "a reference is a list of definitions, not a design")]
fn measure_tier(
    sheet: &mut Sheet,
    truth: &Truth,
    now: i64,
    policy: &Policy,
    tier: &EnvironmentTier,
    windows: &[Window],
) {
    let all = releases::releases(truth, now, policy, tier);
    let counted = releases::counted(&all, policy);
    let view = View::of(truth, now, policy, &counted);
    let incidents = if policy.incident_tier == *tier {
        failures::incidents(truth, now, policy)
    } else {
        Vec::new()
    };
    let failed = failures::failures(&view, &incidents);
    if let Some(last) = counted.last() {
        put(sheet, format!("{tier} since last"), now - last.end());
    }
    let delivered = view.delivered();
    regularity::inventory(sheet, tier.as_str(), &view);
    let mut categories: Vec<String> =
        policy.categories.iter().map(|own| own.name.to_string()).collect();
    categories.extend((!categories.is_empty()).then(|| "other".to_owned()));
    for window in windows {
        let name = |what: &str| format!("{tier} {window} {what}");
        let inside = |at: i64| is_inside(at, now, *window);
        releases_in(sheet, &name, &all, &counted, (policy, *window, now));
        changes_in(sheet, &name, (&delivered, &categories), &inside);
        regularity::rhythm_in(sheet, &name, &counted, (policy, *window, now));
        regularity::batches_in(sheet, &name, &view, &delivered, &inside);
        failures_in(sheet, &name, &view, &failed, &inside);
    }
}

fn is_inside(at: i64, now: i64, window: Window) -> bool {
    let seconds = i64::try_from(window.seconds()).unwrap();
    now - seconds <= at && at < now
}

fn releases_in(
    sheet: &mut Sheet,
    name: &dyn Fn(&str) -> String,
    all: &[Release],
    counted: &[Release],
    (policy, window, now): (&Policy, Window, i64),
) {
    let inside = |release: &&Release| is_inside(release.end(), now, window);
    let number = counted.iter().filter(inside).count();
    put(sheet, name("counted"), number);
    let days = f64_of(window.seconds()) / 86_400.0;
    sheet.insert(name("frequency"), f64_of(number) / days);
    for kind in ReleaseKind::ALL {
        let same = all.iter().filter(inside).filter(|release| release.kind == kind).count();
        put(sheet, name(&format!("kind {}", kind.as_str())), same);
    }
    let dates: BTreeSet<String> = counted
        .iter()
        .filter(inside)
        .map(|release| {
            let instant = jiff::Timestamp::from_second(release.end()).unwrap();
            policy.timezone.to_datetime(instant).date().to_string()
        })
        .collect();
    put(sheet, name("days"), dates.len());
}

fn changes_in(
    sheet: &mut Sheet,
    name: &dyn Fn(&str) -> String,
    (delivered, categories): (&[Delivered], &[String]),
    inside: &dyn Fn(i64) -> bool,
) {
    let samples: Vec<&Delivered> =
        delivered.iter().filter(|change| change.sampled && inside(change.at)).collect();
    put(sheet, name("changes"), samples.len());
    let first = samples.iter().map(|change| (change.at - change.first_commit).max(0)).collect();
    put_quantiles(sheet, &name("first_commit"), first);
    let merge = samples.iter().map(|change| (change.at - change.merge).max(0)).collect();
    put_quantiles(sheet, &name("merge"), merge);
    for category in categories {
        let own = || samples.iter().filter(|change| change.category == *category);
        put(sheet, name(&format!("category {category}")), own().count());
        let first = own().map(|change| (change.at - change.first_commit).max(0)).collect();
        put_quantiles(sheet, &name(&format!("{category} first_commit")), first);
        let merge = own().map(|change| (change.at - change.merge).max(0)).collect();
        put_quantiles(sheet, &name(&format!("{category} merge")), merge);
    }
    for (place, stage) in ["coding", "pickup", "review", "deploy"].into_iter().enumerate() {
        let spans = samples.iter().filter_map(|change| Some(change.stages?[place])).collect();
        put_quantiles(sheet, &name(stage), spans);
    }
}

fn failures_in(
    sheet: &mut Sheet,
    name: &dyn Fn(&str) -> String,
    view: &View<'_>,
    failed: &BTreeMap<usize, Failure>,
    inside: &dyn Fn(i64) -> bool,
) {
    let ends: Vec<usize> =
        (0..view.releases.len()).filter(|own| inside(view.releases[*own].end())).collect();
    for signal in FailureSignal::ALL {
        let under = ends.iter().filter_map(|own| failed.get(own)?.signals.first());
        let same = under.filter(|first| **first == signal).count();
        put(sheet, name(&format!("failed {}", signal.as_str())), same);
    }
    let fails = ends.iter().filter(|own| failed.contains_key(own)).count();
    let rework = ends.iter().filter(|own| failures::is_rework(view, **own)).count();
    put(sheet, name("rework"), rework);
    if !ends.is_empty() {
        sheet.insert(name("fail ratio"), f64_of(fails) / f64_of(ends.len()));
        sheet.insert(name("rework ratio"), f64_of(rework) / f64_of(ends.len()));
    }
    let recoveries = failed
        .iter()
        .filter_map(|(place, failure)| failures::recovery(view, *place, failure))
        .filter(|(_, at)| inside(*at))
        .map(|(span, _)| span)
        .collect();
    put_quantiles(sheet, &name("recovery"), recoveries);
}

fn measure_incidents(
    sheet: &mut Sheet,
    truth: &Truth,
    now: i64,
    policy: &Policy,
    windows: &[Window],
) {
    let incidents = failures::incidents(truth, now, policy);
    let open = || incidents.iter().filter(|incident| incident.closed.is_none());
    for severity in Severity::ALL {
        let same = open().filter(|incident| incident.severity == severity).count();
        put(sheet, format!("open {}", severity.as_str()), same);
    }
    if let Some(oldest) = open().map(|incident| incident.start).min() {
        put(sheet, "oldest open".to_owned(), now - oldest);
    }
    let all = releases::releases(truth, now, policy, &policy.incident_tier);
    let counted = releases::counted(&all, policy);
    let view = View::of(truth, now, policy, &counted);
    for window in windows {
        let spans = incidents
            .iter()
            .filter_map(|incident| Some((incident.start, incident.closed?)))
            .filter(|(_, closed)| is_inside(*closed, now, *window))
            .map(|(start, closed)| (closed - start).max(0))
            .collect();
        put_quantiles(sheet, &format!("{window} restore"), spans);
        let blameless = incidents
            .iter()
            .filter(|incident| is_inside(incident.start, now, *window))
            .filter(|incident| failures::attributed(&view, incident).is_none())
            .count();
        put(sheet, format!("{window} unattributed"), blameless);
    }
}

fn f64_of(number: impl TryInto<u32>) -> f64 {
    f64::from(number.try_into().ok().unwrap())
}

fn put(sheet: &mut Sheet, name: String, number: impl TryInto<u32>) {
    sheet.insert(name, f64_of(number));
}

/// Interpolated quantiles; nothing without samples.
fn put_quantiles(sheet: &mut Sheet, name: &str, mut samples: Vec<i64>) {
    samples.sort_unstable();
    let Some(last) = samples.len().checked_sub(1) else { return };
    for (stat, hundredths) in [("p50", 50), ("p75", 75), ("p90", 90)] {
        let position = hundredths * last;
        let (below, rest) = (position / 100, position % 100);
        let low = f64_of(samples[below]);
        let high = f64_of(samples[(below + 1).min(last)]);
        sheet.insert(format!("{name} {stat}"), low + (high - low) * f64_of(rest) / 100.0);
    }
    put(sheet, format!("{name} samples"), samples.len());
}
