//! The hooks of known projects: whether there are any, whether they are right, and how they fare.

use std::collections::BTreeSet;

use super::finding::Findings;
use super::gitlab::refused;
use super::kept::Kept;
use crate::cli::exit::Exit;
use crate::cli::hooks::shown;
use crate::config::{Sender, Settings};
use crate::gitlab::resource::hook::{Hook, HookState};
use crate::hooks::{self, Known, Place, Step, SyncError, Wanted};
use crate::http::WEBHOOK_PATH;
use crate::rest::{Client, RestError};

/// Projects and groups that one look asks about: at a request a second, a minute.
const PLACES: usize = 50;
/// Places that are named in one finding.
const NAMED: usize = 5;

/// Looks at the hooks of the projects that the store knows of this GitLab, and of their groups.
pub(super) async fn look(
    settings: &Settings,
    sender: &Sender,
    (client, area): (&Client, &str),
    kept: &Kept,
    findings: &mut Findings,
) {
    let (Some(external_url), Some(instance)) =
        (&settings.server.external_url, kept.gitlabs.get(&sender.name))
    else {
        return;
    };
    let own = kept.projects.iter().filter(|(key, _)| key.instance == *instance);
    let known: BTreeSet<Known> = own
        .map(|(key, path)| Known { path: path.as_str().to_owned(), id: key.project.get() })
        .collect();
    let wanted = Wanted {
        url: format!("{external_url}{WEBHOOK_PATH}"),
        events: hooks::needed_events(),
        secret_token: sender.hook_secrets.secret.clone(),
        signing_token: sender.hook_secrets.signing.clone(),
    };
    let look = Look { client, area, wanted };
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
                return refused(area, &error, findings);
            }
            Err(error) => return findings.warn(area, error.to_string(), "look again later"),
        }
    }
    tell(area, &without, alone.len().saturating_sub(left), findings);
}

fn tell(area: &str, without: &[&str], unseen: usize, findings: &mut Findings) {
    if !without.is_empty() {
        let what = format!("{} projects have no hook of ours: {}", without.len(), first(without));
        findings.warn(area, what, "`hooks sync --group …` or `--project …`");
    }
    if unseen > 0 {
        let what = format!("the hooks of {unseen} more projects were not looked at");
        findings.note(area, what, "`hooks list --group …` looks at all of a group");
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
    area: &'a str,
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
        let what = match step {
            Step::Update { id, changes } if !changes.is_empty() => {
                let changes: Vec<_> = changes.iter().map(|own| shown::in_words(*own)).collect();
                format!("{name}: hook {id} is not as it should be: {}", changes.join(", "))
            }
            Step::Remove { id } => format!("{name}: hook {id} is a second one to our address"),
            Step::Create | Step::Update { .. } => return,
        };
        findings.warn(self.area, what, "`hooks sync` shows the plan and makes it right");
    }

    async fn fares(&self, place: &Place, hook: &Hook, findings: &mut Findings) {
        let (name, id) = (&place.name, hook.id);
        if matches!(hook.state, HookState::Disabled | HookState::TemporarilyDisabled) {
            let what = format!("{name}: hook {id} is {}: nothing is sent", hook.state.as_str());
            let advice = "remove the cause of its failures, then send a test request in GitLab";
            findings.fail(Exit::Failed, self.area, what, Some(advice));
        }
        // Not every version and every level keeps a log.
        let Ok(answers) = hooks::last_answers(self.client, place, id).await else { return };
        let failed = answers.iter().filter(|answer| !answer.starts_with('2')).count();
        match answers.first() {
            Some(last) if failed > 0 => {
                let seen = answers.len();
                let what = format!(
                    "{name}: hook {id}: {failed} of its last {seen} deliveries failed, the last \
                     one was answered {last}"
                );
                findings.warn(self.area, what, "*Recent events* of the hook in GitLab says why");
            }
            Some(_) => findings.ok(self.area, format!("{name}: hook {id}: its deliveries arrive")),
            None => {
                let what = format!("{name}: hook {id} has delivered nothing for seven days");
                findings.note(self.area, what, "a test request shows whether it can");
            }
        }
    }
}

/// Every group above a project.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(end, _)| path.get(..end))
}
