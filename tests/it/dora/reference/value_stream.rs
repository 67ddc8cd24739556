//! The value stream: section 3.5 of the specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::policy::Policy;
use gitlab_dora_exporter::dora::window::Window;

use super::changes::{Delivered, View};
use super::truth::Truth;
use super::{Sheet, is_inside, put_quantiles, releases};

pub(super) fn measure(
    sheet: &mut Sheet,
    truth: &Truth,
    now: i64,
    policy: &Policy,
    windows: &[Window],
) {
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
