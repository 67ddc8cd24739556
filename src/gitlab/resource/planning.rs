//! Release objects and milestones.

use std::borrow::Cow;

use serde::Deserialize;

use crate::delivery::{MilestoneId, ProjectId, TagName, Timestamp};
use crate::gitlab::hook::{Part, ReleasedCommit, Said};

/// A Release as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiRelease {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Its tag.
    pub tag_name: Said<TagName>,
    /// When it was made.
    pub created_at: Said<Timestamp>,
    /// When it counts as released; may lie in the future.
    pub released_at: Said<Timestamp>,
    /// The commit it marks.
    pub commit: Part<ReleasedCommit>,
}

/// A milestone as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiMilestone<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Which.
    pub id: Said<MilestoneId>,
    /// `active`, `closed`.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// When it was made.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
    /// Its first day.
    pub start_date: Said<Timestamp>,
    /// Its last day.
    pub due_date: Said<Timestamp>,
}
