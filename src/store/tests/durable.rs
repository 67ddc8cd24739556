//! Promises 1 and 2.

use super::support::{NOON, entry, fresh, open, settings, success};
use crate::record::Content;
use crate::store::{Outcome, Store, StoreError};

#[test]
fn an_entry_committed_again_changes_nothing_even_after_a_restart() {
    let (folder, store) = fresh();
    let batch = [entry("a", vec![success(1, NOON)])];
    let first = store.commit(&batch, 1).unwrap();
    assert_eq!(first.outcomes, [Outcome::New]);
    assert_eq!(first.changed.len(), 1);
    let again = store.commit(&batch, 1).unwrap();
    assert_eq!(
        (again.outcomes.as_slice(), again.changed.len()),
        ([Outcome::Duplicate].as_slice(), 0)
    );
    store.close().unwrap();

    let store = open(&folder);
    assert_eq!(store.commit(&batch, 1).unwrap(), again);
}

#[test]
fn the_same_key_with_another_record_is_kept_and_merged() {
    let (_folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    let mut other = entry("a", vec![success(2, NOON)]);
    if let Content::Projected { record, .. } = &mut other.content {
        record.json = b"another".as_slice().into();
    }
    let batch = [other.clone(), other];
    let done = store.commit(&batch, 1).unwrap();
    assert_eq!(done.outcomes, [Outcome::Conflict, Outcome::Duplicate]);
    assert_eq!(done.changed.len(), 1);
}

#[test]
fn concurrent_commits_of_overlapping_batches_count_every_entry_once() {
    let (_folder, store) = fresh();
    // Each thread begins elsewhere; all commit the same forty entries.
    let commit_all = |thread: u64| {
        let numbers = (0..40).map(|number| (number + 10 * thread) % 40 + 1);
        let new = numbers.filter(|number| {
            let batch = [entry(&number.to_string(), vec![success(*number, NOON)])];
            store.commit(&batch, 1).unwrap().outcomes == [Outcome::New]
        });
        new.count()
    };
    let commit_all = &commit_all;
    let new = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|thread| scope.spawn(move || commit_all(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    assert_eq!(new, 40);
    assert_eq!(store.digest().unwrap().facts, 40);
    assert_eq!(store.scan(None, 100).unwrap().len(), 40);
}

#[test]
fn an_entry_that_merges_with_a_damaged_row_is_rejected_and_the_others_are_not() {
    let (_folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    store
        .write(|writer| {
            writer.stale = true;
            writer.conn.execute("UPDATE deployment SET status = 'odd'", [])
        })
        .unwrap();
    let good = entry("b", vec![success(2, NOON)]);
    let bad = entry("c", vec![success(1, NOON)]);
    let error = store.commit(&[good.clone(), bad], 1).unwrap_err();
    assert!(matches!(error, StoreError::Rejected(_)), "{error:?}");
    assert_eq!(store.commit(&[good], 1).unwrap().outcomes, [Outcome::New]);
}

#[test]
fn after_a_panic_in_the_writer_nothing_more_is_written() {
    let (folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    let work = std::panic::AssertUnwindSafe(|| {
        store.write(|writer| {
            writer.transaction(|step, _| -> rusqlite::Result<()> {
                step.execute("DELETE FROM deployment", [])?;
                panic!("on purpose")
            })
        })
    });
    assert!(std::panic::catch_unwind(work).is_err());
    let refused = store.commit(&[entry("b", vec![success(2, NOON)])], 1);
    assert!(matches!(refused, Err(StoreError::Failing(_))));
    drop(store);
    assert_eq!(open(&folder).digest().unwrap().facts, 1);
}

#[test]
fn many_entries_are_recognised_after_their_fingerprints_moved_into_the_table() {
    let (folder, store) = fresh();
    let all: Vec<_> = (0..3_000).map(|number| entry(&number.to_string(), Vec::new())).collect();
    store.commit(&all, 1).unwrap();
    // What a commit does once there are 65,536 of them.
    store
        .write(|writer| {
            writer.transaction(|step, memory| memory.recent.move_all(step))?;
            writer.memory.recent.moved();
            Ok(())
        })
        .unwrap();
    store.commit(&[entry("later", Vec::new())], 1).unwrap();
    let known = |store: &Store| {
        let outcomes = store.commit(&all, 1).unwrap().outcomes;
        outcomes.iter().all(|outcome| *outcome == Outcome::Duplicate)
    };
    assert!(known(&store));
    drop(store);
    let store = open(&folder);
    assert!(known(&store));
    assert_eq!(store.scan(None, 5_000).unwrap().len(), 3_001);
}

#[test]
fn the_log_is_copied_back_beside_commits_and_begins_anew() {
    let (folder, store) = fresh();
    let log = settings(&folder).directory.join("store.sqlite3-wal");
    let size = || std::fs::metadata(&log).unwrap().len();
    let mut number = 0_u64;
    // 48 MiB of records, a commit each.
    let mut fill = || {
        for _ in 0..96 {
            number += 1;
            let mut large = entry(&number.to_string(), vec![success(number, NOON)]);
            if let Content::Projected { record, .. } = &mut large.content {
                record.json = vec![b' '; 512 << 10].into();
            }
            store.commit(&[large], 1).unwrap();
        }
    };
    fill();
    let grown = size();
    assert!(grown > 32 << 20, "{grown} bytes are not worth copying");
    for _ in 0..3 {
        store.copy_log_back().unwrap();
        fill();
    }
    assert!(size() < grown * 3 / 2, "the log went on growing, to {} bytes", size());
    store.close().unwrap();
    assert_eq!(open(&folder).digest().unwrap().facts, number);
}

#[test]
fn sqlite_is_compiled_as_the_build_configuration_says() {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    let mut statement = conn.prepare("PRAGMA compile_options").unwrap();
    let options = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let options: Vec<String> = options.map(Result::unwrap).collect();
    // SQLite does not tell of HAVE_FDATASYNC; both reach it by `.cargo/config.toml`, or neither.
    assert!(options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"), "{options:?}");
}
