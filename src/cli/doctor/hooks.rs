//! The hooks of known projects: whether there are any, whether they are right, and how they fare.

use std::collections::BTreeSet;

use super::finding::{Area, Findings, Place as Found};
use super::gitlab::refused;
use super::kept::Kept;
use crate::app::wanted_hooks;
use crate::cli::exit::Exit;
use crate::cli::gitlabs;
use crate::cli::hooks::shown;
use crate::config::{Sender, Settings};
use crate::gitlab::resource::hook::{Hook, HookState};
use crate::hooks::{self, Known, Place, Step, SyncError, Wanted};
use crate::http::WEBHOOK_PATH;
use crate::rest::{Client, RestError};
use crate::words::diagnoses::there::{
    HOOK_DISABLED, HOOK_DOUBLE, HOOK_FAILS, HOOK_FARES, HOOK_SILENT, HOOK_WRONG, HOOKS_LACKING,
    HOOKS_UNLOOKED, HOOKS_UNSEEN,
};

/// Projects and groups that one look asks about: at a request a second, a minute.
const PLACES: usize = 50;
/// Places that are named in one finding.
const NAMED: usize = 5;

/// Looks at the hooks of the projects that the store knows of this GitLab, and of their groups.
pub(super) async fn look(
    settings: &Settings,
    sender: &Sender,
    client: &Client,
    kept: &Kept,
    findings: &mut Findings,
) {
    let at = Area::Hooks.of(client.name());
    let Some(external_url) = &settings.server.external_url else {
        return findings.note(at, HOOKS_UNSEEN.of([]));
    };
    let Some(instance) = kept.gitlabs.get(&sender.name) else { return };
    let own = kept.projects.iter().filter(|(key, _)| key.instance == *instance);
    let known: BTreeSet<Known> = own
        .map(|(key, path)| Known { path: path.as_str().to_owned(), id: key.project.get() })
        .collect();
    let wanted = wanted_hooks(sender, format!("{external_url}{WEBHOOK_PATH}"));
    let look = Look { client, at, wanted };
    let groups: BTreeSet<&str> = known.iter().flat_map(|project| above(&project.path)).collect();
    let mut left = PLACES;
    let mut covered = BTreeSet::new();
    for group in groups.into_iter().take(PLACES / 2) {
        left -= 1;
        if let Ok(true) = look.at(&Place::group(group), findings).await {
            covered.insert(group.to_owned());
        }
    }
    let is_covered = |project: &&Known| above(&project.path).any(|own| covered.contains(own));
    let alone: Vec<&Known> = known.iter().filter(|project| !is_covered(project)).collect();
    let mut without = Vec::new();
    for project in alone.iter().take(left) {
        match look.at(&Place::project(project.id, &project.path), findings).await {
            Ok(true) | Err(SyncError::Rest(RestError::NotFound)) => {}
            Ok(false) => without.push(project.path.as_str()),
            Err(SyncError::Rest(error @ RestError::Forbidden { .. })) => {
                // The next project would be refused in the same way.
                return refused(Area::Hooks, client, &error, findings);
            }
            Err(SyncError::Rest(error)) => return findings.warn(at, gitlabs::told(&error)),
            Err(SyncError::Unread | SyncError::NoProof) => return,
        }
    }
    if !without.is_empty() {
        let told = HOOKS_LACKING.of([&without.len().to_string(), &first(&without)]);
        findings.warn(at, told);
    }
    let unseen = alone.len().saturating_sub(left);
    if unseen > 0 {
        findings.note(at, HOOKS_UNLOOKED.of([&unseen.to_string()]));
    }
}

/// The first few of a list, and that there are more.
pub(super) fn first(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let more = if names.len() > NAMED { ", …" } else { "" };
    shown.join(", ") + more
}

struct Look<'a> {
    client: &'a Client,
    at: Found<'a>,
    wanted: Wanted,
}

impl Look<'_> {
    /// Whether a place has a hook of ours; if so, what is wrong with it is told.
    async fn at(&self, place: &Place, findings: &mut Findings) -> Result<bool, SyncError> {
        let present = hooks::hooks_at(self.client, place).await?;
        let steps = hooks::plan(&self.wanted, place.level, &present);
        for step in &steps {
            self.wrong(place, step, findings);
        }
        let mut ours = present.iter().filter(|hook| hook.url == self.wanted.url).peekable();
        let is_there = ours.peek().is_some();
        for hook in ours {
            self.fares(place, hook, findings).await;
        }
        Ok(is_there)
    }

    fn wrong(&self, place: &Place, step: &Step, findings: &mut Findings) {
        let name = &place.name;
        let told = match step {
            Step::Update { id, changes } if !changes.is_empty() => HOOK_WRONG.each(|language| {
                let changes = changes.iter().map(|own| shown::in_words(*own, language));
                [name.clone(), id.to_string(), changes.collect::<Vec<_>>().join(", ")]
            }),
            Step::Remove { id } => HOOK_DOUBLE.of([name, &id.to_string()]),
            Step::Create | Step::Update { .. } => return,
        };
        findings.warn(self.at, told);
    }

    async fn fares(&self, place: &Place, hook: &Hook, findings: &mut Findings) {
        let (name, id) = (&place.name, hook.id.to_string());
        if matches!(hook.state, HookState::Disabled | HookState::TemporarilyDisabled) {
            let told = HOOK_DISABLED.of([name, &id, hook.state.as_str()]);
            findings.fail(Exit::Failed, self.at, told);
        }
        // Not every version and every level keeps a log.
        let Ok(answers) = hooks::last_answers(self.client, place, hook.id).await else { return };
        let failed = answers.iter().filter(|answer| !answer.starts_with('2')).count();
        match answers.first() {
            Some(last) if failed > 0 => {
                let (failed, seen) = (failed.to_string(), answers.len().to_string());
                findings.warn(self.at, HOOK_FAILS.of([name, &id, &failed, &seen, last]));
            }
            Some(_) => findings.ok(self.at, HOOK_FARES.of([name, &id])),
            None => findings.note(self.at, HOOK_SILENT.of([name, &id])),
        }
    }
}

/// Every group above a project.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(end, _)| path.get(..end))
}
