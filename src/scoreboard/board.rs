//! The numbers of all projects from one instant of measure to the next: measured again is what
//! changed, and what stays is shared with the scorecard before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::noticed::Noticed;
use super::pooled::{Pooled, Turn};
use super::tallies::{Tallies, clamped};
use crate::delivery::{
    Counted, Fact, FactBody, History, LifetimeSeries, ProjectHistory, ProjectKey, ProjectPath,
    Tally, Timestamp, Totals,
};
use crate::dora::assessment::Assessment;
use crate::dora::counting::{known_series, to_count};
use crate::dora::links::applications;
use crate::dora::measure::{ProjectScore, future_events, path};
use crate::dora::measuring::Measuring;
use crate::dora::policy::is_same_project;
use crate::dora::roll_up::{groups, teams};
use crate::dora::scorecard::{ProjectFigures, Scorecard, ValueStreamWindow};
use crate::dora::shared::Shared;

/// Tallies of one transaction: a millisecond or two for a commit that comes meanwhile. One
/// transaction a project would be a flush of the disk a project.
const TALLIES_PER_STEP: usize = 64;

/// History, what was measured of it, and what was counted.
#[derive(Debug)]
pub struct Board {
    measuring: Measuring,
    history: History,
    tallies: Tallies,
    /// Boxed: a tree keeps room for entries that are not there.
    scores: BTreeMap<ProjectKey, Box<ProjectScore>>,
    /// Sorted by path, then by key.
    figures: Vec<Arc<ProjectFigures>>,
    /// Projects of which a fact changed.
    dirty: BTreeSet<ProjectKey>,
    /// When each project's score ends to be valid, the first to end in front.
    expiries: BTreeSet<(Timestamp, ProjectKey)>,
    future_events: Noticed,
    tier_warnings: Noticed,
    groups: Pooled,
    teams: Pooled,
    /// The value stream of the project that was measured last: most have the same, an empty one.
    last_stream: Shared<ValueStreamWindow>,
    /// Whether groups and teams are those of the projects as they are.
    is_grouped: bool,
    counting: Counting,
    as_of: Option<Timestamp>,
}

/// Whether lifetime totals count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// What has come to its end is counted.
    Now,
    /// Not before the past was read: counters would otherwise run through it within minutes, and
    /// every rate of them with it. Until then no new one is shown; afterwards each begins with what
    /// the past adds up to.
    Later,
}

/// What was measured of one project.
struct Fresh {
    score: ProjectScore,
    /// What is to be counted of it.
    tallies: Vec<Tally>,
    /// Lifetime series that it has.
    known: Vec<LifetimeSeries>,
    future_events: u64,
}

/// What one turn measured again.
#[derive(Debug, Default)]
struct Measured {
    projects: BTreeSet<ProjectKey>,
    /// Which of them are new, gone or elsewhere.
    moved: BTreeSet<ProjectKey>,
    /// Put down and not counted yet.
    tallies: Vec<Tally>,
    /// How many of those are of a negative duration.
    negative_durations: u64,
    doubtful_projects: u64,
    doubtful_environments: u64,
}

impl Board {
    /// A board without facts.
    #[must_use]
    pub fn new(measuring: Measuring) -> Self {
        Self {
            measuring,
            history: History::default(),
            tallies: Tallies::default(),
            scores: BTreeMap::new(),
            figures: Vec::new(),
            dirty: BTreeSet::new(),
            expiries: BTreeSet::new(),
            future_events: Noticed::default(),
            tier_warnings: Noticed::default(),
            groups: Pooled::default(),
            teams: Pooled::default(),
            last_stream: Shared::default(),
            is_grouped: false,
            counting: Counting::Now,
            as_of: None,
        }
    }

    /// Takes one fact in; of the jobs of a pipeline those that a policy asks for.
    pub fn fold(&mut self, mut fact: Fact) {
        let project = fact.project;
        if let FactBody::PipelineJobs(own) = &mut fact.body {
            let patterns = self.measuring.policies.job_patterns();
            own.jobs.retain(|job| patterns.iter().any(|own| own.is_match(job.name.as_str())));
            if own.jobs.as_slice().is_empty() {
                return;
            }
        }
        if self.history.fold(fact) {
            self.dirty.insert(project);
        }
    }

    /// Takes over what was counted before: once, for from then on only this board counts.
    pub fn take_counted(&mut self, counted: (Totals, Counted)) {
        self.tallies = Tallies::new(counted);
    }

    /// Gives back memory that a load has left over.
    pub fn shrink(&mut self) {
        self.history.shrink();
    }

    /// Under another policy nothing measured before is valid.
    pub fn remeasure(&mut self, measuring: Measuring) {
        self.measuring = measuring;
        self.dirty.extend(self.history.projects().map(|(key, _)| key));
        self.groups.clear();
        self.teams.clear();
        self.is_grouped = false;
    }

    /// Begins to count, or puts it off.
    pub fn count(&mut self, counting: Counting) {
        self.counting = counting;
        self.dirty.extend(self.history.projects().map(|(key, _)| key));
    }

    /// All facts.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What the operator asked to be measured.
    #[must_use]
    pub fn measuring(&self) -> &Measuring {
        &self.measuring
    }

    /// The instant of the newest scorecard.
    #[must_use]
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// Measures as of `as_of`, which is later than all instants before.
    ///
    /// `count` makes tallies durable before they are shown, in steps; after an error those of a step
    /// are tried again at the next turn.
    ///
    /// Cost: that of measuring what changed and of pooling the groups it belongs to; of the others,
    /// the figures are shared with the scorecard before.
    pub fn turn<E: std::error::Error + 'static>(
        &mut self,
        as_of: Timestamp,
        mut count: impl FnMut(&[Tally]) -> Result<(), E>,
    ) -> Scorecard {
        let measured = self.measure(as_of, &mut count);
        self.place(&measured);
        warn(&measured);
        let turn = Turn {
            as_of,
            windows: &self.measuring.windows,
            scores: &self.scores,
            measured: &measured.projects,
        };
        self.as_of = Some(as_of);
        Scorecard {
            as_of,
            windows: self.measuring.windows.clone(),
            projects: self.figures.clone(),
            groups: self.groups.turn(turn),
            teams: self.teams.turn(turn),
            totals: self.tallies.shown(),
            contacts: BTreeMap::new(),
            doubts: BTreeMap::new(),
            future_events: self.future_events.total(),
            tier_warnings: self.tier_warnings.total(),
            negative_durations: self.tallies.negative_durations,
        }
    }

    /// Shares figures that were marked since with the next scorecard, so that they are not marked
    /// anew.
    pub fn keep_marked(&mut self, scorecard: &Scorecard) {
        for (own, marked) in self.figures.iter_mut().zip(&scorecard.projects) {
            if own.project != marked.project || Arc::ptr_eq(own, marked) {
                continue;
            }
            own.clone_from(marked);
            if let Some(score) = self.scores.get_mut(&own.project) {
                score.figures.clone_from(marked);
            }
        }
        self.groups.keep_marked(&scorecard.groups);
        self.teams.keep_marked(&scorecard.teams);
    }

    /// Measures again what changed or ran out of validity.
    fn measure<E: std::error::Error + 'static>(
        &mut self,
        as_of: Timestamp,
        count: &mut impl FnMut(&[Tally]) -> Result<(), E>,
    ) -> Measured {
        let mut projects = std::mem::take(&mut self.dirty);
        projects.extend(self.linked(&projects));
        let mut measured = Measured { projects, ..Measured::default() };
        let expired = self.expiries.iter().take_while(|(until, _)| *until <= as_of);
        measured.projects.extend(expired.map(|(_, project)| *project));
        for key in measured.projects.clone() {
            let before = self.scores.remove(&key);
            if let Some(before) = &before {
                self.expiries.remove(&(before.valid_until, key));
            }
            let fresh = self.fresh(key, as_of);
            let path = |score: &ProjectScore| score.figures.path.clone();
            if before.as_deref().map(path) != fresh.as_ref().map(|fresh| path(&fresh.score)) {
                measured.moved.insert(key);
            }
            match fresh {
                Some(fresh) => self.take(fresh, &mut measured),
                None => self.tallies.hide(key),
            }
            if measured.tallies.len() >= TALLIES_PER_STEP {
                self.settle(&mut measured, count);
            }
        }
        self.settle(&mut measured, count);
        measured
    }

    /// Projects whose numbers change with those of projects that changed: because these deploy for
    /// them, or because one of them came to another path, where a link may name it.
    fn linked(&self, changed: &BTreeSet<ProjectKey>) -> BTreeSet<ProjectKey> {
        let links = self.measuring.policies.links();
        if links.is_empty() {
            return BTreeSet::new();
        }
        let has_moved = |key: &ProjectKey| {
            let own = self.history.project(*key).map(|own| path(*key, own));
            self.scores.get(key).map(|score| &score.figures.path) != own.as_ref()
        };
        if changed.iter().any(has_moved) {
            let is_named = |(key, own): &(ProjectKey, &ProjectHistory)| {
                let path = path(*key, own);
                let names = |named: &ProjectPath| is_same_project(named, &path);
                links.iter().any(|link| names(&link.deploy) || names(&link.app))
            };
            return self.history.projects().filter(is_named).map(|(key, _)| key).collect();
        }
        changed.iter().flat_map(|key| applications(links, &self.history, *key)).collect()
    }

    /// Measures a project; `None` when it was deleted.
    fn fresh(&self, key: ProjectKey, as_of: Timestamp) -> Option<Fresh> {
        let own = self.measuring.facts(&self.history, key)?;
        let score = self.measuring.project(key, &own, as_of)?;
        let (mut tallies, mut known) = (Vec::new(), Vec::new());
        if self.counting == Counting::Now {
            tallies = to_count(key, &own, &score.assessment, as_of, self.tallies.counted());
            known = known_series(&score.assessment);
        }
        let policy = self.measuring.policies.resolve(&score.figures.path);
        let future_events = future_events(&own, as_of, policy.future_tolerance_seconds);
        Some(Fresh { score, tallies, known, future_events })
    }

    /// Takes a new score over, and what is to be counted of it.
    fn take(&mut self, fresh: Fresh, measured: &mut Measured) {
        let Fresh { mut score, tallies, known, future_events } = fresh;
        let key = score.figures.project;
        measured.negative_durations += clamped(&score, &tallies);
        measured.tallies.extend(tallies);
        self.future_events.notice(key, future_events);
        if self.tier_warnings.notice(key, score.figures.tier_warnings) {
            measured.doubtful_projects += 1;
            measured.doubtful_environments += score.figures.tier_warnings;
        }
        self.tallies.show(key, known);
        let figures = Arc::make_mut(&mut score.figures);
        let stream = &mut figures.figures.value_stream.windows;
        if *stream == self.last_stream {
            stream.clone_from(&self.last_stream);
        } else {
            self.last_stream.clone_from(stream);
        }
        // It is as large as the facts, and made again from them when it is wanted.
        score.assessment = Assessment::default();
        self.expiries.insert((score.valid_until, key));
        self.scores.insert(key, Box::new(score));
    }

    /// Brings the figures of what was measured to their places.
    fn place(&mut self, measured: &Measured) {
        if measured.moved.is_empty() && self.is_grouped {
            let scores = measured.projects.iter().filter_map(|key| self.scores.get(key));
            return scores.for_each(|score| replace(&mut self.figures, &score.figures));
        }
        self.figures.retain(|own| !measured.projects.contains(&own.project));
        let fresh = measured.projects.iter().filter_map(|key| self.scores.get(key));
        self.figures.extend(fresh.map(|score| Arc::clone(&score.figures)));
        self.figures.sort_by(|own, other| place(own).cmp(&place(other)));
        let scores: Vec<&ProjectScore> = self.scores.values().map(AsRef::as_ref).collect();
        self.groups.regroup(groups(&scores));
        self.teams.regroup(teams(&scores, &self.measuring.teams));
        self.is_grouped = true;
    }

    /// Counts what was put down, durably before it is shown.
    fn settle<E: std::error::Error + 'static>(
        &mut self,
        measured: &mut Measured,
        count: &mut impl FnMut(&[Tally]) -> Result<(), E>,
    ) {
        let tallies = std::mem::take(&mut measured.tallies);
        let negative_durations = std::mem::take(&mut measured.negative_durations);
        if tallies.is_empty() {
            return;
        }
        if let Err(error) = count(&tallies) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "lifetime totals not counted, trying again");
            self.dirty.extend(tallies.iter().map(|tally| tally.project));
            return;
        }
        self.tallies.negative_durations += negative_durations;
        self.tallies.add(&tallies);
    }
}

/// What figures are sorted by.
fn place(own: &ProjectFigures) -> (&ProjectPath, ProjectKey) {
    (&own.path, own.project)
}

/// Replaces the figures of a project that is where it was.
fn replace(figures: &mut [Arc<ProjectFigures>], fresh: &Arc<ProjectFigures>) {
    let found = figures.binary_search_by(|own| place(own).cmp(&place(fresh)));
    if let Some(own) = found.ok().and_then(|found| figures.get_mut(found)) {
        own.clone_from(fresh);
    }
}

/// One line, however many projects: a whole company may name its environments alike.
fn warn(measured: &Measured) {
    if measured.doubtful_projects > 0 {
        tracing::warn!(
            projects = measured.doubtful_projects,
            environments = measured.doubtful_environments,
            "environments whose tier contradicts GitLab's or their own name"
        );
    }
}
