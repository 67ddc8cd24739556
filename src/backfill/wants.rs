//! What the facts of a project are known to lack, and when to ask for it. Pure.
//!
//! A hook tells that a merge request merged, not from which commits; that a deployment succeeded, not
//! always of which commit, and never what lies between it and the one before. All of that is seen
//! from the history itself, so there is no queue of questions to lose: what was answered is no
//! longer wanted.

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::history::{DeploymentRow, RequestRow};
use crate::delivery::{
    BranchName, CommitSha, DeploymentId, Iid, ImageVersion, ProjectHistory, ProjectId, ProjectKey,
    Timestamp,
};

/// When to ask, in seconds after the event: GitLab links and refines in the background, some of it
/// late. After the last the want is given up.
pub const ASK_AFTER_SECONDS: [u64; 3] = [30, 300, 3_600];

/// Commits are dated by whoever made them: a line is asked for from a day before the release before.
const LINE_SLACK_SECONDS: u64 = 86_400;

/// Something to ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// When and how a merge request landed, its original commits and its comments.
    MergeRequest(Iid),
    /// The commit and the environment of a deployment that succeeded.
    Deployment(DeploymentId),
    /// What lies below a deployed commit of which nothing is known, and what it brought.
    Line(Line),
    /// What a commit of a deployment repository changed of images.
    Images(CommitSha),
    /// Which commit of an application a version is.
    Version(ProjectId, ImageVersion),
}

/// The line below a deployed commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The deployment.
    pub deployment: DeploymentId,
    /// What it brought.
    pub sha: CommitSha,
    /// The branch it was made from.
    pub branch: BranchName,
    /// From when on commits are asked for.
    pub since: Timestamp,
}

/// Everything that is wanted of events from `from` on, each with the instant of its event. Whether
/// what hangs on a merge request was read is for the store to tell.
#[must_use]
pub fn wants(history: &ProjectHistory, from: Timestamp) -> Vec<(Want, Timestamp)> {
    let merged = history.requests().rows().iter().filter_map(|row| {
        let at = row.merged().filter(|at| *at >= from)?;
        Some((Want::MergeRequest(row.iid()), at))
    });
    let mut wants: Vec<_> = merged.collect();
    let landed: BTreeSet<_> =
        history.requests().rows().iter().filter_map(RequestRow::landing).collect();
    let mut before: BTreeMap<_, Timestamp> = BTreeMap::new();
    for row in history.deployments().rows() {
        let Some(at) = row.succeeded_at() else { continue };
        let previous = row.environment().and_then(|own| before.insert(own, at));
        if at < from {
            continue;
        }
        let Some(commit) = row.sha().filter(|_| row.environment().is_some()) else {
            wants.push((Want::Deployment(row.id()), at));
            continue;
        };
        let is_known = history.commits().is_heard(commit)
            || history.pushes().to(commit).next().is_some()
            || landed.contains(&commit);
        if let (false, Some(previous), Some(branch)) = (is_known, previous, branch(history, row)) {
            let since = previous.minus(LINE_SLACK_SECONDS);
            let line = Line { deployment: row.id(), sha: history.sha(commit), branch, since };
            wants.push((Want::Line(line), at));
        }
    }
    wants
}

/// The branch that a deployment was made from: the default branch, or one that merge requests go to.
/// A tag stands on no branch that anybody names.
fn branch(history: &ProjectHistory, row: &DeploymentRow) -> Option<BranchName> {
    let reference = history.ref_name(row)?;
    let name = reference.branch().unwrap_or(reference.as_str());
    let is_default = history.project.default_branch.value().is_some_and(|own| own.as_str() == name);
    let mut targets = history.requests().rows().iter().filter_map(RequestRow::target);
    let is_branch = is_default || targets.any(|target| history.branch(target) == name);
    is_branch.then(|| BranchName::new(name).ok()).flatten()
}

/// How often something was asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    event_at: Timestamp,
    times: usize,
    last: Timestamp,
}

impl Asked {
    /// When to ask next; `None` when it was given up. What is long overdue, as after a start, is
    /// not asked for again at once.
    fn due(&self) -> Option<Timestamp> {
        let [first, ..] = ASK_AFTER_SECONDS;
        let due = self.event_at.plus(*ASK_AFTER_SECONDS.get(self.times)?);
        Some(if self.times == 0 { due } else { due.max(self.last.plus(first)) })
    }
}

/// What is being asked for of one GitLab.
#[derive(Debug, Default)]
pub struct Asking {
    known: BTreeMap<ProjectKey, BTreeMap<Want, Asked>>,
}

impl Asking {
    /// Takes over everything that is wanted of a project now. How many wants were asked for and are
    /// none any more.
    pub fn look(&mut self, project: ProjectKey, wants: Vec<(Want, Timestamp)>) -> u64 {
        let before = self.known.remove(&project).unwrap_or_default();
        let now: BTreeMap<Want, Asked> = wants
            .into_iter()
            .map(|(want, event_at)| {
                let new = Asked { event_at, times: 0, last: event_at };
                let asked = before.get(&want).copied().unwrap_or(new);
                (want, asked)
            })
            .collect();
        let answered = before.iter().filter(|(want, own)| own.times > 0 && !now.contains_key(want));
        let answered = u64::try_from(answered.count()).unwrap_or(u64::MAX);
        if !now.is_empty() {
            self.known.insert(project, now);
        }
        answered
    }

    /// What is to be asked for by `now`, at most `most`.
    #[must_use]
    pub fn due(&self, now: Timestamp, most: usize) -> Vec<(ProjectKey, Want)> {
        let is_due = |own: &Asked| own.due().is_some_and(|due| due <= now);
        self.all()
            .filter(|(.., own)| is_due(own))
            .map(|(project, want, _)| (project, want.clone()))
            .take(most)
            .collect()
    }

    /// Notes that something was asked for; whether it is given up with that, unless the answer told
    /// it.
    pub fn asked(&mut self, project: ProjectKey, want: &Want, now: Timestamp) -> bool {
        let Some(own) = self.known.get_mut(&project).and_then(|own| own.get_mut(want)) else {
            return false;
        };
        (own.times, own.last) = (own.times + 1, now);
        own.times >= ASK_AFTER_SECONDS.len()
    }

    /// Projects of which anything is wanted, given up or not.
    pub fn projects(&self) -> impl Iterator<Item = ProjectKey> {
        self.known.keys().copied()
    }

    /// How many wants are open.
    #[must_use]
    pub fn open(&self) -> u64 {
        let open = self.all().filter(|(.., own)| own.due().is_some());
        u64::try_from(open.count()).unwrap_or(u64::MAX)
    }

    /// Projects of which something is open that a first answer did not tell.
    #[must_use]
    pub fn overdue(&self) -> BTreeSet<ProjectKey> {
        let overdue = self.all().filter(|(.., own)| own.times > 0 && own.due().is_some());
        overdue.map(|(project, ..)| project).collect()
    }

    fn all(&self) -> impl Iterator<Item = (ProjectKey, &Want, &Asked)> {
        self.known
            .iter()
            .flat_map(|(project, own)| own.iter().map(move |(want, asked)| (*project, want, asked)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::register::{Earliest, Greatest, Newest};
    use crate::delivery::{
        Commit, Deployment, EnvironmentName, FactBody, InstanceId, MergeRequest, Project,
        ProjectId, RefName,
    };

    const DAY: u64 = 86_400;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second)
    }

    fn sha(number: u64) -> CommitSha {
        CommitSha::from_hex(&format!("{number:040x}")).unwrap()
    }

    fn deployment(id: u64, commit: Option<u64>, second: i64) -> FactBody {
        FactBody::Deployment(Deployment {
            environment: Greatest(EnvironmentName::new("production").ok()),
            sha: Greatest(commit.map(sha)),
            ref_name: Greatest(RefName::new("main").ok()),
            succeeded_at: Earliest(Some(at(second))),
            ..Deployment::new(DeploymentId::new(id).unwrap())
        })
    }

    fn history(facts: Vec<FactBody>) -> ProjectHistory {
        let mut history = ProjectHistory::default();
        let branch = BranchName::new("main").unwrap();
        let default_branch = Newest::at(at(0), branch);
        let project = Project { default_branch, ..Project::default() };
        history.fold(FactBody::Project(project));
        for fact in facts {
            history.fold(fact);
        }
        history
    }

    #[test]
    fn a_merge_and_a_deployment_without_its_commit_are_wanted() {
        let iid = Iid::new(4).unwrap();
        let merged = |second| MergeRequest {
            merged_at: Earliest(Some(at(second))),
            ..MergeRequest::new(iid)
        };
        let own = |second| FactBody::MergeRequest(Box::new(merged(second)));
        let facts = |second| history(vec![own(second), deployment(9, None, second)]);
        let deployment = Want::Deployment(DeploymentId::new(9).unwrap());
        let expected = [(Want::MergeRequest(iid), at(100)), (deployment, at(100))];
        assert_eq!(wants(&facts(100), at(100)), expected);
        assert_eq!(wants(&facts(99), at(100)), [], "too long ago");
    }

    #[test]
    fn the_line_below_a_deployed_commit_is_wanted_where_nothing_told_of_it() {
        let known = FactBody::Commit(Commit::new(sha(2)));
        let first = || deployment(1, Some(1), 100_000);
        let second = || deployment(2, Some(2), 200_000);
        let line = Want::Line(Line {
            deployment: DeploymentId::new(2).unwrap(),
            sha: sha(2),
            branch: BranchName::new("main").unwrap(),
            since: at(100_000).minus(DAY),
        });
        assert_eq!(wants(&history(vec![first(), second()]), at(0)), [(line, at(200_000))]);
        assert_eq!(wants(&history(vec![first(), second(), known]), at(0)), []);
        assert_eq!(wants(&history(vec![second()]), at(0)), [], "the first has nothing before it");
    }

    #[test]
    fn a_want_is_asked_for_at_its_steps_and_then_given_up() {
        let project =
            ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(7).unwrap() };
        let want = Want::MergeRequest(Iid::new(4).unwrap());
        let mut asking = Asking::default();
        let all = || vec![(want.clone(), at(1_000))];
        assert_eq!(asking.look(project, all()), 0);
        let due = |asking: &Asking, now| asking.due(at(now), 9).len();
        for (step, given_up) in [(1_030, false), (1_300, false), (4_600, true)] {
            assert_eq!((due(&asking, step - 1), due(&asking, step)), (0, 1), "{step}");
            assert_eq!(asking.open(), 1);
            assert_eq!(asking.asked(project, &want, at(step)), given_up);
            assert_eq!(asking.look(project, all()), 0);
            assert_eq!(asking.overdue().len(), usize::from(!given_up));
        }
        assert_eq!((due(&asking, 9_999_999), asking.open()), (0, 0));
        assert_eq!(asking.look(project, Vec::new()), 1, "somebody told it after all");
        assert_eq!(asking.projects().count(), 0);
    }

    #[test]
    fn what_is_long_overdue_is_asked_for_with_pauses() {
        let project =
            ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(7).unwrap() };
        let want = Want::MergeRequest(Iid::new(4).unwrap());
        let mut asking = Asking::default();
        asking.look(project, vec![(want.clone(), at(0))]);
        assert!(!asking.asked(project, &want, at(500_000)));
        assert_eq!(asking.due(at(500_029), 9), []);
        assert_eq!(asking.due(at(500_030), 9), [(project, want)]);
    }
}
