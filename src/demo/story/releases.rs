//! From the default branch to a release: pipelines, trials, and the decision to go.

use super::{Reason, Rollout, Site, Step};
use crate::demo::company::Rhythm;
use crate::demo::desk::Desk;
use crate::demo::happening::{Commit, Run, RunState, Tag, What};

impl Site {
    /// A commit landed on the default branch: its pipeline starts; an urgent one goes straight on.
    pub(super) fn landed(
        &mut self,
        head: Commit,
        restores: Option<u64>,
        urgent: bool,
        desk: &mut Desk,
    ) {
        if !urgent {
            return self.run("main", head, None, desk);
        }
        if let Some((first, rest)) = self.service.production.split_first() {
            let rollout = Rollout {
                commit: head,
                reason: Reason::Hotfix,
                environment: first,
                rest: rest.to_vec(),
                restores,
                attempt: 1,
            };
            desk.later(self.index, 420, Step::Deploy(rollout));
        }
    }

    /// A pipeline ends; a good one of the default branch brings its version to the first rehearsal.
    pub(super) fn run_ends(&mut self, run: Run, desk: &mut Desk) {
        let (state, request, commit) = (run.state, run.request, run.commit.clone());
        let branch = run.branch.clone();
        desk.tell(self.service, What::Pipeline(run));
        if request.is_some() {
            return;
        }
        if state == RunState::Failed {
            // Somebody starts it again, and it goes better.
            if desk.chance.happens(80) {
                self.run(&branch, commit, None, desk);
            }
            return;
        }
        let on_its_way = self.service.rhythm == Rhythm::EachMerge;
        let Some((first, rest)) = self.service.rehearsals.split_first() else { return };
        let rest = if on_its_way { [rest, self.service.production].concat() } else { Vec::new() };
        let reason = if on_its_way { Reason::Release } else { Reason::Trial };
        let rollout =
            Rollout { commit, reason, environment: first, rest, restores: None, attempt: 1 };
        desk.later(self.index, 20, Step::Deploy(rollout));
    }

    /// A release is prepared: the version of today goes through the last rehearsal to production.
    pub(super) fn prepare(&mut self, desk: &mut Desk) {
        let head = self.head.clone();
        let runs = |environment: &str| self.running.get(environment).map(|commit| commit.sha);
        let in_production = self.service.production.iter().any(|at| runs(at) == Some(head.sha));
        if in_production {
            return;
        }
        let mut way = self.service.rehearsals.last().copied().into_iter().collect::<Vec<_>>();
        way.extend(self.service.production);
        let Some((first, rest)) = way.split_first() else { return };
        let (environment, rest) = (*first, rest.to_vec());
        let reason = Reason::Release;
        let rollout =
            Rollout { commit: head, reason, environment, rest, restores: None, attempt: 1 };
        desk.later(self.index, 60, Step::Deploy(rollout));
    }

    /// A version that is in production is marked, and published as a Release.
    pub(super) fn mark(&mut self, commit: Commit, desk: &mut Desk) {
        self.last_version += 1;
        let by = self.somebody(desk);
        let name = format!("v1.{}.0", self.last_version);
        let tag = Tag { id: desk.next_id(), name, object: desk.sha(), commit, by };
        desk.tell(self.service, What::Tag(tag.clone()));
        desk.tell(self.service, What::TagRelease(tag));
    }
}
