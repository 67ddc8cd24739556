//! How each list is asked for, exactly; and how far its rows have come.
//!
//! GitLab ignores a parameter that it does not know, so rows are looked at as well: see
//! [`place`].

use super::plan::{List, Span};
use super::wants::Line;
use crate::delivery::{CommitSha, DeploymentId, Iid, PipelineId, ProjectId, Timestamp};
use crate::gitlab::resource::{Head, Resource};
use crate::gitlab::timestamp;

/// A change may be dated up to a moment before what it is filtered by.
const SLACK_SECONDS: u64 = 60;

/// Versions differ on whether `updated_after` takes in its own instant, and ours has no fraction.
const STRICT_SECONDS: u64 = 1;

/// A tag is listed by the date of what it marks, which may be weeks old when it is made.
const TAG_SLACK_SECONDS: u64 = 30 * 86_400;

/// The order of comments.
const OLDEST_FIRST: [(&str, &str); 2] = [("order_by", "created_at"), ("sort", "asc")];

fn owned((key, value): (&'static str, &str)) -> (&'static str, String) {
    (key, value.to_owned())
}

/// One question: path below the API's root, and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Parts of the path, not encoded.
    pub path: Vec<String>,
    /// Names and values, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// Whether the answer is one thing and no list.
    pub is_one: bool,
}

impl Ask {
    fn project(project: ProjectId, rest: &[&str]) -> Self {
        let mut path = vec!["projects".to_owned(), project.to_string()];
        path.extend(rest.iter().map(|part| (*part).to_owned()));
        Self::of(path)
    }

    /// The question for what stands at a path.
    pub(super) const fn of(path: Vec<String>) -> Self {
        Self { path, query: Vec::new(), is_one: false }
    }

    const fn alone(mut self) -> Self {
        self.is_one = true;
        self
    }

    /// As the client takes them.
    #[must_use]
    pub fn parts(&self) -> (Vec<&str>, Vec<(&str, &str)>) {
        let query = self.query.iter().map(|(key, value)| (*key, value.as_str()));
        (self.path.iter().map(String::as_str).collect(), query.collect())
    }

    fn with(mut self, query: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.query.extend(query);
        self
    }
}

/// Which projects there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All that the token's user is a member of.
    All,
    /// Those of a group and its subgroups, by path or number.
    Group(String),
    /// One, by path or number.
    Project(String),
}

/// The question for all projects that the token's user is a member of, in which something happened
/// since `after`: rows that move while it is read move forward, where they come again and are never passed
/// over.
#[must_use]
pub fn active(after: Timestamp) -> Ask {
    Ask::of(vec!["projects".to_owned()])
        .with([("membership", "true".to_owned()), ("archived", "false".to_owned())])
        .with([("order_by", "last_activity_at".to_owned()), ("sort", "desc".to_owned())])
        .with([("last_activity_after", timestamp::write(after))])
}

/// The question for the projects of a scope. A group also lists what was shared with it, unless
/// told not to.
#[must_use]
pub fn projects(scope: &Scope) -> Ask {
    let sorted = [("order_by", "id".to_owned()), ("sort", "asc".to_owned())];
    let living = ("archived", "false".to_owned());
    match scope {
        Scope::All => Ask::of(vec!["projects".to_owned()])
            .with([("membership", "true".to_owned()), living, ("pagination", "keyset".to_owned())])
            .with(sorted),
        Scope::Group(group) => {
            Ask::of(vec!["groups".to_owned(), group.clone(), "projects".to_owned()])
                .with([
                    ("include_subgroups", "true".to_owned()),
                    ("with_shared", "false".to_owned()),
                ])
                .with([living])
                .with(sorted)
        }
        Scope::Project(project) => Ask::of(vec!["projects".to_owned(), project.clone()]).alone(),
    }
}

/// The question for a span, begun at `from`.
#[must_use]
pub fn list(span: &Span, from: Timestamp) -> Ask {
    let all = |name: &str| Ask::project(span.project, &[name]);
    let at = timestamp::write;
    let first = if from == span.from { SLACK_SECONDS } else { STRICT_SECONDS };
    let after = at(from.minus(first));
    let ascending = |by: &str| [("order_by", by.to_owned()), ("sort", "asc".to_owned())];
    match &span.list {
        List::Environments => all("environments"),
        List::Milestones => all("milestones"),
        List::Releases => all("releases").with([("order_by", "created_at".to_owned())]),
        List::Tags => Ask::project(span.project, &["repository", "tags"])
            .with([("order_by", "updated".to_owned()), ("sort", "desc".to_owned())]),
        // Later on a status may change long after the finish.
        List::Deployments(_) if span.goes_on => {
            all("deployments").with(ascending("updated_at")).with([("updated_after", after)])
        }
        List::Deployments(_) => all("deployments")
            .with([("status", "success".to_owned())])
            .with(ascending("finished_at"))
            .with([("finished_after", after), ("finished_before", at(span.until))]),
        List::MergeRequests(_) => all("merge_requests")
            .with([("scope", "all".to_owned()), ("state", "merged".to_owned())])
            .with(ascending("updated_at"))
            .with([("updated_after", after)]),
        List::Issues(_) => all("issues")
            .with([("scope", "all".to_owned())])
            .with(ascending("updated_at"))
            .with([("updated_after", after)]),
        List::Pipelines(branch) => all("pipelines")
            .with([("ref", branch.to_string())])
            .with(ascending("updated_at"))
            .with([("updated_after", after)]),
        List::Commits(branch) => Ask::project(span.project, &["repository", "commits"])
            .with([("ref_name", branch.to_string()), ("first_parent", "true".to_owned())])
            .with([("since", at(from)), ("until", at(span.until))]),
    }
}

/// The questions for what hangs on a merged merge request: its original commits, and its comments
/// with GitLab's own, which tell of approvals and of drafts that became ready.
#[must_use]
pub fn hanging(project: ProjectId, iid: Iid) -> [(Resource, Ask); 2] {
    let of = |name: &str| Ask::project(project, &["merge_requests", &iid.to_string(), name]);
    [
        (Resource::MergeRequestCommit, of("commits")),
        (Resource::MergeRequestNote, of("notes").with(OLDEST_FIRST.map(owned))),
    ]
}

/// The question for what happened to an issue; `None` for what happens to none.
#[must_use]
pub fn history(project: ProjectId, iid: Iid, history: Resource) -> Option<Ask> {
    let of = |name: &str| Ask::project(project, &["issues", &iid.to_string(), name]);
    Some(match history {
        Resource::IssueNote => of("notes").with(OLDEST_FIRST.map(owned)),
        Resource::IssueStateEvent => of("resource_state_events"),
        Resource::IssueLabelEvent => of("resource_label_events"),
        Resource::IssueMilestoneEvent => of("resource_milestone_events"),
        _ => return None,
    })
}

/// The question for the pipelines of a merge request, newest first.
#[must_use]
pub fn pipelines(project: ProjectId, iid: Iid) -> Ask {
    Ask::project(project, &["merge_requests", &iid.to_string(), "pipelines"])
}

/// The question for the jobs of a pipeline, the latest attempt of each.
#[must_use]
pub fn jobs(project: ProjectId, pipeline: PipelineId) -> Ask {
    Ask::project(project, &["pipelines", &pipeline.to_string(), "jobs"])
}

/// The question for one merge request.
#[must_use]
pub fn merge_request(project: ProjectId, iid: Iid) -> Ask {
    Ask::project(project, &["merge_requests", &iid.to_string()]).alone()
}

/// The question for one deployment.
#[must_use]
pub fn deployment(project: ProjectId, id: DeploymentId) -> Ask {
    Ask::project(project, &["deployments", &id.to_string()]).alone()
}

/// The question for what a commit changed, file by file.
#[must_use]
pub fn diff(project: ProjectId, commit: CommitSha) -> Ask {
    Ask::project(project, &["repository", "commits", &commit.to_string(), "diff"])
}

/// The question for one tag.
#[must_use]
pub fn tag(project: ProjectId, name: &str) -> Ask {
    Ask::project(project, &["repository", "tags", name]).alone()
}

/// The question for the merge requests that GitLab has linked to a deployment (12.7, every
/// edition).
#[must_use]
pub fn linked(project: ProjectId, id: DeploymentId) -> Ask {
    Ask::project(project, &["deployments", &id.to_string(), "merge_requests"])
}

/// The question for the first-parent line below a deployed commit, newest first.
#[must_use]
pub fn line(project: ProjectId, line: &Line) -> Ask {
    Ask::project(project, &["repository", "commits"])
        .with([("ref_name", line.sha.to_string()), ("first_parent", "true".to_owned())])
        .with([("since", timestamp::write(line.since))])
}

/// What the rows of a list are.
#[must_use]
pub const fn resource(list: &List) -> Resource {
    match list {
        List::Environments => Resource::Environment,
        List::Deployments(_) => Resource::Deployment,
        List::MergeRequests(_) => Resource::MergeRequest,
        List::Pipelines(_) => Resource::Pipeline,
        List::Commits(_) => Resource::Commit,
        List::Issues(_) => Resource::Issue,
        List::Milestones => Resource::Milestone,
        List::Releases => Resource::Release,
        List::Tags => Resource::Tag,
    }
}

/// Whether rows move within the list while it is read, because they are in the order of their last
/// change: then each page is asked for by the last row of the one before, and never by its number.
#[must_use]
pub const fn moves(span: &Span) -> bool {
    match span.list {
        List::MergeRequests(_) | List::Issues(_) | List::Pipelines(_) => true,
        List::Deployments(_) => span.goes_on,
        _ => false,
    }
}

/// How far a list has come with a row, in its own order; `None` where the row does not tell.
#[must_use]
pub fn reached(span: &Span, head: &Head<'_>) -> Option<Timestamp> {
    match span.list {
        List::MergeRequests(_) | List::Issues(_) | List::Pipelines(_) => head.updated_at.value(),
        List::Deployments(_) if span.goes_on => head.updated_at.value(),
        // The job ends a moment before the deployment that it made.
        List::Deployments(_) => {
            let job = head.deployable.0.as_ref().and_then(|job| job.finished_at.value());
            head.finished_at.value().or(job)
        }
        List::Commits(_) | List::Tags => {
            head.commit.0.as_ref().and_then(|commit| commit.committed_date.value())
        }
        List::Releases => head.created_at.value(),
        List::Environments | List::Milestones => None,
    }
}

/// Where a row stands to the span that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Within it, or it does not tell.
    Within,
    /// Before it in the order of the list: the filter was ignored.
    Before,
    /// Behind its end: nothing that is wanted follows.
    Behind,
}

/// Where a row stands to the span.
#[must_use]
pub fn place(span: &Span, head: &Head<'_>) -> Place {
    let is_descending = span.list.descends() || matches!(span.list, List::Releases | List::Tags);
    match reached(span, head) {
        // By the job's end: up to how long a deployment may take after it, nothing is concluded.
        _ if matches!(span.list, List::Deployments(_)) && !span.goes_on => Place::Within,
        Some(at) if span.list == List::Tags && at >= span.from.minus(TAG_SLACK_SECONDS) => {
            Place::Within
        }
        Some(at) if is_descending && at < span.from.minus(SLACK_SECONDS) => Place::Behind,
        Some(_) if is_descending => Place::Within,
        Some(at) if at < span.from.minus(2 * SLACK_SECONDS) => Place::Before,
        Some(at) if at >= span.until => Place::Behind,
        _ => Place::Within,
    }
}
