//! The invented company through the real door: what is scraped, explained, and counted again with a
//! pencil.

use std::collections::{BTreeSet, HashSet};

use gitlab_dora_exporter::demo::Company;
use gitlab_dora_exporter::exposition::catalog;
use gitlab_dora_exporter::report::is_explained;
use serde_json::Value;

use super::{at_explain, explained, instant};
use crate::support::{Delivery, NOON, Plan, Samples, TestApp};

const PROJECTS: [&str; 3] = ["horizon/guichet", "horizon/notifications", "atlas/cartes"];
/// One in so many series is asked for: a prime, so that all labels are met.
const STRIDE: usize = 7;

/// Tells three weeks of some projects, and gives everybody's names.
async fn tell(app: &TestApp) -> BTreeSet<String> {
    let mut company = Company::new(1, NOON, 21, 60);
    let mut persons = BTreeSet::new();
    while let Some(told) = company.next_before(NOON) {
        if !PROJECTS.contains(&told.project) {
            continue;
        }
        names_of_persons(&serde_json::from_slice(&told.body).unwrap(), &mut persons);
        let delivery = Delivery::new(told.body.clone()).id(&told.id).event(told.event);
        assert_eq!(app.deliver(&delivery).await, 200);
    }
    persons
}

fn names_of_persons(value: &Value, names: &mut BTreeSet<String>) {
    const KEYS: [&str; 4] = ["username", "user_username", "email", "user_email"];
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| match value {
            Value::String(text) if KEYS.contains(&key.as_str()) => {
                names.insert(text.clone());
            }
            other => names_of_persons(other, names),
        }),
        Value::Array(items) => items.iter().for_each(|item| names_of_persons(item, names)),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_scraped_is_explained_by_rows_that_a_pencil_adds_up_to_it() {
    let extra = "[policy]\ncompat = { gitlab = true }\n\
                 [[team]]\nname = \"all\"\nprojects = [\"**\"]\n";
    let app = Plan::new(extra).start().await;
    let persons = tell(&app).await;
    assert!(persons.len() > 5, "{persons:?}");
    app.measure().await;
    let text = app.get("/metrics").await;
    let known = |line: &&str| {
        let name = line.split(['{', ' ']).next().unwrap();
        catalog::find_sample(name).is_some_and(|(metric, _)| is_explained(metric))
    };
    let lines: Vec<&str> = text.text().lines().filter(known).collect();
    assert!(lines.len() > 1_000, "{}", lines.len());
    let mut families = HashSet::new();
    for line in lines.iter().step_by(STRIDE) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let answer = explained(&app, &at_explain(series)).await;
        let (value, said) = (value.parse().unwrap(), answer["value"].as_f64().unwrap());
        assert!(is_near(said, value, 1e-15), "{line}: {said}");
        let added = pencil(&answer);
        assert!(is_near(added, value, 1e-9), "{line}: {added}");
        let said = answer.to_string();
        let named = persons.iter().find(|name| said.contains(name.as_str()));
        assert_eq!(named, None, "{line}");
        families.insert(answer["metric"].as_str().unwrap().to_owned());
    }
    assert!(families.len() > 30, "{families:?}");
}

/// Whether two numbers agree; a reader of JSON may be wrong in the last digit.
fn is_near(one: f64, other: f64, tolerance: f64) -> bool {
    (one - other).abs() <= tolerance * other.abs().max(1.0)
}

/// Adds the rows up as the formula says.
fn pencil(answer: &Value) -> f64 {
    let rows = answer["rows"].as_array().unwrap();
    let counts = || rows.iter().map(|row| &row["counts"]);
    let amount = |count: &Value| {
        count.get("seconds").or(count.get("changes")).and_then(Value::as_f64).unwrap()
    };
    let mut amounts: Vec<f64> = counts()
        .filter(|count| count["seconds"].is_u64() || count["changes"].is_u64())
        .map(amount)
        .collect();
    amounts.sort_by(f64::total_cmp);
    let sum =
        |part: &str| -> f64 { counts().filter_map(|count| count["share"][part].as_f64()).sum() };
    let number = |count: usize| f64::from(u32::try_from(count).unwrap());
    match answer["formula"]["form"].as_str().unwrap() {
        "count" => number(rows.len()),
        "sum" => amounts.iter().sum(),
        "count_per_day" => {
            number(rows.len()) * 86_400.0 / answer["window"]["seconds"].as_f64().unwrap()
        }
        "distinct_days" => {
            let days: BTreeSet<&str> =
                counts().map(|count| count["day"].as_str().unwrap()).collect();
            number(days.len())
        }
        "ratio" => sum("part") / sum("whole"),
        "failure_rate" => sum("part") / sum("whole").max(1.0),
        "median_of_medians" => {
            let medians = counts().map(|count| count["median_seconds"].as_f64().unwrap());
            let mut medians: Vec<f64> = medians.collect();
            medians.sort_by(f64::total_cmp);
            interpolated(&medians, 0.5)
        }
        "quantile" => {
            let labels = answer["series"].as_str().unwrap();
            let stats = [("p50", 0.5), ("p75", 0.75), ("p90", 0.9)];
            let (_, part) = stats.iter().find(|(stat, _)| labels.contains(stat)).unwrap();
            interpolated(&amounts, *part)
        }
        "variation" => {
            let mean = amounts.iter().sum::<f64>() / number(amounts.len());
            let square = |gap: &f64| (gap - mean).powi(2);
            (amounts.iter().map(square).sum::<f64>() / number(amounts.len())).sqrt() / mean
        }
        "least_age" => amounts[0],
        "greatest_age" => *amounts.last().unwrap(),
        other => panic!("{other} is no formula that a pencil knows"),
    }
}

fn interpolated(sorted: &[f64], part: f64) -> f64 {
    let place = part * f64::from(u32::try_from(sorted.len() - 1).unwrap());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small place")]
    let below = place.floor() as usize;
    let above = sorted[(below + 1).min(sorted.len() - 1)];
    sorted[below] + (place - place.floor()) * (above - sorted[below])
}

#[tokio::test]
async fn a_scorecard_lists_what_is_scraped() {
    let app = Plan::new("[[team]]\nname = \"all\"\nprojects = [\"**\"]\n").start().await;
    tell(&app).await;
    let samples = app.measure().await;
    let scorecard = explained(&app, "/api/v1/scorecard").await;
    let now = samples.value("gitlab_dora_exporter_snapshot_timestamp_seconds").unwrap();
    assert_eq!(scorecard["as_of"], instant(now));
    let past = explained(&app, &format!("/api/v1/scorecard?at={}", instant(now))).await;
    assert_eq!(past, scorecard);
    let listed: usize = [("projects", "project"), ("groups", "group"), ("teams", "team")]
        .map(|own| agree(&scorecard, own, &samples))
        .iter()
        .sum();
    assert!(listed > 1_000, "{listed}");
}

/// Compares all values of one kind of scope with the scrape, and counts them.
fn agree(scorecard: &Value, (scopes, label): (&str, &str), samples: &Samples) -> usize {
    let mut listed = 0;
    for scope in scorecard[scopes].as_array().unwrap() {
        for value in scope["values"].as_array().unwrap() {
            let labels = value["labels"].as_object().unwrap().iter();
            let labels: Vec<String> = labels
                .map(|(name, value)| format!("{name}=\"{}\"", value.as_str().unwrap()))
                .chain([format!("{label}=\"{}\"", scope["name"].as_str().unwrap())])
                .collect();
            let series = format!("{}{{{}}}", value["metric"].as_str().unwrap(), labels.join(","));
            let (shown, said) = (samples.value(&series), value["value"].as_f64().unwrap());
            assert!(shown.is_some_and(|shown| is_near(said, shown, 1e-15)), "{series}: {shown:?}");
            listed += 1;
        }
    }
    listed
}
