//! Rhythm, batch and inventory: section 3.3 of the specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::dora::policy::{Counting, Policy};
use gitlab_dora_exporter::dora::window::Window;

use super::changes::{Delivered, View};
use super::releases::Release;
use super::{Sheet, f64_of, is_inside, put, put_quantiles};

/// Gaps between forward releases, how they vary, and the share of periods that hold one.
pub(crate) fn rhythm_in(
    sheet: &mut Sheet,
    name: &dyn Fn(&str) -> String,
    counted: &[Release],
    (policy, window, now): (&Policy, Window, i64),
) {
    let mut ends: Vec<i64> = counted
        .iter()
        .filter(|release| release.is_forward() && is_inside(release.end(), now, window))
        .map(Release::end)
        .collect();
    ends.sort_unstable();
    let gaps: Vec<i64> = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
    put_quantiles(sheet, &name("interval"), gaps.clone());
    let total: i64 = gaps.iter().sum();
    if gaps.len() >= 2 && total > 0 {
        let number = f64_of(gaps.len());
        let mean = f64_of(total) / number;
        let squares = gaps.iter().map(|gap| (f64_of(*gap) - mean).powi(2));
        let deviation = (squares.sum::<f64>() / number).sqrt();
        sheet.insert(name("variation"), deviation / mean);
    }
    let Some(period) = policy.cadence_period_seconds else { return };
    let periods = window.seconds() / period;
    let length = i64::try_from(period).unwrap();
    let kept = (0..i64::try_from(periods).unwrap()).filter(|k| {
        let period = now - (k + 1) * length..now - k * length;
        ends.iter().any(|end| period.contains(end))
    });
    let kept = kept.count();
    if periods > 0 {
        sheet.insert(name("cadence"), f64_of(kept) / f64_of(periods));
    }
}

/// Sizes and spans of the forward releases that delivered something.
pub(crate) fn batches_in(
    sheet: &mut Sheet,
    name: &dyn Fn(&str) -> String,
    view: &View<'_>,
    delivered: &[Delivered],
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
    put_quantiles(sheet, &name("size"), sizes);
    put_quantiles(sheet, &name("span"), spans);
}

/// What is on the inventory branches and in no release.
pub(crate) fn inventory(sheet: &mut Sheet, tier: &str, view: &View<'_>) {
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
    for (number, request, merged, landings) in view.merged() {
        let is_change = counts_promotions || !view.is_promotion(number, request);
        if is_change && stocks(&request.target) && view.first_with(&landings).is_none() {
            waiting.push(merged);
        }
    }
    let heads = view.truth.heads.iter().filter(|(branch, _)| stocks(branch));
    let stocked: BTreeSet<usize> = heads.flat_map(|(_, head)| view.truth.reach(*head)).collect();
    if policy.direct_commits == Counting::Count {
        for (original, family) in view.direct_families() {
            let is_stocked = !family.is_disjoint(&stocked);
            if is_stocked && view.first_with(&view.truth.with_picks(family)).is_none() {
                waiting.push(view.date(original));
            }
        }
    }
    put(sheet, format!("{tier} undelivered"), waiting.len());
    if let Some(oldest) = waiting.iter().min() {
        put(sheet, format!("{tier} oldest undelivered"), (view.now - oldest).max(0));
    }
}
