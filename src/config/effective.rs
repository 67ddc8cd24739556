//! Every value as it is in force, with its origin; secrets masked.

use std::fmt::Write as _;

use figment::Figment;
use figment::value::{Dict, Value};

use super::raw::{holds_secret, written_number};

/// What stands in the place of a secret.
const MASK: &str = "\"********\"";

/// One line for each value, `key = value  # origin`, sorted by key; valid TOML.
pub(super) fn print(figment: &Figment, dict: &Dict) -> String {
    let mut text = String::new();
    for (key, value) in dict {
        print_value(figment, key, value, &mut text);
    }
    text
}

fn print_value(figment: &Figment, path: &str, value: &Value, text: &mut String) {
    if let Value::Dict(_, dict) = value {
        for (key, value) in dict {
            print_value(figment, &format!("{path}.{}", key_text(key)), value, text);
        }
        return;
    }
    let origin = figment
        .get_metadata(value.tag())
        .map_or_else(|| "default".to_owned(), |metadata| metadata.name.to_string());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{path} = {}  # {origin}", value_text(path, value));
}

fn value_text(path: &str, value: &Value) -> String {
    match value {
        Value::Array(_, items) => {
            let items: Vec<_> = items.iter().map(|item| value_text(path, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Dict(_, dict) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{} = {}", key_text(key), value_text(&format!("{path}.{key}"), value))
            };
            format!("{{ {} }}", dict.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        _ if holds_secret(path) => MASK.to_owned(),
        Value::String(_, text) if holds_password(text) => MASK.to_owned(),
        Value::String(_, text) => quoted(text),
        Value::Char(_, character) => quoted(&character.to_string()),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(..) => written_number(value),
        Value::Empty(..) => quoted(""),
    }
}

/// Whether a text is an address with a user and a password, wherever it stands.
fn holds_password(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'))
}

fn key_text(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !key.is_empty() && key.bytes().all(plain) { key.to_owned() } else { quoted(key) }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}
