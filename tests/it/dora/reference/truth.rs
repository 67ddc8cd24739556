//! What truly happened in a project: git with its parents, not what hooks tell of it.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_dora_exporter::delivery::{
    DeploymentStatus, EnvironmentTier, RunStatus, Severity, Transition,
};

/// Everything that happened; instants in seconds since the epoch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truth {
    /// Commits, named by their place.
    pub(crate) commits: Vec<TrueCommit>,
    /// Merge requests; number n stands at place n − 1.
    pub(crate) requests: Vec<TrueRequest>,
    pub(crate) environments: Vec<TrueEnvironment>,
    pub(crate) deployments: Vec<TrueDeployment>,
    /// Issues; number n stands at place n − 1.
    pub(crate) issues: Vec<TrueIssue>,
    /// The commit each branch points to in the end.
    pub(crate) heads: BTreeMap<String, usize>,
    /// Jobs that succeeded.
    pub(crate) jobs: Vec<TrueJob>,
    /// GitLab's Releases.
    pub(crate) tags: Vec<TrueTag>,
    /// Milestones; number n stands at place n − 1.
    pub(crate) milestones: Vec<TrueMilestone>,
    /// Pipelines by id.
    pub(crate) pipelines: Vec<TruePipeline>,
}

#[derive(Debug, Clone)]
pub(crate) struct TrueCommit {
    pub(crate) parents: Vec<usize>,
    pub(crate) authored: i64,
    /// Set where an API would have told it.
    pub(crate) committed: Option<i64>,
    pub(crate) by_bot: bool,
    /// The commit its `cherry picked from` trailer names.
    pub(crate) picked_from: Option<usize>,
    /// Same author, authored date and title give the same number.
    pub(crate) identity: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct TrueRequest {
    pub(crate) author: u8,
    pub(crate) by_bot: bool,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) labels: Vec<&'static str>,
    pub(crate) created: i64,
    /// When it ceased to be a draft; `None` when it never was one.
    pub(crate) ready: Option<i64>,
    /// Its original commits, oldest first.
    pub(crate) commits: Vec<usize>,
    pub(crate) merged: Option<TrueMerge>,
    /// Review acts of persons.
    pub(crate) reviews: Vec<(i64, u8)>,
    /// The number of the merge request it reverts.
    pub(crate) reverts: Option<u64>,
    /// The number of the milestone it is assigned to.
    pub(crate) milestone: Option<u64>,
    /// The commits that were at its head.
    pub(crate) heads: BTreeSet<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct TrueMerge {
    pub(crate) at: i64,
    pub(crate) method: Method,
    pub(crate) landing: usize,
    /// The squash commit, where one was made.
    pub(crate) squash: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    MergeCommit,
    Squash,
    /// A squash commit, brought in by a merge commit.
    SquashAndMergeCommit,
    FastForward,
    /// A fast-forward train: what landed is a copy that GitLab does not name.
    Train,
}

#[derive(Debug, Clone)]
pub(crate) struct TrueEnvironment {
    pub(crate) name: &'static str,
    /// GitLab's own tier, where it tells one, at each instant at which it did.
    pub(crate) tiers: Vec<(i64, EnvironmentTier)>,
}

#[derive(Debug, Clone)]
pub(crate) struct TrueDeployment {
    pub(crate) id: u64,
    pub(crate) environment: usize,
    pub(crate) commit: usize,
    /// When it was first heard of.
    pub(crate) began: i64,
    /// How it ended, and when.
    pub(crate) status: DeploymentStatus,
    pub(crate) at: i64,
    /// The id of the job that made it, where a job did.
    pub(crate) job: Option<u64>,
}

/// A job that succeeded.
#[derive(Debug, Clone)]
pub(crate) struct TrueJob {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) commit: usize,
    pub(crate) began: i64,
    pub(crate) at: i64,
    /// The environment it names.
    pub(crate) environment: Option<usize>,
}

/// A Release of GitLab.
#[derive(Debug, Clone)]
pub(crate) struct TrueTag {
    pub(crate) name: String,
    pub(crate) commit: usize,
    pub(crate) made: i64,
    /// When it counts as released; may lie ahead.
    pub(crate) released: i64,
    pub(crate) deleted: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct TrueMilestone {
    /// UTC midnight of its start day.
    pub(crate) start_day: Option<i64>,
    /// UTC midnight of its due day at each instant at which it was told.
    pub(crate) dues: Vec<(i64, Option<i64>)>,
    pub(crate) deleted: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct TruePipeline {
    pub(crate) id: u64,
    pub(crate) branch: String,
    pub(crate) commit: usize,
    /// The merge request it ran for, where it ran for one.
    pub(crate) request: Option<u64>,
    pub(crate) created: i64,
    pub(crate) ended: Option<(i64, RunStatus)>,
    pub(crate) stages: Vec<TrueStage>,
}

/// A stage of a pipeline, with the jobs of it that ran.
#[derive(Debug, Clone)]
pub(crate) struct TrueStage {
    pub(crate) name: &'static str,
    /// When each was ready to run, and when it ended.
    pub(crate) jobs: Vec<(i64, i64)>,
}

#[derive(Debug, Clone)]
pub(crate) struct TrueIssue {
    pub(crate) is_incident: bool,
    pub(crate) labels: Vec<&'static str>,
    pub(crate) severity: Severity,
    pub(crate) opened: i64,
    pub(crate) turns: Vec<(i64, Transition)>,
    pub(crate) superseded: bool,
    pub(crate) cause: Option<TrueCause>,
    /// Each move into a milestone or out of one.
    pub(crate) moves: Vec<(i64, Option<u64>)>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum TrueCause {
    External,
    Deployment(u64),
    Request(u64),
    Commit(usize),
}

impl std::fmt::Display for Truth {
    /// One thing a line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, own) in self.commits.iter().enumerate() {
            writeln!(f, "commit {place} {own:?}")?;
        }
        for (number, own) in (1..).zip(&self.requests) {
            writeln!(f, "!{number} {own:?}")?;
        }
        for own in &self.deployments {
            writeln!(f, "{own:?} {}", self.environments[own.environment].name)?;
        }
        for (number, own) in (1..).zip(&self.issues) {
            writeln!(f, "#{number} {own:?}")?;
        }
        self.jobs.iter().try_for_each(|own| writeln!(f, "{own:?}"))?;
        self.tags.iter().try_for_each(|own| writeln!(f, "{own:?}"))?;
        self.pipelines.iter().try_for_each(|own| writeln!(f, "{own:?}"))?;
        for (number, own) in (1..).zip(&self.milestones) {
            writeln!(f, "%{number} {own:?}")?;
        }
        for (place, own) in self.environments.iter().enumerate() {
            writeln!(f, "environment {place} {own:?}")?;
        }
        Ok(())
    }
}

/// Some of what was planned follows from numbers: issues and merge requests are random enough.
impl Truth {
    /// The issues that a merge request closes, whether they exist or not.
    pub(crate) fn closes(number: u64) -> Vec<u64> {
        if number.is_multiple_of(4) { Vec::new() } else { vec![1 + number % 3, 1 + number % 7] }
    }

    /// When an issue was validated by a label.
    pub(crate) fn validated(&self, number: u64) -> Option<i64> {
        let opened = self.issues[usize::try_from(number).unwrap() - 1].opened;
        number.is_multiple_of(2).then_some(opened + 1_800)
    }

    /// When a person first commented on it.
    pub(crate) fn noted(&self, number: u64) -> Option<i64> {
        let opened = self.issues[usize::try_from(number).unwrap() - 1].opened;
        (number % 4 < 3).then_some(opened + 900)
    }

    /// Every instant at which something happened.
    pub(crate) fn instants(&self) -> Vec<i64> {
        let deployments = self.deployments.iter().flat_map(|own| [own.began, own.at]);
        let requests = self.requests.iter().flat_map(|own| {
            let merged = own.merged.map(|merge| merge.at);
            merged.into_iter().chain([own.created]).chain(own.ready)
        });
        let issues = self.issues.iter().flat_map(|own| {
            let turns = own.turns.iter().map(|(at, _)| *at);
            turns.chain(own.moves.iter().map(|(at, _)| *at)).chain([own.opened])
        });
        let pipelines = self.pipelines.iter().flat_map(|own| {
            let stages = own.stages.iter().flat_map(|stage| &stage.jobs).map(|job| job.1);
            stages.chain([own.created]).chain(own.ended.map(|(at, _)| at))
        });
        let deadlines = self.milestones.iter().flat_map(|own| &own.dues);
        let deadlines = deadlines.filter_map(|(_, due)| due.map(|day| day + 86_400));
        deployments
            .chain(requests)
            .chain(issues)
            .chain(pipelines)
            .chain(deadlines)
            .chain(self.milestones.iter().flat_map(|own| &own.dues).map(|(at, _)| *at))
            .chain(self.commits.iter().map(|own| own.authored))
            .chain(self.jobs.iter().map(|own| own.at))
            .chain(self.tags.iter().flat_map(|own| [own.made, own.released]))
            .collect()
    }

    /// The commits reachable from one, itself among them.
    pub(crate) fn reach(&self, commit: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![commit];
        while let Some(next) = waiting.pop() {
            if seen.insert(next) {
                waiting.extend(&self.commits[next].parents);
            }
        }
        seen
    }

    pub(crate) fn is_strict_ancestor(&self, ancestor: usize, of: usize) -> bool {
        ancestor != of && self.reach(of).contains(&ancestor)
    }

    /// A set of commits, and everything that was picked from them, directly or not.
    pub(crate) fn with_picks(&self, commits: BTreeSet<usize>) -> BTreeSet<usize> {
        let mut all = commits;
        loop {
            let picked = |own: &TrueCommit| own.picked_from.is_some_and(|from| all.contains(&from));
            let places = 0..self.commits.len();
            let picks: Vec<usize> = places.filter(|own| picked(&self.commits[*own])).collect();
            let before = all.len();
            all.extend(picks);
            if all.len() == before {
                return all;
            }
        }
    }
}
