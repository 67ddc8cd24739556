//! What stands behind one number: the releases, changes and incidents that make it, and those that
//! were left out, each with the rule that left it out.
//!
//! Rows are drawn from the same [`samples`](super::samples) that are measured, one file per theme;
//! [`Explanation::recompute`] makes the value of its rows alone. To explain another family: a
//! variant of [`Value`], its [`Form`], and the lines of its theme that draw its rows.

mod answer;
mod ask;
mod batch;
mod changes;
mod counted;
mod deployments;
mod failures;
mod gitlab;
mod incidents;
mod measured;
mod nearest;
mod needs;
mod question;
mod rhythm;
mod rule;
mod sheet;
mod steps;
mod stream;
mod thing;

pub use answer::{Absence, Explanation, Form, LeftOut, Measure, Row};
pub use ask::{Unanswered, answer, explain, measure};
pub(super) use ask::{concerned, project_of_id};
pub use measured::Measured;
pub use nearest::nearest;
pub use question::{Clock, Question, StreamValue, Subject, Tallied, Value};
pub use rule::Rule;
pub use thing::{Deployed, Detail, ReleaseThing, Thing};
