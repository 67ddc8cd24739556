//! Small questions to a connection that cannot write.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row as SqlRow};
use sha2::{Digest as _, Sha256};

use super::entry::read_entry;
use super::load::each;
use crate::delivery::InstanceId;
use crate::record::Kind;
use crate::store::batch::{FactsDigest, Heard, StoredEntry};
use crate::store::rows::{Cells, TABLES, Table, section};

const READER: &str = include_str!("sql/reader.sql");

/// What was heard, by source and kind.
pub(in crate::store) fn heard(conn: &Connection) -> rusqlite::Result<Vec<Heard>> {
    let mut all = Vec::new();
    each(conn, section(READER, "heard"), [], |row| {
        all.push(Heard {
            source: InstanceId::new(row.get(0)?),
            kind: Kind::new(row.get_ref(1)?.as_str()?),
            first_ms: row.get(2)?,
            last_ms: row.get(3)?,
            deliveries: Cells::from(row, 4).take()?,
        });
        Ok(())
    })?;
    Ok(all)
}

/// At most `limit` entries after a place in the journal.
pub(in crate::store) fn scan(
    conn: &Connection,
    after: Option<i64>,
    limit: u32,
) -> rusqlite::Result<Vec<StoredEntry>> {
    let mut entries = Vec::new();
    each(conn, section(READER, "scan"), [after.unwrap_or(0), limit.into()], |row| {
        entries.push(read_entry(row)?);
        Ok(())
    })?;
    Ok(entries)
}

/// Adds up the digests of all facts: a sum does not depend on the order.
pub(in crate::store) fn digest(conn: &Connection) -> rusqlite::Result<FactsDigest> {
    let mut all = FactsDigest::default();
    for table in TABLES {
        each(conn, table.load, [i64::MIN], |row| {
            let row_digest = digest_row(table, row)?;
            let (words, _) = row_digest.as_chunks::<8>();
            for (sum, word) in all.sum.iter_mut().zip(words) {
                *sum = sum.wrapping_add(u64::from_le_bytes(*word));
            }
            all.facts += 1;
            Ok(())
        })?;
    }
    Ok(all)
}

/// The third column, `last_at` or reach, says when it was heard, not what: it is left out.
fn digest_row(table: &Table, row: &SqlRow<'_>) -> rusqlite::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update(table.name);
    for index in (0..row.as_ref().column_count()).filter(|index| *index != 2) {
        let (tag, bytes): (u8, &[u8]) = match row.get_ref(index)? {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(number) => {
                hash.update([1]);
                hash.update(number.to_le_bytes());
                continue;
            }
            ValueRef::Text(text) => (2, text),
            ValueRef::Blob(blob) => (3, blob),
            // No column holds one.
            ValueRef::Real(_) => (4, &[]),
        };
        hash.update([tag]);
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(bytes);
    }
    Ok(hash.finalize().into())
}
