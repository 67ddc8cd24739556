//! Registers: the only ways in which values merge.
//!
//! Each is a join-semilattice: merging is commutative, associative and idempotent, so a fact made
//! of registers is the same whatever the order, grouping or repetition of what was heard.

use super::time::Timestamp;

/// Joins what two statements say.
pub trait Merge {
    /// Takes over whatever `other` knows better.
    fn merge(&mut self, other: Self);
}

/// The smallest instant heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Earliest(pub Option<Timestamp>);

impl Earliest {
    /// Heard at `at`.
    #[must_use]
    pub const fn at(at: Timestamp) -> Self {
        Self(Some(at))
    }
}

impl Merge for Earliest {
    fn merge(&mut self, other: Self) {
        self.0 = self.0.into_iter().chain(other.0).min();
    }
}

/// The greatest value heard, for values that never change or only grow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Greatest<T>(pub Option<T>);

impl<T> Default for Greatest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Merge for Greatest<T> {
    fn merge(&mut self, other: Self) {
        // `None` sorts below every value.
        if other.0 > self.0 {
            self.0 = other.0;
        }
    }
}

/// The value with the newest *event* time; at the same instant the greater value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Newest<T>(pub Option<(Timestamp, T)>);

impl<T> Newest<T> {
    /// Said to be `value` at `at`.
    #[must_use]
    pub const fn at(at: Timestamp, value: T) -> Self {
        Self(Some((at, value)))
    }

    /// The value, without its date.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Merge for Newest<T> {
    fn merge(&mut self, other: Self) {
        if other.0 > self.0 {
            self.0 = other.0;
        }
    }
}

/// A state that can come to an end.
pub trait Progress: Ord {
    /// Whether nothing can follow this state.
    fn is_end(&self) -> bool;
}

/// The furthest state: an end beats everything, then the newer event, then the greater state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Furthest<S>(pub Option<(Timestamp, S)>);

impl<S> Furthest<S> {
    /// In `state` since `at`.
    #[must_use]
    pub const fn at(at: Timestamp, state: S) -> Self {
        Self(Some((at, state)))
    }

    /// The state, without its date.
    #[must_use]
    pub fn state(&self) -> Option<&S> {
        self.0.as_ref().map(|(_, state)| state)
    }
}

impl<S> Default for Furthest<S> {
    fn default() -> Self {
        Self(None)
    }
}

impl<S: Progress> Merge for Furthest<S> {
    fn merge(&mut self, other: Self) {
        let rank =
            |of: &Option<(Timestamp, S)>| of.as_ref().map(|(at, state)| (state.is_end(), *at));
        let (own, theirs) = (rank(&self.0), rank(&other.0));
        let further = theirs > own
            || theirs == own
                && other.0.as_ref().map(|(_, state)| state)
                    > self.0.as_ref().map(|(_, state)| state);
        if further {
            self.0 = other.0;
        }
    }
}

/// Once set, set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Ever(pub bool);

impl Merge for Ever {
    fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
