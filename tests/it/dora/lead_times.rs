//! What a change is, when its clocks start, and when it is delivered.

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::policy::{Counting, FirstDeployment};
use gitlab_dora_exporter::dora::scorecard::WindowFigures;

use super::story::{HOUR, Story, mr, tier};

/// Median lead times in hours: from the first commit, and from the merge.
#[expect(clippy::cast_precision_loss, reason = "an hour is a small number")]
fn lead(figures: &WindowFigures) -> (Option<f64>, Option<f64>) {
    let hours = HOUR as f64;
    let clocks = figures.change_lead_time;
    (clocks.first_commit.map(|q| q.p50 / hours), clocks.merge.map(|q| q.p50 / hours))
}

/// A baseline of c0 at hour 400.
fn baseline() -> Story {
    Story::new().push("c0", 300.0).deploy(1, "production", "c0", 400.0)
}

#[test]
fn a_merge_request_starts_at_its_first_commit_and_at_its_merge() {
    let figures = baseline()
        .mr(mr(1).commit("a", 410.0).commit("c1", 415.0).merged(420.0))
        .push_many(&[("a", 410.0), ("c1", 415.0)])
        .deploy(2, "production", "c1", 424.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(14.0), Some(4.0))));
}

#[test]
fn a_squashed_merge_request_starts_at_its_original_commits() {
    let figures = baseline()
        .push_to("feature/1", "c0", "x1", 405.0)
        .push_to("feature/1", "x1", "x2", 410.0)
        .mr(mr(1).commit("x2", 410.0).squashed_to("s1").merged(420.0))
        .push("s1", 420.0)
        .deploy(2, "production", "s1", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(5.0))));
}

#[test]
fn a_source_branch_that_was_pushed_to_and_fro_is_followed_once() {
    let figures = baseline()
        .push_to("feature/1", "x2", "x1", 405.0)
        .push_to("feature/1", "x1", "x2", 410.0)
        .mr(mr(1).on_branch("feature/1").commit("x2", 410.0).squashed_to("s1").merged(420.0))
        .push("s1", 420.0)
        .deploy(2, "production", "s1", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(5.0))));
}

#[test]
fn a_source_branch_is_followed_down_its_last_256_pushes() {
    let mut story = baseline();
    for number in 1..=300_u16 {
        let on = format!("x{}", number - 1);
        let hour = 100.0 + f64::from(number);
        story = story.push_to("feature/1", &on, &format!("x{number}"), hour);
    }
    let figures = story
        .mr(mr(1).on_branch("feature/1").commit("x300", 400.0).squashed_to("s1").merged(420.0))
        .push("s1", 420.0)
        .deploy(2, "production", "s1", 425.0)
        .production();
    // The oldest of them is x45, of hour 145.
    assert_eq!(lead(&figures), (Some(280.0), Some(5.0)));
}

#[test]
fn a_merge_commit_brings_its_commits_as_one_change() {
    let figures = baseline()
        .push_to("feature/1", "c0", "f1", 405.0)
        .push_to("feature/1", "f1", "f2", 410.0)
        .mr(mr(1).commit("f2", 410.0).merge_commit("m1").merged(420.0))
        .push_merge(&["f1", "f2"], "m1", 420.0)
        .deploy(2, "production", "m1", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(5.0))));
}

#[test]
fn commits_of_a_fork_are_known_from_the_push_of_the_merge() {
    // No push to the source branch is ever heard of.
    let figures = baseline()
        .mr(mr(1).commit("f2", 410.0).merge_commit("m1").merged(420.0))
        .push_many(&[("f1", 402.0), ("f2", 410.0), ("m1", 420.0)])
        .deploy(2, "production", "m1", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(23.0), Some(5.0))));
}

#[test]
fn a_commit_without_a_merge_request_starts_both_clocks_at_its_own_date() {
    let story = baseline().push("c1", 410.0).deploy(2, "production", "c1", 424.0);
    let figures = story.production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(14.0), Some(14.0))));
    let ignored = story.production_with(|policy| policy.direct_commits = Counting::Ignore);
    assert_eq!((ignored.changes, lead(&ignored)), (0, (None, None)));
}

#[test]
fn merge_requests_alone_are_enough_to_know_what_a_release_contains() {
    // No push at all: landing commits of one branch contain one another.
    let figures = Story::new()
        .mr(mr(1).commit("c0", 300.0).merged(310.0))
        .deploy(1, "production", "c0", 400.0)
        .mr(mr(2).commit("c1", 405.0).merged(410.0))
        .mr(mr(3).commit("c2", 412.0).merged(415.0))
        .deploy(2, "production", "c2", 420.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (2, (Some(11.5), Some(7.5))));
}

#[test]
fn what_an_unknown_version_may_contain_is_no_sample_of_a_later_one() {
    // Nobody tells what `x` is; merge request 2 may have come with it.
    let figures = Story::new()
        .mr(mr(1).commit("c0", 300.0).merged(310.0))
        .deploy(1, "production", "c0", 400.0)
        .mr(mr(2).commit("c1", 405.0).merged(410.0))
        .deploy(2, "production", "x", 420.0)
        .mr(mr(3).commit("c2", 425.0).merged(430.0))
        .deploy(3, "production", "c2", 440.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(15.0), Some(10.0))));
}

#[test]
fn a_change_is_delivered_once_by_the_first_release_that_contains_it() {
    let figures = baseline()
        .push("c1", 410.0)
        .push("c2", 415.0)
        .deploy(2, "production", "c2", 420.0)
        .deploy(3, "production", "c1", 430.0)
        .deploy(4, "production", "c2", 440.0)
        .production();
    assert_eq!((figures.changes, lead(&figures).0), (2, Some(7.5)));
}

#[test]
fn the_baseline_may_be_taken_as_delivering_what_it_contains() {
    let story =
        Story::new().push("c0", 100.0).push("c1", 390.0).deploy(1, "production", "c1", 400.0);
    let all = story.production_with(|own| own.first_deployment = FirstDeployment::LinkAll);
    assert_eq!((all.changes, lead(&all).0), (2, Some(155.0)));
    let recent =
        story.production_with(|own| own.first_deployment = FirstDeployment::Since(20 * HOUR));
    assert_eq!((recent.changes, lead(&recent).0), (1, Some(10.0)));
}

#[test]
fn a_cherry_pick_delivers_the_change_it_was_picked_from() {
    // c1 lands on main; its pick p1 reaches production first, on a release branch.
    let figures = baseline()
        .mr(mr(1).commit("c1", 405.0).merged(410.0))
        .push("c1", 405.0)
        .push_to("release/1", "c0", "p1", 405.0)
        .picked("p1", "c1")
        .deploy(2, "production", "p1", 415.0)
        .deploy(3, "production", "c1", 430.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(10.0), Some(5.0))));
}

#[test]
fn a_promotion_is_no_change_and_what_it_promotes_is() {
    let story = baseline()
        .mr(mr(1).commit("d1", 405.0).targeting("develop").merged(410.0))
        .push_to("develop", "c0", "d1", 405.0)
        .mr(mr(2).commit("d1", 405.0).on_branch("develop").merge_commit("m1").merged(420.0))
        .push_merge(&["d1"], "m1", 420.0)
        .deploy(2, "production", "m1", 425.0);
    let figures = story.production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(15.0))));
    let both = story.production_with(|own| own.promotion_merge_requests = Counting::Count);
    assert_eq!(both.changes, 2);
}

#[test]
fn a_commit_of_an_open_merge_request_is_no_direct_commit() {
    let figures = baseline()
        .push("c1", 410.0)
        .mr(mr(1).commit("c1", 410.0).opened(412.0))
        .deploy(2, "production", "c1", 424.0)
        .production();
    assert_eq!(figures.changes, 0);
}

#[test]
fn merging_main_into_a_feature_does_not_make_its_commits_the_features() {
    // d1 is pushed to main by hand, then merged into the feature branch: it stays a direct commit.
    let figures = baseline()
        .push("d1", 402.0)
        .push_to("feature/1", "c0", "f1", 404.0)
        .push_to("feature/1", "f1", "d1", 402.0)
        .push_to("feature/1", "d1", "f2", 406.0)
        .mr(mr(1).commit("f2", 406.0).merge_commit("m1").merged(410.0))
        .push_merge(&["f1", "f2"], "m1", 410.0)
        .deploy(2, "production", "m1", 420.0)
        .production();
    // The request from 404, the commit from 402.
    assert_eq!((figures.changes, lead(&figures).0), (2, Some(17.0)));
}

#[test]
fn bots_and_excluded_labels_are_delivered_but_no_samples() {
    let figures = baseline()
        .mr(mr(1).commit("c1", 405.0).merged(410.0).by_a_bot())
        .push("c1", 405.0)
        .mr(mr(2).commit("c2", 406.0).merged(411.0).labelled("chore"))
        .push("c2", 406.0)
        .deploy(2, "production", "c2", 420.0)
        .production_with(|policy| policy.exclude_labels = vec!["chore".to_owned()]);
    assert_eq!((figures.changes, lead(&figures)), (0, (None, None)));
    assert_eq!(figures.counted_deployments, 2);
}

#[test]
fn a_clock_that_runs_backwards_gives_zero() {
    let figures = baseline().push("c1", 500.0).deploy(2, "production", "c1", 424.0).production();
    assert_eq!((figures.changes, lead(&figures).0), (1, Some(0.0)));
}

#[test]
fn a_further_environment_of_the_tier_is_no_second_baseline() {
    let figures = baseline().push("c1", 410.0).deploy(2, "production-b", "c1", 420.0).production();
    assert_eq!(figures.deployments, [2, 0, 0, 0, 0]);
    assert_eq!((figures.changes, lead(&figures).0), (1, Some(10.0)));
}

#[test]
fn draft_time_is_coding_and_the_first_review_by_someone_else_ends_the_pickup() {
    let figures = baseline()
        .mr(mr(1)
            .commit("c1", 401.0)
            .opened(402.0)
            .draft_until(406.0)
            .reviewed(403.0, 2)
            .reviewed(406.5, 1)
            .reviewed(410.0, 2)
            .merged(413.0))
        .push("c1", 401.0)
        .deploy(2, "production", "c1", 414.0)
        .production();
    let stages = figures.stages.map(|stage| stage.map(|q| q.p50 / 3_600.0));
    assert_eq!(stages, [Some(5.0), Some(4.0), Some(3.0), Some(1.0)]);
}

#[test]
fn staging_gets_a_change_before_production_does() {
    let score = Story::new()
        .push("c0", 300.0)
        .deploy(1, "staging", "c0", 400.0)
        .deploy(2, "production", "c0", 401.0)
        .push("c1", 410.0)
        .deploy(3, "staging", "c1", 412.0)
        .deploy(4, "production", "c1", 420.0)
        .score();
    let staging = tier(&score, &EnvironmentTier::Staging).unwrap();
    let production = tier(&score, &EnvironmentTier::Production).unwrap();
    assert_eq!((lead(&staging).0, lead(&production).0), (Some(2.0), Some(10.0)));
}

#[test]
fn a_squash_commit_below_its_merge_commit_is_no_change_of_its_own() {
    let figures = baseline()
        .push_to("feature/1", "c0", "x1", 405.0)
        .mr(mr(1).commit("x1", 405.0).squashed_to("s1").merge_commit("m1").merged(420.0))
        .push_many(&[("s1", 420.0), ("m1", 420.0)])
        .deploy(2, "production", "m1", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(5.0))));
}

#[test]
fn what_a_fast_forward_train_rebased_is_one_change_and_no_direct_commit() {
    let figures = baseline()
        .push_to("feature/1", "c0", "x1", 405.0)
        .mr(mr(1).commit("x1", 405.0).merged(420.0))
        .rebased("y1", "x1")
        .push("y1", 405.0)
        .deploy(2, "production", "y1", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(5.0))));
}

#[test]
fn a_pick_of_a_landing_commit_that_was_picked_itself_delivers_it_too() {
    let figures = baseline()
        .push_to("feature/1", "c0", "p1", 405.0)
        .picked("p1", "x0")
        .mr(mr(1).commit("p1", 405.0).merged(410.0))
        .push_to("release/1", "c0", "p2", 405.0)
        .picked("p2", "p1")
        .deploy(2, "production", "p2", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(15.0))));
}

#[test]
fn of_two_picks_of_one_commit_the_first_dates_the_change_wherever_it_arrives() {
    let score = baseline()
        .deploy(2, "staging", "c0", 400.0)
        .push_to("release/1", "c0", "p1", 405.0)
        .picked("p1", "x0")
        .push("p2", 410.0)
        .picked("p2", "x0")
        .deploy(3, "production", "p1", 415.0)
        .deploy(4, "staging", "p2", 420.0)
        .score();
    let staging = tier(&score, &EnvironmentTier::Staging).unwrap();
    assert_eq!((staging.changes, lead(&staging)), (1, (Some(15.0), Some(15.0))));
}

#[test]
fn a_direct_commit_of_which_the_baseline_held_a_pick_is_not_delivered_again() {
    let figures = Story::new()
        .push("c0", 300.0)
        .push_to("release/1", "c0", "p1", 310.0)
        .picked("p1", "c1")
        .deploy(1, "production", "p1", 400.0)
        .push("c1", 310.0)
        .push("c2", 405.0)
        .deploy(2, "production", "c2", 410.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(5.0), Some(5.0))));
}

#[test]
fn a_merge_made_on_the_source_branch_is_one_of_its_original_commits() {
    // The author's clock was an hour ahead when x1 was written, and right when main was merged in.
    let figures = baseline()
        .push_to("feature/1", "c0", "x1", 406.0)
        .push_to("feature/1", "x1", "x2", 405.0)
        .merging("x2")
        .mr(mr(1).commit("x1", 406.0).commit("x2", 405.0).merge_commit("m1").merged(420.0))
        .push_merge(&["x1", "x2"], "m1", 420.0)
        .deploy(2, "production", "m1", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(5.0))));
}

#[test]
fn what_is_merged_was_no_draft_any_more_however_late_that_was_heard() {
    let told = mr(1).commit("c1", 405.0).opened(406.0).draft_until(450.0).merged(420.0);
    let figures =
        baseline().mr(told).push("c1", 405.0).deploy(2, "production", "c1", 430.0).production();
    let hours = figures.stages.map(|stage| stage.map(|quantiles| quantiles.p50 / 3_600.0));
    assert_eq!(hours, [Some(15.0), Some(0.0), Some(0.0), Some(10.0)]);
}

#[test]
fn a_promotion_of_what_a_train_rebased_is_no_change() {
    let figures = baseline()
        .push_to("feature/1", "c0", "x1", 405.0)
        .mr(mr(1).commit("x1", 405.0).targeting("next").merged(410.0))
        .rebased("y1", "x1")
        .push_to("next", "c0", "y1", 405.0)
        .mr(mr(2).on_branch("next").commit("y1", 405.0).merge_commit("m2").merged(420.0))
        .push_merge(&["y1"], "m2", 420.0)
        .deploy(2, "production", "m2", 425.0)
        .production();
    assert_eq!((figures.changes, lead(&figures)), (1, (Some(20.0), Some(15.0))));
}
