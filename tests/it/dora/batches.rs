//! How much releases bring, and what waits for one.

use globset::{Glob, GlobSet};

use gitlab_dora_exporter::delivery::DeploymentStatus;
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::metric::batch::Batch;
use gitlab_dora_exporter::dora::metric::inventory::Inventory;
use gitlab_dora_exporter::dora::policy::{Counting, FirstDeployment};
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{HOUR, Story, at, mr, production};

fn baseline() -> Story {
    Story::new().push("c0", 300.0).deploy(1, "production", "c0", 400.0)
}

/// Medians of size and, in hours, of span.
fn medians(batch: &Batch) -> Option<(f64, f64)> {
    Some((batch.size_changes?.p50, batch.span?.p50 / 3_600.0))
}

/// How many changes wait for production, and for how many hours the oldest of them has.
type Waiting = Option<(u64, Option<u64>)>;

const NOTHING: Waiting = Some((0, None));

fn waiting(score: &ProjectScore) -> Waiting {
    in_hours(score.figures.figures.tiers[0].inventory)
}

fn in_hours(inventory: Option<Inventory>) -> Waiting {
    // As of the hour at which stories end.
    let age = |oldest| at(1_000.0).seconds_since(oldest) / HOUR;
    inventory.map(|own| (own.undelivered_changes, own.oldest_at.map(age)))
}

#[test]
fn a_release_is_as_large_as_its_changes_and_reaches_back_to_the_first_commit_of_them() {
    let batch = baseline()
        .mr(mr(1).commit("x1", 402.0).commit("c1", 404.0).merged(410.0))
        .push_many(&[("x1", 402.0), ("c1", 404.0)])
        .push("c2", 412.0)
        .deploy(2, "production", "c2", 420.0)
        .push("c3", 425.0)
        .deploy(3, "production", "c3", 430.0)
        .production()
        .batch;
    // Two changes of 18 hours, then one of 5.
    assert_eq!(medians(&batch), Some((1.5, 11.5)));
    assert_eq!(batch.size_changes.map(|own| own.p90), Some(1.9));
}

#[test]
fn a_bots_change_is_no_sample_but_makes_a_release_larger() {
    let figures = baseline()
        .mr(mr(1).commit("c1", 402.0).merged(410.0).by_a_bot())
        .push("c1", 402.0)
        .push("c2", 412.0)
        .deploy(2, "production", "c2", 420.0)
        .production();
    assert_eq!((figures.changes, medians(&figures.batch)), (1, Some((2.0, 18.0))));
}

#[test]
fn a_commit_that_claims_to_be_younger_than_its_release_spans_nothing() {
    let batch =
        baseline().push("c1", 425.0).deploy(2, "production", "c1", 420.0).production().batch;
    assert_eq!(medians(&batch), Some((1.0, 0.0)));
}

#[test]
fn what_delivers_nothing_has_no_size_and_the_baseline_has_none_whatever_it_delivers() {
    let story = baseline()
        .push("c1", 402.0)
        .deploy(2, "production", "c1", 410.0)
        .deploy(3, "production", "c0", 420.0)
        .deploy(4, "production", "c1", 430.0);
    let batch = story.production_with(|policy| policy.first_deployment = FirstDeployment::LinkAll);
    assert_eq!(batch.changes, 2);
    assert_eq!(batch.batch.size_changes.map(|own| own.samples.get()), Some(1));
    assert_eq!(baseline().production().batch, Batch::default());
}

#[test]
fn a_release_is_in_the_window_that_holds_its_end() {
    let at_hour = |hour: f64| {
        let story = Story::new().push("c0", 200.0).deploy(1, "production", "c0", 210.0);
        story.push("c1", 220.0).deploy(2, "production", "c1", hour).production().batch
    };
    assert_eq!(medians(&at_hour(280.0)), Some((1.0, 60.0)));
    assert_eq!(medians(&at_hour(280.0 - 1.0 / 3_600.0)), None);
}

#[test]
fn what_is_merged_waits_from_its_merge_until_a_release_contains_it() {
    let story = baseline()
        .mr(mr(1).commit("c1", 402.0).merged(410.0))
        .push("c1", 402.0)
        .mr(mr(2).commit("c2", 403.0).merged(500.0))
        .push("c2", 403.0);
    assert_eq!(waiting(&story.score()), Some((2, Some(590))));
    let once = story.deploy(2, "production", "c1", 600.0);
    assert_eq!(waiting(&once.score()), Some((1, Some(500))));
    let twice = once.deploy(3, "production", "c2", 700.0);
    assert_eq!(waiting(&twice.score()), NOTHING);
    // What is taken back was delivered all the same.
    assert_eq!(waiting(&twice.deploy(4, "production", "c0", 800.0).score()), NOTHING);
}

#[test]
fn nothing_is_known_to_wait_before_the_first_release() {
    let failed = (DeploymentStatus::Failed, 400.0);
    let story =
        Story::new().push("c0", 300.0).push("c1", 310.0).ended(1, "production", "c0", failed);
    assert_eq!(waiting(&story.clone().deploy(2, "production", "c0", 1_000.0).score()), None);
    assert_eq!(waiting(&story.deploy(2, "production", "c0", 999.0).score()), Some((1, Some(690))));
}

#[test]
fn what_is_merged_at_the_instant_of_measure_does_not_wait_yet() {
    let merged = |hours| {
        let told = mr(1).commit("x1", 402.0).merge_commit("m1").merged(hours);
        waiting(&baseline().mr(told).push_merge(&["x1"], "m1", hours).score())
    };
    assert_eq!(merged(1_000.0), NOTHING);
    assert_eq!(merged(999.0), Some((1, Some(1))));
}

#[test]
fn direct_commits_wait_on_the_default_branch_and_not_elsewhere() {
    let story = baseline().push("c1", 410.0).push_to("feature/1", "c1", "x1", 405.0);
    assert_eq!(waiting(&story.score()), Some((1, Some(590))));
    let ignoring = story.score_with(|policy| policy.direct_commits = Counting::Ignore);
    assert_eq!(waiting(&ignoring), NOTHING);
}

#[test]
fn other_branches_can_be_named_as_those_on_which_changes_wait() {
    let story = baseline()
        .mr(mr(1).commit("c1", 402.0).merged(410.0))
        .push("c1", 402.0)
        .mr(mr(2).commit("n1", 403.0).targeting("next/2").merged(500.0))
        .push_to("next/2", "c0", "n1", 403.0)
        .push_to("next/2", "n1", "n2", 600.0);
    assert_eq!(waiting(&story.score()), Some((1, Some(590))));
    let next = GlobSet::builder().add(Glob::new("next/*").unwrap()).build().unwrap();
    let named = story.score_with(|policy| policy.inventory_branches = next.clone());
    assert_eq!(waiting(&named), Some((2, Some(500))));
}

#[test]
fn a_branch_begins_with_what_the_one_had_that_it_left() {
    let story = baseline()
        .push("c1", 402.0)
        .push("c2", 403.0)
        .branched("release/1", "c2")
        .push("c3", 500.0);
    let releases = GlobSet::builder().add(Glob::new("release/*").unwrap()).build().unwrap();
    let named = story.score_with(|policy| policy.inventory_branches = releases.clone());
    assert_eq!(waiting(&named), Some((2, Some(598))));
}

#[test]
fn a_promotion_carries_what_waits_and_does_not_wait_itself() {
    let story = baseline()
        .mr(mr(1).commit("x1", 402.0).targeting("develop").merged(410.0))
        .push_to("develop", "c0", "x1", 402.0)
        .mr(mr(2).on_branch("develop").commit("x1", 402.0).merge_commit("m2").merged(420.0))
        .push_merge(&["x1"], "m2", 420.0);
    assert_eq!(waiting(&story.score()), NOTHING);
    let included = story.score_with(|policy| policy.promotion_merge_requests = Counting::Count);
    assert_eq!(waiting(&included), Some((1, Some(580))));
}

#[test]
fn what_was_delivered_as_a_pick_does_not_wait() {
    let story = baseline()
        .push("c1", 410.0)
        .push("c2", 415.0)
        .push_to("hotfix/1", "c0", "p1", 420.0)
        .picked("p1", "c1")
        .deploy(2, "production", "p1", 430.0);
    assert_eq!(waiting(&story.score()), Some((1, Some(585))));
}

#[test]
fn what_a_merged_request_picked_waits_where_it_was_written() {
    // On main y1 landed as itself, no train having rebased it, so x1 still answers for itself.
    let story = baseline()
        .push_to("develop", "c0", "x1", 405.0)
        .push_to("hotfix/1", "c0", "y1", 405.0)
        .picked("y1", "x1")
        .rebased("y1", "x1")
        .mr(mr(1).on_branch("hotfix/1").commit("y1", 405.0).merged(420.0))
        .push("y1", 405.0);
    assert_eq!(waiting(&story.score()), Some((1, Some(580))));
    let develop = GlobSet::builder().add(Glob::new("develop").unwrap()).build().unwrap();
    let on_develop = |story: &Story| {
        waiting(&story.score_with(|policy| policy.inventory_branches = develop.clone()))
    };
    assert_eq!(on_develop(&story), Some((1, Some(595))));
    assert_eq!(on_develop(&story.deploy(2, "production", "y1", 430.0)), NOTHING);
}

#[test]
fn what_a_train_rebased_waits_until_its_copy_is_released() {
    // Nobody tells what x1 was written on, but of its copy it is told that c1 does not contain it.
    let story = baseline()
        .mr(mr(1).commit("x1", 402.0).merged(410.0))
        .rebased("y1", "x1")
        .push("c1", 403.0)
        .push("y1", 402.0)
        .deploy(2, "production", "c1", 420.0);
    assert_eq!(waiting(&story.score()), Some((1, Some(590))));
    let score = story.deploy(3, "production", "y1", 430.0).score();
    assert_eq!((waiting(&score), production(&score).changes), (NOTHING, 2));
}

#[test]
fn what_an_unknown_version_may_contain_does_not_wait_nor_does_what_lies_below_it() {
    // Nobody tells what `x` is; merge request 1 may have come with it, and then d1 did, too.
    let story =
        baseline().push("d1", 402.0).mr(mr(1).commit("c1", 403.0).merged(410.0)).push("c1", 403.0);
    assert_eq!(waiting(&story.score()), Some((2, Some(598))));
    let unknown = story.deploy(2, "production", "x", 420.0);
    assert_eq!(waiting(&unknown.score()), NOTHING);
    let score = unknown.deploy(3, "production", "c1", 430.0).score();
    assert_eq!((waiting(&score), production(&score).changes), (NOTHING, 0));
}

#[test]
fn where_no_default_branch_is_known_nothing_is_said() {
    let story = baseline().push("c1", 410.0).without_default_branch();
    assert_eq!(waiting(&story.score()), None);
}

#[test]
fn a_group_adds_up_what_waits_and_its_oldest_is_the_oldest_of_all() {
    let (one, two) = (baseline().push("c1", 410.0), baseline().push("c1", 500.0).push("c2", 510.0));
    let unknown = Story::new().push("c0", 300.0).deploy(1, "production", "c0", 1_000.0);
    let scores = [one.score(), two.score(), unknown.score()];
    let scores: Vec<_> = scores.iter().collect();
    let pooled = roll_up("group", &scores, at(1_000.0), &[Window::of_days(30)]);
    assert_eq!(in_hours(pooled.figures.tiers[0].inventory), Some((3, Some(590))));
}
