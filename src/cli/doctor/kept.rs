//! The store: whether it can be read, on what disk it is, and what it knows.

use std::collections::BTreeMap;

use super::finding::Findings;
use crate::cli::exit::Exit;
use crate::config::Settings;
use crate::delivery::{
    Contact, Environment, FactBody, InstanceId, ProjectKey, ProjectPath, Timestamp,
};
use crate::store::{Glance, StoreError, StoreSettings};

const AREA: &str = "store";

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

/// Looks into the store; `None` when there is none to look into.
pub(super) fn look(settings: &Settings, findings: &mut Findings) -> Option<Kept> {
    match read(settings, findings) {
        Ok(kept) => {
            let projects = kept.projects.len();
            findings.ok(AREA, format!("it can be read and knows {projects} projects"));
            Some(kept)
        }
        Err(error) => {
            let causes = std::iter::successors(std::error::Error::source(&error), |e| e.source());
            let what = causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"));
            let advice = if settings.storage.directory.join("store.lock").exists() {
                error.advice()
            } else {
                "start `serve` once: it makes the store"
            };
            findings.fail(Exit::StoreUnavailable, AREA, what, Some(advice));
            None
        }
    }
}

fn read(settings: &Settings, findings: &mut Findings) -> Result<Kept, StoreError> {
    let store = Glance::open(&StoreSettings::new(&settings.storage.directory))?;
    let ground = store.ground()?;
    let free_mib = ground.free_bytes >> 20;
    if ground.is_short {
        let what = format!("{free_mib} MiB are free on its disk");
        findings.warn(AREA, what, "free some: below 64 MiB nothing is taken in any more");
    } else {
        findings.ok(AREA, format!("{free_mib} MiB are free on its disk, which keeps locks"));
    }
    if let Some(caution) = ground.caution {
        findings.warn(AREA, caution, "a directory on a local disk, by store.directory");
    }
    let mut kept =
        Kept { gitlabs: store.gitlabs()?, contacts: store.contacts()?, ..Kept::default() };
    // Projects and environments are given whole, whatever the instant; little else is wanted.
    let since = Timestamp::from_second(i64::MAX);
    store.load(since, &mut |fact| match fact.body {
        FactBody::Project(project) if project.deleted.value() != Some(&true) => {
            if let Some(path) = project.path.value() {
                kept.projects.insert(fact.project, path.clone());
            }
        }
        FactBody::Environment(environment) => kept.environments.push((fact.project, environment)),
        _ => {}
    })?;
    Ok(kept)
}
