//! Hooks and plans as lines of text.

use std::fmt::Write as _;

use crate::gitlab::resource::hook::{Hook, HookState};
use crate::hooks::{Applied, Change, Place, Step, SyncError};
use crate::rest::Client;
use crate::words::{HookChange, Language};

/// From which GitLab to where.
pub(super) fn heading(client: &Client, url: &str) -> String {
    format!("{} -> {url}\n", client.origin())
}

/// The hooks of a place that are ours, a line each; `no hook` where there is none.
pub(super) fn hooks(place: &Place, all: &[Hook], url: &str) -> String {
    let ours: Vec<_> = all.iter().filter(|hook| hook.url == url).collect();
    if ours.is_empty() {
        return format!("{}: no hook\n", place.name);
    }
    ours.into_iter().map(|hook| line(place, hook)).collect()
}

fn line(place: &Place, hook: &Hook) -> String {
    let mut line = format!("{}: hook {}", place.name, hook.id);
    let proof = match (hook.has_signing_token, hook.has_token) {
        (Some(true), _) => ", signs",
        (_, Some(true)) => ", sends a secret token",
        (_, Some(false)) => ", proves nothing",
        (_, None) => "",
    };
    line.push_str(match hook.state {
        HookState::Unknown => "",
        HookState::Executable => ", executable",
        HookState::TemporarilyDisabled => ", temporarily disabled",
        HookState::Disabled => ", disabled",
    });
    if let Some(until) = hook.disabled_until.and_then(|at| jiff_instant(at.as_second())) {
        // Writing to a String cannot fail.
        let _ = write!(line, " until {until}");
    }
    let events: Vec<_> = hook.events.iter().map(|event| name(event.key())).collect();
    line + proof + ": " + &events.join(" ") + "\n"
}

fn jiff_instant(second: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(second).ok()
}

/// `deployment` of `deployment_events`.
fn name(key: &str) -> &str {
    key.strip_suffix("_events").unwrap_or(key)
}

/// One step: `+` makes, `~` changes, `=` writes the same again, `-` takes away; and what came of it.
pub(super) fn step(
    place: &Place,
    step: &Step,
    done: Option<&Result<Applied, SyncError>>,
) -> String {
    let name = &place.name;
    let planned = match step {
        Step::Create => format!("+ {name}: a new hook"),
        Step::Update { id, changes } if changes.is_empty() => {
            format!("= {name}: hook {id} is right; its tokens are sent again")
        }
        Step::Update { id, changes } => {
            let changes: Vec<_> =
                changes.iter().map(|change| in_words(*change, Language::English)).collect();
            format!("~ {name}: hook {id}: {}", changes.join(", "))
        }
        Step::Remove { id } => format!("- {name}: hook {id}"),
    };
    let came = match done {
        None => "",
        Some(Ok(Applied::Signs)) => "; done, it signs",
        Some(Ok(Applied::SendsToken | Applied::Gone)) => "; done",
        Some(Ok(Applied::SendsTokenOnly)) => {
            "; done, but GitLab keeps no signing token (before 19.0): it sends the secret token"
        }
        Some(Err(_)) => "; failed",
    };
    planned + came + "\n"
}

pub(in crate::cli) fn in_words(change: Change, language: Language) -> String {
    language.hook_change(match change {
        Change::On(event) => HookChange::On(name(event.key())),
        Change::Off(event) => HookChange::Off(name(event.key())),
        Change::CheckCertificate => HookChange::CheckCertificate,
        Change::AllBranches => HookChange::AllBranches,
        Change::NoTemplate => HookChange::NoTemplate,
        Change::SecretToken => HookChange::SecretToken,
        Change::SigningToken => HookChange::SigningToken,
    })
}
