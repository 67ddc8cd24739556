//! Hostile names and floods: what reaches a label, and how much is exposed at most.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gitlab_dora_exporter::delivery::{
    DeploymentStatus, EnvironmentName, EnvironmentTier, LifetimeSeries, ProjectPath, Timestamp,
    Total,
};
use gitlab_dora_exporter::dora::lifetime::LifetimeTotals;
use gitlab_dora_exporter::dora::scorecard::{Figures, PooledFigures, ProjectFigures, Scorecard};
use gitlab_dora_exporter::dora::window::Window;
use gitlab_dora_exporter::exposition::{Encoding, Format, Limits, Snapshot, Tail, render, scrape};
use proptest::prelude::*;

use super::formats::text_of;
use super::parser;
use super::scorecards::{key, scorecards};

fn project(id: u64, path: &str) -> ProjectFigures {
    ProjectFigures {
        project: key(1, id),
        path: ProjectPath::new(path).unwrap(),
        figures: Figures::default(),
        services: Vec::new(),
        data_since: None,
        unattributed_incidents: vec![0].into(),
        tier_warnings: 0,
        unknown_version_at: None,
    }
}

fn scorecard(projects: Vec<ProjectFigures>, groups: Vec<PooledFigures>) -> Scorecard {
    Scorecard {
        as_of: Timestamp::from_second(0),
        windows: vec![Window::of_days(30)],
        projects: projects.into_iter().map(Arc::new).collect(),
        groups: groups.into_iter().map(Arc::new).collect(),
        teams: Vec::new(),
        totals: LifetimeTotals::default(),
        contacts: BTreeMap::new(),
        doubts: BTreeMap::new(),
        future_events: 0,
        negative_durations: 0,
        tier_warnings: 0,
    }
}

/// The values of `label` that the text of a snapshot holds.
fn values(snapshot: &Snapshot, label: &str) -> BTreeSet<String> {
    let text =
        text_of(&scrape(Some(snapshot), &Tail::render(&[], Format::Text), Encoding::Identity));
    let read = parser::read(&text, Format::Text);
    let labels = read.iter().flat_map(|family| &family.samples).map(|(_, labels, _)| labels);
    labels.filter_map(|labels| labels.get(label).cloned()).collect()
}

/// Without limit but that of the names.
fn unlimited() -> Limits {
    Limits { max_series: u64::MAX, ..Limits::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_name_comes_out_as_it_went_in_or_marked_as_changed(
        names in prop::collection::btree_set(".{1,20}|[\"\\\\\n\u{0}\u{85}}{=, #]{1,20}|.{120,140}", 1..8)
    ) {
        let projects = names.iter().zip(1..).map(|(name, id)| project(id, name)).collect();
        let shown = values(&render(&scorecard(projects, Vec::new()), &unlimited()), "project");
        prop_assert_eq!(shown.len(), names.len(), "different names stay different");
        let odd = |name: &str| name.chars().count() > 128 || name.contains(char::is_control)
            || name.contains(|c| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
        let plain: BTreeSet<_> = names.iter().filter(|name| !odd(name)).cloned().collect();
        prop_assert!(plain.is_subset(&shown));
        for name in shown.difference(&plain) {
            prop_assert!(!odd(name) && name.chars().rev().nth(8) == Some('~'), "{:?}", name);
        }
    }

    #[test]
    fn the_limit_holds_whatever_it_is_and_what_is_dropped_is_counted(
        scorecard in scorecards("[a-z]{1,4}"), max_series in 3_u64..2000
    ) {
        let all = render(&scorecard, &unlimited());
        let some = render(&scorecard, &Limits { max_series, ..Limits::default() });
        let text = text_of(&scrape(Some(&some), &Tail::render(&[], Format::Text), Encoding::Identity));
        let lines = text.lines().filter(|line| !line.starts_with('#')).count() as u64;
        prop_assert_eq!(some.series(), lines);
        let teams = render(&Scorecard { projects: vec![], groups: vec![], ..scorecard.clone() }, &unlimited());
        prop_assert!(some.series() <= max_series.max(teams.series()), "{} series", some.series());
        prop_assert_eq!(some.series() + some.dropped().over_limit, all.series());
        let is_whole = some.dropped().over_limit == 0;
        // Teams stay whatever the limit is.
        prop_assert_eq!(all.series() <= max_series.max(teams.series()), is_whole);
    }
}

#[test]
fn the_oldest_projects_stay_and_the_groups_that_pool_most() {
    let projects = (1..=100).map(|id| project(id, &format!("z{:03}", 100 - id))).collect();
    let group = |name: &str, projects| PooledFigures {
        name: name.to_owned(),
        projects,
        figures: Figures::default(),
    };
    let groups = (0..100).map(|at| group(&format!("g{at:03}"), at)).collect();
    // Six series a project, five a group, and fifteen about this process.
    let limits = Limits { max_series: 15 + 60 + 60, ..Limits::default() };
    let snapshot = render(&scorecard(projects, groups), &limits);
    let shown: Vec<_> = values(&snapshot, "project").into_iter().collect();
    assert_eq!(shown, (90..100).map(|at| format!("z{at:03}")).collect::<Vec<_>>());
    let shown: Vec<_> = values(&snapshot, "group").into_iter().collect();
    assert_eq!(shown, (88..100).map(|at| format!("g{at:03}")).collect::<Vec<_>>());
    let dropped = snapshot.dropped();
    assert_eq!((dropped.projects, dropped.groups), (90, 88));
    assert_eq!(dropped.over_limit, 90 * 6 + 88 * 5);
}

#[test]
fn where_groups_need_less_than_half_projects_have_the_rest() {
    let projects = (1..=100).map(|id| project(id, &format!("p{id:03}"))).collect();
    let group = PooledFigures { name: "g".into(), projects: 100, figures: Figures::default() };
    let limits = Limits { max_series: 15 + 5 + 90 * 6, ..Limits::default() };
    let snapshot = render(&scorecard(projects, vec![group]), &limits);
    assert_eq!(snapshot.dropped().projects, 10);
    assert_eq!(values(&snapshot, "group").len(), 1);
}

#[test]
fn a_path_that_was_given_away_belongs_to_the_newer_project() {
    let mut older = project(1, "a/b");
    older.data_since = Some(Timestamp::from_second(1));
    let snapshot = render(&scorecard(vec![older, project(2, "a/b")], Vec::new()), &unlimited());
    let text =
        text_of(&scrape(Some(&snapshot), &Tail::render(&[], Format::Text), Encoding::Identity));
    assert!(!text.contains("data_since_timestamp_seconds{"), "{text}");
    assert_eq!((snapshot.dropped().projects, snapshot.dropped().over_dimension), (1, 7));
}

#[test]
fn a_hundred_thousand_environments_of_one_project_are_added_up() {
    let totals = |tier: &EnvironmentTier, name: String| {
        let series = LifetimeSeries::Deployments {
            service: None,
            environment: EnvironmentName::new(&name).unwrap(),
            tier: tier.clone(),
            status: DeploymentStatus::Success,
            kind: "first",
        };
        ((key(1, 1), series), Total { count: 1, ..Total::default() })
    };
    let mut scorecard = scorecard(vec![project(1, "p")], Vec::new());
    let review =
        (0..50_000).map(|at| totals(&EnvironmentTier::Development, format!("review/{at}")));
    let flood = (0..50_000).map(|at| totals(&EnvironmentTier::Production, format!("prod/{at:05}")));
    scorecard.totals = review.chain(flood).collect();
    let snapshot = render(&scorecard, &Limits::default());
    let shown = values(&snapshot, "environment");
    assert_eq!(shown.len(), 65);
    assert!(shown.contains("*") && shown.contains("prod/00000"));
    let text =
        text_of(&scrape(Some(&snapshot), &Tail::render(&[], Format::Text), Encoding::Identity));
    let read = parser::read(&text, Format::Text);
    let family = read.iter().find(|family| family.name == "dora_deployments_total").unwrap();
    let sum: f64 = family.samples.iter().map(|(.., value)| value).sum();
    assert!((sum - 100_000.0).abs() < f64::EPSILON, "nothing is lost: {sum}");
    assert_eq!(snapshot.dropped().over_dimension, 100_000 - family.samples.len() as u64);
}

#[test]
fn a_million_hostile_projects_leave_a_bounded_text() {
    let tail = |id: u64| if id.is_multiple_of(100) { 200 } else { 0 };
    let name = |id| format!("x{id}\"}} 1\ndora_forged{{\u{202e}{}", "y".repeat(tail(id)));
    let projects: Vec<_> = (1..=1_000_000).map(|id| project(id, &name(id))).collect();
    let groups = (1..=100_000).map(|id| PooledFigures {
        name: name(id),
        projects: 1,
        figures: Figures::default(),
    });
    let limits = Limits::default();
    let snapshot = render(&scorecard(projects, groups.collect()), &limits);
    assert!(snapshot.series() <= limits.max_series);
    let answer = scrape(Some(&snapshot), &Tail::render(&[], Format::Text), Encoding::Identity);
    assert!(answer.length() < 32 * 1024 * 1024, "{} bytes", answer.length());
    assert!(!text_of(&answer).contains("\ndora_forged"));
    assert!(snapshot.dropped().projects > 990_000 && snapshot.dropped().groups > 90_000);
}
