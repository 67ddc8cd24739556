//! A real Prometheus scrapes the real program and answers every question we ship.

mod past;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::artifacts::dashboard::{self, Expression};
use crate::artifacts::promql::Query;
use crate::artifacts::rules;
use crate::peers::{self, Running};

/// The demo loads 120 days of history, here without optimisation and beside other tests.
const LOADING: Duration = Duration::from_mins(10);
/// For a peer that only has to start.
const STARTING: Duration = Duration::from_mins(1);
/// promtool's one finding that we accept: a count of days is no duration.
const ALLOWED_FINDING: &str = "_deployment_days use base unit \"seconds\" instead of \"days\"";

/// What an alert looks at that the demo cannot show: it has no GitLab to ask.
const NEED_A_GITLAB: [&str; 4] = [
    "dora_data_complete",
    "gitlab_dora_exporter_gitlab_token_expiry_timestamp_seconds",
    "gitlab_dora_exporter_hooks",
    "gitlab_dora_exporter_reconcile_missing",
];

#[test]
fn a_real_prometheus_finds_no_fault_and_answers_every_expression() {
    let (Some(prometheus), Some(promtool)) =
        (peers::find("prometheus", "prometheus"), peers::find("promtool", "prometheus"))
    else {
        return;
    };
    let demo = Demo::start();
    demo.wait_until_loaded();
    assert_no_finding(&promtool, &demo.scrape());

    let server = Server::start(&prometheus, demo.address);
    server.assert_every_panel_has_data();
    server.assert_every_variable_has_values();
    server.assert_rules_are_healthy();
    past::assert_the_past_can_be_taken_in(&prometheus, &promtool, &demo.store());
}

/// The demo in a process of its own.
struct Demo {
    address: SocketAddr,
    _running: Running,
    folder: TempDir,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
        program.args(["demo", "--listen", "127.0.0.1:0"]).env("TMPDIR", folder.path());
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let running = Running(child);
        let address = announced_address(lines);
        Self { address, _running: running, folder }
    }

    /// The directory of its store.
    fn store(&self) -> PathBuf {
        let folders = fs::read_dir(self.folder.path()).unwrap();
        let stores = folders.map(|folder| folder.unwrap().path().join("store"));
        stores.into_iter().find(|store| store.is_dir()).expect("the demo keeps a store")
    }

    fn scrape(&self) -> String {
        peers::get(self.address, "/metrics").map_or_else(|_| String::new(), |(_, body)| body)
    }

    /// Until a snapshot shows a group's median of the last 90 days.
    fn wait_until_loaded(&self) {
        let ready = || peers::get(self.address, "/-/ready").is_ok_and(|(code, _)| code == 200);
        peers::wait_until("the demo is ready", LOADING, ready);
        peers::wait_until("the demo is loaded", LOADING, || {
            self.scrape().contains("dora_group_failed_deployment_recovery_time_seconds{")
        });
    }
}

/// Reads what the demo prints until it names its metrics; goes on reading, so that it never waits
/// for a reader.
fn announced_address(
    mut lines: impl Iterator<Item = std::io::Result<String>> + Send + 'static,
) -> SocketAddr {
    let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once("http://")?;
        let (address, _) = rest.split_once("/metrics")?;
        address.parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    address.unwrap_or_else(|| panic!("the demo did not print the address of its metrics"))
}

/// `promtool check metrics` accepts what a scrape gave.
fn assert_no_finding(promtool: &Path, scraped: &str) {
    let mut program = Command::new(promtool);
    program.args(["check", "metrics"]);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    child.stdin.take().unwrap().write_all(scraped.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let (allowed, findings): (Vec<_>, Vec<_>) =
        said.lines().partition(|line| line.ends_with(ALLOWED_FINDING));
    assert_eq!(findings, Vec::<&str>::new());
    // Shows that promtool read the scrape at all: the metric is there.
    assert!(!allowed.is_empty(), "{scraped:.500}");
}

/// A Prometheus with our scrape configuration and rules.
struct Server {
    address: SocketAddr,
    _running: Running,
    _folder: TempDir,
}

impl Server {
    fn start(program: &Path, target: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus");
        let rules = folder.path().join("rules");
        fs::create_dir(&rules).unwrap();
        let name = "gitlab-dora.rules.yml";
        let shipped_rules = fs::read_to_string(shipped.join("rules").join(name)).unwrap();
        let eager = shipped_rules.replace("interval: 1m", "interval: 1s");
        fs::write(rules.join(name), eager).unwrap();
        let config = fs::read_to_string(shipped.join("prometheus.yml")).unwrap();
        for shipped in ["127.0.0.1:13672", "scrape_interval: 15s", "evaluation_interval: 15s"] {
            assert!(config.contains(shipped), "{shipped} is no longer in the sample");
        }
        let config = config.replace("127.0.0.1:13672", &target.to_string());
        let config = config.replace("_interval: 15s", "_interval: 1s");
        fs::write(folder.path().join("prometheus.yml"), config).unwrap();

        Self::run(program, folder)
    }

    /// Runs on the configuration `prometheus.yml` and the blocks below `data` of a folder.
    fn run(program: &Path, folder: TempDir) -> Self {
        let (address, running) = peers::prometheus(
            program,
            folder.path(),
            &["--storage.tsdb.retention.time=10y"],
            STARTING,
        );
        Self { address, _running: running, _folder: folder }
    }

    /// The result of an instant query; empty while there is none.
    fn query(&self, expression: &str) -> Vec<Value> {
        let answer = self.api(&format!("query?query={}", percent_encoded(expression)));
        answer["result"].as_array().unwrap().clone()
    }

    fn api(&self, path: &str) -> Value {
        let (status, body) = peers::get(self.address, &format!("/api/v1/{path}")).unwrap();
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &answer["status"]), (200, &Value::from("success")), "{path}: {body}");
        answer["data"].clone()
    }

    /// Asks every question until each has been answered; a rate needs several scrapes.
    fn assert_all_answered(&self, questions: Vec<Expression>) {
        assert!(!questions.is_empty());
        let mut open = questions;
        let answered = |question: &Expression| !self.query(&question.opened()).is_empty();
        let all = peers::try_until(STARTING, || {
            open.retain(|question| !answered(question));
            open.is_empty()
        });
        assert!(all, "no data for {open:#?}");
    }

    fn assert_every_panel_has_data(&self) {
        let dashboards = dashboard::all();
        self.assert_all_answered(
            dashboards
                .iter()
                .flat_map(|(_, dashboard)| dashboard::expressions(dashboard))
                .collect(),
        );
    }

    fn assert_every_variable_has_values(&self) {
        let dashboards = dashboard::all();
        self.assert_all_answered(
            dashboards.iter().flat_map(|(_, dashboard)| dashboard::variables(dashboard)).collect(),
        );
    }

    /// Every rule evaluates; what records make has values, and so has everything that alerts look
    /// at, though none of them fires.
    fn assert_rules_are_healthy(&self) {
        let (alerts, records): (Vec<_>, Vec<_>) =
            rules::all().into_iter().partition(|rule| rule.alerts);
        let recorded = records.iter().map(|rule| rule.expression.place.clone());
        let watched = alerts
            .iter()
            .flat_map(|rule| Query::parse(&rule.expression.text).uses)
            .map(|used| used.name)
            .filter(|name| !NEED_A_GITLAB.contains(&name.as_str()));
        let names: BTreeSet<_> = recorded.chain(watched).collect();
        let exists = |text: String| Expression { place: "a rule".to_owned(), text };
        self.assert_all_answered(names.into_iter().map(exists).collect());

        let calm = |rule: &Value| {
            rule["health"] == "ok" && (rule["state"].is_null() || rule["state"] == "inactive")
        };
        let mut left = Vec::new();
        let all = peers::try_until(STARTING, || {
            let loaded = self.rules();
            assert_eq!(loaded.len(), alerts.len() + records.len());
            left = loaded.into_iter().filter(|rule| !calm(rule)).collect();
            left.is_empty()
        });
        assert!(all, "{left:#?}");
    }

    fn rules(&self) -> Vec<Value> {
        let answer = self.api("rules");
        let groups = answer["groups"].as_array().unwrap().iter();
        groups.flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
    }
}

/// A text as a value in a query string (RFC 3986).
fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
