//! The table of hook kinds: what has been heard, what each makes possible, what is missing.

use super::view::HeardByKind;
use crate::delivery::{Contact, Timestamp};
use crate::words::Phrases;

/// Kinds of deliveries that can tell of an incident.
pub(super) const ISSUE_KINDS: [&str; 2] = ["issue", "work_item"];

/// Other kinds listed: GitLab has some thirty; a flood of invented ones must not grow the page.
const MAX_OTHER_KINDS: usize = 50;

/// How much an event matters to the numbers shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Needed,
    Useful,
}

/// An event that can be ticked in a webhook's settings.
struct Event {
    /// As GitLab's settings call it.
    names: &'static [&'static str],
    /// What deliveries of it call themselves.
    kinds: &'static [&'static str],
    need: Need,
    /// What it makes possible.
    unlocks: fn(&Phrases) -> &'static str,
}

impl Event {
    /// Its first name: the one for short.
    fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }

    /// In words and by a class of the style sheet.
    fn state(&self, is_heard: bool, words: &Phrases) -> (&'static str, &'static str) {
        match (is_heard, self.need) {
            (true, _) => (words.heard, "heard"),
            (false, Need::Needed) => (words.missing, "missing"),
            (false, Need::Useful) => (words.optional, "optional"),
        }
    }
}

/// What deliveries call the events of [`NEEDED_EVENTS`](crate::dora::scorecard::NEEDED_EVENTS), in
/// that order.
pub const NEEDED_KINDS: [&[&str]; 3] = [&["deployment"], &["merge_request"], &ISSUE_KINDS];

/// Every event that a number stands on, the weightiest first.
const EVENTS: [Event; 5] = [
    Event {
        names: &["Deployment events"],
        kinds: NEEDED_KINDS[0],
        need: Need::Needed,
        unlocks: |words| words.deployment_unlocks,
    },
    Event {
        names: &["Merge request events"],
        kinds: NEEDED_KINDS[1],
        need: Need::Needed,
        unlocks: |words| words.merge_request_unlocks,
    },
    Event {
        names: &["Issues events", "Confidential issues events"],
        kinds: NEEDED_KINDS[2],
        need: Need::Needed,
        unlocks: |words| words.issue_unlocks,
    },
    Event {
        names: &["Push events"],
        kinds: &["push"],
        need: Need::Useful,
        unlocks: |words| words.push_unlocks,
    },
    Event {
        names: &["Comments"],
        kinds: &["note"],
        need: Need::Useful,
        unlocks: |words| words.note_unlocks,
    },
];

/// One line of the table.
pub(super) struct HookRow {
    /// Names of the checkboxes, in GitLab's English; none for a kind that has no part here.
    pub(super) names: &'static [&'static str],
    /// GitLab's word in deliveries.
    pub(super) kinds: Vec<String>,
    pub(super) unlocks: &'static str,
    pub(super) deliveries: String,
    pub(super) last_heard: String,
    pub(super) state: &'static str,
    /// How the state is set off besides its words.
    pub(super) class: &'static str,
}

/// What one kind of event makes possible.
pub(super) struct Unlock {
    pub(super) event: &'static str,
    pub(super) unlocks: &'static str,
}

/// What each event makes possible, the weightiest first.
pub(super) fn unlocks(words: &Phrases) -> Vec<Unlock> {
    let unlock = |event: &Event| Unlock { event: event.name(), unlocks: (event.unlocks)(words) };
    EVENTS.iter().map(unlock).collect()
}

/// One cell of a project's row.
pub(super) struct ProjectEvent {
    pub(super) event: &'static str,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    /// How many were heard, where any were.
    pub(super) deliveries: Option<String>,
}

/// What was heard of one project, by event.
pub(super) fn project_events(contact: &Contact, words: &Phrases) -> Vec<ProjectEvent> {
    let cell = |event: &Event| {
        let heard = contact.kinds().iter().filter(|own| event.kinds.contains(&&*own.kind));
        let deliveries: u64 = heard.map(|own| own.deliveries).sum();
        let (state, class) = event.state(deliveries > 0, words);
        ProjectEvent {
            event: event.name(),
            state,
            class,
            deliveries: (deliveries > 0).then(|| words.number(deliveries)),
        }
    };
    EVENTS.iter().map(cell).collect()
}

/// The boxes to tick in a webhook's settings, in GitLab's English.
pub(super) fn ticks() -> Vec<&'static str> {
    EVENTS.iter().flat_map(|event| event.names).copied().collect()
}

/// Every event that a number stands on, then the other kinds heard, by name.
pub(super) fn rows(heard: &HeardByKind<'_>, now: Timestamp, words: &Phrases) -> Vec<HookRow> {
    let known = EVENTS.iter().map(|event| known_row(event, heard, now, words));
    let others = heard
        .iter()
        .filter(|(kind, _)| !EVENTS.iter().any(|event| event.kinds.contains(kind)))
        .take(MAX_OTHER_KINDS)
        .map(|(kind, (last_heard, deliveries))| HookRow {
            names: &[],
            kinds: vec![(*kind).to_owned()],
            unlocks: words.other_unlocks,
            deliveries: words.number(*deliveries),
            last_heard: words.since(*last_heard, now),
            state: words.unused,
            class: "unused",
        });
    known.chain(others).collect()
}

fn known_row(event: &Event, heard: &HeardByKind<'_>, now: Timestamp, words: &Phrases) -> HookRow {
    let mut deliveries = 0_u64;
    let mut last = None;
    for (last_heard, number) in event.kinds.iter().filter_map(|kind| heard.get(kind)) {
        deliveries = deliveries.saturating_add(*number);
        last = last.max(Some(*last_heard));
    }
    let (state, class) = event.state(last.is_some(), words);
    HookRow {
        names: event.names,
        kinds: event.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        unlocks: (event.unlocks)(words),
        deliveries: words.number(deliveries),
        last_heard: last.map_or_else(|| words.never.to_owned(), |at| words.since(at, now)),
        state,
        class,
    }
}
