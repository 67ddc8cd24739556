//! Webhooks set up in GitLab by the program, as an operator would do it, against a fake GitLab.

mod audit;
mod complete;
mod keeping;
mod lost;
mod rotation;

use std::process::Output;

use serde_json::{Value, json};

use crate::support::SECRET_TOKEN;
use crate::support::fake_gitlab::{API_TOKEN, FakeGitlab, Fault, refusal};
use crate::support::process::{Place, TOKEN};

/// Where hooks shall send; nobody is there, and no name has to be looked up.
pub(crate) const URL: &str = "http://127.0.0.1:1/webhooks/gitlab";

/// What every hook of a project sends, and no more.
const SENT: [&str; 10] = [
    "confidential_issues_events",
    "deployment_events",
    "issues_events",
    "merge_requests_events",
    "milestone_events",
    "note_events",
    "pipeline_events",
    "push_events",
    "releases_events",
    "tag_push_events",
];

/// A GitLab with a group of two projects, and a configuration that may ask it.
pub(crate) struct Office {
    pub(crate) gitlab: FakeGitlab,
    pub(crate) place: Place,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::with(&format!("secret_tokens = [\"{SECRET_TOKEN}\"]\n")).await
    }

    /// The same with these lines in its `[[gitlab]]` block.
    async fn with(block: &str) -> Self {
        let gitlab = FakeGitlab::start().await;
        let project = |id: u64, path: &str| json!({"id": id, "path_with_namespace": path});
        gitlab.put("projects", vec![project(7, "shop/cart"), project(8, "shop/deep/till")]);
        let listed = [project(7, "shop/cart"), project(8, "shop/deep/till")];
        gitlab.put("groups/shop/projects", listed.to_vec());
        gitlab.put_one("projects/shop/cart", listed[0].clone());
        let place = Place::new("");
        let config = std::fs::read_to_string(place.config()).unwrap();
        let own = format!(
            "[server]\nexternal_url = \"http://127.0.0.1:1\"\n{}",
            config.strip_prefix("[server]\n").unwrap()
        );
        let api = format!(
            "[[gitlab]]\nurl = \"{}\"\ntoken = \"{API_TOKEN}\"\nrequests_per_minute = 6000\n{block}",
            gitlab.url()
        );
        std::fs::write(place.config(), own.replace("[[gitlab]]\n", &api)).unwrap();
        Self { gitlab, place }
    }

    /// Runs a command beside the GitLab that it asks.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Told {
        let place = self.place.config();
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let output = tokio::task::spawn_blocking(move || {
            std::process::Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"))
                .env_clear()
                .env("GITLAB_DORA_CONFIG", place)
                .args(arguments)
                .output()
                .unwrap()
        });
        Told::from(output.await.unwrap())
    }

    /// What GitLab keeps of the only hook of a place.
    pub(crate) fn only(&self, owner: &str) -> crate::support::fake_gitlab::Kept {
        let world = self.gitlab.world();
        let hooks: Vec<_> = world.hooks.iter().filter(|hook| hook.owner == owner).collect();
        let [hook] = hooks.as_slice() else { panic!("{owner}: {hooks:?}") };
        (*hook).clone()
    }
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let told =
            Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        for secret in [API_TOKEN, SECRET_TOKEN, TOKEN] {
            assert!(!format!("{told:?}").contains(secret), "{told:?}");
        }
        told
    }
}

fn sent(hook: &crate::support::fake_gitlab::Kept) -> Vec<&str> {
    let on = hook.shown.iter().filter(|(_, value)| **value == Value::Bool(true));
    on.map(|(key, _)| key.as_str()).filter(|key| key.ends_with("_events")).collect()
}

pub(crate) const SYNC: [&str; 4] = ["hooks", "sync", "--project", "shop/cart"];

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_is_shown_and_nothing_is_changed_until_yes() {
    let office = Office::open().await;
    for arguments in [&SYNC[..], &[&SYNC[..], &["--dry-run"]].concat()] {
        let told = office.run(arguments).await;
        let expected = format!(
            "{} -> {URL}\n+ shop/cart: a new hook\nnothing was changed; --yes does it\n",
            office.gitlab.url()
        );
        assert_eq!((told.out, told.code), (expected, Some(0)), "{}", told.err);
    }
    assert!(office.gitlab.take_seen().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_made_that_sends_what_is_measured_and_nothing_else() {
    let office = Office::open().await;
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.ends_with("+ shop/cart: a new hook; done, it signs\n"), "{}", told.out);
    let hook = office.only("projects/7");
    assert_eq!(hook.shown["url"], URL);
    assert_eq!(sent(&hook), SENT);
    assert_eq!(hook.token.as_deref(), Some(SECRET_TOKEN));
    assert_eq!(hook.signing_token.as_deref(), Some(TOKEN));
    let posted = office.gitlab.take_seen().into_iter().find(|seen| seen.method == "POST").unwrap();
    let body = posted.body.unwrap();
    let switches = body.as_object().unwrap().keys().filter(|key| key.ends_with("_events"));
    assert_eq!(switches.count(), 17, "every switch is said, for GitLab's default is not ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_was_changed_by_hand_is_made_right_again_with_both_tokens() {
    let office = Office::open().await;
    office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    {
        let mut world = office.gitlab.world();
        let hook = &mut world.hooks[0];
        hook.shown.insert("deployment_events".to_owned(), json!(false));
        hook.shown.insert("job_events".to_owned(), json!(true));
        hook.shown.insert("enable_ssl_verification".to_owned(), json!(false));
        (hook.token, hook.signing_token) = (None, Some(TOKEN.to_owned()));
    }
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    let id = office.only("projects/7").shown["id"].to_string();
    let line = format!(
        "~ shop/cart: hook {id}: deployment on, job off, certificate checked, secret token set; \
         done, it signs\n"
    );
    assert!(told.out.ends_with(&line), "{}", told.out);
    let hook = office.only("projects/7");
    assert_eq!(sent(&hook), SENT);
    assert_eq!(hook.token.as_deref(), Some(SECRET_TOKEN));
    assert_eq!(hook.shown["enable_ssl_verification"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_one_can_do_without_are_left_out_when_asked() {
    let office = Office::open().await;
    let without = ["--without", "note", "--without", "pipeline", "--yes"];
    office.run(&[&SYNC[..], &without].concat()).await;
    let hook = office.only("projects/7");
    assert!(!hook.is_on("note_events") && !hook.is_on("pipeline_events"));
    assert!(hook.is_on("deployment_events"));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hooks_are_left_alone_and_a_second_of_ours_goes() {
    let office = Office::open().await;
    office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    {
        let mut world = office.gitlab.world();
        let twin = world.hooks[0].clone();
        for (id, url) in [(900, URL), (901, "https://elsewhere.example/webhooks/gitlab")] {
            let mut hook = twin.clone();
            hook.shown.insert("id".to_owned(), json!(id));
            hook.shown.insert("url".to_owned(), json!(url));
            world.hooks.push(hook);
        }
    }
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert!(told.out.contains("- shop/cart: hook 900; done\n"), "{}", told.out);
    assert_eq!(office.gitlab.world().hooks.len(), 2);
    let told = office.run(&["hooks", "remove", "--project", "shop/cart", "--yes"]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let world = office.gitlab.world();
    let [left] = world.hooks.as_slice() else { panic!("{:?}", world.hooks) };
    assert_eq!(left.shown["id"], 901, "never one that points elsewhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_group_gets_one_hook_and_a_free_one_a_hook_for_each_project() {
    let office = Office::open().await;
    let group = ["hooks", "sync", "--group", "shop", "--yes"];
    let told = office.run(&group).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let hook = office.only("groups/shop");
    assert!(hook.is_on("deployment_events") && !hook.is_on("member_events"), "{hook:?}");

    for status in [403, 404] {
        let office = Office::open().await;
        office.gitlab.refuse("groups/shop/hooks", status);
        let told = office.run(&group).await;
        assert_eq!(told.code, Some(0), "{told:?}");
        assert!(told.err.contains("one by one"), "{told:?}");
        assert_eq!(office.gitlab.world().hooks.len(), 2);
        // Later there is one more project: the same command finds it.
        let new = json!({"id": 9, "path_with_namespace": "shop/new"});
        office.gitlab.world().lists.get_mut("groups/shop/projects").unwrap().push(new);
        let told = office.run(&group).await;
        assert!(told.out.contains("+ shop/new: a new hook; done"), "{}", told.out);
        assert!(told.out.contains("= shop/cart: hook"), "{}", told.out);
        assert_eq!(sent(&office.only("projects/9")), SENT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_that_the_secrets_may_not_speak_for_get_no_hook() {
    let block = format!("secret_tokens = [\"{SECRET_TOKEN}\"]\nprojects = [\"shop/*\"]\n");
    let office = Office::with(&block).await;
    office.gitlab.refuse("groups/shop/hooks", 404);
    let told = office.run(&["hooks", "sync", "--group", "shop"]).await;
    assert!(told.out.contains("shop/cart") && !told.out.contains("till"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_instance_gets_what_system_hooks_have() {
    let office = Office::open().await;
    let told = office.run(&["hooks", "sync", "--instance", "--yes"]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.err.contains("no deployments"), "{told:?}");
    let hook = office.only("");
    assert!(hook.is_on("repository_update_events") && hook.is_on("merge_requests_events"));
    assert!(!hook.is_on("deployment_events"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stops_it_is_told_with_what_to_do() {
    let office = Office::open().await;
    office.gitlab.world().scopes = vec!["read_api"];
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(4), "{told:?}");
    assert!(told.err.contains("higher privileges"), "{}", told.err);
    assert!(
        told.err.contains("try: a token with the scope `api`, of a Maintainer"),
        "{}",
        told.err
    );

    office.gitlab.world().scopes = vec!["api"];
    let blocked = refusal(422, "Invalid url given");
    office.gitlab.fault("projects/7/hooks", Fault::With(vec![]));
    office.gitlab.fault("projects/7/hooks", Fault::Instead(blocked));
    let told = office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    assert_eq!(told.code, Some(4), "{told:?}");
    assert!(told.err.contains("GitLab answered 422: Invalid url given"), "{}", told.err);

    let told = office.run(&["hooks", "list", "--project", "shop/unknown"]).await;
    assert_eq!(told.code, Some(4));
    assert!(told.err.contains("(404)") && told.err.contains("try: check the path"), "{told:?}");
    assert_eq!(office.run(&["hooks", "sync"]).await.code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_project_that_refuses_does_not_stop_the_others() {
    let office = Office::open().await;
    office.gitlab.refuse("groups/shop/hooks", 404);
    office.gitlab.refuse("projects/7/hooks", 403);
    let told = office.run(&["hooks", "sync", "--group", "shop", "--yes"]).await;
    assert_eq!(told.code, Some(4), "{told:?}");
    assert!(told.err.contains("shop/cart: error: ") && told.err.contains("one place"), "{told:?}");
    assert_eq!(sent(&office.only("projects/8")), SENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_says_how_hooks_fare_and_where_there_is_none() {
    let office = Office::open().await;
    office.gitlab.refuse("groups/shop/hooks", 404);
    office.run(&[&SYNC[..], &["--yes"]].concat()).await;
    let id = {
        let mut world = office.gitlab.world();
        let now = world.now;
        for _ in 0..5 {
            world.hooks[0].fails(now);
        }
        world.hooks[0].shown["id"].to_string()
    };
    let told = office.run(&["hooks", "list", "--group", "shop"]).await;
    let lines: Vec<_> = told.out.lines().skip(1).collect();
    let expected = format!(
        "shop/cart: hook {id}, temporarily disabled until 2026-06-01T12:02:00Z, signs: deployment \
         merge_requests issues confidential_issues push tag_push releases milestone note pipeline"
    );
    assert_eq!(lines, [expected.as_str(), "shop/deep/till: no hook"], "{told:?}");
}
