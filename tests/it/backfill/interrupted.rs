//! Killed in the middle, time and again; and a GitLab that changes while it is read.

use crate::support::fake_gitlab::{FakeGitlab, Fault, Reply};
use crate::support::process::Place;
use crate::support::wait_until;

use super::town::{Town, instant, merge_request};
use super::{asked, backfill, digest};

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_point_costs_the_page_under_way_and_no_fact() {
    let gitlab = FakeGitlab::start().await;
    let town = Town { merge_requests: 60, deployments: 130, issues: 240, commits: 120 };
    town.build(&gitlab, &[1, 2]);
    let whole = Place::with_api("", &gitlab.url());
    backfill(&whole, &[]).await;
    let needed: u32 = asked(&gitlab).values().sum();
    assert_eq!(needed, 1 + 2 * town.fewest_requests());

    let place = Place::with_api("", &gitlab.url()).with_key_of(&whole);
    let kills =
        [3, 9, 10, 13, 30, 60, 61, 75, 100, 120, 140, 160, 185, 210, 235, 250, 260, 285, 310, 335];
    for kill in kills {
        let running = place.spawn(&["backfill", "--since", "3650d"]);
        wait_until("it has asked so much", async || gitlab.seen() >= kill).await;
        running.kill();
    }
    backfill(&place, &[]).await;
    assert_eq!(digest(&place), digest(&whole));
    let requests: u32 = asked(&gitlab).values().sum();
    // Each start asks for the projects, and for the page again on which it was killed; a merge
    // request has two lists, which are kept together.
    let again = u32::try_from(kills.len()).unwrap() * 4;
    assert!(requests <= needed + again, "{requests}, where {needed} are needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_move_while_they_are_read_are_passed_over_by_none() {
    let gitlab = FakeGitlab::start().await;
    let town = Town { merge_requests: 250, deployments: 1, issues: 1, commits: 1 };
    town.build(&gitlab, &[1]);
    let place = Place::with_api("", &gitlab.url());
    // While the first page is worked on, its first half changes and goes to the end.
    let running = place.spawn(&["backfill", "--since", "3650d"]);
    wait_until("the first page is read", async || gitlab.seen() >= 50).await;
    {
        let mut world = gitlab.world();
        let rows = world.lists.get_mut("projects/1/merge_requests").unwrap();
        for row in rows.iter_mut().take(50) {
            row["updated_at"] = instant(500_000).into();
        }
    }
    assert_eq!(running.wait(), Some(0), "{}", place.log());
    let seen = gitlab.take_seen();
    let commits = seen.iter().filter(|seen| seen.target.ends_with("/commits")).count();
    assert_eq!(commits, 250 + 1, "every merge request's once, and the line");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_changed_in_one_second_more_than_a_page_holds_are_all_read() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1]);
    let same = (1..=350).map(|own| {
        let mut row = merge_request(1, own);
        row["updated_at"] = instant(1_000).into();
        row["merged_at"] = "2001-01-01T00:00:00Z".into();
        row
    });
    gitlab.put("projects/1/merge_requests", same.collect());
    let place = Place::with_api("", &gitlab.url());
    backfill(&place, &[]).await;
    let stored = place.store();
    let mut merge_requests = 0;
    let mut after = None;
    loop {
        let entries = stored.scan(after, 500).unwrap();
        let Some(last) = entries.last() else { break };
        after = Some(last.entry_id);
        merge_requests += entries.iter().filter(|own| kind(own) == "merge_request").count();
    }
    assert_eq!(merge_requests, 350);
}

fn kind(entry: &gitlab_dora_exporter::store::StoredEntry) -> &str {
    match &entry.content {
        gitlab_dora_exporter::store::StoredContent::Projected(record) => record.kind.as_str(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for_and_nothing_is_lost_by_it() {
    let gitlab = FakeGitlab::start().await;
    Town::small().build(&gitlab, &[1]);
    let whole = Place::with_api("", &gitlab.url());
    backfill(&whole, &[]).await;
    let limited = Reply::json(429, &serde_json::json!({})).header("retry-after", "1".to_owned());
    for list in ["/deployments", "/merge_requests", "/issues"] {
        gitlab.fault(list, Fault::Instead(limited.clone()));
    }
    let place = Place::with_api("", &gitlab.url()).with_key_of(&whole);
    backfill(&place, &[]).await;
    assert_eq!(digest(&place), digest(&whole));
}
