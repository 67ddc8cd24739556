//! The write-ahead log: copying it back into the database file.

use rusqlite::Connection;

/// 32 MiB of log: pages that are written again and again are copied back once. While the copy is
/// flushed, commits wait for the same disk; the fewer there are, the fewer deliveries feel one.
const WORTH_COPYING_PAGES: i64 = 8_192;

/// What commits add meanwhile is copied by a further pass, until there is nothing left and the log
/// begins anew. A writer that never pauses is not chased for ever.
const MOST_PASSES: u32 = 8;

/// How much of the log there is, and how much of it the database file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LogState {
    /// Pages in the log.
    pages: i64,
    /// Those of them that were copied back.
    copied: i64,
}

impl LogState {
    fn left(self) -> i64 {
        self.pages.saturating_sub(self.copied)
    }

    /// Runs one of the forms of `PRAGMA wal_checkpoint`, which answer with whether somebody was in
    /// the way, and with both numbers, -1 where they are not known.
    fn after(conn: &Connection, checkpoint: &str) -> rusqlite::Result<Self> {
        conn.query_row(checkpoint, [], |row| {
            Ok(Self { pages: row.get::<_, i64>(1)?.max(0), copied: row.get::<_, i64>(2)?.max(0) })
        })
    }

    /// Looks, and does nothing.
    fn now(conn: &Connection) -> rusqlite::Result<Self> {
        Self::after(conn, "PRAGMA wal_checkpoint(NOOP)")
    }
}

/// Copies the log into the database file when that is worth it, beside a writer that goes on. Once
/// all of it is copied, the next commit begins the log anew.
pub(in crate::store) fn copy_log_back(conn: &Connection) -> rusqlite::Result<()> {
    let mut state = LogState::now(conn)?;
    if state.left() < WORTH_COPYING_PAGES {
        return Ok(());
    }
    for _ in 0..MOST_PASSES {
        state = LogState::after(conn, "PRAGMA wal_checkpoint(PASSIVE)")?;
        if state.left() == 0 {
            break;
        }
    }
    Ok(())
}

/// Copies the log into the database file and cuts it off.
pub(in crate::store) fn truncate_log(conn: &Connection) -> rusqlite::Result<()> {
    // A reader in the way leaves some of it for the next time.
    LogState::after(conn, "PRAGMA wal_checkpoint(TRUNCATE)").map(|_| ())
}
