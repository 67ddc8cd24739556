//! What makes an entry count once: fingerprints of delivery keys.
//!
//! A unique index over random keys would write one page per entry. Instead the newest entries'
//! fingerprints are held in memory, and moved into the table `seen` many at once, in their order:
//! then each page written takes in many of them. After a restart the newest are read again from the
//! journal, so nothing is ever forgotten. A fingerprint found is only a hint: the journal decides.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use crate::delivery::InstanceId;
use crate::record::DeliveryKey;
use crate::store::rows::section;

const JOURNAL: &str = include_str!("sql/journal.sql");
const RECENT: &str = section(JOURNAL, "recent");
const SEEN: &str = section(JOURNAL, "seen");
const REMEMBER: &str = section(JOURNAL, "remember");
const SAME: &str = section(JOURNAL, "same");
const SET_META: &str = section(include_str!("sql/writer.sql"), "set_meta");
const GET_META: &str = section(include_str!("sql/writer.sql"), "get_meta");

/// Entries whose fingerprints are held in memory: about 2 MiB, and 50 ms to read again at start.
const RECENT_ENTRIES: usize = 65_536;

/// 64 bits of SHA-256 over source and key: stored, so it never changes.
pub(in crate::store) fn fingerprint(source: InstanceId, key: &[u8]) -> i64 {
    let digest =
        Sha256::new().chain_update(source.get().to_le_bytes()).chain_update(key).finalize();
    let first = digest.first_chunk::<8>().copied().unwrap_or_default();
    i64::from_le_bytes(first)
}

/// The newest entries' fingerprints.
#[derive(Debug, Default)]
pub(in crate::store) struct Recent {
    entries: BTreeSet<(i64, i64)>,
    /// Whether the table holds anything: until it does there is nothing to look up.
    table_is_used: bool,
}

/// What the journal says about a key and its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Known {
    /// The key was never heard.
    No,
    /// The same record was heard under it.
    Same,
    /// Another record was heard under it.
    Other,
}

/// What one entry is known by.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Name<'a> {
    pub(in crate::store) fingerprint: i64,
    pub(in crate::store) source: InstanceId,
    pub(in crate::store) key: &'a DeliveryKey,
    pub(in crate::store) record_digest: &'a [u8; 32],
}

impl Recent {
    /// Reads the newest entries from the journal.
    pub(in crate::store) fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let up_to: Option<i64> = conn
            .prepare_cached(GET_META)?
            .query_row(["seen_up_to"], |row| row.get(0))
            .optional()?;
        let mut entries = BTreeSet::new();
        let mut statement = conn.prepare_cached(RECENT)?;
        let mut rows = statement.query([up_to.unwrap_or(0)])?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(2)?.as_blob()?;
            entries.insert((fingerprint(InstanceId::new(row.get(1)?), key), row.get(0)?));
        }
        Ok(Self { entries, table_is_used: up_to.is_some() })
    }

    /// Asks memory, then the table, then the journal itself.
    pub(in crate::store) fn look_up(
        &self,
        conn: &Connection,
        name: Name<'_>,
    ) -> rusqlite::Result<Known> {
        let mut known = Known::No;
        let range = (name.fingerprint, i64::MIN)..=(name.fingerprint, i64::MAX);
        for (_, entry_id) in self.entries.range(range) {
            known = compare(conn, *entry_id, name, known)?;
        }
        if self.table_is_used && known != Known::Same {
            let mut statement = conn.prepare_cached(SEEN)?;
            let mut rows = statement.query([name.fingerprint])?;
            while let Some(row) = rows.next()? {
                known = compare(conn, row.get(0)?, name, known)?;
            }
        }
        Ok(known)
    }

    /// Notes an entry of a transaction in progress; after a rollback, read again.
    pub(in crate::store) fn note(&mut self, fingerprint: i64, entry_id: i64) {
        self.entries.insert((fingerprint, entry_id));
    }

    /// Moves all into the table when there are many; `true` when it did. Within a transaction:
    /// call [`moved`](Self::moved) once that is durable.
    pub(in crate::store) fn move_if_many(&self, conn: &Connection) -> rusqlite::Result<bool> {
        if self.entries.len() < RECENT_ENTRIES {
            return Ok(false);
        }
        self.move_all(conn).map(|()| true)
    }

    /// The move itself.
    pub(in crate::store) fn move_all(&self, conn: &Connection) -> rusqlite::Result<()> {
        let mut remember = conn.prepare_cached(REMEMBER)?;
        for (fingerprint, entry_id) in &self.entries {
            remember.execute([fingerprint, entry_id])?;
        }
        let newest = self.entries.iter().map(|(_, entry_id)| *entry_id).max().unwrap_or(0);
        conn.prepare_cached(SET_META)?.execute(params!["seen_up_to", newest])?;
        Ok(())
    }

    /// The transaction of a move is durable.
    pub(in crate::store) fn moved(&mut self) {
        self.entries.clear();
        self.table_is_used = true;
    }

    /// An entry was removed from the journal.
    pub(in crate::store) fn forget(&mut self, fingerprint: i64, entry_id: i64) {
        self.entries.remove(&(fingerprint, entry_id));
    }
}

/// Whether anything was heard under a key.
pub(in crate::store) fn is_known(
    conn: &Connection,
    recent: &Recent,
    source: InstanceId,
    key: &DeliveryKey,
) -> rusqlite::Result<bool> {
    let fingerprint = fingerprint(source, key.as_bytes());
    // Which record does not matter.
    let name = Name { fingerprint, source, key, record_digest: &[0; 32] };
    Ok(recent.look_up(conn, name)? != Known::No)
}

/// Compares with one entry of the journal; the most that was found so far stands.
fn compare(
    conn: &Connection,
    entry_id: i64,
    name: Name<'_>,
    so_far: Known,
) -> rusqlite::Result<Known> {
    if so_far == Known::Same {
        return Ok(so_far);
    }
    let found = conn
        .prepare_cached(SAME)?
        .query_row([entry_id], |row| {
            let same_key = row.get::<_, u32>(0)? == name.source.get()
                && row.get_ref(1)?.as_blob()? == name.key.as_bytes();
            let same_record = row.get_ref(2)?.as_blob()? == name.record_digest;
            Ok(match (same_key, same_record) {
                (true, true) => Known::Same,
                (true, false) => Known::Other,
                (false, _) => so_far,
            })
        })
        .optional()?;
    Ok(found.unwrap_or(so_far))
}
