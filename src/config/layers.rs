//! Where values come from: embedded defaults, a file, the environment, flags; the later wins.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::mistake::Mistake;

/// The commented defaults, which are the reference too.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// What variables of ours begin with.
const PREFIX: &str = "GITLAB_DORA_";
/// Names the configuration file, and is no setting itself.
pub const FILE_VARIABLE: &str = "GITLAB_DORA_CONFIG";
/// Sections that are lists of blocks: the only ones a variable sets as a whole.
const LISTS: [&str; 2] = ["gitlab", "team"];
/// A configuration is written by hand; a larger file is something else.
const FILE_LIMIT_BYTES: u64 = 1 << 20;

/// The environment, as it was at one moment.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Takes the process's environment; variables that are no UTF-8 are left out.
    #[must_use]
    pub fn capture() -> Self {
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// An environment of these variables alone.
    #[must_use]
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// The value of a variable, when it is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn ours(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0.iter().filter_map(|(name, value)| {
            Some((name.as_str(), name.strip_prefix(PREFIX)?, value.as_str()))
        })
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// A setting given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// As it is written: `--listen`.
    pub name: &'static str,
    /// The setting it sets: `server.listen`.
    pub key: &'static str,
    /// Its value.
    pub value: String,
}

/// Everything that a configuration is made of, so that it can be read again.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The operator's file.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Environment,
    /// Flags.
    pub flags: Vec<Flag>,
}

/// Some settings, and where they come from.
struct Layer {
    origin: String,
    settings: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.settings.clone()))
    }
}

/// Whether a configuration file holds a secret itself, and not the name of its place.
#[must_use]
pub fn holds_secrets(path: &Path) -> bool {
    let Ok(text) = fs::read_to_string(path) else { return false };
    let mut keys = text.lines().filter_map(|line| Some(line.split_once('=')?.0.trim()));
    keys.any(|key| !key.starts_with('#') && super::raw::holds_secret(key))
}

/// Lays the layers over each other; a file that cannot be read is a mistake, and the rest is
/// checked all the same.
pub(super) fn stack(inputs: &Inputs, mistakes: &mut Vec<Mistake>) -> Figment {
    let mut layers = vec![parse("default", DEFAULTS, mistakes)];
    if let Some(path) = &inputs.file {
        layers.extend(file(path, mistakes));
    }
    if let Some(port) = inputs.environment.get("PORT") {
        let listen = format!("0.0.0.0:{port}");
        layers.push(single("environment variable PORT", "server.listen", Value::from(listen)));
    }
    for (name, rest, text) in inputs.environment.ours() {
        if let Some(key) = key_of(rest) {
            // Parsing cannot fail: what is no list, number or flag is a text.
            let value = text.parse().unwrap_or_else(|never| match never {});
            layers.push(single(&format!("environment variable {name}"), &key, value));
        }
    }
    for flag in &inputs.flags {
        let value = Value::from(flag.value.as_str());
        layers.push(single(&format!("flag {}", flag.name), flag.key, value));
    }
    layers.into_iter().fold(Figment::new(), Figment::merge)
}

/// Variables that begin like ours but set nothing, with what was probably meant; `used` are names
/// that the configuration itself refers to.
pub(super) fn stray_variables(environment: &Environment, used: &[String]) -> Vec<Mistake> {
    environment
        .ours()
        .filter(|(name, rest, _)| {
            let known = *name == FILE_VARIABLE || used.iter().any(|used| used == name);
            !known && key_of(rest).is_none()
        })
        .map(|(name, ..)| {
            Mistake::new(name, "is an environment variable that sets nothing").suggestion(
                "nested keys are written with two underscores: GITLAB_DORA_SERVER__LISTEN",
            )
        })
        .collect()
}

/// The path of the setting that a variable sets, by its name without the prefix.
fn key_of(rest: &str) -> Option<String> {
    let key = rest.to_ascii_lowercase();
    (key.contains("__") || LISTS.contains(&key.as_str())).then(|| key.replace("__", "."))
}

fn single(origin: &str, key: &str, value: Value) -> Layer {
    let settings = key
        .rsplit('.')
        .fold(value, |inner, part| Value::from(Dict::from([(part.to_owned(), inner)])));
    Layer { origin: origin.to_owned(), settings: settings.into_dict().unwrap_or_default() }
}

fn file(path: &Path, mistakes: &mut Vec<Mistake>) -> Option<Layer> {
    let name = path.display().to_string();
    match fs::metadata(path).and_then(|metadata| {
        let readable = metadata.is_file() && metadata.len() <= FILE_LIMIT_BYTES;
        if readable { fs::read_to_string(path).map(Some) } else { Ok(None) }
    }) {
        Ok(Some(text)) => Some(parse(&name, &text, mistakes)),
        Ok(None) => {
            mistakes.push(
                Mistake::new(name, "cannot be a configuration").allowed("a file of at most 1 MiB"),
            );
            None
        }
        Err(error) => {
            mistakes.push(
                Mistake::new(name, format!("cannot be read: {error}"))
                    .suggestion("name the file by --config or GITLAB_DORA_CONFIG"),
            );
            None
        }
    }
}

fn parse(origin: &str, text: &str, mistakes: &mut Vec<Mistake>) -> Layer {
    let settings = Toml::from_str::<Dict>(text).unwrap_or_else(|error| {
        mistakes.push(syntax_mistake(origin, text, &error.to_string()));
        Dict::new()
    });
    Layer { origin: origin.to_owned(), settings }
}

/// The parser's message quotes the line it stumbled over, which may hold a secret: only its first
/// line, which says where, and its last, which says what, are kept.
fn syntax_mistake(origin: &str, text: &str, message: &str) -> Mistake {
    let place = message.lines().next().unwrap_or_default();
    let what = message.lines().rfind(|line| !line.trim().is_empty());
    let what = what.filter(|what| *what != place && !text.contains(*what)).unwrap_or("syntax");
    let place = place.strip_prefix("TOML parse error ").unwrap_or("somewhere");
    Mistake::new(origin, format!("is not TOML, {place}: {what}"))
        .suggestion("texts need quotes; `config default` prints a file to start from")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stacked(inputs: &Inputs) -> (Figment, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        let figment = stack(inputs, &mut mistakes);
        (figment, mistakes)
    }

    fn value(figment: &Figment, key: &str) -> (String, String) {
        let value = figment.find_value(key).unwrap();
        let origin = figment.get_metadata(value.tag()).unwrap().name.to_string();
        (value.into_string().unwrap(), origin)
    }

    #[test]
    fn a_flag_wins_over_the_environment_that_over_a_file_and_that_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        fs::write(&path, "[server]\nlisten = \"127.0.0.1:1\"\nkeep_alive = \"1s\"\n").unwrap();
        let mut inputs = Inputs { file: Some(path.clone()), ..Inputs::default() };
        let listen = |inputs: &Inputs| value(&stacked(inputs).0, "server.listen");

        assert_eq!(value(&stacked(&inputs).0, "server.head_timeout").1, "default");
        assert_eq!(listen(&inputs), ("127.0.0.1:1".to_owned(), path.display().to_string()));
        inputs.environment = Environment::of([("PORT", "2")]);
        assert_eq!(listen(&inputs).0, "0.0.0.0:2");
        inputs.environment =
            Environment::of([("PORT", "2"), ("GITLAB_DORA_SERVER__LISTEN", "127.0.0.1:3")]);
        let variable = "environment variable GITLAB_DORA_SERVER__LISTEN".to_owned();
        assert_eq!(listen(&inputs), ("127.0.0.1:3".to_owned(), variable));
        let (name, key) = ("--listen", "server.listen");
        inputs.flags = vec![Flag { name, key, value: "127.0.0.1:4".to_owned() }];
        assert_eq!(listen(&inputs), ("127.0.0.1:4".to_owned(), "flag --listen".to_owned()));
        assert_eq!(value(&stacked(&inputs).0, "server.keep_alive").0, "1s");
    }

    #[test]
    fn a_variable_that_sets_nothing_is_told_apart_from_one_that_is_referred_to() {
        let environment = Environment::of([
            ("GITLAB_DORA_CONFIG", "x.toml"),
            ("GITLAB_DORA_GITLAB", "[]"),
            ("GITLAB_DORA_MY_TOKEN", "referred to"),
            ("GITLAB_DORA_SERVER_LISTEN", "127.0.0.1:1"),
            ("HOME", "/"),
        ]);
        let stray = stray_variables(&environment, &["GITLAB_DORA_MY_TOKEN".to_owned()]);
        let keys: Vec<_> = stray.iter().map(|mistake| mistake.key.as_str()).collect();
        assert_eq!(keys, ["GITLAB_DORA_SERVER_LISTEN"]);
    }

    #[test]
    fn a_broken_file_is_a_mistake_that_says_where_and_quotes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        fs::write(&path, "[[gitlab]]\nsecret_tokens = [\"canary\" \"canary\"]\n").unwrap();
        let (_, mistakes) = stacked(&Inputs { file: Some(path), ..Inputs::default() });
        let [mistake] = mistakes.as_slice() else { panic!("{mistakes:?}") };
        assert!(mistake.what.contains("line 2"), "{mistake}");
        assert!(!mistake.to_string().contains("canary"), "{mistake}");
    }

    #[test]
    fn a_missing_file_and_a_folder_are_mistakes() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("absent.toml"), folder.path().to_owned()] {
            let (_, mistakes) = stacked(&Inputs { file: Some(path), ..Inputs::default() });
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        }
    }

    #[test]
    fn debug_output_of_an_environment_shows_names_alone() {
        let environment = Environment::of([("NAME", "canary")]);
        assert_eq!(format!("{environment:?}"), r#"["NAME"]"#);
    }
}
