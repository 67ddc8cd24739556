//! GitLab's Release object, which marks a tag.

use super::ids::{CommitSha, TagName};
use super::register::{Earliest, Greatest, Merge, Newest};
use super::time::Timestamp;

/// One Release of GitLab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRelease {
    /// Key within the project.
    pub tag: TagName,
    /// When the object was made.
    pub created_at: Earliest,
    /// When it counts as released; may lie in the future, and may be moved.
    pub released_at: Newest<Timestamp>,
    /// The commit it marks.
    pub sha: Greatest<CommitSha>,
    /// Whether it was deleted.
    pub deleted: Newest<bool>,
}

impl TagRelease {
    /// A release of which only the tag is known.
    #[must_use]
    pub fn new(tag: TagName) -> Self {
        Self {
            tag,
            created_at: Earliest::default(),
            released_at: Newest::default(),
            sha: Greatest::default(),
            deleted: Newest::default(),
        }
    }
}

impl Merge for TagRelease {
    fn merge(&mut self, other: Self) {
        let Self { tag: _, created_at, released_at, sha, deleted } = other;
        self.created_at.merge(created_at);
        self.released_at.merge(released_at);
        self.sha.merge(sha);
        self.deleted.merge(deleted);
    }
}
