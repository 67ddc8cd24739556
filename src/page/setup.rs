//! The page of set-up: what was heard of each project, and what is missing.

use std::collections::{BTreeMap, HashMap};

use askama::Template;

use super::figures::{MAX_ROWS, cut};
use super::frame::Frame;
use super::hooks::{self, ProjectEvent, Unlock};
use crate::delivery::{Contact, ProjectKey, Timestamp};
use crate::dora::scorecard::Scorecard;
use crate::words::{Language, Phrases};

/// What the page of set-up is made from.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// The projects known; `None` while the history is being read.
    pub scorecard: Option<&'a Scorecard>,
    /// What was heard of projects, in any order; of those that are not known, nothing is shown.
    pub contacts: &'a [(ProjectKey, Contact)],
    /// The language to speak.
    pub language: Language,
    /// The languages that the reader may choose from.
    pub languages: &'a [Language],
    /// This exporter's version.
    pub version: &'a str,
    /// The instant of the request.
    pub now: Timestamp,
}

/// Renders the page of set-up: a complete HTML document in UTF-8, of at most a thousand rows, the
/// silent projects first, then by path. Whatever comes from GitLab is escaped.
#[must_use]
pub fn setup(input: &Setup<'_>) -> String {
    SetupPage::of(input)
        .render()
        .unwrap_or_else(|_| unreachable!("writing to a String cannot fail"))
}

/// One project's row.
struct Row {
    project: String,
    events: Vec<ProjectEvent>,
    last_heard: String,
    state: &'static str,
    class: &'static str,
    /// From when on it would be silent, or is.
    usual: Option<String>,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    words: &'static Phrases,
    frame: Frame,
    is_loading: bool,
    events: Vec<&'static str>,
    rows: Vec<Row>,
    cut: Option<String>,
    unlocks: Vec<Unlock>,
}

impl SetupPage {
    fn of(input: &Setup<'_>) -> Self {
        let words = input.language.phrases();
        let contacts: HashMap<ProjectKey, &Contact> =
            input.contacts.iter().map(|(project, contact)| (*project, contact)).collect();
        let unheard = Contact::default();
        let projects = input.scorecard.map_or(&[][..], |scorecard| &scorecard.projects);
        let mut known: BTreeMap<(bool, &str, ProjectKey), &Contact> = BTreeMap::new();
        for own in projects {
            let contact = contacts.get(&own.project).copied().unwrap_or(&unheard);
            let speaks = contact.is_silent(input.now) != Some(true);
            known.insert((speaks, own.path.as_str(), own.project), contact);
        }
        let row = |((_, path, _), contact): (&(bool, &str, ProjectKey), &&Contact)| {
            row(path, contact, input.now, words)
        };
        let unlocks = hooks::unlocks(words);
        Self {
            words,
            frame: Frame::new(
                (input.language, input.languages),
                input.version,
                "",
                ("./", |words| words.title),
            ),
            is_loading: input.scorecard.is_none(),
            events: unlocks.iter().map(|own| own.event).collect(),
            rows: known.iter().take(MAX_ROWS).map(row).collect(),
            cut: cut(known.len(), words),
            unlocks,
        }
    }
}

fn row(path: &str, contact: &Contact, now: Timestamp, words: &Phrases) -> Row {
    let (state, class) = match (contact.last(), contact.is_silent(now)) {
        (None, _) => (words.unheard, "optional"),
        (Some(_), None) => (words.no_rhythm, "unused"),
        (Some(_), Some(false)) => (words.speaks, "heard"),
        (Some(_), Some(true)) => (words.silent, "missing"),
    };
    let usual = contact.silent_after_seconds();
    Row {
        project: path.to_owned(),
        events: hooks::project_events(contact, words),
        last_heard: contact
            .last()
            .map_or_else(|| words.never.to_owned(), |at| words.since(at, now)),
        state,
        class,
        usual: usual.map(|seconds| words.usual_pause.fill([&words.duration(seconds)])),
    }
}
