//! GitLab's own numbers: section 8 of the specification, from the parents of commits.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_dora_exporter::delivery::{DeploymentStatus, EnvironmentTier, Transition};
use gitlab_dora_exporter::dora::policy::{Counting, Policy};
use gitlab_dora_exporter::dora::window::Window;

use super::changes::Changes;
use super::numbers::{Labels, Number, Numbers, count, median_of};
use super::truth::{TrueDeployment, TrueIssue, Truth};
use super::{Scene, seconds, sources};

const DAY: i64 = 86_400;

#[derive(Default)]
struct Row {
    deployments: usize,
    lead_times: Vec<i64>,
    restored: Vec<i64>,
    opened: usize,
}

pub(crate) fn measure(numbers: &mut Numbers, changes: &Changes<'_>, windows: &[Window]) {
    let scene = changes.scene;
    if scene.policy.gitlab_parity == Counting::Ignore {
        return;
    }
    let rows = rows(changes);
    for window in windows {
        let days = i64::try_from(window.days()).unwrap();
        let today = scene.now.div_euclid(DAY);
        let own: Vec<&Row> = rows
            .iter()
            .filter(|((_, day), _)| today - days <= *day && *day < today)
            .map(|(_, row)| row)
            .collect();
        if own.is_empty() {
            continue;
        }
        let deployments: usize = own.iter().map(|row| row.deployments).sum();
        let opened: usize = own.iter().map(|row| row.opened).sum();
        let (deployments, opened) = (count(deployments), count(opened));
        let lead_times = own.iter().filter_map(|row| median_of(&row.lead_times)).collect();
        let restored = own.iter().filter_map(|row| median_of(&row.restored)).collect();
        let labels = Labels::default().and("window", window);
        for (family, number) in [
            ("gitlab_deployments", Number::Count(deployments)),
            ("gitlab_deployment_frequency", Number::PerDay(deployments, seconds(*window))),
            ("gitlab_change_failure_rate", Number::PerDeployment(opened, deployments)),
            ("gitlab_lead_time_for_changes_seconds", Number::DailyMedians(lead_times)),
            ("gitlab_time_to_restore_service_seconds", Number::DailyMedians(restored)),
        ] {
            numbers.put(family, &labels, number);
        }
    }
}

/// One row per environment of production and day, by place of the environment.
fn rows(changes: &Changes<'_>) -> BTreeMap<(usize, i64), Row> {
    let Scene { truth, now, policy } = changes.scene;
    let plain = Policy { tier_overrides: Vec::new(), ..policy.clone() };
    let is_production = |own: &&TrueDeployment| {
        let environment = &truth.environments[own.environment];
        let tier = sources::tier(&plain, environment.name, Some(environment));
        own.began < now && tier == EnvironmentTier::Production
    };
    let known: Vec<&TrueDeployment> = truth.deployments.iter().filter(is_production).collect();
    let environments: BTreeSet<usize> = known.iter().map(|own| own.environment).collect();
    // Deployments are told in the order of their ids.
    let first = known.first().map(|own| own.environment);
    let mut rows: BTreeMap<(usize, i64), Row> = BTreeMap::new();
    let mut refreshed: BTreeMap<(usize, i64), i64> = BTreeMap::new();
    for environment in environments {
        for (at, seconds) in links(changes, environment) {
            let row = rows.entry((environment, at.div_euclid(DAY))).or_default();
            row.lead_times.extend(seconds);
            row.deployments += 1;
            let known_at = refreshed.entry((environment, at.div_euclid(DAY))).or_insert(at + 300);
            *known_at = (*known_at).max(at + 300);
        }
        if first == Some(environment) {
            let began = known.iter().filter(|own| own.environment == environment);
            let since = began.map(|own| own.began).min().unwrap();
            for day in days_of_incidents(truth, now, since) {
                rows.entry((environment, day)).or_default();
                refreshed.insert((environment, day), i64::MAX);
            }
        }
    }
    for (place, row) in &mut rows {
        let until = now.min(refreshed[place].saturating_add(1));
        for issue in incidents(truth, until) {
            row.opened += usize::from(issue.opened.div_euclid(DAY) == place.1);
            let closed = last_close(issue, until).filter(|at| at.div_euclid(DAY) == place.1);
            row.restored.extend(closed.map(|at| (at - issue.opened).max(0)));
        }
    }
    rows
}

/// By GitLab's type alone; duplicates and external ones included.
fn incidents(truth: &Truth, before: i64) -> impl Iterator<Item = &TrueIssue> {
    truth.issues.iter().filter(move |issue| issue.is_incident && issue.opened < before)
}

fn turns(issue: &TrueIssue, before: i64) -> Vec<(i64, Transition)> {
    let mut turns: Vec<_> = issue.turns.iter().filter(|(at, _)| *at < before).copied().collect();
    turns.sort_unstable();
    turns
}

fn last_close(issue: &TrueIssue, before: i64) -> Option<i64> {
    let last = turns(issue, before).pop()?;
    (last.1 == Transition::Closed).then_some(last.0)
}

/// An opening refreshes its day, a closing its own, a reopening that of the closing before it.
fn days_of_incidents(truth: &Truth, now: i64, since: i64) -> BTreeSet<i64> {
    let mut days = BTreeSet::new();
    for issue in incidents(truth, now) {
        let mut dated = issue.opened;
        let mut events = vec![(issue.opened, dated)];
        for (at, turn) in turns(issue, now) {
            if turn == Transition::Closed {
                dated = at;
            }
            events.push((at, dated));
        }
        days.extend(
            events.iter().filter(|(at, _)| *at >= since).map(|(_, dated)| dated.div_euclid(DAY)),
        );
    }
    days
}

/// Every success in an environment, with the lead times of what it links.
fn links(changes: &Changes<'_>, environment: usize) -> Vec<(i64, Vec<i64>)> {
    let Scene { truth, now, .. } = changes.scene;
    let mut successes: Vec<&TrueDeployment> = truth
        .deployments
        .iter()
        .filter(|own| own.environment == environment)
        .filter(|own| own.status == DeploymentStatus::Success && own.at < now)
        .collect();
    successes.sort_by_key(|own| (own.at, own.id));
    let mut linked = BTreeSet::new();
    let mut links = Vec::new();
    for (place, own) in successes.iter().enumerate() {
        let before = successes[..place].iter().filter(|other| other.id < own.id);
        let previous = before.max_by_key(|other| other.id).map(|other| truth.reach(other.commit));
        let reach = truth.reach(own.commit);
        let mut seconds = Vec::new();
        for (number, request, at, landings) in &changes.merged {
            let belongs = match &previous {
                // Deployments here are made from main.
                None => request.target == "main" && *at <= own.at,
                Some(previous) => {
                    landings.iter().any(|own| reach.contains(own) && !previous.contains(own))
                }
            };
            if belongs && linked.insert(*number) {
                seconds.push((own.at - at).max(0));
            }
        }
        links.push((own.at, seconds));
    }
    links
}
