//! How regularly releases come: gaps, their spread, and the periods of a cadence.

use gitlab_dora_exporter::delivery::DeploymentStatus;
use gitlab_dora_exporter::dora::metric::rhythm::Rhythm;
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{HOUR, Story, at, policy};

const DAY: u64 = 24 * HOUR;

fn line() -> Story {
    Story::new().push("c0", 290.0).push("c1", 291.0).push("c2", 292.0).push("c3", 293.0)
}

/// c0, c1 … deployed at these hours.
fn released(hours: &[f64]) -> Story {
    (0..).zip(hours).fold(line(), |story, (place, hour)| {
        story.deploy(place + 1, "production", &format!("c{place}"), *hour)
    })
}

fn kept(story: &Story, period: u64) -> Option<f64> {
    let figures = story.production_with(|policy| policy.cadence_period_seconds = Some(period));
    figures.rhythm.cadence_adherence_ratio
}

/// The three quantiles of the gaps, in hours.
fn gaps(rhythm: &Rhythm) -> Option<[f64; 3]> {
    rhythm.interval.map(|own| [own.p50, own.p75, own.p90].map(|seconds| seconds / 3_600.0))
}

#[test]
fn gaps_run_from_end_to_end_and_their_spread_is_told_by_their_mean() {
    // Gaps of 24, 36 and 140 hours: mean 66⅔, deviation 52.085.
    let rhythm = released(&[400.0, 424.0, 460.0, 600.0]).production().rhythm;
    let expected = [36.0, 88.0, 119.2];
    let told = gaps(&rhythm).unwrap();
    assert!(told.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9), "{told:?}");
    let variation = rhythm.interval_variation_ratio.unwrap();
    assert!((variation - 24_416_f64.sqrt() / 200.0).abs() < 1e-12, "{variation}");
}

#[test]
fn a_metronome_has_no_spread() {
    let rhythm = released(&[400.0, 424.0, 448.0, 472.0]).production().rhythm;
    assert_eq!(rhythm.interval_variation_ratio, Some(0.0));
}

#[test]
fn going_back_and_the_same_again_bring_nothing_and_break_no_gap() {
    let rhythm = line()
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c2", 410.0)
        .deploy(3, "production", "c2", 412.0)
        .deploy(4, "production", "c1", 420.0)
        .deploy(5, "production", "c3", 440.0)
        .production()
        .rhythm;
    assert_eq!(gaps(&rhythm), Some([20.0, 25.0, 28.0]));
}

#[test]
fn a_gap_is_in_the_window_when_both_its_ends_are() {
    let on_the_edge = released(&[280.0, 400.0]).production().rhythm;
    assert_eq!(gaps(&on_the_edge), Some([120.0; 3]));
    let a_second_before = released(&[280.0 - 1.0 / 3_600.0, 400.0]).production().rhythm;
    assert_eq!(gaps(&a_second_before), None);
    let at_the_end = released(&[400.0, 1_000.0]).production().rhythm;
    assert_eq!(gaps(&at_the_end), None);
}

#[test]
fn below_two_releases_there_is_no_gap_and_below_two_gaps_no_spread() {
    assert_eq!(released(&[400.0]).production().rhythm, Rhythm::default());
    let two = released(&[400.0, 410.0]).production().rhythm;
    assert_eq!((gaps(&two), two.interval_variation_ratio), (Some([10.0; 3]), None));
    let at_once = released(&[400.0, 400.0, 400.0]).production().rhythm;
    assert_eq!((gaps(&at_once), at_once.interval_variation_ratio), (Some([0.0; 3]), None));
}

#[test]
fn a_cadence_is_kept_in_every_period_that_holds_a_release() {
    // Three periods of ten days, from hours 280, 520 and 760.
    let two = released(&[400.0, 410.0, 760.0]);
    assert_eq!(kept(&two, 10 * DAY), Some(2.0 / 3.0));
    let a_second_before = released(&[400.0, 410.0, 760.0 - 1.0 / 3_600.0]);
    assert_eq!(kept(&a_second_before, 10 * DAY), Some(2.0 / 3.0));
    assert_eq!(kept(&released(&[400.0, 700.0, 760.0]), 10 * DAY), Some(1.0));
    assert_eq!(kept(&released(&[280.0]), 10 * DAY), Some(1.0 / 3.0));
}

#[test]
fn what_is_left_of_the_window_before_its_first_whole_period_is_none() {
    // Four weeks of thirty days, the first from hour 328.
    assert_eq!(kept(&released(&[300.0]), 7 * DAY), Some(0.0));
    assert_eq!(kept(&released(&[328.0]), 7 * DAY), Some(0.25));
    assert_eq!(kept(&released(&[328.0 - 1.0 / 3_600.0]), 7 * DAY), Some(0.0));
}

#[test]
fn a_rollback_keeps_no_cadence() {
    let story = line()
        .deploy(1, "production", "c0", 300.0)
        .deploy(2, "production", "c1", 310.0)
        .deploy(3, "production", "c0", 900.0);
    assert_eq!(kept(&story, 10 * DAY), Some(1.0 / 3.0));
}

#[test]
fn a_cadence_exists_once_the_tier_is_known_and_its_period_fits_into_the_window() {
    let failed = line().ended(1, "production", "c0", (DeploymentStatus::Failed, 900.0));
    assert_eq!(kept(&failed, 10 * DAY), Some(0.0));
    let story = released(&[400.0]);
    assert_eq!(kept(&story, 30 * DAY), Some(1.0));
    assert_eq!(kept(&story, 30 * DAY + 1), None);
    assert_eq!(story.production().rhythm.cadence_adherence_ratio, None);
}

#[test]
fn a_group_pools_the_gaps_and_adds_up_the_periods_of_its_projects() {
    let windows = [Window::of_days(30)];
    let measured = |story: Story, days: u64| {
        let mut policy = policy();
        policy.cadence_period_seconds = Some(days * DAY);
        story.score_at(at(1_000.0), &policy)
    };
    // One of three periods, and both of two; gaps of 100 and of 250 hours, none of 50.
    let steady = measured(released(&[400.0, 500.0]), 10);
    let rare = measured(released(&[450.0, 700.0]), 15);
    let pooled = roll_up("group", &[&steady, &rare], at(1_000.0), &windows);
    let rhythm = pooled.figures.tiers[0].windows[0].rhythm;
    assert_eq!(gaps(&rhythm), Some([175.0, 212.5, 235.0]));
    assert_eq!(rhythm.cadence_adherence_ratio, Some(0.6));
}

#[test]
fn the_spread_of_a_rhythm_is_a_projects_and_no_groups() {
    let windows = [Window::of_days(30)];
    let score = released(&[400.0, 424.0, 460.0]).score();
    let own = score.figures.figures.tiers[0].windows[0].rhythm;
    assert!(own.interval_variation_ratio.is_some());
    let pooled = roll_up("group", &[&score], at(1_000.0), &windows);
    let pooled = pooled.figures.tiers[0].windows[0].rhythm;
    assert_eq!(pooled, Rhythm { interval_variation_ratio: None, ..own });
}

#[test]
fn a_score_expires_when_a_release_passes_into_another_period() {
    let mut policy = policy();
    policy.cadence_period_seconds = Some(10 * DAY);
    let story = released(&[400.0]);
    // Ten days after hour 400, and twice that, it stands on the start of a period.
    for (hours, expected) in [(600.0, 640.0), (640.0, 640.0), (641.0, 880.0)] {
        let valid_until = story.score_at(at(hours), &policy).valid_until;
        assert_eq!(valid_until, at(expected).plus(1), "as of hour {hours}");
    }
    // After thirty days it is in no window any more, and nothing changes for ever.
    let over = story.score_at(at(1_121.0), &policy);
    assert_eq!(over.valid_until.as_second(), i64::MAX);
}
