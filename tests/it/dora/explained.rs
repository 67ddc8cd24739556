//! Every number is explained by rows that make it again; what is absent is said to be.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_dora_exporter::delivery::register::Newest;
use gitlab_dora_exporter::delivery::{
    Fact, FactBody, History, InstanceId, Project, ProjectId, ProjectKey, ProjectPath, Timestamp,
};
use gitlab_dora_exporter::dora::explain::{Explanation, Measured, answer};
use gitlab_dora_exporter::dora::measuring::Measuring;
use gitlab_dora_exporter::dora::policy::Policies;
use gitlab_dora_exporter::dora::roll_up::Team;
use gitlab_dora_exporter::dora::scorecard::{Figures, Scorecard};
use gitlab_dora_exporter::dora::window::Window;
use gitlab_dora_exporter::exposition::catalog::Scope;
use gitlab_dora_exporter::exposition::{Listed, list};
use gitlab_dora_exporter::report::{Gitlabs, Misread, Series};
use globset::{Glob, GlobSetBuilder};
use proptest::prelude::*;

use super::world::{Drawn, World, any_policy, step};

const PATHS: [&str; 3] = ["a/alone", "a/b/first", "a/b/second"];

fn measuring(policies: Policies) -> Measuring {
    let projects = GlobSetBuilder::new().add(Glob::new("**/first").unwrap()).build().unwrap();
    Measuring {
        policies,
        windows: vec![Window::of_days(1), Window::of_days(4), Window::of_days(30)],
        teams: vec![Team { name: "team".to_owned(), projects }],
    }
}

fn key(number: u64) -> ProjectKey {
    ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(number).unwrap() }
}

/// Projects at [`PATHS`], each with a history of its own.
fn history(worlds: &[World; 3]) -> History {
    let mut history = History::default();
    for ((world, path), number) in worlds.iter().zip(PATHS).zip(1..) {
        let own = Project {
            // Newer than what the history itself says.
            path: Newest::at(
                Timestamp::from_second(i64::from(u32::MAX)),
                ProjectPath::new(path).unwrap(),
            ),
            ..Project::default()
        };
        for body in world.facts.iter().cloned().chain([FactBody::Project(own)]) {
            history.fold(Fact { project: key(number), body });
        }
    }
    history
}

/// Explains every value of a scorecard, and gives how many there were.
pub(crate) fn assert_explained(history: &History, measuring: &Measuring, at: Timestamp) -> usize {
    let scorecard = measuring.all(history, at);
    let measured: Vec<Measured<'_>> = history
        .projects()
        .filter_map(|(key, _)| Measured::new(measuring, key, history, at))
        .collect();
    let mut explained = 0;
    for (scope, name, figures) in scopes(&scorecard) {
        let members: Vec<&Measured<'_>> = measured
            .iter()
            .filter(|own| match scope {
                Scope::Group => own.path.groups().any(|group| group == name),
                Scope::Team => {
                    let mut teams = measuring.teams.iter().filter(|team| team.name == name);
                    teams.any(|team| team.projects.is_match(own.path.as_str()))
                }
                _ => own.path.as_str() == name,
            })
            .collect();
        for listed in list(figures, scope, at, &measuring.windows) {
            let Some(answer) = explanation(&listed, (scope, &name), &members, at) else { continue };
            assert_eq!(answer.recompute(), Some(listed.value), "{listed:?} of {name}");
            assert_eq!(answer.absence(), None, "{listed:?} of {name}");
            explained += 1;
        }
    }
    explained
}

fn scopes(scorecard: &Scorecard) -> Vec<(Scope, String, &Figures)> {
    let projects = scorecard.projects.iter();
    let projects = projects.map(|own| (Scope::Project, own.path.to_string(), &own.figures));
    let groups = scorecard.groups.iter().map(|own| (Scope::Group, own.name.clone(), &own.figures));
    let teams = scorecard.teams.iter().map(|own| (Scope::Team, own.name.clone(), &own.figures));
    projects.chain(groups).chain(teams).collect()
}

/// The explanation of a value; `None` for a family that has none yet, which a test of its own lists.
fn explanation(
    listed: &Listed,
    (scope, name): (Scope, &str),
    members: &[&Measured<'_>],
    at: Timestamp,
) -> Option<Explanation> {
    let labels = listed.labels.iter().map(|(label, value)| ((*label).to_owned(), value.clone()));
    let own = (scope.label().unwrap().to_owned(), name.to_owned());
    let labels: BTreeMap<String, String> = labels.chain([own]).collect();
    match Series::of(listed.metric.name, labels, &Gitlabs::default()) {
        Ok(series) => Some(answer(series.question(), members, at)),
        Err(Misread::Unexplained { .. }) => None,
        Err(error) => panic!("{listed:?}: {error}"),
    }
}

/// Every series that exists at one of the instants and not at another is absent there, for a reason.
fn assert_absent(history: &History, measuring: &Measuring, instants: &[Timestamp]) {
    let shown: Vec<BTreeSet<(String, String)>> =
        instants.iter().map(|at| names(&measuring.all(history, *at))).collect();
    for (at, own) in instants.iter().zip(&shown) {
        let (number, path) = (1, PATHS[0]);
        let Some(measured) = Measured::new(measuring, key(number), history, *at) else { continue };
        let all: BTreeSet<&(String, String)> = shown.iter().flatten().collect();
        for (scope, text) in all.into_iter().filter(|name| name.0 == path && !own.contains(*name)) {
            let Ok(series) = Series::parse(text, &Gitlabs::default()) else { continue };
            let answer = answer(series.question(), &[&measured], *at);
            assert_eq!(answer.recompute(), None, "{text} of {scope} at {at}");
            assert!(answer.absence().is_some(), "{text} of {scope} at {at}");
        }
    }
}

/// Every series of the projects of a scorecard, by path and as Prometheus shows it.
fn names(scorecard: &Scorecard) -> BTreeSet<(String, String)> {
    let series = |(scope, name, figures): (Scope, String, &Figures)| {
        let listed = list(figures, scope, scorecard.as_of, &scorecard.windows).into_iter();
        let text = listed.map(|listed| {
            let labels = listed.labels.iter().map(|(label, value)| format!("{label}=\"{value}\""));
            let labels: Vec<String> = labels.chain([format!("project=\"{name}\"")]).collect();
            (name.clone(), format!("{}{{{}}}", listed.metric.name, labels.join(",")))
        });
        text.collect::<Vec<_>>()
    };
    let scopes = scopes(scorecard).into_iter();
    scopes.filter(|(scope, ..)| *scope == Scope::Project).flat_map(series).collect()
}

proptest! {
    // Each case asks some thousands of questions.
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_rows_of_every_series_make_its_value_again(
        steps in proptest::array::uniform3(proptest::collection::vec(step(), 1..30)),
        Drawn(policy) in any_policy(),
        before in 0..200_000_i64,
    ) {
        let worlds = steps.map(|steps| World::of(&steps));
        let measuring = measuring(Policies::new(policy, Vec::new()));
        let history = history(&worlds);
        let end = worlds.iter().map(World::end).max().unwrap();
        let instants = [end, end - before, end + 3_000_000].map(Timestamp::from_second);
        for at in instants {
            prop_assert!(assert_explained(&history, &measuring, at) > 0 || at < instants[0]);
        }
        assert_absent(&history, &measuring, &instants);
    }
}
