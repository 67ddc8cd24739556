//! What every file is taken for: a committed table of kinds, states and counts of facts.
//!
//! The tables hold nothing that stands inside a file. `UPDATE_SNAPSHOTS=1` rewrites them.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use gitlab_dora_exporter::delivery::{FactBody, FactKey, KeptJobs, ProjectKey};
use gitlab_dora_exporter::projection::{Projection, project};
use gitlab_dora_exporter::record::Record;
use gitlab_dora_exporter::store::{StoredContent, StoredEntry};

use super::folders::{Payload, outside, own, say};
use super::ingest;

/// The first line of a table.
const HEAD: &str = "# file | kind | state, and how many things of each type its facts speak of";

/// The type of a fact, as the tables call it.
fn type_of(body: &FactBody) -> &'static str {
    match body {
        FactBody::Project(_) => "project",
        FactBody::Environment(_) => "environment",
        FactBody::Deployment(_) => "deployment",
        FactBody::MergeRequest(_) => "merge_request",
        FactBody::MergeRequestCommit(_) => "merge_request_commit",
        FactBody::Review(_) => "review",
        FactBody::Commit(_) => "commit",
        FactBody::Push(_) => "push",
        FactBody::Issue(_) => "issue",
        FactBody::IssueTransition(_) => "issue_transition",
        FactBody::IssueLabel(_) => "issue_label",
        FactBody::IssueMilestone(_) => "issue_milestone",
        FactBody::Pipeline(_) => "pipeline",
        FactBody::PipelineStage(_) => "pipeline_stage",
        FactBody::PipelineJobs(_) => "pipeline_jobs",
        FactBody::TagRelease(_) => "tag_release",
        FactBody::Milestone(_) => "milestone",
        FactBody::MilestoneDue(_) => "milestone_due",
        FactBody::CommitImages(_) => "commit_images",
    }
}

type Things = HashSet<(ProjectKey, FactKey)>;

/// `deployment 1, project 1`: how many things of each type a record as it was kept speaks of.
fn told(record: &Record, things: &mut Things) -> String {
    let Projection::Facts(told) = project(record) else {
        panic!("a record of which facts were stored tells none when it is read again");
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut own = Things::new();
    for fact in KeptJobs::default().of(told) {
        let thing = (fact.project, fact.body.key());
        if own.insert(thing.clone()) {
            *counts.entry(type_of(&fact.body)).or_default() += 1;
        }
        things.insert(thing);
    }
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

/// One line of a table.
fn line(payload: &Payload, entry: &StoredEntry, things: &mut Things) -> String {
    let (kind, state) = match &entry.content {
        StoredContent::Projected(record) => {
            (record.kind.as_str(), format!("facts: {}", told(record, things)))
        }
        StoredContent::Irrelevant { record, .. } => (record.kind.as_str(), "irrelevant".to_owned()),
        StoredContent::Unreadable { record, .. } => (record.kind.as_str(), "unreadable".to_owned()),
        StoredContent::Unread(_) => ("-", "unread".to_owned()),
    };
    format!("{} | {kind} | {state}", payload.name)
}

/// Sends every payload, and gives a line for each of what the journal made of it.
async fn lines(payloads: &[Payload]) -> Vec<String> {
    let ingested = ingest(&[("a", payloads)]).await;
    let by_key: BTreeMap<_, _> =
        ingested.journal.iter().map(|entry| (entry.key.as_bytes(), entry)).collect();
    assert_eq!(by_key.len(), ingested.journal.len(), "each delivery is journaled once");
    let mut things = Things::new();
    let lines = payloads.iter().enumerate().map(|(place, payload)| {
        let entry = by_key.get(format!("a-{place}").as_bytes());
        let entry = entry.unwrap_or_else(|| panic!("{} is not in the journal", payload.name));
        assert!(entry.intact, "{}", payload.name);
        line(payload, entry, &mut things)
    });
    let lines = lines.collect();
    // What the store holds is what the journal tells, merged: nothing lost, nothing more.
    assert_eq!(ingested.digest.facts, things.len() as u64);
    lines
}

fn path_of(line: &str) -> &str {
    line.split(" | ").next().unwrap_or_default()
}

/// Compares lines with the table of that name; gives the paths that the table does not know.
fn compare(name: &str, lines: &[String]) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, format!("{HEAD}\n{}\n", lines.join("\n"))).unwrap();
    }
    let table = std::fs::read_to_string(&file).unwrap_or_default();
    let mut expected: BTreeMap<&str, &str> =
        table.lines().skip(1).map(|line| (path_of(line), line)).collect();
    let mut differences = String::new();
    let mut unknown = Vec::new();
    for line in lines {
        match expected.remove(path_of(line)) {
            None => unknown.push(path_of(line).to_owned()),
            Some(known) if known == line => {}
            Some(known) => writeln!(differences, "expected {known}\n  actual {line}").unwrap(),
        }
    }
    for known in expected.values() {
        writeln!(differences, "  absent {known}").unwrap();
    }
    assert!(
        differences.is_empty(),
        "{name} differs; read the change, then run with UPDATE_SNAPSHOTS=1:\n{differences}"
    );
    unknown
}

#[tokio::test]
async fn each_of_our_hooks_is_stored_as_what_it_is() {
    let payloads = own();
    let lines = lines(&payloads).await;
    for line in &lines {
        // A file is named by the kind it shows.
        let kind = path_of(line).split('-').next().unwrap();
        assert!(line.contains(&format!(" | {kind} | ")), "{line}");
    }
    assert_eq!(compare("hooks.txt", &lines), Vec::<String>::new(), "not in the table");
}

#[tokio::test]
async fn each_real_hook_is_stored_as_what_it_is() {
    let Some(payloads) = outside() else { return };
    let lines = lines(&payloads).await;
    let unknown = compare("payloads.txt", &lines);
    if !unknown.is_empty() {
        say(&format!("NOTICE: stored, but not in payloads.txt: {}", unknown.join(", ")));
    }
    for (payload, line) in payloads.iter().zip(&lines) {
        let json = payload.json();
        let kind = json.get("object_kind").or(json.get("event_name")).and_then(|it| it.as_str());
        let is_told = line.contains(&format!(" | {} | ", kind.unwrap_or("custom")));
        assert!(is_told || line.ends_with(" | - | unread"), "{line}");
    }
}
