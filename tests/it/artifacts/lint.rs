//! Rules for dashboards: what they show can be understood, and what they ask can be answered.

use std::collections::BTreeSet;

use gitlab_dora_exporter::exposition::Kind;
use promql_parser::label::MatchOp;
use serde_json::{Value, json};

use super::dashboard::{self, Expression, list, text};
use super::promql::{Query, metric};

/// Panels of Grafana itself; a plugin would have to be installed first.
const CORE_PANELS: [&str; 5] = ["bargauge", "heatmap", "stat", "table", "timeseries"];
/// Units by Grafana's identifiers.
const UNITS: [&str; 6] = ["bytes", "percentunit", "reqps", "s", "short", "suffix: per day"];

fn each(check: impl Fn(&Value)) {
    let dashboards = dashboard::all();
    assert!(!dashboards.is_empty());
    for (path, dashboard) in dashboards {
        println!("{}", path.display());
        check(&dashboard);
    }
}

fn each_expression(check: impl Fn(&Expression, &Query)) {
    each(|dashboard| {
        for expression in dashboard::expressions(dashboard) {
            check(&expression, &Query::parse(&expression.opened()));
        }
    });
}

#[test]
fn a_dashboard_has_a_stable_identity_and_nothing_of_the_grafana_that_exported_it() {
    for (path, dashboard) in dashboard::all() {
        assert_eq!(text(&dashboard, "uid"), path.file_stem().unwrap().to_str().unwrap());
        assert_eq!(dashboard["id"], Value::Null);
        assert_eq!(dashboard["editable"], false);
        assert_eq!(dashboard["schemaVersion"], 39);
        assert_eq!(dashboard["tags"], json!(["dora", "gitlab"]));
        assert_eq!(dashboard["graphTooltip"], 1);
        assert_eq!(dashboard["timezone"], "browser");
        assert!(dashboard.get("__inputs").is_none());
    }
}

#[test]
fn variables_follow_the_time_range_and_allow_several_values_and_all() {
    each(|dashboard| {
        let variables = list(&dashboard["templating"], "list");
        let source = &variables[0];
        assert_eq!(source["name"], "datasource");
        assert_eq!(source["type"], "datasource");
        assert_eq!(source["query"], "prometheus");
        assert_eq!(source["label"], "Data Source");
        for variable in &variables[1..] {
            assert_eq!(variable["type"], "query", "{variable}");
            assert_eq!(variable["datasource"]["uid"], "${datasource}", "{variable}");
            assert_eq!(variable["refresh"], 2, "{variable}");
            assert_eq!(variable["multi"], true, "{variable}");
            assert_eq!(variable["includeAll"], true, "{variable}");
            assert_eq!(variable["allValue"], ".+", "{variable}");
            assert!(!text(variable, "label").is_empty());
        }
    });
}

#[test]
fn variables_ask_for_labels_that_exist() {
    each(|dashboard| {
        for variable in &list(&dashboard["templating"], "list")[1..] {
            let asked = text(&variable["query"], "query");
            let (selector, label) = dashboard::label_values(asked);
            let query = Query::parse(selector);
            query.assert_labels_exist(selector);
            let of_metric = metric(&query.uses[0].name).unwrap().label_names();
            assert!(of_metric.contains(&label) || label == "job", "{asked}");
        }
    });
}

#[test]
fn a_panel_says_what_it_shows_in_which_unit_and_needs_no_plugin() {
    each(|dashboard| {
        let mut ids = BTreeSet::new();
        for panel in dashboard::panels(dashboard) {
            let title = text(panel, "title");
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its id is taken");
            assert!(!title.is_empty());
            let description = text(panel, "description");
            assert!(description.len() > 30 && description.ends_with('.'), "{title}");
            assert!(CORE_PANELS.contains(&text(panel, "type")), "{title}");
            let unit = text(&panel["fieldConfig"]["defaults"], "unit");
            assert!(UNITS.contains(&unit), "{title}: {unit}");
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
            assert!(!list(panel, "targets").is_empty(), "{title}");
            for target in list(panel, "targets") {
                assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            }
        }
    });
}

#[test]
fn panels_lie_inside_the_grid_and_not_upon_each_other() {
    each(|dashboard| {
        let mut taken = BTreeSet::new();
        let closed_rows = list(dashboard, "panels").iter().filter(|row| row["collapsed"] == true);
        let inside = closed_rows.flat_map(|row| list(row, "panels"));
        for panel in list(dashboard, "panels").iter().chain(inside) {
            let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(at("x") + at("w") <= 24, "{}", text(panel, "title"));
            for (x, y) in (at("x")..at("x") + at("w"))
                .flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)))
            {
                assert!(taken.insert((x, y)), "{} lies upon another", text(panel, "title"));
            }
        }
    });
}

#[test]
fn no_colour_judges() {
    each(|dashboard| {
        let all = dashboard.to_string();
        let judged = r#""([a-z]+-)*(red|green|orange|yellow|thresholds|RdYlGn)""#;
        let judged = regex::Regex::new(judged).unwrap();
        assert!(!judged.is_match(&all), "{:?}", judged.find(&all));
    });
}

#[test]
fn an_expression_names_catalogued_metrics_by_labels_they_have() {
    each_expression(|expression, query| {
        assert!(!query.uses.is_empty(), "{expression:?}");
        for used in &query.uses {
            assert!(metric(&used.name).is_some(), "{} of {expression:?}", used.name);
        }
        query.assert_labels_exist(&expression.text);
    });
}

#[test]
fn every_selector_keeps_to_the_chosen_job() {
    each_expression(|expression, query| {
        let of_job = expression.text.matches(r#"job=~"$job""#).count();
        assert_eq!(of_job, query.uses.len(), "{expression:?}");
        for used in &query.uses {
            let job = used.matchers.iter().find(|matcher| matcher.name == "job");
            assert!(job.is_some_and(|job| matches!(job.op, MatchOp::Re(_))), "{expression:?}");
        }
    });
}

#[test]
fn replicas_are_merged_before_anything_else_and_nothing_is_averaged() {
    each_expression(|expression, query| {
        for used in query.uses.iter().filter(|used| used.name.starts_with("dora_")) {
            assert_eq!(used.aggregation.as_deref(), Some("max"), "{expression:?}");
        }
        assert!(!query.aggregations.contains("avg"), "{expression:?}");
    });
}

#[test]
fn counters_and_buckets_are_read_as_increases_over_a_width_that_fits() {
    each_expression(|expression, query| {
        for used in &query.uses {
            let counted = metric(&used.name)
                .is_some_and(|m| matches!(m.kind, Kind::Counter | Kind::Histogram));
            let increase = matches!(used.function.as_deref(), Some("rate" | "increase"));
            assert_eq!(counted, increase, "{} of {expression:?}", used.name);
        }
        for width in regex::Regex::new(r"\[([^\]]+)\]").unwrap().captures_iter(&expression.text) {
            let fixed = ["1d", "1w"].contains(&&width[1]);
            assert!(fixed || &width[1] == "$__rate_interval", "{expression:?}");
        }
    });
}
