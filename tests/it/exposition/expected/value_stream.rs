//! What the value stream of a scorecard must become.

use gitlab_dora_exporter::dora::scorecard::{Scorecard, TierValueStreamWindow, ValueStreamFigures};

use super::{Out, Pairs, float};

const STEPS: [&str; 12] = [
    "plan",
    "ready",
    "code",
    "build",
    "test",
    "pickup",
    "review",
    "release",
    "deploy",
    "operate",
    "detect",
    "acknowledge",
];

pub(super) fn add(
    out: &mut Out,
    prefix: &str,
    own: (&str, &str),
    figures: &ValueStreamFigures,
    scorecard: &Scorecard,
) {
    let name = |suffix: &str| format!("{prefix}{suffix}");
    for promotion in &figures.promotions {
        let pair =
            vec![own, ("from", promotion.pair.from.as_str()), ("to", promotion.pair.to.as_str())];
        for (window, times) in scorecard.windows.iter().zip(&promotion.times) {
            let window = window.to_string();
            let at = [pair.clone(), vec![("window", window.as_str())]].concat();
            out.quantiles(&name("promotion_time_seconds"), &at, *times);
        }
    }
    for (window, figures) in scorecard.windows.iter().zip(&figures.windows) {
        let window = window.to_string();
        let at: Pairs<'_> = vec![own, ("window", window.as_str())];
        for (step, times) in STEPS.into_iter().zip(figures.steps) {
            let at = [at.clone(), vec![("step", step)]].concat();
            out.quantiles(&name("step_duration_seconds"), &at, times);
        }
        for (suffix, value) in [
            ("milestones_due", figures.milestones.due.map(float)),
            ("on_time_ratio", figures.milestones.on_time_ratio),
            ("scope_cut_ratio", figures.milestones.scope_cut_ratio),
            ("releasable_time_ratio", figures.releasable.ratio(scorecard.as_of)),
        ] {
            if let Some(value) = value {
                out.add(&name(suffix), std::slice::from_ref(&at), value);
            }
        }
    }
}

pub(super) fn add_tier(
    out: &mut Out,
    prefix: &str,
    at: &Pairs<'_>,
    figures: &TierValueStreamWindow,
) {
    let name = |suffix: &str| format!("{prefix}{suffix}");
    for (basis, times) in
        ["validated", "milestone", "created", "feedback"].into_iter().zip(figures.needs)
    {
        let at = [at.clone(), vec![("basis", basis)]].concat();
        out.quantiles(&name("need_lead_time_seconds"), &at, times);
    }
    for (suffix, value) in [
        ("release_feedback_ratio", figures.feedback.feedback_ratio),
        ("fixed_in_next_release_ratio", figures.feedback.fixed_in_next_release_ratio),
    ] {
        if let Some(value) = value {
            out.add(&name(suffix), std::slice::from_ref(at), value);
        }
    }
    let first = figures.feedback.first_feedback;
    out.quantiles(&name("release_first_feedback_seconds"), at, first);
}
