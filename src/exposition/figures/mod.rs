//! Figures of projects, groups and teams, laid out as families: one file per theme.
//!
//! A family is named once, by the theme that it belongs to; one [`walk`](walk()) over all themes serves both
//! the [`writing`] and the [`counting`] of its series, so none can be written and not be counted.
//!
//! No data is no series; a count of a known tier is 0. Scopes are sorted by label, then come tiers
//! by name and windows by length, so that the same scorecard is the same text everywhere.

mod batch;
mod categories;
mod changes;
mod completeness;
mod counting;
mod deployments;
mod failures;
mod gitlab;
mod incidents;
mod listing;
mod rhythm;
mod shown;
mod value_stream;
mod variants;
mod writing;

pub(super) use counting::{count, count_service};
pub use listing::{Listed, list, list_service};
pub(super) use shown::{Shown, ShownTime, ShownWindow};
pub(super) use writing::write;

use super::catalog::figures::Figure;
use super::family::Number;
use crate::delivery::Timestamp;
use crate::dora::metric::work_categories::CategoryFigures;
use crate::dora::scorecard::{Figures, PromotionFigures, TierFigures, WindowFigures};
use crate::dora::statistics::Stat;
use variants::Variants;

/// Shows every family to `visitor`, in the order in which they are exposed.
fn walk(visitor: &mut impl Visitor) {
    deployments::walk(visitor);
    changes::walk(visitor);
    failures::walk(visitor);
    incidents::walk(visitor);
    rhythm::walk(visitor);
    batch::walk(visitor);
    categories::walk(visitor);
    value_stream::walk(visitor);
    gitlab::walk(visitor);
    completeness::walk(visitor);
}

/// What is done with each family. `value` is asked for each of the `variants` at each place.
///
/// Generic, not `dyn`: `value` is asked a million times a scorecard.
trait Visitor {
    /// The instant as of which ages are told.
    fn as_of(&self) -> Timestamp;

    /// A family with tiers and windows.
    fn in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&WindowFigures, V::Variant) -> Option<Number>,
    );

    /// A family with tiers, windows and kinds of work.
    fn by_category<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&CategoryFigures, V::Variant) -> Option<Number>,
    );

    /// A family with tiers but no windows.
    fn of_tiers(&mut self, figure: &'static Figure, value: impl Fn(&TierFigures) -> Option<Number>);

    /// A family with windows but no tiers; `value` gets the window's place in the scorecard.
    fn untiered_in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&Figures, usize, V::Variant) -> Option<Number>,
    );

    /// A family with windows and pairs of tiers; `value` gets the window's place in the scorecard.
    fn of_promotions(
        &mut self,
        figure: &'static Figure,
        value: impl Fn(&PromotionFigures, usize, Stat) -> Option<Number>,
    );

    /// A family with neither tiers nor windows.
    fn untiered<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&Figures, V::Variant) -> Option<Number>,
    );
}
