//! Rhythm, batch and inventory: section 3.3 of the specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::dora::policy::Counting;

use super::deliveries::{Delivered, View};
use super::numbers::{Labels, Number, Numbers, count, variation};
use super::releases::Release;

/// Gaps between forward releases, how they vary, and the share of periods that hold one.
pub(crate) fn rhythm_in(
    numbers: &mut Numbers,
    labels: &Labels,
    (view, seconds): (&View<'_>, i64),
    inside: &dyn Fn(i64) -> bool,
) {
    let forward = view.releases.iter().filter(|own| own.is_forward() && inside(own.end()));
    let mut ends: Vec<i64> = forward.map(Release::end).collect();
    ends.sort_unstable();
    let gaps: Vec<i64> = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if let Some(variation) = variation(&gaps) {
        let name = "deployment_interval_variation_ratio";
        numbers.put(name, labels, Number::OfOneProject(variation));
    }
    numbers.put("deployment_interval_seconds", labels, Number::Samples(gaps));
    let Some(period) = view.policy.cadence_period_seconds else { return };
    let length = i64::try_from(period).unwrap();
    let kept = (0..seconds / length).filter(|k| {
        let period = view.now - (k + 1) * length..view.now - k * length;
        ends.iter().any(|end| period.contains(end))
    });
    let kept = count(kept.count());
    numbers.put("cadence_adherence_ratio", labels, Number::Ratio(kept, seconds / length));
}

/// Sizes and spans of the forward releases that delivered something.
pub(crate) fn batches_in(
    numbers: &mut Numbers,
    labels: &Labels,
    (view, delivered): (&View<'_>, &[Delivered]),
    inside: &dyn Fn(i64) -> bool,
) {
    let (mut sizes, mut spans) = (Vec::new(), Vec::new());
    for (place, release) in view.releases.iter().enumerate().skip(1) {
        let own = delivered.iter().filter(|change| change.release == place);
        let begun = own.clone().map(|change| change.first_commit).min();
        if let Some(begun) = begun.filter(|_| release.is_forward() && inside(release.end())) {
            sizes.push(i64::try_from(own.count()).unwrap());
            spans.push((release.end() - begun).max(0));
        }
    }
    numbers.put("release_size_changes", labels, Number::Samples(sizes));
    numbers.put("release_span_seconds", labels, Number::Samples(spans));
}

/// What is on the inventory branches and in no release.
pub(crate) fn inventory(numbers: &mut Numbers, labels: &Labels, view: &View<'_>) {
    if view.releases.is_empty() {
        return;
    }
    let policy = view.policy;
    let stocks = |branch: &str| {
        if policy.inventory_branches.is_empty() {
            branch == "main"
        } else {
            policy.inventory_branches.is_match(branch)
        }
    };
    let counts_promotions = policy.promotion_merge_requests == Counting::Count;
    let mut waiting = Vec::new();
    for (number, request, merged, landings) in &view.changes.merged {
        let is_change = counts_promotions || !view.changes.is_promotion(*number);
        if is_change && stocks(&request.target) && view.first_with(landings).is_none() {
            waiting.push(*merged);
        }
    }
    let heads = view.truth.heads.iter().filter(|(branch, _)| stocks(branch));
    let stocked: BTreeSet<usize> = heads.flat_map(|(_, head)| view.truth.reach(*head)).collect();
    if policy.direct_commits == Counting::Count {
        for (original, family) in &view.changes.direct {
            let is_stocked = !family.is_disjoint(&stocked);
            if is_stocked && view.first_with(&view.truth.with_picks(family.clone())).is_none() {
                waiting.push(view.changes.date(*original));
            }
        }
    }
    numbers.put("undelivered_changes", labels, Number::Count(count(waiting.len())));
    if let Some(oldest) = waiting.iter().min() {
        let age = Number::Oldest((view.now - oldest).max(0));
        numbers.put("oldest_undelivered_change_age_seconds", labels, age);
    }
}
