//! What machines read: both formats, the limits, the documents that go with them.

mod artifacts;
mod bounded;
mod committed;
mod expected;
mod formats;
mod oracle;
mod parser;
mod scorecards;
