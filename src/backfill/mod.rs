//! GitLab's API read back in time: what hooks told nobody, because there was none yet, or because
//! they were lost.
//!
//! [`plan`] says which spans of which lists are left, [`needs`] what is asked besides, [`query`] how
//! each is asked for; all are pure. [`Backfill`] asks, page by page, and hands every row to the ingest
//! queue as a record like any other, in its lower lane. A bookmark moves only after what it covers is
//! durable, so a kill at any point costs no more than the page that was under way.
//!
//! [`turns`] says whose turn it is while a program runs for long, [`standing`] how far each project was read.
//!
//! [`wants`] says what the facts lack that only the API tells, and when to ask for it.
//! [`DeliveryLog`] reads what GitLab's log of a hook holds of deliveries that never arrived.

mod answer;
mod delivery_log;
mod gaps;
mod hanging;
mod images;
pub mod needs;
mod page;
pub mod plan;
mod projects;
pub mod query;
mod reading;
mod report;
mod run;
pub mod standing;
mod terms;
pub mod turns;
#[cfg(test)]
mod turns_tests;
pub mod wants;

pub use answer::NotTold;
pub use delivery_log::{DeliveryLog, LogError, LogParts, LogRead};
pub use needs::{Images, Labels, Needs, Pipelines, ProjectNeeds, Tags};
pub use query::Scope;
pub use report::{Failed, Report, Stopped, Unread};
pub use run::{Backfill, BackfillParts, Part, Progress};
pub use terms::{SharedTerms, Terms};
