//! Brings a database to the newest schema: each migration in one transaction, after a backup.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, TransactionBehavior};

/// One step of the schema; never edited once released.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Migration {
    /// The `user_version` it leads to; the first is 1, each the one before plus 1.
    pub(in crate::store) version: i64,
    /// Its statements.
    pub(in crate::store) sql: &'static str,
}

/// All steps, in order.
pub(in crate::store) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: include_str!("../migrations/sqlite/V1__journal_facts_totals.sql"),
    },
    Migration { version: 2, sql: include_str!("../migrations/sqlite/V2__value_stream.sql") },
    Migration { version: 3, sql: include_str!("../migrations/sqlite/V3__contacts.sql") },
    Migration { version: 4, sql: include_str!("../migrations/sqlite/V4__bookmarks.sql") },
    Migration { version: 5, sql: include_str!("../migrations/sqlite/V5__pipeline_jobs.sql") },
    Migration { version: 6, sql: include_str!("../migrations/sqlite/V6__services.sql") },
    Migration { version: 7, sql: include_str!("../migrations/sqlite/V7__commit_images.sql") },
];

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

#[cfg(test)]
mod tests {
    use super::super::disk::Files;
    use super::super::load::load;
    use super::super::open::{open, open_with};
    use super::*;
    use crate::delivery::{FactKey, Iid, PipelineId, Timestamp};
    use crate::store::StoreError;
    use crate::store::rows::TABLES;

    /// All steps so far, and one more.
    fn with(sql: &'static str) -> Vec<Migration> {
        let version = newest(MIGRATIONS) + 1;
        MIGRATIONS.iter().copied().chain([Migration { version, sql }]).collect()
    }

    fn close(opened: super::super::open::Opened) {
        let mut lock = opened.lock;
        opened.writer.close().unwrap();
        lock.mark_closed().unwrap();
    }

    #[test]
    fn every_step_follows_the_one_before() {
        let versions: Vec<i64> = MIGRATIONS.iter().map(|step| step.version).collect();
        let expected: Vec<i64> = (1..=newest(MIGRATIONS)).collect();
        assert_eq!(versions, expected);
    }

    #[test]
    fn an_older_database_is_backed_up_and_brought_to_the_newest_schema() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_directory(folder.path());
        let opened = open(&files).unwrap();
        opened.writer.execute("INSERT INTO source (name) VALUES ('main')", []).unwrap();
        close(opened);

        let later = with("ALTER TABLE source ADD COLUMN note TEXT");
        let opened = open_with(&files, &later).unwrap();
        assert_eq!(version(&opened.writer).unwrap(), newest(&later));
        let count = "SELECT count(*) FROM source WHERE note IS NULL";
        assert_eq!(opened.writer.query_row(count, [], |row| row.get(0)), Ok(1));
        close(opened);

        let backup = format!("store.before-v{}.sqlite3", newest(&later));
        let backup = Connection::open(folder.path().join(backup)).unwrap();
        assert_eq!(version(&backup).unwrap(), newest(MIGRATIONS));
        let count = "SELECT count(*) FROM source";
        assert_eq!(backup.query_row(count, [], |row| row.get(0)), Ok(1));
        // And the older program says that it cannot go back.
        assert!(matches!(open(&files), Err(StoreError::Schema { .. })));
    }

    #[test]
    fn a_migration_that_fails_leaves_the_database_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_directory(folder.path());
        close(open(&files).unwrap());
        let broken = with("CREATE TABLE half (a); ALTER TABLE absent ADD b");
        assert!(open_with(&files, &broken).is_err());
        let opened = open(&files).unwrap();
        assert_eq!(version(&opened.writer).unwrap(), newest(MIGRATIONS));
        let count = "SELECT count(*) FROM sqlite_schema WHERE name = 'half'";
        assert_eq!(opened.writer.query_row(count, [], |row| row.get(0)), Ok(0));
    }

    #[test]
    fn a_database_of_the_first_schema_keeps_its_facts_and_takes_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_directory(folder.path());
        let opened = open_with(&files, &MIGRATIONS[..1]).unwrap();
        for row in [
            "INSERT INTO issue (instance, project_id, iid, created_at, last_at)
             VALUES (1, 7, 3, 1780000000, 1780000000)",
            "INSERT INTO merge_request
             (instance, project_id, iid, author_excluded, was_draft, last_at, open)
             VALUES (1, 7, 4, 0, 0, 1780000000, 0)",
            "INSERT INTO pipeline (instance, project_id, id, last_at, open)
             VALUES (1, 7, 5, 1780000000, 0)",
        ] {
            opened.writer.execute(row, []).unwrap();
        }
        close(opened);

        let opened = open(&files).unwrap();
        assert_eq!(version(&opened.writer).unwrap(), newest(MIGRATIONS));
        let mut keys = Vec::new();
        load(&opened.writer, Timestamp::from_second(0), &mut |fact| keys.push(fact.body.key()))
            .unwrap();
        let iid = |number| Iid::new(number).unwrap();
        let pipeline = FactKey::Pipeline(PipelineId::new(5).unwrap());
        assert_eq!(keys, [FactKey::MergeRequest(iid(4)), FactKey::Issue(iid(3)), pipeline]);
        let empty = "SELECT count(*) FROM issue_label";
        assert_eq!(opened.writer.query_row(empty, [], |row| row.get(0)), Ok(0));
    }

    #[test]
    fn every_statement_of_every_fact_table_fits_the_schema() {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(&Files::in_directory(folder.path())).unwrap();
        for table in TABLES {
            let all = [table.get, table.put, table.load, table.expired, table.forget];
            for sql in all.into_iter().chain(table.complete) {
                opened
                    .writer
                    .prepare(sql)
                    .unwrap_or_else(|error| panic!("{}: {error}", table.name));
            }
        }
    }

    #[test]
    fn versions_ascend_by_one() {
        let versions: Vec<_> = MIGRATIONS.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=newest(MIGRATIONS)).collect::<Vec<_>>());
    }
}
