//! What `serve` reads of GitLab's API beside the deliveries: the past, once; and what hooks lost, again
//! and again, each project in its turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{join, join_all};

use super::backfilling::{Gitlab, gitlabs};
use super::base::Base;
use crate::backfill::turns::{Extent, Turns};
use crate::backfill::{Part, Report, SharedTerms, Stopped, Terms, plan};
use crate::clock::Clock;
use crate::config::Settings;
use crate::delivery::{Doubt, ProjectId, ProjectKey, Timestamp};
use crate::gitlab::resource::ProjectRow;
use crate::ingest::{Contacts, Queue, Trust};
use crate::instruments::{GapCause, Instruments};

/// How often GitLab is asked in which projects something happened: a request or two.
const LOOK_EVERY_SECONDS: u64 = 300;

/// What happened so long before the last look is asked for again: GitLab writes it down in the background.
const LOOK_BACK_SECONDS: u64 = 600;

/// How often all projects are listed, a request a hundred: those that are gone or renamed are seen by
/// that.
const LIST_EVERY_SECONDS: u64 = 3_600;

/// When nobody's turn is next, so long is waited before it is looked again.
const TICK: Duration = Duration::from_secs(1);

/// How long is waited after GitLab or the store gave nothing at all.
const PAUSE: Duration = Duration::from_mins(1);

/// How long is waited before the past is asked for once more.
const TRY_AGAIN: Duration = Duration::from_mins(15);

/// What `serve` reads beside the deliveries.
pub(super) struct Reading {
    gitlabs: Vec<One>,
}

impl Reading {
    pub(super) fn new(base: &Base, settings: &Settings, queue: &Queue) -> Self {
        let mut gitlabs = gitlabs(base, settings, queue);
        gitlabs.retain(|gitlab| gitlab.since_seconds.is_some());
        if !gitlabs.is_empty() {
            base.instruments.reconciling();
            for own in &gitlabs {
                base.instruments.looking_for_gaps(&own.name);
            }
        }
        let now = base.clock.now();
        base.trust.with(|doubts| gitlabs.iter().for_each(|own| doubts.reads(own.instance, now)));
        Self { gitlabs: gitlabs.into_iter().filter_map(|own| One::new(base, own)).collect() }
    }

    /// Reads for ever, every GitLab by itself: the past of one may take days, and what another lost
    /// is found meanwhile. Says by `past_is_read` that each was read once, or could not be: counting
    /// waits for that, and must not wait for ever.
    pub(super) async fn run(self, past_is_read: Box<dyn Fn() + Send + Sync>) {
        let unread = AtomicUsize::new(self.gitlabs.len());
        if self.gitlabs.is_empty() {
            past_is_read();
        }
        let once_read = || {
            if unread.fetch_sub(1, Ordering::Relaxed) == 1 {
                past_is_read();
            }
        };
        join_all(self.gitlabs.iter().map(|gitlab| gitlab.read_for_ever(&once_read))).await;
    }
}

/// What is known of the projects of one GitLab.
#[derive(Default)]
struct Known {
    rows: BTreeMap<ProjectId, ProjectRow>,
    turns: Turns,
    /// Projects of whose past something is left.
    pending: BTreeSet<ProjectId>,
    /// By which terms the past was planned.
    planned_by: Option<Arc<Terms>>,
    /// When GitLab was last asked in which projects something happened.
    looked_at: Option<Timestamp>,
}

/// One GitLab.
struct One {
    gitlab: Gitlab,
    since_seconds: u64,
    terms: SharedTerms,
    known: Mutex<Known>,
    contacts: Arc<Contacts>,
    trust: Arc<Trust>,
    instruments: Arc<Instruments>,
    clock: Arc<dyn Clock>,
}

impl One {
    fn new(base: &Base, gitlab: Gitlab) -> Option<Self> {
        Some(Self {
            since_seconds: gitlab.since_seconds?,
            terms: Arc::clone(base.terms.get(&gitlab.name)?),
            gitlab,
            known: Mutex::default(),
            contacts: Arc::clone(&base.contacts),
            trust: Arc::clone(&base.trust),
            instruments: Arc::clone(&base.instruments),
            clock: Arc::clone(&base.clock),
        })
    }

    async fn read_for_ever(&self, once_read: &(dyn Fn() + Sync)) {
        let mut has_failed = false;
        while let Err(stopped) = self.list().await {
            self.complain(&stopped);
            if !std::mem::replace(&mut has_failed, true) {
                once_read();
            }
            self.clock.sleep(TRY_AGAIN).await;
        }
        let once_read = || {
            if !has_failed {
                once_read();
            }
        };
        join(self.read_pasts(&once_read), self.read_in_turn()).await;
    }

    /// Reads the past of projects of which something is left, whenever there are any: at the start, and
    /// when a policy came that asks for more. What comes in turn has half of the budget meanwhile.
    async fn read_pasts(&self, once_read: &(dyn Fn() + Sync)) {
        let mut wait = self.read_pending().await;
        once_read();
        loop {
            self.clock.sleep(wait).await;
            let is_pending = self.with(|known| !known.pending.is_empty());
            wait = if is_pending { self.read_pending().await } else { TICK };
        }
    }

    /// Reads what is left of the past; how long to wait before it is looked again.
    async fn read_pending(&self) -> Duration {
        let rows = self.with(|known| {
            let rows = known.pending.iter().filter_map(|id| known.rows.get(id).cloned());
            rows.collect::<Vec<_>>()
        });
        let Err(stopped) = self.read_past(&rows).await else { return TICK };
        self.complain(&stopped);
        TRY_AGAIN
    }

    async fn read_past(&self, rows: &[ProjectRow]) -> Result<(), Stopped> {
        let (begun_at, terms) = (self.clock.now(), self.terms.load_full());
        let wanted = self.wanted(begun_at, plan::FRESH_SECONDS);
        let read = self.gitlab.backfill.read(rows, wanted, Part::All).await?;
        self.gitlab.backfill.past_is_read().await?;
        self.instruments.reconciled(&self.gitlab.name, self.clock.now());
        let Report { projects, requests, rows: read_rows, new, failures, gaps, missed, .. } = read;
        self.instruments.gaps_repaired(&self.gitlab.name, GapCause::Unlogged, gaps);
        let name = self.gitlab.name.as_str();
        tracing::info!(
            gitlab = name,
            projects,
            requests,
            rows = read_rows,
            new,
            failures,
            gaps,
            "read GitLab's API"
        );
        if !Arc::ptr_eq(&terms, &self.terms.load()) {
            // Meanwhile more is asked for.
            return Ok(());
        }
        // What was left out is tried again in its turn.
        for row in rows {
            self.tried(row.id, (begun_at, !missed.contains(&row.id)));
        }
        self.with(|known| known.pending.retain(|id| rows.iter().all(|row| row.id != *id)));
        Ok(())
    }

    /// Looks in which projects something happened, and reads one after the other.
    async fn read_in_turn(&self) {
        let mut listed_at = self.clock.now();
        loop {
            if let Err(stopped) = self.look_and_plan(&mut listed_at).await {
                self.complain(&stopped);
                self.clock.sleep(PAUSE).await;
            }
            self.judge();
            let wait = match self.next() {
                None => Some(TICK),
                Some((row, part)) => self.read_one(&row, part).await.err().map(|stopped| {
                    self.complain(&stopped);
                    PAUSE
                }),
            };
            if let Some(wait) = wait {
                self.clock.sleep(wait).await;
            }
        }
    }

    /// Looks, when it is time, in which projects something happened; and plans the past anew when it must be.
    async fn look_and_plan(&self, listed_at: &mut Timestamp) -> Result<(), Stopped> {
        let now = self.clock.now();
        let looked_at = self.with(|known| known.looked_at).unwrap_or(now);
        if now.seconds_since(*listed_at) >= LIST_EVERY_SECONDS {
            self.list().await?;
            *listed_at = now;
        } else if now.seconds_since(looked_at) >= LOOK_EVERY_SECONDS {
            self.look(looked_at.minus(LOOK_BACK_SECONDS)).await?;
        }
        self.replan().await
    }

    /// Lists all projects.
    async fn list(&self) -> Result<(), Stopped> {
        let asked_at = self.clock.now();
        let rows = self.gitlab.backfill.list().await?;
        let listed = rows.iter().map(|row| row.id).collect();
        self.with(|known| {
            known.rows.retain(|id, _| BTreeSet::contains(&listed, id));
            known.pending.retain(|id| listed.contains(id));
            known.turns.retain(&listed);
        });
        self.take_in(rows, asked_at).await
    }

    /// Asks in which projects something happened since `after`.
    async fn look(&self, after: Timestamp) -> Result<(), Stopped> {
        let asked_at = self.clock.now();
        let rows = self.gitlab.backfill.active(after).await?;
        self.take_in(rows, asked_at).await
    }

    /// Takes over what GitLab shows of projects; how far new ones were read, the store tells.
    async fn take_in(&self, rows: Vec<ProjectRow>, asked_at: Timestamp) -> Result<(), Stopped> {
        let new: Vec<ProjectRow> = self.with(|known| {
            rows.iter().filter(|row| !known.rows.contains_key(&row.id)).cloned().collect()
        });
        self.with(|known| {
            for row in rows {
                known.turns.listed(row.id, row.last_activity_at, asked_at);
                known.rows.insert(row.id, row);
            }
            known.looked_at = Some(asked_at);
        });
        self.plan(&new).await
    }

    /// Plans the past anew when the terms changed.
    async fn replan(&self) -> Result<(), Stopped> {
        let terms = self.terms.load_full();
        let rows: Vec<ProjectRow> = self.with(|known| {
            let is_planned = known.planned_by.as_ref().is_some_and(|by| Arc::ptr_eq(by, &terms));
            if is_planned { Vec::new() } else { known.rows.values().cloned().collect() }
        });
        self.plan(&rows).await?;
        self.with(|known| known.planned_by = Some(terms));
        Ok(())
    }

    async fn plan(&self, rows: &[ProjectRow]) -> Result<(), Stopped> {
        if rows.is_empty() {
            return Ok(());
        }
        let wanted = self.wanted(self.clock.now(), 0);
        let standing = self.gitlab.backfill.standing(rows, wanted).await?;
        for (project, own) in standing {
            self.with(|known| {
                known.pending.remove(&project);
                known.pending.extend((!own.is_whole).then_some(project));
            });
            if let Some(read_to) = own.read_to {
                self.tried(project, (read_to, own.is_whole));
            }
        }
        Ok(())
    }

    /// Says of which projects something is missing.
    fn judge(&self) {
        let (instance, now) = (self.gitlab.instance, self.clock.now());
        let key = |project| ProjectKey { instance, project };
        let doubtful = self.trust.with(|doubts| doubts.of(instance));
        let mut heard = Vec::new();
        self.contacts.each(|project, contact| {
            let last = contact.last().filter(|_| project.instance == instance);
            heard.extend(last.map(|last| (project.project, last)));
        });
        let (looked_at, quiet, unread, is_read) = self.with(|known| {
            for (project, last) in heard {
                known.turns.heard(project, last);
            }
            known.turns.doubt(&doubtful, now);
            let quiet: Vec<ProjectId> = known.turns.quiet(now).collect();
            let behind: BTreeSet<ProjectId> = known.turns.behind(now).collect();
            let is_read = behind.is_empty() && known.pending.is_empty();
            let unread = behind.iter().chain(&known.pending).copied().map(key).collect();
            (known.looked_at.unwrap_or(now), quiet, unread, is_read)
        });
        self.trust.with(|doubts| {
            for project in quiet {
                doubts.quiet(key(project), looked_at);
            }
            doubts.stand(instance, Doubt::Unread, &unread, now);
            doubts.settle(instance, Doubt::Unread, &unread);
        });
        if is_read {
            self.instruments.reconciled(&self.gitlab.name, looked_at);
        }
    }

    fn next(&self) -> Option<(ProjectRow, Part)> {
        let now = self.clock.now();
        self.with(|known| {
            let (project, extent) = known.turns.next(now)?;
            let part = match extent {
                _ if known.pending.contains(&project) => Part::News,
                Extent::Whole => Part::All,
                Extent::Often => Part::Often,
            };
            Some((known.rows.get(&project)?.clone(), part))
        })
    }

    /// Reads one project, whose turn it is.
    async fn read_one(&self, row: &ProjectRow, part: Part) -> Result<(), Stopped> {
        let begun_at = self.clock.now();
        // With as little as a reading counts for, all lists are asked for.
        let wanted = self.wanted(begun_at, plan::OVERLAP_SECONDS);
        let read = self.gitlab.backfill.read(std::slice::from_ref(row), wanted, part).await;
        let is_whole = |report: &Report| part == Part::All && report.missed.is_empty();
        let read_whole = read.as_ref().is_ok_and(is_whole);
        self.tried(row.id, (begun_at, read_whole));
        let Report { requests, rows, new, gaps, .. } = read?;
        let (gitlab, project) = (self.gitlab.name.as_str(), row.path.as_str());
        self.instruments.gaps_repaired(gitlab, GapCause::Unlogged, gaps);
        tracing::debug!(gitlab, project, requests, rows, new, gaps, "read a project in its turn");
        Ok(())
    }

    /// Notes a reading that began at `begun_at`, and whether it told all there was.
    fn tried(&self, project: ProjectId, (begun_at, is_whole): (Timestamp, bool)) {
        self.with(|known| known.turns.tried(project, begun_at, is_whole));
        if is_whole {
            let key = ProjectKey { instance: self.gitlab.instance, project };
            self.trust.with(|doubts| doubts.read(key, begun_at));
        }
    }

    fn wanted(&self, now: Timestamp, fresh_seconds: u64) -> plan::Wanted {
        plan::Wanted { since: now.minus(self.since_seconds), until: now, fresh_seconds }
    }

    fn complain(&self, stopped: &Stopped) {
        let (gitlab, error): (_, &dyn std::error::Error) = (self.gitlab.name.as_str(), stopped);
        tracing::warn!(gitlab, error, "failed to read GitLab's API; trying again");
    }

    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        // A panic leaves maps as they were or with an entry more.
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
