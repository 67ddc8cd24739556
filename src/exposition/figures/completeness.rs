//! Whether figures can be trusted.

use super::Visitor;
use super::variants::Single;
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    visitor.untiered(&catalog::DATA_COMPLETE, &Single, |figures, ()| {
        figures.is_complete.map(|is_complete| Number::Whole(is_complete.into()))
    });
}
