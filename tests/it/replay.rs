//! A journal that an older version read, read again by this one.

use gitlab_dora_exporter::delivery::KeptJobs;
use gitlab_dora_exporter::projection::{PROJECTION_VERSION, Projection, project};
use gitlab_dora_exporter::record::{Content, Entry, Record};
use gitlab_dora_exporter::store::{FactsDigest, StoredContent, StoredEntry};

use crate::payloads::ingest_own;
use crate::peers;
use crate::support::process::{PATIENCE, Place};

/// What this version understands of a journal, and the journal.
struct Live {
    digest: FactsDigest,
    journal: Vec<StoredEntry>,
}

async fn live() -> Live {
    let (digest, journal) = ingest_own().await;
    assert!(digest.facts > 50);
    Live { digest, journal }
}

/// A record as rules read it that understood every other statement of it.
fn half_understood(record: Record) -> Content {
    match project(&record) {
        Projection::Facts(facts) if facts.len() > 1 => {
            let facts = KeptJobs::default().of(facts.into_iter().step_by(2).collect());
            Content::Projected { facts, record }
        }
        Projection::Facts(_) | Projection::Irrelevant(_) => {
            Content::Irrelevant { record, why: "nothing in it is measured" }
        }
        Projection::Unreadable(why) => Content::Unreadable { record, why },
    }
}

/// The same journal, in a store that an older version left behind.
fn left_behind(live: &Live) -> Place {
    let place = Place::new("");
    let store = place.store();
    store.instance("main", None).unwrap();
    let entries = live.journal.iter().cloned().filter_map(|entry| {
        let record = match entry.content {
            StoredContent::Projected(record)
            | StoredContent::Irrelevant { record, .. }
            | StoredContent::Unreadable { record, .. } => record,
            StoredContent::Unread(_) => return None,
        };
        let content = half_understood(record);
        Some(Entry {
            source: entry.source,
            key: entry.key,
            received_ms: entry.received_ms,
            content,
        })
    });
    for entry in entries {
        store.commit(&[entry], PROJECTION_VERSION - 1).unwrap();
    }
    assert_ne!(store.digest().unwrap(), live.digest);
    store.close().unwrap();
    place
}

fn said(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_journal_read_again_gives_what_this_version_would_have_stored() {
    let live = live().await;
    let place = left_behind(&live);

    let trial = said(&place, &["replay", "--dry-run"]);
    assert!(trial.contains("would change") && !trial.contains(" 0 facts"), "{trial}");
    assert_ne!(place.store().digest().unwrap(), live.digest, "a trial changes nothing");

    let replayed = said(&place, &["replay"]);
    assert_eq!(place.store().digest().unwrap(), live.digest, "{replayed}");

    assert!(said(&place, &["replay"]).contains(" 0 read again, 0 facts changed"));
    let all = said(&place, &["replay", "--all"]);
    assert!(!all.contains(" 0 read again") && all.contains(" 0 facts changed"), "{all}");
    assert!(place.store().scan(None, 1_000).unwrap().iter().all(|entry| entry.intact));
}

#[tokio::test]
async fn an_upgraded_exporter_reads_its_journal_again_also_when_it_is_killed_meanwhile() {
    let live = live().await;
    let place = left_behind(&live);
    place.serve().await.kill();
    let store = place.store();
    // The first one may have come to the end before it was killed.
    let is_behind = store.is_behind(PROJECTION_VERSION).unwrap();
    store.close().unwrap();
    let served = place.serve().await;
    let is_done = || !is_behind || place.log().contains("read the journal again by newer rules");
    peers::wait_until("the journal is read again", PATIENCE, is_done);
    assert_eq!(served.terminate(), Some(0));
    assert_eq!(place.store().digest().unwrap(), live.digest);
}

#[test]
fn nothing_is_made_where_there_is_no_store() {
    let place = Place::new("");
    let output = place.run(&["replay"]);
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("there is no store"), "{said}");
    assert_eq!(place.run(&["replay"]).status.code(), Some(5));
}
