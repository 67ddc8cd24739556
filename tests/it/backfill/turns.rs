//! `serve` reads what moved, and again what a new policy asks for, without asking for the rest.

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use serde_json::json;

use super::histories::{POLICY, Story};
use super::town::{Town, deployment};
use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::{Place, http_client};
use crate::support::wait_until;

const OFTEN: &str = "[exposition]\nrefresh = \"1s\"\n";

async fn metrics(place: &Place) -> String {
    http_client().get(place.url("/metrics")).send().await.unwrap().text().await.unwrap()
}

async fn is_read(place: &Place) {
    wait_until("it is read", async || place.log().contains("read GitLab's API")).await;
}

/// The sum of the series of a family that have all of these labels.
fn sum(text: &str, family: &str, labels: &[&str]) -> f64 {
    let lines = text.lines().filter(|line| line.starts_with(&format!("{family}{{")));
    let own = lines.filter(|line| labels.iter().all(|label| line.contains(label)));
    own.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_meanwhile_is_read_of_the_project_that_moved_and_of_no_other() {
    let gitlab = FakeGitlab::start().await;
    let town = Town { merge_requests: 1, deployments: 3, issues: 1, commits: 3 };
    town.build(&gitlab, &(1..=20).collect::<Vec<_>>());
    let place = Place::reading_api(OFTEN, &gitlab.url());
    let served = place.serve().await;
    is_read(&place).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());

    // A reading is of what happened before its second.
    let now = SystemClock.now().as_second() - 60;
    let now = jiff::Timestamp::from_second(now).unwrap().to_string();
    let mut lost = deployment(7, 4);
    for key in ["created_at", "updated_at"] {
        lost[key] = json!(now);
    }
    lost["deployable"]["finished_at"] = json!(now);
    gitlab.world().lists.get_mut("projects/7/deployments").unwrap().push(lost);
    gitlab.world().lists.get_mut("projects").unwrap()[6]["last_activity_at"] = json!(now);
    gitlab.take_seen();

    let served = place.serve().await;
    let own = ["project=\"group/app-7\"", "window=\"90d\"", "environment_tier=\"production\""];
    let shows = async || {
        let text = metrics(&place).await;
        let complete = sum(&text, "dora_data_complete", &[]);
        let deployments = sum(&text, "dora_window_deployments", &own);
        // Of the others GitLab shows that there is nothing to read.
        (deployments - 4.0).abs() < 0.1 && (complete - 20.0).abs() < 0.1
    };
    wait_until("what was lost is shown, and all is complete", shows).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
    let seen: Vec<String> = gitlab.take_seen().into_iter().map(|seen| seen.target).collect();
    let (own, others): (Vec<&String>, Vec<&String>) =
        seen.iter().partition(|target| target.contains("/projects/7/"));
    assert_eq!(others, ["/gitlab/api/v4/projects"]);
    // What was stopped may have had more to ask.
    assert!(own.iter().any(|target| target.contains("/deployments")), "{own:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reloaded_policy_asks_for_is_read_of_the_past_without_a_restart() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    let place = Place::reading_api(OFTEN, &gitlab.url());
    let served = place.serve().await;
    is_read(&place).await;
    let label_events = || gitlab.world().seen_below("resource_label_events").len();
    assert_eq!(label_events(), 0);
    let validated = "dora_need_lead_time_seconds{basis=\"validated\"";
    assert!(!metrics(&place).await.contains(validated));

    let config = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), config + POLICY).unwrap();
    let reload = http_client().post(place.url("/-/reload")).send().await.unwrap();
    assert_eq!(reload.status(), 200);
    let shows = async || {
        let text = metrics(&place).await;
        text.contains(validated) && text.contains("dora_data_complete{project=\"group/app\"} 1\n")
    };
    wait_until("the need is shown", shows).await;
    assert_eq!(label_events(), 3, "each issue once");
    assert_eq!(served.terminate(), Some(0), "{}", place.log());

    // What was read is known by its bookmark.
    gitlab.take_seen();
    let served = place.serve().await;
    is_read(&place).await;
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
    assert_eq!(label_events(), 0);
}
