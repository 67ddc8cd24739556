//! The streaming filter: walks a document once, writes what the list keeps, skips the rest.
//!
//! It never recurses deeper than the list does, so depth in skipped parts costs nothing.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::derive::Gathered;
use super::keep::{Item, Keep};

/// Longest text kept, in bytes: branch and environment names end at 255 characters, paths at
/// about 1,000; a longer one is cut at a character.
const MAX_TEXT_BYTES: usize = 1_024;

/// Most elements kept of one list; GitLab sends at most 20 commits and some thousand builds.
const MAX_ITEMS: usize = 10_000;

/// Longest number kept, in digits: enough for every 64-bit integer and every double.
const MAX_NUMBER_BYTES: usize = 32;

/// Keys of one object that are compared one by one; more are hashed.
const FEW_KEYS: usize = 64;

/// Said of a document in which one object names a key twice.
const DUPLICATE_KEY: &str = "a key occurs twice in one object";

/// Whether a value left anything in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

/// One walk through one document.
#[derive(Debug)]
pub(super) struct Walk<'de, 'p> {
    /// What is kept so far, as JSON.
    pub(super) out: Vec<u8>,
    /// What was read to derive something from.
    pub(super) gathered: Gathered<'de, 'p>,
    /// What was found wrong, beyond what the parser finds.
    pub(super) fault: Option<&'static str>,
    /// Keys of the objects being read, the innermost last.
    keys: Vec<Cow<'de, str>>,
}

/// The keys of one object that is being read.
#[derive(Debug)]
pub(super) struct Keys<'de> {
    /// Where they begin among the walk's.
    start: usize,
    /// A bit for each key's rough hash: an unset one says "certainly new".
    rough: u128,
    many: HashSet<Cow<'de, str>>,
}

impl<'de, 'p> Walk<'de, 'p> {
    /// A walk that has seen nothing yet.
    pub(super) fn new(gathered: Gathered<'de, 'p>, capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity), gathered, fault: None, keys: Vec::new() }
    }

    /// Begins an object.
    pub(super) fn begin(&mut self) -> Keys<'de> {
        self.out.push(b'{');
        Keys { start: self.keys.len(), rough: 0, many: HashSet::new() }
    }

    /// Notes a key of the object that is being read.
    pub(super) fn note<E: Error>(
        &mut self,
        keys: &mut Keys<'de>,
        key: Cow<'de, str>,
    ) -> Result<(), E> {
        let bit = 1_u128 << (rough_hash(&key) & 127);
        let own = self.keys.get(keys.start..).unwrap_or_default();
        let is_new = if own.len() < FEW_KEYS {
            keys.rough & bit == 0 || !own.contains(&key)
        } else {
            if keys.many.is_empty() {
                keys.many.extend(own.iter().cloned());
            }
            keys.many.insert(key.clone())
        };
        if !is_new {
            self.fault = Some(DUPLICATE_KEY);
            return Err(E::custom(DUPLICATE_KEY));
        }
        keys.rough |= bit;
        if own.len() < FEW_KEYS {
            self.keys.push(key);
        }
        Ok(())
    }

    /// Ends an object.
    pub(super) fn end(&mut self, keys: &Keys<'de>) {
        self.keys.truncate(keys.start);
        self.out.push(b'}');
    }

    /// Reads one member of the object that began at `open`, by `fill`, and takes its key back
    /// when nothing of it was kept.
    pub(super) fn member<E>(
        &mut self,
        open: usize,
        name: &str,
        fill: impl FnOnce(&mut Self) -> Result<Kept, E>,
    ) -> Result<(), E> {
        let mark = self.out.len();
        self.separate(open);
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        if fill(self)? == Kept::No {
            self.out.truncate(mark);
        }
        Ok(())
    }

    /// A comma, unless nothing stands behind the bracket at `open`.
    fn separate(&mut self, open: usize) {
        if self.out.len() > open + 1 {
            self.out.push(b',');
        }
    }

    fn object<A: MapAccess<'de>>(
        &mut self,
        mut map: A,
        fields: &'static [(&'static str, Keep)],
        item: Option<Item>,
    ) -> Result<Kept, A::Error> {
        let open = self.out.len();
        let mut keys = self.begin();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            match find(fields, &key) {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some((name, keep)) => {
                    self.member(open, name, |walk| map.next_value_seed(ValueSeed { walk, keep }))?;
                }
            }
            self.note(&mut keys, key)?;
        }
        match item {
            Some(Item::Commit) => self.gathered.end_commit(&mut self.out, open),
            Some(Item::Person) => self.gathered.end_person(),
            None => {}
        }
        if self.out.len() == open + 1 {
            self.keys.truncate(keys.start);
            self.out.truncate(open);
            return Ok(Kept::No);
        }
        self.end(&keys);
        Ok(Kept::Yes)
    }

    fn list<A: SeqAccess<'de>>(
        &mut self,
        mut list: A,
        keep: &'static Keep,
    ) -> Result<Kept, A::Error> {
        let open = self.out.len();
        self.out.push(b'[');
        for _ in 0..MAX_ITEMS {
            let mark = self.out.len();
            self.separate(open);
            match list.next_element_seed(ValueSeed { walk: self, keep })? {
                Some(Kept::Yes) => {}
                Some(Kept::No) => self.out.truncate(mark),
                None => {
                    self.out.truncate(mark);
                    self.out.push(b']');
                    return Ok(Kept::Yes);
                }
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            self.gathered.cut = true;
        }
        self.out.push(b']');
        Ok(Kept::Yes)
    }

    /// Keeps one text, number, truth value or null, given as it stands in the document.
    fn value(&mut self, raw: &'de str) -> Kept {
        match raw.as_bytes().first() {
            Some(b'"') => return self.text(raw),
            None | Some(b'{' | b'[') => return Kept::No,
            Some(b't' | b'f' | b'n') => {}
            Some(_) => {
                let is_number =
                    raw.len() <= MAX_NUMBER_BYTES && raw.parse::<f64>().is_ok_and(f64::is_finite);
                if !is_number {
                    return Kept::No;
                }
            }
        }
        self.out.extend_from_slice(raw.as_bytes());
        Kept::Yes
    }

    fn text(&mut self, raw: &'de str) -> Kept {
        if !raw.contains('\\') && raw.len() <= MAX_TEXT_BYTES + 2 {
            self.out.extend_from_slice(raw.as_bytes());
            return Kept::Yes;
        }
        let Some(text) = decode(raw) else { return Kept::No };
        let end = text.floor_char_boundary(MAX_TEXT_BYTES);
        self.gathered.cut |= end < text.len();
        let mark = self.out.len();
        if serde_json::to_writer(&mut self.out, text.get(..end).unwrap_or_default()).is_err() {
            self.out.truncate(mark);
            return Kept::No;
        }
        Kept::Yes
    }
}

/// The text that a JSON string stands for, without U+0000, which no database keeps; `None` for
/// another value, and for a text with half a surrogate pair.
pub(super) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut text: String = serde_json::from_str(raw).ok()?;
    text.retain(|character| character != '\0');
    Some(Cow::Owned(text))
}

/// The list's word on `key`.
pub(super) fn find(
    fields: &'static [(&'static str, Keep)],
    key: &str,
) -> Option<(&'static str, &'static Keep)> {
    fields.iter().find(|(name, _)| *name == key).map(|(name, keep)| (*name, keep))
}

fn rough_hash(key: &str) -> usize {
    let bytes = key.as_bytes();
    let at = |index: usize| usize::from(bytes.get(index).copied().unwrap_or(0));
    let last = at(bytes.len().saturating_sub(1));
    bytes.len() ^ at(0).wrapping_mul(7) ^ at(bytes.len() / 2).wrapping_mul(31) ^ last << 3
}

/// Reads one value as the list says.
pub(super) struct ValueSeed<'w, 'de, 'p> {
    pub(super) walk: &'w mut Walk<'de, 'p>,
    pub(super) keep: &'static Keep,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, 'de, '_> {
    type Value = Kept;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kept, D::Error> {
        let (ingredient, kept) = match self.keep {
            Keep::Object(_) | Keep::Whole(..) | Keep::Each(_) => {
                return deserializer.deserialize_any(self);
            }
            Keep::Value => (None, true),
            Keep::Both(ingredient) => (Some(*ingredient), true),
            Keep::Read(ingredient) => (Some(*ingredient), false),
        };
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if let Some(ingredient) = ingredient {
            self.walk.gathered.take(ingredient, raw);
        }
        Ok(if kept { self.walk.value(raw) } else { Kept::No })
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, 'de, '_> {
    type Value = Kept;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kept, A::Error> {
        match self.keep {
            Keep::Object(fields) => self.walk.object(map, fields, None),
            Keep::Whole(item, fields) => self.walk.object(map, fields, Some(*item)),
            _ => {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Kept::No)
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kept, A::Error> {
        if let Keep::Each(keep) = self.keep {
            return self.walk.list(list, keep);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Kept::No)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Kept, E> {
        Ok(Kept::No)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Kept, E> {
        Ok(Kept::No)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Kept, E> {
        Ok(Kept::No)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Kept, E> {
        Ok(Kept::No)
    }

    fn visit_str<E>(self, _: &str) -> Result<Kept, E> {
        Ok(Kept::No)
    }

    fn visit_unit<E>(self) -> Result<Kept, E> {
        Ok(Kept::No)
    }
}

/// Reads a key without copying it where it has no escapes.
pub(super) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}
