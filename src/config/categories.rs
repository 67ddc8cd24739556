//! `policy.categories`: kinds of work, each with the labels that say so.

use super::raw::Field;
use crate::dora::policy::{Category, OTHER_CATEGORY};

/// Every one of them has series in each tier and window.
const MOST_CATEGORIES: usize = 20;

/// Reads all categories; what is wrong with one leaves it out.
pub(super) fn categories(field: &Field<'_>) -> Vec<Category> {
    let entries = field.entries();
    if entries.len() > MOST_CATEGORIES {
        field.refuse("holds too many categories", format!("at most {MOST_CATEGORIES}"));
    }
    let category = |(name, labels): (&str, Field<'_>)| {
        if name == OTHER_CATEGORY {
            labels.refuse("is what no category takes", "another name");
            return None;
        }
        if !is_plain(name) {
            labels.refuse("has a name that is no label", "a-z, then a-z, 0-9 or _");
            return None;
        }
        Some(Category { name: name.into(), labels: labels.texts() })
    };
    entries.into_iter().filter_map(category).collect()
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
