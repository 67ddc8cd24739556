//! Pipelines: how long the last one of a merge request built and tested, and since when the default
//! branch could be released.

use rustc_hash::{FxHashMap, FxHashSet};

use super::arrivals::Delivered;
use super::changes::Changes;
use super::changes::Origin;
use crate::delivery::history::CommitNumber;
use crate::delivery::{Iid, Pipeline, PipelineId, ProjectHistory, RunStatus, StageName, Timestamp};
use crate::dora::policy::Policy;

/// How long a merge request's last pipeline took to build and to test it, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PipelineSpans {
    /// In the stages of `steps.build_stages`.
    pub build: Option<u64>,
    /// In the stages of `steps.test_stages`.
    pub test: Option<u64>,
}

/// The spans of the last pipeline before the merge of every delivered merge request that has one.
pub(super) fn pipeline_spans(
    history: &ProjectHistory,
    changes: &Changes<'_>,
    delivered: &[Delivered],
    (as_of, policy): (Timestamp, &Policy),
) -> FxHashMap<Iid, PipelineSpans> {
    let mut last: FxHashMap<Iid, PipelineId> = FxHashMap::default();
    let heads = heads(history, delivered);
    for pipeline in history.planning().pipelines() {
        let of_branch = || pipeline.sha.0.and_then(|sha| heads.get(&history.commit_number(sha)?));
        let of_branch = if pipeline.merge_request.0.is_none() { of_branch() } else { None };
        let own =
            pipeline.merge_request.0.into_iter().chain(of_branch.into_iter().flatten().copied());
        for iid in own {
            if is_before_merge(pipeline, iid, history, changes) {
                // Pipelines come by id: the last one stays.
                last.insert(iid, pipeline.id);
            }
        }
    }
    let stages = |names: &[String]| -> Vec<StageName> {
        names.iter().filter_map(|name| StageName::new(name).ok()).collect()
    };
    let own = &policy.value_stream;
    let (build, test) = (stages(&own.build_stages), stages(&own.test_stages));
    let spans = last.into_iter().map(|(iid, pipeline)| {
        let span = |stages| span(history, pipeline, stages, as_of);
        (iid, PipelineSpans { build: span(&build), test: span(&test) })
    });
    spans.filter(|(_, spans)| *spans != PipelineSpans::default()).collect()
}

/// The delivered merge requests by the commits that were at their heads.
fn heads(history: &ProjectHistory, delivered: &[Delivered]) -> FxHashMap<CommitNumber, Vec<Iid>> {
    let requests: FxHashSet<Iid> = delivered
        .iter()
        .filter_map(|change| match change.origin {
            Origin::MergeRequest(iid) => Some(iid),
            Origin::DirectCommit(_) => None,
        })
        .collect();
    let mut heads: FxHashMap<CommitNumber, Vec<Iid>> = FxHashMap::default();
    if history.planning().pipelines().next().is_none() {
        return heads;
    }
    let listed = history.requests().members().iter();
    for (iid, commit) in listed.filter(|(iid, _)| requests.contains(iid)) {
        heads.entry(*commit).or_default().push(*iid);
    }
    heads
}

/// Whether a pipeline was one of the merge request: it ran for it or on its branch, and before it
/// merged. The same commit may be at the head of other branches too.
fn is_before_merge(
    pipeline: &Pipeline,
    iid: Iid,
    history: &ProjectHistory,
    changes: &Changes<'_>,
) -> bool {
    let merged = changes.place(iid).and_then(|place| changes.merged.get(place));
    let Some(merged) = merged else { return false };
    let source = merged.request.source().map(|source| history.branch(source));
    let ref_name = pipeline.ref_name.0.as_ref();
    let is_its = pipeline.merge_request.0.is_some()
        || ref_name.zip(source).is_some_and(|(name, source)| name.as_str() == source);
    is_its && pipeline.created_at.0.is_some_and(|at| at < merged.merged_at)
}

/// From the first job that was ready until the last one that ended.
fn span(
    history: &ProjectHistory,
    pipeline: PipelineId,
    stages: &[StageName],
    as_of: Timestamp,
) -> Option<u64> {
    let ran = stages.iter().filter_map(|name| history.planning().stage(pipeline, name));
    let mut whole: Option<(Timestamp, Timestamp)> = None;
    for stage in ran {
        let own = stage.started_at.0.zip(stage.finished_at.0).filter(|(_, end)| *end < as_of);
        if let Some((start, end)) = own {
            let (first, last) = whole.unwrap_or((start, end));
            whole = Some((first.min(start), last.max(end)));
        }
    }
    whole.map(|(start, end)| end.seconds_since(start))
}

/// Since when the default branch was releasable or not: each instant at which that became known or
/// changed, in order.
///
/// A pipeline that was skipped never ran; one that was canceled did not succeed.
pub(super) fn releasable(history: &ProjectHistory, as_of: Timestamp) -> Vec<(Timestamp, bool)> {
    let Some(branch) = history.project.default_branch.value() else { return Vec::new() };
    let on_branch = |pipeline: &&Pipeline| {
        let ref_name = pipeline.ref_name.0.as_ref();
        pipeline.merge_request.0.is_none()
            && ref_name.is_some_and(|name| name.as_str() == branch.as_str())
    };
    let mut ends: Vec<(Timestamp, PipelineId, bool)> = history
        .planning()
        .pipelines()
        .filter(on_branch)
        .filter_map(|pipeline| {
            let ended_at = pipeline.finished_at.0.filter(|at| *at < as_of)?;
            let status = pipeline.status.state().filter(|own| **own != RunStatus::Skipped)?;
            Some((ended_at, pipeline.id, *status == RunStatus::Success))
        })
        .collect();
    ends.sort_unstable();
    let mut changes: Vec<(Timestamp, bool)> =
        ends.into_iter().map(|(at, _, is_success)| (at, is_success)).collect();
    changes.dedup_by_key(|(_, is_success)| *is_success);
    changes
}
