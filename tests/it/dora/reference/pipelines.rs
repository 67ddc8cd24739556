//! What pipelines tell: the steps build and test of section 3.5, and releasable time of 3.7.

use gitlab_dora_exporter::delivery::RunStatus;
use gitlab_dora_exporter::dora::window::Window;

use super::numbers::{Labels, Number, Numbers};
use super::truth::{TruePipeline, TrueRequest, Truth};
use super::{Scene, seconds};

/// How long the last pipeline of a merge request before its merge was in some stages.
pub(super) fn span(scene: Scene<'_>, number: u64, stages: &[String]) -> Option<i64> {
    let request = &scene.truth.requests[usize::try_from(number).unwrap() - 1];
    let merged = request.merged.unwrap().at;
    let before = pipelines_of(scene.truth, number, request).filter(|own| own.created < merged);
    let last = before.max_by_key(|own| own.id)?;
    // What runs is told stage by stage: one counts when the last of its jobs has ended.
    let wanted = last.stages.iter().filter(|stage| stages.iter().any(|own| own == stage.name));
    let over = wanted.filter(|stage| stage.jobs.iter().all(|(_, ended)| *ended < scene.now));
    let jobs: Vec<&(i64, i64)> = over.flat_map(|stage| &stage.jobs).collect();
    let first = jobs.iter().map(|(ready, _)| *ready).min()?;
    let latest = jobs.iter().map(|(_, ended)| *ended).max()?;
    Some((latest - first).max(0))
}

/// Those that ran for it, and those of its own branch on what it held.
fn pipelines_of<'a>(
    truth: &'a Truth,
    number: u64,
    request: &'a TrueRequest,
) -> impl Iterator<Item = &'a TruePipeline> {
    truth.pipelines.iter().filter(move |own| match own.request {
        Some(other) => other == number,
        None => own.branch == request.source && request.heads.contains(&own.commit),
    })
}

/// Before the first one ended nobody knew; one that was skipped never ran.
pub(super) fn measure(numbers: &mut Numbers, scene: Scene<'_>, windows: &[Window]) {
    let of_main = scene.truth.pipelines.iter();
    let of_main = of_main.filter(|own| own.branch == "main" && own.request.is_none());
    let mut ends: Vec<(i64, u64, RunStatus)> = of_main
        .filter_map(|own| own.ended.map(|(at, status)| (at, own.id, status)))
        .filter(|(at, _, status)| *at < scene.now && *status != RunStatus::Skipped)
        .collect();
    ends.sort_unstable();
    for window in windows {
        let (mut releasable, mut known) = (0, 0);
        for (place, (at, _, status)) in ends.iter().enumerate() {
            let until = ends.get(place + 1).map_or(scene.now, |next| next.0);
            let from = (*at).max(scene.now - seconds(*window));
            known += (until - from).max(0);
            if *status == RunStatus::Success {
                releasable += (until - from).max(0);
            }
        }
        let labels = Labels::default().and("window", window);
        numbers.put("releasable_time_ratio", &labels, Number::Ratio(releasable, known));
    }
}
