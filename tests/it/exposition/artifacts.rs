//! Documents and tools that go with the exposition.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

use gitlab_dora_exporter::exposition::{Encoding, Format, Limits, Tail, reference, render, scrape};
use gitlab_dora_exporter::instruments::Instruments;

use super::committed::assert_committed;
use super::formats::text_of;
use super::scorecards::small;

#[test]
fn the_reference_of_metrics_is_in_step() {
    assert_committed("docs/metrics.md", &reference());
}

/// Counts of days, not durations: the rule that flags them cannot tell.
const ALLOWED: [&str; 3] =
    ["dora_deployment_days", "dora_group_deployment_days", "dora_team_deployment_days"];

#[test]
fn promtool_finds_nothing_but_the_counts_of_days() {
    let snapshot = render(&small(), &Limits::default());
    let own = Instruments::new().gather();
    let text =
        text_of(&scrape(Some(&snapshot), &Tail::render(&own, Format::Text), Encoding::Identity));
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut promtool = match promtool {
        Ok(promtool) => promtool,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Not by a macro: its output would be kept back.
            let notice = b"promtool not found: names and types were not checked with it\n";
            return std::io::stderr().write_all(notice).unwrap();
        }
        Err(error) => panic!("promtool: {error}"),
    };
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let findings = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let found: BTreeSet<_> = findings.lines().map(str::to_owned).collect();
    let allowed =
        ALLOWED.map(|name| format!("{name} use base unit \"seconds\" instead of \"days\""));
    assert_eq!(found, allowed.into(), "{findings}");
    assert_eq!(output.status.code(), Some(3));
}
