//! `doctor` asks a real Prometheus about the exporter.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::{assert_found, codes, looked_with};
use crate::hooks::Told;
use crate::peers::{self, Running};
use crate::support::fake_gitlab::{Listener, Reply, refusal};
use crate::support::process::Place;

const STARTING: Duration = Duration::from_mins(1);

/// A Prometheus that scrapes an address every second.
struct Server {
    address: SocketAddr,
    _running: Running,
    _folder: TempDir,
}

impl Server {
    fn start(program: &Path, target: &str, rules: &str, drops: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [rules.yml]\n\
             scrape_configs:\n- job_name: gitlab-dora\n  honor_labels: true\n{drops}  \
             static_configs: [{{targets: [\"{target}\"]}}]\n"
        );
        fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        fs::write(folder.path().join("rules.yml"), rules).unwrap();
        let (address, running) = peers::prometheus(program, folder.path(), &[], STARTING);
        Self { address, _running: running, _folder: folder }
    }

    fn wait_for(&self, what: &str) {
        let has = |body: &str| body.contains("\"value\"");
        let query = format!("/api/v1/query?query={what}");
        let asked = || peers::get(self.address, &query).is_ok_and(|(_, body)| has(&body));
        peers::wait_until(what, STARTING, asked);
    }
}

async fn asked(place: &Place, prometheus: &str) -> Told {
    let arguments = ["doctor", "--json", "--only", "prometheus", "--prometheus", prometheus];
    looked_with(place, &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_tells_whether_it_scrapes_us_and_has_our_rules() {
    let Some(program) = peers::find("prometheus", "prometheus") else { return };
    let rules = "deploy/prometheus/rules/gitlab-dora.rules.yml";
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join(rules);
    let rules = fs::read_to_string(rules).unwrap();
    let place = Place::new("");
    let served = place.serve().await;
    let target = place.url("").replace("http://", "");

    let sound = Server::start(&program, &target, &rules, "");
    sound.wait_for("gitlab_dora_exporter_build_info");
    // Until a scrape after the first snapshot.
    sound.wait_for("gitlab_dora_exporter_snapshot_timestamp_seconds");
    let told = asked(&place, &format!("http://{}", sound.address)).await;
    for code in ["prometheus_answers", "scrape_fresh", "scrape_whole", "rules_loaded"] {
        assert!(codes(&told).contains(&code.to_owned()), "{code} in {told:?}");
    }
    assert_eq!(told.code, Some(0), "{told:?}");
    drop(sound);

    let drops = "  metric_relabel_configs: [{source_labels: [__name__], regex: \
                 'gitlab_dora_exporter_queue.*', action: drop}]\n";
    let few = "groups: [{name: x, rules: [{alert: GitLabDoraHookDisabled, expr: vector(1)}]}]";
    let lossy = Server::start(&program, &target, few, drops);
    lossy.wait_for("gitlab_dora_exporter_build_info");
    lossy.wait_for("ALERTS");
    let told = asked(&place, &format!("http://{}", lossy.address)).await;
    assert_found(
        &told,
        "2 of our families do not arrive in Prometheus: gitlab_dora_exporter_queue_bytes",
    );
    assert!(codes(&told).contains(&"rules_lack".to_owned()), "{told:?}");
    assert_found(&told, "GitLabDoraHookDisabled fires");
    drop(lossy);
    assert_eq!(served.terminate(), Some(0));

    let elsewhere = Server::start(&program, &peers::free_address().to_string(), "groups: []", "");
    let told = asked(&place, &format!("http://{}", elsewhere.address)).await;
    assert!(codes(&told).contains(&"scrape_none".to_owned()), "{told:?}");
    assert!(codes(&told).contains(&"rules_none".to_owned()), "{told:?}");
    assert_eq!(told.code, Some(1), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_prometheus_or_does_not_let_us_in_is_told_apart() {
    let place = Place::new("");
    for (reply, code) in [
        (refusal(401, ""), "prometheus_refuses"),
        (refusal(404, ""), "prometheus_foreign"),
        (Reply::json(200, &json!({"hello": 1})), "prometheus_foreign"),
        (refusal(302, "").header("location", "https://login.example.com"), "prometheus_foreign"),
    ] {
        let listener = Listener::start(move |_| reply.clone()).await;
        let told = asked(&place, &format!("http://{}", listener.address)).await;
        assert_eq!(codes(&told), [code], "{told:?}");
        assert_eq!(told.code, Some(1));
    }
    let told = asked(&place, "http://127.0.0.1:1").await;
    assert_eq!(codes(&told), ["prometheus_silent"]);
    assert_eq!(asked(&place, "nowhere").await.code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_the_configuration_is_sent_and_never_shown() {
    const SECRET: &str = "canary-of-prometheus";
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = std::sync::Arc::clone(&seen);
    let listener = Listener::start(move |request| {
        noted.lock().unwrap().push(request.headers.get("authorization").cloned());
        refusal(403, "")
    })
    .await;
    let policy =
        format!("[prometheus]\nurl = \"http://{}\"\ntoken = \"{SECRET}\"\n", listener.address);
    let told =
        looked_with(&Place::new(&policy), &["doctor", "--json", "--only", "prometheus"]).await;
    assert_eq!(codes(&told), ["prometheus_refuses"]);
    assert!(!format!("{told:?}").contains(SECRET));
    assert_eq!(*seen.lock().unwrap(), [Some(format!("Bearer {SECRET}"))]);
}
