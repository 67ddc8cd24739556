//! Numbers for what is named often: a commit, a branch, a person takes four bytes wherever it is
//! mentioned, and measuring walks along vectors instead of looking names up.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::num::NonZeroU32;

use rustc_hash::FxHashMap;

use crate::delivery::ids::CommitSha;
use crate::delivery::time::Timestamp;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The number of what stands at `place`, from 0.
            ///
            /// # Panics
            /// Beyond 2³²−2 places, which no memory holds.
            #[must_use]
            pub fn at(place: usize) -> Self {
                let number = u32::try_from(place).ok().and_then(|place| place.checked_add(1));
                match number.and_then(NonZeroU32::new) {
                    Some(number) => Self(number),
                    None => unreachable!("four thousand million things of one project"),
                }
            }

            /// Its place, from 0.
            #[must_use]
            pub fn place(self) -> usize {
                usize::try_from(self.0.get()).unwrap_or(usize::MAX) - 1
            }
        }
    )*};
}

numbers! {
    /// A commit within its project's history, in the order in which commits were first heard of.
    CommitNumber
    /// A branch within its project's history.
    BranchNumber
    /// A push within its project's history.
    PushNumber
    /// A value of one of the small sets: an environment, a person, a set of labels.
    SmallNumber
}

/// An instant or none, in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(i64);

impl Moment {
    /// The end of time is no instant: nothing happened then. A fact that says so is kept whole.
    pub(super) const NONE: Self = Self(i64::MAX);

    pub(super) fn of(at: Option<Timestamp>) -> Self {
        at.map_or(Self::NONE, |at| Self(at.as_second()))
    }

    pub(super) fn get(self) -> Option<Timestamp> {
        (self != Self::NONE).then(|| Timestamp::from_second(self.0))
    }
}

/// Places by hash: open addressing, linear probing, four bytes a slot.
#[derive(Debug, Clone, Default)]
struct Index {
    slots: Box<[Option<NonZeroU32>]>,
    used: usize,
}

impl Index {
    /// The place with this hash for which `is` holds.
    fn find(&self, hash: u64, is: impl Fn(usize) -> bool) -> Option<usize> {
        let mut slot = self.start(hash)?;
        loop {
            let place = CommitNumber((*self.slots.get(slot)?)?).place();
            if is(place) {
                return Some(place);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds a place that is not there; `hash_of` gives the hashes of those that are.
    fn insert(&mut self, hash: u64, place: usize, hash_of: impl Fn(usize) -> u64) {
        if 4 * (self.used + 1) > 3 * self.slots.len() {
            let wider = (2 * self.slots.len()).max(8);
            let old = std::mem::replace(&mut self.slots, vec![None; wider].into());
            for number in old.iter().flatten() {
                self.put(hash_of(CommitNumber(*number).place()), *number);
            }
        }
        self.used += 1;
        self.put(hash, CommitNumber::at(place).0);
    }

    fn put(&mut self, hash: u64, number: NonZeroU32) {
        let Some(mut slot) = self.start(hash) else { return };
        while let Some(Some(_)) = self.slots.get(slot) {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = Some(number);
        }
    }

    /// The first slot to look at; the number of slots is a power of two.
    fn start(&self, hash: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        Some(usize::try_from(hash).unwrap_or(usize::MAX) & mask)
    }
}

/// Commit ids by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Shas {
    short: Vec<[u8; 20]>,
    /// Ids of SHA-256; their place in `short` holds zeros, which are no id.
    long: FxHashMap<usize, CommitSha>,
    index: Index,
}

impl Shas {
    pub(super) fn len(&self) -> usize {
        self.short.len()
    }

    pub(super) fn get(&self, number: CommitNumber) -> CommitSha {
        let short = self.short.get(number.place()).map(|bytes| CommitSha::from_bytes(bytes));
        let long = || self.long.get(&number.place()).copied();
        let sha = short.and_then(Result::ok).or_else(long);
        sha.unwrap_or_else(|| unreachable!("a number is given with its commit"))
    }

    pub(super) fn find(&self, sha: CommitSha) -> Option<CommitNumber> {
        let short = short(sha);
        let is = |place: usize| match short {
            Some(bytes) => self.short.get(place) == Some(&bytes),
            None => self.long.get(&place) == Some(&sha),
        };
        self.index.find(hash(sha), is).map(CommitNumber::at)
    }

    /// The number of a commit, a new one where it has none.
    pub(super) fn number(&mut self, sha: CommitSha) -> CommitNumber {
        if let Some(known) = self.find(sha) {
            return known;
        }
        let place = self.short.len();
        self.short.push(short(sha).unwrap_or_default());
        if short(sha).is_none() {
            self.long.insert(place, sha);
        }
        let mut index = std::mem::take(&mut self.index);
        index.insert(hash(sha), place, |place| hash(self.get(CommitNumber::at(place))));
        self.index = index;
        CommitNumber::at(place)
    }

    pub(super) fn shrink(&mut self) {
        self.short.shrink_to_fit();
    }
}

fn short(sha: CommitSha) -> Option<[u8; 20]> {
    sha.as_bytes().try_into().ok()
}

/// An id is a hash already; what comes out of it spreads over the low bits.
fn hash(sha: CommitSha) -> u64 {
    let bytes = sha.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
    let word = u64::from_le_bytes(bytes).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word ^ (word >> 32)
}

/// Texts by number, one after another in one piece of memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<u32>,
    index: Index,
    /// Anybody may name a branch: with keys that nobody knows they cannot be made to collide.
    keys: Keys,
}

/// Keys of hashing, the same for all projects of this process.
#[derive(Debug, Clone)]
struct Keys(&'static RandomState);

impl Default for Keys {
    fn default() -> Self {
        static KEYS: std::sync::LazyLock<RandomState> = std::sync::LazyLock::new(RandomState::new);
        Self(&KEYS)
    }
}

impl Texts {
    pub(super) fn get(&self, number: BranchNumber) -> &str {
        self.at(number.place())
    }

    fn at(&self, place: usize) -> &str {
        let bound = |place: usize| self.ends.get(place).map(|end| usize::try_from(*end));
        let start = place.checked_sub(1).and_then(bound).and_then(Result::ok).unwrap_or(0);
        let end = bound(place).and_then(Result::ok).unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn find(&self, text: &str) -> Option<BranchNumber> {
        let hash = self.keys.0.hash_one(text);
        self.index.find(hash, |place| self.at(place) == text).map(BranchNumber::at)
    }

    /// The number of a text, a new one where it has none.
    ///
    /// # Panics
    /// Beyond 4 GiB of texts.
    pub(super) fn number(&mut self, text: &str) -> BranchNumber {
        if let Some(known) = self.find(text) {
            return known;
        }
        let place = self.ends.len();
        self.text.push_str(text);
        let Ok(end) = u32::try_from(self.text.len()) else {
            unreachable!("four gibibytes of names of branches")
        };
        self.ends.push(end);
        let mut index = std::mem::take(&mut self.index);
        let hash = |place: usize| self.keys.0.hash_one(self.at(place));
        index.insert(hash(place), place, hash);
        self.index = index;
        BranchNumber::at(place)
    }

    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Values of which a project has few, by number.
#[derive(Debug, Clone)]
pub(super) struct Few<T> {
    values: Vec<T>,
    places: FxHashMap<T, SmallNumber>,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { values: Vec::new(), places: FxHashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Few<T> {
    pub(super) fn get(&self, number: SmallNumber) -> Option<&T> {
        self.values.get(number.place())
    }

    /// The number of a value, a new one where it has none.
    pub(super) fn number(&mut self, value: &T) -> SmallNumber {
        if let Some(known) = self.places.get(value) {
            return *known;
        }
        let number = SmallNumber::at(self.values.len());
        self.values.push(value.clone());
        self.places.insert(value.clone(), number);
        number
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn shrink(&mut self) {
        self.values.shrink_to_fit();
        self.places.shrink_to_fit();
    }
}
