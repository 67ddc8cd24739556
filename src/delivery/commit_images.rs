//! The container images that a commit names anew: what a commit of a deployment repository deploys.

use super::ids::{CommitSha, FilePath, ImageName, ImageVersion};
use super::register::{Ever, Merge};

/// An image that a commit names on a line that it adds or changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedImage {
    /// The file in which it stands.
    pub file: FilePath,
    /// Its name without the version, where the line tells it.
    pub image: Option<ImageName>,
    /// Its tag, or the digest where no tag stands beside it.
    pub version: ImageVersion,
}

/// Images in ascending order, each once: the first [`MOST`](Self::MOST) of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageSet(Vec<NamedImage>);

impl ImageSet {
    /// Most images kept of one commit: a repository that deploys hundreds of applications at once is
    /// no place to tell their versions from.
    pub const MOST: usize = 256;

    /// Sorts images. Of too many the first ones are kept, whatever the order in which they came.
    #[must_use]
    pub fn new(mut images: Vec<NamedImage>) -> Self {
        images.sort_unstable();
        images.dedup();
        images.truncate(Self::MOST);
        Self(images)
    }

    /// The images in ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[NamedImage] {
        &self.0
    }
}

impl Merge for ImageSet {
    fn merge(&mut self, other: Self) {
        let own = std::mem::take(&mut self.0);
        *self = Self::new([own, other.0].concat());
    }
}

/// What a commit changed of images, as far as GitLab tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitImages {
    /// Key within the project.
    pub sha: CommitSha,
    /// What it names anew.
    pub images: ImageSet,
    /// Whether GitLab did not show all that it changed.
    pub cut: Ever,
    /// Whether everything that GitLab shows of it was read.
    pub read: Ever,
}

impl CommitImages {
    /// A commit of which nothing was read.
    #[must_use]
    pub fn new(sha: CommitSha) -> Self {
        Self { sha, images: ImageSet::default(), cut: Ever(false), read: Ever(false) }
    }

    /// Whether it may name more images than are known.
    #[must_use]
    pub fn may_name_more(&self) -> bool {
        self.cut.0 || self.images.as_slice().len() >= ImageSet::MOST
    }
}

impl Merge for CommitImages {
    fn merge(&mut self, other: Self) {
        let Self { sha: _, images, cut, read } = other;
        self.images.merge(images);
        self.cut.merge(cut);
        self.read.merge(read);
    }
}
