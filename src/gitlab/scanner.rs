//! Reads a JSON text forwards, token by token: what is skipped is checked, and nothing is copied.
//!
//! Skipping as such is no faster than `serde_json`'s. What pays is that the filter is told of keys and
//! values without visitors and raw values between, and that elements of a list, which repeat each
//! other, are compared with the one before: a pipeline's hook takes less than half the instructions,
//! a hook without a long list as many as before. It accepts what `serde_json` accepts, which the
//! tests compare on generated and on broken documents.

use std::borrow::Cow;

/// Bytes looked at together.
const WORD: usize = 8;
const ONES: u64 = u64::from_le_bytes([0x01; WORD]);
const HIGH_BITS: u64 = u64::from_le_bytes([0x80; WORD]);
const QUOTES: u64 = u64::from_le_bytes([b'"'; WORD]);
const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; WORD]);
const SPACES: u64 = u64::from_le_bytes([b' '; WORD]);

/// Skipped values that are remembered: more than an object has that are worth it.
const SLOTS: usize = 16;

/// Shortest value that is worth comparing.
const WORTH_BYTES: usize = 24;

/// The text is not JSON from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

/// A place in a JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'de> {
    text: &'de str,
    at: usize,
    /// The closing brackets that are due within a value being skipped, the innermost last: on the
    /// heap, so that depth costs a byte and no stack.
    due: Vec<u8>,
    /// Values skipped before, by a rough hash of their keys.
    skipped: [&'de str; SLOTS],
}

impl<'de> Scanner<'de> {
    /// Before the first byte of `text`.
    pub(super) const fn new(text: &'de str) -> Self {
        Self { text, at: 0, due: Vec::new(), skipped: [""; SLOTS] }
    }

    /// Goes to byte `at`.
    pub(super) const fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// How many bytes have been read.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// The first byte of what comes next, behind blanks.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            let next = *bytes.get(self.at)?;
            if !matches!(next, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(next);
            }
            self.at += 1;
        }
    }

    /// Nothing but blanks is left.
    pub(super) fn end(&mut self) -> Result<(), NotJson> {
        self.peek().map_or(Ok(()), |_| Err(NotJson))
    }

    /// Enters the object whose bracket was peeked; whether it has a member.
    pub(super) fn first_member(&mut self) -> bool {
        self.at += 1;
        let is_empty = self.peek() == Some(b'}');
        self.at += usize::from(is_empty);
        !is_empty
    }

    /// Goes on behind a member of an object; whether there is another.
    pub(super) fn next_member(&mut self) -> Result<bool, NotJson> {
        self.goes_on(b'}')
    }

    /// The key of the next member, and it with its quotes and colon as it stands in the text.
    pub(super) fn key(&mut self) -> Result<(Cow<'de, str>, &'de str), NotJson> {
        self.quote()?;
        let start = self.at - 1;
        let is_plain = self.string()?;
        let quoted = self.text.get(start..self.at).ok_or(NotJson)?;
        let key = if is_plain {
            Cow::Borrowed(quoted.get(1..quoted.len() - 1).ok_or(NotJson)?)
        } else {
            Cow::Owned(serde_json::from_str(quoted).map_err(|_| NotJson)?)
        };
        self.colon()?;
        Ok((key, self.text.get(start..self.at).ok_or(NotJson)?))
    }

    /// Passes `wanted` if it comes next; whether it did.
    pub(super) fn passes(&mut self, wanted: &str) -> bool {
        self.peek();
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let comes_next = rest.starts_with(wanted.as_bytes());
        if comes_next {
            self.at += wanted.len();
        }
        comes_next
    }

    /// Enters the list whose bracket was peeked; whether it has an element.
    pub(super) fn first_element(&mut self) -> bool {
        self.at += 1;
        let is_empty = self.peek() == Some(b']');
        self.at += usize::from(is_empty);
        !is_empty
    }

    /// Goes on behind an element of a list; whether there is another.
    pub(super) fn next_element(&mut self) -> Result<bool, NotJson> {
        self.goes_on(b']')
    }

    /// The next value as it stands in the text.
    pub(super) fn raw(&mut self) -> Result<&'de str, NotJson> {
        self.peek().ok_or(NotJson)?;
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at).ok_or(NotJson)
    }

    /// The text whose quote was peeked, as it stands in the document, if it has no escape; `None`
    /// leaves it to be read again.
    pub(super) fn plain_text(&mut self) -> Result<Option<&'de str>, NotJson> {
        let start = self.at;
        self.at += 1;
        if self.string()? {
            return Ok(self.text.get(start..self.at));
        }
        self.at = start;
        Ok(None)
    }

    /// Passes over the next value.
    pub(super) fn skip(&mut self) -> Result<(), NotJson> {
        self.due.clear();
        while self.enter()? || self.goes_on_within()? {}
        Ok(())
    }

    /// Passes over the next value, or enters it; whether a value within it comes next.
    fn enter(&mut self) -> Result<bool, NotJson> {
        match self.peek().ok_or(NotJson)? {
            b'"' => {
                self.at += 1;
                self.string()?;
            }
            b'{' => return self.enter_object(),
            b'[' => return Ok(self.enter_list()),
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        Ok(false)
    }

    fn enter_object(&mut self) -> Result<bool, NotJson> {
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(false);
        }
        self.due.push(b'}');
        self.skip_key()?;
        Ok(true)
    }

    fn enter_list(&mut self) -> bool {
        let has_element = self.first_element();
        if has_element {
            self.due.push(b']');
        }
        has_element
    }

    /// Behind a value within one that is skipped: closes what ends here; whether a value follows.
    fn goes_on_within(&mut self) -> Result<bool, NotJson> {
        while let Some(&close) = self.due.last() {
            match (self.goes_on(close)?, close) {
                (true, b'}') => return self.skip_key().map(|()| true),
                (true, _) => return Ok(true),
                (false, _) => drop(self.due.pop()),
            }
        }
        Ok(false)
    }

    /// Passes over the value of a key that is not kept.
    ///
    /// Elements of a list repeat each other: the jobs of a pipeline have one user and few runners.
    /// Bytes that were one value before are the same value again.
    pub(super) fn skip_value_of(&mut self, key: &str) -> Result<(), NotJson> {
        self.peek();
        let start = self.at;
        let first = key.as_bytes().first().map_or(0, |first| usize::from(*first));
        let slot = (key.len() + first) % SLOTS;
        let known = self.skipped.get(slot).copied().unwrap_or_default();
        if !known.is_empty() && self.passes(known) {
            return Ok(());
        }
        self.skip()?;
        let raw = self.text.get(start..self.at).unwrap_or_default();
        // A number says nothing of the byte behind it.
        if raw.len() >= WORTH_BYTES
            && raw.ends_with(['}', ']', '"'])
            && let Some(skipped) = self.skipped.get_mut(slot)
        {
            *skipped = raw;
        }
        Ok(())
    }

    /// Passes a comma, or else `close`; whether it was a comma.
    fn goes_on(&mut self, close: u8) -> Result<bool, NotJson> {
        let next = self.peek().ok_or(NotJson)?;
        self.at += 1;
        match next {
            b',' => Ok(true),
            _ if next == close => Ok(false),
            _ => Err(NotJson),
        }
    }

    fn skip_key(&mut self) -> Result<(), NotJson> {
        self.quote()?;
        self.string()?;
        self.colon()
    }

    /// The quote that must open a key.
    fn quote(&mut self) -> Result<(), NotJson> {
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(());
        }
        Err(NotJson)
    }

    fn colon(&mut self) -> Result<(), NotJson> {
        if self.peek() == Some(b':') {
            self.at += 1;
            return Ok(());
        }
        Err(NotJson)
    }

    /// From behind the opening quote to behind the closing one; whether it had no escape. Half a
    /// surrogate pair is let pass here: who wants the text finds that out.
    fn string(&mut self) -> Result<bool, NotJson> {
        let mut is_plain = true;
        loop {
            self.at = special(self.text.as_bytes(), self.at);
            match self.byte() {
                Some(b'"') => return Ok(is_plain),
                Some(b'\\') => self.escape()?,
                _ => return Err(NotJson),
            }
            is_plain = false;
        }
    }

    fn escape(&mut self) -> Result<(), NotJson> {
        match self.byte() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                let digits = self.text.as_bytes().get(self.at..).unwrap_or_default();
                let digits = digits.first_chunk::<4>().ok_or(NotJson)?;
                self.at += digits.len();
                if digits.iter().all(u8::is_ascii_hexdigit) { Ok(()) } else { Err(NotJson) }
            }
            _ => Err(NotJson),
        }
    }

    fn number(&mut self) -> Result<(), NotJson> {
        self.pass(|byte| byte == b'-');
        match self.byte() {
            Some(b'0') => {}
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(NotJson),
        }
        if self.pass(|byte| byte == b'.') {
            self.some_digits()?;
        }
        if self.pass(|byte| matches!(byte, b'e' | b'E')) {
            self.pass(|byte| matches!(byte, b'+' | b'-'));
            self.some_digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.pass(|byte| byte.is_ascii_digit()) {}
    }

    fn some_digits(&mut self) -> Result<(), NotJson> {
        if !self.pass(|byte| byte.is_ascii_digit()) {
            return Err(NotJson);
        }
        self.digits();
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), NotJson> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(NotJson);
        }
        self.at += word.len();
        Ok(())
    }

    /// Passes the next byte if it is `wanted`; whether it was.
    fn pass(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let is_wanted = self.text.as_bytes().get(self.at).is_some_and(|byte| wanted(*byte));
        self.at += usize::from(is_wanted);
        is_wanted
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.text.as_bytes().get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }
}

/// Where the next quote, backslash or control character stands at or behind `at`, or the end.
fn special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<WORD>) {
        let specials = specials(u64::from_le_bytes(*word));
        if specials != 0 {
            return at + specials.trailing_zeros() as usize / 8;
        }
        at += WORD;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' '));
    at + end.unwrap_or(rest.len())
}

/// The high bit of the lowest byte that is a quote, a backslash or a control character; bits above
/// it mean nothing.
///
/// Taking one from a byte turns its high bit on when the byte was zero; where it was on before, it
/// is masked out. A borrow only runs upwards from a byte that was found (A. Mycroft).
const fn specials(word: u64) -> u64 {
    let quote = word ^ QUOTES;
    let backslash = word ^ BACKSLASHES;
    let found = quote.wrapping_sub(ONES) & !quote
        | backslash.wrapping_sub(ONES) & !backslash
        | word.wrapping_sub(SPACES) & !word;
    found & HIGH_BITS
}
