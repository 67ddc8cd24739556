//! Pushes in rows, found by the commit that they made the newest.

use rustc_hash::FxHashMap;

use super::names::{Names, Reference};
use super::numbers::{BranchNumber, CommitNumber, PushNumber};
use crate::delivery::ids::{CommitSha, RefName};
use crate::delivery::push::{CommitList, Push};
use crate::delivery::register::{Greatest, Merge as _};

/// What measuring reads of one push.
#[derive(Debug, Clone)]
pub struct PushRow {
    reference: Reference,
    after: CommitNumber,
    before: Option<CommitNumber>,
    /// The push after which the next reference, by name, pointed to the same commit.
    next: Option<PushNumber>,
    /// Where its list begins among all that are listed.
    from: u32,
    listed: u16,
    is_complete: bool,
    /// The row does not hold all of it: see `whole`.
    is_whole: bool,
}

impl PushRow {
    /// The branch that was pushed to; nothing for a tag.
    #[must_use]
    pub const fn branch(&self) -> Option<BranchNumber> {
        match self.reference {
            Reference::Branch(number) => Some(number),
            Reference::Other(_) => None,
        }
    }

    pub(super) const fn reference(&self) -> Reference {
        self.reference
    }

    /// What it points to now.
    #[must_use]
    pub const fn after(&self) -> CommitNumber {
        self.after
    }

    /// What it pointed to.
    #[must_use]
    pub const fn before(&self) -> Option<CommitNumber> {
        self.before
    }

    /// Whether every commit of the push is listed.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.is_complete
    }
}

/// All pushes of one project.
#[derive(Debug, Clone, Default)]
pub struct Pushes {
    rows: Vec<PushRow>,
    listed: Vec<CommitNumber>,
    /// By commit: the push after which the first reference, by name, pointed to it.
    first: Vec<Option<PushNumber>>,
    whole: FxHashMap<PushNumber, Box<Push>>,
}

impl Pushes {
    pub(super) fn fold(&mut self, names: &mut Names, fact: Push) -> bool {
        let after = names.shas.number(fact.after);
        let reference = names.reference(&fact.ref_name);
        let Some(number) = self.find(reference, after) else {
            self.add(names, &fact);
            return true;
        };
        let Some(own) = self.fact(number, names) else { return false };
        let mut merged = own.clone();
        merged.merge(fact);
        if merged == own {
            return false;
        }
        self.put(names, number, merged);
        true
    }

    fn add(&mut self, names: &mut Names, fact: &Push) {
        let number = PushNumber::at(self.rows.len());
        let after = names.shas.number(fact.after);
        let place = after.place();
        if self.first.len() <= place {
            self.first.resize(place + 1, None);
        }
        let reference = names.reference(&fact.ref_name);
        let is_before = |number: &PushNumber| {
            let row = self.rows.get(number.place());
            row.is_some_and(|row| names.ref_name(row.reference) < fact.ref_name)
        };
        let previous = self.numbers_to(after).take_while(is_before).last();
        let place = match previous {
            Some(previous) => self.rows.get_mut(previous.place()).map(|row| &mut row.next),
            None => self.first.get_mut(place),
        };
        let next = place.and_then(|place| place.replace(number));
        self.rows.push(PushRow {
            reference,
            after,
            before: None,
            next,
            from: 0,
            listed: 0,
            is_complete: false,
            is_whole: false,
        });
        self.put(names, number, fact.clone());
    }

    /// Writes what is known of a push into its row; a list that grew leaves the old one behind.
    fn put(&mut self, names: &mut Names, number: PushNumber, fact: Push) {
        let before = fact.before.0.map(|sha| names.shas.number(sha));
        let from = self.listed.len();
        self.listed.extend(fact.listed().iter().map(|sha| names.shas.number(*sha)));
        let (length, is_complete) = (fact.listed().len(), fact.is_complete());
        let Some(row) = self.rows.get_mut(number.place()) else { return };
        row.before = before;
        row.from = u32::try_from(from).unwrap_or(u32::MAX);
        // GitLab lists twenty at most.
        row.listed = u16::try_from(length).unwrap_or(u16::MAX);
        row.is_complete = is_complete;
        row.is_whole = false;
        self.whole.remove(&number);
        if self.fact(number, names).as_ref() != Some(&fact) {
            if let Some(row) = self.rows.get_mut(number.place()) {
                row.is_whole = true;
            }
            self.whole.insert(number, Box::new(fact));
        }
    }

    fn find(&self, reference: Reference, after: CommitNumber) -> Option<PushNumber> {
        let is = |number: &PushNumber| {
            self.rows.get(number.place()).is_some_and(|row| row.reference == reference)
        };
        self.numbers_to(after).find(is)
    }

    fn numbers_to(&self, after: CommitNumber) -> impl Iterator<Item = PushNumber> {
        let first = self.first.get(after.place()).copied().flatten();
        std::iter::successors(first, |number| self.rows.get(number.place())?.next)
    }

    /// The pushes after which a branch or tag pointed to this commit, by its name.
    pub fn to(&self, after: CommitNumber) -> impl Iterator<Item = &PushRow> {
        self.numbers_to(after).filter_map(|number| self.rows.get(number.place()))
    }

    /// All pushes, in the order of hearing.
    #[must_use]
    pub fn rows(&self) -> &[PushRow] {
        &self.rows
    }

    /// Pushes of anything but branches, each with the commit behind what it points to.
    pub(super) fn tagged<'a>(
        &'a self,
        names: &'a Names,
    ) -> impl Iterator<Item = (RefName, CommitSha)> + 'a {
        let all = (0..self.rows.len()).map(PushNumber::at).zip(&self.rows);
        all.filter(|(_, row)| row.branch().is_none()).map(|(number, row)| {
            let checkout = self.whole.get(&number).and_then(|whole| whole.checkout.0);
            let commit = checkout.unwrap_or_else(|| names.shas.get(row.after));
            (names.ref_name(row.reference), commit)
        })
    }

    /// Its listed commits, oldest first.
    #[must_use]
    pub fn listed(&self, row: &PushRow) -> &[CommitNumber] {
        let from = usize::try_from(row.from).unwrap_or(usize::MAX);
        self.listed.get(from..from.saturating_add(row.listed.into())).unwrap_or_default()
    }

    /// One push as it was heard of.
    pub(super) fn fact(&self, number: PushNumber, names: &Names) -> Option<Push> {
        let row = self.rows.get(number.place())?;
        if row.is_whole {
            return self.whole.get(&number).map(|whole| whole.as_ref().clone());
        }
        let listed = self.listed(row);
        let shas: Vec<CommitSha> = listed.iter().map(|own| names.shas.get(*own)).collect();
        Some(Push {
            before: Greatest(row.before.map(|own| names.shas.get(own))),
            // What is not complete, or empty, is rare enough to be kept whole.
            commits: Greatest((!shas.is_empty()).then(|| CommitList(shas.into()))),
            total_commits: Greatest(
                row.is_complete.then(|| u32::from(row.listed)).filter(|total| *total > 0),
            ),
            ..Push::new(names.ref_name(row.reference), names.shas.get(row.after))
        })
    }

    pub(super) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.listed.shrink_to_fit();
        self.first.shrink_to_fit();
        self.whole.shrink_to_fit();
    }
}
