//! What was heard of each project: whether its hooks still speak, and what they never said.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::delivery::{Contact, ProjectKey, Timestamp};

/// Projects told apart: more than one exporter is meant for, and some tens of megabytes.
const MAX_PROJECTS: usize = 100_000;

/// All projects heard of by webhook, in memory; readers never ask the store.
#[derive(Debug, Default)]
pub struct Contacts(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    known: FxHashMap<ProjectKey, Contact>,
    /// Those that the store does not have as they are.
    changed: FxHashSet<ProjectKey>,
}

impl Contacts {
    /// Those that the store remembers.
    #[must_use]
    pub fn remembered(known: impl IntoIterator<Item = (ProjectKey, Contact)>) -> Self {
        let known = known.into_iter().take(MAX_PROJECTS).collect();
        Self(Mutex::new(Inside { known, changed: FxHashSet::default() }))
    }

    /// Takes in one delivery that told something of `project`.
    pub fn hear(&self, project: ProjectKey, kind: &str, at: Timestamp) {
        let mut inside = self.lock();
        let Inside { known, changed } = &mut *inside;
        if known.len() >= MAX_PROJECTS && !known.contains_key(&project) {
            return;
        }
        known.entry(project).or_default().hear(kind, at);
        changed.insert(project);
    }

    /// Whether a hook ever told of events of these kinds in a project.
    #[must_use]
    pub fn tells(&self, project: ProjectKey, kinds: &[&str]) -> bool {
        let is_told = |own: &Contact| own.kinds().iter().any(|own| kinds.contains(&&*own.kind));
        self.lock().known.get(&project).is_some_and(is_told)
    }

    /// Every project, in no order.
    #[must_use]
    pub fn list(&self) -> Vec<(ProjectKey, Contact)> {
        self.lock().known.iter().map(|(project, contact)| (*project, contact.clone())).collect()
    }

    /// Tells of every project, in no order, while the others wait: without a copy of what may be
    /// ten thousand of them, at each measure.
    pub fn each(&self, mut tell: impl FnMut(ProjectKey, &Contact)) {
        self.lock().known.iter().for_each(|(project, contact)| tell(*project, contact));
    }

    /// Those that changed since they were last taken, in no order.
    #[must_use]
    pub fn take_changed(&self) -> Vec<(ProjectKey, Contact)> {
        let mut inside = self.lock();
        let changed = std::mem::take(&mut inside.changed);
        let contact = |project: ProjectKey| inside.known.get(&project).cloned();
        changed.into_iter().filter_map(|own| contact(own).map(|contact| (own, contact))).collect()
    }

    /// Says that the store could not take `projects`: they are given again.
    pub fn give_back(&self, projects: impl IntoIterator<Item = ProjectKey>) {
        self.lock().changed.extend(projects);
    }

    /// A panic cannot happen while the lock is held, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{InstanceId, ProjectId};

    fn project(number: u64) -> ProjectKey {
        ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(number).unwrap() }
    }

    #[test]
    fn what_changed_is_taken_once_or_until_it_is_kept() {
        let contacts = Contacts::remembered([(project(1), Contact::default())]);
        assert!(contacts.take_changed().is_empty());
        contacts.hear(project(1), "push", Timestamp::from_second(5));
        contacts.hear(project(2), "push", Timestamp::from_second(5));
        let taken = contacts.take_changed();
        assert_eq!(taken.len(), 2);
        assert!(contacts.take_changed().is_empty());
        contacts.give_back(taken.iter().map(|(project, _)| *project));
        assert_eq!(contacts.take_changed().len(), 2);
        assert_eq!(contacts.list().len(), 2);
    }
}
