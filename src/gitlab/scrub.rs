//! From verified bytes to what may be kept: one pass, by the allow-list, without a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::allow_list::fields_of;
use super::derive::Gathered;
use super::filter::{Kept, KeySeed, Keys, ValueSeed, Walk, decode, find};
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
    scrub_body(verified.source, &verified.body, pseudonyms)
}

/// [`scrub`], of the two things that it needs.
fn scrub_body(
    instance: InstanceId,
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
    // Most of a hook is dropped; growing once more is cheaper than holding too much.
    let walk = Walk::new(Gathered::new(instance, pseudonyms), text.len() / 4);
    let mut document = Document { walk, text, kind: None, position: None };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_any(&mut document).and_then(|()| deserializer.end());
    if let Err(error) = read {
        let position = document.position.unwrap_or_else(|| offset(text, &error));
        return Err(unread(position, document.walk.fault.unwrap_or_else(|| why(&error))));
    }
    let (kind, json) = match document.kind {
        Some(kind) => (Kind::new(&kind), document.walk.out),
        None => (Kind::new(CUSTOM_KIND), b"{}".to_vec()),
    };
    Ok(Record { instance, channel: Channel::Webhook, kind, json: json.into_boxed_slice() })
}

/// What is wrong with a document, in words that quote nothing of it.
fn why(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        Category::Eof => "JSON that ends too early",
        Category::Syntax | Category::Data | Category::Io => "not JSON",
    }
}

/// The byte that an error points to: the first one that cannot be, or the end of the object that
/// is wrong as a whole.
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
    /// Where reading failed, when the parser cannot know.
    position: Option<usize>,
}

/// A member met before the kind was known, and with it which members to keep.
type Deferred<'de> = Vec<(Cow<'de, str>, &'de RawValue)>;

impl<'de> Document<'de, '_> {
    fn object<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut keys = self.walk.begin();
        let mut fields = None;
        let mut event_name = None;
        let mut deferred = Deferred::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            match (key.as_ref(), fields) {
                ("object_kind", _) => {
                    self.kind = kind(map.next_value()?);
                    fields = self.kind.as_deref().map(fields_of);
                    self.replay(fields, &mut deferred)?;
                }
                ("event_name", _) => event_name = kind(map.next_value()?),
                (_, None) => deferred.push((key.clone(), map.next_value()?)),
                (_, Some(fields)) => match find(fields, &key) {
                    None => drop(map.next_value::<IgnoredAny>()?),
                    Some((name, keep)) => self
                        .walk
                        .member(0, name, |walk| map.next_value_seed(ValueSeed { walk, keep }))?,
                },
            }
            self.walk.note(&mut keys, key)?;
        }
        if self.kind.is_none() {
            self.kind = event_name;
            let fields = self.kind.as_deref().map(fields_of);
            self.replay(fields, &mut deferred)?;
        }
        self.finish(&keys);
        Ok(())
    }

    fn finish(&mut self, keys: &Keys<'de>) {
        self.walk.gathered.end_document(&mut self.walk.out, 0);
        self.walk.end(keys);
    }

    /// Reads what was deferred, once it is known what to keep.
    fn replay<E: Error>(
        &mut self,
        fields: Option<&'static [(&'static str, Keep)]>,
        deferred: &mut Deferred<'de>,
    ) -> Result<(), E> {
        let Some(fields) = fields else { return Ok(()) };
        for (key, raw) in deferred.drain(..) {
            let Some((name, keep)) = find(fields, &key) else { continue };
            let read = self.walk.member(0, name, |walk| -> Result<Kept, serde_json::Error> {
                let mut deserializer = serde_json::Deserializer::from_str(raw.get());
                ValueSeed { walk, keep }.deserialize(&mut deserializer)
            });
            if let Err(error) = read {
                let start = raw.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
                self.position = Some(start.saturating_add(offset(raw.get(), &error)));
                return Err(E::custom("a member cannot be read"));
            }
        }
        Ok(())
    }
}

/// GitLab's word for what the document is about.
fn kind(raw: &RawValue) -> Option<Cow<'_, str>> {
    decode(raw.get()).filter(|kind| !kind.is_empty())
}

impl<'de> Visitor<'de> for &mut Document<'de, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON document")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.object(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
