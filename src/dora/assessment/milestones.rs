//! Milestones: what was promised, until when, and whether it was there in time.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;

use super::changes::Changes;
use crate::delivery::{
    Iid, Issue, Milestone, MilestoneDue, MilestoneId, ProjectHistory, Timestamp,
};
use crate::dora::policy::Policy;

/// A milestone with a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueMilestone {
    /// GitLab's id.
    pub id: MilestoneId,
    /// Local midnight after the due day that was known at its start.
    pub deadline: Timestamp,
    /// End of the release by which all its merge requests were delivered.
    pub delivered_at: Option<Timestamp>,
    /// Issues in it at its start.
    pub scope: u64,
    /// Those of them that were no longer in it at the deadline.
    pub cut: u64,
}

/// What is known of a project's milestones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Milestones {
    /// Those with a deadline, come or not, by id; empty ones are left out.
    pub due: Vec<DueMilestone>,
    /// Moves of a due day after the start, as far as they were heard of.
    pub moves: Vec<(MilestoneId, Timestamp)>,
}

/// The milestones of a project; `None` until one is known.
///
/// `delivered` tells when production first had each merge request, the baseline included.
///
/// Source: the metric specification, "Milestones".
pub(super) fn milestones(
    history: &ProjectHistory,
    changes: &Changes<'_>,
    delivered: &FxHashMap<Iid, Timestamp>,
    (as_of, policy): (Timestamp, &Policy),
) -> Option<Milestones> {
    let known: Vec<Known<'_>> = history
        .planning()
        .milestones()
        .filter(|milestone| milestone.deleted.value() != Some(&true))
        .filter_map(|milestone| Known::of(history, milestone, as_of, &policy.timezone))
        .collect();
    if known.is_empty() {
        return None;
    }
    let content = Content { history, changes, delivered, as_of };
    let due = known.iter().filter_map(|milestone| content.judge(milestone, &policy.timezone));
    let moves = known.iter().flat_map(Known::moves);
    Some(Milestones { due: due.collect(), moves: moves.collect() })
}

/// A milestone, and what its due day was heard to be before the instant of measure.
struct Known<'a> {
    id: MilestoneId,
    start: Timestamp,
    heard: Vec<&'a MilestoneDue>,
    last_due: Option<Timestamp>,
}

impl<'a> Known<'a> {
    fn of(
        history: &'a ProjectHistory,
        milestone: &'a Milestone,
        as_of: Timestamp,
        zone: &TimeZone,
    ) -> Option<Self> {
        let heard: Vec<&MilestoneDue> =
            history.planning().dues_of(milestone.id).take_while(|due| due.at < as_of).collect();
        let first_heard = heard.first().map(|due| due.at);
        let first_seen = first_heard.or(milestone.created_at.0).filter(|at| *at < as_of)?;
        let start_day = milestone.start_day.value().copied().flatten();
        let start = start_day.and_then(|day| local_midnight(day, 0, zone)).unwrap_or(first_seen);
        let last_due = milestone.due_day.value().copied().flatten();
        Some(Self { id: milestone.id, start, heard, last_due })
    }

    /// The due day known at the start; one that was only told later is better than none.
    fn baseline(&self) -> Option<Timestamp> {
        let before = self.heard.iter().rfind(|due| due.at <= self.start);
        match before.or(self.heard.first()) {
            Some(due) => due.due_day.0,
            None => self.last_due,
        }
    }

    fn moves(&self) -> impl Iterator<Item = (MilestoneId, Timestamp)> {
        let pairs = self.heard.iter().zip(self.heard.iter().skip(1));
        pairs
            .filter(|(before, after)| before.due_day != after.due_day && after.at > self.start)
            .map(|(_, after)| (self.id, after.at))
    }
}

/// The start of a day, or of one some days later, where the clocks show it; days are given by their
/// midnight in UTC.
fn local_midnight(day: Timestamp, later: i64, zone: &TimeZone) -> Option<Timestamp> {
    let date: Date = jiff::Timestamp::from_second(day.as_second())
        .ok()
        .map(|midnight| TimeZone::UTC.to_datetime(midnight).date())?;
    let date = date.checked_add(jiff::Span::new().days(later)).ok()?;
    let start = zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(Timestamp::from_second(start.as_second()))
}

/// What milestones are judged by.
struct Content<'a> {
    history: &'a ProjectHistory,
    changes: &'a Changes<'a>,
    delivered: &'a FxHashMap<Iid, Timestamp>,
    as_of: Timestamp,
}

impl Content<'_> {
    /// `None` without a due day, and for an empty milestone.
    fn judge(&self, known: &Known<'_>, zone: &TimeZone) -> Option<DueMilestone> {
        let deadline = local_midnight(known.baseline()?, 1, zone)?;
        let end = deadline.min(self.as_of);
        let at_end = self.scope(known.id, end);
        let at_start = self.scope(known.id, known.start);
        let own = self.requests(known.id, &at_end);
        if own.is_empty() && at_end.is_empty() {
            return None;
        }
        let cut = at_start.keys().filter(|issue| !at_end.contains_key(issue)).count();
        let count = |number| u64::try_from(number).unwrap_or(u64::MAX);
        Some(DueMilestone {
            id: known.id,
            deadline,
            delivered_at: self.all_delivered(&own),
            scope: count(at_start.len()),
            cut: count(cut),
        })
    }

    /// Merged requests in the milestone, or that close an issue in it.
    fn requests(&self, id: MilestoneId, issues: &BTreeMap<Iid, &Issue>) -> Vec<Iid> {
        let merged = self.changes.merged.iter().filter(|merged| {
            self.history.milestone(merged.request) == Some(id)
                || merged.closes.iter().any(|issue| issues.contains_key(issue))
        });
        merged.map(|merged| merged.request.iid()).collect()
    }

    /// When the last of them was delivered; `None` while one is not, and without any.
    fn all_delivered(&self, requests: &[Iid]) -> Option<Timestamp> {
        let mut last = None;
        for request in requests {
            last = last.max(Some(*self.delivered.get(request)?));
        }
        last
    }

    /// The issues in a milestone at an instant.
    fn scope(&self, id: MilestoneId, at: Timestamp) -> BTreeMap<Iid, &Issue> {
        let issues = self.history.issues.iter();
        issues
            .filter(|(_, issue)| self.is_in(issue, id, at))
            .map(|(iid, own)| (*iid, own))
            .collect()
    }

    /// By the last move until then, else by what the next move says was before it, else by where
    /// the issue is now.
    fn is_in(&self, issue: &Issue, id: MilestoneId, at: Timestamp) -> bool {
        let exists =
            issue.created_at.0.is_some_and(|created| created <= at && created < self.as_of);
        if !exists {
            return false;
        }
        let mut known = None;
        for moved in self.history.planning().moves_of(issue.iid) {
            if moved.at > at || moved.at >= self.as_of {
                known = known.or(Some(moved.before.0));
                break;
            }
            known = Some(moved.milestone.0);
        }
        known.unwrap_or_else(|| issue.milestone.value().copied().flatten()) == Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_midnight_after_a_day_is_local_and_days_may_have_25_hours() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let at = |text: &str| {
            Timestamp::from_second(text.parse::<jiff::Timestamp>().unwrap().as_second())
        };
        let day = at("2026-10-25T00:00:00Z");
        assert_eq!(local_midnight(day, 0, &paris), Some(at("2026-10-24T22:00:00Z")));
        assert_eq!(local_midnight(day, 1, &paris), Some(at("2026-10-25T23:00:00Z")));
        assert_eq!(local_midnight(Timestamp::from_second(i64::MAX), 1, &paris), None);
    }
}
