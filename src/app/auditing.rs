//! Our hooks in GitLab looked after while the program runs, where there is a token to see them; and
//! what they lost taken in from GitLab's own log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::base::Base;
use super::{StartError, values};
use crate::backfill::{DeliveryLog, LogParts, LogRead};
use crate::clock::Clock;
use crate::config::{HookDuty, Sender, Settings};
use crate::delivery::{Doubt, Doubts, InstanceId, ProjectId, ProjectKey, Timestamp};
use crate::gitlab::resource::about;
use crate::gitlab::resource::hook_log::Answered;
use crate::hooks::{Audit, Audited, Keeping, Known};
use crate::http::WEBHOOK_PATH;
use crate::ingest::{Receiver, Trust};
use crate::instruments::{GapCause, Instruments};
use crate::rest::Client;
use crate::scoreboard::Scoreboard;

/// From one look to the next: a hook that GitLab pauses is seen within that time, and a round of a
/// hundred places takes a third of the usual budget.
const AUDIT_EVERY: Duration = Duration::from_mins(10);
/// How long a start waits for GitLab to tell what the token may do; who does not answer is asked again
/// by each look.
const ASKED_AT_START: Duration = Duration::from_secs(3);
/// How often the first numbers are looked for, by which projects are known.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a delivery may take from its answer into GitLab's log.
const LOGGED_AFTER_SECONDS: u64 = 60;

/// Looks after the hooks of every GitLab with a token.
pub(super) struct Auditing {
    gitlabs: Vec<Gitlab>,
    scoreboard: Arc<Scoreboard>,
    clock: Arc<dyn Clock>,
}

/// One GitLab whose hooks are looked after.
struct Gitlab {
    instance: InstanceId,
    audit: Audit,
    log: DeliveryLog,
    instruments: Arc<Instruments>,
    trust: Arc<Trust>,
    /// Whether the API is read too.
    reads_api: bool,
    /// Deliveries that are missing and of which GitLab kept no body, and when the last of them was
    /// found, by the hook that lost them.
    missing: BTreeMap<Vec<String>, (u64, Timestamp)>,
}

impl Auditing {
    /// Nothing to do without `server.external_url`: our hooks are known by our address.
    pub(super) fn new(
        base: &Base,
        settings: &Settings,
        scoreboard: &Arc<Scoreboard>,
        receiver: &Receiver,
    ) -> Self {
        let gitlabs = |external_url: &String| {
            let url = format!("{external_url}{WEBHOOK_PATH}");
            let gitlab = |sender: &Sender| {
                let client = base.clients.get(&sender.name)?;
                Gitlab::new(base, (sender, client), &url, receiver)
            };
            settings.senders.iter().filter_map(gitlab).collect::<Vec<_>>()
        };
        let gitlabs = settings.server.external_url.as_ref().map(gitlabs).unwrap_or_default();
        Self { gitlabs, scoreboard: Arc::clone(scoreboard), clock: Arc::clone(&base.clock) }
    }

    /// Works for ever; ends at once where there is nothing to look after.
    pub(super) async fn run(self) {
        let (scoreboard, clock) = (&self.scoreboard, &self.clock);
        let each = |gitlab: Gitlab| gitlab.look_again_and_again(scoreboard, clock);
        // One GitLab that does not answer must not stop the others.
        join_all(self.gitlabs.into_iter().map(each)).await;
    }
}

impl Gitlab {
    fn new(
        base: &Base,
        (sender, client): (&Sender, &Client),
        url: &str,
        receiver: &Receiver,
    ) -> Option<Self> {
        let instance = *base.gitlabs.get(&sender.name)?;
        let instruments = Arc::clone(&base.instruments);
        instruments.looking_for_gaps(&sender.name);
        let audit = Audit::new(client.clone(), url.to_owned(), Arc::clone(&instruments));
        let audit = match sender.hooks {
            HookDuty::Audit => audit,
            HookDuty::Sync => {
                instruments.keeping_hooks(&sender.name);
                let wanted = values::wanted_hooks(sender, url.to_owned());
                let allowed = sender.projects.clone();
                audit.keeping(Keeping::new(wanted, allowed, Arc::clone(&instruments)))
            }
        };
        let log = DeliveryLog::new(LogParts {
            client: client.clone(),
            instance,
            receiver: receiver.clone(),
            store: Arc::clone(&base.store),
            clock: Arc::clone(&base.clock),
        });
        Some(Self {
            instance,
            audit,
            log,
            instruments,
            trust: Arc::clone(&base.trust),
            reads_api: sender.backfill_since_seconds.is_some(),
            missing: BTreeMap::new(),
        })
    }

    async fn look_again_and_again(mut self, scoreboard: &Scoreboard, clock: &Arc<dyn Clock>) {
        loop {
            let Some(scorecard) = scoreboard.scorecard() else {
                clock.sleep(LOOK_EVERY).await;
                continue;
            };
            let own = scorecard.projects.iter().filter(|own| own.project.instance == self.instance);
            let known: BTreeSet<Known> = own
                .map(|figures| Known {
                    path: figures.path.as_str().to_owned(),
                    id: figures.project.project.get(),
                })
                .collect();
            drop(scorecard);
            self.look(&known, clock.now()).await;
            clock.sleep(AUDIT_EVERY).await;
        }
    }

    async fn look(&mut self, known: &BTreeSet<Known>, now: Timestamp) {
        let gitlab = self.audit.gitlab().to_owned();
        match self.audit.round(known).await {
            Ok(audited) => {
                for (hook, until) in &audited.disabled_until {
                    let until = until.as_second();
                    tracing::warn!(
                        gitlab,
                        hook,
                        until,
                        "GitLab sends nothing to this hook until then"
                    );
                }
                self.doubt(&audited, now);
                let (told_of, is_whole) = (self.projects(&audited.told_of), audited.is_whole);
                if self.read_logs(audited.looked_at, now).await && is_whole {
                    self.trust.with(|doubts| made_good(doubts, told_of, now));
                }
            }
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(gitlab, error, "failed to look after the hooks; trying again");
            }
        }
    }

    fn projects(&self, numbers: &BTreeSet<u64>) -> BTreeSet<ProjectKey> {
        let ids = numbers.iter().filter_map(|number| ProjectId::new(*number).ok());
        ids.map(|project| ProjectKey { instance: self.instance, project }).collect()
    }

    /// What the state of the hooks makes doubtful.
    fn doubt(&self, audited: &Audited, now: Timestamp) {
        let disabled = self.projects(&audited.disabled);
        let without =
            if self.reads_api { BTreeSet::new() } else { self.projects(&audited.without_hook) };
        self.trust.with(|doubts| {
            doubts.stand(self.instance, Doubt::HookDisabled, &disabled, now);
            doubts.stand(self.instance, Doubt::NoHook, &without, now);
        });
    }

    /// Takes in what the logs of the hooks that were looked at hold of lost deliveries; whether all
    /// were read to their end.
    async fn read_logs(&mut self, looked_at: Vec<Vec<String>>, now: Timestamp) -> bool {
        let gitlab = self.audit.gitlab().to_owned();
        let mut is_complete = true;
        for hook in looked_at {
            let path: Vec<&str> = hook.iter().map(String::as_str).collect();
            match self.log.read(&path).await {
                Ok(read) => {
                    is_complete &= read.is_complete;
                    self.note(hook, &read, now);
                }
                Err(error) => {
                    is_complete = false;
                    let (hook, error): (_, &dyn std::error::Error) = (path.join("/"), &error);
                    tracing::warn!(gitlab, hook, error, "failed to read what a hook lost");
                }
            }
        }
        self.trust.with(|doubts| {
            self.missing.retain(|_, (_, found_at)| !doubts.is_read(self.instance, *found_at));
        });
        let missing = self.missing.values().map(|(deliveries, _)| deliveries).sum();
        self.instruments.deliveries_missing(&gitlab, missing);
        is_complete
    }

    fn note(&mut self, hook: Vec<String>, read: &LogRead, now: Timestamp) {
        let gitlab = self.audit.gitlab();
        let mut repaired = 0;
        for (answered, deliveries) in &read.repaired {
            repaired += deliveries;
            self.instruments.gaps_repaired(gitlab, cause(*answered), *deliveries);
        }
        if repaired > 0 {
            let hook = hook.join("/");
            tracing::warn!(gitlab, hook, repaired, "took in deliveries that had not arrived");
        }
        if read.without_body > 0 {
            // Of a group's hook nobody knows whose they were.
            if let [level, id, ..] = hook.as_slice()
                && level == "projects"
                && let Ok(project) =
                    id.parse().map_err(drop).and_then(|id| ProjectId::new(id).map_err(drop))
            {
                let project = ProjectKey { instance: self.instance, project };
                self.trust.with(|doubts| doubts.add(project, Doubt::Lost, now));
            }
            let (deliveries, found_at) = self.missing.entry(hook).or_insert((0, now));
            (*deliveries, *found_at) = (*deliveries + read.without_body, now);
        }
    }
}

/// Makes sure that each token by which hooks are to be set up may do so, where its GitLab says.
///
/// # Errors
/// [`StartError::Scope`] for the first one that may not.
pub(super) async fn check_tokens(
    clients: &BTreeMap<String, Client>,
    settings: &Settings,
    clock: &dyn Clock,
) -> Result<(), StartError> {
    for sender in settings.senders.iter().filter(|own| own.hooks == HookDuty::Sync) {
        let Some(client) = clients.get(&sender.name) else { continue };
        let answer = tokio::select! {
            answer = client.get(&["personal_access_tokens", "self"], &[]) => answer,
            () = clock.sleep(ASKED_AT_START) => continue,
        };
        let token = answer.ok().and_then(|answer| about::own_token(answer.body()));
        if let Some(token) = token.filter(|token| !token.may("api")) {
            let (gitlab, scopes) = (sender.name.clone(), token.scopes.join(", "));
            return Err(StartError::Scope { gitlab, scopes });
        }
    }
    Ok(())
}

/// The logs of the hooks that tell of these projects were read to their end.
fn made_good(doubts: &mut Doubts, told_of: BTreeSet<ProjectKey>, now: Timestamp) {
    // GitLab logs a delivery a moment after it was answered.
    let logged_to = now.minus(LOGGED_AFTER_SECONDS);
    for project in &told_of {
        doubts.repair(*project, Doubt::Refused, logged_to);
    }
    doubts.watch(told_of);
}

const fn cause(answered: Answered) -> GapCause {
    match answered {
        Answered::Accepted => GapCause::Accepted,
        Answered::Redirected => GapCause::Redirected,
        Answered::Refused => GapCause::Refused,
        Answered::Nothing => GapCause::Unanswered,
    }
}
