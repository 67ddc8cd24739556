//! Roll-ups that are pooled again only when one of their projects was measured again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::delivery::{ProjectKey, Timestamp};
use crate::dora::measure::ProjectScore;
use crate::dora::roll_up::roll_up;
use crate::dora::scorecard::PooledFigures;
use crate::dora::window::Window;

/// The roll-ups of one kind: all groups, or all teams.
#[derive(Debug, Default)]
pub(super) struct Pooled {
    /// Sorted by name.
    known: Vec<Pool>,
}

#[derive(Debug)]
struct Pool {
    name: String,
    /// Its projects, in the order of their keys.
    members: Vec<ProjectKey>,
    /// Absent until it is pooled, and after its members changed.
    figures: Option<Arc<PooledFigures>>,
}

/// One instant of measure, as the roll-ups see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) as_of: Timestamp,
    pub(super) windows: &'a [Window],
    pub(super) scores: &'a BTreeMap<ProjectKey, Box<ProjectScore>>,
    /// Projects that were measured again.
    pub(super) measured: &'a BTreeSet<ProjectKey>,
}

impl Pooled {
    /// Forgets everything, as after a changed policy.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Takes over who belongs where: after a project came, went or moved.
    pub(super) fn regroup(&mut self, members: BTreeMap<String, Vec<&ProjectScore>>) {
        let mut before: BTreeMap<String, Pool> =
            self.known.drain(..).map(|pool| (pool.name.clone(), pool)).collect();
        for (name, scores) in members {
            let members: Vec<ProjectKey> =
                scores.iter().map(|score| score.figures.project).collect();
            let known = before.remove(&name).filter(|pool| pool.members == members);
            self.known.push(known.unwrap_or(Pool { name, members, figures: None }));
        }
    }

    /// Takes over roll-ups that were marked since.
    pub(super) fn keep_marked(&mut self, marked: &[Arc<PooledFigures>]) {
        for (own, marked) in self.known.iter_mut().zip(marked) {
            if own.name == marked.name {
                own.figures = Some(Arc::clone(marked));
            }
        }
    }

    /// Brings all roll-ups to this instant and gives them sorted by name.
    pub(super) fn turn(&mut self, turn: Turn<'_>) -> Vec<Arc<PooledFigures>> {
        self.known.iter_mut().map(|pool| pool.turn(turn)).collect()
    }
}

impl Pool {
    fn turn(&mut self, turn: Turn<'_>) -> Arc<PooledFigures> {
        let is_member = |project: &ProjectKey| self.members.binary_search(project).is_ok();
        let is_valid = !turn.measured.iter().any(is_member);
        let own = self.figures.take().filter(|_| is_valid).unwrap_or_else(|| {
            let scores: Vec<&ProjectScore> = self
                .members
                .iter()
                .filter_map(|project| turn.scores.get(project))
                .map(AsRef::as_ref)
                .collect();
            Arc::new(roll_up(&self.name, &scores, turn.as_of, turn.windows))
        });
        Arc::clone(self.figures.insert(own))
    }
}
