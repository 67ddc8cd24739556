//! Pipelines and their jobs.

use crate::delivery::register::{Earliest, Furthest, Greatest, Progress};
use crate::delivery::{Fact, FactBody, Job, Pipeline, PipelineId, RunStatus, Timestamp};
use crate::gitlab::hook::{self, PipelineBuild};
use crate::record::Record;

use super::statement::{Silence, Statement, need, need_part, read};

/// One status of one pipeline, and the latest attempt of each of its jobs.
pub(super) fn pipeline(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Pipeline<'_> = read(record)?;
    let attributes = need_part(hook.object_attributes, "object_attributes")?;
    let status = attributes.status.get().and_then(|text| status(text));
    let times = Times {
        created: attributes.created_at.value(),
        started: None,
        finished: attributes.finished_at.value(),
    };
    let others = [hook.project_id, attributes.project_id];
    let mut statement = Statement::of(record, hook.project, &others, times.newest())?;
    let id = need(attributes.id, "object_attributes.id")?;
    statement.say(FactBody::Pipeline(Pipeline {
        id,
        status: times.furthest(status),
        sha: Greatest(attributes.sha.value()),
        ref_name: Greatest(attributes.ref_name.value()),
        created_at: Earliest(times.created),
        finished_at: times.finish(status),
    }));
    for build in hook.builds.0.unwrap_or_default() {
        if let Some(job) = job(id, build) {
            statement.say(FactBody::Job(job));
        }
    }
    Ok(statement.end())
}

/// A job of a pipeline, where it tells its id.
fn job(pipeline: PipelineId, build: PipelineBuild<'_>) -> Option<Job> {
    let status = build.status.get().and_then(|text| status(text));
    let times = Times {
        created: build.created_at.value(),
        started: build.started_at.value(),
        finished: build.finished_at.value(),
    };
    Some(Job {
        id: build.id.value()?,
        pipeline: Greatest(Some(pipeline)),
        stage: Greatest(build.stage.value()),
        status: times.furthest(status),
        created_at: Earliest(times.created),
        started_at: Earliest(times.started),
        finished_at: times.finish(status),
    })
}

/// One status of one job; its pipeline is `pipeline_id`, else the id that GitLab gives its
/// "commit".
pub(super) fn build(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Build<'_> = read(record)?;
    let status = hook.build_status.get().and_then(|text| status(text));
    let times = Times {
        created: hook.build_created_at_iso.value().or(hook.build_created_at.value()),
        started: hook.build_started_at_iso.value().or(hook.build_started_at.value()),
        finished: hook.build_finished_at_iso.value().or(hook.build_finished_at.value()),
    };
    let mut statement = Statement::of(record, hook.project, &[hook.project_id], times.newest())?;
    let named_as_commit = hook.commit.0.and_then(|commit| commit.id.value());
    statement.say(FactBody::Job(Job {
        id: need(hook.build_id, "build_id")?,
        pipeline: Greatest(hook.pipeline_id.value().or(named_as_commit)),
        stage: Greatest(hook.build_stage.value()),
        status: times.furthest(status),
        created_at: Earliest(times.created),
        started_at: Earliest(times.started),
        finished_at: times.finish(status),
    }));
    Ok(statement.end())
}

/// The instants of a run. GitLab sends none for the status itself, so the one that belongs to it
/// stands in.
#[derive(Clone, Copy)]
struct Times {
    created: Option<Timestamp>,
    started: Option<Timestamp>,
    finished: Option<Timestamp>,
}

impl Times {
    /// The latest that has passed when the hook was sent.
    fn newest(self) -> Timestamp {
        let known = self.created.max(self.started).max(self.finished);
        known.unwrap_or(Timestamp::UNDATED)
    }

    fn furthest(self, status: Option<RunStatus>) -> Furthest<RunStatus> {
        let Some(status) = status else { return Furthest::default() };
        let at = match status {
            RunStatus::Pending => self.created,
            RunStatus::Running => self.started.or(self.created),
            _ => self.finished.or(self.started).or(self.created),
        };
        Furthest::at(at.unwrap_or(Timestamp::UNDATED), status)
    }

    /// The end, once the status is one: before a retry's end GitLab may still send the old one.
    fn finish(self, status: Option<RunStatus>) -> Earliest {
        let has_ended = status.is_some_and(|status| status.is_end());
        Earliest(self.finished.filter(|_| has_ended))
    }
}

fn status(text: &str) -> Option<RunStatus> {
    Some(match text {
        "created"
        | "waiting_for_resource"
        | "waiting_for_callback"
        | "preparing"
        | "pending"
        | "manual"
        | "scheduled" => RunStatus::Pending,
        "running" | "canceling" => RunStatus::Running,
        "skipped" => RunStatus::Skipped,
        "canceled" => RunStatus::Canceled,
        "failed" => RunStatus::Failed,
        "success" => RunStatus::Success,
        _ => return None,
    })
}
