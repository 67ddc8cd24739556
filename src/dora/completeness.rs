//! Whether numbers are complete: of each project, group and team, whether a fact is known to be
//! missing.

use std::collections::{BTreeMap, BTreeSet};

use super::roll_up::Team;
use super::scorecard::{PooledFigures, Scorecard};
use crate::delivery::{Doubt, ProjectKey};

/// Marks a scorecard by what `missing` tells of each project: nothing for a complete one, `None`
/// where nobody can tell.
///
/// A group or team is incomplete when a project of it is; complete when all are known to be; else
/// nobody can tell.
pub fn mark(
    scorecard: &mut Scorecard,
    teams: &[Team],
    missing: impl Fn(ProjectKey) -> Option<Vec<Doubt>>,
) {
    let (mut incomplete, mut untold) = (BTreeSet::new(), BTreeSet::new());
    let mut doubts = BTreeMap::new();
    for own in &mut scorecard.projects {
        let missing = missing(own.project);
        own.figures.is_complete = missing.as_ref().map(Vec::is_empty);
        match missing {
            Some(missing) if missing.is_empty() => {}
            Some(missing) => {
                incomplete.insert(own.path.as_str().to_owned());
                doubts.insert(own.project, missing);
            }
            None => drop(untold.insert(own.path.as_str().to_owned())),
        }
    }
    scorecard.doubts = doubts;
    let groups = |paths: &BTreeSet<String>| -> BTreeSet<String> {
        let above = |path: &String| {
            path.match_indices('/')
                .filter_map(|(end, _)| path.get(..end))
                .map(str::to_owned)
                .collect()
        };
        paths.iter().flat_map(|path| -> Vec<String> { above(path) }).collect()
    };
    pool(&mut scorecard.groups, &groups(&incomplete), &groups(&untold));
    let of_teams = |paths: &BTreeSet<String>| -> BTreeSet<String> {
        let holds = |team: &&Team| paths.iter().any(|path| team.projects.is_match(path));
        teams.iter().filter(holds).map(|team| team.name.clone()).collect()
    };
    pool(&mut scorecard.teams, &of_teams(&incomplete), &of_teams(&untold));
}

fn pool(pools: &mut [PooledFigures], incomplete: &BTreeSet<String>, untold: &BTreeSet<String>) {
    for own in pools {
        own.figures.is_complete = if incomplete.contains(&own.name) {
            Some(false)
        } else {
            (!untold.contains(&own.name)).then_some(true)
        };
    }
}
