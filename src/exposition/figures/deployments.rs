//! How often: releases and their days.

use super::Visitor;
use super::variants::{Numbered, Single};
use crate::dora::assessment::releases::ReleaseKind;
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    let as_of = visitor.as_of();
    let kinds = Numbered("kind", ReleaseKind::ALL.map(ReleaseKind::as_str));
    visitor.in_windows(&catalog::DEPLOYMENT_FREQUENCY, &Single, |figures, ()| {
        Number::measured(figures.deployment_frequency_per_day)
    });
    visitor.in_windows(&catalog::WINDOW_DEPLOYMENTS, &kinds, |figures, kind| {
        figures.deployments.get(kind).copied().map(Number::Whole)
    });
    visitor.in_windows(&catalog::DEPLOYMENT_DAYS, &Single, |figures, ()| {
        Some(Number::Whole(figures.deployment_days))
    });
    visitor.of_tiers(&catalog::TIME_SINCE_LAST_DEPLOYMENT, |tier| {
        tier.last_deployment_at.map(|at| Number::Whole(as_of.seconds_since(at)))
    });
}
