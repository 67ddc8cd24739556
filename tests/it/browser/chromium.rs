//! A real browser without a window, driven by its command line.

use std::process::Command;

/// Names under which the browser is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Longest a visit may take, in seconds: a cold start on a busy machine takes five.
const DEADLINE_SECONDS: &str = "90";

/// What a visit left behind.
pub(crate) struct Visit {
    /// The document as the browser understood it, written out again.
    pub(crate) dom: String,
    /// What the browser complained about: blocked loads, bad styles, errors of scripts.
    pub(crate) complaints: Vec<String>,
}

/// The browser's command, when it is installed.
///
/// Its absence is told, and is a failure where `GITLAB_DORA_TESTS_REQUIRE_PEERS` is 1.
#[expect(clippy::print_stderr, reason = "a test that was left out must be seen")]
pub(crate) fn find() -> Option<&'static str> {
    let found = NAMES.into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        let is_required =
            std::env::var_os("GITLAB_DORA_TESTS_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!is_required, "chromium is required and was not found; install it");
        eprintln!("NOTICE: chromium was not found; the page was not tried in a real browser");
    }
    found
}

/// Opens `url` as a reader whose browser prefers `accept` (`fr-FR,fr`), and reaches no other host.
pub(crate) fn visit(browser: &str, url: &str, accept: &str) -> Visit {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("timeout")
        .args([DEADLINE_SECONDS, browser, "--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"])
        .args([
            "--enable-logging=stderr",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ])
        .arg(format!("--accept-lang={accept}"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--dump-dom", url])
        .output()
        .unwrap();
    assert!(output.status.success(), "the browser ended with {}", output.status);
    let log = String::from_utf8_lossy(&output.stderr);
    Visit {
        dom: String::from_utf8(output.stdout).unwrap(),
        complaints: log
            .lines()
            .filter(|line| line.contains("CONSOLE"))
            .map(str::to_owned)
            .collect(),
    }
}
