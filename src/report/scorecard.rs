//! A scorecard as JSON: every value that `/metrics` shows, by project, group and team.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::gitlabs::Gitlabs;
use super::levels::{LevelReport, SurveyReport, levels};
use super::thing::instant;
use crate::delivery::ProjectKey;
use crate::dora::explain::Subject;
use crate::dora::levels::Year;
use crate::dora::scorecard::{Figures, PooledFigures, Scorecard, ServiceFigures};
use crate::exposition::catalog::Scope;
use crate::exposition::{Listed, list, list_service};

/// All values of one instant.
#[derive(Debug, Serialize)]
pub struct ScorecardReport {
    as_of: String,
    windows: Vec<String>,
    /// The survey whose levels stand beside the numbers, where one is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    survey: Option<SurveyReport>,
    projects: Vec<ScopeReport>,
    groups: Vec<ScopeReport>,
    teams: Vec<ScopeReport>,
}

/// The values of one project, group or team.
#[derive(Debug, Serialize)]
struct ScopeReport {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gitlab: Option<String>,
    /// How many projects were pooled.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<u64>,
    /// Why facts are known to be missing; not there where none is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'static str>,
    values: Vec<ValueReport>,
    /// What the survey called them.
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<Vec<LevelReport>>,
}

/// One value; what is absent is not listed.
#[derive(Debug, Serialize)]
struct ValueReport {
    metric: &'static str,
    labels: BTreeMap<&'static str, String>,
    value: f64,
}

impl ScorecardReport {
    /// Whether it lists nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.projects.is_empty() && self.groups.is_empty() && self.teams.is_empty()
    }

    /// Lists a scorecard: all of it, or one subject; beside the levels of a year, if any is wanted.
    #[must_use]
    pub fn new(
        scorecard: &Scorecard,
        subject: Option<&Subject>,
        gitlabs: &Gitlabs,
        year: Option<Year>,
    ) -> Self {
        let beside = |figures: &Figures| year.map(|year| levels(figures, year));
        let values = |figures: &Figures, scope| -> Vec<ValueReport> {
            let listed = list(figures, scope, scorecard.as_of, &scorecard.windows);
            listed.into_iter().map(ValueReport::from).collect()
        };
        let service = |own: &ServiceFigures| {
            let listed = list_service(own, scorecard.as_of, &scorecard.windows);
            listed.into_iter().map(ValueReport::from)
        };
        let pools = |pools: &[Arc<PooledFigures>], scope, shows: &dyn Fn(&str) -> bool| {
            let pool = |own: &Arc<PooledFigures>| ScopeReport {
                name: own.name.clone(),
                gitlab: None,
                projects: Some(own.projects),
                missing: Vec::new(),
                values: values(&own.figures, scope),
                levels: beside(&own.figures),
            };
            pools.iter().filter(|own| shows(&own.name)).map(pool).collect()
        };
        let project = |path: &str| match subject {
            Some(Subject::Project { path: wanted, .. }) => path == wanted,
            Some(_) => false,
            None => true,
        };
        let group = |name: &str| match subject {
            Some(Subject::Group(wanted)) => name == wanted,
            Some(_) => false,
            None => true,
        };
        let team = |name: &str| match subject {
            Some(Subject::Team(wanted)) => name == wanted,
            Some(_) => false,
            None => true,
        };
        Self {
            as_of: instant(scorecard.as_of),
            windows: scorecard.windows.iter().map(ToString::to_string).collect(),
            survey: year.map(SurveyReport::new),
            projects: scorecard
                .projects
                .iter()
                .filter(|own| project(own.path.as_str()))
                .map(|own| ScopeReport {
                    name: own.path.to_string(),
                    gitlab: gitlabs.label(own.project.instance).map(str::to_owned),
                    projects: None,
                    missing: missing(scorecard, own.project),
                    values: values(&own.figures, Scope::Project)
                        .into_iter()
                        .chain(own.services.iter().flat_map(service))
                        .collect(),
                    levels: beside(&own.figures),
                })
                .collect(),
            groups: pools(&scorecard.groups, Scope::Group, &group),
            teams: pools(&scorecard.teams, Scope::Team, &team),
        }
    }
}

fn missing(scorecard: &Scorecard, project: ProjectKey) -> Vec<&'static str> {
    let known = scorecard.doubts.get(&project);
    known.into_iter().flatten().map(|doubt| doubt.as_str()).collect()
}

impl From<Listed> for ValueReport {
    fn from(listed: Listed) -> Self {
        Self {
            metric: listed.metric.name,
            labels: listed.labels.into_iter().collect(),
            value: listed.value,
        }
    }
}
