//! `milestone`: made, closed, reopened or deleted; never "changed".

use std::borrow::Cow;

use serde::Deserialize;

use super::project::ProjectPart;
use super::said::{Part, Said};
use crate::delivery::{MilestoneId, ProjectId, Timestamp};

/// Something happened to a milestone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Milestone<'a> {
    /// Where; absent for a group's.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// `create`, `close`, `reopen`, `delete`; an open set.
    #[serde(borrow)]
    pub action: Said<Cow<'a, str>>,
    /// The milestone as it is now.
    #[serde(borrow)]
    pub object_attributes: Part<MilestoneAttributes<'a>>,
}

/// The milestone as it is after the event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MilestoneAttributes<'a> {
    /// Which.
    pub id: Said<MilestoneId>,
    /// Where; null for a group's.
    pub project_id: Said<ProjectId>,
    /// `active`, `closed`.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// When it was made.
    pub created_at: Said<Timestamp>,
    /// When it last changed: the event.
    pub updated_at: Said<Timestamp>,
    /// Its first day.
    pub start_date: Said<Timestamp>,
    /// Its last day.
    pub due_date: Said<Timestamp>,
}
