//! Roll-ups that are pooled again only when one of their projects was measured again.

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::{ProjectKey, Timestamp};
use crate::dora::measure::ProjectScore;
use crate::dora::roll_up::roll_up;
use crate::dora::scorecard::PooledFigures;
use crate::dora::window::Window;

/// The roll-ups of one kind: all groups, or all teams.
#[derive(Debug, Default)]
pub(super) struct Pooled {
    known: BTreeMap<String, (BTreeSet<ProjectKey>, PooledFigures)>,
}

/// One instant of measure, as the roll-ups see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) as_of: Timestamp,
    pub(super) elapsed_seconds: u64,
    pub(super) windows: &'a [Window],
    /// Projects that were measured again.
    pub(super) measured: &'a BTreeSet<ProjectKey>,
}

impl Pooled {
    /// Forgets everything, as after a changed policy.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Brings all roll-ups to this instant and gives them sorted by name.
    pub(super) fn turn(
        &mut self,
        members: BTreeMap<String, Vec<&ProjectScore>>,
        turn: Turn<'_>,
    ) -> Vec<PooledFigures> {
        let mut fresh = BTreeMap::new();
        for (name, scores) in members {
            let keys: BTreeSet<ProjectKey> =
                scores.iter().map(|score| score.figures.project).collect();
            let known = self
                .known
                .remove(&name)
                .filter(|(own, _)| *own == keys && keys.is_disjoint(turn.measured));
            let figures = if let Some((_, mut figures)) = known {
                figures.figures.grow_older(turn.elapsed_seconds);
                figures
            } else {
                roll_up(&name, &scores, turn.as_of, turn.windows)
            };
            fresh.insert(name, (keys, figures));
        }
        self.known = fresh;
        self.known.values().map(|(_, figures)| figures.clone()).collect()
    }
}
