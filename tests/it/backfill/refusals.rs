//! What GitLab does not give: said, passed over, and no reason to stop; and what is.

use serde_json::json;

use crate::support::fake_gitlab::{FakeGitlab, Fault, Reply};
use crate::support::process::Place;

use super::town::Town;
use super::{backfill, digest};

#[tokio::test(flavor = "multi_thread")]
async fn one_projects_refusal_stops_no_other_and_is_said() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1, 2]);
    gitlab.world().refused.insert("projects/1/deployments".to_owned(), 403);
    gitlab.world().refused.insert("projects/1/issues".to_owned(), 404);
    gitlab.world().refused.insert("projects/2/merge_requests/1/notes".to_owned(), 403);
    gitlab.put("projects/2/releases", vec![json!("no release"), json!({"tag_name": "v1"})]);
    let place = Place::with_api("", &gitlab.url());
    let told = backfill(&place, &[]).await;
    for line in [
        "warning: main: group/app-1: deployments not read: GitLab does not allow this",
        "warning: main: group/app-1: issues not read: GitLab has no such thing",
        "warning: main: group/app-2: merge_request_note not read: GitLab does not allow this",
        "warning: main: 1 rows could not be read",
        "try: the feature may be switched off for the project",
        "3 lists not given",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }

    let before = digest(&place).facts;
    gitlab.world().refused.clear();
    let told = backfill(&place, &[]).await;
    assert!(told.contains("0 lists not given"), "{told}");
    assert!(digest(&place).facts > before + 5, "what is allowed now is read now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_accepted_ends_the_run() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1]);
    let place = Place::with_api("", &gitlab.url());
    gitlab.fault("/projects/1/issues", Fault::Instead(Reply::json(401, &json!({}))));
    let read = place.run_async(&["backfill", "--since", "3650d"]).await;
    let told = String::from_utf8_lossy(&read.stderr);
    assert_eq!(read.status.code(), Some(4), "{told}");
    assert!(told.contains("error: GitLab refused\ncaused by: GitLab does not accept"), "{told}");
    let kept = digest(&place).facts;
    backfill(&place, &[]).await;
    assert!(kept > 5 && digest(&place).facts > kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_outside_of_a_filter_that_gitlab_ignores_are_left_out() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1]);
    // A list under this name is given as it is, whatever is asked.
    let old = json!([{"iid": 9, "updated_at": "2001-01-01T00:00:00Z", "state": "closed"}]);
    gitlab.fault("/projects/1/issues", Fault::Instead(Reply::json(200, &old)));
    let place = Place::with_api("", &gitlab.url());
    let told = backfill(&place, &[]).await;
    assert!(told.contains("1 rows were outside of what was asked for"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_an_exporter_has_open_is_not_touched() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1]);
    let place = Place::with_api("", &gitlab.url());
    let _served = place.serve().await;
    let read = place.run_async(&["backfill"]).await;
    let told = String::from_utf8_lossy(&read.stderr);
    assert_eq!(read.status.code(), Some(5), "{told}");
    assert!(told.contains("try: stop the exporter first"), "{told}");
    assert_eq!(gitlab.seen(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_there_is_nothing_to_ask() {
    let place = Place::new("");
    let read = place.run(&["backfill"]);
    let told = String::from_utf8_lossy(&read.stderr);
    assert_eq!(read.status.code(), Some(3), "{told}");
    assert!(told.contains("error: no GitLab has a token for its API"), "{told}");
}
