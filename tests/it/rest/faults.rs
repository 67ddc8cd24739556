//! Answers that are refusals, or none: each becomes the error that says what to do.

use std::time::Duration;

use gitlab_dora_exporter::rest::{RestError, Unusable};

use super::{Pair, rows, settings};
use crate::support::fake_gitlab::{FakeGitlab, Fault, Reply, Travel, refusal};

#[tokio::test]
async fn each_refusal_says_what_can_be_done() {
    let pair = Pair::start().await;
    let mut refused = Vec::new();
    for status in [400, 401, 403, 404, 405, 409, 422, 501] {
        pair.gitlab.fault("projects", Fault::Instead(refusal(status, "the reason")));
        refused.push(pair.client.get(&["projects"], &[]).await.unwrap_err());
    }
    assert_eq!(pair.gitlab.seen(), 8, "none of them is asked again");
    let said: Vec<_> = refused.iter().map(|error| (error.to_string(), error.said())).collect();
    let expected = [
        ("GitLab answered 400".to_owned(), Some("the reason")),
        ("GitLab does not accept the token (401)".to_owned(), None),
        ("GitLab does not allow this to the token (403)".to_owned(), Some("the reason")),
        ("GitLab has no such thing, or hides it from the token (404)".to_owned(), None),
        ("GitLab answered 405".to_owned(), Some("the reason")),
        ("GitLab answered 409".to_owned(), Some("the reason")),
        ("GitLab answered 422".to_owned(), Some("the reason")),
        ("GitLab answered 501".to_owned(), Some("the reason")),
    ];
    assert_eq!(said, expected);
    assert!(matches!(refused[1], RestError::Unauthorized));
    assert!(matches!(refused[2], RestError::Forbidden { .. }));
    assert!(matches!(refused[3], RestError::NotFound));
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_what_gitlab_says_about_it() {
    let pair = Pair::start().await;
    pair.gitlab.world().scopes = vec!["read_api"];
    let post = gitlab_dora_exporter::rest::Method::Post;
    let body = bytes::Bytes::from_static(b"{}");
    let error = pair.client.send(post, &["projects", "7", "hooks"], Some(&body)).await.unwrap_err();
    assert!(matches!(error, RestError::Forbidden { .. }), "{error:?}");
    assert!(error.said().unwrap().contains("higher privileges"), "{error:?}");
}

#[tokio::test]
async fn a_body_that_is_cut_is_asked_for_again() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects", rows(1..=3));
    pair.gitlab.fault("projects", Fault::Badly(Travel::CutAfter(5)));
    let client = pair.client.clone();
    let asked = tokio::spawn(async move { client.get(&["projects"], &[]).await });
    assert_eq!(super::ids(pair.finish(asked).await.unwrap().body()), [1, 2, 3]);
    assert_eq!((pair.counted("projects", "none"), pair.counted("projects", "200")), (1, 1));
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up_and_so_is_a_gitlab_that_never_answers() {
    let gitlab = FakeGitlab::start().await;
    gitlab.put("projects", rows(1..=3));
    let mut settings = settings(&gitlab.url());
    settings.timeouts.read = Duration::from_millis(50);
    let pair = Pair::with(gitlab, settings);
    for travel in [Travel::Stalled, Travel::Nothing, Travel::Stalled, Travel::Nothing] {
        pair.gitlab.fault("projects", Fault::Badly(travel));
    }
    pair.gitlab.fault("projects", Fault::Badly(Travel::Stalled));
    let client = pair.client.clone();
    let asked = tokio::spawn(async move { client.get(&["projects"], &[]).await });
    let error = pair.finish(asked).await.unwrap_err();
    assert!(matches!(error, RestError::Transport(_)), "{error:?}");
    assert_eq!(pair.gitlab.seen(), 5);
}

#[tokio::test]
async fn nobody_at_the_address_is_an_error_after_a_few_attempts() {
    let gitlab = FakeGitlab::start().await;
    let settings = settings(&gitlab.url());
    drop(gitlab);
    let pair = Pair::with(FakeGitlab::start().await, settings);
    let client = pair.client.clone();
    let asked = tokio::spawn(async move { client.get(&["projects"], &[]).await });
    let error = pair.finish(asked).await.unwrap_err();
    assert!(matches!(error, RestError::Transport(_)), "{error:?}");
    assert_eq!(pair.client.requests_made(), 5);
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let pair = Pair::start().await;
    pair.gitlab.put("projects", rows(1..=1));
    pair.gitlab.fault("projects", Fault::Badly(Travel::Blanks(33 << 20)));
    let error = pair.client.get(&["projects"], &[]).await.unwrap_err();
    assert!(matches!(error, RestError::Unusable(Unusable::TooLarge)), "{error:?}");
    assert_eq!(pair.gitlab.seen(), 1, "and not asked for again");
}

#[tokio::test]
async fn a_page_of_log_in_is_no_answer() {
    let pair = Pair::start().await;
    let page =
        Reply { body: b"<html>Sign in</html>".to_vec(), headers: Vec::new(), ..refusal(200, "") };
    pair.gitlab.fault("projects", Fault::Instead(page.header("content-type", "text/html")));
    let error = pair.client.get(&["projects"], &[]).await.unwrap_err();
    assert!(matches!(error, RestError::Unusable(Unusable::NotJson)), "{error:?}");
}
