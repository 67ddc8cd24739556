//! The shared worked examples, told to the real binary as webhooks and read back as of their
//! instant: a second opinion on every number, in any order of delivery and with repetitions; and
//! told by GitLab's API, alone and after the webhooks.

mod api;
mod gitlab;
mod scenario;
mod webhooks;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use scenario::{Document, Scenario};
use serde_json::Value;

use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::{Place, http_client, signed};

const PATH: &str = "../shared/golden/scenarios.json";

#[tokio::test(flavor = "multi_thread")]
async fn the_worked_examples_come_out_as_told() {
    let Ok(text) = std::fs::read_to_string(PATH) else {
        println!("golden scenarios not found at ../shared/golden, skipped");
        return;
    };
    let document: Document = serde_json::from_str(&text).unwrap();
    let mut tally = Tally::default();
    for scenario in &document.scenarios {
        for order in [Order::AsTold, Order::ShuffledTwice, Order::ApiAlone, Order::ApiAfterHooks] {
            let shown = played(scenario, order, &mut tally).await;
            tally.compare(scenario, order, &shown);
        }
    }
    let Tally { compared, asked, skipped, mismatches } = tally;
    println!("{compared} values of {} scenarios compared", document.scenarios.len());
    println!("{asked} of them asked for in the words of GitLab's API too");
    println!("no metrics, not compared: {skipped:?}");
    for scenario in document.scenarios.iter().filter(|own| own.milestones.is_some()) {
        println!(
            "NOTICE: {}: milestones are given as results of an API, no hook tells them",
            scenario.id
        );
    }
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    assert!(compared > 0, "no scenario said anything");
}

/// What the comparison came to.
#[derive(Default)]
struct Tally {
    compared: u64,
    asked: u64,
    skipped: BTreeMap<String, u64>,
    mismatches: Vec<String>,
}

impl Tally {
    fn compare(
        &mut self,
        scenario: &Scenario,
        order: Order,
        shown: &BTreeMap<(String, Vec<String>), f64>,
    ) {
        let ours = scenario.expected.iter().chain(&scenario.auxiliary);
        for (series, value) in ours.chain(&scenario.expected_gitlab) {
            let Some(name) = exposed_name(series) else {
                *self.skipped.entry(family(series).to_owned()).or_default() += 1;
                continue;
            };
            self.compared += 1;
            let (id, got) = (&scenario.id, shown.get(&labels(&name)).copied());
            let told = || format!("{id} {order:?} {series}: {got:?}, not {value:?}");
            self.mismatches.extend((!agrees(got, *value)).then(told));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    AsTold,
    ShuffledTwice,
    ApiAlone,
    ApiAfterHooks,
}

/// Delivers a scenario to the real binary and reads its numbers as of the scenario's instant.
async fn played(
    scenario: &Scenario,
    order: Order,
    tally: &mut Tally,
) -> BTreeMap<(String, Vec<String>), f64> {
    let gitlab = FakeGitlab::start().await;
    api::tell(&gitlab, scenario);
    let place = Place::with_api(&configuration(scenario), &gitlab.url());
    if order != Order::ApiAlone {
        deliver(&place, scenario, order, tally).await;
    }
    if matches!(order, Order::ApiAlone | Order::ApiAfterHooks) {
        backfill(&place).await;
    }
    let export = place.run(&["export", "--at", &instant(&scenario.now)]);
    assert!(export.status.success(), "{}", String::from_utf8_lossy(&export.stderr));
    parsed(&String::from_utf8(export.stdout).unwrap())
}

/// Reads everything that GitLab has into the store.
async fn backfill(place: &Place) {
    let read = place.run_async(&["backfill", "--since", "3650d"]).await;
    let told = String::from_utf8_lossy(&read.stderr).into_owned();
    assert!(read.status.success() && !told.contains("warning"), "{told}");
}

/// Delivers a scenario to a running exporter, and stops it.
async fn deliver(place: &Place, scenario: &Scenario, order: Order, tally: &mut Tally) {
    let served = place.serve().await;
    let client = http_client();
    let mut deliveries = webhooks::deliveries(scenario);
    if order == Order::ShuffledTwice {
        deliveries.extend(deliveries.clone());
        // A fixed shuffle: neighbours end up far apart, whatever their number.
        deliveries.sort_by_key(|(_, body)| {
            body.to_string()
                .bytes()
                .fold(17_u64, |sum, byte| sum.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte))
        });
    }
    let url = place.url("/webhooks/gitlab");
    for (number, (event, body)) in deliveries.into_iter().enumerate() {
        let id = format!("told-{number}");
        let body = serde_json::to_vec(&body).unwrap();
        let answer = signed(&client, &url, &id, (event, body)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{} delivery {number}", scenario.id);
    }
    let (asked, differing) = gitlab::differing(scenario, place, &client).await;
    tally.asked += asked;
    tally.mismatches.extend(differing);
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
}

/// Seconds may be left out in the document.
fn instant(text: &str) -> String {
    text.parse::<jiff::Timestamp>().unwrap().to_string()
}

fn configuration(scenario: &Scenario) -> String {
    let strings = |list: &[String]| serde_json::to_string(list).unwrap();
    let mut policy = format!("[exposition]\nwindows = {}\n[policy]\n", strings(&scenario.windows));
    for (key, value) in &scenario.config {
        if !value.is_null() {
            writeln!(policy, "{key} = {}", toml(value)).unwrap();
        }
    }
    let defaults = ["production".to_owned(), "staging".to_owned()];
    let has_own_tiers = scenario.tiers.iter().any(|tier| !defaults.contains(tier));
    if has_own_tiers && !scenario.config.contains_key("tiers_measured") {
        writeln!(policy, "tiers_measured = {}", strings(&scenario.tiers)).unwrap();
    }
    if !scenario.expected_gitlab.is_empty() {
        policy.push_str("compat = { gitlab = true }\n");
    }
    policy
}

/// A JSON value as an inline TOML value.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(table) => {
            let pair = |(key, value): (&String, &Value)| format!("{key} = {}", toml(value));
            format!("{{ {} }}", table.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn family(series: &str) -> &str {
    series.split('{').next().unwrap_or(series)
}

/// The series as we expose it; `None` for what only helps to find a difference.
fn exposed_name(series: &str) -> Option<String> {
    // The family of unattributed incidents exists by project only.
    let by_project = !series.contains("group=");
    if let Some(labels) = series.strip_prefix("unattributed_incidents").filter(|_| by_project) {
        return Some(format!("gitlab_dora_exporter_unattributed_incidents{labels}"));
    }
    family(series).starts_with("dora_").then(|| series.to_owned())
}

/// A series taken apart, so that the order of labels does not matter.
fn labels(series: &str) -> (String, Vec<String>) {
    let Some((name, rest)) = series.split_once('{') else { return (series.to_owned(), vec![]) };
    let mut pairs: Vec<String> = rest.trim_end_matches('}').split(',').map(str::to_owned).collect();
    pairs.sort();
    (name.to_owned(), pairs)
}

fn parsed(text: &str) -> BTreeMap<(String, Vec<String>), f64> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(series, value)| (labels(series), value.parse().unwrap()))
        .collect()
}

fn agrees(got: Option<f64>, expected: Option<f64>) -> bool {
    match (got, expected) {
        (None, None) => true,
        (Some(got), Some(expected)) => {
            let difference = (got - expected).abs();
            difference <= 1e-6 || difference <= expected.abs() * 1e-9
        }
        _ => false,
    }
}
