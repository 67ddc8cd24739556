//! Webhooks in GitLab: which there should be, which there are, and how they fare.
//!
//! [`plan()`] is pure: wanted against present. [`places`] finds where hooks belong, [`apply`] makes
//! them what they should be, [`Audit`] looks after them while the program runs, and [`Keeping`] keeps
//! them in order meanwhile. Ours are those that
//! point to exactly our address; no other hook is ever touched.

mod audit;
mod keeping;
mod place;
mod plan;
mod sync;

pub use audit::{Audit, Audited, Known};
pub use keeping::Keeping;
pub use place::{Place, Places, Target, places};
pub use plan::{Change, Dispensable, Step, Wanted, events_without, needed_events, plan, removal};
pub use sync::{
    Applied, SIGNING_SINCE, SyncError, apply, check_proof, hooks_at, last_answers, version,
};
