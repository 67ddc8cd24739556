//! What was counted, in as little memory as remembering takes.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::ids::ProjectKey;
use super::tally::Thing;

/// Everything counted so far, as marks of eight bytes.
///
/// A mark is a keyed hash, and its keys nobody knows: that two of the hundred thousand things of a
/// project share one has a chance of 1 in 10⁹. The store knows the things themselves.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    marks: FxHashMap<ProjectKey, Marks>,
    keys: RandomState,
}

impl Counted {
    /// Whether a thing was counted.
    #[must_use]
    pub fn contains(&self, project: ProjectKey, thing: &Thing) -> bool {
        self.marks.get(&project).is_some_and(|own| own.contain(self.keys.hash_one(thing)))
    }

    /// Notes that a thing was counted; `false` when it was before.
    pub fn insert(&mut self, project: ProjectKey, thing: &Thing) -> bool {
        let mark = self.keys.hash_one(thing);
        self.marks.entry(project).or_default().insert(mark)
    }

    /// Takes in many things, each of which comes once, and leaves no memory over.
    ///
    /// # Errors
    /// That of `each`, which gives the things.
    pub fn read<E>(
        each: impl FnOnce(&mut dyn FnMut(ProjectKey, &Thing)) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut own = Self::default();
        each(&mut |project, thing| {
            let mark = own.keys.hash_one(thing);
            own.marks.entry(project).or_default().settled.push(mark);
        })?;
        own.marks.values_mut().for_each(Marks::settle);
        Ok(own)
    }

    /// How many things were counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.values().map(|own| own.settled.len() + own.recent.len()).sum()
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The marks of one project: a table of the newest, for a sorted list takes half the memory but is
/// slow to add to.
#[derive(Debug, Clone, Default)]
struct Marks {
    /// Sorted.
    settled: Vec<u64>,
    recent: HashSet<u64, FxBuildHasher>,
}

impl Marks {
    fn contain(&self, mark: u64) -> bool {
        self.settled.binary_search(&mark).is_ok() || self.recent.contains(&mark)
    }

    fn insert(&mut self, mark: u64) -> bool {
        // So many may wait to be settled: then settling costs little per mark.
        const FEWEST: usize = 64;
        if self.contain(mark) {
            return false;
        }
        self.recent.insert(mark);
        if self.recent.len() > FEWEST.max(self.settled.len() / 4) {
            self.settle();
        }
        true
    }

    fn settle(&mut self) {
        self.settled.reserve_exact(self.recent.len());
        self.settled.extend(std::mem::take(&mut self.recent));
        self.settled.sort_unstable();
        self.settled.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{DeploymentId, InstanceId, ProjectId};

    #[test]
    fn a_thing_is_remembered_in_its_project_alone_whether_it_is_settled_or_not() {
        let project = |number| ProjectKey {
            instance: InstanceId::new(1),
            project: ProjectId::new(number).unwrap(),
        };
        let thing = |id| Thing::Deployment(DeploymentId::new(id).unwrap());
        let mut counted = Counted::default();
        for id in 1..1_000 {
            assert!(counted.insert(project(1), &thing(id)));
            assert!(!counted.insert(project(1), &thing(id.div_ceil(2))));
        }
        assert!((1..1_000).all(|id| counted.contains(project(1), &thing(id))));
        assert!(!counted.contains(project(2), &thing(1)));
        assert_eq!((counted.len(), counted.is_empty()), (999, false));
    }
}
