//! Small questions to a connection that cannot write.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};
use sha2::{Digest as _, Sha256};

use super::entry::read_entry;
use super::load::each;
use crate::delivery::InstanceId;
use crate::record::Kind;
use crate::store::batch::{FactsDigest, Heard, StoredEntry};
use crate::store::rows::{Cells, TABLES, Table, section};

const READER: &str = include_str!("sql/reader.sql");
const WRITER: &str = include_str!("sql/writer.sql");
const GET_META: &str = section(WRITER, "get_meta");
const SET_META: &str = section(WRITER, "set_meta");
const LENGTH: &str = section(include_str!("sql/journal.sql"), "length");
const PROJECTED_BY: &str = "projected_by";

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

/// By which rules of projection every entry was read, at least; `None` before anybody looked.
pub(in crate::store) fn projected_by(conn: &Connection) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached(GET_META)?.query_row([PROJECTED_BY], |row| row.get(0)).optional()
}

/// Notes it. Within a transaction.
pub(in crate::store) fn set_projected_by(conn: &Connection, version: u32) -> rusqlite::Result<()> {
    conn.prepare_cached(SET_META)?.execute(params![PROJECTED_BY, version]).map(|_| ())
}

/// How many entries the days of the journal had.
pub(in crate::store) fn journal_length(conn: &Connection) -> rusqlite::Result<u64> {
    conn.prepare_cached(LENGTH)?.query_row([], |row| Cells::from(row, 0).take())
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
