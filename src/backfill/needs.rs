//! What is asked besides the lists that every figure needs: only where a metric wants to know it, since
//! each question is a request.

use std::fmt;
use std::sync::Arc;

use crate::delivery::{Iid, ProjectPath, Timestamp};
use crate::gitlab::resource::{Head, Resource};

/// What is wanted of a project besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectNeeds {
    /// Whether it matters when issues got their labels.
    pub labels: Labels,
    /// Labels that make an incident of an issue.
    pub incident_labels: Vec<String>,
    /// Whether its pipelines are read.
    pub pipelines: Pipelines,
    /// Whether it deploys for other projects.
    pub images: Images,
    /// Whether other projects deploy for it.
    pub tags: Tags,
}

/// Whether it matters when an issue got a label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Labels {
    /// The labels that it has now are enough.
    #[default]
    AsTheyAre,
    /// Some label says that a need was validated.
    WithTheirTimes,
}

/// Whether pipelines are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pipelines {
    /// Hooks alone tell of them.
    #[default]
    LeftOut,
    /// Those of the default branch, and the last one of each merged request with its jobs.
    Read,
}

/// Whether it is read what deployed commits changed of images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Images {
    /// Its deployments are its own.
    #[default]
    LeftOut,
    /// They tell the versions of other projects.
    Read,
}

/// Whether tags are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tags {
    /// Nobody looks them up.
    #[default]
    LeftOut,
    /// Versions are looked up among them.
    Read,
}

/// What is wanted of projects, by their path.
#[derive(Clone)]
pub struct Needs(Arc<dyn Fn(&ProjectPath) -> ProjectNeeds + Send + Sync>);

impl Needs {
    /// What `of` says of a project.
    #[must_use]
    pub fn new(of: impl Fn(&ProjectPath) -> ProjectNeeds + Send + Sync + 'static) -> Self {
        Self(Arc::new(of))
    }

    /// What is wanted of a project.
    #[must_use]
    pub fn of(&self, project: &ProjectPath) -> ProjectNeeds {
        (self.0)(project)
    }
}

impl Default for Needs {
    fn default() -> Self {
        Self::new(|_| ProjectNeeds::default())
    }
}

impl fmt::Debug for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Needs").finish_non_exhaustive()
    }
}

/// Of one issue, what is asked besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub iid: Iid,
    /// What.
    pub histories: Vec<Resource>,
    /// Since when it is closed, as GitLab says of the issue itself: to the instant of the close, while
    /// the event of it comes up to a second later.
    pub closed_at: Option<Timestamp>,
}

/// What is asked of the issue that `head` is of; `None` when nothing is.
///
/// - Of an incident, when it was closed and opened again, and its comments, of which the first tells
///   when somebody cared and any may name a cause.
/// - When it got its labels, where a label says that a need was validated.
/// - When it came into milestones and left them: of an issue in a milestone, and where milestones have
///   due days of every issue, for what left one is in none.
///
/// Nothing happened to an issue that is as it was made.
#[must_use]
pub fn asked(head: &Head<'_>, needs: &ProjectNeeds, has_dated_milestones: bool) -> Option<Asked> {
    let iid = head.iid.value()?;
    let is_closed = head.state.get().is_some_and(|state| state == "closed");
    let has_changed = is_closed || head.updated_at.value() > head.created_at.value();
    let labels = head.labels.as_ref().map_or(&[][..], |labels| &labels.0);
    let makes_incident = |label: &str| needs.incident_labels.iter().any(|own| own == label);
    let is_incident = head.issue_type.get().is_some_and(|name| name == "incident")
        || labels.iter().any(|label| makes_incident(label.as_str()));
    let has_label_times = needs.labels == Labels::WithTheirTimes;
    let is_planned = head.milestone.0.is_some();
    let of = [
        (is_incident && has_changed, Resource::IssueStateEvent),
        (is_incident && has_changed, Resource::IssueNote),
        (has_label_times && (has_changed || !labels.is_empty()), Resource::IssueLabelEvent),
        (is_planned || has_dated_milestones && has_changed, Resource::IssueMilestoneEvent),
    ];
    let histories: Vec<Resource> =
        of.into_iter().filter(|(wanted, _)| *wanted).map(|(_, history)| history).collect();
    let closed_at = head.closed_at.value().filter(|_| is_closed);
    (!histories.is_empty()).then_some(Asked { iid, histories, closed_at })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn asked_of(
        changes: &Value,
        needs: &ProjectNeeds,
        has_dated_milestones: bool,
    ) -> Vec<Resource> {
        let mut row = json!({
            "iid": 4, "issue_type": "issue", "state": "opened", "labels": ["validated"],
            "created_at": "2026-03-04T08:00:00.100Z", "updated_at": "2026-03-05T08:00:00.200Z",
        });
        for (key, value) in changes.as_object().unwrap() {
            row[key] = value.clone();
        }
        let row = row.to_string();
        let head: Head<'_> = serde_json::from_str(&row).unwrap();
        asked(&head, needs, has_dated_milestones).map(|asked| asked.histories).unwrap_or_default()
    }

    #[test]
    fn an_issue_is_asked_only_what_a_metric_wants_to_know() {
        use Resource::{IssueLabelEvent, IssueMilestoneEvent, IssueNote, IssueStateEvent};
        let none = ProjectNeeds::default();
        let labels = ProjectNeeds { labels: Labels::WithTheirTimes, ..ProjectNeeds::default() };
        let outage = ProjectNeeds { incident_labels: vec!["outage".to_owned()], ..labels.clone() };
        let incident = json!({"issue_type": "incident"});
        assert_eq!(asked_of(&json!({}), &none, false), []);
        assert_eq!(asked_of(&incident, &none, false), [IssueStateEvent, IssueNote]);
        assert_eq!(asked_of(&json!({}), &labels, false), [IssueLabelEvent]);
        assert_eq!(asked_of(&json!({}), &none, true), [IssueMilestoneEvent]);
        let planned = json!({"milestone": {"id": 61}});
        assert_eq!(asked_of(&planned, &none, false), [IssueMilestoneEvent]);
        let named = json!({"labels": ["outage"]});
        let all = [IssueStateEvent, IssueNote, IssueLabelEvent, IssueMilestoneEvent];
        assert_eq!(asked_of(&named, &outage, true), all);
    }

    #[test]
    fn nothing_happened_to_an_issue_that_is_as_it_was_made() {
        let needs = ProjectNeeds { labels: Labels::WithTheirTimes, ..ProjectNeeds::default() };
        let mut new = json!({
            "issue_type": "incident", "labels": [], "updated_at": "2026-03-04T08:00:00.900Z",
        });
        assert_eq!(asked_of(&new, &needs, true), []);
        new["labels"] = json!(["made with it"]);
        assert_eq!(asked_of(&new, &needs, true), [Resource::IssueLabelEvent]);
        new["state"] = json!("closed");
        assert_eq!(asked_of(&new, &needs, true).len(), 4, "closed in the second of its making");
    }
}
