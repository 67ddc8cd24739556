//! What the operator asked to be measured, and all of it measured at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::lifetime::LifetimeTotals;
use super::links;
use super::measure::{ProjectScore, measure, path};
use super::policy::Policies;
use super::roll_up::{Team, groups, roll_up, teams};
use super::scorecard::{PooledFigures, Scorecard};
use super::window::Window;
use crate::delivery::{History, ProjectHistory, ProjectKey, Timestamp};

/// The operator's choices for all projects.
#[derive(Debug, Clone)]
pub struct Measuring {
    /// The policy of every project.
    pub policies: Policies,
    /// Windows in the order of display.
    pub windows: Vec<Window>,
    /// Configured teams.
    pub teams: Vec<Team>,
}

impl Measuring {
    /// What is measured of a project, the deployments that others make for it among it; `None` when
    /// nothing is known of it.
    #[must_use]
    pub fn facts<'a>(
        &self,
        history: &'a History,
        key: ProjectKey,
    ) -> Option<Cow<'a, ProjectHistory>> {
        links::facts(self.policies.links(), history, key)
    }

    /// Measures one project, by its [`facts`](Self::facts), under its own policy; `None` when GitLab said that it was deleted.
    #[must_use]
    pub fn project(
        &self,
        key: ProjectKey,
        history: &ProjectHistory,
        as_of: Timestamp,
    ) -> Option<ProjectScore> {
        if history.project.deleted.value() == Some(&true) {
            return None;
        }
        let policy = self.policies.resolve(&path(key, history));
        Some(measure(key, history, as_of, &policy, &self.windows))
    }

    /// Measures everything as of one instant, as a past instant is shown: without lifetime totals,
    /// which exist only as they are now.
    #[must_use]
    pub fn all(&self, history: &History, as_of: Timestamp) -> Scorecard {
        let scores: BTreeMap<ProjectKey, ProjectScore> = history
            .projects()
            .filter_map(|(key, _)| {
                let own = self.facts(history, key)?;
                Some((key, self.project(key, &own, as_of)?))
            })
            .collect();
        self.scorecard(&scores.values().collect::<Vec<_>>(), as_of)
    }

    /// The scores of projects as of one instant, pooled for groups and teams too.
    pub(super) fn scorecard(&self, scores: &[&ProjectScore], as_of: Timestamp) -> Scorecard {
        let pool = |members: BTreeMap<String, Vec<&ProjectScore>>| -> Vec<Arc<PooledFigures>> {
            let pooled = |(name, scores): (&String, &Vec<&ProjectScore>)| {
                Arc::new(roll_up(name, scores, as_of, &self.windows))
            };
            members.iter().map(pooled).collect()
        };
        let mut projects: Vec<_> = scores.iter().map(|score| Arc::clone(&score.figures)).collect();
        projects.sort_by(|a, b| (&a.path, a.project).cmp(&(&b.path, b.project)));
        let tier_warnings = projects.iter().map(|project| project.tier_warnings).sum();
        Scorecard {
            as_of,
            windows: self.windows.clone(),
            projects,
            groups: pool(groups(scores)),
            teams: pool(teams(scores, &self.teams)),
            totals: LifetimeTotals::default(),
            contacts: BTreeMap::new(),
            doubts: BTreeMap::new(),
            future_events: 0,
            negative_durations: 0,
            tier_warnings,
        }
    }
}
