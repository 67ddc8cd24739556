//! Commits in columns, by number.

use rustc_hash::FxHashMap;

use super::names::Names;
use super::numbers::{CommitNumber, Moment};
use crate::delivery::commit::{Commit, CommitIdentity};
use crate::delivery::ids::CommitSha;
use crate::delivery::register::{Earliest, Ever, Greatest, Merge as _};
use crate::delivery::time::Timestamp;

const HEARD: u8 = 1;
const MERGE: u8 = 1 << 1;
const EXCLUDED: u8 = 1 << 2;
const IDENTIFIED: u8 = 1 << 3;
/// The columns do not hold all of it: see `whole`.
const WHOLE: u8 = 1 << 4;

/// All commits of one project that were heard of; those only mentioned have a number and no more.
#[derive(Debug, Clone, Default)]
pub struct Commits {
    marks: Vec<u8>,
    authored: Vec<Moment>,
    identities: Vec<[u8; 16]>,
    /// Picks, reverts, and whatever else is rare.
    whole: FxHashMap<CommitNumber, Box<Commit>>,
}

impl Commits {
    pub(super) fn fold(&mut self, names: &mut Names, fact: Commit) -> bool {
        let number = names.shas.number(fact.sha);
        let fact = match self.get(names, number) {
            None => fact,
            Some(own) => {
                let mut merged = own.clone();
                merged.merge(fact);
                if merged == own {
                    return false;
                }
                merged
            }
        };
        for sha in [fact.picked_from.0, fact.reverts.0].into_iter().flatten() {
            names.shas.number(sha);
        }
        self.put(names, number, fact);
        true
    }

    fn put(&mut self, names: &Names, number: CommitNumber, fact: Commit) {
        let place = number.place();
        if self.marks.len() <= place {
            self.marks.resize(place + 1, 0);
            self.authored.resize(place + 1, Moment::NONE);
            self.identities.resize(place + 1, [0; 16]);
        }
        let mut mark = HEARD;
        for (bit, is_set) in [
            (MERGE, fact.is_merge.0),
            (EXCLUDED, fact.author_excluded.0),
            (IDENTIFIED, fact.identity.0.is_some()),
        ] {
            mark |= if is_set { bit } else { 0 };
        }
        set(&mut self.marks, place, mark);
        set(&mut self.authored, place, Moment::of(fact.authored_at.0));
        set(&mut self.identities, place, fact.identity.0.map_or([0; 16], |identity| identity.0));
        self.whole.remove(&number);
        if self.get(names, number).as_ref() != Some(&fact) {
            set(&mut self.marks, place, mark | WHOLE);
            self.whole.insert(number, Box::new(fact));
        }
    }

    /// One commit as it was heard of.
    pub(super) fn get(&self, names: &Names, number: CommitNumber) -> Option<Commit> {
        if !self.is_heard(number) {
            return None;
        }
        if let Some(whole) = self.whole(number) {
            return Some(whole.clone());
        }
        Some(Commit {
            authored_at: Earliest(self.authored.get(number.place()).and_then(|at| at.get())),
            is_merge: Ever(self.is_merge(number)),
            author_excluded: Ever(self.author_excluded(number)),
            identity: Greatest(self.identity(number)),
            ..Commit::new(names.shas.get(number))
        })
    }

    /// Numbers of the commits that were heard of.
    pub fn numbers(&self) -> impl Iterator<Item = CommitNumber> {
        (0..self.marks.len()).map(CommitNumber::at).filter(|number| self.is_heard(*number))
    }

    /// Whether more is known than that it exists.
    #[must_use]
    pub fn is_heard(&self, number: CommitNumber) -> bool {
        self.has(number, HEARD)
    }

    /// See [`Commit::is_merge`].
    #[must_use]
    pub fn is_merge(&self, number: CommitNumber) -> bool {
        self.has(number, MERGE)
    }

    /// See [`Commit::author_excluded`].
    #[must_use]
    pub fn author_excluded(&self, number: CommitNumber) -> bool {
        self.has(number, EXCLUDED)
    }

    /// See [`Commit::authored_at`].
    #[must_use]
    pub fn authored_at(&self, number: CommitNumber) -> Option<Timestamp> {
        match self.whole(number) {
            Some(whole) => whole.authored_at.0,
            None => self.authored.get(number.place())?.get(),
        }
    }

    /// See [`Commit::committed_at`].
    #[must_use]
    pub fn committed_at(&self, number: CommitNumber) -> Option<Timestamp> {
        self.whole(number)?.committed_at.0
    }

    /// See [`Commit::identity`].
    #[must_use]
    pub fn identity(&self, number: CommitNumber) -> Option<CommitIdentity> {
        let bytes = self.identities.get(number.place())?;
        self.has(number, IDENTIFIED).then_some(CommitIdentity(*bytes))
    }

    /// See [`Commit::picked_from`].
    #[must_use]
    pub fn picked_from(&self, number: CommitNumber) -> Option<CommitSha> {
        self.whole(number)?.picked_from.0
    }

    /// Numbers of cherry-picks.
    pub fn picks(&self) -> impl Iterator<Item = CommitNumber> {
        self.whole.iter().filter(|(_, own)| own.picked_from.0.is_some()).map(|(number, _)| *number)
    }

    fn whole(&self, number: CommitNumber) -> Option<&Commit> {
        // Almost every commit fits its columns: the mark spares the search.
        if self.has(number, WHOLE) { self.whole.get(&number).map(AsRef::as_ref) } else { None }
    }

    fn has(&self, number: CommitNumber, bit: u8) -> bool {
        self.marks.get(number.place()).is_some_and(|mark| mark & bit != 0)
    }

    pub(super) fn shrink(&mut self) {
        self.marks.shrink_to_fit();
        self.authored.shrink_to_fit();
        self.identities.shrink_to_fit();
        self.whole.shrink_to_fit();
    }
}

fn set<T>(column: &mut [T], place: usize, value: T) {
    if let Some(cell) = column.get_mut(place) {
        *cell = value;
    }
}
