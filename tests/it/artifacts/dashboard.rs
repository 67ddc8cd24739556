//! Reads a Grafana dashboard: its panels, and the expressions in them.

use std::path::PathBuf;

use serde_json::Value;

use super::files;

/// What Grafana puts in for a variable when the dashboard opens, and for the width of a rate.
const OPENED: [(&str, &str); 6] = [
    ("$__rate_interval", "1m"),
    ("$job", ".+"),
    ("$group", ".+"),
    ("$project", ".+"),
    ("$tier", "production"),
    ("$window", "30d"),
];

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    /// The panel's title, or the rule's name.
    pub(crate) place: String,
    /// As written.
    pub(crate) text: String,
}

impl Expression {
    /// As Grafana sends it when the dashboard opens.
    pub(crate) fn opened(&self) -> String {
        OPENED.iter().fold(self.text.clone(), |text, (name, value)| text.replace(name, value))
    }
}

/// Every dashboard that is shipped, by path.
pub(crate) fn all() -> Vec<(PathBuf, Value)> {
    let read = |path: PathBuf| {
        let dashboard = serde_json::from_str(&files::read(&path)).unwrap();
        (path, dashboard)
    };
    files::ending_in(".json")
        .into_iter()
        .filter(|path| path.starts_with("deploy/grafana"))
        .map(read)
        .collect()
}

/// The panels of a dashboard, those of closed rows included; rows themselves left out.
pub(crate) fn panels(dashboard: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    for panel in list(dashboard, "panels") {
        if panel["type"] == "row" {
            found.extend(list(panel, "panels"));
        } else {
            found.push(panel);
        }
    }
    found
}

/// Every expression of a dashboard's panels.
pub(crate) fn expressions(dashboard: &Value) -> Vec<Expression> {
    let of_panel = |panel: &Value| {
        let place = text(panel, "title").to_owned();
        let targets = list(panel, "targets").iter();
        targets
            .map(|target| Expression {
                place: place.clone(),
                text: text(target, "expr").to_owned(),
            })
            .collect::<Vec<_>>()
    };
    panels(dashboard).into_iter().flat_map(of_panel).collect()
}

/// What each variable of a dashboard asks for its values, as an expression.
pub(crate) fn variables(dashboard: &Value) -> Vec<Expression> {
    let asking = list(&dashboard["templating"], "list").iter().filter(|v| v["type"] == "query");
    asking
        .map(|variable| {
            let (selector, _) = label_values(text(&variable["query"], "query"));
            let place = text(variable, "name").to_owned();
            Expression { place, text: selector.to_owned() }
        })
        .collect()
}

/// The selector and the label of `label_values(selector, label)`.
pub(super) fn label_values(query: &str) -> (&str, &str) {
    query
        .strip_prefix("label_values(")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|inner| inner.rsplit_once(", "))
        .unwrap_or_else(|| panic!("{query}"))
}

/// A list in an object; the test fails without it.
pub(super) fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object[key].as_array().unwrap_or_else(|| panic!("no list {key} in {object:.200}"))
}

/// A string in an object; the test fails without it.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_else(|| panic!("no text {key} in {object:.200}"))
}
