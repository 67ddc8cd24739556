//! The one connection that writes, and what it remembers between commits.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::{Prepared, day_of};
use super::hot::{Hot, Place, Stored};
use super::once::{Known, Recent};
use crate::delivery::{Fact, FactBody, InstanceId, Merge as _, ProjectKey, Timestamp};
use crate::store::batch::{Committed, Heard, Outcome};
use crate::store::rows::{Slots, row_of, section};

const JOURNAL: &str = include_str!("sql/journal.sql");
const DAY: &str = section(JOURNAL, "day");
const HEAR: &str = section(JOURNAL, "hear");
const KINDS: &str = section(JOURNAL, "kinds");
const WRITER: &str = include_str!("sql/writer.sql");
const LAST_ENTRY: &str = section(WRITER, "last_entry");
const CACHE: &str = section(WRITER, "cache");
const SMALL_CACHE: &str = section(WRITER, "small_cache");

/// The writing connection. What it remembers is what the database says, read once.
#[derive(Debug)]
pub(in crate::store) struct Writer {
    pub(in crate::store) conn: Connection,
    pub(in crate::store) memory: Memory,
    /// An error left memory and database apart, perhaps: read again before the next commit.
    pub(in crate::store) stale: bool,
}

/// What is remembered between commits.
#[derive(Debug, Default)]
pub(in crate::store) struct Memory {
    pub(in crate::store) recent: Recent,
    pub(in crate::store) hot: Hot,
    last_entry: i64,
    kinds: FxHashMap<InstanceId, FxHashSet<Box<str>>>,
}

impl Memory {
    fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let mut kinds: FxHashMap<InstanceId, FxHashSet<Box<str>>> = FxHashMap::default();
        let mut statement = conn.prepare_cached(KINDS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let known = kinds.entry(InstanceId::new(row.get(0)?)).or_default();
            known.insert(row.get_ref(1)?.as_str()?.into());
        }
        // The old entries that are read here are never written again: they would only fill the
        // cache, and what is given back later is seldom given back to the system.
        conn.execute_batch(SMALL_CACHE)?;
        let recent = Recent::read(conn)?;
        conn.execute_batch(CACHE)?;
        Ok(Self {
            recent,
            hot: Hot::default(),
            last_entry: conn.prepare_cached(LAST_ENTRY)?.query_row([], |row| row.get(0))?,
            kinds,
        })
    }

    /// The name under which a kind is counted: its own, unless there are too many already.
    fn kind<'a>(&mut self, source: InstanceId, kind: &'a str) -> &'a str {
        let known = self.kinds.entry(source).or_default();
        if known.contains(kind) {
            return kind;
        }
        if known.len() >= Heard::MAX_KINDS {
            return Heard::OTHERS;
        }
        known.insert(kind.into());
        kind
    }
}

impl Writer {
    pub(in crate::store) fn new(conn: Connection) -> rusqlite::Result<Self> {
        let memory = Memory::read(&conn)?;
        Ok(Self { conn, memory, stale: false })
    }

    /// Runs `work` in one transaction on connection and memory, which are only believed again once
    /// it is durable.
    pub(in crate::store) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut Memory) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        if self.stale {
            self.memory = Memory::read(&self.conn)?;
        }
        // Until the end is reached, by whatever way, nothing remembered is certain.
        self.stale = true;
        let step = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&step, &mut self.memory)?;
        step.commit()?;
        self.stale = false;
        Ok(done)
    }

    /// Journal, facts and what was heard, in one transaction.
    pub(in crate::store) fn commit(
        &mut self,
        batch: &[Prepared<'_>],
    ) -> rusqlite::Result<Committed> {
        let (outcomes, changed, moved) = self.transaction(|step, memory| {
            let (outcomes, new) = keep(step, memory, batch)?;
            let changed = merge(step, &memory.hot, fold(&new))?;
            hear(step, memory, &new)?;
            let moved = memory.recent.move_if_many(step)?;
            Ok((outcomes, changed, moved))
        })?;
        if moved {
            self.memory.recent.moved();
        }
        Ok(Committed { outcomes, changed: self.remember(changed) })
    }
}

impl Writer {
    /// Writes what a later projection says of entries of the journal, and merges its facts.
    pub(in crate::store) fn reproject(
        &mut self,
        batch: &[(i64, Prepared<'_>)],
    ) -> rusqlite::Result<Vec<Fact>> {
        let changed = self.transaction(|step, memory| {
            for (entry_id, entry) in batch {
                entry.update(step, *entry_id)?;
            }
            merge(step, &memory.hot, fold(&numbered(batch)))
        })?;
        Ok(self.remember(changed))
    }

    /// How many facts the same would change.
    pub(in crate::store) fn would_change(
        &mut self,
        batch: &[(i64, Prepared<'_>)],
    ) -> rusqlite::Result<usize> {
        let step = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = merge(&step, &self.memory.hot, fold(&numbered(batch)))?;
        step.rollback()?;
        Ok(changed.len())
    }

    /// Keeps in memory what is durable now.
    fn remember(&mut self, changed: Vec<(Place, Stored)>) -> Vec<Fact> {
        let facts = changed.into_iter().map(|(place, stored)| {
            let fact = Fact { project: place.1, body: stored.body.clone() };
            self.memory.hot.put(place, stored);
            fact
        });
        facts.collect()
    }
}

fn numbered<'p, 'a>(batch: &'p [(i64, Prepared<'a>)]) -> NewEntries<'p, 'a> {
    batch.iter().map(|(entry_id, entry)| (*entry_id, entry)).collect()
}

/// Entries that were not heard before, with their places in the journal.
type NewEntries<'p, 'a> = Vec<(i64, &'p Prepared<'a>)>;

/// Writes what is new into the journal.
fn keep<'p, 'a>(
    conn: &Connection,
    memory: &mut Memory,
    batch: &'p [Prepared<'a>],
) -> rusqlite::Result<(Vec<Outcome>, NewEntries<'p, 'a>)> {
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut new = Vec::with_capacity(batch.len());
    for entry in batch {
        let outcome = match memory.recent.look_up(conn, entry.name())? {
            Known::No => Outcome::New,
            Known::Other => Outcome::Conflict,
            Known::Same => Outcome::Duplicate,
        };
        outcomes.push(outcome);
        if outcome != Outcome::Duplicate {
            memory.last_entry += 1;
            entry.insert(conn, memory.last_entry)?;
            memory.recent.note(entry.fingerprint, memory.last_entry);
            new.push((memory.last_entry, entry));
        }
    }
    Ok((outcomes, new))
}

/// One fact for each key that was heard of, in the order of tables and keys.
fn fold(new: &NewEntries<'_, '_>) -> BTreeMap<Place, Stored> {
    let mut folded: BTreeMap<Place, Stored> = BTreeMap::new();
    for (_, entry) in new {
        let heard_at = entry.received_ms().div_euclid(1_000);
        for fact in entry.facts {
            let place = (fact.body.key(), fact.project);
            match folded.get_mut(&place) {
                Some(own) => {
                    own.body.merge(fact.body.clone());
                    own.last_at = own.last_at.max(heard_at);
                }
                None => {
                    folded.insert(place, Stored { body: fact.body.clone(), last_at: heard_at });
                }
            }
        }
    }
    folded
}

/// Merges into what is stored; gives back what that changed.
fn merge(
    conn: &Connection,
    hot: &Hot,
    folded: BTreeMap<Place, Stored>,
) -> rusqlite::Result<Vec<(Place, Stored)>> {
    let mut changed = Vec::with_capacity(folded.len());
    for (place, heard) in folded {
        let own = match hot.get(&place) {
            Some(own) => Some(own.clone()),
            None => read(conn, place.1, &heard.body)?,
        };
        if let Some(now) = merged(own, heard) {
            write(conn, place.1, &now)?;
            changed.push((place, now));
        }
    }
    Ok(changed)
}

/// The merge of both, unless it is what was there before.
fn merged(own: Option<Stored>, heard: Stored) -> Option<Stored> {
    let mut now = match own {
        None => heard,
        Some(own) => {
            let mut body = own.body.clone();
            body.merge(heard.body);
            if body == own.body {
                return None;
            }
            Stored { body, last_at: own.last_at.max(heard.last_at) }
        }
    };
    let (_, row) = row_of(&now.body);
    let newest = row.newest_at().map_or(i64::MIN, Timestamp::as_second);
    now.last_at = now.last_at.max(newest);
    Some(now)
}

/// What is stored under the key of a fact.
pub(in crate::store) fn stored(
    conn: &Connection,
    project: ProjectKey,
    like: &FactBody,
) -> rusqlite::Result<Option<FactBody>> {
    Ok(read(conn, project, like)?.map(|stored| stored.body))
}

/// The stored fact of the same key.
fn read(
    conn: &Connection,
    project: ProjectKey,
    like: &FactBody,
) -> rusqlite::Result<Option<Stored>> {
    let (table, row) = row_of(like);
    let mut statement = conn.prepare_cached(table.get)?;
    let mut slots = Slots::of(&mut statement);
    put_project(&mut slots, project)?;
    row.bind_key(&mut slots)?;
    let found = match statement.raw_query().next()? {
        Some(found) => {
            let (fact, last_at) = table.read(found, 0)?;
            Some(Stored { body: fact.body, last_at })
        }
        None => None,
    };
    Ok(found)
}

fn write(conn: &Connection, project: ProjectKey, stored: &Stored) -> rusqlite::Result<()> {
    let (table, row) = row_of(&stored.body);
    let mut statement = conn.prepare_cached(table.put)?;
    let mut slots = Slots::of(&mut statement);
    put_project(&mut slots, project)?;
    row.bind_key(&mut slots)?;
    row.bind_registers(&mut slots)?;
    slots.put(&Timestamp::from_second(stored.last_at))?;
    if let Some(open) = row.open() {
        slots.put(&open)?;
    }
    statement.raw_execute()?;
    Ok(())
}

fn put_project(slots: &mut Slots<'_, '_>, project: ProjectKey) -> rusqlite::Result<()> {
    slots.put(&project.instance.get())?;
    slots.put(&project.project)
}

/// Counts what was heard, by source and kind, and by day of receipt.
fn hear(conn: &Connection, memory: &mut Memory, new: &NewEntries<'_, '_>) -> rusqlite::Result<()> {
    let mut kinds: BTreeMap<(InstanceId, &str), (i64, i64, i64)> = BTreeMap::new();
    let mut days: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
    for (entry_id, entry) in new {
        let at = entry.received_ms();
        let (_, last, entries) = days.entry(day_of(at)).or_insert((*entry_id, *entry_id, 0));
        (*last, *entries) = (*entry_id, *entries + 1);
        if let Some(kind) = entry.kind_heard() {
            let kind = memory.kind(entry.source(), kind);
            let (first, last, count) = kinds.entry((entry.source(), kind)).or_insert((at, at, 0));
            (*first, *last, *count) = ((*first).min(at), (*last).max(at), *count + 1);
        }
    }
    for (day, (first, last, entries)) in days {
        conn.prepare_cached(DAY)?.execute([day, first, last, entries])?;
    }
    for ((source, kind), (first, last, count)) in kinds {
        conn.prepare_cached(HEAR)?.execute(params![source.get(), kind, first, last, count])?;
    }
    Ok(())
}

/// The number of a source; a new one gets the next. Within a transaction.
pub(in crate::store) fn number_of_source(
    conn: &Connection,
    name: &str,
    url: Option<&str>,
) -> rusqlite::Result<u32> {
    let known = conn.query_row(section(WRITER, "source"), [name], |row| row.get(0)).optional()?;
    if let Some(number) = known {
        conn.execute(section(WRITER, "move_source"), params![number, url])?;
        return Ok(number);
    }
    conn.query_row(section(WRITER, "add_source"), params![name, url], |row| row.get(0))
}
