//! One version on its way through environments: deployments that wait, run, break and arrive.

use super::{Purpose, Reason, Remedy, Rollout, Site, Step, Trouble, Turn};
use crate::demo::company::{Gate, Rhythm};
use crate::demo::desk::Desk;
use crate::demo::happening::{Commit, Deployed, DeploymentState, Dialect, What};

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

impl Site {
    fn is_production(&self, environment: &str) -> bool {
        self.service.production.contains(&environment)
    }

    /// A deployment is created: it runs at once, or waits for an approver.
    pub(super) fn deploy(&mut self, rollout: Rollout, desk: &mut Desk) {
        let deployed = Deployed {
            id: desk.next_id(),
            job: desk.next_id(),
            environment: rollout.environment,
            sha: rollout.commit.sha,
            title: rollout.commit.title().to_owned(),
            state: DeploymentState::Blocked,
            by: self.somebody(desk),
        };
        let waits = self.service.gate == Gate::Approval
            && self.is_production(rollout.environment)
            && rollout.reason == Reason::Release
            && desk.dialect() == Dialect::V19;
        if !waits {
            return self.deployment(rollout, deployed, Turn::Started, desk);
        }
        desk.tell(self.service, What::Deployment(deployed.clone()));
        let turn = if desk.chance.happens(25) { Turn::Rejected } else { Turn::Approved };
        let wait = desk.chance.between(10, 90) * MINUTE;
        desk.later(self.index, wait, Step::Deployment(Box::new((rollout, deployed)), turn));
    }

    /// A deployment goes on.
    pub(super) fn deployment(
        &mut self,
        rollout: Rollout,
        mut deployed: Deployed,
        turn: Turn,
        desk: &mut Desk,
    ) {
        deployed.state = match turn {
            Turn::Approved => DeploymentState::Approved,
            Turn::Rejected => DeploymentState::Rejected,
            Turn::Started => DeploymentState::Running,
            Turn::Arrived => DeploymentState::Success,
            Turn::Broke | Turn::Refused => DeploymentState::Failed,
        };
        desk.tell(self.service, What::Deployment(deployed.clone()));
        let (wait, next) = match turn {
            Turn::Approved => (30, Turn::Started),
            Turn::Rejected => (2, Turn::Refused),
            Turn::Started => self.how_it_will_end(&rollout, desk),
            Turn::Arrived => return self.arrived(rollout, deployed.id, desk),
            Turn::Broke => return self.broke(rollout, desk),
            // It waits for the next release.
            Turn::Refused => return,
        };
        desk.later(self.index, wait, Step::Deployment(Box::new((rollout, deployed)), next));
    }

    fn how_it_will_end(&self, rollout: &Rollout, desk: &mut Desk) -> (u64, Turn) {
        let seconds = desk.chance.between(60, 480);
        // Now and then a runner is slow, and a newer version overtakes the older one.
        let seconds = if desk.chance.happens(1) { seconds + 2 * HOUR } else { seconds };
        let percent = if rollout.attempt == 1 { self.service.broken_job_percent } else { 20 };
        let breaks =
            rollout.attempt < 3 && !self.running.is_empty() && desk.chance.happens(percent);
        (seconds, if breaks { Turn::Broke } else { Turn::Arrived })
    }

    /// A broken deployment is tried again.
    fn broke(&self, mut rollout: Rollout, desk: &mut Desk) {
        rollout.attempt += 1;
        let wait = desk.chance.between(5, 40) * MINUTE;
        desk.later(self.index, wait, Step::Deploy(rollout));
    }

    /// The version runs; it goes on to the next environment, or the rollout is over.
    fn arrived(&mut self, mut rollout: Rollout, id: u64, desk: &mut Desk) {
        let before = self.running.insert(rollout.environment, rollout.commit.clone());
        let in_production = self.is_production(rollout.environment);
        if in_production {
            self.last_production = Some(id);
        }
        if in_production && rollout.reason != Reason::Rollback {
            let other = before.filter(|before| before.sha != rollout.commit.sha);
            self.previous = other.or(self.previous.take());
        }
        if !rollout.rest.is_empty() {
            let next = rollout.rest.remove(0);
            let wait = self.pause(rollout.environment, next, desk);
            rollout.environment = next;
            rollout.attempt = 1;
            return match wait {
                Pause::Clock(seconds) => desk.later(self.index, seconds, Step::Deploy(rollout)),
                Pause::Work(seconds) => desk.at_work(self.index, seconds, Step::Deploy(rollout)),
            };
        }
        if let Some(incident) = rollout.restores {
            let wait = desk.chance.between(5, 30) * MINUTE;
            desk.later(self.index, wait, Step::IncidentTurn(incident, Trouble::Over));
        }
        if in_production {
            self.in_production(&rollout, desk);
        }
    }

    /// How long a version stays in one environment before it goes to the next.
    fn pause(&self, from: &str, to: &str, desk: &mut Desk) -> Pause {
        let slow = matches!(self.service.rhythm, Rhythm::Weeks { .. });
        match (self.is_production(from), self.is_production(to)) {
            // One production after the other.
            (true, _) => Pause::Clock(desk.chance.between(4, 12) * MINUTE),
            (false, true) if slow => Pause::Work(desk.chance.between(6, 16) * HOUR),
            _ => Pause::Clock(desk.chance.between(3, 20) * MINUTE),
        }
    }

    /// A rollout is complete: what it delivered, and what it will lead to.
    fn in_production(&mut self, rollout: &Rollout, desk: &mut Desk) {
        match rollout.reason {
            Reason::Trial | Reason::Again => return,
            // The repair follows with the next release.
            Reason::Rollback => return self.after_rollback(desk),
            Reason::Release | Reason::Hotfix => {}
        }
        self.delivered = std::mem::take(&mut self.undelivered);
        if matches!(self.service.rhythm, Rhythm::Weeks { .. }) {
            self.mark(rollout.commit.clone(), desk);
        }
        if desk.chance.happens(4) {
            self.again(rollout.commit.clone(), desk);
        }
        let percent = match rollout.reason {
            Reason::Hotfix => self.service.harmful_percent / 3,
            _ => self.service.harmful_percent,
        };
        if desk.chance.happens(percent) {
            self.harm(desk);
        }
    }

    /// Users are harmed by the release that has just arrived.
    fn harm(&self, desk: &mut Desk) {
        let wait = desk.chance.between(10, 240) * MINUTE;
        let step = match desk.chance.between(1, 10) {
            1..=4 => Step::Incident(Remedy::Rollback),
            5..=7 => Step::Incident(Remedy::Hotfix),
            8 => Step::Incident(Remedy::Wait),
            _ => match self.delivered.last() {
                Some(landed) => Step::Branch(Purpose::Revert(Box::new(landed.clone()))),
                None => Step::Incident(Remedy::Wait),
            },
        };
        desk.later(self.index, wait, step);
    }

    fn after_rollback(&self, desk: &mut Desk) {
        if let Some(landed) = self.delivered.last() {
            let step = Step::Branch(Purpose::Revert(Box::new(landed.clone())));
            let wait = desk.chance.between(30, 120) * MINUTE;
            if desk.chance.happens(30) {
                desk.at_work(self.index, wait, step);
            }
        }
    }

    /// The same version is deployed again: a setting changed.
    fn again(&self, commit: Commit, desk: &mut Desk) {
        if let Some((first, rest)) = self.service.production.split_first() {
            let rollout = Rollout {
                commit,
                reason: Reason::Again,
                environment: first,
                rest: rest.to_vec(),
                restores: None,
                attempt: 1,
            };
            let wait = desk.chance.between(20, 90) * MINUTE;
            desk.later(self.index, wait, Step::Deploy(rollout));
        }
    }

    /// Production goes back to the version before; `false` when there is none.
    pub(super) fn roll_back(&mut self, incident: u64, desk: &mut Desk) -> bool {
        let (Some(commit), Some((first, rest))) =
            (self.previous.take(), self.service.production.split_first())
        else {
            return false;
        };
        let rollout = Rollout {
            commit,
            reason: Reason::Rollback,
            environment: first,
            rest: rest.to_vec(),
            restores: Some(incident),
            attempt: 1,
        };
        let wait = desk.chance.around(25 * MINUTE);
        desk.later(self.index, wait, Step::Deploy(rollout));
        true
    }
}

/// How waiting is counted.
enum Pause {
    Clock(u64),
    Work(u64),
}
