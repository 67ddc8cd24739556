//! What was heard of a project, and whether it has fallen silent.
//!
//! Silence is judged by the project's own rhythm, for one that deploys once a month is not broken
//! after a day. A hook that GitLab disabled, or that somebody deleted, tells nothing: numbers go on
//! as if the team had stopped to work.

use super::time::Timestamp;

/// Weeks whose longest pause is remembered, the running one included.
const WEEKS: usize = 5;

/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;

/// Deliveries below which a project has no rhythm yet.
const FEWEST_DELIVERIES: u64 = 10;

/// Nobody is silent before so long: a quiet hour of a busy project means nothing.
const LEAST_SILENCE_SECONDS: u64 = 3_600;

/// Silent from this many times the longest pause on.
const TIMES: u64 = 2;

/// What was heard of one kind of delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindHeard {
    /// The sender's word for it.
    pub kind: Box<str>,
    /// When the last one was received.
    pub last: Timestamp,
    /// How many were received.
    pub deliveries: u64,
}

/// The longest pause between two deliveries in each of the last weeks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Pauses([(i64, u64); WEEKS]);

impl Pauses {
    /// Takes in a pause that ended in a week since the epoch; an older one than all that are
    /// remembered changes nothing.
    fn end(&mut self, week: i64, seconds: u64) {
        if let Some((_, longest)) = self.0.iter_mut().find(|(own, _)| *own == week) {
            *longest = (*longest).max(seconds);
            return;
        }
        if let Some(oldest) = self.0.iter_mut().min_by_key(|(own, _)| *own)
            && oldest.0 < week
        {
            *oldest = (week, seconds);
        }
    }
}

/// The deliveries that told something of one project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    kinds: Vec<KindHeard>,
    pauses: Pauses,
}

impl Contact {
    /// Kinds told apart: GitLab knows about thirty, and a holder of the secret could invent more.
    const MAX_KINDS: usize = 32;

    /// Takes in one delivery, received at `at`.
    pub fn hear(&mut self, kind: &str, at: Timestamp) {
        if let Some(last) = self.last() {
            self.pauses.end(at.as_second().div_euclid(WEEK), at.seconds_since(last));
        }
        self.remember_kind(kind, at, 1);
    }

    /// Adds `deliveries` of a kind, the last one received at `last`.
    pub fn remember_kind(&mut self, kind: &str, last: Timestamp, deliveries: u64) {
        if let Some(own) = self.kinds.iter_mut().find(|own| &*own.kind == kind) {
            own.last = own.last.max(last);
            own.deliveries = own.deliveries.saturating_add(deliveries);
        } else if self.kinds.len() < Self::MAX_KINDS {
            self.kinds.push(KindHeard { kind: kind.into(), last, deliveries });
        }
    }

    /// Takes back one of [`weeks`](Self::weeks).
    pub fn remember_week(&mut self, week: i64, longest_pause_seconds: u64) {
        self.pauses.end(week, longest_pause_seconds);
    }

    /// Every kind heard, in the order in which they first were.
    #[must_use]
    pub fn kinds(&self) -> &[KindHeard] {
        &self.kinds
    }

    /// The last weeks that ended a pause: their number since the epoch, and the seconds of their
    /// longest one.
    pub fn weeks(&self) -> impl Iterator<Item = (i64, u64)> {
        self.pauses.0.into_iter().filter(|(week, _)| *week > 0)
    }

    /// When the last delivery was received.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        self.kinds.iter().map(|own| own.last).max()
    }

    /// Seconds of silence from which the project counts as silent: twice its longest pause of the
    /// last weeks, an hour at least. `None` while it has no rhythm, before its tenth delivery.
    #[must_use]
    pub fn silent_after_seconds(&self) -> Option<u64> {
        let deliveries: u64 = self.kinds.iter().map(|own| own.deliveries).sum();
        let longest = self.weeks().map(|(_, seconds)| seconds).max()?;
        let has_rhythm = deliveries >= FEWEST_DELIVERIES;
        has_rhythm.then(|| longest.saturating_mul(TIMES).max(LEAST_SILENCE_SECONDS))
    }

    /// Whether it has been silent for that long.
    #[must_use]
    pub fn is_silent(&self, now: Timestamp) -> Option<bool> {
        let limit = self.silent_after_seconds()?;
        self.last().map(|last| now.seconds_since(last) >= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;

    fn at(seconds: u64) -> Timestamp {
        // Begins with a week of the epoch.
        Timestamp::from_second(i64::try_from(2_900 * 7 * DAY + seconds).unwrap())
    }

    /// Heard at these instants.
    fn contact(instants: impl IntoIterator<Item = u64>) -> Contact {
        let mut contact = Contact::default();
        instants.into_iter().for_each(|second| contact.hear("push", at(second)));
        contact
    }

    #[test]
    fn a_project_is_silent_after_twice_its_longest_pause() {
        // Every other day, and once a week of holidays.
        let days = (0..10).map(|nth| 2 * nth).chain([25, 27]);
        let contact = contact(days.map(|day| day * DAY));
        assert_eq!(contact.silent_after_seconds(), Some(14 * DAY));
        assert_eq!(contact.is_silent(at((27 + 14) * DAY - 1)), Some(false));
        assert_eq!(contact.is_silent(at((27 + 14) * DAY)), Some(true));
    }

    #[test]
    fn a_busy_project_may_be_quiet_for_an_hour() {
        let busy = contact((0..50).map(|nth| 20 * nth));
        assert_eq!(busy.silent_after_seconds(), Some(HOUR));
    }

    #[test]
    fn without_a_rhythm_nothing_is_said() {
        assert_eq!(contact((0..9).map(|day| day * DAY)).is_silent(at(400 * DAY)), None);
        let mut once = Contact::default();
        once.remember_kind("push", at(0), 400);
        assert_eq!(once.is_silent(at(400 * DAY)), None);
        assert_eq!(Contact::default().is_silent(at(0)), None);
    }

    #[test]
    fn a_long_pause_is_forgotten_after_four_further_weeks() {
        let weeks = |last: u64| contact([0, 30].into_iter().chain(31..=last).map(|day| day * DAY));
        assert_eq!(weeks(30 + 5 + 7 * 3).silent_after_seconds(), Some(60 * DAY));
        assert_eq!(weeks(30 + 5 + 7 * 4).silent_after_seconds(), Some(2 * DAY));
    }

    #[test]
    fn what_was_remembered_is_the_same_again() {
        let mut contact = contact((0..40).map(|day| day * DAY));
        contact.hear("deployment", at(50 * DAY));
        let mut again = Contact::default();
        for own in contact.kinds() {
            again.remember_kind(&own.kind, own.last, own.deliveries);
        }
        contact.weeks().for_each(|(week, seconds)| again.remember_week(week, seconds));
        assert_eq!(again.silent_after_seconds(), contact.silent_after_seconds());
        assert_eq!((again.kinds(), again.last()), (contact.kinds(), Some(at(50 * DAY))));
    }

    #[test]
    fn invented_kinds_cannot_grow_it_without_end() {
        let mut contact = Contact::default();
        (0..1_000).for_each(|number| contact.hear(&number.to_string(), at(number)));
        assert_eq!(contact.kinds().len(), Contact::MAX_KINDS);
    }
}
