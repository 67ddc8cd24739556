//! Brings a database to the newest schema: each migration in one transaction, after a backup.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, TransactionBehavior};

/// One step of the schema; never edited once released.
#[derive(Debug)]
pub(in crate::store) struct Migration {
    /// The `user_version` it leads to; the first is 1, each the one before plus 1.
    pub(in crate::store) version: i64,
    /// Its statements.
    pub(in crate::store) sql: &'static str,
}

/// All steps, in order.
pub(in crate::store) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: include_str!("../migrations/sqlite/V1__journal_facts_totals.sql"),
}];

/// The schema that this program writes.
pub(in crate::store) fn newest(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |last| last.version)
}

/// The schema that a database has.
pub(in crate::store) fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Applies what is missing. An interrupted run leaves whole steps only, and may be repeated.
pub(in crate::store) fn migrate(
    conn: &mut Connection,
    migrations: &[Migration],
) -> rusqlite::Result<()> {
    let from = version(conn)?;
    for migration in migrations.iter().filter(|migration| migration.version > from) {
        let step = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch(migration.sql)?;
        step.pragma_update(None, "user_version", migration.version)?;
        step.commit()?;
    }
    Ok(())
}

/// Pages copied between two looks at the source; all of them, since nobody else writes yet.
const PAGES_PER_STEP: i32 = 4_096;

/// Copies the database into a new file.
pub(in crate::store) fn back_up(conn: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(to)?;
    Backup::new(conn, &mut copy)?.run_to_completion(PAGES_PER_STEP, Duration::ZERO, None)?;
    copy.close().map_err(|(_, error)| error)
}
