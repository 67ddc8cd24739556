//! Whole folders of hooks through the HTTP door: our own, and real ones that are kept outside the
//! project. What they are taken for, what they say in whatever order, and what must not be kept.

mod folders;
mod kinds;
mod places;
mod privacy;
mod senders;

use gitlab_dora_exporter::store::{FactsDigest, StoredEntry};

use crate::support::{Plan, TestApp};
use folders::Payload;

/// More entries than any test journals.
const ALL: u32 = 100_000;

/// The key of pseudonyms that stores share whose facts are compared.
const PSEUDONYM_KEY: [u8; 32] = [7; 32];

/// What sending payloads left behind.
struct Ingested {
    digest: FactsDigest,
    journal: Vec<StoredEntry>,
}

/// Sends payloads to `app`, each under an id of its round and its place in it.
async fn send(app: &TestApp, round: &str, payloads: &[Payload]) {
    for (place, payload) in payloads.iter().enumerate() {
        let delivery = payload.delivery().id(&format!("{round}-{place}"));
        assert_eq!(app.deliver(&delivery).await, 200, "{}", payload.name);
    }
}

/// Sends rounds of payloads to a program of its own.
async fn ingest(rounds: &[(&str, &[Payload])]) -> Ingested {
    let plan = Plan::new("");
    std::fs::create_dir(plan.store()).unwrap();
    std::fs::write(plan.store().join("pseudonym.key"), PSEUDONYM_KEY).unwrap();
    let app = plan.start().await;
    for (round, payloads) in rounds {
        send(&app, round, payloads).await;
    }
    let stopped = app.stop().await;
    let store = stopped.store();
    assert_eq!(store.pseudonym_key().unwrap(), PSEUDONYM_KEY, "else digests mean nothing");
    Ingested { digest: store.digest().unwrap(), journal: store.scan(None, ALL).unwrap() }
}

/// What our own hooks leave in a store, each sent once: a digest of the facts, and the journal.
pub(crate) async fn ingest_own() -> (FactsDigest, Vec<StoredEntry>) {
    let Ingested { digest, journal } = ingest(&[("a", &folders::own())]).await;
    (digest, journal)
}

/// Facts must not depend on how often and in which order they were told.
async fn assert_order_is_nothing(payloads: &[Payload]) {
    let once = ingest(&[("a", payloads)]).await;
    assert!(once.digest.facts > 0);
    assert_eq!(once.journal.len(), payloads.len());

    let resent = ingest(&[("a", payloads), ("a", payloads)]).await;
    assert_eq!(resent.digest, once.digest, "resent under the same ids");
    assert_eq!(resent.journal.len(), payloads.len());

    let twice = ingest(&[("a", payloads), ("b", payloads)]).await;
    assert_eq!(twice.digest, once.digest, "sent again under other ids");
    assert_eq!(twice.journal.len(), 2 * payloads.len());

    let mut backwards = payloads.to_vec();
    backwards.reverse();
    assert_eq!(ingest(&[("c", &backwards)]).await.digest, once.digest, "sent backwards");
}

#[tokio::test]
async fn our_hooks_give_the_same_facts_twice_and_backwards() {
    assert_order_is_nothing(&folders::own()).await;
}

#[tokio::test]
async fn real_hooks_give_the_same_facts_twice_and_backwards() {
    let Some(payloads) = folders::outside() else { return };
    assert_order_is_nothing(&payloads).await;
}
