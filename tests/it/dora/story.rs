//! A small language to tell a project's history in, and to ask for its numbers.
//!
//! Hours count from the epoch; commits are named by short tokens; unless a test says otherwise the
//! instant of measure is hour 1,000 and the window is 30 days, which holds everything after hour
//! 280.

use gitlab_dora_exporter::delivery::register::{Earliest, Ever, Furthest, Greatest, Newest};
use gitlab_dora_exporter::delivery::{
    BranchName, Cause, Commit, CommitIdentity, CommitList, CommitSha, Deployment, DeploymentId,
    DeploymentStatus, Environment, EnvironmentName, EnvironmentTier, Fact, FactBody, History, Iid,
    InstanceId, Issue, IssueTransition, IssueType, LabelName, LabelSet, MergeRequest,
    MergeRequestCommit, MergeRequestState, PersonHash, Project, ProjectId, ProjectKey, ProjectPath,
    Push, RefName, Reverted, Review, Timestamp, Transition,
};
use gitlab_dora_exporter::dora::measure::{ProjectScore, measure};
use gitlab_dora_exporter::dora::policy::Policy;
use gitlab_dora_exporter::dora::scorecard::WindowFigures;
use gitlab_dora_exporter::dora::window::Window;

pub(crate) use super::defaults::policy;

/// Seconds of an hour.
pub(crate) const HOUR: u64 = 3_600;

/// The instant `hours` after the epoch.
pub(crate) fn at(hours: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "tests tell of small numbers")]
    let second = (hours * 3_600.0) as i64;
    Timestamp::from_second(second)
}

/// The commit that a token names.
pub(crate) fn sha(token: &str) -> CommitSha {
    let mut bytes = [0xff; 20];
    bytes[..token.len()].copy_from_slice(token.as_bytes());
    CommitSha::from_bytes(&bytes).unwrap()
}

pub(crate) fn iid(number: u64) -> Iid {
    Iid::new(number).unwrap()
}

/// The one project of a story.
pub(crate) fn key() -> ProjectKey {
    ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(1).unwrap() }
}

/// A merge request as a story tells it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(super) request: MergeRequest,
    commits: Vec<(CommitSha, f64)>,
    reviews: Vec<(f64, u8)>,
}

/// A merge request of person 1 from `feature/<number>` to main.
pub(crate) fn mr(number: u64) -> Told {
    let mut request = MergeRequest::new(iid(number));
    request.author = Greatest(Some(PersonHash::new([1; 16])));
    request.source_branch =
        Newest::at(at(0.0), BranchName::new(&format!("feature/{number}")).unwrap());
    request.target_branch = Newest::at(at(0.0), BranchName::new("main").unwrap());
    Told { request, commits: Vec::new(), reviews: Vec::new() }
}

impl Told {
    pub(crate) fn commit(mut self, token: &str, authored: f64) -> Self {
        self.commits.push((sha(token), authored));
        self
    }

    pub(crate) fn opened(mut self, hours: f64) -> Self {
        self.request.created_at = Earliest::at(at(hours));
        self
    }

    pub(crate) fn draft_until(mut self, hours: f64) -> Self {
        self.request.was_draft = Ever(true);
        self.request.ready_at = Earliest::at(at(hours));
        self
    }

    pub(crate) fn reviewed(mut self, hours: f64, person: u8) -> Self {
        self.reviews.push((hours, person));
        self
    }

    /// Merged fast-forward: its head lands as it is.
    pub(crate) fn merged(mut self, hours: f64) -> Self {
        self.request.state = Furthest::at(at(hours), MergeRequestState::Merged);
        self.request.merged_at = Earliest::at(at(hours));
        self
    }

    pub(crate) fn merge_commit(mut self, token: &str) -> Self {
        self.request.merge_commit = Newest::at(at(0.0), sha(token));
        self
    }

    pub(crate) fn squashed_to(mut self, token: &str) -> Self {
        self.request.squash_commit = Newest::at(at(0.0), sha(token));
        self
    }

    pub(crate) fn on_branch(mut self, name: &str) -> Self {
        self.request.source_branch = Newest::at(at(0.0), BranchName::new(name).unwrap());
        self
    }

    pub(crate) fn targeting(mut self, name: &str) -> Self {
        self.request.target_branch = Newest::at(at(0.0), BranchName::new(name).unwrap());
        self
    }

    pub(crate) fn labelled(mut self, label: &str) -> Self {
        let label = LabelName::new(label).unwrap();
        self.request.labels = Newest::at(at(0.0), LabelSet::new(vec![label]));
        self
    }

    pub(crate) fn by_a_bot(mut self) -> Self {
        self.request.author_excluded = Ever(true);
        self
    }

    pub(crate) fn reverts(mut self, number: u64) -> Self {
        let original = Some(Reverted::MergeRequest(iid(number)));
        self.request.reverts = Newest::at(at(0.0), original);
        self
    }

    /// What git's own message names.
    pub(crate) fn reverts_commit(mut self, token: &str) -> Self {
        let original = Some(Reverted::Commit(sha(token)));
        self.request.reverts = Newest::at(at(0.0), original);
        self
    }
}

/// A project's history, told fact by fact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    pub(super) bodies: Vec<FactBody>,
    head: Option<CommitSha>,
}

impl Story {
    pub(crate) fn new() -> Self {
        let path = ProjectPath::new("group/p").unwrap();
        let mut project = Project { path: Newest::at(at(0.0), path), ..Project::default() };
        project.default_branch = Newest::at(at(0.0), BranchName::new("main").unwrap());
        Self { bodies: vec![FactBody::Project(project)], head: None }
    }

    /// A project of which nobody said where deliveries start.
    pub(crate) fn without_default_branch(mut self) -> Self {
        self.bodies.retain(|body| !matches!(body, FactBody::Project(_)));
        self
    }

    /// One commit pushed to main: authored then, on top of the one before.
    pub(crate) fn push(self, token: &str, authored: f64) -> Self {
        self.push_many(&[(token, authored)])
    }

    /// Several commits pushed to main at once.
    pub(crate) fn push_many(mut self, commits: &[(&str, f64)]) -> Self {
        let list: Vec<CommitSha> = commits.iter().map(|(token, _)| sha(token)).collect();
        self.bodies.extend(commits.iter().map(|(token, date)| dated(sha(token), *date)));
        self.bodies.push(push("main", self.head, &list));
        self.head = list.last().copied();
        self
    }

    /// A merge commit pushed to main, with the commits it brought.
    pub(crate) fn push_merge(mut self, brought: &[&str], merge: &str, authored: f64) -> Self {
        let mut list: Vec<CommitSha> = brought.iter().map(|token| sha(token)).collect();
        list.push(sha(merge));
        let mut commit = Commit::new(sha(merge));
        commit.authored_at = Earliest::at(at(authored));
        commit.is_merge = Ever(true);
        self.bodies.push(FactBody::Commit(commit));
        self.bodies.push(push("main", self.head, &list));
        self.head = Some(sha(merge));
        self
    }

    /// A commit pushed to another branch.
    pub(crate) fn push_to(mut self, branch: &str, on: &str, token: &str, authored: f64) -> Self {
        self.bodies.push(dated(sha(token), authored));
        self.bodies.push(push(branch, Some(sha(on)), &[sha(token)]));
        self
    }

    /// Another branch, begun where some branch stands.
    pub(crate) fn branched(mut self, branch: &str, at: &str) -> Self {
        let mut push = Push::new(RefName::new(&format!("refs/heads/{branch}")).unwrap(), sha(at));
        push.total_commits = Greatest(Some(0));
        self.bodies.push(FactBody::Push(push));
        self
    }

    pub(crate) fn picked(mut self, token: &str, from: &str) -> Self {
        let mut commit = Commit::new(sha(token));
        commit.picked_from = Greatest(Some(sha(from)));
        self.bodies.push(FactBody::Commit(commit));
        self
    }

    /// The copy of a commit that a rebase made: same author, date and title.
    pub(crate) fn rebased(mut self, copy: &str, original: &str) -> Self {
        for token in [copy, original] {
            let mut commit = Commit::new(sha(token));
            commit.identity = Greatest(Some(CommitIdentity([7; 16])));
            self.bodies.push(FactBody::Commit(commit));
        }
        self
    }

    /// A commit that turns out to be a merge.
    pub(crate) fn merging(mut self, token: &str) -> Self {
        let mut commit = Commit::new(sha(token));
        commit.is_merge = Ever(true);
        self.bodies.push(FactBody::Commit(commit));
        self
    }

    /// Main, forced back to a commit it held before.
    pub(crate) fn set_back(mut self, to: &str) -> Self {
        let mut push = Push::new(RefName::new("refs/heads/main").unwrap(), sha(to));
        (push.before, push.total_commits) = (Greatest(self.head), Greatest(Some(0)));
        self.bodies.push(FactBody::Push(push));
        self
    }

    /// A merge request, its commits and reviews.
    pub(crate) fn mr(mut self, told: Told) -> Self {
        let Told { mut request, commits, reviews } = told;
        let number = request.iid;
        if let Some((head, _)) = commits.last() {
            request.head = Newest::at(at(0.0), *head);
        }
        for (commit, date) in commits {
            self.bodies.push(dated(commit, date));
            let own = MergeRequestCommit { merge_request: number, sha: commit };
            self.bodies.push(FactBody::MergeRequestCommit(own));
        }
        for (hours, person) in reviews {
            let person = PersonHash::new([person; 16]);
            let review = Review { merge_request: number, at: at(hours), person };
            self.bodies.push(FactBody::Review(review));
        }
        self.bodies.push(FactBody::MergeRequest(Box::new(request)));
        self
    }

    /// A successful deployment from main.
    pub(crate) fn deploy(self, id: u64, environment: &str, token: &str, finish: f64) -> Self {
        self.ended(id, environment, token, (DeploymentStatus::Success, finish))
    }

    /// A deployment that came to some end.
    pub(crate) fn ended(
        mut self,
        id: u64,
        environment: &str,
        token: &str,
        (status, finish): (DeploymentStatus, f64),
    ) -> Self {
        let name = EnvironmentName::new(environment).unwrap();
        let mut known = Environment::new(name.clone());
        known.seen_at = Earliest::at(at(finish));
        self.bodies.push(FactBody::Environment(known));
        let mut deployment = Deployment::new(DeploymentId::new(id).unwrap());
        deployment.environment = Greatest(Some(name));
        deployment.sha = Greatest(Some(sha(token)));
        deployment.ref_name = Greatest(Some(RefName::new("main").unwrap()));
        deployment.status = Furthest::at(at(finish), status);
        if status == DeploymentStatus::Success {
            deployment.succeeded_at = Earliest::at(at(finish));
        }
        self.bodies.push(FactBody::Deployment(deployment));
        self
    }

    /// An incident that opened, and was closed and reopened in turn at the further instants.
    pub(crate) fn incident(self, number: u64, opened: f64, turns: &[f64]) -> Self {
        self.incident_with(number, opened, turns, |_| {})
    }

    pub(crate) fn incident_with(
        mut self,
        number: u64,
        opened: f64,
        turns: &[f64],
        change: impl FnOnce(&mut Issue),
    ) -> Self {
        let mut issue = Issue::new(iid(number));
        issue.issue_type = Newest::at(at(opened), IssueType::Incident);
        issue.created_at = Earliest::at(at(opened));
        change(&mut issue);
        self.bodies.push(FactBody::Issue(issue));
        let ways = [Transition::Closed, Transition::Reopened].into_iter().cycle();
        for (hours, transition) in turns.iter().zip(ways) {
            let turn = IssueTransition { issue: iid(number), at: at(*hours), transition };
            self.bodies.push(FactBody::IssueTransition(turn));
        }
        self
    }

    /// An incident that names its cause.
    pub(crate) fn blamed(self, number: u64, opened: f64, turns: &[f64], cause: Cause) -> Self {
        self.incident_with(number, opened, turns, |issue| {
            issue.described_cause = Newest::at(at(opened), Some(cause));
        })
    }

    /// All facts, in the order told.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let fact = |body: &FactBody| Fact { project: key(), body: body.clone() };
        self.bodies.iter().map(fact).collect()
    }

    /// The numbers as of hour 1,000 under the default policy.
    pub(crate) fn score(&self) -> ProjectScore {
        self.score_with(|_| {})
    }

    pub(crate) fn score_with(&self, change: impl FnOnce(&mut Policy)) -> ProjectScore {
        let mut policy = policy();
        change(&mut policy);
        self.score_at(at(1_000.0), &policy)
    }

    pub(crate) fn score_at(&self, as_of: Timestamp, policy: &Policy) -> ProjectScore {
        let mut history = History::default();
        for fact in self.facts() {
            history.fold(fact);
        }
        let own = history.project(key()).unwrap();
        measure(key(), own, as_of, policy, &[Window::of_days(30)])
    }

    /// Production's numbers of the 30 days before hour 1,000.
    pub(crate) fn production(&self) -> WindowFigures {
        production(&self.score())
    }

    pub(crate) fn production_with(&self, change: impl FnOnce(&mut Policy)) -> WindowFigures {
        production(&self.score_with(change))
    }
}

pub(crate) fn production(score: &ProjectScore) -> WindowFigures {
    tier(score, &EnvironmentTier::Production).expect("production is known")
}

pub(crate) fn tier(score: &ProjectScore, tier: &EnvironmentTier) -> Option<WindowFigures> {
    let tiers = &score.figures.figures.tiers;
    tiers.iter().find(|own| own.tier == *tier).map(|own| own.windows[0].clone())
}

fn dated(sha: CommitSha, authored: f64) -> FactBody {
    let mut commit = Commit::new(sha);
    commit.authored_at = Earliest::at(at(authored));
    FactBody::Commit(commit)
}

fn push(branch: &str, before: Option<CommitSha>, list: &[CommitSha]) -> FactBody {
    let ref_name = RefName::new(&format!("refs/heads/{branch}")).unwrap();
    let mut push = Push::new(ref_name, *list.last().unwrap());
    push.before = Greatest(before);
    push.total_commits = Greatest(u32::try_from(list.len()).ok());
    push.commits = Greatest(Some(CommitList(list.into())));
    FactBody::Push(push)
}
