//! How much of the time the default branch could have been released.

use gitlab_dora_exporter::delivery::RunStatus::{Canceled, Failed, Skipped, Success};
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{Story, at, policy};

fn of(score: &ProjectScore) -> Option<f64> {
    of_as_of(score, 1_000.0)
}

fn of_as_of(score: &ProjectScore, hour: f64) -> Option<f64> {
    score.figures.figures.value_stream.windows[0].releasable.ratio(at(hour))
}

#[test]
fn the_newest_finished_pipeline_decides_from_the_first_one_on() {
    assert_eq!(of(&Story::new().score()), None);
    let story = Story::new().main_ended(1, Success, 600.0);
    assert_eq!(of(&story.score()), Some(1.0));
    // Broken from 700 to 800 of the 400 hours since the first pipeline.
    let broken = story.main_ended(2, Failed, 700.0).main_ended(3, Success, 800.0);
    assert_eq!(of(&broken.score()), Some(0.75));
    let skipped = broken.clone().main_ended(4, Skipped, 900.0);
    assert_eq!(of(&skipped.score()), Some(0.75), "it never ran");
    let canceled = broken.main_ended(4, Canceled, 900.0);
    assert_eq!(of(&canceled.score()), Some(0.5));
}

#[test]
fn other_branches_say_nothing_and_the_window_cuts_what_is_older() {
    let branch = Story::new().pipeline(1, ("feature/1", "c1"), 600.0, &[]);
    assert_eq!(of(&branch.score()), None);
    // The window begins at hour 280: broken for 180 of its 720 hours.
    let old = Story::new().main_ended(1, Failed, 100.0).main_ended(2, Success, 460.0);
    assert_eq!(of(&old.score()), Some(0.75));
}

#[test]
fn while_nothing_happens_it_is_what_measuring_anew_would_give() {
    let story = Story::new().main_ended(1, Success, 600.0).main_ended(2, Failed, 700.0);
    let score = story.score();
    assert_eq!(score.valid_until, at(600.0).plus(30 * 86_400).plus(1));
    let later = story.score_at(at(1_024.0), &policy());
    assert_ne!(of(&score), of_as_of(&score, 1_024.0));
    assert_eq!(score.figures.figures.value_stream, later.figures.figures.value_stream);
}

#[test]
fn a_group_adds_up_the_time_of_its_projects() {
    let long = Story::new().main_ended(1, Success, 600.0);
    let short = Story::new().main_ended(1, Failed, 900.0);
    let scores = [long.score(), short.score()];
    let pooled = roll_up("group", &scores.each_ref(), at(1_000.0), &[Window::of_days(30)]);
    assert_eq!(pooled.figures.value_stream.windows[0].releasable.ratio(at(1_000.0)), Some(0.8));
}
