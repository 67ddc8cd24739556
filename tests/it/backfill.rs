//! GitLab's API read into the store by the real binary: whole, once, whatever happens meanwhile.

mod histories;
mod interrupted;
mod pipelines;
mod refusals;
mod serving;
mod town;
mod turns;
mod wanted;

use std::collections::BTreeMap;

use gitlab_dora_exporter::store::FactsDigest;

use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::Place;
use town::Town;

/// Reads all that is left, and gives what was printed.
async fn backfill(place: &Place, more: &[&str]) -> String {
    let arguments = [&["backfill", "--since", "3650d"], more].concat();
    let read = place.run_async(&arguments).await;
    let told = String::from_utf8_lossy(&read.stderr).into_owned();
    assert!(read.status.success(), "{told}");
    String::from_utf8(read.stdout).unwrap() + &told
}

fn digest(place: &Place) -> FactsDigest {
    place.store().digest().unwrap()
}

/// What a GitLab was asked, and how often each.
fn asked(gitlab: &FakeGitlab) -> BTreeMap<String, u32> {
    let mut asked = BTreeMap::new();
    for seen in gitlab.take_seen() {
        *asked.entry(format!("{} {:?}", seen.target, seen.query)).or_insert(0) += 1;
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_read_with_hardly_more_requests_than_it_has_pages() {
    let gitlab = FakeGitlab::start().await;
    let town = Town { merge_requests: 230, deployments: 450, issues: 320, commits: 250 };
    town.build(&gitlab, &[1, 2]);
    let place = Place::with_api("", &gitlab.url());

    let told = backfill(&place, &[]).await;
    assert!(told.contains("main: 2 projects, "), "{told}");
    let fewest = 1 + 2 * town.fewest_requests();
    let requests = u32::try_from(gitlab.seen()).unwrap();
    assert!(requests >= fewest && requests <= fewest * 6 / 5, "{requests} of {fewest}");
    let asked = asked(&gitlab);
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
    let facts = digest(&place).facts;
    assert!(facts > 2 * u64::from(town.rows()), "{facts} facts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_asks_for_the_projects_alone_and_changes_nothing() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1]);
    let place = Place::with_api("", &gitlab.url());
    backfill(&place, &[]).await;
    let (before, _) = (digest(&place), gitlab.take_seen());

    let told = backfill(&place, &[]).await;
    assert!(told.contains(" 1 requests, 1 rows read, 0 new"), "{told}");
    assert_eq!((digest(&place), gitlab.seen()), (before, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_by_webhook_too_is_the_same_fact() {
    let gitlab = FakeGitlab::start().await;
    let town = Town::small();
    town.build(&gitlab, &[1]);
    let (asked, both) = (Place::with_api("", &gitlab.url()), Place::with_api("", &gitlab.url()));
    backfill(&asked, &[]).await;

    let served = both.serve().await;
    let client = crate::support::process::http_client();
    for (number, body) in town.deployment_hooks(1).into_iter().enumerate() {
        let (url, id) = (both.url("/webhooks/gitlab"), format!("told-{number}"));
        let event = ("Deployment Hook", body.to_string().into_bytes());
        let answer = crate::support::process::signed(&client, &url, &id, event);
        assert_eq!(answer.send().await.unwrap().status(), 200);
    }
    assert_eq!(served.terminate(), Some(0));
    backfill(&both, &[]).await;

    let at = town::instant(20 * 86_400);
    let at = ["export", "--at", at.as_str()];
    let [asked, both] = [asked, both].map(|place| place.run(&at).stdout);
    assert!(String::from_utf8_lossy(&asked).contains("dora_window_deployments{"));
    assert_eq!(asked, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_reads_nothing_and_names_what_is_left() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1]);
    let place = Place::with_api("", &gitlab.url());
    let told = backfill(&place, &["--dry-run"]).await;
    assert!(
        told.contains("main: 7 lists of 1 projects are left, a request each at least"),
        "{told}"
    );
    assert!(told.contains("group/app-1 commits:main: 3650 days"), "{told}");
    assert_eq!((gitlab.seen(), digest(&place).facts), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_project_or_the_projects_of_a_group_are_read_alone() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1, 2]);
    let rows = gitlab.world().lists["projects"].clone();
    gitlab.put("groups/group/sub/projects", vec![rows[1].clone()]);
    gitlab.put_one("projects/group/app-1", rows[0].clone());
    let place = Place::with_api("", &gitlab.url());
    for (more, path) in
        [(["--project", "group/app-1"], "projects/1/"), (["--group", "group/sub"], "projects/2/")]
    {
        gitlab.take_seen();
        let told = backfill(&place, &more).await;
        assert!(told.contains("main: 1 projects"), "{told}");
        let seen = gitlab.take_seen();
        assert!(seen[1..].iter().all(|seen| seen.target.contains(path)), "{seen:?}");
        if more[0] == "--group" {
            assert_eq!(seen[0].parameter("with_shared"), Some("false"));
            assert_eq!(seen[0].parameter("include_subgroups"), Some("true"));
        }
    }
}
