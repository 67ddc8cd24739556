//! Which projects deploy for which others.

use super::names::NamePattern;
use crate::delivery::{EnvironmentName, NamedImage, ProjectPath};

/// Deployments of one project that are another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectLink {
    /// The project with the deployments, a deployment repository.
    pub deploy: ProjectPath,
    /// The project whose versions they bring.
    pub app: ProjectPath,
    /// Looked for in the name of the environment: only such deployments are meant.
    pub environment: Option<NamePattern>,
    /// Looked for in the path of the file that names an image, and in the image's name: only such
    /// images are the application's.
    pub images: Option<NamePattern>,
}

impl ProjectLink {
    /// Whether a deployment to this environment is meant.
    #[must_use]
    pub fn means(&self, environment: &EnvironmentName) -> bool {
        self.environment.as_ref().is_none_or(|own| own.is_match(environment.as_str()))
    }

    /// Whether an image is the application's.
    #[must_use]
    pub fn names(&self, image: &NamedImage) -> bool {
        self.images.as_ref().is_none_or(|own| {
            own.is_match(image.file.as_str())
                || image.image.as_ref().is_some_and(|name| own.is_match(name.as_str()))
        })
    }

    /// Whether it tells some deployments or images from others.
    #[must_use]
    pub const fn tells_apart(&self) -> bool {
        self.environment.is_some() || self.images.is_some()
    }
}

/// Whether two paths lead to one project: GitLab's paths ignore case.
#[must_use]
pub fn is_same_project(one: &ProjectPath, other: &ProjectPath) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}
