//! Entries as rows of the journal.

use rusqlite::{Connection, Row as SqlRow, params};
use sha2::{Digest as _, Sha256};

use super::once::{Name, fingerprint};
use crate::delivery::{Fact, InstanceId};
use crate::record::{Channel, Content, DeliveryKey, Entry, Kind, Record};
use crate::store::batch::{StoredContent, StoredEntry, UnreadEntry};
use crate::store::rows::section;

const JOURNAL: &str = include_str!("sql/journal.sql");
const INSERT: &str = section(JOURNAL, "insert");
const UPDATE: &str = section(JOURNAL, "update");

const MS_PER_DAY: i64 = 86_400_000;

/// The day of an instant in milliseconds, counted from the epoch.
pub(in crate::store) const fn day_of(received_ms: i64) -> i64 {
    received_ms.div_euclid(MS_PER_DAY)
}

/// The columns of an entry, borrowed from it or read back.
#[derive(Debug, Clone, Copy)]
struct Columns<'a> {
    source: InstanceId,
    key: &'a [u8],
    received_ms: i64,
    channel: &'a str,
    kind: Option<&'a str>,
    state: &'a str,
    detail: Option<&'a str>,
    size_bytes: Option<i64>,
    position: Option<i64>,
    projection_version: u32,
    body: Option<&'a [u8]>,
}

/// An entry with its digests, made before the writer is asked for.
#[derive(Debug)]
pub(in crate::store) struct Prepared<'a> {
    columns: Columns<'a>,
    key: &'a DeliveryKey,
    pub(in crate::store) fingerprint: i64,
    record_digest: [u8; 32],
    seal: i64,
    pub(in crate::store) facts: &'a [Fact],
}

impl<'a> Prepared<'a> {
    pub(in crate::store) fn new(entry: &'a Entry, projection_version: u32) -> Self {
        let columns = Columns::of(entry, projection_version);
        let record_digest = match &entry.content {
            Content::Unread(unread) => unread.digest,
            _ => digest(columns.body),
        };
        Self {
            columns,
            key: &entry.key,
            fingerprint: fingerprint(entry.source, entry.key.as_bytes()),
            record_digest,
            seal: columns.seal(&record_digest),
            facts: match &entry.content {
                Content::Projected { facts, .. } => facts,
                _ => &[],
            },
        }
    }

    pub(in crate::store) fn name(&self) -> Name<'_> {
        Name {
            fingerprint: self.fingerprint,
            source: self.columns.source,
            key: self.key,
            record_digest: &self.record_digest,
        }
    }

    pub(in crate::store) fn source(&self) -> InstanceId {
        self.columns.source
    }

    /// The kind of delivery; nothing of what was asked for instead of heard.
    pub(in crate::store) fn kind_heard(&self) -> Option<&'a str> {
        self.columns.kind.filter(|_| self.columns.channel == Channel::Webhook.as_str())
    }

    pub(in crate::store) fn received_ms(&self) -> i64 {
        self.columns.received_ms
    }

    /// Writes it into the journal.
    pub(in crate::store) fn insert(
        &self,
        conn: &Connection,
        entry_id: i64,
    ) -> rusqlite::Result<()> {
        let columns = &self.columns;
        conn.prepare_cached(INSERT)?.execute(params![
            entry_id,
            day_of(columns.received_ms),
            columns.received_ms,
            columns.source.get(),
            columns.channel,
            columns.key,
            self.record_digest.as_slice(),
            columns.kind,
            columns.state,
            columns.detail,
            columns.size_bytes,
            columns.position,
            columns.projection_version,
            columns.body,
            self.seal,
        ])?;
        Ok(())
    }
}

impl Prepared<'_> {
    /// Writes what a later projection says of it; what was received stays as it is.
    pub(in crate::store) fn update(
        &self,
        conn: &Connection,
        entry_id: i64,
    ) -> rusqlite::Result<()> {
        let Columns { state, detail, projection_version, .. } = self.columns;
        let row = params![entry_id, state, detail, projection_version, self.seal];
        conn.prepare_cached(UPDATE)?.execute(row).map(|_| ())
    }
}

fn digest(body: Option<&[u8]>) -> [u8; 32] {
    Sha256::digest(body.unwrap_or_default()).into()
}

impl<'a> Columns<'a> {
    fn of(entry: &'a Entry, projection_version: u32) -> Self {
        let (record, state, detail) = match &entry.content {
            Content::Projected { record, .. } => (Some(record), "projected", None),
            Content::Irrelevant { record, why } => (Some(record), "irrelevant", Some(*why)),
            Content::Unreadable { record, why } => (Some(record), "unreadable", Some(why.as_str())),
            Content::Unread(unread) => (None, "unread", Some(unread.why)),
        };
        let unread = match &entry.content {
            Content::Unread(unread) => Some(unread),
            _ => None,
        };
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            source: entry.source,
            key: entry.key.as_bytes(),
            received_ms: entry.received_ms,
            channel: record.map_or(Channel::Webhook, |record| record.channel).as_str(),
            kind: record.map(|record| record.kind.as_str()),
            state,
            detail,
            size_bytes: unread.map(|unread| signed(unread.size_bytes)),
            position: unread.map(|unread| signed(unread.position)),
            projection_version,
            body: record.map(|record| &*record.json),
        }
    }

    /// A checksum of the whole row: 64 bits of SHA-256 over its columns, each after its length.
    /// The body is in it by its digest.
    fn seal(&self, record_digest: &[u8; 32]) -> i64 {
        let mut hash = Sha256::new();
        let numbers = [
            i64::from(self.source.get()),
            self.received_ms,
            i64::from(self.projection_version),
            self.size_bytes.unwrap_or(-1),
            self.position.unwrap_or(-1),
        ];
        for number in numbers {
            hash.update(number.to_le_bytes());
        }
        let texts = [
            self.key,
            self.channel.as_bytes(),
            self.kind.unwrap_or_default().as_bytes(),
            self.state.as_bytes(),
            self.detail.unwrap_or_default().as_bytes(),
            record_digest,
        ];
        for text in texts {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(text);
        }
        let sum = hash.finalize();
        i64::from_le_bytes(sum.first_chunk::<8>().copied().unwrap_or_default())
    }
}

/// Reads a row of the statement `scan`.
pub(in crate::store) fn read_entry(row: &SqlRow<'_>) -> rusqlite::Result<StoredEntry> {
    let columns = Columns {
        source: InstanceId::new(row.get(1)?),
        channel: row.get_ref(2)?.as_str()?,
        key: row.get_ref(3)?.as_blob()?,
        received_ms: row.get(4)?,
        kind: row.get_ref(5)?.as_str_or_null()?,
        state: row.get_ref(6)?.as_str()?,
        detail: row.get_ref(7)?.as_str_or_null()?,
        size_bytes: row.get(8)?,
        position: row.get(9)?,
        projection_version: row.get(10)?,
        body: row.get_ref(12)?.as_blob_or_null()?,
    };
    let record_digest: [u8; 32] = row.get(13)?;
    let content = columns.content(&record_digest);
    let sealed = columns.seal(&record_digest) == row.get::<_, i64>(14)?;
    let body_is_whole = columns.state == "unread" || digest(columns.body) == record_digest;
    Ok(StoredEntry {
        entry_id: row.get(0)?,
        source: columns.source,
        key: DeliveryKey::new(columns.key),
        received_ms: columns.received_ms,
        projection_version: columns.projection_version,
        intact: sealed && body_is_whole && content.is_some() && row.get::<_, i64>(11)? == 0,
        content: content.unwrap_or_else(|| StoredContent::Unread(damaged(&record_digest))),
    })
}

fn damaged(digest: &[u8; 32]) -> UnreadEntry {
    let why = "the journal row is damaged".to_owned();
    UnreadEntry { digest: *digest, size_bytes: 0, position: 0, why }
}

impl Columns<'_> {
    fn content(&self, digest: &[u8; 32]) -> Option<StoredContent> {
        let why = self.detail.unwrap_or_default().to_owned();
        if self.state == "unread" {
            return Some(StoredContent::Unread(UnreadEntry {
                digest: *digest,
                size_bytes: u64::try_from(self.size_bytes?).ok()?,
                position: u64::try_from(self.position?).ok()?,
                why,
            }));
        }
        let record = Record {
            instance: self.source,
            channel: Channel::named(self.channel)?,
            kind: Kind::new(self.kind?),
            json: self.body?.into(),
        };
        match self.state {
            "projected" => Some(StoredContent::Projected(record)),
            "irrelevant" => Some(StoredContent::Irrelevant { record, why }),
            "unreadable" => Some(StoredContent::Unreadable { record, why }),
            _ => None,
        }
    }
}
