//! Documents: what they link to, name and tell people to type exists.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use gitlab_dora_exporter::exposition::catalog;
use regex::Regex;

use super::files;
use super::promql::metric;

/// Documents that must be there, and be reachable from the README.
const DOCUMENTS: [&str; 12] = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/configuration.md",
    "docs/definitions.fr.md",
    "docs/definitions.md",
    "docs/gitlab-setup.md",
    "docs/metrics.md",
    "docs/operations.md",
    "docs/performance.md",
];

/// The fenced blocks of a document: language and text.
fn fenced(markdown: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in markdown.lines() {
        match line.trim_start().strip_prefix("```") {
            Some(language) if !open => blocks.push((language.trim().to_owned(), String::new())),
            Some(_) => {}
            None if open => {
                let (_, text) = blocks.last_mut().unwrap();
                text.push_str(line.trim_start());
                text.push('\n');
            }
            None => continue,
        }
        open ^= line.trim_start().starts_with("```");
    }
    assert!(!open, "a fence is not closed");
    blocks
}

/// A document without its fenced blocks.
fn prose(markdown: &str) -> String {
    Regex::new(r"(?ms)^\s*```.*?^\s*```$").unwrap().replace_all(markdown, "").into_owned()
}

/// The anchors that a reader's browser gives the headings of a document.
fn anchors(markdown: &str) -> BTreeSet<String> {
    let headings = prose(markdown);
    let lines = headings.lines().filter_map(|line| line.strip_prefix('#'));
    lines
        .map(|line| {
            let kept = line.trim_start_matches('#').trim().to_lowercase();
            let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let link = Regex::new(r"\[[^\]]+\]\(([^)\s]+)\)").unwrap();
    for path in files::ending_in(".md") {
        let text = files::read(&path);
        for target in link.captures_iter(&prose(&text)).map(|found| found[1].to_owned()) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let here = path.parent().unwrap().join(file);
            let there = if file.is_empty() { path.as_path() } else { here.as_path() };
            assert!(files::root().join(there).exists(), "{}: {target}", path.display());
            if !anchor.is_empty() {
                let known = anchors(&files::read(there));
                assert!(known.contains(anchor), "{}: {target}", path.display());
            }
        }
    }
}

#[test]
fn every_document_is_reached_from_the_readme() {
    let readme = files::read("README.md");
    for document in DOCUMENTS {
        assert!(readme.contains(&format!("]({document})")), "{document}");
    }
}

#[test]
fn every_metric_named_in_a_document_exists() {
    let name = Regex::new(r"\b(dora|gitlab_dora_exporter)_[a-z0-9_]+\*?").unwrap();
    let mut seen = 0;
    for path in files::ending_in(".md").into_iter().chain(files::ending_in(".yml")) {
        for found in name.find_iter(&files::read(&path)) {
            let named = found.as_str();
            let exists = match named.strip_suffix('*') {
                Some(start) => catalog::all().any(|metric| metric.name.starts_with(start)),
                None => metric(named).is_some(),
            };
            assert!(exists || is_recorded(named), "{} of {}", named, path.display());
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} names: does the pattern still fit?");
}

/// Whether the name is the middle of one that a rule records (`level:metric:operations`).
fn is_recorded(name: &str) -> bool {
    let middle = format!(":{name}:");
    super::rules::all().iter().any(|rule| rule.expression.place.contains(&middle))
}

#[test]
fn every_path_that_a_document_names_exists() {
    let path = Regex::new(r"`((?:src|tests|deploy|docs|config|benches)/[a-z0-9_./-]+)`").unwrap();
    let mut seen = 0;
    for document in files::ending_in(".md") {
        for found in path.captures_iter(&files::read(&document)) {
            let named = files::root().join(&found[1]);
            assert!(named.exists(), "{}: {}", document.display(), &found[1]);
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} paths: does the pattern still fit?");
}

#[test]
fn the_quick_start_is_two_commands() {
    let readme = files::read("README.md");
    let (language, commands) = fenced(&readme).into_iter().nth(1).unwrap();
    assert_eq!(language, "console");
    assert_eq!(commands, "$ cargo run --release -- demo\n$ tests/run\n");
    assert!(is_executable("tests/run") && is_executable(".ci/run"));
}

#[cfg(unix)]
fn is_executable(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    files::root().join(path).metadata().unwrap().permissions().mode() & 0o111 == 0o111
}

#[cfg(not(unix))]
fn is_executable(path: &str) -> bool {
    files::root().join(path).exists()
}

#[test]
fn every_command_that_a_document_shows_exists() {
    let mut seen = BTreeSet::new();
    for path in files::ending_in(".md") {
        let text = files::read(&path);
        let blocks = fenced(&text);
        let shown = blocks
            .iter()
            .filter(|(kind, _)| kind == "console")
            .flat_map(|(_, block)| block.lines().filter_map(|line| line.strip_prefix("$ ")));
        seen.extend(shown.filter_map(assert_exists));
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

/// Asks the program for help on the command of one line; `None` where the line has none of ours.
fn assert_exists(line: &str) -> Option<Vec<String>> {
    let command = Regex::new(r"(?m)gitlab-dora-exporter ([a-z]+)((?: [a-z]+)?)").unwrap();
    let found = command.captures(line)?;
    let mut words = vec![found[1].to_owned()];
    if ["config", "hooks"].contains(&&found[1]) {
        words.push(found[2].trim().to_owned());
    }
    let help = help_of(&words);
    for option in Regex::new(r" (--[a-z-]+)").unwrap().captures_iter(line) {
        assert!(help.contains(&option[1]), "{line}: no {}", &option[1]);
    }
    Some(words)
}

/// What `--help` of a command says.
fn help_of(words: &[String]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
    let output = program.args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_configuration_that_a_document_shows_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for path in ["README.md", "docs/gitlab-setup.md"].map(Path::new) {
        for (_, toml) in fenced(&files::read(path)).iter().filter(|(kind, _)| kind == "toml") {
            assert_accepted(folder.path(), path, toml);
            seen += 1;
        }
    }
    assert!(seen >= 2, "no configuration found");
}

/// Checks a configuration with the program itself, after the secret's file was put in place.
fn assert_accepted(folder: &Path, path: &Path, toml: &str) {
    let secret = folder.join("token");
    // A signing token of 32 bytes, which a secret token may be as well.
    let token = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";
    std::fs::write(&secret, token).unwrap();
    let file = folder.join("config.toml");
    let in_place = Regex::new(r#""/etc/gitlab-dora-exporter/[a-z-]+""#).unwrap();
    let here = format!("\"{}\"", secret.display());
    std::fs::write(&file, in_place.replace_all(toml, here.as_str()).as_bytes()).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
    let output = program.args(["config", "check", "--config"]).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", path.display());
}
