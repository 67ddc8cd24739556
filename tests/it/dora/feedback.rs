//! What users say of a release, and how soon it is mended.

use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::metric::release_feedback::ReleaseFeedback;
use gitlab_dora_exporter::dora::policy::Policy;

use super::story::{HOUR, Story, at, mr, policy, production};

fn labelled(policy: &mut Policy) {
    policy.value_stream.feedback_labels = vec!["feedback".to_owned()];
    policy.value_stream.feedback_period_seconds = 100 * HOUR;
}

/// Ratio, samples and median hours of the first report, ratio of those fixed in the next release.
fn of(score: &ProjectScore) -> (Option<f64>, Option<(u64, f64)>, Option<f64>) {
    let ReleaseFeedback { feedback_ratio, first_feedback, fixed_in_next_release_ratio } =
        production(score).value_stream.feedback;
    let first = first_feedback.map(|own| (own.samples.get(), own.p50 / 3_600.0));
    (feedback_ratio, first, fixed_in_next_release_ratio)
}

/// Releases at hours 400, 500 and 550; something is said of what came at 500.
fn line() -> Story {
    Story::new()
        .push("c0", 300.0)
        .push("c1", 410.0)
        .push("c2", 530.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 500.0)
        .deploy(3, "production", "c2", 550.0)
        .issue_with(7, 510.0, &["feedback"])
        .issue_with(8, 520.0, &["feedback", "bug"])
        .issue_with(9, 505.0, &["idea"])
}

#[test]
fn feedback_is_said_of_the_release_before_it_until_the_next_one_or_the_end_of_the_period() {
    assert_eq!(of(&line().score_with(labelled)), (Some(1.0 / 3.0), Some((1, 10.0)), None));
    let late = line().issue_with(10, 649.0, &["feedback"]);
    assert_eq!(of(&late.score_with(labelled)).0, Some(2.0 / 3.0));
    let too_late = line().issue_with(10, 650.0, &["feedback"]);
    assert_eq!(of(&too_late.score_with(labelled)).0, Some(1.0 / 3.0));
    let at_once = line().issue_with(10, 550.0, &["feedback"]);
    assert_eq!(of(&at_once.score_with(labelled)).1, Some((2, 5.0)));
    assert_eq!(of(&line().score()), (None, None, None), "no label marks it");
}

#[test]
fn a_release_counts_once_its_time_for_feedback_is_over() {
    let mut policy = policy();
    labelled(&mut policy);
    let as_of = |instant| of(&line().score_at(instant, &policy)).0;
    assert_eq!(as_of(at(450.0)), None, "the first one's time is not over");
    assert_eq!(as_of(at(500.0).plus(1)), Some(0.0));
    assert_eq!(as_of(at(550.0)), Some(0.0));
    assert_eq!(as_of(at(550.0).plus(1)), Some(0.5));
    assert_eq!(as_of(at(650.0).minus(1)), Some(0.5));
    assert_eq!(as_of(at(650.0)), Some(1.0 / 3.0));
    assert_eq!(line().score_at(at(600.0), &policy).valid_until, at(650.0));
}

#[test]
fn a_rollback_does_not_end_the_time_for_feedback() {
    let story = line().deploy(4, "production", "c1", 560.0);
    let story = story.issue_with(10, 600.0, &["feedback"]);
    assert_eq!(of(&story.score_with(labelled)).0, Some(2.0 / 3.0));
}

#[test]
fn a_report_is_fixed_in_the_next_release_when_the_first_forward_one_after_it_delivers_it() {
    let fix = || mr(1).commit("c2", 530.0).merged(540.0);
    let next = line().mr(fix().closes(&[7, 8]));
    assert_eq!(of(&next.score_with(labelled)).2, Some(1.0));
    let at_once = line().issue_with(10, 500.0, &["feedback"]).mr(fix().closes(&[10]));
    assert_eq!(
        of(&at_once.score_with(labelled)).2,
        Some(1.0),
        "the release before is not after it"
    );
    let later = line().push("c3", 560.0).deploy(4, "production", "c3", 600.0);
    let later = later.mr(fix().closes(&[7]));
    let later = later.mr(mr(2).commit("c3", 560.0).merged(570.0).closes(&[8]));
    assert_eq!(of(&later.score_with(labelled)).2, Some(0.5));
    let ideas = line().mr(fix().closes(&[9]));
    assert_eq!(of(&ideas.score_with(labelled)).2, None, "an idea is no report");
}
