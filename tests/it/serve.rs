//! `serve` and `export` as a supervisor and an operator meet them: signals, exit codes, words.

use std::collections::BTreeSet;
use std::net::TcpListener;

use crate::support::process::{Place, Served, http_client, signed};
use crate::support::{Samples, deployment, wait_until};

async fn scrape(place: &Place) -> String {
    http_client().get(place.url("/metrics")).send().await.unwrap().text().await.unwrap()
}

async fn measured(place: &Place, selector: &str, expected: f64) {
    let shown = async || Samples::parse(&scrape(place).await).sum(selector) == Some(expected);
    wait_until(selector, shown).await;
}

async fn serve_one_deployment(place: &Place) -> Served {
    let served = place.serve().await;
    let body = ("Deployment Hook", deployment(1).to_string().into_bytes());
    let url = place.url("/webhooks/gitlab");
    let answer = signed(&http_client(), &url, "a1", body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    served
}

#[tokio::test]
async fn asked_to_stop_it_ends_with_success_and_says_what_it_did() {
    let place = Place::new("");
    let served = place.serve().await;
    let said = async || place.log().contains("ready; waiting for the first delivery at http://");
    wait_until("it says that it is ready", said).await;
    assert_eq!(served.terminate(), Some(0));
    assert!(place.log().ends_with("stopped\n"), "{}", place.log());
}

#[tokio::test]
async fn asked_twice_it_does_not_wait_for_anything() {
    let place = Place::new("");
    let served = place.serve_with(&[("GITLAB_DORA_SERVER__DRAIN_DELAY", "5m")]).await;
    served.signal("-INT");
    wait_until("it stops", async || place.log().contains("stopping")).await;
    served.signal("-TERM");
    assert_eq!(served.wait(), Some(1));
}

#[tokio::test]
async fn a_hangup_reads_the_configuration_again() {
    let place = Place::new("");
    let served = place.serve().await;
    let successful = "gitlab_dora_exporter_config_last_reload_successful";
    let right = std::fs::read_to_string(place.config()).unwrap();
    for (text, expected) in [(format!("{right}\nnonsense = 1\n"), 0.0), (right, 1.0)] {
        std::fs::write(place.config(), text).unwrap();
        served.signal("-HUP");
        measured(&place, successful, expected).await;
    }
    assert_eq!(served.terminate(), Some(0));
}

#[tokio::test]
async fn a_second_program_on_the_same_store_ends_at_once_and_the_first_goes_on() {
    let place = Place::new("");
    let served = place.serve().await;
    let second = place.run(&["serve"]);
    assert_eq!(second.status.code(), Some(5));
    let words = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(words.contains("is in use by process") && words.contains("try: "), "{words}");
    assert!(scrape(&place).await.contains("gitlab_dora_exporter_build_info"));
    assert_eq!(served.terminate(), Some(0));
}

#[test]
fn an_address_that_is_taken_is_named() {
    let place = Place::new("");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = place.run(&["serve", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains(&format!("failed to listen on {address}")), "{words}");
    assert!(words.contains("try: stop the program that has the address"), "{words}");
}

#[tokio::test]
async fn an_export_shows_what_a_scrape_of_that_instant_showed_while_the_exporter_runs() {
    let place = Place::new("[exposition]\nrefresh = \"1s\"\n");
    let served = serve_one_deployment(&place).await;
    measured(&place, "dora_deployments_total{status=\"success\"}", 1.0).await;

    let text = scrape(&place).await;
    let as_of = Samples::parse(&text).value("gitlab_dora_exporter_snapshot_timestamp_seconds");
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds of this century")]
    let at = jiff::Timestamp::from_second(as_of.unwrap() as i64).unwrap().to_string();
    let output = place.run(&["export", "--at", &at]);
    assert!(output.status.success(), "{output:?}");
    let exported = String::from_utf8(output.stdout).unwrap();
    let (exported, scraped) = (gauges(&exported), gauges(&text));
    assert!(exported.iter().any(|line| line.starts_with("dora_window_deployments{")));
    assert_eq!(exported, scraped);

    let open_metrics = place.run(&["export", "--format", "openmetrics"]).stdout;
    assert!(open_metrics.ends_with(b"# EOF\n"));
    assert_eq!(served.terminate(), Some(0));
    assert!(place.run(&["export"]).status.success(), "no program needs to run");
}

/// What is known of any instant: everything but lifetime totals and histograms.
fn gauges(text: &str) -> BTreeSet<String> {
    let lifetime = ["_total{", "_bucket{", "_sum{", "_count{"];
    text.lines()
        .filter(|line| line.starts_with("dora_"))
        .filter(|line| !lifetime.iter().any(|ending| line.contains(ending)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn an_export_without_a_store_says_so_and_makes_none() {
    let place = Place::new("");
    let output = place.run(&["export"]);
    assert_eq!(output.status.code(), Some(5));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("cannot read") && words.contains("there is none"), "{words}");
    let wrong = place.run(&["export", "--at", "yesterday"]);
    assert_eq!(wrong.status.code(), Some(2));
}
