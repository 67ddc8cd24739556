//! Promise 3: what is stored is the merge of everything committed, and reads back as it was.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::strategies::fact;
use super::support::{entries, fresh, open};
use crate::delivery::{
    Fact, FactBody, FactKey, History, Merge as _, Project, ProjectKey, Timestamp,
};
use crate::store::Store;
use crate::store::rows::TABLES;
use crate::store::sqlite::each;

type Facts = BTreeMap<(ProjectKey, FactKey), FactBody>;

/// Every row of every fact table.
fn stored(store: &Store) -> Facts {
    let mut facts = Facts::new();
    store
        .read(|conn| {
            TABLES.iter().try_for_each(|table| {
                each(conn, table.load, [i64::MIN], |row| {
                    let (fact, _) = table.read(row, 0)?;
                    facts.insert((fact.project, fact.body.key()), fact.body);
                    Ok(())
                })
            })
        })
        .unwrap();
    facts
}

fn folded(facts: &[Fact]) -> Facts {
    let mut all = Facts::new();
    for Fact { project, body } in facts {
        all.entry((*project, body.key()))
            .and_modify(|own| own.merge(body.clone()))
            .or_insert_with(|| body.clone());
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_the_order_and_the_batches_the_store_holds_the_merge_of_all_facts(
        (facts, shuffled, size) in vec(fact(), 1..40).prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle(), 1..9_usize)
        }),
    ) {
        let (_folder, store) = fresh();
        let mut changed = History::default();
        for batch in entries(&facts).chunks(size) {
            for fact in store.commit(batch, 1).unwrap().changed {
                changed.fold(fact);
            }
        }
        let expected = folded(&facts);
        prop_assert_eq!(&stored(&store), &expected);

        let (other_folder, other) = fresh();
        for entry in entries(&shuffled) {
            other.commit(&[entry], 1).unwrap();
        }
        prop_assert_eq!(other.digest().unwrap(), store.digest().unwrap());
        prop_assert_eq!(other.digest().unwrap().facts, u64::try_from(expected.len()).unwrap());

        // Read back by another process, and by way of what each commit said had changed.
        other.close().unwrap();
        let other = open(&other_folder);
        prop_assert_eq!(&stored(&other), &expected);
        let mut loaded = History::default();
        other.load(Timestamp::UNDATED, &mut |fact| { loaded.fold(fact); }).unwrap();
        let mut whole = History::default();
        let mut measured = expected.clone();
        measured.retain(|_, body| is_measured(body));
        for ((project, _), body) in expected {
            whole.fold(Fact { project, body });
        }
        prop_assert_eq!(remembered(&whole), measured);
        prop_assert_eq!(projects(&loaded), projects(&whole));
        prop_assert_eq!(projects(&changed), projects(&whole));
    }
}

/// What a history holds, unpacked.
fn remembered(history: &History) -> Facts {
    let facts = history.projects().flat_map(|(project, own)| {
        own.facts().into_iter().map(move |(key, body)| ((project, key), body))
    });
    facts.collect()
}

/// Whether it says anything.
fn is_measured(body: &FactBody) -> bool {
    !matches!(body, FactBody::Project(own) if *own == Project::default())
}

/// Projects of which nothing is measured may be missing or empty.
fn projects(history: &History) -> Vec<(ProjectKey, crate::delivery::ProjectHistory)> {
    let empty = crate::delivery::ProjectHistory::default();
    history
        .projects()
        .filter(|(_, project)| **project != empty)
        .map(|(key, project)| (key, project.clone()))
        .collect()
}
