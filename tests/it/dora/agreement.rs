//! The product and the second implementation agree on every number of every truthful history.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::{
    Counted, Fact, FactBody, History, LifetimeSeries, ServiceName, Tally, Timestamp,
};
use gitlab_dora_exporter::dora::counting::{known_series, to_count};
use gitlab_dora_exporter::dora::measure::{ProjectScore, measure};
use gitlab_dora_exporter::dora::policy::Policy;
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::window::Window;
use gitlab_dora_exporter::exposition::catalog::Scope;
use gitlab_dora_exporter::exposition::{Listed, list, list_service};
use proptest::prelude::*;
use proptest::sample::Index;

use super::reference::{self, Scene, Sheet};
use super::story::key;
use super::world::{BEGINNING, Drawn, Step, World, any_policy, step};

pub(crate) const WINDOWS: [Window; 3] =
    [Window::of_days(1), Window::of_days(4), Window::of_days(30)];

/// Which instant that something happened at, how long after it, and beside it.
type Moment = (Index, usize, i64);

fn moment() -> impl Strategy<Value = Moment> {
    (any::<Index>(), prop_oneof![3 => Just(0), 1 => 1..4_usize], -1..2_i64)
}

/// A project's steps and its policy.
fn project() -> impl Strategy<Value = (Vec<(Step, u32)>, Drawn)> {
    (proptest::collection::vec(step(), 1..30), any_policy())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn two_implementations_of_one_specification_agree_on_every_number(
        steps in proptest::collection::vec(step(), 1..60),
        Drawn(policy) in any_policy(),
        moments in proptest::collection::vec(moment(), 3),
        seed in any::<u64>(),
    ) {
        let world = World::of(&steps);
        let history = remembered(world.disordered(seed));
        for now in instants(&world, &moments) {
            let scene = Scene { truth: &world.truth, now, policy: &policy };
            let score = measured(&history, now, &policy);
            let expected = reference::sheet(&reference::measure(scene, &WINDOWS));
            let difference = difference(&sheet(&score, now), &expected);
            prop_assert!(difference.is_empty(), "as of {now}: {difference:#?}\n{}", world.truth);
            let tallies = tallied(&history, &score, now);
            prop_assert_eq!(tallies, reference::tallies(scene), "as of {}\n{}", now, world.truth);
            let zeros = known_series(&score.assessment).iter().map(of_series).collect();
            prop_assert_eq!(reference::known(scene), zeros, "as of {}\n{}", now, world.truth);
        }
    }

    #[test]
    fn they_agree_on_every_number_of_groups_and_teams(
        projects in proptest::collection::vec(project(), 1..4),
        moment in moment(),
        seed in any::<u64>(),
    ) {
        let lived: Vec<(World, Policy)> =
            projects.into_iter().map(|(steps, Drawn(policy))| (World::of(&steps), policy)).collect();
        let histories: Vec<History> =
            lived.iter().map(|(world, _)| remembered(world.disordered(seed))).collect();
        for now in instants(&lived[0].0, &[moment]) {
            let scores: Vec<ProjectScore> = histories
                .iter()
                .zip(&lived)
                .map(|(history, (_, policy))| measured(history, now, policy))
                .collect();
            let scores: Vec<&ProjectScore> = scores.iter().collect();
            let expected: Vec<_> = lived
                .iter()
                .map(|(world, policy)| Scene { truth: &world.truth, now, policy })
                .map(|scene| reference::measure(scene, &WINDOWS))
                .collect();
            for (scope, same) in
                [(Scope::Group, reference::Scope::Group), (Scope::Team, reference::Scope::Team)]
            {
                let as_of = Timestamp::from_second(now);
                let pooled = roll_up("name", &scores, as_of, &WINDOWS);
                let shown = named(list(&pooled.figures, scope, as_of, &WINDOWS));
                let difference = difference(&shown, &reference::pooled(&expected, same));
                prop_assert!(difference.is_empty(), "as of {now}: {difference:#?}");
            }
        }
    }
}

/// The end, and some instants at or beside something that happened or leaves a window.
fn instants(world: &World, moments: &[Moment]) -> Vec<i64> {
    let mut happened = world.truth.instants();
    happened.push(BEGINNING);
    let later = [0, 86_400, 4 * 86_400, 90_000];
    let beside =
        moments.iter().map(|(which, after, offset)| which.get(&happened) + later[*after] + offset);
    happened.iter().max().map(|last| last + 1).into_iter().chain(beside).collect()
}

pub(crate) fn remembered(facts: Vec<FactBody>) -> History {
    let mut history = History::default();
    for body in facts {
        history.fold(Fact { project: key(), body });
    }
    history
}

pub(crate) fn measured(history: &History, now: i64, policy: &Policy) -> ProjectScore {
    let own = history.project(key()).unwrap();
    measure(key(), own, Timestamp::from_second(now), policy, &WINDOWS)
}

fn difference(measured: &Sheet, expected: &Sheet) -> Vec<String> {
    let names: BTreeSet<&String> = measured.keys().chain(expected.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let (own, other) = (measured.get(name), expected.get(name));
            let same = match (own, other) {
                (Some(own), Some(other)) => (own - other).abs() <= 1e-6,
                (own, other) => own.is_none() && other.is_none(),
            };
            (!same).then(|| format!("{name}: measured {own:?}, expected {other:?}"))
        })
        .collect()
}

/// Everything that `/metrics` shows of a project, but for what counters count.
pub(crate) fn sheet(score: &ProjectScore, now: i64) -> Sheet {
    let as_of = Timestamp::from_second(now);
    let own = &score.figures;
    let mut sheet = named(list(&own.figures, Scope::Project, as_of, &WINDOWS));
    for service in &own.services {
        sheet.extend(named(list_service(service, as_of, &WINDOWS)));
    }
    let mut put = |name: &str, labels: &str, value: Option<u64>| {
        let value = value.map(|value| f64::from(u32::try_from(value).unwrap()));
        let name = format!("gitlab_dora_exporter_{name}{{{labels}}}");
        sheet.extend(value.map(|value| (name, value)));
    };
    let epoch = Timestamp::from_second(0);
    let since = own.data_since.map(|at| at.seconds_since(epoch));
    put("data_since_timestamp_seconds", "", since);
    put("tier_warnings_total", "", Some(own.tier_warnings));
    for (window, blameless) in WINDOWS.iter().zip(&own.unattributed_incidents) {
        let labels = format!("window=\"{window}\"");
        put("unattributed_incidents", &labels, Some(*blameless));
    }
    sheet
}

fn named(listed: Vec<Listed>) -> Sheet {
    let name = |own: &Listed| {
        let labels = own.labels.iter().map(|(label, value)| format!("{label}=\"{value}\""));
        format!("{}{{{}}}", own.metric.name, labels.collect::<Vec<_>>().join(","))
    };
    listed.into_iter().map(|own| (name(&own), own.value)).collect()
}

fn tallied(history: &History, score: &ProjectScore, now: i64) -> Vec<String> {
    let own = history.project(key()).unwrap();
    let as_of = Timestamp::from_second(now);
    let tallies = to_count(key(), own, &score.assessment, as_of, &Counted::default());
    let mut counted = Counted::default();
    // Each thing is counted once.
    let fresh = tallies.iter().filter(|tally| counted.insert(key(), &tally.thing));
    let mut lines: Vec<String> = fresh.map(line).collect();
    lines.sort_unstable();
    lines
}

fn line(tally: &Tally) -> String {
    let seconds = tally.observed.map(|observed| format!(" {}", observed.seconds));
    format!("{}{}", of_series(&tally.series), seconds.unwrap_or_default())
}

fn of_series(series: &LifetimeSeries) -> String {
    let name_of = |own: &Option<ServiceName>| own.as_ref().map(ServiceName::to_string);
    match series {
        LifetimeSeries::Deployments { service, environment, tier, status, kind } => {
            let (service, status) = (name_of(service), status.as_str());
            format!("dora_deployments_total {service:?} {environment} {tier} {status} {kind}")
        }
        LifetimeSeries::ChangesDelivered { service, tier } => {
            format!("dora_changes_delivered_total {:?} {tier}", name_of(service))
        }
        LifetimeSeries::Incidents { severity } => {
            format!("dora_incidents_total {}", severity.as_str())
        }
        LifetimeSeries::LeadTime { service, tier, clock } => {
            let name = "dora_delivered_change_lead_time_seconds";
            format!("{name} {:?} {tier} {clock}", name_of(service))
        }
        LifetimeSeries::IncidentDuration => "dora_closed_incident_duration_seconds".to_owned(),
        LifetimeSeries::MilestoneDueDateChanges => {
            "dora_milestone_due_date_changes_total".to_owned()
        }
    }
}
