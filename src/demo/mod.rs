//! An invented company that sends signed deliveries through the real door.
//!
//! [`Company`] is a pure function of a seed and an instant: who works there (`company`), what
//! happens (`story`), and what its GitLab says about it (`payload`). [`Sender`] delivers that as
//! GitLab would. Nothing in here is known to the rest of the program: its numbers are measured
//! like anybody's.

mod archive;
mod calendar;
mod chance;
mod company;
mod delivery;
mod desk;
mod happening;
mod payload;
mod sender;
mod story;
mod world;

pub use archive::Past;
pub use delivery::Delivery;
pub use payload::synthetic;
pub use sender::{SendError, Sender};
pub use world::Company;
