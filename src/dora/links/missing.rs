//! What has to be asked of GitLab before linked deployments can be measured.

use super::versions::Versions;
use super::{claim, environment, project_at};
use crate::delivery::history::VersionFault;
use crate::delivery::{
    CommitSha, History, ImageVersion, ProjectId, ProjectKey, ProjectPath, Timestamp,
};
use crate::dora::policy::{ProjectLink, is_same_project};

/// Something that is missing of a project that deploys for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// What this commit of it changed of images.
    Images(CommitSha),
    /// Which commit of an application this version is.
    Version(ProjectId, ImageVersion),
}

/// What is missing of the deployments that a project made for others from `from` on, each with the
/// instant of the deployment.
#[must_use]
pub fn missing(
    links: &[ProjectLink],
    history: &History,
    key: ProjectKey,
    from: Timestamp,
) -> Vec<(Missing, Timestamp)> {
    let Some(own) = history.project(key) else { return Vec::new() };
    let Some(path) = own.project.path.value() else { return Vec::new() };
    let links: Vec<&ProjectLink> =
        links.iter().filter(|link| is_same_project(&link.deploy, path)).collect();
    let mut apps: Vec<(&ProjectPath, Option<(ProjectId, Versions)>)> = Vec::new();
    for link in &links {
        if apps.iter().all(|(path, _)| !is_same_project(path, &link.app)) {
            let known = project_at(history, key, &link.app);
            let known = known.map(|(app, known)| (app.project, Versions::new(known)));
            apps.push((&link.app, known));
        }
    }
    let mut missing = Vec::new();
    for row in own.deployments().rows() {
        let at = row.succeeded_at().or(row.status().map(|(at, _)| at));
        let Some((at, environment)) = at.filter(|at| *at >= from).zip(environment(own, row)) else {
            continue;
        };
        let Some(sha) = row.sha().map(|commit| own.sha(commit)) else { continue };
        for (path, app) in &apps {
            match (claim(own, (Some(sha), environment), path, &links), app) {
                (Some(Err(VersionFault::Untold)), _) => missing.push((Missing::Images(sha), at)),
                (Some(Ok(images)), Some((app, versions)))
                    if versions.commit(&images) == Err(VersionFault::Unknown) =>
                {
                    // No tag is called like a digest.
                    let tags = images.into_iter().filter(|own| !own.as_str().contains(':'));
                    missing.extend(tags.map(|own| (Missing::Version(*app, own), at)));
                }
                _ => {}
            }
        }
    }
    missing
}
