//! What is deployed, published and broken.

use gitlab_dora_exporter::delivery::{DeploymentStatus, EnvironmentTier, Severity, Transition};

use super::super::reference::truth::{
    TrueCause, TrueDeployment, TrueEnvironment, TrueIssue, TrueJob, TrueTag,
};
use super::git::place;
use super::steps::Step;
use super::{BEGINNING, World};

/// Environments, with the tier that GitLab tells of each.
const ENVIRONMENTS: [(&str, Option<EnvironmentTier>); 6] = [
    ("prod", None),
    ("live", Some(EnvironmentTier::Production)),
    ("stage", Some(EnvironmentTier::Staging)),
    ("qa", None),
    // This one changes its tier one day.
    ("app", Some(EnvironmentTier::Production)),
    ("hors-prod", None),
];

/// When the environment `app` was called one of production.
const CALLED_PRODUCTION: i64 = BEGINNING + 400_000;

/// Jobs: some deploy by themselves, some make a deployment, some do neither.
const JOBS: [&str; 6] =
    ["deploy prod api", "Deploy web live", "deploy", "deploy stage", "test prod", "push api"];

impl World {
    pub(super) fn deploy(&mut self, step: &Step) {
        let Step::Deploy { environment, back, takes, status, job } = step else { return };
        let environment = [0, 1, 2, 0, 3, 0, 4, 5][usize::from(*environment)];
        let id = u64::try_from(self.truth.deployments.len()).unwrap() + 1;
        let status = match status {
            9 => DeploymentStatus::Failed,
            10 => DeploymentStatus::Canceled,
            11 => DeploymentStatus::Skipped,
            _ => DeploymentStatus::Success,
        };
        let name = JOBS.get(usize::from(*job)).filter(|name| !name.starts_with("test"));
        let job = name.map(|_| self.next_job());
        let (began, at) = (self.now, self.now + i64::from(*takes));
        let commit = self.deployable(*back);
        let deployment = TrueDeployment { id, environment, commit, began, status, at, job };
        self.truth.deployments.push(deployment);
        self.tell_environment(environment, began);
        self.tell_environment(environment, at);
        self.tell_deployment(place(id));
        // Of a job that does not succeed hooks tell no name that is kept.
        let succeeded = name.zip(job).filter(|_| status == DeploymentStatus::Success);
        if let Some((name, id)) = succeeded {
            let environment = Some(environment);
            self.ran(TrueJob { id, name, commit, began, at, environment });
        }
    }

    pub(super) fn make_environments(&mut self) {
        let own = ENVIRONMENTS.iter().map(|(name, _)| TrueEnvironment { name, tiers: Vec::new() });
        self.truth.environments = own.collect();
    }

    /// GitLab tells the tier whenever something happens there.
    fn tell_environment(&mut self, environment: usize, at: i64) {
        let tiers = self.tier_at(environment, at).map(|tier| (at, tier));
        self.truth.environments[environment].tiers.extend(tiers);
    }

    /// The tier that GitLab tells of an environment at an instant.
    pub(super) fn tier_at(&self, environment: usize, at: i64) -> Option<EnvironmentTier> {
        let (name, tier) = ENVIRONMENTS[environment].clone();
        if name == "app" && at < CALLED_PRODUCTION { Some(EnvironmentTier::Testing) } else { tier }
    }

    fn deployable(&self, back: u8) -> usize {
        self.deployable[self.deployable.len().saturating_sub(1 + usize::from(back))]
    }

    fn next_job(&mut self) -> u64 {
        self.job_ids += 1;
        // No job has the id of a deployment.
        700 + self.job_ids
    }

    fn ran(&mut self, job: TrueJob) {
        self.tell_job(&job);
        self.truth.jobs.push(job);
    }

    pub(super) fn run(&mut self, step: &Step) {
        let Step::Run { job, back, takes } = step else { return };
        let id = self.next_job();
        let (began, at) = (self.now, self.now + i64::from(*takes));
        let name = JOBS[usize::from(*job)];
        let commit = self.deployable(*back);
        self.ran(TrueJob { id, name, commit, began, at, environment: None });
    }

    pub(super) fn publish(&mut self, step: &Step) {
        let Step::Publish { back, ahead, deleted } = step else { return };
        self.truth.tags.push(TrueTag {
            name: format!("v{}", self.truth.tags.len()),
            commit: self.deployable(*back),
            made: self.now,
            released: self.now + i64::from(*ahead),
            deleted: *deleted,
        });
        self.tell_tag(self.truth.tags.len() - 1);
    }

    pub(super) fn incident(&mut self, step: &Step) {
        let Step::Incident { kind, cause, of, turns, severity, before, milestone } = step else {
            return;
        };
        let opened = self.now - i64::from(*before) / 8;
        let number = |count: usize| u64::try_from(of.index(count.max(1))).unwrap() + 1;
        let cause = match cause {
            0 => Some(TrueCause::External),
            1 => Some(TrueCause::Deployment(number(self.truth.deployments.len()))),
            2 => Some(TrueCause::Request(number(self.truth.requests.len()))),
            3 => {
                // Not one that a rebase may yet replace.
                let line = self.truth.reach(self.head("main"));
                line.into_iter().nth(of.index(self.deployable.len())).map(TrueCause::Commit)
            }
            _ => None,
        };
        let labels = match kind % 8 {
            0 => vec!["external"],
            1 => vec!["outage"],
            2 => vec!["drill"],
            _ => Vec::new(),
        };
        let planned = milestone.and_then(|which| self.milestone(which));
        let ways = [Transition::Closed, Transition::Reopened].into_iter().cycle();
        let mut moment = opened;
        let turns = turns.iter().zip(ways).map(|(wait, way)| {
            moment += i64::from(*wait);
            (moment, way)
        });
        self.truth.issues.push(TrueIssue {
            is_incident: kind % 3 > 0,
            labels,
            severity: Severity::ALL[usize::from(*severity)],
            opened,
            turns: turns.collect(),
            superseded: kind / 8 % 8 == 0,
            cause,
            moves: planned.map(|milestone| (opened, Some(milestone))).into_iter().collect(),
        });
        self.tell_issue(u64::try_from(self.truth.issues.len()).unwrap());
    }
}
