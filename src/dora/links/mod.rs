//! Deployments that one project makes for another, put where they are measured.
//!
//! A deployment repository holds which version of an application runs where. GitLab's record of its
//! deployment tells when and where, the images that its commit names tell which version, and the
//! application's own tags and commits tell which commit that is. With it the record is measured as
//! if it were the application's own.

mod claims;
mod missing;
#[cfg(test)]
mod tests;
mod versions;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use missing::{Missing, missing};

use crate::delivery::history::{DeploymentRow, Taken, VersionFault};
use crate::delivery::register::{Earliest, Greatest, Newest};
use crate::delivery::{
    CommitSha, DeploymentStatus, Environment, EnvironmentName, FactBody, History, ProjectHistory,
    ProjectKey, ProjectPath,
};
use crate::dora::policy::{ProjectLink, is_same_project};
use claims::claim;
use versions::Versions;

/// What is measured of a project: its own facts, and the deployments that others make for it; those
/// that it makes for others are marked. `None` when nothing is known of it.
///
/// - **Output.** Its own history as it is, unless a link is about it. A deployment of which the
///   version is not known is there without a commit, beside the reason.
/// - **Cost.** A copy of the project's facts, and a walk over the deployments of the projects that
///   deploy for it.
#[must_use]
pub fn facts<'a>(
    links: &[ProjectLink],
    history: &'a History,
    key: ProjectKey,
) -> Option<Cow<'a, ProjectHistory>> {
    let own = history.project(key)?;
    let Some(path) = own.project.path.value().filter(|_| !links.is_empty()) else {
        return Some(Cow::Borrowed(own));
    };
    let given: Vec<&ProjectLink> =
        links.iter().filter(|link| is_same_project(&link.deploy, path)).collect();
    let deploys: Vec<&ProjectPath> = links
        .iter()
        .filter(|link| is_same_project(&link.app, path))
        .map(|link| &link.deploy)
        .collect();
    if given.is_empty() && deploys.is_empty() {
        return Some(Cow::Borrowed(own));
    }
    let mut joined = own.clone();
    let is_given = |row: &&DeploymentRow| {
        environment(own, row).is_some_and(|name| given.iter().any(|link| link.means(name)))
    };
    joined.linked.given =
        own.deployments().rows().iter().filter(is_given).map(DeploymentRow::id).collect();
    let mut seen = BTreeSet::new();
    for deploy in deploys {
        let deploying = project_at(history, key, deploy).filter(|(key, _)| seen.insert(*key));
        if let Some((from, deploying)) = deploying {
            let links = links.iter().filter(|link| is_same_project(&link.deploy, deploy));
            let links: Vec<&ProjectLink> = links.collect();
            take(&mut joined, (own, path), (from, deploy, deploying), &links);
        }
    }
    Some(Cow::Owned(joined))
}

/// Projects whose numbers change when those facts change: those that they deploy for.
pub fn applications<'a>(
    links: &'a [ProjectLink],
    history: &'a History,
    key: ProjectKey,
) -> impl Iterator<Item = ProjectKey> + 'a {
    let path = history.project(key).and_then(|own| own.project.path.value());
    let own = links
        .iter()
        .filter(move |link| path.is_some_and(|path| is_same_project(&link.deploy, path)));
    own.filter_map(move |link| project_at(history, key, &link.app).map(|(app, _)| app))
}

/// Projects that links name and of which nothing was heard: not yet, or they are called otherwise.
#[must_use]
pub fn unheard(links: &[ProjectLink], history: &History) -> BTreeSet<ProjectPath> {
    let mut named: BTreeSet<ProjectPath> =
        links.iter().flat_map(|link| [link.deploy.clone(), link.app.clone()]).collect();
    for (_, own) in history.projects().filter(|_| !links.is_empty()) {
        if let Some(path) = own.project.path.value() {
            named.retain(|named| !is_same_project(named, path));
        }
    }
    named
}

/// The project at a path of the same GitLab. A path that was given away belongs to the project that
/// has it now.
fn project_at<'a>(
    history: &'a History,
    beside: ProjectKey,
    path: &ProjectPath,
) -> Option<(ProjectKey, &'a ProjectHistory)> {
    let is_it = |(key, own): &(ProjectKey, &ProjectHistory)| {
        key.instance == beside.instance
            && own.project.deleted.value() != Some(&true)
            && own.project.path.value().is_some_and(|own| is_same_project(own, path))
    };
    history.projects().filter(is_it).last()
}

fn environment<'a>(
    history: &'a ProjectHistory,
    row: &DeploymentRow,
) -> Option<&'a EnvironmentName> {
    history.environment(row.environment()?)
}

/// Puts the deployments that one project makes for this one among its own.
fn take(
    joined: &mut ProjectHistory,
    (own, path): (&ProjectHistory, &ProjectPath),
    (key, deploy, deploying): (ProjectKey, &ProjectPath, &ProjectHistory),
    links: &[&ProjectLink],
) {
    let versions = Versions::new(own);
    let mut reached: BTreeSet<EnvironmentName> = BTreeSet::new();
    for (row, mut fact) in deploying.deployments().rows().iter().zip(deploying.deployment_facts()) {
        let Some(environment) = environment(deploying, row) else { continue };
        let Some(version) = claim(deploying, (fact.sha.0, environment), path, links) else {
            continue;
        };
        let found: Result<CommitSha, VersionFault> =
            version.and_then(|images| versions.commit(&images));
        // What did not succeed, or not yet, is told by its status; of what it would have brought it
        // matters only that it is this project's.
        let has_succeeded = fact.status.state() == Some(&DeploymentStatus::Success)
            || fact.succeeded_at.0.is_some();
        let is_its = !matches!(found, Err(VersionFault::Untold | VersionFault::Unchanged));
        if !has_succeeded && !is_its {
            continue;
        }
        fact.sha = Greatest(found.ok());
        // The branch and the tag are those of another repository.
        fact.ref_name = Greatest::default();
        let taken = Taken { from: (key, deploy.clone()), fault: found.err() };
        joined.linked.taken.insert(row.id(), taken);
        reached.insert(environment.clone());
        joined.fold(FactBody::Deployment(fact));
    }
    for name in reached {
        if own.environment_named(&name).is_none() {
            joined.linked.environments.insert(name.clone());
        }
        let unseen = Environment {
            name: name.clone(),
            tier: Newest::default(),
            seen_at: Earliest::default(),
        };
        let known = deploying.environment_named(&name).cloned().unwrap_or(unseen);
        joined.fold(FactBody::Environment(known));
    }
}
