//! What two implementations compare is everything, and not empty: no family of the catalogue is left
//! out, and the random histories hold every case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use gitlab_dora_exporter::delivery::{DeploymentStatus, RunStatus};
use gitlab_dora_exporter::dora::policy::{DeploymentSource, Policy};
use gitlab_dora_exporter::dora::samples::Step;
use gitlab_dora_exporter::exposition::catalog::{self, OWN};
use proptest::collection::vec;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::agreement::WINDOWS;
use super::reference::truth::{Method, TrueCause, Truth};
use super::reference::{self, Scene, Scope, Sheet};
use super::world::{Drawn, World, any_policy, step};

/// How many histories are looked at: enough for what is rare.
const HISTORIES: usize = 1_200;

/// Families that the second implementation has no number for, and why.
const NOT_COMPARED: [(&str, &str); 9] = [
    ("dora_data_complete", "it tells what was not heard; of these histories everything was"),
    ("dora_group_data_complete", "as of its projects"),
    ("dora_team_data_complete", "as of its projects"),
    ("gitlab_dora_exporter_project_last_delivery_timestamp_seconds", "of deliveries, not of facts"),
    ("gitlab_dora_exporter_project_silent", "of deliveries, not of facts"),
    ("gitlab_dora_exporter_projects_never_sent", "of deliveries, not of facts"),
    ("gitlab_dora_exporter_projects_incomplete", "as data_complete"),
    ("gitlab_dora_exporter_future_events_total", "it counts instants as they are stored"),
    ("gitlab_dora_exporter_negative_durations_total", "counted where tallies are, by the board"),
];

/// What random histories were found to hold.
#[derive(Default)]
struct Survey {
    /// Families, with the kinds of values that their series had.
    families: BTreeMap<String, BTreeSet<Kind>>,
    /// Families with one label, of those series that were not 0.
    labelled: BTreeSet<String>,
    /// What happened, and which policy was applied.
    cases: BTreeMap<&'static str, usize>,
}

/// A kind of value that a series may have.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Zero,
    Between,
    One,
    Above,
}

impl Kind {
    fn of(value: f64) -> Self {
        match value {
            0.0 => Self::Zero,
            1.0 => Self::One,
            value if value < 1.0 => Self::Between,
            _ => Self::Above,
        }
    }
}

static SURVEY: LazyLock<Survey> = LazyLock::new(survey);

fn survey() -> Survey {
    let mut survey = Survey::default();
    let mut runner = TestRunner::deterministic();
    let histories = (vec(step(), 1..60), any_policy());
    for _ in 0..HISTORIES {
        let (steps, Drawn(policy)) = histories.new_tree(&mut runner).unwrap().current();
        let world = World::of(&steps);
        let now = world.truth.instants().into_iter().max().unwrap_or_default() + 1;
        let scene = Scene { truth: &world.truth, now, policy: &policy };
        let measured = reference::measure(scene, &WINDOWS);
        survey.take(reference::sheet(&measured));
        let measured = [measured];
        survey.take(reference::pooled(&measured, Scope::Group));
        survey.take(reference::pooled(&measured, Scope::Team));
        let counted = reference::tallies(scene).into_iter().chain(reference::known(scene));
        let name = |line: String| line.split(' ').next().unwrap_or_default().to_owned();
        counted.map(name).for_each(|name| {
            survey.families.entry(name).or_default();
        });
        for (case, holds) in happened(&world.truth).into_iter().chain(chosen(&policy)) {
            *survey.cases.entry(case).or_default() += usize::from(holds);
        }
    }
    survey
}

impl Survey {
    fn take(&mut self, sheet: Sheet) {
        for (series, value) in sheet {
            let (name, labels) = series.split_once('{').unwrap();
            self.families.entry(name.to_owned()).or_default().insert(Kind::of(value));
            let labels =
                labels.trim_end_matches('}').split(',').filter(|_| Kind::of(value) != Kind::Zero);
            self.labelled.extend(labels.map(|label| format!("{name} {label}")));
        }
    }
}

/// What may have happened in a history.
fn happened(truth: &Truth) -> Vec<(&'static str, bool)> {
    let merged = |method| {
        let all = truth.requests.iter().filter_map(|own| own.merged);
        all.into_iter().any(|merge| merge.method == method)
    };
    let deployed = |status| truth.deployments.iter().any(|own| own.status == status);
    let caused = |is: fn(&TrueCause) -> bool| {
        truth.issues.iter().any(|own| own.is_incident && own.cause.as_ref().is_some_and(is))
    };
    let ran = |status| {
        let ended = truth.pipelines.iter().filter_map(|own| own.ended);
        ended.into_iter().any(|(_, own)| own == status)
    };
    vec![
        ("merge commit", merged(Method::MergeCommit)),
        ("squash", merged(Method::Squash)),
        ("squash and merge commit", merged(Method::SquashAndMergeCommit)),
        ("fast-forward", merged(Method::FastForward)),
        ("fast-forward train", merged(Method::Train)),
        ("promotion", truth.requests.iter().any(|own| own.source == "develop")),
        ("draft", truth.requests.iter().any(|own| own.ready.is_some() && own.merged.is_some())),
        ("revert", truth.requests.iter().any(|own| own.reverts.is_some() && own.merged.is_some())),
        ("bot", truth.requests.iter().any(|own| own.by_bot && own.merged.is_some())),
        ("pick", truth.commits.iter().any(|own| own.picked_from.is_some())),
        ("failed deployment", deployed(DeploymentStatus::Failed)),
        ("canceled deployment", deployed(DeploymentStatus::Canceled)),
        ("skipped deployment", deployed(DeploymentStatus::Skipped)),
        ("deployment of a job", truth.deployments.iter().any(|own| own.job.is_some())),
        ("deployment of no job", truth.deployments.iter().any(|own| own.job.is_none())),
        ("job without a deployment", truth.jobs.iter().any(|own| own.environment.is_none())),
        (
            "tier that changes",
            truth.environments.iter().any(|own| {
                own.tiers.iter().map(|(_, tier)| tier).collect::<BTreeSet<_>>().len() > 1
            }),
        ),
        ("Release ahead", truth.tags.iter().any(|own| own.released > own.made)),
        ("Release dated back", truth.tags.iter().any(|own| own.released < own.made)),
        ("deleted Release", truth.tags.iter().any(|own| own.deleted)),
        ("external cause", caused(|own| matches!(own, TrueCause::External))),
        ("named deployment", caused(|own| matches!(own, TrueCause::Deployment(_)))),
        ("named merge request", caused(|own| matches!(own, TrueCause::Request(_)))),
        ("named commit", caused(|own| matches!(own, TrueCause::Commit(_)))),
        ("duplicate incident", truth.issues.iter().any(|own| own.is_incident && own.superseded)),
        (
            "reopened incident",
            truth.issues.iter().any(|own| own.is_incident && own.turns.len() > 1),
        ),
        ("moved due day", truth.milestones.iter().any(|own| own.dues.len() > 1)),
        ("start day", truth.milestones.iter().any(|own| own.start_day.is_some())),
        ("milestone of a merge request", truth.requests.iter().any(|own| own.milestone.is_some())),
        ("deleted milestone", truth.milestones.iter().any(|own| own.deleted)),
        ("issue that leaves a milestone", truth.issues.iter().any(|own| own.moves.len() > 1)),
        ("pipeline that fails", ran(RunStatus::Failed)),
        ("pipeline that is canceled", ran(RunStatus::Canceled)),
        ("pipeline that is skipped", ran(RunStatus::Skipped)),
        ("pipeline of a merge request", truth.pipelines.iter().any(|own| own.request.is_some())),
        ("pipeline that runs on", truth.pipelines.iter().any(|own| own.ended.is_none())),
    ]
}

/// What a policy may choose of sources and services.
fn chosen(policy: &Policy) -> Vec<(&'static str, bool)> {
    let source = &policy.deployment_source;
    let has_services = !policy.service_map.is_empty();
    let of_jobs = matches!(source, DeploymentSource::Job(_));
    let of_releases = *source == DeploymentSource::TagRelease;
    vec![
        ("source: records", !of_jobs && !of_releases),
        ("source: jobs", of_jobs),
        ("source: Releases", of_releases),
        ("services of records", has_services && !of_jobs && !of_releases),
        ("services of jobs", has_services && of_jobs),
        ("services of Releases", has_services && of_releases),
    ]
}

#[test]
fn every_family_of_the_catalogue_is_compared() {
    let own: BTreeSet<&str> = OWN.iter().map(|metric| metric.name).collect();
    let excepted: BTreeSet<&str> = NOT_COMPARED.iter().map(|(name, _)| *name).collect();
    let of_delivery: BTreeSet<&str> =
        catalog::all().map(|metric| metric.name).filter(|name| !own.contains(name)).collect();
    let compared: BTreeSet<&str> = SURVEY.families.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = of_delivery.difference(&excepted).copied().collect();
    let by_nobody: Vec<&&str> = expected.difference(&compared).collect();
    assert!(by_nobody.is_empty(), "compared by nobody: {by_nobody:#?}");
    let unknown: Vec<&&str> = compared.difference(&expected).collect();
    assert!(unknown.is_empty(), "in no catalogue, or wrongly excepted: {unknown:#?}");
    println!("{} of {} families compared; the others:", compared.len(), of_delivery.len());
    for (name, reason) in NOT_COMPARED {
        println!("  {name}: {reason}");
    }
}

#[test]
fn no_comparison_is_empty() {
    for (name, seen) in SURVEY.families.iter().filter(|(name, _)| name.ends_with("_ratio")) {
        assert!(seen.contains(&Kind::Between), "{name} is nothing between 0 and 1: {seen:?}");
        let has_ends = seen.contains(&Kind::Zero) && seen.contains(&Kind::One);
        let is_bounded = has_ends && !seen.contains(&Kind::Above);
        assert!(name.contains("variation") || is_bounded, "{name}: {seen:?}");
    }
    // Of what counters count no value is here.
    for (name, seen) in SURVEY.families.iter().filter(|(_, seen)| !seen.is_empty()) {
        let is_more = seen.contains(&Kind::Above) || seen.contains(&Kind::Between);
        assert!(is_more, "{name} is always 0 or 1: {seen:?}");
    }
}

#[test]
fn every_value_of_a_label_is_found_with_more_than_nothing() {
    let each = |family: &str, label: &str, values: &[&str]| -> Vec<String> {
        values.iter().map(|value| format!("dora_{family} {label}=\"{value}\"")).collect()
    };
    let steps = Step::ALL.map(Step::as_str);
    let signals = ["incident", "rollback", "revert", "hotfix"];
    let kinds = ["first", "redeploy", "rollback", "outdated", "change"];
    let severities = ["unknown", "low", "medium", "high", "critical"];
    let stages = ["coding", "pickup", "review", "deploy"];
    let bases = ["validated", "milestone", "created", "feedback"];
    let wanted = [
        each("step_duration_seconds", "step", &steps),
        each("window_failed_deployments", "signal", &signals),
        each("window_deployments", "kind", &kinds),
        each("incidents_open", "severity", &severities),
        each("change_lead_time_stage_seconds", "stage", &stages),
        each("need_lead_time_seconds", "basis", &bases),
        each("change_lead_time_seconds", "clock", &["first_commit", "merge"]),
        each("window_category_changes", "category", &["chore", "hotfix", "other"]),
        each("window_changes", "service", &["api", "web", "front", "rest", "back"]),
        each("window_changes", "environment_tier", &["production", "staging", "testing", "uat"]),
        each("promotion_time_seconds", "from", &["staging", "uat", "production"]),
    ]
    .concat();
    let missing: Vec<&String> =
        wanted.iter().filter(|series| !SURVEY.labelled.contains(*series)).collect();
    assert!(missing.is_empty(), "never more than 0: {missing:#?}");
}

#[test]
fn random_histories_hold_every_case_more_than_once() {
    println!("{:#?}", SURVEY.cases);
    let rare: Vec<_> = SURVEY.cases.iter().filter(|(_, count)| **count < 5).collect();
    assert!(rare.is_empty(), "of {HISTORIES} histories hardly any holds: {rare:?}");
}
