//! The product and the second implementation agree on every number of every truthful history.

use gitlab_dora_exporter::delivery::{
    Counted, Fact, FactBody, History, Severity, Tally, Timestamp,
};
use gitlab_dora_exporter::dora::assessment::needs::NeedBasis;
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::counting::to_count;
use gitlab_dora_exporter::dora::measure::{ProjectScore, measure};
use gitlab_dora_exporter::dora::policy::{FailureSignal, Policy};
use gitlab_dora_exporter::dora::samples::Step;
use gitlab_dora_exporter::dora::scorecard::{TierFigures, WindowFigures};
use gitlab_dora_exporter::dora::statistics::Quantiles;
use gitlab_dora_exporter::dora::window::Window;
use proptest::prelude::*;

use super::reference::{self, Sheet};
use super::story::key;
use super::world::{BEGINNING, Drawn, World, any_policy, step};

const WINDOWS: [Window; 3] = [Window::of_days(1), Window::of_days(4), Window::of_days(30)];

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn two_implementations_of_one_specification_agree_on_every_number(
        steps in proptest::collection::vec(step(), 1..45),
        Drawn(policy) in any_policy(),
        moments in proptest::collection::vec((any::<proptest::sample::Index>(), -1..2_i64), 3),
        seed in any::<u64>(),
    ) {
        let world = World::of(&steps);
        let history = remembered(world.disordered(seed));
        for now in instants(&world, &moments) {
            let score = measured(&history, now, &policy);
            let expected = reference::measure(&world.truth, now, &policy, &WINDOWS);
            let difference = difference(&sheet(&score, now), &expected);
            prop_assert!(difference.is_empty(), "as of {now}: {difference:#?}\n{}", world.truth);
            let tallies = tallied(&history, &score, now);
            let expected = reference::tallies(&world.truth, now, &policy);
            prop_assert_eq!(tallies, expected, "as of {}", now);
        }
    }
}

/// The end, and some instants at or beside something that happened.
fn instants(world: &World, moments: &[(proptest::sample::Index, i64)]) -> Vec<i64> {
    let truth = &world.truth;
    let mut happened = vec![BEGINNING];
    happened.extend(truth.deployments.iter().flat_map(|own| [own.began, own.at]));
    happened.extend(truth.requests.iter().flat_map(|own| {
        let merged = own.merged.map(|merge| merge.at);
        merged.into_iter().chain([own.created]).chain(own.ready)
    }));
    happened.extend(
        truth.issues.iter().flat_map(|own| own.turns.iter().map(|(at, _)| *at).chain([own.opened])),
    );
    happened.extend(truth.commits.iter().map(|own| own.authored));
    let beside = moments.iter().map(|(which, offset)| which.get(&happened) + offset);
    happened.iter().max().map(|last| last + 1).into_iter().chain(beside).collect()
}

fn remembered(facts: Vec<FactBody>) -> History {
    let mut history = History::default();
    for body in facts {
        history.fold(Fact { project: key(), body });
    }
    history
}

fn measured(history: &History, now: i64, policy: &Policy) -> ProjectScore {
    let own = history.project(key()).unwrap();
    measure(key(), own, Timestamp::from_second(now), policy, &WINDOWS)
}

fn difference(measured: &Sheet, expected: &Sheet) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> =
        measured.keys().chain(expected.keys()).collect();
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

fn sheet(score: &ProjectScore, now: i64) -> Sheet {
    let mut sheet = Sheet::new();
    let figures = &score.figures.figures;
    let as_of = Timestamp::from_second(now);
    for tier in &figures.tiers {
        tier_into(&mut sheet, tier, as_of);
    }
    for (severity, open) in Severity::ALL.into_iter().zip(figures.incidents_open) {
        put(&mut sheet, format!("open {}", severity.as_str()), Some(open));
    }
    put(
        &mut sheet,
        "oldest open".to_owned(),
        figures.oldest_open_incident_at.map(|at| as_of.seconds_since(at)),
    );
    for own in &figures.value_stream.promotions {
        let name = format!("promotion {} {}", own.pair.from, own.pair.to);
        for (window, times) in WINDOWS.iter().zip(&own.times) {
            quantiles_into(&mut sheet, &format!("{name} {window}"), times.as_ref());
        }
    }
    for (window, own) in WINDOWS.iter().zip(&figures.value_stream.windows) {
        for (step, spans) in Step::ALL.into_iter().zip(&own.steps) {
            // Recovery is compared as such; hooks of pipelines are not part of these histories.
            if step != Step::Operate {
                let name = format!("{window} step {}", step.as_str());
                quantiles_into(&mut sheet, &name, spans.as_ref());
            }
        }
    }
    let restores = WINDOWS.iter().zip(&figures.time_to_restore_service);
    for (window, restore) in restores {
        quantiles_into(&mut sheet, &format!("{window} restore"), restore.as_ref());
    }
    for (window, own) in WINDOWS.iter().zip(figures.gitlab.iter().flatten()) {
        let Some(own) = own else { continue };
        let name = |what: &str| format!("gitlab {window} {what}");
        put(&mut sheet, name("deployments"), Some(own.deployments));
        sheet.insert(name("frequency"), own.deployment_frequency);
        sheet.extend(own.change_failure_rate.map(|rate| (name("failure rate"), rate)));
        sheet.extend(own.lead_time_for_changes.map(|time| (name("lead time"), time)));
        sheet.extend(own.time_to_restore_service.map(|time| (name("restore"), time)));
    }
    for (window, blameless) in WINDOWS.iter().zip(&score.figures.unattributed_incidents) {
        put(&mut sheet, format!("{window} unattributed"), Some(*blameless));
    }
    sheet
}

fn tier_into(sheet: &mut Sheet, tier: &TierFigures, as_of: Timestamp) {
    let age = |at| as_of.seconds_since(at);
    let since = tier.last_deployment_at.map(age);
    put(sheet, format!("{} since last", tier.tier), since);
    let waiting = tier.inventory.map(|own| own.undelivered_changes);
    put(sheet, format!("{} undelivered", tier.tier), waiting);
    let oldest = tier.inventory.and_then(|own| own.oldest_at).map(age);
    put(sheet, format!("{} oldest undelivered", tier.tier), oldest);
    for own in &tier.windows {
        window_into(sheet, &|what| format!("{} {} {what}", tier.tier, own.window), own);
    }
}

fn window_into(sheet: &mut Sheet, name: &dyn Fn(&str) -> String, own: &WindowFigures) {
    put(sheet, name("counted"), Some(own.counted_deployments));
    sheet.insert(name("frequency"), own.deployment_frequency_per_day);
    for (kind, count) in ReleaseKind::ALL.into_iter().zip(own.deployments) {
        put(sheet, name(&format!("kind {}", kind.as_str())), Some(count));
    }
    put(sheet, name("days"), Some(own.deployment_days));
    put(sheet, name("changes"), Some(own.changes));
    quantiles_into(sheet, &name("first_commit"), own.change_lead_time.first_commit.as_ref());
    quantiles_into(sheet, &name("merge"), own.change_lead_time.merge.as_ref());
    for (stage, spans) in ["coding", "pickup", "review", "deploy"].into_iter().zip(&own.stages) {
        quantiles_into(sheet, &name(stage), spans.as_ref());
    }
    for (basis, spans) in NeedBasis::ALL.into_iter().zip(&own.value_stream.needs) {
        quantiles_into(sheet, &name(&format!("need {}", basis.as_str())), spans.as_ref());
    }
    let fixed = own.value_stream.feedback.fixed_in_next_release_ratio;
    sheet.extend(fixed.map(|ratio| (name("fixed next"), ratio)));
    for (signal, count) in FailureSignal::ALL.into_iter().zip(own.failed_deployments) {
        put(sheet, name(&format!("failed {}", signal.as_str())), Some(count));
    }
    put(sheet, name("rework"), Some(own.rework_deployments));
    sheet.extend(own.change_fail_ratio.map(|ratio| (name("fail ratio"), ratio)));
    sheet.extend(own.deployment_rework_ratio.map(|ratio| (name("rework ratio"), ratio)));
    quantiles_into(sheet, &name("recovery"), own.failed_deployment_recovery_time.as_ref());
    quantiles_into(sheet, &name("interval"), own.rhythm.interval.as_ref());
    sheet.extend(own.rhythm.interval_variation_ratio.map(|ratio| (name("variation"), ratio)));
    sheet.extend(own.rhythm.cadence_adherence_ratio.map(|ratio| (name("cadence"), ratio)));
    quantiles_into(sheet, &name("size"), own.batch.size_changes.as_ref());
    quantiles_into(sheet, &name("span"), own.batch.span.as_ref());
    for kind in &own.categories {
        let called = &kind.name;
        put(sheet, name(&format!("category {called}")), Some(kind.changes));
        let [first, merge] = [&kind.lead_time.first_commit, &kind.lead_time.merge];
        quantiles_into(sheet, &name(&format!("{called} first_commit")), first.as_ref());
        quantiles_into(sheet, &name(&format!("{called} merge")), merge.as_ref());
    }
}

fn put(sheet: &mut Sheet, name: String, number: Option<u64>) {
    let number = number.map(|number| f64::from(u32::try_from(number).unwrap()));
    sheet.extend(number.map(|number| (name, number)));
}

fn quantiles_into(sheet: &mut Sheet, name: &str, quantiles: Option<&Quantiles>) {
    let Some(own) = quantiles else { return };
    put(sheet, format!("{name} samples"), Some(own.samples.get()));
    for (stat, value) in [("p50", own.p50), ("p75", own.p75), ("p90", own.p90)] {
        sheet.insert(format!("{name} {stat}"), value);
    }
}

fn tallied(history: &History, score: &ProjectScore, now: i64) -> Vec<String> {
    let own = history.project(key()).unwrap();
    let as_of = Timestamp::from_second(now);
    let tallies = to_count(key(), own, &score.assessment, as_of, &Counted::default());
    let mut lines: Vec<String> = tallies.iter().map(line).collect();
    lines.sort_unstable();
    lines
}

fn line(tally: &Tally) -> String {
    use gitlab_dora_exporter::delivery::{DeploymentStatus, LifetimeSeries};
    let seconds = tally.observed.map_or(0, |observed| observed.seconds);
    match &tally.series {
        LifetimeSeries::Deployments { service: _, environment, tier, status, kind } => {
            let status = match status {
                DeploymentStatus::Success => "success",
                DeploymentStatus::Failed => "failed",
                DeploymentStatus::Canceled => "canceled",
                DeploymentStatus::Skipped => "skipped",
                _ => "unfinished",
            };
            format!("deployment {environment} {tier} {status} {kind}")
        }
        LifetimeSeries::ChangesDelivered { tier, .. } => format!("change {tier}"),
        LifetimeSeries::Incidents { severity } => format!("incident {}", severity.as_str()),
        LifetimeSeries::LeadTime { tier, clock, .. } => {
            format!("lead time {tier} {clock} {seconds}")
        }
        LifetimeSeries::IncidentDuration => format!("incident duration {seconds}"),
        LifetimeSeries::MilestoneDueDateChanges => "due date".to_owned(),
    }
}
