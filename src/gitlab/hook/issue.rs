//! `issue` and `work_item`: issues, incidents and their relatives.

use std::borrow::Cow;

use serde::Deserialize;

use super::project::{Label, ProjectPart};
use super::said::{List, Part, Said};
use crate::delivery::{Cause, Iid, MilestoneId, ProjectId, Timestamp};

/// Something happened to an issue or work item.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Issue<'a> {
    /// Where; absent for a group's.
    pub project: Part<ProjectPart>,
    /// Where, again or alone.
    pub project_id: Said<ProjectId>,
    /// The issue as it is now.
    #[serde(borrow)]
    pub object_attributes: Part<IssueAttributes<'a>>,
    /// Its labels.
    pub labels: List<Label>,
    /// What changed.
    pub changes: Part<IssueChanges>,
    /// What its texts said.
    pub derived: Part<IssueDerived>,
}

/// The issue as it is after the event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct IssueAttributes<'a> {
    /// Its number within the project.
    pub iid: Said<Iid>,
    /// Where.
    pub project_id: Said<ProjectId>,
    /// `Issue`, `Incident`, `Task` …; since 17.2.
    #[serde(rename = "type", borrow)]
    pub issue_type: Said<Cow<'a, str>>,
    /// `opened`, `closed`.
    #[serde(borrow)]
    pub state: Said<Cow<'a, str>>,
    /// 1 opened, 2 closed.
    pub state_id: Said<u64>,
    /// `open`, `close`, `reopen`, `update`; an open set.
    #[serde(borrow)]
    pub action: Said<Cow<'a, str>>,
    /// `unknown`, `low`, `medium`, `high`, `critical`.
    #[serde(borrow)]
    pub severity: Said<Cow<'a, str>>,
    /// Set for incidents.
    #[serde(borrow)]
    pub escalation_status: Said<Cow<'a, str>>,
    /// When it was opened.
    pub created_at: Said<Timestamp>,
    /// When it last changed: the event.
    pub updated_at: Said<Timestamp>,
    /// When it was closed; not always sent.
    pub closed_at: Said<Timestamp>,
    /// The issue it was moved to.
    pub moved_to_id: Said<u64>,
    /// The issue it repeats.
    pub duplicated_to_id: Said<u64>,
    /// Its milestone.
    pub milestone_id: Said<MilestoneId>,
    /// Its labels.
    pub labels: List<Label>,
}

/// What the dropped texts of an issue said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct IssueDerived {
    /// Whether there was a description, empty or not.
    pub described: Said<bool>,
    /// The cause that the description names.
    pub caused_by: Said<Cause>,
    /// Whether its link is that of an incident.
    pub incident_url: Said<bool>,
}

/// What changed about an issue, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct IssueChanges {
    /// Its labels.
    pub labels: Part<LabelChange>,
    /// Its milestone.
    pub milestone_id: Part<MilestoneChange>,
}

/// Labels that changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LabelChange {
    /// What they were.
    pub previous: List<Label>,
    /// What they are.
    pub current: List<Label>,
}

/// A milestone that changed; null is none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MilestoneChange {
    /// Where the issue was.
    pub previous: Said<MilestoneId>,
    /// Where it is.
    pub current: Said<MilestoneId>,
}
