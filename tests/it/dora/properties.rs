//! What must hold for every history: order, repetition, bounds, validity.

use proptest::prelude::*;

use gitlab_dora_exporter::delivery::{Fact, History, Timestamp};
use gitlab_dora_exporter::dora::measure::{ProjectScore, measure};
use gitlab_dora_exporter::dora::policy::{Counting, Policy};
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{Story, Told, at, key, mr, policy};

const WINDOWS: [Window; 2] = [Window::of_days(7), Window::of_days(30)];

#[derive(Debug, Clone)]
enum Step {
    Push,
    Merge { labelled: bool, reverts: bool },
    Deploy { environment: usize, back: usize },
    Incident { lasts: Option<u32> },
}

fn step() -> impl Strategy<Value = (Step, u32)> {
    let step = prop_oneof![
        2 => Just(Step::Push),
        3 => (any::<bool>(), any::<bool>())
            .prop_map(|(labelled, reverts)| Step::Merge { labelled, reverts }),
        4 => (0..3_usize, 0..4_usize)
            .prop_map(|(environment, back)| Step::Deploy { environment, back }),
        1 => proptest::option::of(1..200_u32).prop_map(|lasts| Step::Incident { lasts }),
    ];
    (step, 0..20_u32)
}

/// A believable history: a line of commits, some of them merged, deployed here and there.
pub(crate) fn story() -> impl Strategy<Value = Story> {
    proptest::collection::vec(step(), 1..40).prop_map(|steps| {
        let environments = ["production", "production-b", "staging"];
        let (mut story, mut hour) = (Story::new().push("c0", 270.0), 280.0);
        let mut line = vec!["c0".to_owned()];
        let mut requests = 0;
        for (number, (step, wait)) in (1_u64..).zip(steps) {
            hour += f64::from(wait);
            let token = format!("c{number}");
            match step {
                Step::Push => {
                    story = story.push(&token, hour - 1.0);
                    line.push(token);
                }
                Step::Merge { labelled, reverts } => {
                    requests += 1;
                    let original = (reverts && requests > 1).then(|| requests - 1);
                    let told = mr(requests).commit(&token, hour - 2.0).merged(hour);
                    let told = marked(told, labelled, original);
                    story = story.mr(told).push(&token, hour - 2.0);
                    line.push(token);
                }
                Step::Deploy { environment, back } => {
                    let index = line.len().saturating_sub(1 + back);
                    story = story.deploy(number, environments[environment], &line[index], hour);
                }
                Step::Incident { lasts } => {
                    let turns: Vec<f64> = lasts.iter().map(|l| hour + f64::from(*l)).collect();
                    story = story.incident(number, hour, &turns);
                }
            }
        }
        story
    })
}

fn marked(told: Told, labelled: bool, original: Option<u64>) -> Told {
    let told = if labelled { told.labelled("hotfix") } else { told };
    match original {
        Some(number) => told.reverts(number),
        None => told,
    }
}

fn score(facts: impl IntoIterator<Item = Fact>, as_of: Timestamp) -> ProjectScore {
    let policy = Policy { gitlab_parity: Counting::Count, ..policy() };
    score_under(&policy, facts, as_of)
}

fn score_under(
    policy: &Policy,
    facts: impl IntoIterator<Item = Fact>,
    as_of: Timestamp,
) -> ProjectScore {
    let mut history = History::default();
    for fact in facts {
        history.fold(fact);
    }
    measure(key(), history.project(key()).unwrap(), as_of, policy, &WINDOWS)
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_of_facts_give_the_same_numbers(
        (facts, shuffled) in story().prop_flat_map(|story| {
            let twice = [story.facts(), story.facts()].concat();
            (Just(story.facts()), Just(twice).prop_shuffle())
        }),
        hours in 280..900_u32,
    ) {
        let as_of = at(f64::from(hours));
        let (told, mixed) = (score(facts, as_of), score(shuffled, as_of));
        prop_assert_eq!(told.figures, mixed.figures);
        prop_assert_eq!(told.valid_until, mixed.valid_until);
    }

    #[test]
    fn ratios_stay_between_zero_and_one_and_their_parts_agree(
        story in story(),
        hours in 280..900_u32,
    ) {
        let score = score(story.facts(), at(f64::from(hours)));
        for window in score.figures.figures.tiers.iter().flat_map(|tier| &tier.windows) {
            let counted = window.counted_deployments;
            prop_assert_eq!(window.change_fail_ratio.is_some(), counted > 0);
            prop_assert_eq!(window.deployment_rework_ratio.is_some(), counted > 0);
            let ratios = [window.change_fail_ratio, window.deployment_rework_ratio];
            prop_assert!(ratios.into_iter().flatten().all(|ratio| (0.0..=1.0).contains(&ratio)));
            prop_assert!(window.failed() <= counted && window.rework_deployments <= counted);
            let redeploys = window.deployments[1];
            prop_assert_eq!(window.deployments.iter().sum::<u64>() - redeploys, counted);
            prop_assert!(window.deployment_days <= counted);
        }
    }

    #[test]
    fn a_score_is_the_same_at_every_instant_before_it_expires(
        story in story(),
        hours in 280..900_u32,
        part in 0.0..=1.0_f64,
        cadence in proptest::option::of(1..3_000_000_u64),
    ) {
        let as_of = at(f64::from(hours));
        let policy = Policy {
            cadence_period_seconds: cadence,
            gitlab_parity: Counting::Count,
            ..policy()
        };
        let first = score_under(&policy, story.facts(), as_of);
        let span = first.valid_until.seconds_since(as_of).min(90 * 86_400);
        #[expect(
            clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss,
            reason = "a span of days, and a part of it",
        )]
        let later = ((span.saturating_sub(1)) as f64 * part) as u64;
        let fresh = score_under(&policy, story.facts(), as_of.plus(later));
        prop_assert_eq!(&first.figures, &fresh.figures);
        let pooled = roll_up("group", &[&first, &first], as_of, &WINDOWS);
        prop_assert_eq!(pooled, roll_up("group", &[&fresh, &fresh], as_of.plus(later), &WINDOWS));
    }

    #[test]
    fn stages_add_up_to_the_lead_time(story in story(), hours in 280..900_u32) {
        let score = score(story.facts(), at(f64::from(hours)));
        for change in score.samples.tiers.iter().flat_map(|tier| &tier.changes) {
            if let Some(stages) = change.stages {
                prop_assert_eq!(stages.iter().sum::<u64>(), change.first_commit_seconds);
            }
        }
    }

    #[test]
    fn what_has_not_happened_yet_changes_nothing(story in story(), hours in 280..900_u32) {
        let as_of = at(f64::from(hours));
        let with_future = story
            .clone()
            .deploy(9_000, "production", "c0", f64::from(hours))
            .incident(9_000, f64::from(hours), &[])
            .mr(mr(9_000).commit("zz", f64::from(hours)).merged(f64::from(hours)));
        let (plain, future) = (score(story.facts(), as_of), score(with_future.facts(), as_of));
        prop_assert_eq!(plain.figures, future.figures);
    }
}

#[test]
fn instants_at_the_ends_of_time_overflow_nothing() {
    let ends = [-1e300, 0.0, 990.0, 1e300];
    for (early, late) in ends.into_iter().flat_map(|one| ends.map(|other| (one, other))) {
        let told = mr(1).commit("c1", early).opened(late).draft_until(early).reviewed(late, 2);
        let story = Story::new()
            .push("c0", late)
            .push("c1", early)
            .mr(told.merged(late).labelled("hotfix"))
            .deploy(1, "production", "c0", early)
            .deploy(2, "production", "c1", late)
            .deploy(3, "production", "c0", 995.0)
            .incident(1, early, &[late])
            .incident(2, late, &[early]);
        for as_of in ends {
            let score = score(story.facts(), at(as_of));
            let windows = score.figures.figures.tiers.iter().flat_map(|tier| &tier.windows);
            for window in windows {
                assert!(window.counted_deployments <= 3 && window.failed() <= 3);
            }
        }
    }
}
