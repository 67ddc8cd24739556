//! The steps of the value stream, in production.

use gitlab_dora_exporter::delivery::register::Greatest;
use gitlab_dora_exporter::delivery::{FactBody, Pipeline, PipelineId};
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::policy::Policy;
use gitlab_dora_exporter::dora::samples::Step;

use super::story::{HOUR, Story, Told, at, iid, mr, policy, production};

/// The median of a step, in hours.
fn hours(score: &ProjectScore, step: Step) -> Option<f64> {
    let place = Step::ALL.iter().position(|own| *own == step)?;
    let window = score.figures.figures.value_stream.windows[0];
    window.steps[place].map(|quantiles| quantiles.p50 / 3_600.0)
}

fn of<const N: usize>(story: &Story, steps: [Step; N]) -> [Option<f64>; N] {
    let score = story.score_with(validated);
    steps.map(|step| hours(&score, step))
}

fn validated(policy: &mut Policy) {
    policy.value_stream.validated_labels = vec!["validated".to_owned()];
}

fn change() -> Told {
    mr(1).commit("c1", 410.0).opened(415.0).draft_until(420.0).reviewed(428.0, 2).merged(440.0)
}

/// One merge request: written at 410, ready at 420, reviewed at 428, merged at 440, delivered at
/// 500.
fn line() -> Story {
    Story::new()
        .push("c0", 300.0)
        .mr(change())
        .push("c1", 410.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 500.0)
}

#[test]
fn code_pickup_and_review_are_the_stages_and_release_and_deploy_are_the_last_of_them() {
    let story = line().began(2, 490.0);
    let steps = [Step::Code, Step::Pickup, Step::Review, Step::Release, Step::Deploy];
    let expected = [10.0, 8.0, 12.0, 50.0, 10.0];
    assert_eq!(of(&story, steps), expected.map(Some));
    let lead_time = production(&story.score()).change_lead_time.first_commit.unwrap();
    let sum: f64 = expected.iter().sum();
    assert!((sum * 3_600.0 - lead_time.p50).abs() < f64::EPSILON, "they add up");
}

#[test]
fn a_start_before_the_merge_counts_as_the_merge_and_without_a_start_both_are_absent() {
    let early = line().began(2, 430.0);
    assert_eq!(of(&early, [Step::Release, Step::Deploy]), [Some(0.0), Some(60.0)]);
    assert_eq!(of(&line(), [Step::Release, Step::Deploy]), [None, None]);
    // The first member counts: the one that users met first.
    let two = Story::new()
        .push("c0", 300.0)
        .mr(change())
        .push("c1", 410.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "prod-b", "c0", 400.0)
        .deploy(4, "production", "c1", 500.0)
        .deploy(3, "prod-b", "c1", 500.5)
        .began(3, 450.0)
        .began(4, 490.0);
    assert_eq!(of(&two, [Step::Release, Step::Deploy]), [Some(50.0), Some(10.5)]);
}

#[test]
fn an_issue_is_planned_until_its_validation_and_ready_until_its_first_commit() {
    let story = Story::new()
        .push("c0", 300.0)
        .mr(change().closes(&[7]))
        .push("c1", 410.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 500.0)
        .issue(7, 350.0);
    assert_eq!(of(&story, [Step::Plan, Step::Ready]), [None, None], "never validated");
    let validated = story.clone().given(7, "validated", 380.0);
    assert_eq!(of(&validated, [Step::Plan, Step::Ready]), [Some(30.0), Some(30.0)]);
    let late = story.given(7, "validated", 450.0);
    assert_eq!(of(&late, [Step::Plan, Step::Ready]), [Some(100.0), Some(0.0)]);
}

#[test]
fn build_and_test_are_those_of_the_last_pipeline_before_the_merge() {
    let story = line()
        .pipeline(11, ("feature/1", "c1"), 421.0, &[("build", 421.0, 429.0)])
        .pipeline(
            12,
            ("feature/1", "c1"),
            430.0,
            &[("build", 430.0, 431.0), ("test", 431.5, 434.0), ("deploy", 435.0, 439.0)],
        )
        // What ran on main for the same commit, and what was created later, is not its own.
        .pipeline(13, ("main", "c1"), 439.0, &[("build", 439.0, 489.0)])
        .pipeline(14, ("feature/1", "c1"), 440.0, &[("build", 440.0, 490.0)]);
    assert_eq!(of(&story, [Step::Build, Step::Test]), [Some(1.0), Some(2.5)]);
    let renamed = story.score_with(|policy| {
        policy.value_stream.build_stages = vec!["compile".to_owned()];
        policy.value_stream.test_stages = vec!["test".to_owned(), "deploy".to_owned()];
    });
    assert_eq!(hours(&renamed, Step::Build), None);
    assert_eq!(hours(&renamed, Step::Test), Some(7.5), "from the first job to the last");
}

#[test]
fn a_pipeline_of_another_branch_or_merge_request_on_the_same_commit_is_not_its_own() {
    let own = line().pipeline(11, ("feature/1", "c1"), 421.0, &[("build", 421.0, 422.0)]);
    let branch = own.clone().pipeline(12, ("develop", "c1"), 430.0, &[("build", 430.0, 439.0)]);
    assert_eq!(of(&branch, [Step::Build]), [Some(1.0)]);
    let mut other = own.pipeline(12, ("feature/1", "c1"), 430.0, &[("build", 430.0, 439.0)]);
    let mut ran_for = Pipeline::new(PipelineId::new(12).unwrap());
    ran_for.merge_request = Greatest(Some(iid(2)));
    other.bodies.push(FactBody::Pipeline(ran_for));
    assert_eq!(of(&other, [Step::Build]), [Some(1.0)]);
}

#[test]
fn operate_is_recovery_time_detect_reaches_back_to_the_release_and_a_person_acknowledges() {
    let story = line().incident(5, 503.0, &[511.0]).noted(5, 505.0);
    let steps = [Step::Operate, Step::Detect, Step::Acknowledge];
    assert_eq!(of(&story, steps), [Some(11.0), Some(3.0), Some(2.0)]);
    let external = line().incident(5, 600.0, &[]);
    assert_eq!(of(&external, steps), [None, None, None], "beyond the horizon, and nobody spoke");
}

#[test]
fn the_delivery_places_steps_of_changes_and_the_creation_those_of_incidents() {
    let story = line().began(2, 490.0).incident(5, 503.0, &[]).noted(5, 505.0);
    let as_of = |instant, step| hours(&story.score_at(instant, &policy()), step);
    assert_eq!(as_of(at(500.0), Step::Release), None);
    assert_eq!(as_of(at(500.0).plus(1), Step::Release), Some(50.0));
    assert_eq!(as_of(at(503.0), Step::Detect), None);
    assert_eq!(as_of(at(503.0).plus(1), Step::Detect), Some(3.0));
    assert_eq!(as_of(at(505.0), Step::Acknowledge), None);
    assert_eq!(as_of(at(505.0).plus(1), Step::Acknowledge), Some(2.0));
    let month = |hours: f64, seconds: u64| at(hours).plus(30 * 24 * HOUR + seconds);
    assert_eq!(as_of(month(500.0, 0), Step::Release), Some(50.0));
    assert_eq!(as_of(month(500.0, 1), Step::Release), None);
    assert_eq!(as_of(month(503.0, 0), Step::Acknowledge), Some(2.0));
    assert_eq!(as_of(month(503.0, 1), Step::Acknowledge), None);
}

#[test]
fn what_is_no_sample_and_what_went_to_staging_has_no_steps() {
    let bot = Story::new()
        .push("c0", 300.0)
        .mr(change().by_a_bot())
        .push("c1", 410.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 500.0)
        .began(2, 490.0);
    let steps = [Step::Code, Step::Release];
    assert_eq!(of(&bot, steps), [None, None]);
    let staging = Story::new()
        .push("c0", 300.0)
        .mr(change())
        .push("c1", 410.0)
        .deploy(1, "staging", "c0", 400.0)
        .deploy(2, "staging", "c1", 500.0)
        .began(2, 490.0);
    assert_eq!(of(&staging, steps), [None, None]);
}
