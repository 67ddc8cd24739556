//! The numbers of the past, exported as a span of time and taken in by a real Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use super::Server;

/// The instants of the span: eleven, six hours apart.
const STEPS: i64 = 10;
const STEP_HOURS: i64 = 6;

/// Everything that was measured at one instant: value by name and labels.
type Measured = BTreeMap<String, f64>;

/// Instants that are asked for, in steps from the first one.
const ASKED: [i64; 3] = [0, 3, STEPS];

/// Exports two and a half days up to an hour ago; makes blocks of them, and asks Prometheus for some
/// of the instants: it says what `export --at` says, of every series.
///
/// The demo goes on meanwhile, and what it tells may change what is known of the past: so `--at` is
/// asked before and after the span, and either answer is right.
pub(super) fn assert_the_past_can_be_taken_in(prometheus: &Path, promtool: &Path, store: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let to = Timestamp::from_second(SystemClock.now().as_second() - 3_600).unwrap();
    let from = to.checked_sub((STEPS * STEP_HOURS).hours()).unwrap();
    let instants = ASKED.map(|steps| from.checked_add((steps * STEP_HOURS).hours()).unwrap());
    let before = instants.map(|at| at_once(store, at));
    let span = folder.path().join("span.om");
    let step = format!("{STEP_HOURS}h");
    let args = ["--from", &from.to_string(), "--to", &to.to_string(), "--step", &step];
    let exported = exporter(store, &args).stdout(File::create(&span).unwrap()).status().unwrap();
    assert!(exported.success());
    let after = instants.map(|at| at_once(store, at));

    let blocks = Command::new(promtool)
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([&span, &folder.path().join("data")])
        .output()
        .unwrap();
    assert!(blocks.status.success(), "{}", String::from_utf8_lossy(&blocks.stderr));

    fs::write(folder.path().join("prometheus.yml"), "global: {}\n").unwrap();
    let server = Server::run(prometheus, folder);
    for ((at, before), after) in instants.into_iter().zip(before).zip(after) {
        assert!(before.len() > 1_000, "only {} series at {at}", before.len());
        let found = from_prometheus(&server, at);
        let differs = |series: &&String| {
            let own = found.get(*series);
            own != before.get(*series) && own != after.get(*series)
        };
        let all: BTreeSet<&String> =
            found.keys().chain(before.keys()).chain(after.keys()).collect();
        let different: Vec<&String> = all.into_iter().filter(differs).take(5).collect();
        assert!(different.is_empty(), "at {at}, among others: {different:?}");
    }
}

/// Everything as of one instant.
fn at_once(store: &Path, at: Timestamp) -> Measured {
    let said = exporter(store, &["--at", &at.to_string()]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    from_text(&String::from_utf8(said.stdout).unwrap())
}

fn exporter(store: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
    command.arg("export").args(args).env("GITLAB_DORA_STORE__DIRECTORY", store);
    command
}

fn from_text(text: &str) -> Measured {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let read = |line: &str| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        (series.to_owned(), value.parse().unwrap())
    };
    lines.map(read).collect()
}

fn from_prometheus(server: &Server, at: Timestamp) -> Measured {
    let query = super::percent_encoded("{__name__=~\"dora_.+|gitlab_dora_.+\"}");
    let answer = server.api(&format!("query?query={query}&time={}", at.as_second()));
    let series = answer["result"].as_array().unwrap().iter();
    let read = |sample: &Value| {
        let metric = sample["metric"].as_object().unwrap();
        let labels = metric.iter().filter(|(name, _)| *name != "__name__");
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value}")).collect();
        let name = metric["__name__"].as_str().unwrap();
        let value = sample["value"][1].as_str().unwrap().parse().unwrap();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        (format!("{name}{labels}"), value)
    };
    series.map(read).collect()
}
