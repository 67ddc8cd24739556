//! Need lead time: from what was asked to its delivery.

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::assessment::needs::NeedBasis;
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::policy::{Counting, Policy};
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::scorecard::Figures;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{HOUR, Story, at, mr, policy};

/// Samples and median, in hours, of a basis in production.
fn shown(figures: &Figures, basis: NeedBasis) -> Option<(u64, f64)> {
    let tier = figures.tiers.iter().find(|own| own.tier == EnvironmentTier::Production)?;
    let place = NeedBasis::ALL.iter().position(|own| *own == basis)?;
    let quantiles = tier.windows[0].value_stream.needs[place]?;
    Some((quantiles.samples.get(), quantiles.p50 / 3_600.0))
}

/// All four bases: validated, milestone, created, feedback.
fn of(score: &ProjectScore) -> [Option<(u64, f64)>; 4] {
    NeedBasis::ALL.map(|basis| shown(&score.figures.figures, basis))
}

fn labels(policy: &mut Policy) {
    policy.value_stream.validated_labels = vec!["validated".to_owned(), "approved".to_owned()];
    policy.value_stream.feedback_labels = vec!["feedback".to_owned()];
}

/// Merge requests 1 and 2, delivered at hours 500 and 550 after a baseline at hour 400.
fn line() -> Story {
    Story::new()
        .push("c0", 300.0)
        .push("c1", 410.0)
        .push("c2", 430.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 500.0)
        .deploy(3, "production", "c2", 550.0)
}

fn first() -> super::story::Told {
    mr(1).commit("c1", 410.0).merged(420.0)
}

fn second() -> super::story::Told {
    mr(2).commit("c2", 430.0).merged(440.0)
}

#[test]
fn a_need_begins_with_its_validation_else_its_milestone_else_its_creation() {
    let story = line().mr(first().closes(&[7])).mr(second()).issue(7, 350.0);
    assert_eq!(of(&story.score_with(labels)), [None, None, Some((1, 150.0)), None]);
    let planned = story.clone().moved(7, (None, Some(4)), 380.0).moved(7, (Some(4), None), 390.0);
    assert_eq!(of(&planned.score_with(labels)), [None, Some((1, 120.0)), None, None]);
    let validated = planned.given(7, "approved", 395.0).given(7, "validated", 398.0);
    assert_eq!(of(&validated.score_with(labels)), [Some((1, 105.0)), None, None, None]);
    // Without labels that say so, nothing is validated.
    assert_eq!(of(&validated.score()), [None, Some((1, 120.0)), None, None]);
}

#[test]
fn a_need_is_delivered_with_the_last_merge_request_that_closes_it() {
    let both = line().mr(first().closes(&[7])).mr(second().closes(&[7])).issue(7, 350.0);
    assert_eq!(of(&both.score())[2], Some((1, 200.0)));
    // A third one, merged and not yet delivered, holds it back.
    let waiting = both.push("c3", 600.0);
    let waiting = waiting.mr(mr(3).commit("c3", 600.0).merged(610.0).closes(&[7]));
    assert_eq!(of(&waiting.score())[2], None);
    let open = line().mr(first().closes(&[7])).mr(mr(3).opened(460.0).closes(&[7]));
    assert_eq!(of(&open.issue(7, 350.0).score())[2], Some((1, 150.0)), "it is not merged");
}

#[test]
fn what_the_baseline_holds_is_delivered_at_no_known_time() {
    let early = || mr(9).commit("c0", 300.0).merged(310.0).closes(&[7]);
    let only = line().mr(early()).issue(7, 290.0);
    assert_eq!(of(&only.score())[2], None);
    let with_another = line().mr(early()).mr(first().closes(&[7])).issue(7, 290.0);
    assert_eq!(of(&with_another.score())[2], Some((1, 210.0)));
}

#[test]
fn a_need_that_began_after_its_delivery_took_no_time() {
    let story = line().mr(first().closes(&[7])).issue(7, 350.0).given(7, "validated", 600.0);
    assert_eq!(of(&story.score_with(labels))[0], Some((1, 0.0)));
}

#[test]
fn feedback_is_a_need_and_a_second_sample_from_its_creation() {
    let story = line().mr(first().closes(&[7])).issue_with(7, 350.0, &["feedback"]).given(
        7,
        "validated",
        390.0,
    );
    let expected = [Some((1, 110.0)), None, None, Some((1, 150.0))];
    assert_eq!(of(&story.score_with(labels)), expected);
}

#[test]
fn needs_see_bots_but_neither_promotions_nor_incidents() {
    let bot = line().mr(first().by_a_bot().closes(&[7])).issue(7, 350.0);
    assert_eq!(of(&bot.score())[2], Some((1, 150.0)));
    let promotion = line().mr(first().on_branch("develop").closes(&[7])).issue(7, 350.0);
    assert_eq!(of(&promotion.score())[2], None);
    let included = promotion.score_with(|policy| policy.promotion_merge_requests = Counting::Count);
    assert_eq!(of(&included)[2], Some((1, 150.0)));
    let incident = line().mr(first().closes(&[7])).incident(7, 350.0, &[]);
    assert_eq!(of(&incident.score())[2], None);
}

#[test]
fn its_delivery_places_a_need_and_facts_of_later_instants_do_not_exist_yet() {
    let story = line().mr(first().closes(&[7])).issue(7, 350.0).given(7, "validated", 520.0);
    let mut policy = policy();
    labels(&mut policy);
    let as_of = |instant| of(&story.score_at(instant, &policy));
    assert_eq!(as_of(at(500.0)), [None; 4]);
    assert_eq!(as_of(at(500.0).plus(1)), [None, None, Some((1, 150.0)), None]);
    assert_eq!(as_of(at(520.0)), [None, None, Some((1, 150.0)), None]);
    assert_eq!(as_of(at(520.0).plus(1)), [Some((1, 0.0)), None, None, None]);
    let month = |seconds: u64| at(500.0).plus(30 * 24 * HOUR + seconds);
    assert_eq!(as_of(month(0))[0], Some((1, 0.0)));
    assert_eq!(as_of(month(1)), [None; 4]);
    assert_eq!(story.score_at(at(500.0).plus(1), &policy).valid_until, at(520.0).plus(1));
}

#[test]
fn a_group_pools_the_needs_of_its_projects() {
    let quick = line().mr(first().closes(&[7, 8, 9]));
    let quick = quick.issue(7, 499.0).issue(8, 499.0).issue(9, 499.0);
    let slow = line().mr(first().closes(&[7])).issue(7, 399.0);
    let scores = [quick.score(), slow.score()];
    let pooled = roll_up("group", &scores.each_ref(), at(1_000.0), &[Window::of_days(30)]);
    assert_eq!(shown(&pooled.figures, NeedBasis::Created), Some((4, 1.0)));
}
