//! What of the figures answers a question of DORA's surveys.

use gitlab_dora_exporter::dora::levels::Question;
use gitlab_dora_exporter::dora::window::Window;

use super::story::Story;

#[test]
fn how_often_is_answered_by_a_window_with_a_release_or_by_one_of_half_a_year() {
    let often = |hour: f64, days: u32| {
        let story = Story::new().push("c0", 1.0).deploy(1, "production", "c0", hour);
        let mut figures = story.production();
        figures.window = Window::of_days(days);
        Question::Frequency.answer(&figures)
    };
    assert!(often(900.0, 30).is_some_and(|per_day| per_day > 0.0));
    assert_eq!(often(2.0, 30), None, "it was before the window");
    assert_eq!(often(2.0, 179), None);
    assert_eq!(often(2.0, 180), Some(0.0));
}
