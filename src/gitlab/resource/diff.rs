//! What a commit changed of a file, and what a tag marks.

use std::borrow::Cow;

use serde::Deserialize;

use crate::delivery::{CommitSha, FilePath, ImageName, ImageVersion, ProjectId, TagName};
use crate::gitlab::hook::{Part, ReleasedCommit, Said, Scalar, Values};

/// What a commit changed of one file, as far as it is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiDiff {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// The commit.
    pub diff_of: Said<CommitSha>,
    /// The file, by its new name; nothing in the record that ends a commit.
    pub new_path: Said<FilePath>,
    /// Whether GitLab shows nothing of it.
    pub too_large: Said<bool>,
    /// Whether GitLab shows nothing of it unless it is asked for it alone.
    pub collapsed: Said<bool>,
    /// What the diff said.
    pub derived: Part<ApiDiffDerived>,
}

impl ApiDiff {
    /// Whether GitLab keeps back what changed.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.too_large.holds() || self.collapsed.holds()
    }

    /// The images that it names.
    #[must_use]
    pub fn images(&self) -> &[NamedImageText] {
        self.derived.0.as_ref().map_or(&[], |derived| derived.images.0.as_slice())
    }
}

/// What was derived from a diff.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiDiffDerived {
    /// The images that it names.
    pub images: Values<NamedImageText>,
}

/// An image in one text: its name where it is told, a space, and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedImageText {
    /// Its name.
    pub image: Option<ImageName>,
    /// Its version.
    pub version: ImageVersion,
}

impl Scalar<'_> for NamedImageText {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        let (image, version) = text.split_once(' ')?;
        Some(Self { image: ImageName::new(image).ok(), version: ImageVersion::new(version).ok()? })
    }
}

/// A tag as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiTag {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Its name.
    pub name: Said<TagName>,
    /// What it points to: the commit, or the tag's own object.
    pub target: Said<CommitSha>,
    /// The commit it marks.
    pub commit: Part<ReleasedCommit>,
}
