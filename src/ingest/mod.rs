//! From a request's bytes to a durable entry: verify, scrub, project, queue, commit, then answer.
//!
//! Nothing is acknowledged before it is durable. Whatever a verified delivery says, it is kept; it
//! is never refused for its content.

mod cost;
mod error;
mod queue;
mod receiver;
#[cfg(test)]
mod tests;
mod ticket;
mod writer;

pub use error::{NotDurable, ReceiveError};
pub use queue::{Queue, QueueLimits};
pub use receiver::{Receipt, Receiver, Rules};
pub use writer::{Commit, End, Feed, Writer, WriterParts};
