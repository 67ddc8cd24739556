//! Events about projects themselves, from system and group hooks.

use crate::delivery::register::Newest;
use crate::delivery::{Fact, FactBody, Project};
use crate::gitlab::hook;
use crate::record::Record;

use super::statement::{Silence, Statement, dated, need, or_undated, read};

/// A project was renamed, moved or changed: its path is this since `updated_at`.
pub(super) fn moved(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::ProjectEvent = read(record)?;
    let mut statement = Statement::about(record, need(hook.project_id, "project_id")?);
    let path = need(hook.path_with_namespace, "path_with_namespace")?;
    let path = dated(or_undated(hook.updated_at), hook::Said::Value(path));
    statement.say(FactBody::Project(Project { path, ..Project::default() }));
    Ok(statement.end())
}

/// A project was deleted, for good: GitLab never gives its number again.
pub(super) fn destroyed(record: &Record) -> Result<Vec<Fact>, Silence> {
    let hook: hook::ProjectEvent = read(record)?;
    let mut statement = Statement::about(record, need(hook.project_id, "project_id")?);
    let deleted = Newest::at(or_undated(hook.updated_at), true);
    statement.say(FactBody::Project(Project { deleted, ..Project::default() }));
    Ok(statement.end())
}
