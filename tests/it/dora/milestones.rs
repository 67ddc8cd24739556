//! Milestones: on time, scope cut rather than date moved.

use gitlab_dora_exporter::delivery::{
    Counted, FactBody, Issue, LifetimeSeries, Milestone, register::Newest,
};
use gitlab_dora_exporter::dora::counting::{known_series, to_count};
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::metric::milestones::MilestonesDue;
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::window::Window;
use jiff::tz::TimeZone;

use super::plan::milestone;
use super::story::{HOUR, Story, Told, at, iid, key, mr, policy};

/// Due on the day that begins at hour 480: the deadline is hour 504.
const DEADLINE: f64 = 504.0;

fn of(score: &ProjectScore) -> MilestonesDue {
    score.figures.figures.value_stream.windows[0].milestones
}

fn due(due: u64, on_time: Option<f64>, cut: Option<f64>) -> MilestonesDue {
    MilestonesDue { due: Some(due), on_time_ratio: on_time, scope_cut_ratio: cut }
}

fn first() -> Told {
    mr(1).commit("c1", 410.0).merged(420.0)
}

/// Commit c1 is delivered at the given hour, after a baseline at hour 400.
fn delivered(hours: f64) -> Story {
    Story::new().push("c0", 300.0).push("c1", 410.0).deploy(1, "production", "c0", 400.0).deploy(
        2,
        "production",
        "c1",
        hours,
    )
}

#[test]
fn a_milestone_is_on_time_when_all_is_delivered_before_the_midnight_after_its_due_day() {
    let told =
        |hours| delivered(hours).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0).score();
    assert_eq!(of(&told(503.9)), due(1, Some(1.0), None));
    assert_eq!(of(&told(DEADLINE)), due(1, Some(0.0), None));
}

#[test]
fn merge_requests_that_close_its_issues_are_its_own() {
    let story = delivered(600.0).mr(first().closes(&[7])).issue(7, 401.0);
    let story = story.moved(7, (None, Some(4)), 401.0).milestone(4, 402.0, 480.0);
    assert_eq!(of(&story.score()), due(1, Some(0.0), Some(0.0)));
}

#[test]
fn every_merge_request_must_be_delivered_and_the_baseline_counts() {
    let early = mr(9).commit("c0", 300.0).merged(310.0).in_milestone(4);
    let story = delivered(600.0).mr(early).milestone(4, 380.0, 480.0);
    assert_eq!(of(&story.score()), due(1, Some(1.0), None), "by the baseline at hour 400");
    let more = story.mr(first().in_milestone(4));
    assert_eq!(of(&more.score()), due(1, Some(0.0), None));
}

#[test]
fn without_merge_requests_it_is_late_if_it_holds_an_issue_and_ignored_if_empty() {
    let empty = delivered(450.0).milestone(4, 402.0, 480.0);
    assert_eq!(of(&empty.score()), due(0, None, None));
    let held = empty.issue(7, 401.0).moved(7, (None, Some(4)), 401.5);
    assert_eq!(of(&held.score()), due(1, Some(0.0), Some(0.0)));
    let other = delivered(450.0).issue(7, 401.0);
    assert_eq!(of(&other.score()), MilestonesDue::default(), "none is known");
}

#[test]
fn a_due_day_moved_after_the_start_changes_nothing_but_a_counter() {
    let moved = delivered(510.0).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0);
    let moved = moved.due(4, 470.0, 528.0).due(4, 480.0, 528.0).due(4, 490.0, 552.0);
    let score = moved.score();
    assert_eq!(of(&score), due(1, Some(0.0), None));
    assert_eq!(counted(&moved, &score), 2);
    // Before the start day the date may still be found.
    let planned = moved.clone().starting(4, 480.0);
    let score = planned.score();
    assert_eq!(of(&score), due(1, Some(1.0), None));
    assert_eq!(counted(&planned, &score), 1);
    let unknown = delivered(510.0);
    let score = unknown.score();
    assert!(!known_series(&score.assessment).contains(&LifetimeSeries::MilestoneDueDateChanges));
}

fn counted(story: &Story, score: &ProjectScore) -> usize {
    assert!(known_series(&score.assessment).contains(&LifetimeSeries::MilestoneDueDateChanges));
    let mut history = gitlab_dora_exporter::delivery::History::default();
    for fact in story.facts() {
        history.fold(fact);
    }
    let own = history.project(key()).unwrap();
    let tallies = to_count(key(), own, &score.assessment, at(1_000.0), &Counted::default());
    let is_move = |series: &_| *series == LifetimeSeries::MilestoneDueDateChanges;
    tallies.iter().filter(|tally| is_move(&tally.series)).count()
}

#[test]
fn scope_is_cut_by_issues_that_leave_between_start_and_deadline() {
    let story = delivered(450.0).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0);
    let story = story
        .issue(1, 390.0)
        .moved(1, (None, Some(4)), 395.0) // stays
        .issue(2, 390.0)
        .moved(2, (None, Some(4)), 402.0) // there at the start, leaves for the next
        .moved(2, (Some(4), Some(5)), 460.0)
        .issue(3, 390.0)
        .moved(3, (None, Some(4)), 410.0) // comes later, leaves again
        .moved(3, (Some(4), None), 460.0)
        .issue(4, 390.0)
        .moved(4, (Some(4), None), 505.0) // leaves after the deadline; was there all along
        .issue(5, 390.0)
        .moved(5, (None, Some(4)), 395.0) // leaves and comes back
        .moved(5, (Some(4), None), 450.0)
        .moved(5, (None, Some(4)), 460.0);
    // In scope at the start: 1, 2, 4, 5; gone at the deadline: 2.
    assert_eq!(of(&story.score()), due(1, Some(1.0), Some(0.25)));
}

#[test]
fn an_issue_that_comes_later_was_not_in_it_yet() {
    let story = delivered(450.0).milestone(4, 402.0, 480.0).issue(1, 390.0);
    let mut story = story.moved(1, (None, Some(4)), 600.0);
    // By then the issue itself says that it is in the milestone.
    let mut now = Issue::new(iid(1));
    now.milestone = Newest::at(at(600.0), Some(milestone(4)));
    story.bodies.push(FactBody::Issue(now));
    // As of an instant between its deadline and that move it was empty.
    assert_eq!(of(&story.score_at(at(550.0), &policy())), due(0, None, None));
    assert_eq!(of(&story.score_at(at(600.0), &policy())), due(0, None, None));
    assert_eq!(of(&story.score()), due(0, None, None), "nor was it in scope at its deadline");
}

#[test]
fn a_milestone_is_due_once_its_deadline_has_come_and_for_as_long_as_the_window_holds_it() {
    let story = delivered(450.0).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0);
    let as_of = |instant| of(&story.score_at(instant, &policy()));
    let deadline = at(DEADLINE);
    assert_eq!(as_of(deadline.minus(1)), due(0, None, None));
    assert_eq!(as_of(deadline), due(1, Some(1.0), None));
    let month = 30 * 24 * HOUR;
    assert_eq!(as_of(deadline.plus(month).minus(1)), due(1, Some(1.0), None));
    assert_eq!(as_of(deadline.plus(month)), due(0, None, None));
    let valid_until = |instant| story.score_at(instant, &policy()).valid_until;
    assert_eq!(valid_until(at(460.0)), deadline);
    assert_eq!(of(&story.score_at(at(402.0), &policy())), MilestonesDue::default(), "not yet");
}

#[test]
fn days_are_local() {
    let story = delivered(503.5).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0);
    let paris = |policy: &mut gitlab_dora_exporter::dora::policy::Policy| {
        policy.timezone = TimeZone::get("Europe/Paris").unwrap();
    };
    // In January 1970 Paris is one hour ahead: its midnight is hour 503.
    assert_eq!(of(&story.score_with(paris)), due(1, Some(0.0), None));
    assert_eq!(of(&story.score()), due(1, Some(1.0), None));
}

#[test]
fn a_deleted_milestone_is_none() {
    let mut story = delivered(450.0).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0);
    let mut gone = Milestone::new(milestone(4));
    gone.deleted = Newest::at(at(500.0), true);
    story.bodies.push(FactBody::Milestone(gone));
    assert_eq!(of(&story.score()), MilestonesDue::default());
}

#[test]
fn a_group_adds_up_milestones_and_issues() {
    let good = delivered(450.0).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0);
    let good = good.issue(1, 390.0).moved(1, (None, Some(4)), 395.0);
    let late = delivered(600.0).mr(first().in_milestone(4)).milestone(4, 402.0, 480.0);
    let late = [1, 2, 3]
        .into_iter()
        .fold(late, |story, issue| story.issue(issue, 390.0).moved(issue, (None, Some(4)), 395.0));
    let late = late.moved(1, (Some(4), None), 450.0);
    let none = delivered(450.0);
    let scores = [good.score(), late.score(), none.score()];
    let pooled = roll_up("group", &scores.each_ref(), at(1_000.0), &[Window::of_days(30)]);
    let figures = pooled.figures.value_stream.windows[0].milestones;
    assert_eq!(figures, due(2, Some(0.5), Some(0.25)));
}
