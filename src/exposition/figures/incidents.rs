//! How long incidents last, and those that are open.

use super::Visitor;
use super::variants::{Numbered, Single, Stats, measured};
use crate::delivery::Severity;
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    let as_of = visitor.as_of();
    let severities = Numbered("severity", Severity::ALL.map(Severity::as_str));
    let times = &catalog::TIME_TO_RESTORE_SERVICE;
    visitor.untiered_in_windows(times, &Stats, |figures, window, stat| {
        measured(figures.time_to_restore_service.get(window).and_then(Option::as_ref), stat)
    });
    visitor.untiered(&catalog::INCIDENTS_OPEN, &severities, |figures, severity| {
        figures.incidents_open.get(severity).copied().map(Number::Whole)
    });
    visitor.untiered(&catalog::OLDEST_OPEN_INCIDENT_AGE, &Single, |figures, ()| {
        figures.oldest_open_incident_at.map(|at| Number::Whole(as_of.seconds_since(at)))
    });
}
