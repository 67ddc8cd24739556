//! What happens in the company: plain values, told in its own time.

use std::fmt;

use super::company::{Person, Service};
use crate::delivery::Timestamp;

/// A commit id of the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sha(pub(super) [u8; 20]);

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How the company's GitLab spoke at the time: it was upgraded in the middle of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// 18.x: Ruby times, no `merged_at`, no `squash_commit_sha`.
    V18,
    /// 19.x: ISO times.
    V19,
}

/// One thing that GitLab sends a hook about.
#[derive(Debug, Clone)]
pub(super) struct Happening {
    /// Company time.
    pub(super) at: Timestamp,
    pub(super) service: &'static Service,
    pub(super) dialect: Dialect,
    pub(super) what: What,
}

/// What the hook is about.
#[derive(Debug, Clone)]
pub(super) enum What {
    Push(Push),
    Tag(Tag),
    Request(RequestEvent),
    Note(Note),
    Pipeline(Run),
    Deployment(Deployed),
    Issue(IssueEvent),
    TagRelease(Tag),
    Milestone(MilestoneEvent),
}

#[derive(Debug, Clone)]
pub(super) struct Commit {
    pub(super) sha: Sha,
    pub(super) author: &'static Person,
    pub(super) authored_at: Timestamp,
    pub(super) message: String,
}

impl Commit {
    /// The first line of the message.
    pub(super) fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// A branch moved; `before` is absent for a new one.
#[derive(Debug, Clone)]
pub(super) struct Push {
    pub(super) branch: String,
    pub(super) before: Option<Sha>,
    pub(super) after: Sha,
    pub(super) commits: Vec<Commit>,
    pub(super) by: &'static Person,
}

/// A version was marked.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) object: Sha,
    pub(super) commit: Commit,
    pub(super) by: &'static Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestAction {
    Open,
    /// The author pushed; the head it replaced.
    Pushed(Sha),
    /// No draft any more.
    Ready,
    Approved,
    Merge,
    Close,
}

/// A merge request as it stands.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: u64,
    pub(super) iid: u64,
    pub(super) author: &'static Person,
    pub(super) reviewer: &'static Person,
    pub(super) branch: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) labels: &'static [&'static str],
    pub(super) draft: bool,
    pub(super) milestone: Option<u64>,
    pub(super) created_at: Timestamp,
    pub(super) commits: Vec<Commit>,
    pub(super) merged_at: Option<Timestamp>,
    pub(super) merge_commit: Option<Sha>,
    pub(super) squash_commit: Option<Sha>,
}

#[derive(Debug, Clone)]
pub(super) struct RequestEvent {
    pub(super) request: Request,
    pub(super) action: RequestAction,
    pub(super) by: &'static Person,
}

/// A remark of a person on a merge request or an incident.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) id: u64,
    pub(super) by: &'static Person,
    pub(super) text: String,
    pub(super) on: Noted,
}

#[derive(Debug, Clone)]
pub(super) enum Noted {
    Request(Box<Request>),
    Issue(Issue),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunState {
    Running,
    Success,
    Failed,
}

impl RunState {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

/// A pipeline; its three jobs have the ids from `first_job` on.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) id: u64,
    pub(super) iid: u64,
    pub(super) first_job: u64,
    pub(super) commit: Commit,
    pub(super) branch: String,
    /// The merge request it ran for: (id, iid).
    pub(super) request: Option<(u64, u64)>,
    pub(super) state: RunState,
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeploymentState {
    Blocked,
    Approved,
    Rejected,
    Running,
    Success,
    Failed,
}

impl DeploymentState {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Deployed {
    pub(super) id: u64,
    pub(super) job: u64,
    pub(super) environment: &'static str,
    pub(super) sha: Sha,
    pub(super) title: String,
    pub(super) state: DeploymentState,
    pub(super) by: &'static Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IssueAction {
    Open,
    Update,
    /// It got other labels; these it had before.
    Labelled(&'static [&'static str]),
    /// It was planned otherwise; this was its milestone before.
    Planned(Option<u64>),
    Close,
    Reopen,
}

#[derive(Debug, Clone)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) iid: u64,
    pub(super) title: String,
    pub(super) description: String,
    /// `None` for an ordinary issue.
    pub(super) severity: Option<&'static str>,
    pub(super) labels: &'static [&'static str],
    pub(super) created_at: Timestamp,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) milestone: Option<u64>,
    pub(super) author: &'static Person,
}

#[derive(Debug, Clone)]
pub(super) struct IssueEvent {
    pub(super) issue: Issue,
    pub(super) action: IssueAction,
    pub(super) by: &'static Person,
}

#[derive(Debug, Clone)]
pub(super) struct MilestoneEvent {
    pub(super) id: u64,
    pub(super) iid: u64,
    pub(super) starts: Timestamp,
    pub(super) due: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) closed: bool,
}
