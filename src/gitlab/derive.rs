//! What is derived from values that are then dropped: who (unrecognisable), what a text refers
//! to, which commit a link names.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Write;

use super::filter::decode;
use super::keep::Ingredient;
use super::pseudonym::Pseudonyms;
use super::{images, references, timestamp};
use crate::delivery::{Cause, CommitSha, Iid, InstanceId, Reverted, Timestamp};

/// Every key that a `derived` object may hold, of the document and of a commit.
pub const DERIVED_KEYS: &[&str] = &[
    "act",
    "actor",
    "actor_excluded",
    "author",
    "author_excluded",
    "caused_by",
    "closes",
    "cut",
    "described",
    "duplicate",
    "identity",
    "images",
    "incident_url",
    "is_merge",
    "no_duplicate",
    "picked_from",
    "reverts_commit",
    "reverts_merge_request",
    "review_submitted",
    "sha",
];

/// What was read so far.
#[derive(Debug)]
pub(super) struct Gathered<'de, 'p> {
    /// Whether a text or list was cut.
    pub(super) cut: bool,
    instance: InstanceId,
    pseudonyms: &'p Pseudonyms,
    actor: Person<'de>,
    author_id: Option<u64>,
    author_name: Option<Cow<'de, str>>,
    people: Vec<Person<'de>>,
    person: Person<'de>,
    reviewers_listed: bool,
    said: Option<Said>,
    act: Option<&'static str>,
    commit: CommitTexts<'de>,
    sha: Option<CommitSha>,
    incident_url: bool,
    duplicate: Option<bool>,
    /// Images of a diff: each its name, where it is told, a space, and its version.
    images: Vec<String>,
}

/// Somebody, until the document ends.
#[derive(Debug, Default)]
struct Person<'de> {
    id: Option<u64>,
    name: Option<Cow<'de, str>>,
    reviewed: bool,
}

/// What a description or note refers to.
#[derive(Debug, Default)]
struct Said {
    reverts: Option<Reverted>,
    closes: Vec<Iid>,
    caused_by: Option<Cause>,
}

/// The texts of one commit.
#[derive(Debug, Default)]
struct CommitTexts<'de> {
    name: Option<Cow<'de, str>>,
    email: Option<Cow<'de, str>>,
    message: Option<Cow<'de, str>>,
    title: Option<Cow<'de, str>>,
    authored_at: Option<Timestamp>,
}

impl<'de, 'p> Gathered<'de, 'p> {
    pub(super) fn new(instance: InstanceId, pseudonyms: &'p Pseudonyms) -> Self {
        Self {
            cut: false,
            instance,
            pseudonyms,
            actor: Person::default(),
            author_id: None,
            author_name: None,
            people: Vec::new(),
            person: Person::default(),
            reviewers_listed: false,
            said: None,
            act: None,
            commit: CommitTexts::default(),
            sha: None,
            incident_url: false,
            duplicate: None,
            images: Vec::new(),
        }
    }

    /// Takes what `raw`, a JSON value as it stands in the document, says.
    pub(super) fn take(&mut self, ingredient: Ingredient, raw: &'de str) {
        match ingredient {
            Ingredient::ActorId => self.actor.id = raw.parse().ok(),
            Ingredient::ActorName => self.actor.name = decode(raw),
            Ingredient::AuthorId => self.author_id = raw.parse().ok(),
            Ingredient::AuthorName => self.author_name = decode(raw),
            Ingredient::PersonId => self.person.id = raw.parse().ok(),
            Ingredient::PersonName => self.person.name = decode(raw),
            Ingredient::PersonState => {
                self.person.reviewed =
                    matches!(raw, r#""reviewed""# | r#""requested_changes""# | r#""approved""#);
            }
            Ingredient::Description | Ingredient::Note => self.said = said(raw),
            Ingredient::NoteOrAct => {
                self.said = said(raw);
                self.act = decode(raw).and_then(|text| references::act(&text));
            }
            Ingredient::CommitUrl => self.sha = decode(raw).and_then(|url| last_segment(&url)),
            Ingredient::IssueUrl => self.incident_url = raw.contains("/issues/incident/"),
            Ingredient::DuplicateUrl => {
                self.duplicate = match raw.as_bytes().first() {
                    Some(b'n') => Some(false),
                    Some(b'"') => Some(true),
                    _ => None,
                };
            }
            Ingredient::ReviewersChange => self.reviewers_listed = raw.starts_with('['),
            Ingredient::CommitAuthorName => self.commit.name = decode(raw),
            Ingredient::CommitAuthorEmail => self.commit.email = decode(raw),
            Ingredient::CommitMessage => self.commit.message = decode(raw),
            Ingredient::CommitTitle => self.commit.title = decode(raw),
            Ingredient::CommitTime => {
                self.commit.authored_at = decode(raw).and_then(|text| timestamp::read(&text));
            }
            Ingredient::Diff => {
                self.images = decode(raw).map(|own| named(&own)).unwrap_or_default();
            }
        }
    }

    /// Ends an assignee or reviewer.
    pub(super) fn end_person(&mut self) {
        self.people.push(std::mem::take(&mut self.person));
    }

    /// Ends a commit, and adds what is derived from its texts to the object begun at `open`.
    pub(super) fn end_commit(&mut self, out: &mut Vec<u8>, open: usize) {
        let texts = std::mem::take(&mut self.commit);
        let message = texts.message.as_deref().unwrap_or_default();
        let mut derived = Derived::begin(out, open);
        if let (Some(name), Some(at)) = (&texts.name, texts.authored_at)
            && let Some(title) = message.lines().next().or(texts.title.as_deref())
        {
            let identity = self.pseudonyms.commit(self.instance, name, at, title);
            derived.hex("identity", &identity.0);
        }
        let local_part = texts.email.as_deref().and_then(|email| email.split('@').next());
        let mut names = texts.name.as_deref().into_iter().chain(local_part);
        derived.flag("author_excluded", names.any(|name| self.pseudonyms.excludes(name)));
        derived.flag("is_merge", references::is_merge(message));
        derived.text("picked_from", references::picked_from(message));
        derived.text("reverts_commit", references::reverted_commit(message));
        derived.end();
    }

    /// Adds what is derived from the whole document to the object begun at `open`.
    pub(super) fn end_document(&mut self, out: &mut Vec<u8>, open: usize) {
        let mut derived = Derived::begin(out, open);
        for (key, id) in [("author", self.author_id), ("actor", self.actor.id)] {
            if let Some(id) = id {
                derived.hex(key, self.pseudonyms.person(self.instance, id).as_bytes());
            }
        }
        let excluded = |name: Option<&str>| name.is_some_and(|name| self.pseudonyms.excludes(name));
        derived.flag("author_excluded", excluded(self.author_name()));
        derived.flag("actor_excluded", excluded(self.actor.name.as_deref()));
        derived.flag("review_submitted", self.reviewers_listed && self.actor_has_reviewed());
        if let Some(said) = &self.said {
            derived.flag("described", true);
            derived.said(said);
        }
        derived.text("act", self.act);
        derived.text("sha", self.sha);
        derived.flag("incident_url", self.incident_url);
        derived.flag("duplicate", self.duplicate == Some(true));
        derived.flag("no_duplicate", self.duplicate == Some(false));
        derived.list("images", &self.images);
        derived.flag("cut", self.cut);
        derived.end();
    }

    /// The author's user name: told, or that of a person of the document who has the author's id.
    fn author_name(&self) -> Option<&str> {
        if let Some(name) = &self.author_name {
            return Some(name);
        }
        let author = self.author_id?;
        let everybody = std::iter::once(&self.actor).chain(&self.people);
        everybody
            .filter(|person| person.id == Some(author))
            .find_map(|person| person.name.as_deref())
    }

    fn actor_has_reviewed(&self) -> bool {
        self.actor.id.is_some()
            && self.people.iter().any(|person| person.reviewed && person.id == self.actor.id)
    }
}

/// What a text refers to; `None` when `raw` is neither a text nor null.
fn said(raw: &str) -> Option<Said> {
    if raw == "null" {
        return Some(Said::default());
    }
    let text = decode(raw)?;
    Some(Said {
        reverts: references::reverts(&text),
        closes: references::closes(&text),
        caused_by: references::caused_by(&text),
    })
}

/// The images of a diff, in letters that need no escape.
fn named(diff: &str) -> Vec<String> {
    let images = images::images(diff).into_iter();
    images.map(|own| [own.image.unwrap_or_default(), " ", own.version].concat()).collect()
}

/// The commit id that a link ends in.
fn last_segment(url: &str) -> Option<CommitSha> {
    CommitSha::from_hex(url.rsplit('/').next()?).ok()
}

/// Writes a `derived` member into an object whose bracket stands at `open`; none when it stays
/// empty. Keys and values are letters, digits and marks that need no escape.
struct Derived<'o> {
    out: &'o mut Vec<u8>,
    mark: usize,
    first: usize,
}

impl<'o> Derived<'o> {
    fn begin(out: &'o mut Vec<u8>, open: usize) -> Self {
        let mark = out.len();
        if mark > open + 1 {
            out.push(b',');
        }
        out.extend_from_slice(br#""derived":{"#);
        let first = out.len();
        Self { out, mark, first }
    }

    fn key(&mut self, key: &str) {
        if self.out.len() > self.first {
            self.out.push(b',');
        }
        self.print(format_args!("\"{key}\":"));
    }

    fn flag(&mut self, key: &str, holds: bool) {
        if holds {
            self.key(key);
            self.out.extend_from_slice(b"true");
        }
    }

    fn text(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.key(key);
            self.print(format_args!("\"{value}\""));
        }
    }

    fn hex(&mut self, key: &str, bytes: &[u8]) {
        self.key(key);
        self.out.push(b'"');
        for byte in bytes {
            self.print(format_args!("{byte:02x}"));
        }
        self.out.push(b'"');
    }

    fn list(&mut self, key: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.key(key);
            self.print(format_args!("[\"{}\"]", texts.join("\",\"")));
        }
    }

    fn said(&mut self, said: &Said) {
        match said.reverts {
            Some(Reverted::MergeRequest(iid)) => {
                self.key("reverts_merge_request");
                self.print(format_args!("{iid}"));
            }
            Some(Reverted::Commit(sha)) => self.text("reverts_commit", Some(sha)),
            None => {}
        }
        if !said.closes.is_empty() {
            let numbers: Vec<String> = said.closes.iter().map(ToString::to_string).collect();
            self.key("closes");
            self.print(format_args!("[{}]", numbers.join(",")));
        }
        self.text("caused_by", said.caused_by.as_ref().map(references::cause_text));
    }

    fn print(&mut self, words: std::fmt::Arguments<'_>) {
        let written = self.out.write_fmt(words);
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
    }

    fn end(self) {
        if self.out.len() == self.first {
            self.out.truncate(self.mark);
        } else {
            self.out.push(b'}');
        }
    }
}
