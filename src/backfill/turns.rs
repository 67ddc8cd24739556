//! Whose turn it is to be read: where something is known to be missing first, then by how lately
//! something happened. Pure.
//!
//! That something happened is told by GitLab's list of projects (`last_activity_at`), a request a
//! hundred projects, and by hooks. GitLab moves that instant **at most once an hour**: what happens
//! within [`LAG_SECONDS`] after it shows nowhere. So a project stays hot until it was read once after
//! that time, and whatever was lost meanwhile is read. A deployment alone does not move it: it shows by
//! its hook, or is read when the turn of its project comes.

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::{ProjectId, Timestamp};

/// For so long after the instant that GitLab shows, more may have happened that it does not show.
pub const LAG_SECONDS: u64 = 3_600;

/// For so long after a hook more may happen that neither a hook nor GitLab's list tells of: what a
/// deployment that was heard to run came to.
const HEARD_LAG_SECONDS: u64 = 900;

/// What was lost is to be read within that time.
pub const PROMISE_SECONDS: u64 = 3_600;

/// A hook tells within a minute of what GitLab shows.
const ON_ITS_WAY_SECONDS: u64 = 60;

/// Something happened within so many seconds in a warm project.
const WARM_SECONDS: u64 = 86_400;

/// How often a project is read where the budget allows. Where it does not, all wait longer by the
/// same factor, but that hot ones wait no longer than [`LATEST_SECONDS`] for others.
const HOT_EVERY_SECONDS: u64 = 300;
const WARM_EVERY_SECONDS: u64 = 3_600;
const COLD_EVERY_SECONDS: u64 = 86_400;

/// A hot project that waited so long goes before all that are not: the other half of the promised hour is
/// for its turn to come.
const LATEST_SECONDS: u64 = 1_800;

/// A quiet project counts as known for half a turn longer than a cold one waits.
const QUIET_SECONDS: u64 = COLD_EVERY_SECONDS * 3 / 2;

/// What seldom changes (environments, milestones, Releases) is read no more often, of a project that
/// will be read again soon: three requests of seven.
const SELDOM_SECONDS: u64 = 1_800;

/// What of a project is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All its lists.
    Whole,
    /// Those that change with every delivery. The others were read lately, and will be once more.
    Often,
}

/// How often projects are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Hot,
    Warm,
    Cold,
}

impl Class {
    const fn every_seconds(self) -> u64 {
        match self {
            Self::Hot => HOT_EVERY_SECONDS,
            Self::Warm => WARM_EVERY_SECONDS,
            Self::Cold => COLD_EVERY_SECONDS,
        }
    }
}

/// Why a project goes before others; the greater the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// By the share of the time between two turns, in thousandths, that has passed.
    InTurn(u64),
    /// A hot project that has waited for so many seconds, half an hour at least.
    Late(u64),
    /// Something is missing, or may be, since so many seconds, and nothing was read since.
    Doubtful(u64),
}

/// What is known of one project.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    /// When something last happened, as GitLab's list shows.
    active: Option<Timestamp>,
    /// When a hook last told something.
    heard: Option<Timestamp>,
    /// Since when something is known to be missing.
    doubted: Option<Timestamp>,
    /// When reading it last began, however that ended.
    tried: Option<Timestamp>,
    /// When the last reading of it began that came to its end.
    read: Option<Timestamp>,
}

impl Own {
    /// What GitLab shows and no hook told of, unless it was read since `at`.
    fn unheard(&self, at: Option<Timestamp>) -> Option<Timestamp> {
        let heard_to = self.heard.map(|heard_at| heard_at.plus(ON_ITS_WAY_SECONDS));
        self.active.filter(|active_at| Some(*active_at) > at.max(heard_to))
    }

    /// Until when something may have happened that nothing shows.
    fn moves_to(&self) -> Option<Timestamp> {
        let shown = self.active.map(|at| at.plus(LAG_SECONDS));
        shown.max(self.heard.map(|at| at.plus(HEARD_LAG_SECONDS)))
    }

    /// The last reading of a project that moves, and one in doubt, are whole.
    fn extent(&self, urgency: Urgency, now: Timestamp) -> Extent {
        let is_fresh = |at: Timestamp| now.seconds_since(at) < SELDOM_SECONDS;
        let is_read_again = self.moves_to() > Some(now) && self.read.is_some_and(is_fresh);
        match urgency {
            Urgency::InTurn(_) | Urgency::Late(_) if is_read_again => Extent::Often,
            _ => Extent::Whole,
        }
    }

    fn class(&self, tried_at: Timestamp, now: Timestamp) -> Class {
        let Some(moved_at) = self.active.max(self.heard) else { return Class::Cold };
        if self.moves_to() > Some(tried_at) {
            Class::Hot
        } else if moved_at.plus(WARM_SECONDS) > now {
            Class::Warm
        } else {
            Class::Cold
        }
    }

    /// `None` while it is not its turn; never before it was read once.
    fn urgency(&self, now: Timestamp) -> Option<Urgency> {
        let tried_at = self.tried?;
        let unread = |at: &Timestamp| *at > tried_at;
        let doubts = [self.doubted.filter(unread), self.unheard(self.tried)];
        if let Some(since) = doubts.into_iter().flatten().min() {
            return Some(Urgency::Doubtful(now.seconds_since(since)));
        }
        let waited = now.seconds_since(tried_at);
        let class = self.class(tried_at, now);
        let every = class.every_seconds();
        if waited < every {
            return None;
        }
        Some(match class {
            Class::Hot if waited >= LATEST_SECONDS => Urgency::Late(waited),
            _ => Urgency::InTurn(waited.saturating_mul(1_000) / every),
        })
    }
}

/// The projects of one GitLab, and what is known of each.
#[derive(Debug, Default)]
pub struct Turns {
    known: BTreeMap<ProjectId, Own>,
}

impl Turns {
    /// GitLab lists a project as of `now`, and shows when something last happened in it.
    pub fn listed(&mut self, project: ProjectId, active_at: Option<Timestamp>, now: Timestamp) {
        let own = self.known.entry(project).or_default();
        // By a clock that is ahead of ours nothing would ever have been read since.
        own.active = own.active.max(active_at.map(|at| at.min(now)));
    }

    /// Forgets all projects but these.
    pub fn retain(&mut self, listed: &BTreeSet<ProjectId>) {
        self.known.retain(|project, _| listed.contains(project));
    }

    /// A hook told something of a project at `at`.
    pub fn heard(&mut self, project: ProjectId, at: Timestamp) {
        if let Some(own) = self.known.get_mut(&project) {
            own.heard = own.heard.max(Some(at));
        }
    }

    /// Of exactly these projects something is known to be missing as of `now`.
    pub fn doubt(&mut self, projects: &BTreeSet<ProjectId>, now: Timestamp) {
        for (project, own) in &mut self.known {
            let since = own.doubted.unwrap_or(now);
            own.doubted = projects.contains(project).then_some(since);
        }
    }

    /// A reading of a project that began at `at` has ended; `is_whole` when it left nothing out.
    pub fn tried(&mut self, project: ProjectId, at: Timestamp, is_whole: bool) {
        if let Some(own) = self.known.get_mut(&project) {
            own.tried = own.tried.max(Some(at));
            own.read = if is_whole { own.read.max(Some(at)) } else { own.read };
        }
    }

    /// The project to read now, if it is any one's turn, and what of it.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Option<(ProjectId, Extent)> {
        let due = self.known.iter().filter_map(|(id, own)| Some((own.urgency(now)?, id, own)));
        let next = due.max_by_key(|(urgency, id, _)| (*urgency, std::cmp::Reverse(**id)));
        next.map(|(urgency, id, own)| (*id, own.extent(urgency, now)))
    }

    /// Projects in which nothing happened since they were read, as far as GitLab's list shows, and
    /// that were read within their turn. What happened in them until then is as good as read.
    pub fn quiet(&self, now: Timestamp) -> impl Iterator<Item = ProjectId> {
        let is_quiet = move |own: &Own| {
            let Some((read_at, active_at)) = own.read.zip(own.active) else { return false };
            active_at.plus(LAG_SECONDS) <= read_at && now.seconds_since(read_at) <= QUIET_SECONDS
        };
        self.known.iter().filter(move |(_, own)| is_quiet(own)).map(|(id, _)| *id)
    }

    /// Projects in which something happened, as GitLab shows, that no hook told of, and that were not
    /// read within the hour.
    pub fn behind(&self, now: Timestamp) -> impl Iterator<Item = ProjectId> {
        let is_behind = move |own: &Own| {
            own.unheard(own.read).is_some_and(|at| now.seconds_since(at) > PROMISE_SECONDS)
        };
        self.known.iter().filter(move |(_, own)| is_behind(own)).map(|(id, _)| *id)
    }
}
