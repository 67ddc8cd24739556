//! `config/default.toml` names every key, and no other.

use std::collections::BTreeSet;

use figment::Figment;
use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Value};

use crate::config::raw::{Report, Table};
use crate::config::{DEFAULTS, Inputs, Mistake, Purpose, checks, layers};

/// The reference with every example in force.
fn reference_in_full() -> String {
    let shown = |line: &str| {
        let example =
            line.strip_prefix('#').filter(|rest| !rest.is_empty() && !rest.starts_with(' '));
        example.unwrap_or(line).to_owned() + "\n"
    };
    DEFAULTS.lines().map(shown).collect()
}

#[test]
fn the_reference_names_every_key_that_is_read_and_no_other() {
    let inputs = Inputs::default();
    let figment = Figment::from(Toml::string(&reference_in_full()));
    let dict = figment.extract::<Dict>().unwrap();
    let report = Report::new(&figment, Vec::new());
    checks::read(Table::root(&report, &dict), &inputs, Purpose::Other);
    let read = report.known();
    let (mistakes, _) = report.close();
    let unknown: Vec<_> =
        mistakes.iter().filter(|mistake| mistake.what == "is not a setting").collect();
    assert_eq!(unknown, [] as [&Mistake; 0]);

    let mut named = BTreeSet::new();
    name_keys("", &Value::from(dict), &mut named);
    let overridden = |key: &String| !key.starts_with("policy.override.");
    let missing: Vec<_> = read.difference(&named).filter(|key| overridden(key)).collect();
    assert_eq!(missing, [] as [&String; 0]);
}

fn name_keys(path: &str, value: &Value, named: &mut BTreeSet<String>) {
    named.insert(path.to_owned());
    for item in value.as_array().into_iter().flatten() {
        name_keys(path, item, named);
    }
    for (key, value) in value.as_dict().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        name_keys(&path, value, named);
    }
}

#[test]
fn the_defaults_set_every_choice_of_the_policy() {
    let figment = layers::stack(&Inputs::default(), &mut Vec::new());
    let dict = figment.extract::<Dict>().unwrap();
    let report = Report::new(&figment, Vec::new());
    checks::read(Table::root(&report, &dict), &Inputs::default(), Purpose::Other);
    let mut set = BTreeSet::new();
    name_keys("", &Value::from(dict), &mut set);
    let known = report.known();
    let unset: Vec<_> =
        known.iter().filter(|key| key.starts_with("policy.") && !set.contains(*key)).collect();
    assert_eq!(unset, ["policy.override"]);
}
