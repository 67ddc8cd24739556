//! Groups and teams: the raw samples of their projects, pooled.

use std::collections::BTreeMap;

use globset::GlobSet;

use super::measure::{ProjectScore, figures};
use super::scorecard::PooledFigures;
use super::window::Window;
use crate::delivery::Timestamp;

/// A team: the projects whose paths its globs match.
#[derive(Debug, Clone)]
pub struct Team {
    /// The label `team`.
    pub name: String,
    /// Which projects are its.
    pub projects: GlobSet,
}

/// Which scores make up each group above a project; `a/b/c` belongs to `a` and to `a/b`.
#[must_use]
pub fn groups<'a>(scores: &[&'a ProjectScore]) -> BTreeMap<String, Vec<&'a ProjectScore>> {
    let mut groups: BTreeMap<String, Vec<&ProjectScore>> = BTreeMap::new();
    for score in scores {
        for group in score.figures.path.groups() {
            groups.entry(group.to_owned()).or_default().push(score);
        }
    }
    groups
}

/// Which scores make up each team, sorted by name; a team without a known project is left out.
#[must_use]
pub fn teams<'a>(
    scores: &[&'a ProjectScore],
    teams: &[Team],
) -> BTreeMap<String, Vec<&'a ProjectScore>> {
    let mut members: BTreeMap<String, Vec<&ProjectScore>> = BTreeMap::new();
    for team in teams {
        let own = scores.iter().filter(|score| team.projects.is_match(score.figures.path.as_str()));
        for score in own {
            members.entry(team.name.clone()).or_default().push(score);
        }
    }
    members
}

/// Pools the samples of several projects: five changes at 1 h and one at 101 h give a median of
/// 1 h, not of 51 h.
#[must_use]
pub fn roll_up(
    name: &str,
    scores: &[&ProjectScore],
    as_of: Timestamp,
    windows: &[Window],
) -> PooledFigures {
    let samples: Vec<_> = scores.iter().flat_map(|score| score.streams()).collect();
    let mut figures = figures(&samples, as_of, windows);
    // A rhythm belongs to one project.
    for window in figures.tiers.iter_mut().flat_map(|tier| &mut tier.windows) {
        window.rhythm.interval_variation_ratio = None;
    }
    PooledFigures {
        name: name.to_owned(),
        projects: u64::try_from(scores.len()).unwrap_or(u64::MAX),
        figures,
    }
}
