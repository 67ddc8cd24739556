//! What GitLab Ultimate shows of the same facts.

use super::Visitor;
use super::variants::Single;
use crate::dora::gitlab_parity::GitlabFigures;
use crate::dora::scorecard::Figures;
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    visitor.untiered_in_windows(&catalog::GITLAB_DEPLOYMENTS, &Single, |figures, window, ()| {
        Some(Number::Whole(at(figures, window)?.deployments))
    });
    visitor.untiered_in_windows(
        &catalog::GITLAB_DEPLOYMENT_FREQUENCY,
        &Single,
        |figures, window, ()| Number::measured(at(figures, window)?.deployment_frequency),
    );
    visitor.untiered_in_windows(&catalog::GITLAB_LEAD_TIME, &Single, |figures, window, ()| {
        at(figures, window)?.lead_time_for_changes.and_then(Number::measured)
    });
    visitor.untiered_in_windows(
        &catalog::GITLAB_TIME_TO_RESTORE,
        &Single,
        |figures, window, ()| {
            at(figures, window)?.time_to_restore_service.and_then(Number::measured)
        },
    );
    visitor.untiered_in_windows(
        &catalog::GITLAB_CHANGE_FAILURE_RATE,
        &Single,
        |figures, window, ()| at(figures, window)?.change_failure_rate.and_then(Number::measured),
    );
}

fn at(figures: &Figures, window: usize) -> Option<&GitlabFigures> {
    figures.gitlab.as_ref()?.get(window)?.as_ref()
}
