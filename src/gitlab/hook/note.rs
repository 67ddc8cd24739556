//! `note`: a comment. Its text was dropped.

use std::borrow::Cow;

use serde::Deserialize;

use super::project::ProjectPart;
use super::said::{Part, Said};
use crate::delivery::{Cause, Iid, PersonHash, ProjectId, Timestamp};

/// Somebody commented, or changed a comment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Note<'a> {
    /// Where.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// The comment.
    #[serde(borrow)]
    pub object_attributes: Part<NoteAttributes<'a>>,
    /// The merge request commented on.
    pub merge_request: Part<Noteable>,
    /// The issue commented on.
    pub issue: Part<Noteable>,
    /// The work item commented on.
    pub work_item: Part<Noteable>,
    /// What the text said, and who.
    pub derived: Part<NoteDerived>,
}

/// The comment without its text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NoteAttributes<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// `MergeRequest`, `Issue`, `Commit`, `Snippet` …
    #[serde(borrow)]
    pub noteable_type: Said<Cow<'a, str>>,
    /// Whether GitLab wrote it.
    pub system: Said<bool>,
    /// When it was written.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
}

/// What was commented on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Noteable {
    /// Its number within the project.
    pub iid: Said<Iid>,
}

/// What the dropped text and people of a comment said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NoteDerived {
    /// Who wrote it.
    pub author: Said<PersonHash>,
    /// Whether its author is not counted.
    pub author_excluded: Said<bool>,
    /// Who acted: the author, by another field.
    pub actor: Said<PersonHash>,
    /// Whether the actor is not counted.
    pub actor_excluded: Said<bool>,
    /// The cause that it names.
    pub caused_by: Said<Cause>,
}
