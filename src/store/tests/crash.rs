//! Promise 1: what was committed survives, whatever the moment; and a full disk loses nothing.

use std::fs;

use super::refused::crash;
use super::support::{NOON, entry, fresh, open, settings, success};
use crate::store::{Outcome, Store, StoreError};

#[test]
fn whenever_the_process_dies_everything_committed_is_there_afterwards() {
    let (folder, store) = fresh();
    for number in 1..=12 {
        let batch = [entry(&number.to_string(), vec![success(number, NOON)])];
        store.commit(&batch, 1).unwrap();
        if number % 4 == 0 {
            store.checkpoint().unwrap();
        }
        let left = crash(&folder);
        let again = open(&left);
        assert_eq!(again.digest().unwrap(), store.digest().unwrap(), "after {number}");
        assert_eq!(again.commit(&batch, 1).unwrap().outcomes, [Outcome::Duplicate]);
    }
}

#[test]
fn a_log_that_was_cut_in_the_middle_of_a_commit_gives_whole_batches_only() {
    let (folder, store) = fresh();
    let batches: Vec<_> = (1..=6)
        .map(|number| {
            [
                entry(&format!("{number}a"), vec![success(number, NOON)]),
                entry(&format!("{number}b"), vec![success(number + 100, NOON)]),
            ]
        })
        .collect();
    store.checkpoint().unwrap();
    for batch in &batches {
        store.commit(batch, 1).unwrap();
    }
    let whole = fs::metadata(folder.path().join("data/store.sqlite3-wal")).unwrap().len();
    let mut counts = Vec::new();
    for cut in (0..whole).step_by(1_531).chain([whole]) {
        let left = crash(&folder);
        let wal = left.path().join("data/store.sqlite3-wal");
        fs::OpenOptions::new().write(true).open(&wal).unwrap().set_len(cut).unwrap();
        let again = Store::open(&settings(&left)).unwrap();
        let entries = again.scan(None, 100).unwrap();
        let facts = again.digest().unwrap().facts;
        assert_eq!(entries.len() % 2, 0, "cut at {cut}");
        assert_eq!(u64::try_from(entries.len()).unwrap(), facts, "cut at {cut}");
        assert!(entries.iter().all(|entry| entry.intact));
        counts.push(entries.len());
    }
    assert!(counts.is_sorted());
    assert_eq!((counts.first(), counts.last()), (Some(&0), Some(&12)));
}

#[test]
fn a_full_disk_refuses_the_batch_and_takes_it_once_there_is_room() {
    let (_folder, store) = fresh();
    let pages: u32 = store
        .write(|writer| writer.conn.pragma_query_value(None, "page_count", |row| row.get(0)))
        .unwrap();
    let limit = |pages: u32| {
        store
            .write(|writer| {
                writer.conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            })
            .unwrap();
    };
    limit(pages);
    let batch: Vec<_> =
        (1..200).map(|number| entry(&number.to_string(), vec![success(number, NOON)])).collect();
    let before = store.digest().unwrap();
    let error = store.commit(&batch, 1).unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    assert!(!error.is_fatal());
    assert_eq!(store.digest().unwrap(), before);

    limit(1_000_000);
    let done = store.commit(&batch, 1).unwrap();
    assert!(done.outcomes.iter().all(|outcome| *outcome == Outcome::New));
    assert_eq!(done.changed.len(), batch.len());
}

#[test]
fn below_the_low_water_mark_nothing_is_accepted_and_the_store_says_so() {
    let (folder, store) = fresh();
    store.close().unwrap();
    let mut thirsty = settings(&folder);
    thirsty.reserve.exhausted_below_bytes = u64::MAX;
    let store = Store::open(&thirsty).unwrap();
    let refused = store.commit(&[entry("a", vec![success(1, NOON)])], 1);
    assert!(matches!(refused, Err(StoreError::Full(_))));
    let health = store.check().unwrap();
    assert!(!health.can_commit());
    assert!(health.database_bytes > 0);
}

#[test]
fn an_orderly_stop_leaves_the_database_alone_in_its_file() {
    let (folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    let digest = store.digest().unwrap();
    drop(store);
    assert!(!folder.path().join("data/store.sqlite3-wal").exists());
    assert_eq!(fs::read(folder.path().join("data/store.lock")).unwrap(), b"");
    assert_eq!(open(&folder).digest().unwrap(), digest);
}
