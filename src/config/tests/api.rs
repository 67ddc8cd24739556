//! GitLab's API in the configuration: a token, where it goes, by which way.

use std::fs;

use super::{file, keys, mistakes, with};
use crate::config::{Environment, Purpose};

const TOKEN: &str = "glpat-canary-canary1";

fn block(rest: &str) -> String {
    format!("[[gitlab]]\nname = \"main\"\nurl = \"https://gitlab.example.com\"\n{rest}\n")
}

/// The API settings of one block, with an environment.
fn api(rest: &str, environment: Environment) -> crate::rest::RestSettings {
    let loaded = with(&block(rest), environment, Purpose::Other);
    loaded.settings.unwrap().senders.remove(0).api.unwrap()
}

#[test]
fn without_a_token_there_is_no_api_and_with_one_it_is_the_address_of_the_block() {
    assert!(file(&block("")).settings.unwrap().senders[0].api.is_none());
    let api = api(&format!("token = {TOKEN:?}"), Environment::default());
    assert_eq!((api.name.as_str(), api.requests_per_minute), ("main", 60));
    assert_eq!(api.origin.to_string(), "https://gitlab.example.com");
    assert!(api.authorities.is_none() && api.proxy.is_none());
}

#[test]
fn a_token_comes_by_value_by_variable_or_by_file_and_only_by_one_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, format!("{TOKEN}\n")).unwrap();
    let environment = || Environment::of([("GITLAB_TOKEN", TOKEN)]);
    api("token_env = \"GITLAB_TOKEN\"", environment());
    api(&format!("token_file = {path:?}"), environment());
    let twice = format!("token = {TOKEN:?}\ntoken_file = {path:?}");
    assert_eq!(keys(&mistakes(&block(&twice))), ["gitlab[0].token_file"]);
    assert_eq!(keys(&mistakes(&block("token_env = \"NOT_SET\""))), ["gitlab[0].token_env"]);
    fs::write(&path, "two words\n").unwrap();
    let text = block(&format!("token_file = {path:?}"));
    assert_eq!(keys(&mistakes(&text)), ["gitlab[0].token_file"]);
}

#[test]
fn a_token_needs_an_address_to_which_it_can_go_unseen() {
    let to = |url: &str| format!("[[gitlab]]\nname = \"a\"\n{url}\ntoken = {TOKEN:?}\n");
    for (url, fits) in [
        ("", false),
        ("url = \"http://gitlab.example.com\"", false),
        ("url = \"http://10.0.0.1:8080\"", false),
        ("url = \"http://127.0.0.1:8080\"", true),
        ("url = \"https://gitlab.example.com/gitlab\"", true),
    ] {
        let settings = file(&to(url)).settings;
        assert_eq!(settings.is_ok(), fits, "{url}");
        if let Err(error) = settings {
            assert_eq!(keys(&error.mistakes), ["gitlab[0].url"], "{url}");
        }
    }
    let link = "[[gitlab]]\nname = \"a\"\nurl = \"http://gitlab.example.com\"\n";
    assert!(file(link).settings.is_ok(), "a link may be plain");
}

#[test]
fn a_proxy_is_the_one_that_is_named_else_the_one_of_the_environment() {
    let token = format!("token = {TOKEN:?}");
    let environment =
        || Environment::of([("HTTPS_PROXY", "http://u:p@proxy:1"), ("no_proxy", "a,b")]);
    let from_environment = api(&token, environment()).proxy.unwrap();
    assert_eq!(
        (from_environment.url.as_str(), from_environment.except.as_str()),
        ("http://u:p@proxy:1", "a,b")
    );
    let named = format!("{token}\nproxy = \"http://other:2\"");
    assert_eq!(api(&named, environment()).proxy.unwrap().url, "http://other:2");
    assert_eq!(api(&format!("{token}\nproxy = \"none\""), environment()).proxy, None);
    let local = format!("[[gitlab]]\nname = \"a\"\nurl = \"http://localhost:1\"\n{token}");
    let settings = with(&local, environment(), Purpose::Other).settings.unwrap();
    assert_eq!(settings.senders[0].api.as_ref().unwrap().proxy, None);
}

#[test]
fn what_cannot_be_used_is_refused_and_no_secret_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "").unwrap();
    for (rest, key) in [
        ("requests_per_minute = 5".to_owned(), "requests_per_minute"),
        (format!("ca_file = {empty:?}"), "ca_file"),
        ("ca_file = \"/nowhere/ca.pem\"".to_owned(), "ca_file"),
        ("proxy = \"http://user:canary@proxy:3128\"".to_owned(), "proxy"),
        ("proxy = \"socks5://proxy\"".to_owned(), "proxy"),
        ("token = \"glpat-canary canary\"".to_owned(), "token"),
    ] {
        let token = if key == "token" { String::new() } else { format!("token = {TOKEN:?}\n") };
        let loaded = file(&block(&format!("{token}{rest}")));
        let shown = format!("{:?} {}", loaded.settings, loaded.effective);
        assert!(!shown.contains("canary"), "{shown}");
        let mistakes = loaded.settings.unwrap_err().mistakes;
        assert_eq!(keys(&mistakes), [format!("gitlab[0].{key}")], "{rest}");
    }
    let shown = format!("{:?}", file(&block(&format!("token = {TOKEN:?}"))));
    assert!(shown.contains("origin") && !shown.contains("canary"), "{shown}");
}

#[test]
fn a_changed_token_waits_for_the_next_start() {
    let with = |rest: &str| file(&block(rest)).settings.unwrap();
    let one = with(&format!("token = {TOKEN:?}"));
    assert_eq!(one.waiting_for_restart(&one.clone()), [] as [&str; 0]);
    for other in ["token = \"glpat-other\"", "", "token = \"x\"\nrequests_per_minute = 6"] {
        assert_eq!(one.waiting_for_restart(&with(other)), ["gitlab.token"], "{other}");
    }
}
