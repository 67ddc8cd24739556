//! What a resource of the REST API means: the facts that hooks tell, under the same keys and in the
//! same registers, so that it does not matter by which way something was heard.
//!
//! A resource tells how something is, not what happened to it: everything is dated by `updated_at`,
//! which is when the last event about it would have been dated.

mod changes;
mod deployments;
mod images;
mod issue_events;
mod issues;
mod pipelines;
mod planning;
mod projects;

use crate::delivery::{Fact, ProjectId};
use crate::gitlab::hook::Said;
use crate::gitlab::resource::Resource;
use crate::record::Record;

use super::statement::{Silence, Statement, need};

/// The facts of one resource.
pub(super) fn facts(record: &Record) -> Result<Vec<Fact>, Silence> {
    match Resource::of_kind(record.kind.as_str()) {
        Some(Resource::Project) => projects::project(record),
        Some(Resource::Environment) => projects::environment(record),
        Some(Resource::Deployment) => deployments::deployment(record),
        Some(Resource::MergeRequest) => changes::merge_request(record),
        Some(Resource::MergeRequestCommit) => changes::commit_of_merge_request(record),
        Some(Resource::MergeRequestNote) => changes::note(record),
        Some(Resource::Commit) => changes::commit_of_line(record),
        Some(Resource::CommitDiff) => images::diff(record),
        Some(Resource::Tag) => images::tag(record),
        Some(Resource::Issue) => issues::issue(record),
        Some(Resource::IssueNote) => issue_events::note(record),
        Some(Resource::IssueStateEvent) => issue_events::state(record),
        Some(Resource::IssueLabelEvent) => issue_events::label(record),
        Some(Resource::IssueMilestoneEvent) => issue_events::milestone(record),
        Some(Resource::Pipeline | Resource::MergeRequestPipeline) => pipelines::pipeline(record),
        Some(Resource::Job) => pipelines::job(record),
        Some(Resource::Release) => planning::release(record),
        Some(Resource::Milestone) => planning::milestone(record),
        None => Err(Silence::Irrelevant("no metric reads this resource")),
    }
}

/// A statement about the project that was asked about.
fn about(record: &Record, project: Said<ProjectId>) -> Result<Statement, Silence> {
    Ok(Statement::about(record, need(project, "project_id")?))
}
