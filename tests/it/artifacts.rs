//! What is shipped beside the program: dashboards, rules and documents, each in step with the
//! catalogue of metrics and with one another.

pub(crate) mod dashboard;
mod docs;
mod files;
mod lint;
pub(crate) mod promql;
pub(crate) mod rules;
