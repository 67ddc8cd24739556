//! Changes by kind of work.

use std::sync::Arc;

use gitlab_dora_exporter::dora::policy::{Category, Policy};
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::scorecard::WindowFigures;
use gitlab_dora_exporter::dora::statistics::Quantiles;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{Story, at, mr};

/// Name, changes, and medians from the first commit and from the merge in hours.
type Told = (Arc<str>, u64, Option<f64>, Option<f64>);

fn told(figures: &WindowFigures) -> Vec<Told> {
    let told = figures.categories.iter().map(|own| {
        let hours = |quantiles: Option<Quantiles>| quantiles.map(|own| own.p50 / 3_600.0);
        let lead_time = own.lead_time;
        let name = Arc::clone(&own.name);
        (name, own.changes, hours(lead_time.first_commit), hours(lead_time.merge))
    });
    told.collect()
}

fn category(name: &str, labels: &[&str]) -> Category {
    Category { name: name.into(), labels: labels.iter().map(|own| (*own).to_owned()).collect() }
}

fn configured(policy: &mut Policy) {
    policy.categories = vec![category("fixes", &["bug"]), category("security", &["cve", "bug"])];
}

/// A fix, a direct commit and a bot's update, delivered at hour 420.
fn delivered() -> Story {
    Story::new()
        .push("c0", 300.0)
        .deploy(1, "production", "c0", 400.0)
        .mr(mr(1).commit("c1", 402.0).merged(410.0).labelled("bug"))
        .push("c1", 402.0)
        .push("c2", 415.0)
        .mr(mr(2).commit("c3", 405.0).merged(416.0).labelled("cve").by_a_bot())
        .push("c3", 405.0)
        .deploy(2, "production", "c3", 420.0)
}

#[test]
fn a_change_is_of_the_first_kind_that_takes_it_and_else_of_another() {
    let figures = delivered().production_with(configured);
    let expected: [Told; 3] = [
        ("fixes".into(), 1, Some(18.0), Some(10.0)),
        ("other".into(), 1, Some(5.0), Some(5.0)),
        ("security".into(), 0, None, None),
    ];
    assert_eq!(told(&figures), expected);
    assert_eq!(figures.changes, 2);
}

#[test]
fn nothing_is_told_by_kind_of_work_until_kinds_are_configured() {
    assert_eq!(delivered().production().categories, []);
}

#[test]
fn a_kind_of_work_is_counted_in_the_window_that_holds_the_delivery() {
    let at_hour = |hour: f64| {
        let story = Story::new().push("c0", 200.0).deploy(1, "production", "c0", 210.0);
        let figures = story
            .mr(mr(1).commit("c1", 220.0).merged(230.0).labelled("cve"))
            .push("c1", 220.0)
            .deploy(2, "production", "c1", hour)
            .production_with(configured);
        told(&figures).into_iter().map(|(_, changes, ..)| changes).collect::<Vec<_>>()
    };
    assert_eq!(at_hour(280.0), [0, 0, 1]);
    assert_eq!(at_hour(280.0 - 1.0 / 3_600.0), [0, 0, 0]);
    assert_eq!(at_hour(1_000.0), [0, 0, 0]);
}

#[test]
fn a_group_pools_each_project_by_its_own_kinds_and_leaves_out_those_without() {
    let own_kinds = |policy: &mut Policy| policy.categories = vec![category("run", &["bug"])];
    let scores = [
        delivered().score_with(configured),
        delivered().score_with(own_kinds),
        delivered().score(),
    ];
    let scores: Vec<_> = scores.iter().collect();
    let pooled = roll_up("group", &scores, at(1_000.0), &[Window::of_days(30)]);
    let figures = &pooled.figures.tiers[0].windows[0];
    let expected: [Told; 4] = [
        ("fixes".into(), 1, Some(18.0), Some(10.0)),
        ("other".into(), 2, Some(5.0), Some(5.0)),
        ("run".into(), 1, Some(18.0), Some(10.0)),
        ("security".into(), 0, None, None),
    ];
    assert_eq!(told(figures), expected);
    assert_eq!(figures.changes, 6);
}
