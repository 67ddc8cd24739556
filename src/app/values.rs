//! From the settings to what each room takes.

use std::collections::BTreeMap;

use crate::backfill::{Images, Labels, Needs, Pipelines, ProjectNeeds, Tags, Terms};
use crate::config::Settings;
use crate::delivery::{Doubts, InstanceId, KeptJobs, ProjectKey, ProjectPath, Timestamp};
use crate::dora::completeness;
use crate::dora::measuring::Measuring;
use crate::dora::policy::{ProjectLink, is_same_project};
use crate::dora::roll_up::Team;
use crate::dora::scorecard::{ContactFigures, Scorecard};
use crate::exposition::Limits;
use crate::gitlab::Pseudonyms;
use crate::hooks::{self, Wanted};
use crate::http::{BodyLimits, ServerLimits};
use crate::ingest::{BatchLimits, Contacts, QueueLimits, Rules};
use crate::page::NEEDED_KINDS;
use crate::proof::Authenticator;
use crate::report::Gitlabs;
use crate::store::Retention;

const DAY_SECONDS: u64 = 86_400;

/// What is measured.
pub(crate) fn measuring(settings: &Settings) -> Measuring {
    let team = |team: &crate::config::Team| Team {
        name: team.name.clone(),
        projects: team.projects.clone(),
    };
    Measuring {
        policies: settings.policies.clone(),
        windows: settings.exposition.windows.clone(),
        teams: settings.teams.iter().map(team).collect(),
    }
}

/// What is exposed.
pub(crate) fn exposition_limits(
    settings: &Settings,
    gitlabs: &BTreeMap<String, InstanceId>,
) -> Limits {
    Limits {
        max_series: settings.exposition.max_series,
        histograms: settings.exposition.histograms,
        gitlabs: gitlabs.iter().map(|(name, id)| (*id, name.clone())).collect(),
    }
}

/// How questions and links name the GitLab installations.
pub(super) fn gitlabs(settings: &Settings, numbers: &BTreeMap<String, InstanceId>) -> Gitlabs {
    let address =
        |sender: &crate::config::Sender| Some((*numbers.get(&sender.name)?, sender.url.clone()?));
    Gitlabs {
        names: numbers.iter().map(|(name, id)| (*id, name.clone())).collect(),
        addresses: settings.senders.iter().filter_map(address).collect(),
    }
}

/// What hooks of a GitLab shall be that send to `url`.
pub(crate) fn wanted_hooks(sender: &crate::config::Sender, url: String) -> Wanted {
    Wanted {
        url,
        events: hooks::events_without(&sender.hooks_without),
        secret_token: sender.hook_secrets.secret.clone(),
        signing_token: sender.hook_secrets.signing.clone(),
    }
}

/// What of each GitLab is read and kept, by the operator's name for it.
pub(super) fn terms(
    settings: &Settings,
    pseudonym_key: &[u8; 32],
) -> impl Iterator<Item = (String, Terms)> {
    settings.senders.iter().map(|sender| {
        let terms = Terms {
            projects: sender.projects.clone(),
            needs: needs(settings, sender),
            pseudonyms: Pseudonyms::new(pseudonym_key, settings.exclude_authors.clone()),
        };
        (sender.name.clone(), terms)
    })
}

/// What is wanted of the projects of a GitLab besides what every figure needs.
fn needs(settings: &Settings, sender: &crate::config::Sender) -> Needs {
    let policies = settings.policies.clone();
    let pipelines = if sender.backfill_pipelines { Pipelines::Read } else { Pipelines::LeftOut };
    Needs::new(move |path| {
        let policy = policies.resolve(path);
        let is_linked = |end: &dyn Fn(&ProjectLink) -> &ProjectPath| {
            policies.links().iter().any(|link| is_same_project(end(link), path))
        };
        ProjectNeeds {
            labels: match policy.value_stream.validated_labels.as_slice() {
                [] => Labels::AsTheyAre,
                _ => Labels::WithTheirTimes,
            },
            incident_labels: policy.incident_filter.labels.clone(),
            pipelines,
            images: if is_linked(&|link| &link.deploy) { Images::Read } else { Images::LeftOut },
            tags: if is_linked(&|link| &link.app) { Tags::Read } else { Tags::LeftOut },
        }
    })
}

/// Which jobs of pipelines become facts, by the names that policies ask for.
#[must_use]
pub fn kept_jobs(settings: &Settings) -> KeptJobs {
    let patterns = settings.policies.job_patterns().to_vec();
    KeptJobs::new(move |name| patterns.iter().any(|own| own.is_match(name.as_str())))
}

/// Who is believed, and how persons become hashes.
pub(super) fn rules(
    settings: &Settings,
    gitlabs: &BTreeMap<String, InstanceId>,
    pseudonym_key: &[u8; 32],
) -> Rules {
    let sources = settings
        .senders
        .iter()
        .filter_map(|sender| gitlabs.get(&sender.name).map(|id| sender.numbered(*id)))
        .collect();
    let tolerance_seconds = settings.ingest.signature_tolerance_seconds;
    Rules {
        authenticator: Authenticator::new(sources, tolerance_seconds),
        pseudonyms: Pseudonyms::new(pseudonym_key, settings.exclude_authors.clone()),
        kept_jobs: kept_jobs(settings),
    }
}

/// How long things are kept; begun days count as whole ones.
pub(super) fn retention(settings: &Settings) -> Retention {
    let days = |seconds: u64| u32::try_from(seconds.div_ceil(DAY_SECONDS)).unwrap_or(u32::MAX);
    Retention {
        journal_days: days(settings.storage.journal_retention_seconds),
        facts_days: days(settings.storage.facts_retention_seconds),
    }
}

/// What may wait for the writer.
pub(super) fn queue_limits(settings: &Settings) -> QueueLimits {
    QueueLimits {
        entries: u32::try_from(settings.ingest.queue_events).unwrap_or(u32::MAX),
        bytes: u32::try_from(settings.ingest.queue_limit_bytes).unwrap_or(u32::MAX),
    }
}

/// How large a commit may grow.
pub(super) fn batch_limits(settings: &Settings) -> BatchLimits {
    BatchLimits {
        entries: settings.ingest.batch_events,
        bytes: settings.ingest.batch_limit_bytes,
        linger: settings.ingest.linger,
    }
}

/// How much of a request is waited for.
pub(super) fn body_limits(settings: &Settings) -> BodyLimits {
    BodyLimits {
        bytes: settings.server.body_limit_bytes,
        inflight_bytes: settings.server.inflight_limit_bytes,
        connections: settings.server.connections,
        deadline: settings.ingest.deadline,
        ..BodyLimits::default()
    }
}

/// Limits of all connections.
pub(super) fn server_limits(settings: &Settings) -> ServerLimits {
    ServerLimits {
        connections: settings.server.connections,
        head_timeout: settings.server.head_timeout,
        keep_alive: settings.server.keep_alive,
        stop_timeout: settings.server.stop_timeout,
    }
}

/// Marks of which projects, groups and teams something is known to be missing.
pub(super) fn judge(doubts: &Doubts, scorecard: &mut Scorecard, measuring: &Measuring) {
    let (as_of, contacts) = (scorecard.as_of, std::mem::take(&mut scorecard.contacts));
    completeness::mark(scorecard, &measuring.teams, |project| {
        let is_silent = contacts.get(&project).is_some_and(|own| own.is_silent == Some(true));
        doubts.missing(project, is_silent, as_of)
    });
    scorecard.contacts = contacts;
}

/// Whether the hooks of each project still speak.
pub(super) fn contacts(heard: &Contacts, as_of: Timestamp) -> BTreeMap<ProjectKey, ContactFigures> {
    let mut told = BTreeMap::new();
    heard.each(|project, contact| {
        let Some(last_delivery) = contact.last() else { return };
        let sent = |kinds: &[&str]| contact.kinds().iter().any(|own| kinds.contains(&&*own.kind));
        let lacks = NEEDED_KINDS.map(|kinds| !sent(kinds));
        let is_silent = contact.is_silent(as_of);
        told.insert(project, ContactFigures { last_delivery, is_silent, lacks });
    });
    told
}
