//! Lists: every row once, in both ways of paging, and an end to every list.

use gitlab_dora_exporter::rest::{RestError, Unusable};
use serde_json::json;

use super::{Pair, ids, rows};
use crate::support::fake_gitlab::{Fault, Reply};

const DEPLOYMENTS: [&str; 3] = ["projects", "7", "deployments"];

/// Every row of a list, and how many pages it took.
async fn all(pair: &Pair, path: &[&str], query: &[(&str, &str)]) -> (Vec<u64>, usize) {
    let mut pages = pair.client.pages(path, query);
    let (mut found, mut count) = (Vec::new(), 0);
    while let Some(page) = pages.next().await.unwrap() {
        found.extend(ids(&page));
        count += 1;
    }
    assert!(pages.next().await.unwrap().is_none(), "an ended list stays at its end");
    (found, count)
}

fn link_to(target: &str) -> Fault {
    Fault::With(vec![("link", format!("<{target}>; rel=\"next\""))])
}

#[tokio::test]
async fn a_list_is_read_to_its_end_a_hundred_rows_at_a_time() {
    let pair = Pair::start().await;
    for (length, pages) in [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)] {
        pair.gitlab.put("projects/7/deployments", rows(1..=length));
        let query = [("order_by", "updated_at"), ("updated_after", "2026-01-01T00:00:00Z")];
        pair.gitlab.put("projects/7/environments", rows(1..=length));
        let (found, count) = all(&pair, &["projects", "7", "environments"], &query).await;
        assert_eq!((found, count), ((1..=length).collect(), pages), "{length}");
        let seen = pair.gitlab.take_seen();
        assert!(seen.iter().all(|seen| seen.parameter("per_page") == Some("100")));
        let kept = |seen: &crate::support::fake_gitlab::Seen| {
            seen.parameter("updated_after") == Some("2026-01-01T00:00:00Z")
        };
        assert!(seen.iter().all(kept), "filters are those of the first request on every page");
        let places: Vec<_> = seen.iter().map(|seen| seen.parameter("page")).collect();
        assert_eq!(places[0], None);
        assert_eq!(places.get(1).copied().flatten(), (pages > 1).then_some("2"));
    }
}

#[tokio::test]
async fn keyset_paging_is_followed_where_a_list_has_it() {
    let pair = Pair::start().await;
    pair.gitlab.put("groups/3/projects", rows(1..=205));
    let query = [("pagination", "keyset"), ("order_by", "id"), ("sort", "asc")];
    let (found, count) = all(&pair, &["groups", "3", "projects"], &query).await;
    assert_eq!((found, count), ((1..=205).collect(), 3));
    let seen = pair.gitlab.take_seen();
    let after: Vec<_> = seen.iter().map(|seen| seen.parameter("id_after")).collect();
    assert_eq!(after, [None, Some("100"), Some("200")]);
    assert!(seen.iter().all(|seen| seen.parameter("page").is_none()));
}

#[tokio::test]
async fn a_gitlab_that_gives_shorter_pages_is_read_to_the_end_too() {
    let pair = Pair::start().await;
    pair.gitlab.world().page_limit = 40;
    pair.gitlab.put("projects/7/deployments", rows(1..=90));
    assert_eq!(all(&pair, &DEPLOYMENTS, &[]).await, ((1..=90).collect(), 3));
}

#[tokio::test]
async fn a_caller_may_ask_for_shorter_pages() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects/7/deployments", rows(1..=5));
    assert_eq!(all(&pair, &DEPLOYMENTS, &[("per_page", "2")]).await.1, 3);
    assert!(pair.gitlab.take_seen().iter().all(|seen| seen.parameter("per_page") == Some("2")));
}

#[tokio::test]
async fn links_that_lead_in_a_circle_end() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects/7/deployments", rows(1..=250));
    for _ in 0..10 {
        pair.gitlab.fault("deployments", link_to("https://x/?page=2"));
    }
    let mut pages = pair.client.pages(&DEPLOYMENTS, &[]);
    pages.next().await.unwrap().unwrap();
    let error = pages.next().await.unwrap_err();
    assert!(matches!(error, RestError::Unusable(Unusable::Circle)), "{error:?}");
    assert_eq!(pair.gitlab.seen(), 2);
}

#[tokio::test]
async fn a_longer_circle_ends_as_well() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects/7/deployments", rows(1..=250));
    for page in [2, 3, 2, 3, 2, 3] {
        pair.gitlab.fault("deployments", link_to(&format!("https://x/?page={page}")));
    }
    let mut pages = pair.client.pages(&DEPLOYMENTS, &[]);
    let mut read = 0;
    let error = loop {
        match pages.next().await {
            Ok(page) => assert!(page.is_some()),
            Err(error) => break error,
        }
        read += 1;
    };
    assert!(matches!(error, RestError::Unusable(Unusable::Circle)), "{error:?}");
    assert!(read <= 3, "{read}");
}

#[tokio::test]
async fn a_link_without_a_place_is_an_error_and_not_the_end() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects/7/deployments", rows(1..=250));
    pair.gitlab.fault("deployments", link_to("https://x/projects/7/deployments?order_by=id"));
    let error = pair.client.pages(&DEPLOYMENTS, &[]).next().await.unwrap_err();
    assert!(matches!(error, RestError::Unusable(Unusable::NoPage)), "{error:?}");
}

#[tokio::test]
async fn an_empty_page_is_the_end_whatever_its_link_says() {
    let pair = Pair::start().await;
    let empty = Reply::json(200, &json!([])).header("link", "<https://x/?page=2>; rel=\"next\"");
    pair.gitlab.fault("deployments", Fault::Instead(empty));
    assert_eq!(all(&pair, &DEPLOYMENTS, &[]).await, (vec![], 1));
    assert_eq!(pair.gitlab.seen(), 1);
}

#[tokio::test]
async fn after_an_error_the_same_page_is_asked_for_again() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects/7/deployments", rows(1..=150));
    let mut pages = pair.client.pages(&DEPLOYMENTS, &[]);
    assert_eq!(ids(&pages.next().await.unwrap().unwrap()).len(), 100);
    pair.gitlab
        .fault("deployments", Fault::Instead(crate::support::fake_gitlab::refusal(400, "x")));
    assert!(matches!(pages.next().await, Err(RestError::GitLab { status: 400, .. })));
    assert_eq!(ids(&pages.next().await.unwrap().unwrap()), (101..=150).collect::<Vec<_>>());
    assert!(pages.next().await.unwrap().is_none());
}

#[tokio::test]
async fn the_fake_ignores_what_gitlab_ignores_and_refuses_what_it_refuses() {
    let pair = Pair::start().await;
    let merge = |id: u64, state: &str, at: &str| json!({"id": id, "iid": id, "state": state, "updated_at": at});
    pair.gitlab.put(
        "projects/7/merge_requests",
        vec![
            merge(1, "merged", "2026-01-01T00:00:00Z"),
            merge(2, "opened", "2026-02-01T00:00:00Z"),
            merge(3, "merged", "2026-03-01T00:00:00Z"),
        ],
    );
    let path = ["projects", "7", "merge_requests"];
    let base = [("order_by", "updated_at"), ("sort", "asc")];
    let asked = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let merged = asked(&[("state", "merged"), ("updated_after", "2026-02-15T00:00:00Z")]);
    assert_eq!(all(&pair, &path, &merged).await.0, [3]);
    let unknown = asked(&[("merged_after", "2026-02-15T00:00:00Z")]);
    assert_eq!(all(&pair, &path, &unknown).await.0, [1, 2, 3], "REST has no such filter");
    pair.gitlab.put("projects/7/deployments", rows(1..=1));
    let half = [("finished_after", "2026-01-01T00:00:00Z"), ("order_by", "finished_at")];
    let refused = pair.client.pages(&DEPLOYMENTS, &half).next().await.unwrap_err();
    assert!(matches!(refused, RestError::GitLab { status: 400, .. }), "{refused:?}");
}
