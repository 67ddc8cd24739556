//! Projects and their environments.

use crate::delivery::register::{Earliest, Newest};
use crate::delivery::{Environment, EnvironmentTier, Fact, FactBody, Project, Timestamp};
use crate::gitlab::hook::Said;
use crate::gitlab::resource::{ApiEnvironment, ApiProject};
use crate::record::Record;

use super::super::statement::{Silence, dated, need, or_undated, read};
use super::about;

/// A project: dated by the later of its own change and what last happened in it.
pub(super) fn project(record: &Record) -> Result<Vec<Fact>, Silence> {
    let project: ApiProject = read(record)?;
    let at = project.updated_at.value().max(project.last_activity_at.value());
    let at = at.unwrap_or(Timestamp::UNDATED);
    let mut statement = about(record, project.project_id)?;
    let path = dated(at, Said::Value(need(project.path_with_namespace, "path_with_namespace")?));
    let default_branch = dated(at, project.default_branch);
    let fact = Project { path, default_branch, deleted: Newest::default() };
    statement.say(FactBody::Project(fact));
    Ok(statement.end())
}

/// An environment, which is known since it was made, and alone tells GitLab's tier.
pub(super) fn environment(record: &Record) -> Result<Vec<Fact>, Silence> {
    let environment: ApiEnvironment<'_> = read(record)?;
    let mut statement = about(record, environment.project_id)?;
    statement.say(FactBody::Environment(Environment {
        name: need(environment.name, "name")?,
        tier: tier(or_undated(environment.updated_at), &environment.tier),
        seen_at: Earliest(environment.created_at.value()),
    }));
    Ok(statement.end())
}

/// GitLab's tier as of `at`.
pub(super) fn tier(
    at: Timestamp,
    said: &Said<std::borrow::Cow<'_, str>>,
) -> Newest<EnvironmentTier> {
    let tier = said.get().and_then(|text| EnvironmentTier::from_gitlab(text));
    dated(at, tier.map_or(Said::Nothing, Said::Value))
}
