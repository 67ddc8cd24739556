//! Retention: what has had its time is removed, a little at a time.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, ToSql, params, params_from_iter};

use super::load::each;
use super::once::fingerprint;
use super::writer::{Memory, Writer};
use crate::delivery::InstanceId;
use crate::store::rows::{Table, section};

const UPKEEP: &str = include_str!("sql/upkeep.sql");
const SET_META: &str = section(include_str!("sql/writer.sql"), "set_meta");

/// Rows removed in one transaction: a commit that waits for it waits some milliseconds.
pub(in crate::store) const ROWS_PER_STEP: usize = 500;

/// Pages given back in one transaction, 4 MiB.
const PAGES_PER_STEP: i64 = 1_024;

/// Entries of one day of receipt.
#[derive(Debug, Clone, Copy)]
struct Day {
    number: i64,
    first: i64,
    last: i64,
}

/// Removes the oldest entries received before `day`, and what makes their keys known. Gives back
/// how many; fewer than [`ROWS_PER_STEP`] do not mean that none are left: 0 does.
pub(in crate::store) fn purge_journal(
    conn: &Connection,
    memory: &mut Memory,
    before_day: i64,
) -> rusqlite::Result<u64> {
    loop {
        let day = conn
            .prepare_cached(section(UPKEEP, "old_day"))?
            .query_row([before_day], |row| {
                Ok(Day { number: row.get(0)?, first: row.get(1)?, last: row.get(2)? })
            })
            .optional()?;
        let Some(day) = day else { return Ok(0) };
        let removed = purge_day(conn, memory, day)?;
        if removed > 0 {
            return Ok(removed);
        }
        conn.prepare_cached(section(UPKEEP, "forget_day"))?.execute([day.number])?;
    }
}

fn purge_day(conn: &Connection, memory: &mut Memory, day: Day) -> rusqlite::Result<u64> {
    let mut old: Vec<(i64, i64)> = Vec::new();
    let limit = i64::try_from(ROWS_PER_STEP).unwrap_or(i64::MAX);
    each(conn, section(UPKEEP, "old_entries"), [day.first, day.last, day.number, limit], |row| {
        let source = InstanceId::new(row.get(1)?);
        old.push((row.get(0)?, fingerprint(source, row.get_ref(2)?.as_blob()?)));
        Ok(())
    })?;
    for (entry_id, print) in &old {
        conn.prepare_cached(section(UPKEEP, "forget_entry"))?.execute([entry_id])?;
        conn.prepare_cached(section(UPKEEP, "forget_seen"))?.execute([print, entry_id])?;
        memory.recent.forget(*print, *entry_id);
    }
    // Numbers of removed entries are never given again.
    if let Some((newest, _)) = old.last() {
        conn.prepare_cached(SET_META)?.execute(params!["purged_up_to", newest])?;
    }
    Ok(u64::try_from(old.len()).unwrap_or(u64::MAX))
}

/// Keys of facts that nobody needs any more, at most [`ROWS_PER_STEP`]: asked of a reader, since
/// it looks at the whole table.
pub(in crate::store) fn expired(
    conn: &Connection,
    table: &Table,
    before: i64,
) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut keys = Vec::new();
    let limit = i64::try_from(ROWS_PER_STEP).unwrap_or(i64::MAX);
    each(conn, table.expired, [before, limit], |row| {
        let columns = 0..row.as_ref().column_count();
        keys.push(columns.map(|index| row.get(index)).collect::<Result<_, _>>()?);
        Ok(())
    })?;
    Ok(keys)
}

/// Removes those of them that were not heard of since, in one transaction.
pub(in crate::store) fn forget(
    writer: &mut Writer,
    (table, keys): (&Table, &[Vec<Value>]),
    before: i64,
) -> rusqlite::Result<u64> {
    writer.transaction(|step, memory| {
        let mut removed = 0;
        let mut statement = step.prepare_cached(table.forget)?;
        for key in keys {
            let parts = key.iter().map(|part| part as &dyn ToSql);
            removed += statement.execute(params_from_iter(parts.chain([&before as &dyn ToSql])))?;
        }
        memory.hot.clear();
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    })
}

/// Gives free pages back to the file system; how many were free before.
pub(in crate::store) fn release_pages(conn: &Connection) -> rusqlite::Result<u64> {
    let free: i64 = conn.query_row(section(UPKEEP, "free_pages"), [], |row| row.get(0))?;
    let pages = free.min(PAGES_PER_STEP);
    if pages > 0 {
        // The pragma gives one row per page.
        conn.pragma(None, "incremental_vacuum", pages, |_| Ok(()))?;
    }
    Ok(u64::try_from(pages).unwrap_or(0))
}
