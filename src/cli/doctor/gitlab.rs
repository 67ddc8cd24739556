//! GitLab's API: version, clock, token.

use std::sync::Arc;

use super::finding::Findings;
use super::hooks;
use super::kept::Kept;
use crate::cli::exit::Exit;
use crate::cli::gitlabs;
use crate::clock::{Clock, SystemClock};
use crate::config::{Sender, Settings};
use crate::delivery::Timestamp;
use crate::gitlab::resource::about::{self, Version};
use crate::instruments::Instruments;
use crate::rest::{Answer, Client, RestError};

/// Clocks that differ by more are told, before deliveries are refused for it.
const SKEW_SECONDS: u64 = 30;
/// A token that ends sooner is told.
const EXPIRY_DAYS: u64 = 30;

/// What versions of GitLab before one lack.
const LACKS: [(Version, &str); 4] = [
    (Version { major: 16, minor: 1 }, "deployment events tell no tier: names alone decide it"),
    (Version { major: 17, minor: 3 }, "the log of a hook cannot be read"),
    (Version { major: 18, minor: 2 }, "there are no milestone events"),
    (Version { major: 19, minor: 0 }, "there are no signing tokens: use secret tokens"),
];

/// Looks at every GitLab that has a token, and at its hooks.
pub(super) async fn look(settings: &Settings, kept: &Kept, findings: &mut Findings) {
    if settings.senders.iter().all(|sender| sender.api.is_none()) {
        let advice = "url and token_env in a [[gitlab]] block; `read_api` is enough to look";
        findings.note("gitlab", "no GitLab has a token, so none was asked", advice);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    for sender in &settings.senders {
        let Some(api) = sender.api.clone() else { continue };
        let area = format!("gitlab {}", sender.name);
        let instruments = Arc::new(Instruments::new());
        match Client::new(api, Arc::clone(&clock), instruments) {
            Ok(client) => one(settings, sender, (&client, &area), kept, findings).await,
            Err(error) => {
                let advice = Some("check ca_file, proxy and the system's certificates");
                findings.fail(Exit::Failed, &area, error.to_string(), advice);
            }
        }
    }
}

async fn one(
    settings: &Settings,
    sender: &Sender,
    (client, area): (&Client, &str),
    kept: &Kept,
    findings: &mut Findings,
) {
    if !version(client, area, settings, findings).await {
        return;
    }
    token(client, area, findings).await;
    hooks::look(settings, sender, (client, area), kept, findings).await;
}

/// Tells a refusal.
pub(super) fn refused(area: &str, error: &RestError, findings: &mut Findings) {
    let said = error.said().map(|said| format!(": {said}")).unwrap_or_default();
    let advice = gitlabs::advice(error);
    findings.fail(Exit::GitLabRefused, area, format!("{error}{said}"), advice.as_deref());
}

/// Whether GitLab answers; if so, what it lacks and what time it has.
async fn version(
    client: &Client,
    area: &str,
    settings: &Settings,
    findings: &mut Findings,
) -> bool {
    let mut answer = client.get(&["metadata"], &[]).await;
    if let Err(RestError::NotFound | RestError::Forbidden { .. }) = answer {
        answer = client.get(&["version"], &[]).await;
    }
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            refused(area, &error, findings);
            return false;
        }
    };
    match about::version(answer.body()) {
        None => {
            let advice = "is this a GitLab?";
            findings.warn(area, format!("{} tells no version", client.origin()), advice);
        }
        Some(version) => {
            findings.ok(area, format!("{} is GitLab {version}", client.origin()));
            for (since, lacks) in LACKS.iter().filter(|(since, _)| version < *since) {
                findings.note(area, *lacks, &format!("GitLab {since} or later"));
            }
        }
    }
    clocks(&answer, area, settings, findings);
    true
}

fn clocks(answer: &Answer, area: &str, settings: &Settings, findings: &mut Findings) {
    let Some(theirs) = answer.date() else { return };
    let ours = SystemClock.now();
    let skew = ours.seconds_since(theirs).max(theirs.seconds_since(ours));
    let what = format!("our clock and GitLab's differ by {skew} s");
    let advice = "synchronise both by NTP";
    if skew >= settings.ingest.signature_tolerance_seconds {
        let what = format!("{what}: signed deliveries are refused");
        findings.fail(Exit::Failed, area, what, Some(advice));
    } else if skew > SKEW_SECONDS {
        findings.warn(area, what, advice);
    } else {
        findings.ok(area, what);
    }
}

async fn token(client: &Client, area: &str, findings: &mut Findings) {
    let answer = match client.get(&["personal_access_tokens", "self"], &[]).await {
        Ok(answer) => answer,
        Err(RestError::Unauthorized) => {
            return refused(area, &RestError::Unauthorized, findings);
        }
        Err(_) => {
            let advice = "a personal, group or project access token tells its scopes and its end";
            return findings.note(area, "GitLab does not tell what the token may do", advice);
        }
    };
    let Some(token) = about::own_token(answer.body()) else { return };
    let scopes = token.scopes.join(", ");
    if token.may("api") {
        findings.ok(area, format!("the token may read and set up hooks ({scopes})"));
    } else if token.may("read_api") {
        let advice = "a token with the scope `api`, when `hooks` is to set them up";
        findings.note(area, format!("the token may read, and not set up hooks ({scopes})"), advice);
    } else {
        let what = format!("the token may not read the API ({scopes})");
        findings.fail(Exit::GitLabRefused, area, what, Some("a token with the scope `read_api`"));
    }
    if let Some(ends_at) = token.ends_at() {
        expiry(ends_at, area, findings);
    }
}

fn expiry(ends_at: Timestamp, area: &str, findings: &mut Findings) {
    let days = ends_at.seconds_since(SystemClock.now()) / 86_400;
    if days < EXPIRY_DAYS {
        let advice = "make a new one in time; deliveries go on without it";
        findings.warn(area, format!("the token ends in {days} days"), advice);
    }
}
