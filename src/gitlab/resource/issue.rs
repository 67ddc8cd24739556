//! Issues, incidents and their relatives.

use std::borrow::Cow;

use serde::Deserialize;

use super::{ApiMilestone, Numbered};
use crate::delivery::{Cause, Iid, LabelName, ProjectId, Timestamp};
use crate::gitlab::hook::{Part, Said, Values};

/// An issue as it is now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiIssue<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// Its number within the project.
    pub iid: Said<Iid>,
    /// `issue`, `incident`, `task` …
    #[serde(borrow)]
    pub issue_type: Said<Cow<'a, str>>,
    /// The same in capitals.
    #[serde(rename = "type", borrow)]
    pub work_item_type: Said<Cow<'a, str>>,
    /// `opened`, `closed`.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// `UNKNOWN`, `LOW`, `MEDIUM`, `HIGH`, `CRITICAL`.
    #[serde(borrow)]
    pub severity: Said<Cow<'a, str>>,
    /// When it was opened.
    pub created_at: Said<Timestamp>,
    /// When it last changed.
    pub updated_at: Said<Timestamp>,
    /// When it was closed; null again once it is reopened.
    pub closed_at: Said<Timestamp>,
    /// The issue it was moved to.
    pub moved_to_id: Said<u64>,
    /// The issue it repeats; not told by all versions.
    pub duplicated_to_id: Said<u64>,
    /// Its milestone; nothing is kept of null.
    #[serde(borrow)]
    pub milestone: Part<ApiMilestone<'a>>,
    /// Names of its labels.
    pub labels: Option<Values<LabelName>>,
    /// What its texts and links said.
    pub derived: Part<ApiIssueDerived>,
}

/// Something that happened to an issue: of its states, labels and milestones one changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiIssueEvent<'a> {
    /// Where.
    pub project_id: Said<ProjectId>,
    /// The issue.
    pub issue: Said<Iid>,
    /// When.
    pub created_at: Said<Timestamp>,
    /// The state it came to: `closed`, `reopened`.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// What was done with the label or milestone: `add`, `remove`.
    #[serde(borrow)]
    pub action: Said<Cow<'a, str>>,
    /// The label; null once it is deleted.
    pub label: Part<NamedLabel>,
    /// The milestone; nothing is kept of null.
    pub milestone: Part<Numbered>,
}

/// A label by its name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NamedLabel {
    /// Its name.
    pub name: Said<LabelName>,
}

/// What the dropped texts and links of an issue said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiIssueDerived {
    /// Whether there was a description, empty or not.
    pub described: Said<bool>,
    /// The cause that the description names.
    pub caused_by: Said<Cause>,
    /// Whether its link is that of an incident.
    pub incident_url: Said<bool>,
    /// Whether it was said to repeat another issue.
    pub duplicate: Said<bool>,
    /// Whether it was said to repeat none.
    pub no_duplicate: Said<bool>,
}
