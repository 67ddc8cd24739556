//! How much memory an entry holds while it waits.

use crate::record::{Content, Entry};

/// What the entry itself takes, with its allocations' own overhead.
const ENTRY_BYTES: usize = 256;

/// About what one fact takes: the largest holds a few short texts.
const FACT_BYTES: usize = 256;

/// Bytes that `entry` holds: its texts exactly, its facts by a fixed estimate.
pub(super) fn bytes_of(entry: &Entry) -> usize {
    let content = match &entry.content {
        Content::Projected { record, facts } => {
            record.json.len().saturating_add(facts.len().saturating_mul(FACT_BYTES))
        }
        Content::Irrelevant { record, .. } => record.json.len(),
        Content::Unreadable { record, why } => record.json.len().saturating_add(why.len()),
        Content::Unread(_) => 0,
    };
    ENTRY_BYTES.saturating_add(entry.key.as_bytes().len()).saturating_add(content)
}
