//! Random truthful histories: what happened, and the facts that webhooks give of it.
//!
//! Hooks cannot carry everything, and no history here asks it of them: what is deployed is the
//! head of some push; pushes have at most 20 commits; a branch that is deployed was created empty,
//! as GitLab's button does, so that its base is known; no merge request is stacked on another's
//! branch; a fast-forward train carries one commit per merge request, and none that was deployed
//! before; what a rebase replaced is neither picked, nor deployed, nor named as a cause; main is
//! never set back; forks do not exist.

mod changes;
mod git;
mod hooks;
mod operations;
mod plan_hooks;
mod planning;
mod policies;
mod steps;

use std::collections::BTreeMap;

use gitlab_dora_exporter::delivery::FactBody;

use super::reference::truth::Truth;

pub(crate) use policies::{Drawn, any_policy};
pub(crate) use steps::{Step, step};

/// The instant at which histories begin.
pub(crate) const BEGINNING: i64 = 1_700_000_000;

/// A project as it goes.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) truth: Truth,
    /// What hooks told, in the order of events.
    pub(crate) facts: Vec<FactBody>,
    now: i64,
    /// Heads of branches.
    branches: BTreeMap<String, usize>,
    /// Heads of pushes to main, and to branches cut from what was deployed.
    deployable: Vec<usize>,
    /// Numbers of open merge requests.
    open: Vec<u64>,
    /// How many jobs there were.
    job_ids: u64,
}

impl World {
    /// Lives through `steps`, each after a wait in seconds.
    pub(crate) fn of(steps: &[(Step, u32)]) -> Self {
        let mut world = Self { now: BEGINNING, ..Self::default() };
        world.make_environments();
        world.found();
        for (step, wait) in steps {
            world.now += i64::from(*wait);
            world.live(step);
        }
        world
    }

    /// An instant after everything that happened.
    pub(crate) fn end(&self) -> i64 {
        self.now + 1
    }

    /// The facts, each told twice, in an order drawn from `seed`.
    pub(crate) fn disordered(&self, seed: u64) -> Vec<FactBody> {
        let mut facts: Vec<(u64, FactBody)> = self
            .facts
            .iter()
            .chain(&self.facts)
            .zip(0_u64..)
            .map(|(fact, place)| (scattered(seed ^ place), fact.clone()))
            .collect();
        facts.sort_by_key(|(rank, _)| *rank);
        facts.into_iter().map(|(_, fact)| fact).collect()
    }
}

/// A number that looks random and is always the same.
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (mixed >> 32)
}
