//! Pipelines, and the jobs that tell of their stages.

use crate::delivery::register::{Earliest, Furthest, Greatest, Progress as _};
use crate::delivery::{Fact, FactBody, Pipeline, Timestamp};
use crate::gitlab::resource::{ApiJob, ApiPipeline};
use crate::record::Record;

use super::super::pipelines::{Span, status};
use super::super::statement::{Silence, need, need_part, read};
use super::about;

/// What GitLab names as the source of a pipeline that runs for a merge request.
const FOR_MERGE_REQUEST: &str = "merge_request_event";

/// A pipeline as it is. Lists do not tell when it ended: its last change stands in, which a hook heard
/// besides can only make earlier.
pub(super) fn pipeline(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiPipeline<'_> = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let status = own.status.get().and_then(|text| status(text));
    let ended_at = own.finished_at.value().or(own.updated_at.value());
    let ended_at = ended_at.filter(|_| status.is_some_and(|status| status.is_end()));
    let created_at = own.created_at.value();
    let at = ended_at.or(created_at).unwrap_or(Timestamp::UNDATED);
    let is_for_merge_request = own.source.get().is_some_and(|source| source == FOR_MERGE_REQUEST);
    statement.say(FactBody::Pipeline(Pipeline {
        id: need(own.id, "id")?,
        status: Furthest(status.map(|status| (at, status))),
        sha: Greatest(own.sha.value()),
        ref_name: Greatest(own.ref_name.value()),
        created_at: Earliest(created_at),
        finished_at: Earliest(ended_at),
        merge_request: Greatest(own.merge_request.value().filter(|_| is_for_merge_request)),
    }));
    Ok(statement.end())
}

/// A job, which tells of its stage once it ran.
pub(super) fn job(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiJob = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let Some(span) = Span::of(own.started_at, own.queued_duration, own.finished_at) else {
        return Err(Silence::Irrelevant("a job that never ran"));
    };
    let pipeline = need(need_part(own.pipeline, "pipeline")?.id, "pipeline.id")?;
    statement.say(span.stage(pipeline, need(own.stage, "stage")?));
    Ok(statement.end())
}
