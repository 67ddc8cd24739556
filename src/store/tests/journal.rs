//! Promise 5, and what the journal keeps of each kind of statement.

use super::support::{NOON, entry, fresh, open, record, success};
use crate::delivery::InstanceId;
use crate::record::{Content, DeliveryKey, Entry, Kind, Unread};
use crate::store::{Heard, StoredContent};

fn with(key: &str, content: Content) -> Entry {
    Entry { content, ..entry(key, Vec::new()) }
}

fn all_contents() -> Vec<Entry> {
    let unread = Unread { digest: [9; 32], size_bytes: 4_096, position: 12, why: "not JSON" };
    vec![
        entry("facts", vec![success(1, NOON)]),
        with("nothing", Content::Irrelevant { record: record("{}"), why: "an emoji" }),
        with("odd", Content::Unreadable { record: record("[]"), why: "no id".to_owned() }),
        with("unread", Content::Unread(unread)),
    ]
}

#[test]
fn every_kind_of_statement_reads_back_from_the_journal() {
    let (_folder, store) = fresh();
    let entries = all_contents();
    store.commit(&entries, 7).unwrap();
    let read = store.scan(None, 10).unwrap();
    assert!(read.iter().all(|entry| entry.intact && entry.projection_version == 7));
    for (stored, sent) in read.iter().zip(&entries) {
        assert_eq!((stored.source, &stored.key), (sent.source, &sent.key));
        assert_eq!(stored.received_ms, sent.received_ms);
        let same = match (&stored.content, &sent.content) {
            (StoredContent::Projected(own), Content::Projected { record, .. }) => own == record,
            (
                StoredContent::Irrelevant { record: own, why },
                Content::Irrelevant { record, why: sent },
            ) => own == record && why == sent,
            (
                StoredContent::Unreadable { record: own, why },
                Content::Unreadable { record, why: sent },
            ) => own == record && why == sent,
            (StoredContent::Unread(own), Content::Unread(sent)) => *own == sent.into(),
            _ => false,
        };
        assert!(same, "{stored:?}");
    }
}

#[test]
fn a_scan_goes_on_where_it_stopped_and_ends() {
    let (_folder, store) = fresh();
    let keys: Vec<String> = (0..7).map(|number| number.to_string()).collect();
    for key in &keys {
        store.commit(&[entry(key, vec![success(1, NOON)])], 1).unwrap();
    }
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = store.scan(after, 3).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.entry_id);
        seen.extend(page.into_iter().map(|entry| entry.key));
    }
    let sent: Vec<_> = keys.iter().map(|key| DeliveryKey::new(key.as_bytes())).collect();
    assert_eq!(seen, sent);
}

#[test]
fn a_row_that_was_edited_is_recognised() {
    for edit in [
        "UPDATE journal SET body = 'x' WHERE entry_id = 1",
        "UPDATE journal SET received_ms = received_ms + 1 WHERE entry_id = 1",
        "UPDATE journal SET state = 'irrelevant' WHERE entry_id = 1",
    ] {
        let (_folder, store) = fresh();
        store.commit(&all_contents(), 1).unwrap();
        let edit = edit.replace("'x'", "x'00'");
        store.write(|writer| writer.conn.execute(&edit, [])).unwrap();
        let intact: Vec<bool> =
            store.scan(None, 10).unwrap().iter().map(|entry| entry.intact).collect();
        assert_eq!(intact, [false, true, true, true], "{edit}");
    }
}

#[test]
fn what_was_heard_is_counted_by_source_and_kind_and_duplicates_are_not() {
    let (folder, store) = fresh();
    let mut later = entry("b", vec![success(1, NOON)]);
    later.received_ms += 5_000;
    store.commit(&[entry("a", vec![success(1, NOON)]), later.clone()], 1).unwrap();
    store.commit(&[later], 1).unwrap();
    let expected = Heard {
        source: InstanceId::new(1),
        kind: Kind::new("deployment"),
        first_ms: NOON * 1_000,
        last_ms: NOON * 1_000 + 5_000,
        deliveries: 2,
    };
    assert_eq!(store.heard().unwrap(), std::slice::from_ref(&expected));
    drop(store);
    assert_eq!(open(&folder).heard().unwrap(), [expected]);
}

#[test]
fn invented_kinds_beyond_a_bound_are_counted_together() {
    let (_folder, store) = fresh();
    let batch: Vec<_> = (0..300)
        .map(|number| {
            let mut kept = record("{}");
            kept.kind = Kind::new(&format!("kind {number}"));
            let content = Content::Irrelevant { record: kept, why: "unknown" };
            with(&number.to_string(), content)
        })
        .collect();
    store.commit(&batch, 1).unwrap();
    let heard = store.heard().unwrap();
    assert_eq!(heard.len(), Heard::MAX_KINDS + 1);
    let others = heard.iter().find(|heard| heard.kind.as_str() == Heard::OTHERS).unwrap();
    assert_eq!(others.deliveries, 44);
}

#[test]
fn a_source_keeps_its_number_and_may_move() {
    let (folder, store) = fresh();
    let first = store.instance("main", Some("https://gitlab.example")).unwrap();
    let second = store.instance("other", None).unwrap();
    assert_ne!(first, second);
    drop(store);
    let store = open(&folder);
    assert_eq!(store.instance("main", Some("https://git.example")).unwrap(), first);
    assert_eq!(store.instance("other", None).unwrap(), second);
}
