//! Whose a deployment is, by the images that its commit names.

use crate::delivery::history::VersionFault;
use crate::delivery::{
    CommitSha, EnvironmentName, ImageVersion, NamedImage, ProjectHistory, ProjectPath,
};
use crate::dora::policy::{ProjectLink, is_same_project};

/// The versions that a deployment brings to an application, or why they are not known; `None` where
/// it is none of the application's.
///
/// - **Input.** What it deployed and where; all links of the project that made it, in order.
/// - **Output.** Each image belongs to the first link that fits the environment and the image. A
///   commit that names no image of any link deploys nothing new, to every application that the
///   environment is meant for.
pub(super) fn claim(
    deploying: &ProjectHistory,
    (sha, environment): (Option<CommitSha>, &EnvironmentName),
    app: &ProjectPath,
    links: &[&ProjectLink],
) -> Option<Result<Vec<ImageVersion>, VersionFault>> {
    let meant: Vec<_> = links.iter().filter(|link| link.means(environment)).collect();
    if !meant.iter().any(|link| is_same_project(&link.app, app)) {
        return None;
    }
    let told = sha.and_then(|sha| deploying.commit_images.get(&sha)).filter(|own| own.read.0);
    let Some(told) = told else { return Some(Err(VersionFault::Untold)) };
    let whose = |image: &&NamedImage| meant.iter().find(|link| link.names(image));
    let of_links = told.images.as_slice().iter().filter_map(|image| Some((image, whose(&image)?)));
    let of_links: Vec<_> = of_links.collect();
    let its = of_links.iter().filter(|(_, link)| is_same_project(&link.app, app));
    let versions: Vec<ImageVersion> = its.map(|(image, _)| image.version.clone()).collect();
    match (versions.is_empty(), told.may_name_more(), of_links.is_empty()) {
        (false, _, _) => Some(Ok(versions)),
        (true, true, _) => Some(Err(VersionFault::Unknown)),
        (true, false, true) => Some(Err(VersionFault::Unchanged)),
        (true, false, false) => None,
    }
}
