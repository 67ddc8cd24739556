//! GitLab's API: version, clock, token.

use std::sync::Arc;

use super::finding::{Area, Findings};
use super::hooks;
use super::kept::Kept;
use crate::cli::exit::Exit;
use crate::cli::gitlabs;
use crate::clock::{Clock, SystemClock};
use crate::config::{HookDuty, Sender, Settings};
use crate::delivery::Timestamp;
use crate::gitlab::resource::about::{self, OwnToken, Version};
use crate::instruments::Instruments;
use crate::rest::{Answer, Client, RestError};
use crate::words::diagnoses::Diagnosis;
use crate::words::diagnoses::there::{
    CLOCKS_AGREE, CLOCKS_DIFFER, CLOCKS_REFUSE, GITLAB_CLIENT, GITLAB_UNASKED, GITLAB_UNVERSIONED,
    GITLAB_VERSION, LACKS_HOOK_LOG, LACKS_MILESTONES, LACKS_SIGNING, LACKS_TIERS, TOKEN_BROAD,
    TOKEN_ENDS, TOKEN_MAY_NOT_SYNC, TOKEN_MAY_READ, TOKEN_MAY_SET_UP, TOKEN_OPAQUE, TOKEN_USELESS,
};

/// Clocks that differ by more are told, before deliveries are refused for it.
const SKEW_SECONDS: u64 = 30;
/// A token that ends sooner is told.
const EXPIRY_DAYS: u64 = 30;
/// Scopes that nothing here needs, and that would hurt in wrong hands.
const BROAD: [&str; 3] = ["sudo", "admin_mode", "write_repository"];

/// What versions of GitLab before one lack.
const LACKS: [(Version, Diagnosis<0>); 4] = [
    (Version { major: 16, minor: 1 }, LACKS_TIERS),
    (Version { major: 17, minor: 3 }, LACKS_HOOK_LOG),
    (Version { major: 18, minor: 2 }, LACKS_MILESTONES),
    (Version { major: 19, minor: 0 }, LACKS_SIGNING),
];

/// Looks at every GitLab that has a token, and at its hooks.
pub(super) async fn look(settings: &Settings, kept: &Kept, findings: &mut Findings) {
    if settings.senders.iter().all(|sender| sender.api.is_none()) {
        findings.note(Area::Gitlab, GITLAB_UNASKED.of([]));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    for sender in &settings.senders {
        let Some(api) = sender.api.clone() else { continue };
        let instruments = Arc::new(Instruments::new());
        match Client::new(api, Arc::clone(&clock), instruments) {
            Ok(client) => one(settings, sender, &client, kept, findings).await,
            Err(error) => {
                let told = GITLAB_CLIENT.of([&error.to_string()]);
                findings.fail(Exit::Failed, Area::Gitlab.of(&sender.name), told);
            }
        }
    }
}

async fn one(
    settings: &Settings,
    sender: &Sender,
    client: &Client,
    kept: &Kept,
    findings: &mut Findings,
) {
    if findings.want(Area::Gitlab) {
        if !version(client, settings, findings).await {
            return;
        }
        token(client, sender.hooks, findings).await;
    }
    if findings.want(Area::Hooks) {
        hooks::look(settings, sender, client, kept, findings).await;
    }
}

/// Tells a refusal.
pub(super) fn refused(area: Area, client: &Client, error: &RestError, findings: &mut Findings) {
    findings.fail(Exit::GitLabRefused, area.of(client.name()), gitlabs::told(error));
}

/// Whether GitLab answers; if so, what it lacks and what time it has.
async fn version(client: &Client, settings: &Settings, findings: &mut Findings) -> bool {
    let place = Area::Gitlab.of(client.name());
    let mut answer = client.get(&["metadata"], &[]).await;
    if let Err(RestError::NotFound | RestError::Forbidden { .. }) = answer {
        answer = client.get(&["version"], &[]).await;
    }
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            refused(Area::Gitlab, client, &error, findings);
            return false;
        }
    };
    let origin = client.origin().to_string();
    match about::version(answer.body()) {
        None => findings.warn(place, GITLAB_UNVERSIONED.of([&origin])),
        Some(version) => {
            findings.ok(place, GITLAB_VERSION.of([&origin, &version.to_string()]));
            for (_, lacks) in LACKS.iter().filter(|(since, _)| version < *since) {
                findings.note(place, lacks.of([]));
            }
        }
    }
    clocks(&answer, client.name(), settings, findings);
    true
}

fn clocks(answer: &Answer, gitlab: &str, settings: &Settings, findings: &mut Findings) {
    let Some(theirs) = answer.date() else { return };
    let (ours, place) = (SystemClock.now(), Area::Gitlab.of(gitlab));
    let skew = ours.seconds_since(theirs).max(theirs.seconds_since(ours));
    let seconds = skew.to_string();
    if skew >= settings.ingest.signature_tolerance_seconds {
        findings.fail(Exit::Failed, place, CLOCKS_REFUSE.of([&seconds]));
    } else if skew > SKEW_SECONDS {
        findings.warn(place, CLOCKS_DIFFER.of([&seconds]));
    } else {
        findings.ok(place, CLOCKS_AGREE.of([&seconds]));
    }
}

async fn token(client: &Client, duty: HookDuty, findings: &mut Findings) {
    let place = Area::Gitlab.of(client.name());
    let answer = match client.get(&["personal_access_tokens", "self"], &[]).await {
        Ok(answer) => answer,
        Err(RestError::Unauthorized) => {
            return refused(Area::Gitlab, client, &RestError::Unauthorized, findings);
        }
        Err(_) => return findings.note(place, TOKEN_OPAQUE.of([])),
    };
    let Some(token) = about::own_token(answer.body()) else {
        return findings.note(place, TOKEN_OPAQUE.of([]));
    };
    scopes(&token, client.name(), duty, findings);
    if let Some(ends_at) = token.ends_at() {
        expiry(ends_at, client.name(), findings);
    }
}

fn scopes(token: &OwnToken, gitlab: &str, duty: HookDuty, findings: &mut Findings) {
    let (place, scopes) = (Area::Gitlab.of(gitlab), token.scopes.join(", "));
    if token.may("api") {
        findings.ok(place, TOKEN_MAY_SET_UP.of([&scopes]));
    } else if !token.may("read_api") {
        findings.fail(Exit::GitLabRefused, place, TOKEN_USELESS.of([&scopes]));
    } else if duty == HookDuty::Sync {
        findings.fail(Exit::GitLabRefused, place, TOKEN_MAY_NOT_SYNC.of([&scopes]));
    } else {
        findings.note(place, TOKEN_MAY_READ.of([&scopes]));
    }
    if BROAD.iter().any(|scope| token.may(scope)) {
        findings.warn(place, TOKEN_BROAD.of([&scopes]));
    }
}

fn expiry(ends_at: Timestamp, gitlab: &str, findings: &mut Findings) {
    let days = ends_at.seconds_since(SystemClock.now()) / 86_400;
    if days < EXPIRY_DAYS {
        findings.warn(Area::Gitlab.of(gitlab), TOKEN_ENDS.of([&days.to_string()]));
    }
}
