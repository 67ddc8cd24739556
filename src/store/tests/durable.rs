//! Promises 1 and 2.

use super::support::{NOON, entry, fresh, open, success};
use crate::record::Content;
use crate::store::Outcome;

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
