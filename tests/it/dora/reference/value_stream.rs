//! Promotions and steps: section 3.5 of the specification.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_dora_exporter::delivery::EnvironmentTier;

use super::deliveries::{Delivered, View};
use super::numbers::{Labels, Number, Numbers};
use super::{Stream, failures, is_inside, needs, pipelines};

/// `blamable` is the stream's view of the tier whose releases incidents are blamed on.
pub(super) fn measure(numbers: &mut Numbers, stream: Stream<'_>, blamable: &View<'_>) {
    promotions(numbers, stream);
    let mut all = Vec::new();
    if stream.scene.policy.tiers_measured.contains(&EnvironmentTier::Production) {
        all.extend(of_production(stream));
    }
    all.extend(stream.blamed.iter().map(|(place, incident)| {
        let span = (incident.start - blamable.releases[*place].start()).max(0);
        ("detect", incident.start, span)
    }));
    if stream.service.is_none() {
        for incident in failures::incidents(stream.scene) {
            let noted = stream.scene.truth.noted(incident.number);
            let noted = noted.filter(|at| *at < stream.scene.now);
            all.extend(noted.map(|at| ("acknowledge", incident.start, at - incident.start)));
        }
    }
    for window in stream.windows {
        let mut spans: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for (step, at, span) in &all {
            if is_inside(*at, stream.scene.now, *window) {
                spans.entry(step).or_default().push(*span);
            }
        }
        for (step, spans) in spans {
            let labels = Labels::default().and("window", window).and("step", step);
            numbers.put("step_duration_seconds", &labels, Number::Samples(spans));
        }
    }
}

/// The steps of what went to production: which, placed when, how long.
fn of_production(stream: Stream<'_>) -> Vec<(&'static str, i64, i64)> {
    let view = stream.view(&EnvironmentTier::Production);
    let own = &stream.scene.policy.value_stream;
    let mut all = Vec::new();
    for need in needs::needs(&view) {
        let Some(validated) = need.validated else { continue };
        all.push(("plan", need.at, (validated - need.opened).max(0)));
        all.push(("ready", need.at, (need.first_commit - validated).max(0)));
    }
    for change in view.delivered().iter().filter(|change| change.sampled) {
        let (Some(number), Some(stages)) = (change.request, change.stages) else { continue };
        let [coding, pickup, review, deploy] = stages;
        all.push(("code", change.at, coding));
        all.push(("pickup", change.at, pickup));
        all.push(("review", change.at, review));
        let span = |stages| pipelines::span(stream.scene, number, stages);
        all.extend(span(&own.build_stages).map(|span| ("build", change.at, span)));
        all.extend(span(&own.test_stages).map(|span| ("test", change.at, span)));
        if let Some(began) = view.releases[change.release].members[0].began {
            let merged = change.first_commit + coding + pickup + review;
            let start = began.clamp(merged, merged + deploy);
            all.push(("release", change.at, start - merged));
            all.push(("deploy", change.at, merged + deploy - start));
        }
    }
    let blamed = stream.blamed_in(&EnvironmentTier::Production);
    let recoveries = failures::recoveries(&view, &failures::failures(&view, blamed));
    all.extend(recoveries.into_iter().map(|(span, at)| ("operate", at, span)));
    all
}

fn promotions(numbers: &mut Numbers, stream: Stream<'_>) {
    for pair in &stream.scene.policy.value_stream.promotion_pairs {
        let (left, arrived) = (delivered(stream, &pair.from), delivered(stream, &pair.to));
        for window in stream.windows {
            let mut times = Vec::new();
            for change in &arrived {
                let earlier = left.iter().filter(|other| other.family == change.family);
                if is_inside(change.at, stream.scene.now, *window) {
                    times.extend(earlier.map(|other| change.at - other.at).filter(|own| *own >= 0));
                }
            }
            let labels = Labels::default().and("window", window);
            let labels = labels.and("from", &pair.from).and("to", &pair.to);
            numbers.put("promotion_time_seconds", &labels, Number::Samples(times));
        }
    }
}

/// The sampled changes that a measured tier received.
fn delivered(stream: Stream<'_>, tier: &EnvironmentTier) -> Vec<Delivered> {
    if !stream.scene.policy.tiers_measured.contains(tier) {
        return Vec::new();
    }
    let delivered = stream.view(tier).delivered();
    delivered.into_iter().filter(|change| change.sampled).collect()
}

/// What names a change in every tier: a merge request, or the commits that are one direct commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Family {
    Request(u64),
    Commits(BTreeSet<usize>),
}
