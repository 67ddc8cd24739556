//! From verified bytes to what may be kept: one pass, by the allow-list, without a tree.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::error::Category;
use sha2::{Digest, Sha256};

use super::allow_list::fields_of;
use super::derive::Gathered;
use super::filter::{Fault, Walk, decode, find};
use super::keep::Keep;
use super::pseudonym::Pseudonyms;
use crate::delivery::InstanceId;
use crate::proof::Verified;
use crate::record::{Channel, Kind, Record, Unread};

/// The kind of a body that names none: a custom template's. Nothing of it is kept.
pub const CUSTOM_KIND: &str = "custom";

/// Keeps of a verified body what the [allow-list](super::allow_list) names.
///
/// The kind is `object_kind`, else `event_name`, else [`CUSTOM_KIND`]. The record's JSON has the
/// shape of the body, in its order, with a `derived` object added to the whole and to each commit:
/// see [`DERIVED_KEYS`](super::DERIVED_KEYS).
///
/// # Errors
/// [`Unread`] when the body is not one JSON document in UTF-8, or when one object that is looked
/// into names a key twice, so that two readers could understand it differently.
pub fn scrub(verified: &Verified, pseudonyms: &Pseudonyms) -> Result<Record, Unread> {
    scrub_body(verified.source, Channel::Webhook, &verified.body, pseudonyms)
}

/// The same of a delivery that never arrived, as GitLab's log of the hook shows it: its origin is
/// proven by where it was read.
///
/// # Errors
/// As [`scrub`].
pub fn scrub_logged(
    instance: InstanceId,
    body: &[u8],
    pseudonyms: &Pseudonyms,
) -> Result<Record, Unread> {
    scrub_body(instance, Channel::DeliveryLog, body, pseudonyms)
}

/// [`scrub`], of the things that it needs.
fn scrub_body(
    instance: InstanceId,
    channel: Channel,
    body: &[u8],
    pseudonyms: &Pseudonyms,
) -> Result<Record, Unread> {
    let unread = |position, why| Unread {
        digest: Sha256::digest(body).into(),
        size_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
        position: u64::try_from(position).unwrap_or(u64::MAX),
        why,
    };
    let text = std::str::from_utf8(body).map_err(|e| unread(e.valid_up_to(), "not UTF-8"))?;
    let walk = Walk::new(Gathered::new(instance, pseudonyms), text);
    let mut document = Document { walk, text, kind: None };
    if let Err(fault) = document.read() {
        let (position, why) = document.explain(fault);
        return Err(unread(position, why));
    }
    let (kind, json) = match document.kind {
        Some(kind) => (Kind::new(&kind), document.walk.out),
        None => (Kind::new(CUSTOM_KIND), b"{}".to_vec()),
    };
    Ok(Record { instance, channel, kind, json: json.into_boxed_slice() })
}

/// What is wrong with a document, in words that quote nothing of it.
fn why(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        Category::Eof => "JSON that ends too early",
        Category::Syntax | Category::Data | Category::Io => "not JSON",
    }
}

/// The byte that an error points to: the first one that cannot be.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines_before = error.line().saturating_sub(1);
    let line_start = match lines_before.checked_sub(1) {
        None => 0,
        Some(last) => text.match_indices('\n').nth(last).map_or(0, |(at, _)| at + 1),
    };
    // Columns count from one.
    line_start.saturating_add(error.column()).saturating_sub(1).min(text.len())
}

/// Reads the outermost object.
struct Document<'de, 'p> {
    walk: Walk<'de, 'p>,
    text: &'de str,
    kind: Option<Cow<'de, str>>,
}

/// Keys met before the kind was known, and with it which to keep; and where their values begin.
type Deferred<'de> = Vec<(Cow<'de, str>, usize)>;

impl<'de> Document<'de, '_> {
    fn read(&mut self) -> Result<(), Fault> {
        match self.walk.scanner.peek() {
            Some(b'{') => self.object()?,
            _ => self.walk.scanner.skip()?,
        }
        Ok(self.walk.scanner.end()?)
    }

    fn object(&mut self) -> Result<(), Fault> {
        let mut keys = self.walk.begin();
        let mut fields = None;
        let mut event_name = None;
        let mut deferred = Deferred::new();
        let mut has_next = self.walk.scanner.first_member();
        while has_next {
            let (key, _) = self.walk.scanner.key()?;
            match (key.as_ref(), fields) {
                ("object_kind", _) => {
                    self.kind = kind(self.walk.scanner.raw()?);
                    fields = self.kind.as_deref().map(fields_of);
                    self.replay(fields, &mut deferred)?;
                }
                ("event_name", _) => event_name = kind(self.walk.scanner.raw()?),
                (_, None) => {
                    deferred.push((key.clone(), self.walk.scanner.position()));
                    self.walk.scanner.skip()?;
                }
                (_, Some(fields)) => self.walk.member(0, find(fields, &key), &key)?,
            }
            self.walk.note(&mut keys, key)?;
            has_next = self.walk.scanner.next_member()?;
        }
        if self.kind.is_none() {
            self.kind = event_name;
            let fields = self.kind.as_deref().map(fields_of);
            self.replay(fields, &mut deferred)?;
        }
        self.walk.gathered.end_document(&mut self.walk.out, 0);
        self.walk.end(&keys);
        Ok(())
    }

    /// Reads what was deferred, once it is known what to keep.
    fn replay(
        &mut self,
        fields: Option<&'static [(&'static str, Keep)]>,
        deferred: &mut Deferred<'de>,
    ) -> Result<(), Fault> {
        let Some(fields) = fields else { return Ok(()) };
        let here = self.walk.scanner.position();
        for (key, start) in deferred.drain(..) {
            self.walk.scanner.go_to(start);
            self.walk.member(0, find(fields, &key), &key)?;
        }
        self.walk.scanner.go_to(here);
        Ok(())
    }

    /// Where the document is wrong, and how. Only then is `serde_json` asked, which tells an early
    /// end from a wrong byte.
    fn explain(&self, fault: Fault) -> (usize, &'static str) {
        let here = self.walk.scanner.position().min(self.text.len());
        match fault {
            Fault::DuplicateKey => (here, "a key occurs twice in one object"),
            Fault::NotJson => match serde_json::from_str::<IgnoredAny>(self.text) {
                Err(error) => (offset(self.text, &error), why(&error)),
                // It passes over half a surrogate pair in a key, which must be read.
                Ok(_) => (here, "not JSON"),
            },
        }
    }
}

/// GitLab's word for what the document is about.
fn kind(raw: &str) -> Option<Cow<'_, str>> {
    decode(raw).filter(|kind| !kind.is_empty())
}
