//! What the store knows that a look is about.

use std::collections::BTreeMap;

use crate::delivery::{
    Contact, Environment, FactBody, InstanceId, ProjectKey, ProjectPath, Timestamp,
};
use crate::store::{Glance, StoreError};

/// What the store knows that a look is about.
#[derive(Default)]
pub(super) struct Kept {
    /// The store's number of each GitLab, by the operator's name for it.
    pub(super) gitlabs: BTreeMap<String, InstanceId>,
    /// Where each project is; deleted ones left out.
    pub(super) projects: BTreeMap<ProjectKey, ProjectPath>,
    /// Their environments.
    pub(super) environments: Vec<(ProjectKey, Environment)>,
    /// What was heard of each.
    pub(super) contacts: BTreeMap<ProjectKey, Contact>,
}

impl Kept {
    /// Reads it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn read(store: &Glance) -> Result<Self, StoreError> {
        let (gitlabs, contacts) = (store.gitlabs()?, store.contacts()?);
        let mut kept = Self { gitlabs, contacts, ..Self::default() };
        // Projects and environments are given whole, whatever the instant; little else is wanted.
        let since = Timestamp::from_second(i64::MAX);
        store.load(since, &mut |fact| match fact.body {
            FactBody::Project(project) if project.deleted.value() != Some(&true) => {
                if let Some(path) = project.path.value() {
                    kept.projects.insert(fact.project, path.clone());
                }
            }
            FactBody::Environment(environment) => {
                kept.environments.push((fact.project, environment));
            }
            _ => {}
        })?;
        Ok(kept)
    }
}
