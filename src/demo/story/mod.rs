//! What happens at one project: its branches, releases, troubles and plans.
//!
//! A story is a chain of [`Step`]s; each tells what happens at its time and puts the next steps on
//! the agenda of the [`Desk`].

mod branches;
mod incidents;
mod planning;
mod releases;
mod rollouts;

use std::collections::BTreeMap;

use super::calendar::DAY_SECONDS;
use super::company::{Person, Service};
use super::desk::Desk;
use super::happening::{Commit, Deployed, Issue, MilestoneEvent, Request, Run, Sha};
use crate::delivery::Timestamp;

/// Why a branch was begun.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// Ordinary work.
    Feature,
    /// What the issue of this number asks for.
    Wish(u64),
    /// A dependency update by the bot.
    Update,
    /// An urgent repair; closes an incident when it is in production.
    Hotfix(Option<u64>),
    /// Takes a merge request back.
    Revert(Box<Landed>),
}

impl Purpose {
    /// Whether it is work that people take their time for.
    const fn is_feature(&self) -> bool {
        matches!(self, Self::Feature | Self::Wish(_))
    }

    /// The issue that it is about.
    const fn wish(&self) -> Option<u64> {
        match self {
            Self::Wish(iid) => Some(*iid),
            _ => None,
        }
    }
}

/// A merge request on the default branch.
#[derive(Debug, Clone)]
pub(super) struct Landed {
    pub(super) iid: u64,
    pub(super) title: String,
    pub(super) commit: Sha,
}

/// What comes next in the life of a merge request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Open,
    Push,
    Ready,
    Remark,
    Approve,
    Merge,
    Close,
}

/// Why a version is brought to an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The pipeline of the default branch; no other environment follows.
    Trial,
    /// On its way to production.
    Release,
    /// The same version again.
    Again,
    /// Back to the version before.
    Rollback,
    /// Straight to production.
    Hotfix,
}

/// One version on its way through environments.
#[derive(Debug, Clone)]
pub(super) struct Rollout {
    pub(super) commit: Commit,
    pub(super) reason: Reason,
    /// Where it goes now.
    pub(super) environment: &'static str,
    /// Where it goes next, in order.
    pub(super) rest: Vec<&'static str>,
    /// The incident that ends when it arrives.
    pub(super) restores: Option<u64>,
    pub(super) attempt: u32,
}

/// What becomes of a running deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The approver says yes.
    Approved,
    /// The approver says no.
    Rejected,
    /// Its job starts.
    Started,
    /// Its job ends well.
    Arrived,
    /// Its job fails.
    Broke,
    /// GitLab reports it as failed because the approver said no.
    Refused,
}

/// How users were harmed, and what is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    Rollback,
    Hotfix,
    /// It goes away by itself.
    Wait,
    /// Nothing to do with a deployment.
    External,
    /// A nuisance that nobody has found the time for yet.
    Patience,
}

/// What people say caused an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    External,
    Deployment(u64),
}

/// What becomes of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Somebody looks at it, and may name what caused it.
    Noted(Option<Cause>),
    Worse,
    Over,
    Again,
}

/// One entry of the agenda.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// The day begins.
    Day,
    /// The first commits of a branch are pushed.
    Branch(Purpose),
    /// The next act in the life of the merge request with this number.
    Request(u64, Act),
    /// Somebody pushes to the default branch.
    DirectCommit,
    /// A pipeline ends.
    RunEnds(Box<Run>),
    /// A release is prepared.
    Prepare,
    /// A deployment is created.
    Deploy(Rollout),
    /// A deployment goes on.
    Deployment(Box<(Rollout, Deployed)>, Turn),
    /// Users are harmed.
    Incident(Remedy),
    /// An incident goes on.
    IncidentTurn(u64, Trouble),
    /// Somebody has an idea, and it is found worth doing.
    Idea,
    IdeaValidated(u64),
}

/// A merge request under way.
#[derive(Debug, Clone)]
pub(super) struct Underway {
    pub(super) request: Request,
    /// What is still to come, the next act last, each with the seconds to wait for it.
    pub(super) acts: Vec<(u64, Act)>,
    /// Whether it waits for nobody's working hours.
    pub(super) urgent: bool,
    pub(super) restores: Option<u64>,
    /// The issue that it closes.
    pub(super) wish: Option<u64>,
}

/// One project as it stands.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) index: usize,
    pub(super) service: &'static Service,
    head: Commit,
    underway: BTreeMap<u64, Underway>,
    issues: BTreeMap<u64, Issue>,
    milestone: Option<MilestoneEvent>,
    /// What runs where.
    running: BTreeMap<&'static str, Commit>,
    /// The last deployment that reached production.
    last_production: Option<u64>,
    /// The version before the one that runs in production.
    previous: Option<Commit>,
    /// Landed on the default branch and not yet in production.
    undelivered: Vec<Landed>,
    /// What the last release delivered.
    delivered: Vec<Landed>,
    last_request: u64,
    last_issue: u64,
    last_run: u64,
    last_milestone: u64,
    last_version: u64,
}

impl Site {
    /// A project whose default branch is at `head`, as yet deployed nowhere.
    pub(super) fn new(index: usize, service: &'static Service, head: Commit) -> Self {
        Self {
            index,
            service,
            head,
            underway: BTreeMap::new(),
            issues: BTreeMap::new(),
            milestone: None,
            running: BTreeMap::new(),
            last_production: None,
            previous: None,
            undelivered: Vec::new(),
            delivered: Vec::new(),
            last_request: 0,
            last_issue: 0,
            last_run: 0,
            last_milestone: 0,
            last_version: 0,
        }
    }

    /// Puts the first entries on the agenda: what runs from the start, and every morning.
    pub(super) fn begin(&mut self, desk: &mut Desk) {
        let mut environments: Vec<&'static str> = self.service.rehearsals.to_vec();
        environments.extend(self.service.production);
        for (place, environment) in environments.into_iter().enumerate() {
            let rollout = Rollout {
                commit: self.head.clone(),
                reason: Reason::Trial,
                environment,
                rest: Vec::new(),
                restores: None,
                attempt: 1,
            };
            let wait = 600 * (1 + u64::try_from(place).unwrap_or(0));
            desk.later(self.index, wait, Step::Deploy(rollout));
        }
        desk.later(self.index, 1_800, Step::Day);
    }

    /// Work that begins soon after `now`, so that somebody who watches has something to see at
    /// night and on Sundays too.
    pub(super) fn greet(&self, now: Timestamp, desk: &mut Desk) {
        let wait = desk.chance.between(60, 7_200);
        desk.at(self.index, now.plus(wait), Step::Branch(Purpose::Feature));
    }

    /// A nuisance that began some days before `now` and is there for weeks: somebody who watches
    /// sees what an open incident looks like.
    pub(super) fn complain(&self, now: Timestamp, desk: &mut Desk) {
        let began = now.minus(6 * DAY_SECONDS).max(desk.now);
        desk.at(self.index, began, Step::Incident(Remedy::Patience));
    }

    /// Tells one step of the story.
    pub(super) fn tell(&mut self, step: Step, desk: &mut Desk) {
        match step {
            Step::Day => self.day(desk),
            Step::Branch(purpose) => self.branch(&purpose, desk),
            Step::Request(iid, act) => self.request(iid, act, desk),
            Step::DirectCommit => self.direct_commit(desk),
            Step::RunEnds(run) => self.run_ends(*run, desk),
            Step::Prepare => self.prepare(desk),
            Step::Deploy(rollout) => self.deploy(rollout, desk),
            Step::Deployment(deployment, turn) => {
                let (rollout, deployed) = *deployment;
                self.deployment(rollout, deployed, turn, desk);
            }
            Step::Incident(remedy) => self.incident(remedy, desk),
            Step::IncidentTurn(iid, trouble) => self.incident_turn(iid, trouble, desk),
            Step::Idea => self.idea(desk),
            Step::IdeaValidated(iid) => self.idea_validated(iid, desk),
        }
    }

    /// Somebody of the team.
    fn somebody(&self, desk: &mut Desk) -> &'static Person {
        desk.chance.pick(self.service.team)
    }

    /// Somebody of the team who is not `other`.
    fn somebody_else(&self, other: &'static Person, desk: &mut Desk) -> &'static Person {
        let first = self.somebody(desk);
        let mut colleagues = self.service.team.iter().cycle().skip_while(|one| one.id != first.id);
        colleagues.find(|one| one.id != other.id).unwrap_or(other)
    }
}
