//! The invented company: GitLab's shapes for everything that is measured, and the command that
//! shows it.

mod recount;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use gitlab_dora_exporter::config::{self, Inputs, Purpose};
use gitlab_dora_exporter::delivery::{
    DeploymentStatus, History, InstanceId, IssueType, ProjectHistory, Timestamp,
};
use gitlab_dora_exporter::demo::{Company, Delivery};
use gitlab_dora_exporter::dora::measuring::Measuring;
use gitlab_dora_exporter::dora::roll_up::Team;
use gitlab_dora_exporter::gitlab::{self, Pseudonyms};
use gitlab_dora_exporter::projection::{self, Projection};
use gitlab_dora_exporter::proof::{Authenticator, DeliveryHeaders, SigningToken, Source, Verified};
use globset::{Glob, GlobSet, GlobSetBuilder};

use super::dora::explained::assert_explained;

/// Monday 2026-06-01, 12:00 UTC.
const NOW: Timestamp = Timestamp::from_second(1_780_315_200);
const TOKEN: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn deliveries() -> impl Iterator<Item = Delivery> {
    let mut company = Company::new(1, NOW, 45, 60);
    std::iter::from_fn(move || company.next_before(NOW))
}

fn verified(authenticator: &Authenticator, delivery: &Delivery) -> Verified {
    let token = SigningToken::parse(TOKEN).unwrap();
    let timestamp = NOW.to_string();
    let signature = token.sign(delivery.id.as_bytes(), timestamp.as_bytes(), &delivery.body);
    let headers = DeliveryHeaders::read(|name| {
        let value = match name {
            "webhook-id" => Some(delivery.id.as_bytes()),
            "webhook-timestamp" => Some(timestamp.as_bytes()),
            "webhook-signature" => Some(signature.as_bytes()),
            "x-gitlab-event" => Some(delivery.event.as_bytes()),
            _ => None,
        };
        value.into_iter()
    });
    authenticator.verify(&headers, Bytes::from(delivery.body.clone()), NOW).unwrap()
}

/// The history of the company, as the exporter reads it from its deliveries.
fn read(deliveries: impl Iterator<Item = Delivery>) -> History {
    let source = Source {
        instance: InstanceId::new(1),
        name: String::from("demo"),
        signing_tokens: vec![SigningToken::parse(TOKEN).unwrap()],
        secret_tokens: Vec::new(),
        strict: true,
        projects: GlobSet::empty(),
    };
    let authenticator = Authenticator::new(vec![source], 300);
    let defaults = config::load(&Inputs::default(), Purpose::Other).settings.unwrap();
    let pseudonyms = Pseudonyms::new(&[7; 32], defaults.exclude_authors);
    let mut history = History::default();
    for delivery in deliveries {
        let record = gitlab::scrub(&verified(&authenticator, &delivery), &pseudonyms).unwrap();
        assert_eq!(gitlab::project_path(&record).as_deref(), Some(delivery.project));
        match projection::project(&record) {
            Projection::Facts(facts) => facts.into_iter().for_each(|fact| {
                history.fold(fact);
            }),
            other => panic!("{}: {other:?}", delivery.summary),
        }
    }
    history
}

#[test]
fn every_delivery_of_the_demo_is_read_and_says_something() {
    let mut kinds: BTreeSet<&str> = BTreeSet::new();
    let history = read(deliveries().inspect(|delivery| {
        kinds.insert(delivery.event);
    }));
    assert_eq!(history.projects().count(), 13);
    assert_eq!(kinds.len(), 9, "{kinds:?}");
    let sum = |count: fn(&ProjectHistory) -> usize| -> usize {
        history.projects().map(|(_, project)| count(project)).sum()
    };
    let merged = sum(|project| {
        project.requests().rows().iter().filter(|request| request.merged().is_some()).count()
    });
    assert!(merged > 200, "{merged}");
    let reverts = sum(|project| {
        let reverting = project.merge_request_facts();
        reverting.filter(|request| matches!(request.reverts.value(), Some(Some(_)))).count()
    });
    assert!(reverts > 0, "{reverts}");
    let incidents = sum(|project| {
        let issues = project.issues.values();
        issues.filter(|issue| issue.issue_type.value() == Some(&IssueType::Incident)).count()
    });
    assert!(incidents > 10, "{incidents}");
    let named =
        sum(|project| project.issues.values().filter(|issue| issue.cause().is_some()).count());
    assert!(named > 0, "{named}");
    let closing = sum(|project| {
        let requests = project.requests();
        requests.rows().iter().filter(|row| !requests.closes(row).is_empty()).count()
    });
    assert!(closing > 10, "{closing}");
    assert!(sum(|project| project.planning().labels().count()) > closing);
    assert!(sum(|project| project.transitions.len()) > incidents);
    assert!(sum(|project| project.requests().reviews().len()) > merged);
}

#[test]
fn the_facts_say_what_the_summaries_of_the_demo_say() {
    let mut successes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = 0_usize;
    for delivery in deliveries() {
        if delivery.summary.contains(" success ") && delivery.event == "Deployment Hook" {
            *successes.entry(delivery.project).or_default() += 1;
        }
        failures += usize::from(delivery.summary.contains(" failed prod"));
    }
    let history = read(deliveries().filter(|delivery| delivery.event == "Deployment Hook"));
    let mut failed = 0;
    for (_, project) in history.projects() {
        let path = project.project.path.value().unwrap().as_str().to_owned();
        let by_status = |wanted: DeploymentStatus| {
            project.deployment_facts().filter(move |one| one.status.state() == Some(&wanted))
        };
        let success = by_status(DeploymentStatus::Success).count();
        assert_eq!(successes.get(path.as_str()), Some(&success), "{path}");
        assert!(by_status(DeploymentStatus::Success).all(|one| one.sha.0.is_some()), "{path}");
        assert!(
            project
                .deployment_facts()
                .all(|one| one.started_at.0 <= one.succeeded_at.0 || one.succeeded_at.0.is_none())
        );
        failed += by_status(DeploymentStatus::Failed)
            .filter(|one| {
                one.environment.0.as_ref().is_some_and(|name| name.as_str().starts_with("prod"))
            })
            .count();
    }
    assert_eq!(failed, failures);
}

/// Long enough for a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

fn demo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
    command.arg("demo").args(arguments).env_clear().env("TMPDIR", folder);
    command
}

#[test]
fn one_round_of_the_demo_prints_numbers_of_every_project_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--once", "--days", "15", "--listen", "127.0.0.1:0"];
    let output = demo(folder.path(), &arguments).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("signed deliveries of 15 days accepted in"), "{stdout}");
    let rows: Vec<&str> = stdout.lines().skip_while(|line| !line.starts_with("project")).collect();
    assert_eq!(rows.len(), 14, "{stdout}");
    let guichet = rows.iter().find(|row| row.starts_with("horizon/guichet")).unwrap();
    let cells: Vec<&str> = guichet.split_whitespace().collect();
    assert!(cells[1].parse::<u32>().unwrap() > 3, "{guichet}");
    assert!(["d", "h", "min"].contains(&cells[3]), "a lead time: {guichet}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_demo_lives_on_until_it_is_interrupted_and_then_removes_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = demo(folder.path(), &["--days", "2", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lives_on = lines.map(Result::unwrap).any(|line| line.starts_with("life goes on"));
    assert!(lives_on, "the demo ended by itself");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the store is in there");

    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    let (ended, wait) = mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait()));
    let status = wait.recv_timeout(PATIENCE).expect("it ends when asked to").unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_series_of_the_demo_is_explained_by_rows_that_make_it_again() {
    let history = read(deliveries());
    let settings = config::load(&Inputs::default(), Purpose::Other).settings.unwrap();
    let projects = GlobSetBuilder::new().add(Glob::new("horizon/**").unwrap()).build().unwrap();
    let measuring = Measuring {
        policies: settings.policies,
        windows: settings.exposition.windows,
        teams: vec![Team { name: "horizon".to_owned(), projects }],
    };
    let explained = assert_explained(&history, &measuring, NOW);
    assert!(explained > 3_000, "{explained}");
    let earlier = NOW.minus(20 * 86_400);
    assert!(assert_explained(&history, &measuring, earlier) > 1_000);
}
