//! From a request's bytes to a durable entry: verify, scrub, project, queue, commit, then answer.
//!
//! Nothing is acknowledged before it is durable. Whatever a verified delivery says, it is kept; it
//! is never refused for its content.

mod contacts;
mod cost;
mod error;
mod heard;
mod queue;
mod receiver;
mod replay;
#[cfg(test)]
mod tests;
mod ticket;
mod trust;
mod writer;

pub use contacts::Contacts;
pub use error::{NotDurable, ReceiveError};
pub use heard::{Heard, Hearing};
pub use queue::{Lane, Queue, QueueLimits};
pub use receiver::{Receipt, Receiver, ReceiverParts, Rules};
pub use replay::{Replay, ReplayScope, ReplayStep, Replayed, content};
pub use trust::Trust;
pub use writer::{BatchLimits, Commit, End, Feed, Writer, WriterParts};

/// Why nothing was drawn from a record whose project the source may not speak for.
const OUT_OF_SCOPE: &str = "project out of scope";

/// Why there is nothing of a delivery on which our own code failed.
const PANICKED: &str = "reading it panicked";
