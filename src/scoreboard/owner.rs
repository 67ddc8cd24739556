//! The owner: takes facts in, measures what changed, publishes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::noticed::Noticed;
use super::pooled::{Pooled, Turn};
use super::tallies::Tallies;
use super::{Message, Parts, Published, WAITING_BATCHES};
use crate::delivery::{Fact, History, ProjectKey, Timestamp};
use crate::dora::measure::{ProjectScore, future_events};
use crate::dora::measuring::Measuring;
use crate::dora::roll_up::{groups, teams};
use crate::dora::scorecard::Scorecard;
use crate::exposition::{Limits, render};
use crate::store::{Store, StoreError};

/// How often the owner looks at the clock while nothing arrives: a fraction of the finest grid.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) struct Owner {
    parts: Parts,
    published: Arc<Published>,
    messages: Receiver<Message>,
    history: History,
    tallies: Tallies,
    scores: BTreeMap<ProjectKey, ProjectScore>,
    dirty: BTreeSet<ProjectKey>,
    future_events: Noticed,
    tier_warnings: Noticed,
    groups: Pooled,
    teams: Pooled,
    as_of: Option<Timestamp>,
}

impl Owner {
    pub(super) fn new(
        parts: Parts,
        published: Arc<Published>,
        messages: Receiver<Message>,
    ) -> Self {
        Self {
            parts,
            published,
            messages,
            history: History::default(),
            tallies: Tallies::default(),
            scores: BTreeMap::new(),
            dirty: BTreeSet::new(),
            future_events: Noticed::default(),
            tier_warnings: Noticed::default(),
            groups: Pooled::default(),
            teams: Pooled::default(),
            as_of: None,
        }
    }

    pub(super) fn run(mut self) {
        yield_to_receiving();
        loop {
            self.load_if_behind();
            // What arrived before an instant of the grid is part of its measure.
            if self.take_waiting().is_break() {
                return;
            }
            let is_loaded = !self.published.is_behind.load(Ordering::SeqCst);
            let now = self.grid();
            if is_loaded && self.as_of.is_none_or(|as_of| now > as_of) {
                self.turn(now);
            }
            let flow = match self.messages.recv_timeout(LOOK_EVERY) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
                Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
            };
            if flow.is_break() {
                return;
            }
        }
    }

    /// As many messages as can wait; more may come meanwhile, and are for the next round.
    fn take_waiting(&mut self) -> ControlFlow<()> {
        for _ in 0..WAITING_BATCHES {
            let Ok(message) = self.messages.try_recv() else { break };
            self.take(message)?;
        }
        ControlFlow::Continue(())
    }

    fn take(&mut self, message: Message) -> ControlFlow<()> {
        match message {
            Message::Facts(facts) => self.hear(facts),
            Message::Reload(settings) => self.reload(*settings),
            Message::Stop => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    fn hear(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            let project = fact.project;
            if self.history.fold(fact) {
                self.dirty.insert(project);
            }
        }
    }

    /// Under another policy nothing measured before is valid.
    fn reload(&mut self, (measuring, limits): (Measuring, Limits)) {
        self.parts.measuring = measuring;
        self.parts.limits = limits;
        self.scores.clear();
        self.groups.clear();
        self.teams.clear();
    }

    /// The newest instant of the grid that has come.
    fn grid(&self) -> Timestamp {
        let step = i64::from(self.parts.refresh_seconds.max(1));
        let now = self.parts.clock.now().as_second();
        Timestamp::from_second(now - now.rem_euclid(step))
    }

    /// Reads everything again when facts were missed. A store that cannot be read makes numbers
    /// old, not the exporter dead.
    fn load_if_behind(&mut self) {
        if !self.published.is_behind.swap(false, Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.load() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "history not loaded, trying again"
            );
            self.published.is_behind.store(true, Ordering::SeqCst);
        }
    }

    fn load(&mut self) -> Result<(), StoreError> {
        self.tallies.load(&self.parts.store)?;
        let (history, dirty) = (&mut self.history, &mut self.dirty);
        self.parts.store.load(Timestamp::UNDATED, &mut |fact| {
            let project = fact.project;
            if history.fold(fact) {
                dirty.insert(project);
            }
        })
    }

    /// Measures as of `as_of` and publishes.
    fn turn(&mut self, as_of: Timestamp) {
        let started = self.parts.clock.monotonic();
        let elapsed_seconds = self.as_of.map_or(0, |last| as_of.seconds_since(last));
        let measured = self.measure(as_of, elapsed_seconds);
        let scores: Vec<&ProjectScore> = self.scores.values().collect();
        let measuring = &self.parts.measuring;
        let turn =
            Turn { as_of, elapsed_seconds, windows: &measuring.windows, measured: &measured };
        let mut projects: Vec<_> = scores.iter().map(|score| score.figures.clone()).collect();
        projects.sort_by(|a, b| (&a.path, a.project).cmp(&(&b.path, b.project)));
        let scorecard = Scorecard {
            as_of,
            windows: measuring.windows.clone(),
            projects,
            groups: self.groups.turn(groups(&scores), turn),
            teams: self.teams.turn(teams(&scores, &measuring.teams), turn),
            totals: self.tallies.of(&self.scores),
            future_events: self.future_events.total(),
            tier_warnings: self.tier_warnings.total(),
            negative_durations: self.tallies.negative_durations,
        };
        let snapshot = render(&scorecard, &self.parts.limits);
        let elapsed = self.parts.clock.monotonic().saturating_duration_since(started);
        self.parts.instruments.snapshot_made(elapsed, as_of, snapshot.series());
        let dropped = snapshot.dropped();
        self.parts.instruments.series_dropped(dropped.over_limit, dropped.over_dimension);
        self.published.scorecard.store(Some(Arc::new(scorecard)));
        self.published.snapshot.store(Some(Arc::new(snapshot)));
        self.as_of = Some(as_of);
    }

    /// Measures again what changed or ran out of validity; lets the rest grow older.
    fn measure(&mut self, as_of: Timestamp, elapsed_seconds: u64) -> BTreeSet<ProjectKey> {
        let mut measured = BTreeSet::new();
        let mut still_dirty = BTreeSet::new();
        let (mut doubtful_projects, mut doubtful_environments) = (0_u64, 0_u64);
        for (key, own) in self.history.projects() {
            let valid = self
                .scores
                .get_mut(&key)
                .filter(|score| !self.dirty.contains(&key) && score.valid_until > as_of);
            if let Some(score) = valid {
                score.figures.figures.grow_older(elapsed_seconds);
                continue;
            }
            measured.insert(key);
            let Some(score) = self.parts.measuring.project(key, own, as_of) else {
                self.scores.remove(&key);
                continue;
            };
            self.tallies.put_down(own, &score, as_of);
            if self.tallies.is_due() {
                still_dirty.extend(settle(&mut self.tallies, &self.parts.store));
            }
            let policy = self.parts.measuring.policies.resolve(&score.figures.path);
            let ahead = future_events(own, as_of, policy.future_tolerance_seconds);
            self.future_events.notice(key, ahead);
            if self.tier_warnings.notice(key, score.figures.tier_warnings) {
                doubtful_projects += 1;
                doubtful_environments += score.figures.tier_warnings;
            }
            self.scores.insert(key, score);
        }
        still_dirty.extend(settle(&mut self.tallies, &self.parts.store));
        // One line, however many projects: a whole company may name its environments alike.
        if doubtful_projects > 0 {
            tracing::warn!(
                projects = doubtful_projects,
                environments = doubtful_environments,
                "environments whose tier contradicts GitLab's or their own name"
            );
        }
        self.dirty = still_dirty;
        measured
    }
}

/// Counts what was put down; gives back the projects for which that is to be tried again.
fn settle(tallies: &mut Tallies, store: &Store) -> BTreeSet<ProjectKey> {
    let Err((projects, error)) = tallies.settle(store) else { return BTreeSet::new() };
    let error = &error as &dyn std::error::Error;
    tracing::warn!(error, "lifetime totals not counted, trying again");
    projects
}

/// Lets every other thread go first: a measure of everything takes a core for a moment, and a
/// sender must not feel it. Numbers are a little later instead.
fn yield_to_receiving() {
    // Of 19 steps; Linux lowers the calling thread alone.
    const NICENESS: i32 = 10;
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(error = &error as &dyn std::error::Error, "priority not lowered");
    }
}
