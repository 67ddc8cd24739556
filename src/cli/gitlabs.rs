//! The GitLab that a command asks, and what to do when it says no.

use super::exit::{Exit, Failure};
use crate::config::{Sender, Settings};
use crate::hooks::SyncError;
use crate::rest::{RestError, RestSettings};
use crate::words::Language;
use crate::words::diagnoses::{Told, there};

/// The block that is named, or the only one that has a token.
///
/// # Errors
/// [`Exit::Configuration`] when there is none, or several.
pub(super) fn chosen<'a>(
    settings: &'a Settings,
    name: Option<&str>,
) -> Result<(&'a Sender, RestSettings), Failure> {
    let with_token =
        settings.senders.iter().filter_map(|sender| Some((sender, sender.api.clone()?)));
    let fits = |sender: &Sender| name.is_none_or(|name| sender.name == name);
    let all: Vec<_> = with_token.filter(|(sender, _)| fits(sender)).collect();
    let count = all.len();
    match <[_; 1]>::try_from(all) {
        Ok([one]) => Ok(one),
        Err(_) if count == 0 => {
            Err(Failure::new(Exit::Configuration, "no such [[gitlab]] block has a token")
                .suggesting("url and token_env in a [[gitlab]] block"))
        }
        Err(_) => Err(Failure::new(Exit::Configuration, "several [[gitlab]] blocks have a token")
            .suggesting("name one by --gitlab")),
    }
}

/// The failure of a command that GitLab refused something, with what to do about it.
pub(super) fn refused(error: SyncError) -> Failure {
    let advice = match &error {
        SyncError::Rest(error) => told(error).advice(Language::English).map(str::to_owned),
        SyncError::NoProof => Some("add secret_tokens to the [[gitlab]] block".to_owned()),
        SyncError::Unread => None,
    };
    let said = match &error {
        SyncError::Rest(error) => error.said().map(str::to_owned),
        _ => None,
    };
    let exit = match &error {
        SyncError::NoProof => Exit::Configuration,
        SyncError::Rest(_) | SyncError::Unread => Exit::GitLabRefused,
    };
    let failure = match said {
        Some(said) => Failure::new(exit, format!("{error}: {said}")),
        None => Failure::new(exit, error),
    };
    match advice {
        Some(advice) => failure.suggesting(advice),
        None => failure,
    }
}

/// A refusal in words, with what to do about it.
pub(super) fn told(error: &RestError) -> Told {
    let said = error.said().map(|said| format!(": {said}")).unwrap_or_default();
    match error {
        RestError::Unauthorized => there::TOKEN_REFUSED.of([]),
        RestError::Forbidden { .. } => there::TOKEN_FORBIDDEN.of([&said]),
        RestError::NotFound => there::GITLAB_HIDES.of([]),
        RestError::Moved { status, host } => there::GITLAB_MOVED.of([host, &status.to_string()]),
        RestError::Transport(cause) => there::GITLAB_SILENT.of([&cause.deepest()]),
        RestError::Limited { .. } => there::GITLAB_LIMITED.of([]),
        RestError::Unusable(why) => there::GITLAB_UNUSABLE.of([&why.to_string()]),
        RestError::GitLab { status, .. } => there::GITLAB_FAILS.of([&status.to_string(), &said]),
    }
}
