//! The streaming filter: walks a document once, writes what the list keeps, skips the rest.
//!
//! It never recurses deeper than the list does, so depth in skipped parts costs nothing.

use std::borrow::Cow;
use std::collections::HashSet;

use super::derive::Gathered;
use super::keep::{Item, Keep};
use super::scanner::{NotJson, Scanner};

/// Longest text kept, in bytes: branch and environment names end at 255 characters, paths at
/// about 1,000; a longer one is cut at a character.
const MAX_TEXT_BYTES: usize = 1_024;

/// Most elements kept of one list; GitLab sends at most 20 commits and some thousand builds.
const MAX_ITEMS: usize = 10_000;

/// Longest number kept, in digits: enough for every 64-bit integer and every double.
const MAX_NUMBER_BYTES: usize = 32;

/// Keys of one object that are compared one by one; more are hashed.
const FEW_KEYS: usize = 64;

/// Why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is no JSON.
    NotJson,
    /// One object names a key twice.
    DuplicateKey,
}

impl From<NotJson> for Fault {
    fn from(_: NotJson) -> Self {
        Self::NotJson
    }
}

/// The keys of one object that are looked at.
type Fields = &'static [(&'static str, Keep)];

/// What the list says of a key; `None` when it does not name it.
type Found = Option<(&'static str, &'static Keep)>;

/// Whether a value left anything in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

/// One walk through one document.
#[derive(Debug)]
pub(super) struct Walk<'de, 'p> {
    /// Where it is.
    pub(super) scanner: Scanner<'de>,
    /// What is kept so far, as JSON.
    pub(super) out: Vec<u8>,
    /// What was read to derive something from.
    pub(super) gathered: Gathered<'de, 'p>,
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

/// A member of a list's first element, which those after it most likely have at the same place.
#[derive(Debug)]
struct Member<'de> {
    /// The key with its quotes and colon.
    raw: &'de str,
    key: Cow<'de, str>,
    found: Found,
}

impl<'de, 'p> Walk<'de, 'p> {
    /// A walk that has seen nothing yet.
    pub(super) fn new(gathered: Gathered<'de, 'p>, text: &'de str) -> Self {
        // Most of a hook is dropped; growing once more is cheaper than holding too much.
        let out = Vec::with_capacity(text.len() / 4);
        Self { scanner: Scanner::new(text), out, gathered, keys: Vec::new() }
    }

    /// Begins an object.
    pub(super) fn begin(&mut self) -> Keys<'de> {
        self.out.push(b'{');
        Keys { start: self.keys.len(), rough: 0, many: HashSet::new() }
    }

    /// Notes a key of the object that is being read.
    pub(super) fn note(&mut self, keys: &mut Keys<'de>, key: Cow<'de, str>) -> Result<(), Fault> {
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
            return Err(Fault::DuplicateKey);
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

    /// Reads the value of a key of the object that began at `open`, as the list says of it.
    pub(super) fn member(&mut self, open: usize, found: Found, key: &str) -> Result<(), Fault> {
        let Some((name, keep)) = found else {
            return Ok(self.scanner.skip_value_of(key)?);
        };
        let mark = self.out.len();
        self.separate(open);
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        // A key of which nothing is kept is taken back.
        if self.value(keep)? == Kept::No {
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

    /// Reads the next value.
    fn value(&mut self, keep: &'static Keep) -> Result<Kept, Fault> {
        let (ingredient, is_kept) = match (keep, self.scanner.peek()) {
            (Keep::Object(_) | Keep::Whole(..), Some(b'{')) => return self.object(keep, None),
            (Keep::Each(keep), Some(b'[')) => return self.list(keep),
            (Keep::Object(_) | Keep::Whole(..) | Keep::Each(_), _) => {
                self.scanner.skip()?;
                return Ok(Kept::No);
            }
            (Keep::Value, Some(b'"')) => return self.plain_text(),
            (Keep::Value, _) => (None, true),
            (Keep::Both(ingredient), _) => (Some(*ingredient), true),
            (Keep::Read(ingredient), _) => (Some(*ingredient), false),
        };
        let raw = self.scanner.raw()?;
        if let Some(ingredient) = ingredient {
            self.gathered.take(ingredient, raw);
        }
        Ok(if is_kept { self.scalar(raw) } else { Kept::No })
    }

    /// Reads an element of a list, of which the first has the `shape`.
    fn element(
        &mut self,
        keep: &'static Keep,
        shape: &mut Vec<Member<'de>>,
    ) -> Result<Kept, Fault> {
        match (keep, self.scanner.peek()) {
            (Keep::Object(_) | Keep::Whole(..), Some(b'{')) => self.object(keep, Some(shape)),
            _ => self.value(keep),
        }
    }

    fn object(
        &mut self,
        keep: &'static Keep,
        shape: Option<&mut Vec<Member<'de>>>,
    ) -> Result<Kept, Fault> {
        let (fields, item) = match keep {
            Keep::Object(fields) => (*fields, None),
            Keep::Whole(item, fields) => (*fields, Some(item)),
            _ => (&[][..], None),
        };
        let open = self.out.len();
        let mut keys = self.begin();
        self.members(open, fields, &mut keys, shape)?;
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

    /// Reads the members of an object. As long as their keys are those of the `shape`, in its
    /// order, they were looked up before, and none occurs twice.
    fn members(
        &mut self,
        open: usize,
        fields: Fields,
        keys: &mut Keys<'de>,
        mut shape: Option<&mut Vec<Member<'de>>>,
    ) -> Result<(), Fault> {
        let known = shape.as_deref().map_or(&[][..], Vec::as_slice);
        let mut has_next = self.scanner.first_member();
        let mut same = 0;
        while has_next
            && let Some(member) = known.get(same)
            && self.scanner.passes(member.raw)
        {
            self.member(open, member.found, &member.key)?;
            same += 1;
            has_next = self.scanner.next_member()?;
        }
        if !has_next {
            return Ok(());
        }
        for member in known.iter().take(same) {
            self.note(keys, member.key.clone())?;
        }
        shape = shape.filter(|shape| shape.is_empty());
        while has_next {
            let (key, raw) = self.scanner.key()?;
            let found = find(fields, &key);
            self.member(open, found, &key)?;
            if let Some(shape) = shape.as_mut().filter(|shape| shape.len() < FEW_KEYS) {
                shape.push(Member { raw, key: key.clone(), found });
            }
            self.note(keys, key)?;
            has_next = self.scanner.next_member()?;
        }
        Ok(())
    }

    fn list(&mut self, keep: &'static Keep) -> Result<Kept, Fault> {
        let open = self.out.len();
        self.out.push(b'[');
        let mut shape = Vec::new();
        let mut has_next = self.scanner.first_element();
        for _ in 0..MAX_ITEMS {
            if !has_next {
                break;
            }
            let mark = self.out.len();
            self.separate(open);
            if self.element(keep, &mut shape)? == Kept::No {
                self.out.truncate(mark);
            }
            has_next = self.scanner.next_element()?;
        }
        while has_next {
            self.gathered.cut = true;
            self.scanner.skip()?;
            has_next = self.scanner.next_element()?;
        }
        self.out.push(b']');
        Ok(Kept::Yes)
    }

    /// Keeps one text, number, truth value or null, given as it stands in the document.
    fn scalar(&mut self, raw: &'de str) -> Kept {
        match raw.as_bytes().first() {
            Some(b'"') => return self.text(raw),
            None | Some(b'{' | b'[') => return Kept::No,
            Some(b't' | b'f' | b'n') => {}
            Some(_) if !is_kept_number(raw) => return Kept::No,
            Some(_) => {}
        }
        self.out.extend_from_slice(raw.as_bytes());
        Kept::Yes
    }

    /// Keeps a text that is most likely short and without escapes.
    fn plain_text(&mut self) -> Result<Kept, Fault> {
        match self.scanner.plain_text()? {
            Some(raw) if raw.len() <= MAX_TEXT_BYTES + 2 => {
                self.out.extend_from_slice(raw.as_bytes());
                Ok(Kept::Yes)
            }
            Some(raw) => Ok(self.text(raw)),
            None => self.scanner.raw().map(|raw| self.text(raw)).map_err(Fault::from),
        }
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

/// Whether a number is short enough, and finite as a double: few digits without an exponent are.
fn is_kept_number(raw: &str) -> bool {
    raw.len() <= MAX_NUMBER_BYTES
        && (!raw.contains(['e', 'E']) || raw.parse::<f64>().is_ok_and(f64::is_finite))
}

/// The list's word on `key`.
pub(super) fn find(fields: Fields, key: &str) -> Found {
    fields.iter().find(|(name, _)| *name == key).map(|(name, keep)| (*name, keep))
}

fn rough_hash(key: &str) -> usize {
    let bytes = key.as_bytes();
    let at = |index: usize| usize::from(bytes.get(index).copied().unwrap_or(0));
    let last = at(bytes.len().saturating_sub(1));
    bytes.len() ^ at(0).wrapping_mul(7) ^ at(bytes.len() / 2).wrapping_mul(31) ^ last << 3
}
