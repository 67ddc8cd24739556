//! Reading the stacked layers: each key asked for once, every other key a mistake, and where each
//! value came from.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use figment::Figment;
use figment::value::{Dict, Tag, Value};

use super::mistake::{Mistake, nearest};
use super::quantity::{self, DURATION_FORM, SIZE_FORM};

/// What was found while reading: mistakes, warnings, and every key there is.
pub(super) struct Report<'a> {
    figment: &'a Figment,
    mistakes: RefCell<Vec<Mistake>>,
    warnings: RefCell<Vec<Mistake>>,
    known: RefCell<BTreeSet<String>>,
    unknown: RefCell<Vec<(String, Tag)>>,
}

impl<'a> Report<'a> {
    /// Nothing found yet, but for the mistakes made before.
    pub(super) fn new(figment: &'a Figment, mistakes: Vec<Mistake>) -> Self {
        Self {
            figment,
            mistakes: RefCell::new(mistakes),
            warnings: RefCell::default(),
            known: RefCell::default(),
            unknown: RefCell::default(),
        }
    }

    /// Adds a mistake.
    pub(super) fn mistake(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().push(mistake);
    }

    /// Adds a warning.
    pub(super) fn warn(&self, warning: Mistake) {
        self.warnings.borrow_mut().push(warning);
    }

    /// Mistakes and warnings, unknown keys among the former, each list by key.
    pub(super) fn close(self) -> (Vec<Mistake>, Vec<Mistake>) {
        let known = self.known.borrow();
        let mut mistakes = self.mistakes.borrow().clone();
        for (path, tag) in self.unknown.borrow().iter() {
            let mistake = Mistake::new(path, "is not a setting").origin(self.origin(*tag));
            mistakes.push(match suggested(path, &known) {
                Some(key) => mistake.suggestion(format!("did you mean {key}?")),
                None => mistake.suggestion("`config default` prints all settings"),
            });
        }
        mistakes.sort_by(|a, b| a.key.cmp(&b.key));
        let mut warnings = self.warnings.borrow().clone();
        warnings.sort_by(|a, b| a.key.cmp(&b.key));
        (mistakes, warnings)
    }

    /// Every key that was asked for; blocks of a list count as one.
    #[cfg(test)]
    pub(super) fn known(&self) -> BTreeSet<String> {
        self.known.borrow().clone()
    }

    fn origin(&self, tag: Tag) -> String {
        self.figment
            .get_metadata(tag)
            .map_or_else(|| "default".to_owned(), |metadata| metadata.name.to_string())
    }
}

/// The known key that was most likely meant: a similar one of the same block, else the one of that
/// name elsewhere.
fn suggested(path: &str, known: &BTreeSet<String>) -> Option<String> {
    let plain = without_positions(path);
    let (block, word) = plain.rsplit_once('.').unwrap_or(("", &plain));
    let same_block = known.iter().filter_map(|key| match key.rsplit_once('.') {
        Some((other, last)) => (other == block).then_some(last),
        None => block.is_empty().then_some(key.as_str()),
    });
    let elsewhere = || known.iter().find(|key| key.rsplit('.').next() == Some(word)).cloned();
    nearest(word, same_block)
        .map(|word| if block.is_empty() { word.to_owned() } else { format!("{block}.{word}") })
        .or_else(elsewhere)
}

/// `gitlab[0].name` without `[0]`.
fn without_positions(path: &str) -> String {
    path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect()
}

/// One block of settings.
pub(super) struct Table<'a> {
    report: &'a Report<'a>,
    path: String,
    dict: Option<&'a Dict>,
    known: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Table<'a> {
    /// The outermost block.
    pub(super) fn root(report: &'a Report<'a>, dict: &'a Dict) -> Self {
        Self { report, path: String::new(), dict: Some(dict), known: RefCell::default() }
    }

    /// Where mistakes are collected.
    pub(super) fn report(&self) -> &'a Report<'a> {
        self.report
    }

    /// A setting that may be unset.
    pub(super) fn field(&self, key: &'static str) -> Option<Field<'a>> {
        self.known.borrow_mut().insert(key);
        let path = self.path_of(key);
        self.report.known.borrow_mut().insert(without_positions(&path));
        let value = self.dict?.get(key)?;
        Some(Field { report: self.report, path, value })
    }

    /// A setting that must be set; the embedded defaults set most of them.
    pub(super) fn required(&self, key: &'static str) -> Option<Field<'a>> {
        let field = self.field(key);
        if field.is_none() {
            self.report.mistake(Mistake::new(self.path_of(key), "is missing"));
        }
        field
    }

    /// A block within this one; empty when it is unset or no block.
    pub(super) fn section(&self, key: &'static str) -> Table<'a> {
        let dict = self.field(key).and_then(|field| field.table());
        let (report, path) = (self.report, self.path_of(key));
        Table { report, path, dict, known: RefCell::default() }
    }

    /// A list of blocks, in order; none when it is unset.
    pub(super) fn blocks(&self, key: &'static str) -> Vec<Table<'a>> {
        self.blocks_of(key).unwrap_or_default()
    }

    /// A list of blocks, in order, when it is set.
    pub(super) fn blocks_of(&self, key: &'static str) -> Option<Vec<Table<'a>>> {
        let items = self.field(key)?.items();
        Some(items.into_iter().map(Field::into_block).collect())
    }

    /// Its path, `gitlab[0]`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        let known = self.known.borrow();
        for (key, value) in self.dict.into_iter().flatten() {
            if known.contains(key.as_str()) {
                continue;
            }
            let path = self.path_of(key);
            self.report.unknown.borrow_mut().push((path, value.tag()));
        }
    }
}

/// One setting that is set.
pub(super) struct Field<'a> {
    report: &'a Report<'a>,
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    /// Its path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A text.
    pub(super) fn text(&self) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong("a text in quotes");
        }
        text
    }

    /// A text that `read` understands; `allowed` says what that is.
    pub(super) fn read<T>(
        &self,
        allowed: impl Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value.as_str().and_then(read);
        if value.is_none() {
            self.wrong(allowed);
        }
        value
    }

    /// Whether it is exactly this text.
    pub(super) fn is(&self, text: &str) -> bool {
        self.value.as_str() == Some(text)
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        self.read(format!("one of {}", names.join(", ")), |text| {
            words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
        })
    }

    /// `true` or `false`, as the value each stands for.
    pub(super) fn switch<T>(&self, on: T, off: T) -> Option<T> {
        match self.value.to_bool() {
            Some(true) => Some(on),
            Some(false) => Some(off),
            None => {
                self.wrong("true or false");
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, bounds: &RangeInclusive<u64>) -> Option<u64> {
        let number = whole(self.value).and_then(|number| u64::try_from(number).ok());
        let number = number.filter(|number| bounds.contains(number));
        if number.is_none() {
            self.wrong(format!("a whole number from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// A duration within bounds.
    pub(super) fn duration(&self, bounds: &RangeInclusive<Duration>) -> Option<Duration> {
        let [from, to] = [*bounds.start(), *bounds.end()].map(quantity::write_duration);
        self.read(format!("{DURATION_FORM}, from {from} to {to}"), |text| {
            quantity::duration(text).filter(|duration| bounds.contains(duration))
        })
    }

    /// A duration of whole seconds, at most a century.
    pub(super) fn seconds(&self) -> Option<u64> {
        const CENTURY_SECONDS: u64 = 36_525 * 86_400;
        self.read("whole seconds, as 90s, 5m, 72h or 14d", |text| {
            let duration = quantity::duration(text)?;
            let whole = duration.subsec_nanos() == 0 && duration.as_secs() <= CENTURY_SECONDS;
            whole.then_some(duration.as_secs())
        })
    }

    /// A size within bounds, as bytes.
    pub(super) fn size(&self, bounds: &RangeInclusive<u64>) -> Option<usize> {
        let [from, to] = [*bounds.start(), *bounds.end()].map(quantity::write_size);
        self.read(format!("{SIZE_FORM}, from {from} to {to}"), |text| {
            let bytes = quantity::size(text).filter(|bytes| bounds.contains(bytes))?;
            usize::try_from(bytes).ok()
        })
    }

    /// Whether it is a list of nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.value.as_array().is_some_and(<[Value]>::is_empty)
    }

    /// The items of a list, each a setting of its own.
    pub(super) fn items(&self) -> Vec<Field<'a>> {
        let Some(items) = self.value.as_array() else {
            self.wrong("a list in [ ]");
            return Vec::new();
        };
        let item = |(position, value)| Field {
            report: self.report,
            path: format!("{}[{position}]", self.path),
            value,
        };
        items.iter().enumerate().map(item).collect()
    }

    /// The entries of a block whose keys are the operator's own, by key, each a setting of its own.
    pub(super) fn entries(&self) -> Vec<(&'a str, Field<'a>)> {
        let entry = |(key, value): (&'a String, &'a Value)| {
            let path = format!("{}.{key}", self.path);
            (key.as_str(), Field { report: self.report, path, value })
        };
        self.table().into_iter().flatten().map(entry).collect()
    }

    /// The texts of a list; what is none is a mistake and left out.
    pub(super) fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect()
    }

    /// Says that this value is wrong, and what would be right.
    pub(super) fn wrong(&self, allowed: impl Display) {
        let what = self.shown().map_or_else(
            || "holds a secret that cannot be used".to_owned(),
            |value| format!("is {value}"),
        );
        self.refuse(what, allowed);
    }

    /// Says what is wrong with this value, in words that follow its key and do not quote it.
    pub(super) fn refuse(&self, what: impl Into<String>, allowed: impl Display) {
        self.report.mistake(self.about(what).allowed(allowed.to_string()));
    }

    /// Says what looks wrong with this value, and what would be better.
    pub(super) fn warn(&self, what: impl Into<String>, better: impl Into<String>) {
        self.report.warn(self.about(what).suggestion(better));
    }

    /// A mistake of this value, not told yet.
    pub(super) fn about(&self, what: impl Into<String>) -> Mistake {
        Mistake::new(&self.path, what).origin(self.report.origin(self.value.tag()))
    }

    fn table(&self) -> Option<&'a Dict> {
        let dict = self.value.as_dict();
        if dict.is_none() {
            self.wrong("a block of settings");
        }
        dict
    }

    fn into_block(self) -> Table<'a> {
        let dict = self.table();
        Table { report: self.report, path: self.path, dict, known: RefCell::default() }
    }

    /// The value as it may be shown: `None` for a secret, the kind alone for a list or a block.
    fn shown(&self) -> Option<String> {
        (!holds_secret(&self.path)).then(|| shown(self.value))
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Char(_, character) => format!("{:?}", character.to_string()),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(..) => written_number(value),
        Value::Empty(..) => "nothing".to_owned(),
        Value::Dict(..) => "a block".to_owned(),
        Value::Array(..) => "a list".to_owned(),
    }
}

/// A number without a fraction, whatever its type: files give signed ones, variables unsigned ones.
fn whole(value: &Value) -> Option<i128> {
    value.to_i128().or_else(|| value.to_u128().and_then(|number| i128::try_from(number).ok()))
}

/// A number as it would be written; empty for anything else.
pub(super) fn written_number(value: &Value) -> String {
    whole(value)
        .map(|number| number.to_string())
        .or_else(|| value.to_f64().map(|number| number.to_string()))
        .unwrap_or_default()
}

/// Whether the setting at `path` holds a secret itself rather than the name of its place.
pub(super) fn holds_secret(path: &str) -> bool {
    let plain = without_positions(path);
    let key = plain.rsplit('.').next().unwrap_or_default();
    let names_a_place = key.ends_with("_env") || key.ends_with("_file");
    !names_a_place && ["token", "secret", "password"].iter().any(|word| key.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_no_part_of_a_key() {
        assert_eq!(without_positions("policy.override[12].match[0]"), "policy.override.match");
        assert_eq!(without_positions("server.listen"), "server.listen");
    }

    #[test]
    fn a_secret_is_known_by_its_key_and_the_name_of_its_place_is_none() {
        for path in ["gitlab[0].secret_tokens", "gitlab[0].signing_tokens[1]", "gitlab[0].token"] {
            assert!(holds_secret(path), "{path}");
        }
        for path in ["gitlab[0].secret_tokens_env[0]", "gitlab[0].secret_tokens_file", "log.level"]
        {
            assert!(!holds_secret(path), "{path}");
        }
    }
}
