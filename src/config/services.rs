//! `policy.service_map`: which services of one repository are told apart.

use super::raw::{Field, Table};
use crate::delivery::ServiceName;
use crate::dora::policy::{NamePattern, ServiceRule};

/// Each service has series in every tier and window, and each rule is tried on every environment.
const MOST_RULES: usize = 50;

/// Longest name of a service.
const LONGEST_NAME: usize = 63;

/// Reads all rules; what is wrong with one leaves it out.
pub(super) fn services(
    field: &Field<'_>,
    rules: Vec<Table<'_>>,
    pattern: impl Fn(&str) -> Option<NamePattern>,
) -> Vec<ServiceRule> {
    if rules.len() > MOST_RULES {
        field.refuse("holds too many rules", format!("at most {MOST_RULES}"));
    }
    let rule = |rule: Table<'_>| {
        let found = rule
            .required("match")
            .and_then(|field| field.read("a regular expression of moderate size", &pattern));
        let service = rule.required("service").and_then(|field| {
            let allowed = "at most 63 of a-z, A-Z, 0-9, - _ . and /, the first a letter or digit";
            field.read(allowed, |text| ServiceName::new(text).ok().filter(|_| is_plain(text)))
        });
        rule.finish();
        Some(ServiceRule { pattern: found?, service: service? })
    };
    rules.into_iter().filter_map(rule).collect()
}

fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    name.len() <= LONGEST_NAME
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(is_plain)
}
