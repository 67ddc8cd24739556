//! The desk: the agenda of what is due, the numbers GitLab hands out, and what was told.

use std::collections::{BTreeMap, VecDeque};

use super::calendar::Calendar;
use super::chance::Chance;
use super::company::Service;
use super::happening::{Dialect, Happening, Sha, What};
use super::story::Step;
use crate::delivery::Timestamp;

/// What every story writes on.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    /// Company time of the step that is being told.
    pub(super) now: Timestamp,
    pub(super) calendar: Calendar,
    pub(super) chance: Chance,
    upgraded_at: Timestamp,
    last_id: u64,
    sequence: u64,
    agenda: BTreeMap<(Timestamp, u64), (usize, Step)>,
    told: VecDeque<Happening>,
}

impl Desk {
    /// An empty desk at `now`; GitLab speaks as 19.x from `upgraded_at` on.
    pub(super) fn new(
        now: Timestamp,
        calendar: Calendar,
        chance: Chance,
        upgraded_at: Timestamp,
    ) -> Self {
        Self {
            now,
            calendar,
            chance,
            upgraded_at,
            last_id: 40_000,
            sequence: 0,
            agenda: BTreeMap::new(),
            told: VecDeque::new(),
        }
    }

    /// The next id of the installation; ids ascend in the order of creation.
    pub(super) const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// A new commit id.
    pub(super) fn sha(&mut self) -> Sha {
        Sha(self.chance.sha())
    }

    /// How GitLab speaks now.
    pub(super) fn dialect(&self) -> Dialect {
        if self.now < self.upgraded_at { Dialect::V18 } else { Dialect::V19 }
    }

    /// Puts `step` of the story of `site` on the agenda.
    pub(super) fn at(&mut self, site: usize, at: Timestamp, step: Step) {
        self.sequence += 1;
        self.agenda.insert((at, self.sequence), (site, step));
    }

    /// Puts `step` on the agenda, `seconds` from now by the clock: machines and emergencies.
    pub(super) fn later(&mut self, site: usize, seconds: u64, step: Step) {
        self.at(site, self.now.plus(seconds), step);
    }

    /// Puts `step` on the agenda after so many seconds of working time.
    pub(super) fn at_work(&mut self, site: usize, seconds: u64, step: Step) {
        self.at(site, self.calendar.after(self.now, seconds), step);
    }

    /// Says what happens now.
    pub(super) fn tell(&mut self, service: &'static Service, what: What) {
        let dialect = self.dialect();
        self.told.push_back(Happening { at: self.now, service, dialect, what });
    }

    /// Takes what is due strictly before `end`, the earliest first, and moves to its time.
    pub(super) fn due(&mut self, end: Timestamp) -> Option<(usize, Step)> {
        let (&(at, _), _) = self.agenda.first_key_value()?;
        if at >= end {
            return None;
        }
        let ((at, _), due) = self.agenda.pop_first()?;
        self.now = at;
        Some(due)
    }

    /// When the next step is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.agenda.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes the oldest thing told.
    pub(super) fn take(&mut self) -> Option<Happening> {
        self.told.pop_front()
    }
}
