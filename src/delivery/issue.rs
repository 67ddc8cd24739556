//! An issue or work item; those of type Incident are what DORA restores service from.

use std::sync::Arc;

use super::ids::{DeploymentId, Iid, LabelName, LabelSet, MilestoneId};
use super::register::{Earliest, Greatest, Merge, Newest};
use super::time::Timestamp;

/// What GitLab calls the work item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssueType {
    /// A task, a test case, a requirement …
    Other,
    /// An ordinary issue.
    Issue,
    /// An incident.
    Incident,
}

/// GitLab's severities, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Not set.
    Unknown,
    /// S4.
    Low,
    /// S3.
    Medium,
    /// S2.
    High,
    /// S1.
    Critical,
}

impl Severity {
    /// All five, ascending.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// GitLab's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads GitLab's name, in any case.
    #[must_use]
    pub fn from_gitlab(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str().eq_ignore_ascii_case(text))
    }
}

/// What an incident names as its cause, in a line `dora: caused-by …`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Nothing we delivered.
    External,
    /// `deployment 42`.
    Deployment(DeploymentId),
    /// `!17`.
    MergeRequest(Iid),
    /// 8 to 64 hexadecimal digits, in lower case.
    Commit(Arc<str>),
}

/// One issue, incident or other work item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Key within the project.
    pub iid: Iid,
    /// What it is; may change later.
    pub issue_type: Newest<IssueType>,
    /// When it was opened.
    pub created_at: Earliest,
    /// How bad it is.
    pub severity: Newest<Severity>,
    /// Its labels.
    pub labels: Newest<LabelSet>,
    /// Its milestone; `None` when taken away.
    pub milestone: Newest<Option<MilestoneId>>,
    /// Whether it is a duplicate of another, or was moved away.
    pub superseded: Newest<bool>,
    /// The cause its description names; `None` when the line was taken out.
    pub described_cause: Newest<Option<Cause>>,
    /// The cause a human note names.
    pub noted_cause: Newest<Cause>,
    /// When a person first commented on it.
    pub first_note_at: Earliest,
}

impl Issue {
    /// An issue of which only the number is known.
    #[must_use]
    pub fn new(iid: Iid) -> Self {
        Self {
            iid,
            issue_type: Newest::default(),
            created_at: Earliest::default(),
            severity: Newest::default(),
            labels: Newest::default(),
            milestone: Newest::default(),
            superseded: Newest::default(),
            described_cause: Newest::default(),
            noted_cause: Newest::default(),
            first_note_at: Earliest::default(),
        }
    }

    /// The cause it names: its description's, else the newest note's.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        self.described_cause.value().and_then(Option::as_ref).or(self.noted_cause.value())
    }
}

impl Merge for Issue {
    fn merge(&mut self, other: Self) {
        let Self {
            iid: _,
            issue_type,
            created_at,
            severity,
            labels,
            milestone,
            superseded,
            described_cause,
            noted_cause,
            first_note_at,
        } = other;
        self.issue_type.merge(issue_type);
        self.created_at.merge(created_at);
        self.severity.merge(severity);
        self.labels.merge(labels);
        self.milestone.merge(milestone);
        self.superseded.merge(superseded);
        self.described_cause.merge(described_cause);
        self.noted_cause.merge(noted_cause);
        self.first_note_at.merge(first_note_at);
    }
}

/// A label that an issue was given, whether it still has it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueLabel {
    /// The issue; with `label`, the key within the project.
    pub issue: Iid,
    /// Which of its labels.
    pub label: LabelName,
    /// When it was first given.
    pub added_at: Earliest,
}

impl Merge for IssueLabel {
    fn merge(&mut self, other: Self) {
        let Self { issue: _, label: _, added_at } = other;
        self.added_at.merge(added_at);
    }
}

/// An issue that was put into a milestone, moved to another or taken out: kept as a sequence, so
/// that the scope at any past instant is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueMilestone {
    /// The issue; with `at`, the key within the project.
    pub issue: Iid,
    /// When.
    pub at: Timestamp,
    /// Where it was before; nothing when nowhere.
    pub before: Greatest<MilestoneId>,
    /// Where it is from then on; nothing when it was taken out.
    pub milestone: Greatest<MilestoneId>,
}

impl Merge for IssueMilestone {
    fn merge(&mut self, other: Self) {
        let Self { issue: _, at: _, before, milestone } = other;
        self.before.merge(before);
        self.milestone.merge(milestone);
    }
}

/// A closing or reopening; of two in the same second the closing counts as the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transition {
    /// Opened again.
    Reopened,
    /// Closed.
    Closed,
}

/// One closing or reopening of an issue: kept as a sequence, so that any past instant is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueTransition {
    /// The issue.
    pub issue: Iid,
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub transition: Transition,
}
