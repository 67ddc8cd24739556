//! Promotion time: from one tier to the next.

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::policy::{FirstDeployment, PromotionPair};
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::scorecard::Figures;
use gitlab_dora_exporter::dora::statistics::Quantiles;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{HOUR, Story, at, mr, policy};

/// Two merge requests and a direct commit; both tiers have their baseline at hour 400.
fn line() -> Story {
    Story::new()
        .push("c0", 300.0)
        .mr(mr(1).commit("c1", 410.0).merged(420.0))
        .push("c1", 410.0)
        .push("c2", 430.0)
        .mr(mr(2).commit("c3", 440.0).merged(450.0))
        .push("c3", 440.0)
        .deploy(1, "staging", "c0", 400.0)
        .deploy(2, "production", "c0", 400.0)
}

/// Samples and median, in hours.
fn shown(figures: &Figures) -> Option<(u64, f64)> {
    let [pair] = figures.value_stream.promotions.as_slice() else { return None };
    let quantiles: Quantiles = pair.times[0]?;
    Some((quantiles.samples.get(), quantiles.p50 / 3_600.0))
}

fn of(score: &ProjectScore) -> Option<(u64, f64)> {
    shown(&score.figures.figures)
}

#[test]
fn each_change_waits_from_its_own_arrival_in_staging_to_that_in_production() {
    let story = line().deploy(3, "staging", "c1", 500.0).deploy(4, "staging", "c3", 520.0).deploy(
        5,
        "production",
        "c3",
        550.0,
    );
    // Merge request 1 took 50 h, the direct commit and merge request 2 took 30 h each.
    assert_eq!(of(&story.score()), Some((3, 30.0)));
}

#[test]
fn what_arrives_in_both_at_once_took_no_time_and_what_skipped_staging_none_that_is_known() {
    let both = line().deploy(3, "staging", "c3", 500.0).deploy(4, "production", "c3", 500.0);
    assert_eq!(of(&both.score()), Some((3, 0.0)));
    let backwards = line().deploy(3, "production", "c3", 500.0).deploy(4, "staging", "c3", 510.0);
    assert_eq!(of(&backwards.score()), None);
    let skipped = line().deploy(3, "production", "c3", 500.0);
    assert_eq!(of(&skipped.score()), None);
}

#[test]
fn what_either_baseline_swallowed_is_no_sample_unless_the_policy_links_it() {
    let story = Story::new()
        .push("c0", 300.0)
        .mr(mr(1).commit("c1", 310.0).merged(320.0))
        .push("c1", 310.0)
        .deploy(1, "staging", "c1", 400.0)
        .deploy(2, "production", "c0", 400.0)
        .deploy(3, "production", "c1", 410.0);
    assert_eq!(of(&story.score()), None);
    let linked = |policy: &mut gitlab_dora_exporter::dora::policy::Policy| {
        policy.first_deployment = FirstDeployment::LinkAll;
    };
    // Commit c0 reached both at hour 400, merge request 1 took ten hours.
    assert_eq!(of(&story.score_with(linked)), Some((2, 5.0)));
}

#[test]
fn a_change_that_is_no_sample_is_not_promoted_either() {
    let story = Story::new()
        .push("c0", 300.0)
        .mr(mr(1).commit("c1", 410.0).merged(420.0).by_a_bot())
        .push("c1", 410.0)
        .deploy(1, "staging", "c0", 400.0)
        .deploy(2, "production", "c0", 400.0)
        .deploy(3, "staging", "c1", 500.0)
        .deploy(4, "production", "c1", 510.0);
    assert_eq!(of(&story.score()), None);
}

#[test]
fn the_arrival_in_the_second_tier_places_the_sample() {
    let story = line().deploy(3, "staging", "c3", 500.0).deploy(4, "production", "c3", 600.0);
    let days = |days: u64| at(600.0).plus(days * 24 * HOUR);
    assert_eq!(of(&story.score_at(at(600.0), &policy())), None);
    assert_eq!(of(&story.score_at(at(600.0).plus(1), &policy())), Some((3, 100.0)));
    assert_eq!(of(&story.score_at(days(30), &policy())), Some((3, 100.0)));
    let inside = story.score_at(days(30), &policy());
    assert_eq!(inside.valid_until, days(30).plus(1));
    assert_eq!(of(&story.score_at(days(30).plus(1), &policy())), None);
}

#[test]
fn only_pairs_that_the_policy_names_and_tiers_that_it_measures_are_shown() {
    let story = line().deploy(3, "staging", "c3", 500.0).deploy(4, "production", "c3", 600.0);
    let none = story.score_with(|policy| policy.value_stream.promotion_pairs.clear());
    assert_eq!(of(&none), None);
    let unmeasured = story.score_with(|policy| {
        policy.tiers_measured = vec![EnvironmentTier::Production];
    });
    assert_eq!(of(&unmeasured), None);
    let pair = PromotionPair { from: EnvironmentTier::Production, to: EnvironmentTier::Staging };
    let reversed = story.score_with(|policy| policy.value_stream.promotion_pairs = vec![pair]);
    assert_eq!(of(&reversed), None);
}

#[test]
fn a_group_pools_the_changes_of_its_projects() {
    let quick = line().deploy(3, "staging", "c3", 500.0).deploy(4, "production", "c3", 501.0);
    let slow = Story::new()
        .push("c0", 300.0)
        .push("c1", 410.0)
        .deploy(1, "staging", "c0", 400.0)
        .deploy(2, "production", "c0", 400.0)
        .deploy(3, "staging", "c1", 500.0)
        .deploy(4, "production", "c1", 601.0);
    let scores = [quick.score(), slow.score()];
    let windows = [Window::of_days(30)];
    let pooled = roll_up("group", &scores.each_ref(), at(1_000.0), &windows);
    // 1 h three times and 101 h once: the mean of the two medians would be 51 h.
    assert_eq!(shown(&pooled.figures), Some((4, 1.0)));
}
