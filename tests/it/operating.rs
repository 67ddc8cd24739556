//! Starting, watching, reloading and stopping the program.

use std::io::Read as _;
use std::time::Duration;

use crate::support::{Plan, SECRET_TOKEN, TestApp, deployment_hook, wait_until};

const NEW_SECRET: &str = "an-invented-secret-of-the-tests-2";

#[tokio::test]
async fn a_reload_changes_the_secrets_at_once() {
    let app = TestApp::start().await;
    assert_eq!(app.deliver(&deployment_hook().token(NEW_SECRET)).await, 401);
    app.plan().configure(NEW_SECRET, "");
    let answer = app.ask(app.client().post(app.admin_url("/-/reload"))).await;
    assert_eq!((answer.status, answer.text()), (200, "reloaded\n"));
    assert_eq!(app.deliver(&deployment_hook().token(NEW_SECRET)).await, 200);
    assert_eq!(app.deliver(&deployment_hook().token(SECRET_TOKEN)).await, 401);
}

#[tokio::test]
async fn a_reload_of_a_bad_file_tells_every_mistake_and_keeps_what_was() {
    let app = TestApp::start().await;
    let successful = "gitlab_dora_exporter_config_last_reload_successful";
    assert_eq!(app.scrape().await.value(successful), Some(1.0));

    app.plan().configure("short", "[exposition]\nwindow = \"7d\"\nmax_series = -1\n");
    let answer = app.ask(app.client().put(app.admin_url("/-/reload"))).await;
    assert_eq!(answer.status, 500);
    for mistake in ["gitlab[0].secret_tokens[0]", "exposition.window ", "exposition.max_series"] {
        assert!(answer.text().contains(mistake), "{mistake}: {}", answer.text());
    }
    assert!(!answer.text().contains("short"), "{}", answer.text());
    assert_eq!(app.scrape().await.value(successful), Some(0.0));
    assert_eq!(app.deliver(&deployment_hook().token(SECRET_TOKEN)).await, 200);

    app.plan().configure(SECRET_TOKEN, "");
    assert_eq!(app.ask(app.client().post(app.admin_url("/-/reload"))).await.status, 200);
    assert_eq!(app.scrape().await.value(successful), Some(1.0));
}

#[tokio::test]
async fn a_reloaded_policy_reads_the_whole_history_anew() {
    let app = TestApp::start().await;
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    let window = |days: &str| format!("dora_window_deployments{{window=\"{days}\"}}");
    let samples = app.measure().await;
    assert!(samples.count(&window("30d")) > 0 && samples.count(&window("14d")) == 0);

    app.plan().configure(SECRET_TOKEN, "[exposition]\nwindows = [\"14d\"]\n");
    assert_eq!(app.ask(app.client().post(app.admin_url("/-/reload"))).await.status, 200);
    let samples = app.measure().await;
    assert!(samples.count(&window("30d")) == 0 && samples.count(&window("14d")) > 0);
}

#[tokio::test]
async fn while_it_drains_it_is_not_ready_and_still_takes_deliveries() {
    let app = Plan::new("").set("server.drain_delay", "5s").start().await;
    let (client, ready) = (app.client().clone(), app.admin_url("/-/ready"));
    let (status, body) = {
        let answer = app.get("/-/ready").await;
        (answer.status, answer.text().to_owned())
    };
    assert_eq!((status, body.as_str()), (200, "ready\n"));

    let (url, delivery, now) = (app.url("/webhooks/gitlab"), deployment_hook(), app.now());
    let clock = app.plan().clock();
    let drained = async {
        let unready = async || {
            let answer = client.get(&ready).send().await.unwrap();
            answer.status() == 503 && answer.text().await.unwrap() == "stopping\n"
        };
        wait_until("it is not ready", unready).await;
        let mut request = client.post(url).body(delivery.body().to_vec());
        for (name, value) in delivery.headers(now) {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.unwrap().status(), 200);
        clock.advance(Duration::from_secs(5));
    };
    let (stopped, ()) = tokio::join!(app.stop(), drained);
    stopped.result.as_ref().unwrap();
    assert_eq!(stopped.store().scan(None, 10).unwrap().len(), 1);
}

#[tokio::test]
async fn with_a_second_listener_the_first_answers_deliveries_and_little_else() {
    let app = Plan::new("").set("server.admin_listen", "127.0.0.1:0").start().await;
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    for (path, public, admin) in [
        ("/metrics", 404, 200),
        ("/-/ready", 404, 200),
        ("/", 404, 200),
        ("/-/healthy", 200, 200),
        ("/webhooks/gitlab", 405, 404),
        ("/nowhere", 404, 404),
    ] {
        assert_eq!(app.ask(app.client().get(app.url(path))).await.status, public, "{path}");
        assert_eq!(app.get(path).await.status, admin, "{path}");
    }
    let reload = |address: String| app.ask(app.client().post(address));
    assert_eq!(reload(app.url("/-/reload")).await.status, 404);
    assert_eq!(reload(app.admin_url("/-/reload")).await.status, 200);
}

#[tokio::test]
async fn asking_for_the_head_gives_the_same_head_and_no_body() {
    let app = TestApp::start().await;
    app.measure().await;
    for path in ["/", "/-/healthy", "/-/ready", "/assets/page.css", "/metrics"] {
        let whole = app.get(path).await;
        let head = app.ask(app.client().head(app.admin_url(path))).await;
        assert_eq!((whole.status, head.status), (200, 200), "{path}");
        assert!(!whole.body.is_empty() && head.body.is_empty(), "{path}");
        let mut headers = [whole.headers, head.headers];
        for headers in &mut headers {
            headers.remove("date");
            // A process's own figures grow between two scrapes.
            assert!(path != "/metrics" || headers.remove("content-length").is_some());
        }
        assert_eq!(headers[0], headers[1], "{path}");
    }
}

#[tokio::test]
async fn a_scrape_is_in_the_format_and_the_encoding_that_was_asked_for() {
    let app = TestApp::start().await;
    let request = app
        .client()
        .get(app.admin_url("/metrics"))
        .header("accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
        .header("accept-encoding", "gzip");
    let answer = app.ask(request).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"));
    let content_type = answer.header("content-type").unwrap();
    assert!(content_type.starts_with("application/openmetrics-text; version=1.0.0"));
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(answer.body.as_slice()).read_to_string(&mut text).unwrap();
    assert!(
        text.ends_with("# EOF\n") && text.contains("gitlab_dora_exporter_build_info"),
        "{text}"
    );

    let plain = app.get("/metrics").await;
    assert_eq!(plain.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(plain.header("content-encoding"), None);
}

#[tokio::test]
async fn no_answer_names_the_program_that_gave_it_and_none_redirects() {
    let app = TestApp::start().await;
    for path in ["/", "/metrics", "/-/healthy", "/nowhere", "/webhooks/gitlab", "//", "/..%2f"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("server"), None, "{path}");
        assert!(!(300..400).contains(&answer.status), "{path}");
    }
}

#[tokio::test]
async fn the_page_offers_the_configured_languages_and_names_the_address_for_hooks() {
    let plan = Plan::new("[page]\nlanguages = [\"fr\"]\n");
    let app = plan.set("server.external_url", "https://dora.example.org/").start().await;
    let page = app.get("/?lang=en").await;
    assert_eq!(page.header("content-language"), Some("fr"));
    assert_eq!(page.header("set-cookie"), None);
    assert!(page.text().contains("https://dora.example.org/webhooks/gitlab"));
    assert!(!page.text().contains("lang=en"), "{}", page.text());
}

#[tokio::test]
async fn the_page_speaks_the_language_that_was_asked_for_and_lists_what_was_heard() {
    let app = TestApp::start().await;
    assert_eq!(app.deliver(&deployment_hook()).await, 200);
    app.measure().await;
    let french = app.get("/?lang=fr").await;
    assert_eq!(french.header("content-language"), Some("fr"));
    assert!(french.header("set-cookie").unwrap().starts_with("lang=fr;"));
    assert!(french.header("content-security-policy").is_some());

    let english = app.get("/").await;
    assert_eq!(english.header("content-language"), Some("en"));
    assert_eq!(english.header("set-cookie"), None);
    assert!(english.text().contains("group/app"));
}

#[tokio::test]
async fn the_page_sets_the_levels_of_the_configured_year_beside_the_numbers() {
    for (year, shown) in [("2021", true), ("0", false)] {
        let app = Plan::new(&format!("[page]\nlevels = {year}\n")).start().await;
        assert_eq!(app.deliver(&deployment_hook()).await, 200);
        app.measure().await;
        let answer = app.get("/").await;
        let page = answer.text();
        assert_eq!(page.contains(&format!("the level of {year}")), shown, "{page}");
        assert_eq!(page.contains("class=\"beside\""), shown, "{page}");
    }
}
