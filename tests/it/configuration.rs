//! The examples are configurations, and the page of all settings says what the defaults say.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gitlab_dora_exporter::config::{self, DEFAULTS, Environment, Inputs, Purpose};

/// A token of the form that GitLab makes.
const SIGNING: &str = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn every_example_is_a_configuration_that_serves() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment::of([
        ("GITLAB_SECRET_TOKEN", "an invented secret of the minimal example"),
        ("INTERNAL_SIGNING_TOKEN", SIGNING),
        ("SHOP_SECRET_TOKEN", "an invented secret of the shop, the old one"),
        ("SHOP_SECRET_TOKEN_NEXT", "an invented secret of the shop, the new one"),
    ]);
    let secrets = [
        ("/run/secrets/partners-secret-token", "an invented secret of the partners"),
        ("/run/credentials/gitlab-dora-exporter.service/signing-token", SIGNING),
    ];
    let mut checked = Vec::new();
    for entry in fs::read_dir(in_repository("config/examples")).unwrap() {
        let path = entry.unwrap().path();
        let mut text = fs::read_to_string(&path).unwrap();
        for (number, (place, secret)) in secrets.iter().enumerate() {
            let file = folder.path().join(number.to_string());
            fs::write(&file, secret).unwrap();
            text = text.replace(place, file.to_str().unwrap());
        }
        let own = folder.path().join("own.toml");
        fs::write(&own, text).unwrap();
        let inputs =
            Inputs { file: Some(own), environment: environment.clone(), ..Inputs::default() };
        let loaded = config::load(&inputs, Purpose::Serve);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(loaded.settings.is_ok(), "{name}: {:#?}", loaded.settings);
        checked.push(name);
    }
    checked.sort();
    assert_eq!(checked, ["hardened.toml", "minimal.toml", "several-gitlabs.toml"]);
}

#[test]
fn the_page_of_all_settings_says_what_the_defaults_say() {
    let (path, expected) = (in_repository("docs/configuration.md"), page(DEFAULTS));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/configuration.md is out of step with config/default.toml; \
         update it by: UPDATE_DOCS=1 cargo test --test it all_settings"
    );
}

/// The reference as Markdown: comments become text, blocks become headings, keys become entries.
fn page(defaults: &str) -> String {
    let mut page = String::from(
        "<!-- Made from config/default.toml by a test: edit that file, then \
         UPDATE_DOCS=1 cargo test --test it all_settings -->\n\n# Configuration\n",
    );
    let mut comment: Vec<&str> = Vec::new();
    let (mut block, mut in_list) = (String::new(), false);
    let mut lines = defaults.lines();
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("# ").or((line == "#").then_some("")) {
            comment.push(text);
            continue;
        }
        if line.is_empty() {
            paragraphs(&mut page, &mut comment);
            continue;
        }
        let (setting, unset) = line.strip_prefix('#').map_or((line, false), |rest| (rest, true));
        if setting.starts_with('[') {
            setting.trim_matches(['[', ']']).clone_into(&mut block);
            in_list = setting.starts_with("[[");
            writeln!(page, "\n## `{setting}`").unwrap();
            paragraphs(&mut page, &mut comment);
            continue;
        }
        let mut value = setting.to_owned();
        while value.ends_with('[') || value.ends_with("},") {
            let Some(next) = lines.next() else { break };
            value = format!("{value}\n{next}");
        }
        let about = if unset { "Unset by default; for example:" } else { "Default:" };
        let key = value.split_once(" = ").map_or(&*value, |(key, _)| key);
        writeln!(page, "\n### `{block}.{key}`").unwrap();
        paragraphs(&mut page, &mut comment);
        writeln!(page, "\n{about}\n\n```toml\n{value}\n```").unwrap();
        if !in_list {
            let path = format!("{block}.{key}").replace('.', "__").to_ascii_uppercase();
            writeln!(page, "\nEnvironment: `GITLAB_DORA_{path}`").unwrap();
        }
    }
    page
}

fn paragraphs(page: &mut String, comment: &mut Vec<&str>) {
    let text = comment.join("\n");
    if !text.trim().is_empty() {
        writeln!(page, "\n{}", text.trim()).unwrap();
    }
    comment.clear();
}
