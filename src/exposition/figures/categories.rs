//! How much of which kind of work, and how long it takes.

use super::Visitor;
use super::changes::{clock, clocks};
use super::variants::{Single, measured};
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    visitor.by_category(&catalog::WINDOW_CATEGORY_CHANGES, &Single, |figures, ()| {
        Some(Number::Whole(figures.changes))
    });
    visitor.by_category(&catalog::CATEGORY_CHANGE_LEAD_TIME, &clocks(), |figures, (at, stat)| {
        measured(clock(&figures.lead_time, at), stat)
    });
}
