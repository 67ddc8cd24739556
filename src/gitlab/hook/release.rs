//! `release`: GitLab's Release object.

use std::borrow::Cow;

use serde::Deserialize;

use super::project::ProjectPart;
use super::said::{Part, Said};
use crate::delivery::{CommitSha, ProjectId, TagName, Timestamp};

/// A Release was made, changed or deleted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Release<'a> {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// `create`, `update`, `delete`; an open set.
    #[serde(borrow)]
    pub action: Said<Cow<'a, str>>,
    /// Its tag.
    pub tag: Said<TagName>,
    /// When it was made.
    pub created_at: Said<Timestamp>,
    /// When it counts as released; may lie in the future.
    pub released_at: Said<Timestamp>,
    /// The commit it marks.
    pub commit: Part<ReleasedCommit>,
}

/// The commit that a Release marks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReleasedCommit {
    /// Its id.
    pub id: Said<CommitSha>,
}
