//! Where something belongs: the `project` part that most hooks share, labels, and the events about
//! projects themselves.

use std::borrow::Cow;

use serde::Deserialize;

use super::said::{Part, Said};
use crate::delivery::{BranchName, LabelName, ProjectId, ProjectPath, Timestamp};
use crate::record::Record;

/// The `project` part of a hook.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProjectPart {
    /// Its number, which survives renames.
    pub id: Said<ProjectId>,
    /// Its path at the time of sending.
    pub path_with_namespace: Said<ProjectPath>,
    /// The branch that deliveries start from.
    pub default_branch: Said<BranchName>,
}

/// The fields of any hook that tell its project.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The project, where the hook has such a part.
    pub project: Part<ProjectPart>,
    /// Its number again, or alone.
    pub project_id: Said<ProjectId>,
}

/// One label of an object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Label {
    /// Its name.
    pub title: Said<LabelName>,
}

/// `project_create`, `project_rename`, `project_transfer`, `project_update`, `project_destroy`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProjectEvent {
    /// The project.
    pub project_id: Said<ProjectId>,
    /// Its path after the event.
    pub path_with_namespace: Said<ProjectPath>,
    /// When it last changed: the event.
    pub updated_at: Said<Timestamp>,
}

/// The number of the project that a record is about, as its hook told it.
#[must_use]
pub fn project_id(record: &Record) -> Option<ProjectId> {
    let place: Place = super::read(record)?;
    place.project.0.and_then(|project| project.id.value()).or(place.project_id.value())
}

/// The path of the project that a record is about, as its hook told it; `None` where the hook told
/// none, or nothing of it is kept.
#[must_use]
pub fn project_path(record: &Record) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Paths<'a> {
        #[serde(borrow)]
        project: Part<Path<'a>>,
        #[serde(borrow)]
        path_with_namespace: Said<Cow<'a, str>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Path<'a> {
        #[serde(borrow)]
        path_with_namespace: Said<Cow<'a, str>>,
    }
    let paths: Paths<'_> = serde_json::from_str(super::text(record)?).ok()?;
    let inner = paths.project.0.and_then(|project| project.path_with_namespace.value());
    let path = inner.or_else(|| paths.path_with_namespace.value())?;
    (!path.is_empty()).then(|| path.into_owned())
}
