//! Secrets: by value, from an environment variable, or from a file; shown nowhere.

use std::fmt;
use std::fs::File;
use std::io::Read as _;

use super::layers::Environment;
use super::raw::{Field, Table};

/// A secret is a line; a larger file is something else.
const FILE_LIMIT_BYTES: u64 = 64 << 10;
/// Shorter secrets can be guessed.
const SHORTEST_BYTES: usize = 16;
/// Shorter secrets are weaker than the digest they are compared by.
const ADVISED_BYTES: usize = 32;

/// A text that must not be seen.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret, and the setting that it came from.
pub(super) struct Found<'a> {
    pub(super) field: Field<'a>,
    pub(super) secret: Secret,
}

/// The three keys of one kind of secret: by value, by variable, by file.
pub(super) type Keys = [&'static str; 3];

/// All secrets of one kind in `table`; what cannot be read is a mistake. Names of variables are
/// added to `variables`, whether they are set or not.
pub(super) fn read<'a>(
    table: &Table<'a>,
    [by_value, by_variable, by_file]: Keys,
    environment: &Environment,
    variables: &mut Vec<String>,
) -> Vec<Found<'a>> {
    let items = |key| table.field(key).map(|field| field.items()).unwrap_or_default();
    let mut found = Vec::new();
    let mut add = |field: Field<'a>, text: Option<String>| {
        let secret = text.and_then(|text| usable(&field, &text));
        found.extend(secret.map(|secret| Found { field, secret }));
    };
    for field in items(by_value) {
        let text = field.text().map(str::to_owned);
        add(field, text);
    }
    for field in items(by_variable) {
        let text = from_variable(&field, environment, variables);
        add(field, text);
    }
    for field in items(by_file) {
        let text = from_file(&field);
        add(field, text);
    }
    found
}

/// The one secret of its kind in `table`, not yet looked at; `None` when none is named, or it
/// cannot be read, which is a mistake. Two are a mistake as well.
pub(super) fn read_one<'a>(
    table: &Table<'a>,
    [by_value, by_variable, by_file]: Keys,
    environment: &Environment,
    variables: &mut Vec<String>,
) -> Option<Found<'a>> {
    let fields = [table.field(by_value), table.field(by_variable), table.field(by_file)];
    if let [_, second, ..] = fields.iter().flatten().collect::<Vec<_>>().as_slice() {
        let allowed = format!("one of {by_value}, {by_variable} and {by_file}");
        second.refuse("is a second place of the same secret", allowed);
        return None;
    }
    let [value, variable, file] = fields;
    let (field, text) = if let Some(field) = value {
        let text = field.text().map(str::to_owned);
        (field, text)
    } else if let Some(field) = variable {
        let text = from_variable(&field, environment, variables);
        (field, text)
    } else {
        let field = file?;
        let text = from_file(&field);
        (field, text)
    };
    Some(Found { field, secret: Secret(text?) })
}

fn from_variable(
    field: &Field<'_>,
    environment: &Environment,
    variables: &mut Vec<String>,
) -> Option<String> {
    let name = field.text()?;
    variables.push(name.to_owned());
    let value = environment.get(name);
    if value.is_none() {
        field.wrong("the name of an environment variable that is set and not empty");
    }
    value.map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Refuses what no hook could send, and what could be guessed.
fn usable(field: &Field<'_>, text: &str) -> Option<Secret> {
    let length = text.len();
    if text.chars().any(char::is_control) {
        field.refuse("holds a secret with a line break or another control character", "one line");
        return None;
    }
    if text.starts_with('\u{feff}') {
        field.refuse("holds a secret that begins with a byte order mark", "plain UTF-8");
        return None;
    }
    // A signing token says itself what is wrong with it.
    if text.starts_with("whsec_") {
        return Some(Secret(text.to_owned()));
    }
    if length < SHORTEST_BYTES {
        field.refuse(
            format!("holds a secret of {length} bytes"),
            format!("at least {SHORTEST_BYTES}; `openssl rand -hex 32` makes a good one"),
        );
        return None;
    }
    if length < ADVISED_BYTES {
        field.warn(
            format!("holds a secret of {length} bytes"),
            format!("{ADVISED_BYTES} or more are advised; `openssl rand -hex 32` makes a good one"),
        );
    }
    Some(Secret(text.to_owned()))
}

fn from_file(field: &Field<'_>) -> Option<String> {
    let path = field.text()?;
    let allowed = "a readable text file of at most 64 KiB";
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let (metadata, file) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            field.refuse(format!("is {path:?}, which cannot be read: {error}"), allowed);
            return None;
        }
    };
    if !metadata.is_file() || metadata.len() > FILE_LIMIT_BYTES {
        field.wrong(allowed);
        return None;
    }
    warn_if_open_to_all(field, path, &metadata);
    let mut text = String::new();
    match file.take(FILE_LIMIT_BYTES).read_to_string(&mut text) {
        Ok(_) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => {
            field.refuse(format!("is {path:?}, which cannot be read: {error}"), allowed);
            None
        }
    }
}

#[cfg(unix)]
fn warn_if_open_to_all(field: &Field<'_>, path: &str, metadata: &std::fs::Metadata) {
    use std::os::unix::fs::PermissionsExt as _;

    /// The permission of everybody else to read.
    const OTHERS_READ: u32 = 0o004;
    if metadata.permissions().mode() & OTHERS_READ != 0 {
        field.warn(
            format!("is {path:?}, which every user of this machine may read"),
            format!("chmod o-r {path}"),
        );
    }
}

#[cfg(not(unix))]
fn warn_if_open_to_all(_: &Field<'_>, _: &str, _: &std::fs::Metadata) {}
