//! What maintenance removes, and what it never touches.

use super::support::{NOON, entry, fresh, open, project, success};
use crate::delivery::register::Furthest;
use crate::delivery::{
    Deployment, DeploymentId, DeploymentStatus, FactBody, Iid, Issue, IssueTransition,
    LifetimeSeries, Severity, Tally, Thing, Timestamp, Transition,
};
use crate::record::Entry;
use crate::store::{Outcome, Retention, Store};

const DAY: i64 = 86_400;

const KEEP: Retention = Retention { journal_days: 180, facts_days: 762 };

fn days_later(days: i64) -> Timestamp {
    Timestamp::from_second(NOON + days * DAY)
}

fn received(days_later: i64, mut entry: Entry) -> Entry {
    entry.received_ms += days_later * DAY * 1_000;
    entry
}

fn maintain_all(store: &Store, now: Timestamp) -> (u64, u64) {
    let (mut entries, mut facts) = (0, 0);
    for _ in 0..20 {
        let done = store.maintain(now, &KEEP).unwrap();
        entries += done.entries;
        facts += done.facts;
        if !done.more {
            return (entries, facts);
        }
    }
    panic!("maintenance does not come to an end");
}

#[test]
fn journal_entries_go_after_their_days_and_facts_stay() {
    let (folder, store) = fresh();
    let old = entry("old", vec![success(1, NOON)]);
    let young = received(10, entry("young", vec![success(2, NOON)]));
    store.commit(&[old.clone(), young.clone()], 1).unwrap();
    let facts = store.digest().unwrap();

    assert_eq!(maintain_all(&store, days_later(180)), (0, 0), "its last day");
    assert_eq!(maintain_all(&store, days_later(181)), (1, 0));
    assert_eq!(store.digest().unwrap(), facts);
    let left = store.scan(None, 10).unwrap();
    assert_eq!(left.iter().map(|entry| &entry.key).collect::<Vec<_>>(), [&young.key]);

    // Only what was removed can be heard again as new, and it changes nothing.
    let again = store.commit(&[old.clone(), young.clone()], 1).unwrap();
    assert_eq!(again.outcomes, [Outcome::New, Outcome::Duplicate]);
    assert!(again.changed.is_empty());
    drop(store);
    let store = open(&folder);
    assert_eq!(store.commit(&[old, young], 1).unwrap().outcomes, [Outcome::Duplicate; 2]);
}

#[test]
fn ids_of_removed_entries_are_not_given_again() {
    let (folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    let last = store.scan(None, 1).unwrap()[0].entry_id;
    assert_eq!(maintain_all(&store, days_later(200)).0, 1);
    drop(store);
    let store = open(&folder);
    store.commit(&[entry("b", vec![success(1, NOON)])], 1).unwrap();
    assert!(store.scan(None, 1).unwrap()[0].entry_id > last);
}

#[test]
fn an_entry_that_a_wrong_clock_dated_into_the_future_does_not_hold_back_the_others() {
    let (_folder, store) = fresh();
    store.commit(&[received(10_000, entry("future", vec![success(1, NOON)]))], 1).unwrap();
    store.commit(&[entry("now", vec![success(2, NOON)])], 1).unwrap();
    assert_eq!(maintain_all(&store, days_later(181)).0, 1);
}

#[test]
fn facts_go_after_their_months_unless_they_are_open_and_totals_always_stay() {
    let (_folder, store) = fresh();
    let running = FactBody::Deployment(Deployment {
        status: Furthest::at(Timestamp::from_second(NOON), DeploymentStatus::Running),
        ..Deployment::new(DeploymentId::new(2).unwrap())
    });
    store.commit(&[entry("a", vec![success(1, NOON), running.clone()])], 1).unwrap();
    store.commit(&[received(500, entry("b", vec![success(3, NOON)]))], 1).unwrap();
    store
        .count(&[Tally {
            project: project(1),
            thing: Thing::Deployment(DeploymentId::new(1).unwrap()),
            series: LifetimeSeries::Incidents { severity: Severity::Low },
            observed: None,
        }])
        .unwrap();
    let totals = store.totals().unwrap().0;

    assert_eq!(maintain_all(&store, days_later(762)).1, 0, "its last day");
    assert_eq!(maintain_all(&store, days_later(763)).1, 1);
    assert_eq!(store.digest().unwrap().facts, 2);
    assert_eq!(store.totals().unwrap().0, totals);

    // What comes to its end goes in its time.
    let mut ended = received(500, entry("c", vec![success(2, NOON + 500 * DAY)]));
    ended.received_ms += 1;
    assert_eq!(store.commit(&[ended], 1).unwrap().changed.len(), 1);
    assert_eq!(maintain_all(&store, days_later(1_263)).1, 2);
}

#[test]
fn a_closing_stays_as_long_as_its_issue_or_the_issue_would_seem_open() {
    let (_folder, store) = fresh();
    let iid = Iid::new(1).unwrap();
    let closed = FactBody::IssueTransition(IssueTransition {
        issue: iid,
        at: Timestamp::from_second(NOON),
        transition: Transition::Closed,
    });
    store.commit(&[entry("a", vec![closed])], 1).unwrap();
    store.commit(&[received(700, entry("b", vec![FactBody::Issue(Issue::new(iid))]))], 1).unwrap();
    assert_eq!(maintain_all(&store, days_later(800)).1, 0);
    assert_eq!(maintain_all(&store, days_later(1_500)).1, 2);
}

#[test]
fn one_call_does_a_bounded_amount_and_says_that_there_is_more() {
    let (_folder, store) = fresh();
    for batch in 0..3 {
        let entries: Vec<_> = (0..4_000)
            .map(|number| entry(&format!("{batch} {number}"), vec![success(number + 1, NOON)]))
            .collect();
        store.commit(&entries, 1).unwrap();
    }
    let first = store.maintain(days_later(2_000), &KEEP).unwrap();
    assert!(first.more);
    assert_eq!((first.entries, first.facts), (10_000, 4_000));
    let rest = store.maintain(days_later(2_000), &KEEP).unwrap();
    assert_eq!((rest.entries, rest.facts, rest.more), (2_000, 0, false));
    assert!(first.pages > 0);
    assert_eq!(store.maintain(days_later(2_000), &KEEP).unwrap().entries, 0);
}
