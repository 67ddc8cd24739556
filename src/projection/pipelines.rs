//! Pipelines, and what their jobs tell of their stages.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::delivery::register::{Earliest, Furthest, Greatest, Progress};
use crate::delivery::{
    Fact, FactBody, Iid, Merge, Pipeline, PipelineId, PipelineStage, ProjectId, RunStatus,
    StageName, Timestamp,
};
use crate::gitlab::hook::{self, PipelineBuild, PipelineRequest, Said, Seconds};
use crate::record::Record;

use super::jobs::{self, Run};
use super::statement::{Silence, Statement, need, need_part, read};

/// One status of one pipeline, and by the latest attempt of each job its stages, and what succeeded.
pub(super) fn pipeline(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Pipeline<'_> = read(record)?;
    let attributes = need_part(hook.object_attributes, "object_attributes")?;
    let status = attributes.status.get().and_then(|text| status(text));
    let times =
        Times { created: attributes.created_at.value(), finished: attributes.finished_at.value() };
    let others = [hook.project_id, attributes.project_id];
    let mut statement = Statement::of(record, hook.project, &others, times.newest())?;
    let id = need(attributes.id, "object_attributes.id")?;
    let merge_request = request(&hook.merge_request.0.unwrap_or_default(), statement.project());
    let builds = hook.builds.0.unwrap_or_default();
    let sha = Greatest(attributes.sha.value());
    let ref_name = Greatest(attributes.ref_name.value());
    let run = Run { pipeline: id, sha: sha.clone(), ref_name: ref_name.clone() };
    let jobs = run.with(builds.iter().filter_map(jobs::of_pipeline));
    statement.say(FactBody::Pipeline(Pipeline {
        id,
        status: times.furthest(status),
        sha,
        ref_name,
        created_at: Earliest(times.created),
        finished_at: times.finish(status),
        merge_request: Greatest(merge_request),
    }));
    for (stage, span) in stages(builds) {
        if let Ok(stage) = StageName::new(&stage) {
            statement.say(span.stage(id, stage));
        }
    }
    if let Some(jobs) = jobs {
        statement.say(jobs);
    }
    Ok(statement.end())
}

/// The merge request that a pipeline ran for; none of another project, for which it ran in a fork.
fn request(part: &PipelineRequest, project: ProjectId) -> Option<Iid> {
    let is_here = part.target_project_id.value().is_none_or(|target| target == project);
    part.iid.value().filter(|_| is_here)
}

/// From when until when the jobs of each stage ran. There are many jobs, and few stages.
fn stages(builds: Vec<PipelineBuild<'_>>) -> BTreeMap<Cow<'_, str>, Span> {
    let mut stages: BTreeMap<Cow<'_, str>, Span> = BTreeMap::new();
    for build in builds {
        let span = Span::of(build.started_at, build.queued_duration, build.finished_at);
        if let (Some(stage), Some(span)) = (build.stage.value(), span) {
            stages.entry(stage).or_default().merge(span);
        }
    }
    stages
}

/// One status of one job; its pipeline is `pipeline_id`, else the id that GitLab gives its
/// "commit".
pub(super) fn build(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::Build<'_> = read(record)?;
    let created = either(hook.build_created_at_iso, hook.build_created_at);
    let started = either(hook.build_started_at_iso, hook.build_started_at);
    let finished = either(hook.build_finished_at_iso, hook.build_finished_at);
    let newest = created.value().max(started.value()).max(finished.value());
    let at = newest.unwrap_or(Timestamp::UNDATED);
    let mut statement = Statement::of(record, hook.project, &[hook.project_id], at)?;
    let named_as_commit = hook.commit.0.unwrap_or_default().id;
    let pipeline = either(hook.pipeline_id, named_as_commit);
    let span = Span::of(started, hook.build_queued_duration, finished);
    if let (Some(stage), Some(span)) = (hook.build_stage.value(), span) {
        statement.say(span.stage(need(pipeline, "commit.id")?, stage));
    }
    let has_succeeded = hook.build_status.get().is_some_and(|status| status == "success");
    let named = hook.build_id.value().zip(hook.build_name.value()).filter(|_| has_succeeded);
    let times = jobs::Times { started: started.value(), finished: finished.value() };
    let job = named.and_then(|(id, name)| jobs::succeeded(id, name, &times, &hook.environment));
    if let Some(job) = job {
        let pipeline = need(pipeline, "commit.id")?;
        let (sha, ref_name) = (Greatest(hook.sha.value()), Greatest(hook.ref_name.value()));
        if let Some(jobs) = (Run { pipeline, sha, ref_name }.with([job])) {
            statement.say(jobs);
        }
    }
    Ok(statement.end())
}

/// From when the first job was ready to run until when the last one ended.
#[derive(Debug, Default)]
pub(super) struct Span {
    started_at: Earliest,
    finished_at: Greatest<Timestamp>,
}

impl Span {
    /// The span of one job; none of a job that never ran.
    pub(super) fn of(
        started: Said<Timestamp>,
        queued: Said<Seconds>,
        finished: Said<Timestamp>,
    ) -> Option<Self> {
        let Seconds(queued) = queued.value().unwrap_or(Seconds(0));
        Some(Self {
            started_at: Earliest::at(started.value()?.minus(queued)),
            finished_at: Greatest(finished.value()),
        })
    }

    /// As what is known of a stage.
    pub(super) fn stage(self, pipeline: PipelineId, stage: StageName) -> FactBody {
        let Self { started_at, finished_at } = self;
        FactBody::PipelineStage(PipelineStage { pipeline, stage, started_at, finished_at })
    }
}

impl Merge for Span {
    fn merge(&mut self, other: Self) {
        self.started_at.merge(other.started_at);
        self.finished_at.merge(other.finished_at);
    }
}

/// The first that has a value.
fn either<T>(one: Said<T>, other: Said<T>) -> Said<T> {
    if one.get().is_some() { one } else { other }
}

/// The instants of a pipeline. GitLab sends none for the status itself, so the one that belongs to
/// it stands in.
#[derive(Clone, Copy)]
struct Times {
    created: Option<Timestamp>,
    finished: Option<Timestamp>,
}

impl Times {
    /// The latest that has passed when the hook was sent.
    fn newest(self) -> Timestamp {
        self.created.max(self.finished).unwrap_or(Timestamp::UNDATED)
    }

    fn furthest(self, status: Option<RunStatus>) -> Furthest<RunStatus> {
        let Some(status) = status else { return Furthest::default() };
        let finished = self.finished.filter(|_| status.is_end());
        Furthest::at(finished.or(self.created).unwrap_or(Timestamp::UNDATED), status)
    }

    /// The end, once the status is one: before a retry's end GitLab may still send the old one.
    fn finish(self, status: Option<RunStatus>) -> Earliest {
        let has_ended = status.is_some_and(|status| status.is_end());
        Earliest(self.finished.filter(|_| has_ended))
    }
}

/// The status that GitLab names so.
pub(super) fn status(text: &str) -> Option<RunStatus> {
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
