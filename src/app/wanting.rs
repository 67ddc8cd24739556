//! What changes and deployments lack, asked for while the program runs: seconds after a merge or a
//! deployment, where there is a token.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::backfilling::{Gitlab, gitlabs};
use super::base::Base;
use crate::backfill::wants::{Asking, Want, wants};
use crate::clock::Clock;
use crate::config::Settings;
use crate::delivery::{Doubt, ProjectKey, Timestamp};
use crate::dora::links::{Missing, missing, unheard};
use crate::dora::policy::ProjectLink;
use crate::ingest::{Feed, Queue, Trust};
use crate::instruments::Instruments;
use crate::scoreboard::{Reading, Scoreboard};

/// How often it is looked for what is wanted: a third of the time after which it is first asked for.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How far back events are looked at where the API is read besides, which tells the rest; and where
/// it is not: as far back as GitLab keeps the log of a hook.
const RECENT_SECONDS: [u64; 2] = [2 * 3_600, 7 * 86_400];

/// Questions of one look: two or three minutes of the usual budget.
const MOST_ASKED: usize = 50;

/// Projects of which a fact changed since they were last looked at.
#[derive(Debug, Default)]
struct Changed(Mutex<BTreeSet<ProjectKey>>);

impl Changed {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeSet<ProjectKey>) -> T) -> T {
        // A panic leaves a set as it was or with one project more.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Asks every GitLab with a token.
pub(super) struct Wanting {
    gitlabs: Vec<Gitlab>,
    changed: Arc<Changed>,
    scoreboard: Arc<Scoreboard>,
    instruments: Arc<Instruments>,
    trust: Arc<Trust>,
    clock: Arc<dyn Clock>,
}

impl Wanting {
    /// Nothing to ask without a token.
    pub(super) fn new(
        base: &Base,
        settings: &Settings,
        queue: &Queue,
        scoreboard: &Arc<Scoreboard>,
    ) -> Self {
        Self {
            gitlabs: gitlabs(base, settings, queue),
            changed: Arc::default(),
            scoreboard: Arc::clone(scoreboard),
            instruments: Arc::clone(&base.instruments),
            trust: Arc::clone(&base.trust),
            clock: Arc::clone(&base.clock),
        }
    }

    /// The scoreboard's feed, by which it is heard too which projects changed.
    pub(super) fn feed(&self) -> Feed {
        let feed = self.scoreboard.feed();
        if self.gitlabs.is_empty() {
            return feed;
        }
        let changed = Arc::clone(&self.changed);
        Arc::new(move |facts| {
            changed.with(|changed| changed.extend(facts.iter().map(|fact| fact.project)));
            feed(facts);
        })
    }

    /// Works for ever; ends at once without a token.
    pub(super) async fn run(self) {
        join_all(self.gitlabs.iter().map(|gitlab| self.ask_again_and_again(gitlab))).await;
    }

    async fn ask_again_and_again(&self, gitlab: &Gitlab) {
        let (mut asking, mut seen) = (Asking::default(), None);
        loop {
            self.clock.sleep(LOOK_EVERY).await;
            let [recent, longest] = RECENT_SECONDS;
            let back = if gitlab.since_seconds.is_some() { recent } else { longest };
            let now = self.clock.now();
            let from = From { events: now.minus(back), links: now.minus(longest) };
            let mut answered = self.look(gitlab, &mut asking, (from, &mut seen)).await;
            let given_up = self.ask(gitlab, &mut asking).await;
            if !asking.overdue().is_empty() {
                // What was told a moment ago need not wait for the next look.
                answered += self.look(gitlab, &mut asking, (from, &mut seen)).await;
            }
            self.instruments.wants(&gitlab.name, asking.open(), answered, given_up);
            let (overdue, now) = (asking.overdue(), self.clock.now());
            self.trust.with(|doubts| {
                doubts.stand(gitlab.instance, Doubt::Wanted, &overdue, now);
                doubts.settle(gitlab.instance, Doubt::Wanted, &overdue);
            });
        }
    }

    /// Looks at the projects that changed, and again at those of which something is wanted; at the
    /// first time, and when other projects deploy for others, at all. How many wants were answered since.
    async fn look(
        &self,
        gitlab: &Gitlab,
        asking: &mut Asking,
        (from, seen): (From, &mut Option<Vec<ProjectLink>>),
    ) -> u64 {
        let instance = gitlab.instance;
        let changed: BTreeSet<ProjectKey> = self.changed.with(|changed| {
            let own = changed.iter().filter(|own| own.instance == instance).copied().collect();
            changed.retain(|own| own.instance != instance);
            own
        });
        let projects: BTreeSet<ProjectKey> =
            changed.iter().copied().chain(asking.projects()).collect();
        let (asked, seen_before) = (projects, seen.clone());
        let found = self.scoreboard.ask(&self.clock, move |reading, _| {
            let links = reading.measuring.policies.links();
            let all = reading
                .history
                .projects()
                .map(|(own, _)| own)
                .filter(|own| own.instance == instance);
            let looks_at_all = seen_before.as_deref() != Some(links);
            let asked: BTreeSet<ProjectKey> = if looks_at_all { all.collect() } else { asked };
            let wanted = |own: ProjectKey| (own, wanted(reading, own, from));
            let found: Vec<_> = asked.into_iter().map(wanted).collect();
            let unheard =
                if looks_at_all { unheard(links, reading.history) } else { BTreeSet::new() };
            (found, links.to_vec(), unheard)
        });
        let Ok((found, links, unheard)) = found.await else {
            // Busy, or not loaded yet: the next look sees them.
            self.changed.with(|known| known.extend(changed));
            return 0;
        };
        *seen = Some(links);
        for project in unheard {
            let project = project.as_str();
            tracing::warn!(project, "nothing was heard yet of a project that project_links names");
        }
        let mut answered = 0;
        for (project, wanted) in found {
            answered += asking.look(project, unread(gitlab, project, wanted).await);
        }
        answered
    }

    /// Asks for what is due; how many wants were given up with that.
    async fn ask(&self, gitlab: &Gitlab, asking: &mut Asking) -> u64 {
        let mut given_up = 0;
        for (project, want) in asking.due(self.clock.now(), MOST_ASKED) {
            if let Err(error) = gitlab.backfill.answer(project.project, &want).await {
                let error: &dyn std::error::Error = &error;
                let (gitlab, project) = (gitlab.name.as_str(), project.project.get());
                tracing::info!(
                    gitlab,
                    project,
                    ?want,
                    error,
                    "GitLab does not tell what is wanted"
                );
            }
            if asking.asked(project, &want, self.clock.now()) {
                given_up += 1;
            }
        }
        given_up
    }
}

/// From when on something is wanted.
#[derive(Debug, Clone, Copy)]
struct From {
    /// Of merges and deployments.
    events: Timestamp,
    /// Of deployments for other projects: nothing but this asks for it after a reload.
    links: Timestamp,
}

/// Everything that is wanted of a project.
fn wanted(reading: &Reading<'_>, project: ProjectKey, from: From) -> Vec<(Want, Timestamp)> {
    let Some(own) = reading.history.project(project) else { return Vec::new() };
    let links = reading.measuring.policies.links();
    let missing = missing(links, reading.history, project, from.links).into_iter();
    let missing = missing.map(|(missing, at)| match missing {
        Missing::Images(commit) => (Want::Images(commit), at),
        Missing::Version(app, version) => (Want::Version(app, version), at),
    });
    wants(own, from.events).into_iter().chain(missing).collect()
}

/// What is wanted, without the merge requests on which nothing hangs that was not read.
async fn unread(
    gitlab: &Gitlab,
    project: ProjectKey,
    wanted: Vec<(Want, Timestamp)>,
) -> Vec<(Want, Timestamp)> {
    let mut left = Vec::with_capacity(wanted.len());
    for (want, at) in wanted {
        let is_read = match want {
            Want::MergeRequest(iid) => gitlab.backfill.is_read(project.project, iid).await,
            _ => Ok(false),
        };
        if matches!(is_read, Ok(false)) {
            left.push((want, at));
        }
    }
    left
}
