//! GitLab's own numbers, asked in its words of the running program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use gitlab_dora_exporter::clock::{Clock, SystemClock};
use serde_json::Value;

use super::scenario::Scenario;
use super::{agrees, family};
use crate::support::process::Place;

/// How long what was acknowledged may take to be part of an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Families by GitLab's names of metrics, project or group left out.
const METRICS: [(&str, &str); 4] = [
    ("deployment_frequency", "deployment_frequency"),
    ("lead_time_for_changes_seconds", "lead_time_for_changes"),
    ("time_to_restore_service_seconds", "time_to_restore_service"),
    ("change_failure_rate", "change_failure_rate"),
];

/// Asks for every value that GitLab is said to show, and gives those that differ with their number.
pub(super) async fn differing(
    scenario: &Scenario,
    place: &Place,
    client: &reqwest::Client,
) -> (u64, Vec<String>) {
    let (mut asked, mut differing) = (0, Vec::new());
    for (series, expected) in &scenario.expected_gitlab {
        let Some(url) = url(scenario, series) else { continue };
        asked += 1;
        let started = SystemClock.monotonic();
        let got = loop {
            let answer = client.get(place.url(&url)).send().await.unwrap();
            let is_late = started.elapsed() > PATIENCE;
            // While the history is being read, nothing is answered.
            let got = if answer.status() == 503 { Err(503) } else { Ok(value(answer).await) };
            match got {
                Ok(got) if agrees(got, *expected) || is_late => break got,
                Err(status) if is_late => panic!("{url}: {status}"),
                _ => {}
            }
        };
        let told = || format!("{} {series} at {url}: {got:?}, not {expected:?}", scenario.id);
        differing.extend((!agrees(got, *expected)).then(told));
    }
    (asked, differing)
}

/// The one value of a whole range.
async fn value(answer: reqwest::Response) -> Option<f64> {
    assert_eq!(answer.status(), 200);
    let points: Vec<BTreeMap<String, Value>> =
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let [point] = points.as_slice() else { panic!("one point, not {points:?}") };
    assert_eq!(point["date"], Value::Null);
    point["value"].as_f64()
}

/// Where a series is asked for; `None` for the count, which GitLab's API does not give.
fn url(scenario: &Scenario, series: &str) -> Option<String> {
    let name = family(series).strip_prefix("dora_gitlab_").unwrap();
    let (container, name) =
        name.strip_prefix("group_").map_or(("projects", name), |name| ("groups", name));
    let (_, metric) = METRICS.iter().find(|(own, _)| *own == name)?;
    let label = |name: &str| {
        let (_, after) = series.split_once(&format!("{name}=\"")).unwrap();
        after.split_once('"').unwrap().0
    };
    let path = label(container.trim_end_matches('s')).replace('/', "%2F");
    let query = &scenario.gitlab_query[label("window")];
    let (start, end, interval) = (&query.start_date, &query.end_date, &query.interval);
    let mut url = format!(
        "/api/v4/{container}/{path}/dora/metrics\
         ?metric={metric}&start_date={start}&end_date={end}&interval={interval}"
    );
    for tier in &query.environment_tiers {
        write!(url, "&environment_tiers[]={tier}").unwrap();
    }
    Some(url)
}
