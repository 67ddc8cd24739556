//! Whether numbers are complete: of each project, group and team, whether a fact is known to be
//! missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::roll_up::Team;
use super::scorecard::{PooledFigures, Scorecard};
use crate::delivery::{Doubt, ProjectKey, ProjectPath};

/// Marks a scorecard by what `missing` tells of each project: nothing for a complete one, `None`
/// where nobody can tell.
///
/// A group or team is incomplete when a project of it is; complete when all are known to be; else
/// nobody can tell. A project is incomplete too while a window holds a deployment of which the version
/// is not known. Figures are shared with the scorecard before, and copied only where a mark
/// changes.
pub fn mark(
    scorecard: &mut Scorecard,
    teams: &[Team],
    missing: impl Fn(ProjectKey) -> Option<Vec<Doubt>>,
) {
    let (mut incomplete, mut untold) = (Names::default(), Names::default());
    let (as_of, windows) = (scorecard.as_of, scorecard.windows.clone());
    scorecard.doubts.clear();
    for own in &mut scorecard.projects {
        let mut missing = missing(own.project);
        let is_shown = |at| windows.iter().any(|window| window.contains(at, as_of));
        if own.unknown_version_at.is_some_and(is_shown) {
            missing.get_or_insert_default().push(Doubt::UnknownVersion);
        }
        let is_complete = missing.as_ref().map(Vec::is_empty);
        if own.figures.is_complete != is_complete {
            Arc::make_mut(own).figures.is_complete = is_complete;
        }
        match missing {
            Some(missing) if missing.is_empty() => {}
            Some(missing) => {
                incomplete.add(&own.path, teams);
                scorecard.doubts.insert(own.project, missing);
            }
            None => untold.add(&own.path, teams),
        }
    }
    let mark = |own: &mut Arc<PooledFigures>, incomplete: &BTreeSet<String>, untold: bool| {
        let is_complete =
            if incomplete.contains(&own.name) { Some(false) } else { (!untold).then_some(true) };
        if own.figures.is_complete != is_complete {
            Arc::make_mut(own).figures.is_complete = is_complete;
        }
    };
    for own in &mut scorecard.groups {
        let is_untold = untold.groups.contains(&own.name);
        mark(own, &incomplete.groups, is_untold);
    }
    for own in &mut scorecard.teams {
        let is_untold = untold.teams.contains(&own.name);
        mark(own, &incomplete.teams, is_untold);
    }
}

/// Groups and teams of some projects.
#[derive(Debug, Default)]
struct Names {
    groups: BTreeSet<String>,
    teams: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, path: &ProjectPath, teams: &[Team]) {
        self.groups.extend(path.groups().map(str::to_owned));
        let own = teams.iter().filter(|team| team.projects.is_match(path.as_str()));
        self.teams.extend(own.map(|team| team.name.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use globset::{Glob, GlobSet};

    use super::*;
    use crate::delivery::{InstanceId, ProjectId, Timestamp};
    use crate::dora::lifetime::LifetimeTotals;
    use crate::dora::scorecard::{Figures, ProjectFigures};

    fn project(number: u64) -> ProjectKey {
        ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(number).unwrap() }
    }

    fn scorecard() -> Scorecard {
        let own = |(number, path): (u64, &str)| {
            Arc::new(ProjectFigures {
                project: project(number),
                path: ProjectPath::new(path).unwrap(),
                figures: Figures::default(),
                services: Vec::new(),
                data_since: None,
                unattributed_incidents: vec![].into(),
                tier_warnings: 0,
                unknown_version_at: None,
            })
        };
        let pool = |name: &str| {
            let figures = Figures::default();
            Arc::new(PooledFigures { name: name.to_owned(), projects: 1, figures })
        };
        Scorecard {
            as_of: Timestamp::from_second(0),
            windows: Vec::new(),
            projects: [(1, "é/a/one"), (2, "é/two"), (3, "b/three")].map(own).into(),
            groups: ["b", "é", "é/a"].map(pool).into(),
            teams: ["all", "threes"].map(pool).into(),
            totals: LifetimeTotals::default(),
            contacts: BTreeMap::new(),
            doubts: BTreeMap::new(),
            future_events: 0,
            negative_durations: 0,
            tier_warnings: 0,
        }
    }

    fn teams() -> Vec<Team> {
        let team = |(name, glob): (&str, &str)| {
            let mut projects = GlobSet::builder();
            projects.add(Glob::new(glob).unwrap());
            Team { name: name.to_owned(), projects: projects.build().unwrap() }
        };
        [("all", "**"), ("threes", "*/three")].map(team).into()
    }

    fn marks(scorecard: &Scorecard) -> Vec<Option<bool>> {
        let projects = scorecard.projects.iter().map(|own| own.figures.is_complete);
        let pools = scorecard.groups.iter().chain(&scorecard.teams);
        projects.chain(pools.map(|own| own.figures.is_complete)).collect()
    }

    #[test]
    fn a_group_is_as_complete_as_the_least_complete_of_its_projects() {
        let mut scorecard = scorecard();
        let before = scorecard.clone();
        let (yes, no) = (Some(true), Some(false));
        mark(&mut scorecard, &teams(), |_| None);
        assert_eq!(scorecard, before);
        mark(&mut scorecard, &teams(), |_| Some(Vec::new()));
        assert_eq!(marks(&scorecard), [yes; 8]);
        let told = |own| match own {
            own if own == project(1) => Some(vec![Doubt::Lost]),
            own if own == project(2) => Some(Vec::new()),
            _ => None,
        };
        mark(&mut scorecard, &teams(), told);
        assert_eq!(marks(&scorecard), [no, yes, None, None, no, no, no, None]);
        assert_eq!(scorecard.doubts, BTreeMap::from([(project(1), vec![Doubt::Lost])]));
    }

    #[test]
    fn what_is_marked_already_is_not_copied() {
        let mut scorecard = scorecard();
        mark(&mut scorecard, &teams(), |_| Some(Vec::new()));
        let shared = scorecard.clone();
        mark(&mut scorecard, &teams(), |_| Some(Vec::new()));
        let same = scorecard.projects.iter().zip(&shared.projects);
        assert!(same.into_iter().all(|(own, other)| Arc::ptr_eq(own, other)));
    }
}
