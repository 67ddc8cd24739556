//! What people and programs read of one value or one scorecard: a series read back into a question,
//! its explanation as JSON and as text, and the scorecard as JSON.

mod comparison;
mod explained;
mod explanation;
mod gitlab_query;
mod gitlabs;
mod levels;
mod scorecard;
mod series;
mod text;
mod thing;

pub use comparison::ComparisonReport;
pub use explained::is_explained;
pub use explanation::ExplanationReport;
pub use gitlab_query::{GitlabPoint, GitlabRefusal, day, gitlab_query};
pub use gitlabs::Gitlabs;
pub use scorecard::ScorecardReport;
pub use series::{Misread, Series};
pub use thing::date_of;
