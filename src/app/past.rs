//! The numbers of past instants, from a store that another process may have open.

use std::sync::Arc;

use super::values;
use crate::config::Settings;
use crate::delivery::{History, Timestamp};
use crate::dora::explain::{Subject, Unanswered, explain};
use crate::dora::gitlab_parity::{DayRange, GitlabQuery, GitlabSubject, Point, gitlab_points};
use crate::dora::measure::figures;
use crate::dora::measuring::Measuring;
use crate::dora::scorecard::{Figures, ProjectFigures};
use crate::dora::window::{Window, start_of_utc_day};
use crate::exposition::{Limits, Snapshot, Timeline, TimelineFull, render};
use crate::report::{ExplanationReport, Gitlabs, Misread, Series};
use crate::scoreboard::history;
use crate::store::{Glance, StoreError, StoreSettings};

/// What a store holds, to be measured as of any instant. Nothing is changed in it.
#[derive(Debug)]
pub struct Past {
    history: History,
    measuring: Measuring,
    limits: Limits,
    gitlabs: Gitlabs,
}

impl Past {
    /// Reads the store of `settings`.
    ///
    /// # Errors
    /// When there is no store, or it cannot be read.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let store = Glance::open(&StoreSettings::new(&settings.storage.directory))?;
        let numbers = store.gitlabs()?;
        Ok(Self {
            history: history(&store)?,
            measuring: values::measuring(settings),
            limits: values::exposition_limits(settings, &numbers),
            gitlabs: values::gitlabs(settings, &numbers),
        })
    }

    /// The numbers of one instant, rendered.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Snapshot {
        render(&self.measuring.all(&self.history, at), &self.limits)
    }

    /// Reads a series as [`Series::parse`] does.
    ///
    /// # Errors
    /// When it is none, or none that can be explained.
    pub fn series(&self, text: &str) -> Result<Series, Misread> {
        Series::parse(text, &self.gitlabs)
    }

    /// What stands behind a series at one instant.
    ///
    /// # Errors
    /// When whose series it is, or its window, is not known.
    pub fn explain(&self, series: &Series, at: Timestamp) -> Result<ExplanationReport, Unanswered> {
        let question = series.question();
        let explanation = explain(&self.measuring, &self.history, question, at, &|| true)?;
        Ok(ExplanationReport::new(series, &explanation, &self.gitlabs))
    }

    /// What GitLab's arithmetic makes of the facts known at `at`, of a project or a group.
    ///
    /// # Errors
    /// When whose numbers are asked for is not known.
    pub fn gitlab_points(
        &self,
        subject: &Subject,
        query: &GitlabQuery,
        at: Timestamp,
    ) -> Result<Vec<Point>, Unanswered> {
        let subject = GitlabSubject::Named(subject.clone());
        gitlab_points(&self.measuring, &self.history, &subject, query, (at, &|| true))
    }

    /// The numbers of a project or a group over a range of whole days, and the instant of the oldest
    /// deployment known of it; `None` of what is not known.
    #[must_use]
    pub fn over(&self, subject: &Subject, range: DayRange) -> Option<(Figures, Option<Timestamp>)> {
        let days = u32::try_from(range.days()).unwrap_or(u32::MAX);
        let measuring =
            Measuring { windows: vec![Window::of_days(days)], ..self.measuring.clone() };
        let all = measuring.all(&self.history, start_of_utc_day(range.to.saturating_add(1)));
        match subject {
            Subject::Project { path, instance } => {
                let is_it = |own: &&Arc<ProjectFigures>| {
                    own.path.as_str() == path
                        && instance.is_none_or(|instance| own.project.instance == instance)
                };
                let own = all.projects.iter().find(is_it)?;
                // GitLab does not tell services apart.
                let facts = measuring.facts(&self.history, own.project)?;
                let score = measuring.project(own.project, &facts, all.as_of)?;
                let streams: Vec<_> = score.streams().collect();
                Some((figures(&streams, all.as_of, &measuring.windows), own.data_since))
            }
            Subject::Group(name) | Subject::Team(name) => {
                let below = format!("{name}/");
                let members =
                    all.projects.iter().filter(|own| own.path.as_str().starts_with(&below));
                // Before that, something of some project is missing.
                let since = members.filter_map(|own| own.data_since).max();
                let group = all.groups.iter().find(|own| own.name == *name)?;
                Some((group.figures.clone(), since))
            }
        }
    }

    /// The configured GitLab installations.
    #[must_use]
    pub const fn gitlabs(&self) -> &Gitlabs {
        &self.gitlabs
    }

    /// Adds the numbers of one instant to a timeline.
    ///
    /// # Errors
    /// When the timeline holds no more.
    pub fn add_to(&self, timeline: &mut Timeline, at: Timestamp) -> Result<(), TimelineFull> {
        timeline.add(&self.measuring.all(&self.history, at), &self.limits)
    }
}
