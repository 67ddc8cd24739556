//! What a record means: facts, drawn by rules that depend on nothing but the record.
//!
//! Every date given to a register is an event time that GitLab sent. When a record tells none, its
//! statements are [`UNDATED`](crate::delivery::Timestamp::UNDATED), so that any dated rival wins;
//! the time of receipt never takes part, or the order of arrival would change facts.

mod changes;
mod deployments;
mod incidents;
mod jobs;
mod pipelines;
mod planned;
mod planning;
mod projects;
mod resources;
mod statement;
#[cfg(test)]
mod tests;

use crate::delivery::Fact;
use crate::record::{Channel, Record};
use statement::Silence;

/// The version of these rules: a record projected by an older one is read again by `replay`.
pub const PROJECTION_VERSION: u32 = 2;

/// What a record means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// It says this; never empty.
    Facts(Vec<Fact>),
    /// It says nothing that is measured, and why.
    Irrelevant(&'static str),
    /// It should say something, but cannot be understood: the JSON path, and what is wrong there.
    Unreadable(String),
}

/// Draws the facts of a record.
///
/// Total: whatever the record holds, there is an answer. An unknown kind is irrelevant; a known
/// one that lacks its project or its own number is unreadable; an unknown status, action or type
/// leaves out no more than itself.
#[must_use]
pub fn project(record: &Record) -> Projection {
    match facts(record) {
        Ok(facts) if facts.is_empty() => Projection::Irrelevant("nothing in it is measured"),
        Ok(facts) => Projection::Facts(facts),
        Err(Silence::Irrelevant(why)) => Projection::Irrelevant(why),
        Err(Silence::Unreadable(why)) => Projection::Unreadable(why),
    }
}

fn facts(record: &Record) -> Result<Vec<Fact>, Silence> {
    if record.channel == Channel::Api {
        return resources::facts(record);
    }
    match record.kind.as_str() {
        "deployment" => deployments::deployment(record),
        "merge_request" => changes::merge_request(record),
        "push" | "tag_push" => changes::push(record),
        "repository_update" => changes::repository_update(record),
        "note" => incidents::note(record),
        "issue" | "work_item" => incidents::issue(record),
        "pipeline" => pipelines::pipeline(record),
        "build" => pipelines::build(record),
        "release" => planning::release(record),
        "milestone" => planning::milestone(record),
        "project_rename" | "project_transfer" | "project_update" => projects::moved(record),
        "project_destroy" => projects::destroyed(record),
        // A system hook's test sends an invented one, which must not rename the real project.
        "project_create" => Err(Silence::Irrelevant("a new project has delivered nothing yet")),
        "feature_flag" => Err(Silence::Irrelevant("recorded in the journal only")),
        crate::gitlab::CUSTOM_KIND => {
            Err(Silence::Irrelevant("a body of a custom template names no kind"))
        }
        _ => Err(Silence::Irrelevant("no metric reads this kind")),
    }
}
