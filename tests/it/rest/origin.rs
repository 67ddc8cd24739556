//! The token goes to the configured address and nowhere else, whatever GitLab says.

use std::sync::{Arc, Mutex};

use gitlab_dora_exporter::rest::RestError;
use serde_json::json;

use super::{Pair, ids, rows};
use crate::support::fake_gitlab::{Fault, Listener, Reply, Seen, refusal};

/// A stranger's server that would answer anything, and remembers who came.
struct Stranger {
    listener: Listener,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stranger {
    async fn start() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let remembering = Arc::clone(&seen);
        let listener = Listener::start(move |request| {
            remembering.lock().unwrap().push(request);
            Reply::json(200, &json!([{"id": 666}]))
        })
        .await;
        Self { listener, seen }
    }

    #[track_caller]
    fn assert_untouched(&self) {
        assert_eq!(self.listener.connections(), 0, "{:?}", self.seen.lock().unwrap());
    }
}

async fn redirected(pair: &Pair, status: u16, location: &str) -> RestError {
    let reply = refusal(status, "moved").header("location", location);
    pair.gitlab.fault("projects", Fault::Instead(reply));
    pair.client.get(&["projects", "7"], &[]).await.unwrap_err()
}

#[tokio::test]
async fn a_redirect_is_an_error_that_names_the_host_and_is_not_followed() {
    let (pair, stranger) = (Pair::start().await, Stranger::start().await);
    let there = stranger.listener.address;
    let secret = "secret-of-the-page";
    for status in [301, 302, 303, 307, 308] {
        let location = format!("http://{there}/x?private_token={secret}");
        let error = redirected(&pair, status, &location).await;
        let RestError::Moved { status: said, host } = &error else { panic!("{error:?}") };
        assert_eq!((*said, host.as_str()), (status, there.to_string().as_str()));
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
    for location in [format!("//{there}/x"), format!("http://user:{secret}@{there}/x")] {
        let error = redirected(&pair, 302, &location).await;
        assert!(matches!(error, RestError::Moved { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
    stranger.assert_untouched();
}

#[tokio::test]
async fn a_moved_project_is_an_error_on_the_same_host_too() {
    let pair = Pair::start().await;
    let there = format!("{}/api/v4/projects/8", pair.gitlab.url());
    let reply = refusal(301, "moved").header("location", there);
    pair.gitlab.fault("old%2Fpath", Fault::Instead(reply));
    let error = pair.client.get(&["projects", "old/path"], &[]).await.unwrap_err();
    assert!(matches!(error, RestError::Moved { status: 301, .. }), "{error:?}");
    assert_eq!(pair.gitlab.seen(), 1);
}

#[tokio::test]
async fn the_host_of_a_next_link_is_never_asked() {
    let (pair, stranger) = (Pair::start().await, Stranger::start().await);
    pair.gitlab.put("projects/7/deployments", rows(1..=150));
    let there = stranger.listener.address;
    for target in [
        format!("http://{there}/gitlab/api/v4/projects/7/deployments?page=2"),
        format!("//{there}/steal?page=2"),
        format!("http://{there}@{there}/?page=2"),
        format!("http://127.0.0.1:1@{there}/?page=2#{there}"),
    ] {
        let link = Fault::With(vec![("link", format!("<{target}>; rel=\"next\""))]);
        pair.gitlab.fault("deployments", link);
        let mut pages = pair.client.pages(&["projects", "7", "deployments"], &[]);
        pages.next().await.unwrap().unwrap();
        let second = pages.next().await.unwrap().unwrap();
        assert_eq!(ids(&second), (101..=150).collect::<Vec<_>>(), "read where GitLab is");
    }
    stranger.assert_untouched();
}

#[tokio::test]
async fn no_part_of_a_path_leads_out_of_the_api() {
    let pair = Pair::start().await;
    for part in ["..", ".", ""] {
        let error = pair.client.get(&["projects", part, "hooks"], &[]).await.unwrap_err();
        assert!(matches!(error, RestError::NotFound), "{part}: {error:?}");
    }
    assert_eq!(pair.gitlab.seen(), 0);
    for part in ["../../../x", "%2e%2e", "7?a=b", "7#x", "//evil.example", "\\\\evil.example"] {
        pair.client.get(&["projects", part], &[]).await.unwrap_err();
    }
    for seen in pair.gitlab.take_seen() {
        assert!(seen.target.starts_with("/gitlab/api/v4/projects/"), "{}", seen.target);
        assert!(!seen.target.contains("/../") && seen.query.is_empty(), "{seen:?}");
    }
}
