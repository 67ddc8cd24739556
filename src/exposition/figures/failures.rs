//! How often releases fail, and how long until it works again.

use super::Visitor;
use super::variants::{Numbered, Single, Stats, measured};
use crate::dora::policy::FailureSignal;
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    let signals = Numbered("signal", FailureSignal::ALL.map(FailureSignal::as_str));
    visitor.in_windows(&catalog::CHANGE_FAIL_RATIO, &Single, |figures, ()| {
        figures.change_fail_ratio.and_then(Number::measured)
    });
    visitor.in_windows(&catalog::WINDOW_FAILED_DEPLOYMENTS, &signals, |figures, signal| {
        figures.failed_deployments.get(signal).copied().map(Number::Whole)
    });
    visitor.in_windows(&catalog::FAILED_DEPLOYMENT_RECOVERY_TIME, &Stats, |figures, stat| {
        measured(figures.failed_deployment_recovery_time.as_ref(), stat)
    });
    visitor.in_windows(&catalog::DEPLOYMENT_REWORK_RATIO, &Single, |figures, ()| {
        figures.deployment_rework_ratio.and_then(Number::measured)
    });
}
