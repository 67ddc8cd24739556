//! Reads the rules for Prometheus, and holds them to the catalogue, to their tests and to the guide.

use std::collections::BTreeSet;

use super::dashboard::Expression;
use super::files;
use super::promql::{Query, metric};

const RULES: &str = "deploy/prometheus/rules/gitlab-dora.rules.yml";

/// A rule as far as these tests need it.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What it records or alerts by.
    pub(crate) expression: Expression,
    /// Whether it alerts.
    pub(crate) alerts: bool,
}

/// Every rule that is shipped, in order.
///
/// Reads the shape in which our file is written; `promtool check rules` sees to it that the file is
/// YAML at all, and a count in the tests that no rule is overlooked.
pub(crate) fn all() -> Vec<Rule> {
    let yaml = files::read(RULES);
    let mut lines = yaml.lines().peekable();
    let mut rules: Vec<Rule> = Vec::new();
    while let Some(line) = lines.next() {
        let at = line.trim_start();
        let named = |key: &str| at.strip_prefix(key).map(str::to_owned);
        if let Some(place) = named("- record: ") {
            let expression = Expression { place, text: String::new() };
            rules.push(Rule { expression, alerts: false });
        } else if let Some(place) = named("- alert: ") {
            let expression = Expression { place, text: String::new() };
            rules.push(Rule { expression, alerts: true });
        } else if let Some(inline) = named("expr: ") {
            let rule = rules.last_mut().unwrap();
            if inline == "|" {
                let depth = line.len() - at.len();
                let deeper = |line: &&str| line.len() - line.trim_start().len() > depth;
                let block = std::iter::from_fn(|| lines.next_if(deeper));
                rule.expression.text.extend(block.flat_map(|line| [line.trim_start(), "\n"]));
            } else {
                rule.expression.text = inline;
            }
        }
    }
    rules
}

fn alerts() -> Vec<Rule> {
    all().into_iter().filter(|rule| rule.alerts).collect()
}

#[test]
fn no_rule_is_overlooked_by_the_reader_of_these_tests() {
    let rules = all();
    assert_eq!(rules.len(), files::read(RULES).matches("expr:").count());
    assert!(rules.iter().all(|rule| !rule.expression.text.is_empty()));
    assert!(rules.len() > 10, "{rules:?}");
}

#[test]
fn a_rule_names_catalogued_metrics_or_what_another_rule_records() {
    let rules = all();
    let recorded: BTreeSet<_> = rules.iter().map(|rule| rule.expression.place.as_str()).collect();
    for rule in &rules {
        let text = &rule.expression.text;
        let query = Query::parse(text);
        for used in &query.uses {
            let known = metric(&used.name).is_some() || recorded.contains(used.name.as_str());
            assert!(known || used.name == "up", "{} of {rule:?}", used.name);
        }
        query.assert_labels_exist(text);
    }
}

#[test]
fn a_rule_merges_replicas_before_it_adds() {
    for rule in all() {
        for used in Query::parse(&rule.expression.text).uses {
            if used.name.starts_with("dora_") {
                assert_eq!(used.aggregation.as_deref(), Some("max"), "{rule:?}");
            }
        }
    }
}

#[test]
fn an_alert_is_about_the_exporter_and_never_about_a_teams_figures() {
    for rule in alerts() {
        for used in Query::parse(&rule.expression.text).uses {
            // Whether figures are complete is about what the exporter knows.
            let is_own = used.name.contains("gitlab_dora_exporter");
            let is_own = is_own || used.name == "dora_data_complete";
            assert!(!used.name.contains("dora_") || is_own, "{}", used.name);
        }
    }
}

#[test]
fn every_alert_has_a_section_in_the_operations_guide() {
    let guide = files::read("docs/operations.md");
    let rules = files::read(RULES);
    for rule in alerts() {
        let name = rule.expression.place;
        assert!(guide.lines().any(|line| line == format!("### {name}")), "{name} has no section");
        let link = format!("runbook_url: docs/operations.md#{}", name.to_lowercase());
        assert!(rules.contains(&link), "{name} does not link to its section");
    }
}

#[test]
fn every_alert_is_tested_where_it_fires_and_every_record_by_a_value() {
    let tests: String = files::ending_in(".test.yml").into_iter().map(files::read).collect();
    for rule in all() {
        let name = &rule.expression.place;
        if rule.alerts {
            let link = format!("runbook_url: docs/operations.md#{}", name.to_lowercase());
            assert!(tests.contains(&link), "{name} never fires in a test");
        } else {
            assert!(tests.contains(&format!("- labels: {name}{{")), "{name} has no tested value");
        }
    }
}
