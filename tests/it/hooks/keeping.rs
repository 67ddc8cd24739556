//! Hooks that `serve` keeps in order by itself: `hooks = "sync"`.

use std::time::Duration;

use serde_json::json;

use super::audit::{audit, look_until};
use super::{Office, SENT, URL, sent};
use crate::support::fake_gitlab::{API_TOKEN, FakeGitlab, Kept};
use crate::support::{Plan, SECRET_TOKEN, SIGNING_TOKEN, TestApp, wait_until};

/// A GitLab with one project, of which nothing has been heard.
async fn gitlab() -> FakeGitlab {
    let gitlab = FakeGitlab::start().await;
    gitlab.put("projects", vec![json!({"id": 7, "path_with_namespace": "shop/cart"})]);
    gitlab
}

/// The program, told to keep hooks in order, with these lines besides in its `[[gitlab]]` block.
async fn app(gitlab: &FakeGitlab, besides: &str) -> TestApp {
    let block = format!(
        "url = \"{}\"\ntoken = \"{API_TOKEN}\"\nrequests_per_minute = 6000\nhooks = \"sync\"\n\
         backfill_since = \"off\"\n{besides}",
        gitlab.url()
    );
    Plan::new(&block).set("server.external_url", "http://127.0.0.1:1").start().await
}

fn kept(action: &str) -> String {
    format!("gitlab_dora_exporter_hooks_kept_total{{action=\"{action}\",gitlab=\"main\"}}")
}

fn appears(gitlab: &FakeGitlab, id: u64, path: &str) {
    let project = json!({"id": id, "path_with_namespace": path});
    gitlab.world().lists.get_mut("projects").unwrap().push(project);
}

fn hooks_of(gitlab: &FakeGitlab, owner: &str) -> Vec<Kept> {
    gitlab.world().hooks.iter().filter(|hook| hook.owner == owner).cloned().collect()
}

/// How many requests of a method came since they were last counted.
fn count(gitlab: &FakeGitlab, method: &str) -> usize {
    gitlab.take_seen().iter().filter(|seen| seen.method == method).count()
}

#[tokio::test]
async fn a_project_that_appears_later_gets_its_hook_and_a_wrong_one_is_made_right() {
    let gitlab = gitlab().await;
    let app = app(&gitlab, "hooks_without = [\"note\"]\n").await;
    audit(&app, &kept("created"), 1.0).await;
    let [first] = &hooks_of(&gitlab, "projects/7")[..] else { panic!("one hook") };
    let wanted: Vec<&str> = SENT.into_iter().filter(|event| *event != "note_events").collect();
    assert_eq!(sent(first), wanted);
    assert_eq!(first.token.as_deref(), Some(SECRET_TOKEN));
    assert_eq!(first.signing_token.as_deref(), Some(SIGNING_TOKEN));

    appears(&gitlab, 9, "shop/deep/till");
    audit(&app, &kept("created"), 2.0).await;
    assert_eq!(sent(&hooks_of(&gitlab, "projects/9")[0]), wanted);

    {
        let mut world = gitlab.world();
        let hook = world.hooks.iter_mut().find(|hook| hook.owner == "projects/7").unwrap();
        hook.shown.insert("deployment_events".to_owned(), json!(false));
        hook.shown.insert("job_events".to_owned(), json!(true));
        hook.shown.insert("enable_ssl_verification".to_owned(), json!(false));
    }
    // Others' hooks, and a second one of ours, are left as they are: nothing is ever taken away.
    gitlab.hook("projects/9", "https://elsewhere.example/", SIGNING_TOKEN);
    gitlab.hook("projects/9", URL, SIGNING_TOKEN);
    gitlab.take_seen();
    audit(&app, &kept("repaired"), 1.0).await;
    let first = &hooks_of(&gitlab, "projects/7")[0];
    assert_eq!(sent(first), wanted);
    assert_eq!(first.shown["enable_ssl_verification"], json!(true));
    assert_eq!(hooks_of(&gitlab, "projects/9").len(), 3);
    let writes: Vec<_> = gitlab.take_seen();
    let writes: Vec<_> = writes.iter().filter(|seen| seen.method != "GET").collect();
    assert_eq!(writes.len(), 1, "one repair and nothing else: {writes:?}");
    assert_eq!(app.scrape().await.value(&kept("refused")), Some(0.0));
    app.stop().await;
}

#[tokio::test]
async fn a_project_that_refuses_is_told_of_and_left_alone_for_hours() {
    let gitlab = gitlab().await;
    let app = app(&gitlab, "").await;
    audit(&app, &kept("created"), 1.0).await;
    gitlab.world().scopes = vec!["read_api"];
    appears(&gitlab, 9, "shop/till");
    gitlab.take_seen();
    audit(&app, &kept("refused"), 1.0).await;
    assert_eq!(count(&gitlab, "POST"), 1);
    for _ in 0..4 {
        let before = looks(&gitlab);
        look_until(&app, "another look", async || looks(&gitlab) > before).await;
    }
    assert_eq!(count(&gitlab, "POST"), 0, "it was left alone");
    let samples = app.scrape().await;
    assert_eq!(samples.value(&kept("refused")), Some(1.0));

    // When it has rested, it is asked again.
    gitlab.world().scopes = vec!["api"];
    wait_until("it has rested", async || {
        app.pass(Duration::from_mins(10));
        hooks_of(&gitlab, "projects/9").len() == 1
    })
    .await;
    app.stop().await;
}

fn looks(gitlab: &FakeGitlab) -> usize {
    gitlab.world().seen_below("projects/9/hooks").len()
}

#[tokio::test]
async fn projects_that_are_not_allowed_or_that_a_group_covers_get_none() {
    let gitlab = gitlab().await;
    appears(&gitlab, 9, "other/thing");
    appears(&gitlab, 11, "shop/group/till");
    gitlab.hook("groups/shop/group", URL, SIGNING_TOKEN);
    let app = app(&gitlab, "projects = [\"shop/**\"]\n").await;
    audit(&app, &kept("created"), 1.0).await;
    // The group's own hook sends everything, so it is made right; no project of it gets one.
    audit(&app, &kept("repaired"), 1.0).await;
    let owners: Vec<String> = gitlab.world().hooks.iter().map(|hook| hook.owner.clone()).collect();
    assert_eq!(owners, ["groups/shop/group", "projects/7"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_program_puts_hooks_in_order_at_its_start_or_says_what_it_lacks() {
    let office = Office::with(&format!(
        "secret_tokens = [\"{SECRET_TOKEN}\"]\nhooks = \"sync\"\nbackfill_since = \"off\"\n"
    ))
    .await;
    let has = |owner: &str| {
        let hooks = hooks_of(&office.gitlab, owner);
        hooks.len() == 1 && sent(&hooks[0]) == SENT
    };
    let served = office.place.serve().await;
    wait_until("both have one", async || has("projects/7") && has("projects/8")).await;
    assert_eq!(served.terminate(), Some(0));

    appears(&office.gitlab, 9, "shop/new");
    office.gitlab.world().hooks[0].shown.insert("push_events".to_owned(), json!(false));
    assert!(!has("projects/7"));
    let served = office.place.serve().await;
    wait_until("all are right", async || has("projects/7") && has("projects/9")).await;
    assert_eq!(served.terminate(), Some(0));
    assert!(office.place.log().contains("a hook was put in order"), "{}", office.place.log());

    office.gitlab.world().scopes = vec!["read_api"];
    let told = office.run(&["serve"]).await;
    assert_eq!(told.code, Some(4), "{told:?}");
    assert!(told.err.contains("the token of main has the scopes read_api"), "{}", told.err);
    assert!(told.err.contains("try: a token with the scope `api`"), "{}", told.err);

    let text = std::fs::read_to_string(office.place.config()).unwrap();
    let without = text.replace("external_url", "#external_url");
    std::fs::write(office.place.config(), without).unwrap();
    let told = office.run(&["serve"]).await;
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(told.err.contains("server.external_url, the address by which"), "{}", told.err);
}
