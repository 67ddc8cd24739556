//! What is a release, of which kind, and in which window.

use gitlab_dora_exporter::delivery::{DeploymentStatus, EnvironmentTier};
use gitlab_dora_exporter::dora::policy::{Counting, DeploymentUnit};

use super::story::{Story, at, mr, policy, production, tier};

/// Counts by kind: first, redeploy, rollback, outdated, change.
type Kinds = [u64; 5];

fn line() -> Story {
    Story::new().push("c0", 300.0).push("c1", 310.0).push("c2", 320.0).push("c3", 330.0)
}

#[test]
fn the_first_deployment_of_a_tier_counts_and_brings_no_samples() {
    let figures = line().deploy(1, "production", "c3", 400.0).production();
    assert_eq!(figures.deployments, [1, 0, 0, 0, 0] as Kinds);
    assert_eq!((figures.counted_deployments, figures.changes), (1, 0));
    assert_eq!(figures.change_lead_time.first_commit, None);
}

#[test]
fn the_same_commit_again_is_a_redeploy_and_counts_only_when_asked() {
    let story = line().deploy(1, "production", "c0", 400.0).deploy(2, "production", "c0", 410.0);
    let figures = story.production();
    assert_eq!(figures.deployments, [1, 1, 0, 0, 0] as Kinds);
    assert_eq!(figures.counted_deployments, 1);
    let asked = story.production_with(|policy| policy.redeploys = Counting::Count);
    assert_eq!(asked.counted_deployments, 2);
}

#[test]
fn going_back_to_an_ancestor_is_a_rollback_and_the_newer_again_is_a_change_without_changes() {
    let figures = line()
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c2", 410.0)
        .deploy(3, "production", "c1", 420.0)
        .deploy(4, "production", "c2", 430.0)
        .production();
    assert_eq!(figures.deployments, [1, 0, 1, 0, 2] as Kinds);
    // c1 and c2 arrived with the second; neither is delivered again.
    assert_eq!(figures.changes, 2);
}

#[test]
fn an_older_pipeline_that_finishes_late_is_outdated_and_no_rollback() {
    let figures = line()
        .deploy(1, "production", "c0", 400.0)
        .deploy(3, "production", "c2", 410.0)
        .deploy(2, "production", "c1", 420.0)
        .production();
    assert_eq!(figures.deployments, [1, 0, 0, 1, 1] as Kinds);
    assert_eq!(figures.deployment_rework_ratio, Some(0.0));
}

#[test]
fn without_any_push_what_arrived_first_counts_as_the_ancestor() {
    let figures = Story::new()
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 410.0)
        .deploy(3, "production", "c0", 420.0)
        .production();
    assert_eq!(figures.deployments, [1, 0, 1, 0, 1] as Kinds);
}

#[test]
fn where_pushes_of_both_do_not_meet_what_arrived_first_counts_as_the_ancestor() {
    let figures = Story::new()
        .push_to("one", "x", "c0", 300.0)
        .push_to("other", "y", "c1", 310.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 410.0)
        .deploy(3, "production", "c0", 420.0)
        .production();
    assert_eq!(figures.deployments, [1, 0, 1, 0, 1] as Kinds);
}

#[test]
fn a_version_from_another_branch_is_a_change_even_if_it_ran_before() {
    // `h` branched off c1: it is no ancestor of c3, though it was deployed before it.
    let figures = line()
        .push_to("hotfix/1", "c1", "h", 340.0)
        .deploy(1, "production", "c1", 400.0)
        .deploy(2, "production", "h", 410.0)
        .deploy(3, "production", "c3", 420.0)
        .deploy(4, "production", "h", 430.0)
        .production();
    assert_eq!(figures.deployments, [1, 0, 0, 0, 3] as Kinds);
}

#[test]
fn one_commit_to_several_environments_within_the_hour_is_one_release_dated_by_its_last() {
    let story = line()
        .deploy(1, "production/a", "c0", 400.0)
        .deploy(2, "production/b", "c0", 400.2)
        .deploy(3, "production/a", "c1", 410.0)
        .deploy(4, "production/b", "c1", 411.0)
        .deploy(5, "production/a", "c2", 420.0)
        .deploy(6, "production/b", "c2", 421.1);
    let figures = story.production();
    assert_eq!(figures.deployments, [1, 0, 0, 0, 3] as Kinds);
    assert_eq!(figures.changes, 2);
    // c1 was delivered when its last environment had it, c2 (not joined) with its first.
    assert_eq!(figures.change_lead_time.merge.map(|lead| lead.p50), Some(100.5 * 3_600.0));
    let apart = story.production_with(|own| own.deployment_unit = DeploymentUnit::Environment);
    assert_eq!(apart.counted_deployments, 6);
}

#[test]
fn deployments_that_did_not_succeed_are_no_releases_and_no_failures() {
    let figures = line()
        .deploy(1, "production", "c0", 400.0)
        .ended(2, "production", "c1", (DeploymentStatus::Failed, 410.0))
        .ended(3, "production", "c1", (DeploymentStatus::Canceled, 411.0))
        .deploy(4, "production", "c1", 420.0)
        .production();
    assert_eq!(figures.counted_deployments, 2);
    assert_eq!(figures.change_fail_ratio, Some(0.0));
    // The success of the retry ends the lead time: 310 to 420.
    assert_eq!(figures.change_lead_time.first_commit.map(|lead| lead.p50), Some(110.0 * 3_600.0));
}

#[test]
fn tiers_are_measured_apart() {
    let score = line()
        .deploy(1, "staging", "c0", 390.0)
        .deploy(2, "staging", "c1", 395.0)
        .deploy(3, "production", "c1", 400.0)
        .score();
    let staging = tier(&score, &EnvironmentTier::Staging).unwrap();
    assert_eq!((staging.counted_deployments, staging.changes), (2, 1));
    assert_eq!(production(&score).changes, 0);
}

#[test]
fn review_apps_are_not_measured() {
    let score = line().deploy(1, "review/feature-1", "c1", 400.0).score();
    assert!(score.figures.figures.tiers.is_empty());
}

#[test]
fn a_known_tier_without_anything_in_the_window_is_zero_and_its_ratios_absent() {
    let figures = line().deploy(1, "production", "c0", 100.0).production();
    assert_eq!(figures.counted_deployments, 0);
    assert!(figures.deployment_frequency_per_day.abs() < f64::EPSILON);
    assert_eq!(figures.change_fail_ratio, None);
    assert_eq!(figures.deployment_rework_ratio, None);
}

#[test]
fn an_environment_heard_of_by_a_failed_deployment_makes_its_tier_known() {
    let story = line().ended(1, "production", "c0", (DeploymentStatus::Failed, 400.0));
    assert_eq!(story.production().counted_deployments, 0);
}

#[test]
fn the_window_holds_its_start_and_not_the_instant_of_measure() {
    // 30 days before hour 1,000 is hour 280.
    let story = line().deploy(1, "production", "c0", 280.0).deploy(2, "production", "c1", 1_000.0);
    assert_eq!(story.production().counted_deployments, 1);
    let later = story.score_at(at(1_000.0).plus(1), &policy());
    // One second on, the start has left and the end has come.
    assert_eq!(production(&later).deployments, [0, 0, 0, 0, 1] as Kinds);
}

#[test]
fn days_are_local() {
    // 23:30 and 00:30 UTC are one day in Paris in winter (hours 407.5 and 408.5: 17 and 18 January
    // 1970, one hour ahead).
    let story = line().deploy(1, "production", "c0", 407.5).deploy(2, "production", "c1", 408.5);
    assert_eq!(story.production().deployment_days, 2);
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let local = story.production_with(|policy| policy.timezone = paris);
    assert_eq!(local.deployment_days, 1);
}

#[test]
fn the_score_stays_true_until_it_says_it_does_not() {
    let story = line().deploy(1, "production", "c0", 400.0).deploy(2, "production", "c1", 1_010.0);
    let score = story.score();
    assert_eq!(score.valid_until, at(1_010.0).plus(1));
    let before = story.score_at(score.valid_until.minus(1), &policy());
    assert_eq!(production(&before), production(&score));
    let after = story.score_at(score.valid_until, &policy());
    assert_ne!(production(&after), production(&score));
}

#[test]
fn of_two_merges_of_one_second_neither_is_taken_to_contain_the_other() {
    let story = Story::new()
        .push("c0", 300.0)
        .deploy(1, "production", "c0", 400.0)
        .mr(mr(1).commit("f1", 405.0).merge_commit("m1").merged(410.0))
        .mr(mr(2).commit("f2", 406.0).merge_commit("m2").merged(410.0))
        .push_merge(&["f2"], "m2", 410.0)
        .push_merge(&["f1"], "m1", 410.0)
        .deploy(2, "production", "m2", 420.0);
    assert_eq!(story.production().changes, 1);
    assert_eq!(story.deploy(3, "production", "m1", 430.0).production().changes, 2);
}

#[test]
fn a_branch_that_was_set_back_does_not_contain_what_was_taken_off_it() {
    let figures = Story::new()
        .push("c0", 300.0)
        .push_many(&[("c1", 310.0), ("c2", 311.0)])
        .push("c3", 320.0)
        .set_back("c1")
        .deploy(1, "production", "c1", 400.0)
        .deploy(2, "production", "c3", 410.0)
        .production();
    assert_eq!(figures.deployments, [1, 0, 0, 0, 1] as Kinds);
}

#[test]
fn a_version_cut_aside_is_no_ancestor_of_main_although_it_ran_before() {
    let figures = Story::new()
        .push("c0", 300.0)
        .push_to("hotfix/a", "c0", "h1", 350.0)
        .deploy(1, "production", "h1", 400.0)
        .push_to("feature/1", "c0", "x1", 405.0)
        .mr(mr(1).commit("x1", 405.0).squashed_to("s1").merge_commit("m1").merged(410.0))
        .push_many(&[("s1", 410.0), ("m1", 410.0)])
        .deploy(2, "production", "m1", 420.0)
        .deploy(3, "production", "h1", 430.0)
        .production();
    assert_eq!(figures.deployments, [1, 0, 0, 0, 2] as Kinds);
}

#[test]
fn an_environment_to_come_gives_no_warning_of_its_tier() {
    let story = line().deploy(1, "hors-prod", "c0", 1_000.0);
    assert_eq!(story.score().figures.tier_warnings, 0);
    assert_eq!(story.score_at(at(1_001.0), &policy()).figures.tier_warnings, 1);
}
