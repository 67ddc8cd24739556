//! Our hooks in GitLab looked after while the program runs, where there is a token to see them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::base::Base;
use crate::clock::Clock;
use crate::config::Settings;
use crate::delivery::InstanceId;
use crate::hooks::{Audit, Known};
use crate::http::WEBHOOK_PATH;
use crate::scoreboard::Scoreboard;

/// From one look to the next: a hook that GitLab pauses is seen within that time, and a round of a
/// hundred places takes a sixth of the usual budget.
const AUDIT_EVERY: Duration = Duration::from_mins(10);
/// How often the first numbers are looked for, by which projects are known.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks after the hooks of every GitLab with a token.
pub(super) struct Auditing {
    audits: Vec<(InstanceId, Audit)>,
    scoreboard: Arc<Scoreboard>,
    clock: Arc<dyn Clock>,
}

impl Auditing {
    /// Nothing to do without `server.external_url`: our hooks are known by our address.
    pub(super) fn new(base: &Base, settings: &Settings, scoreboard: &Arc<Scoreboard>) -> Self {
        let audit = |external_url: &String| {
            let url = format!("{external_url}{WEBHOOK_PATH}");
            let audit = |(name, client): (&String, &crate::rest::Client)| {
                let instruments = Arc::clone(&base.instruments);
                let audit = Audit::new(client.clone(), url.clone(), instruments);
                Some((*base.gitlabs.get(name)?, audit))
            };
            base.clients.iter().filter_map(audit).collect::<Vec<_>>()
        };
        let audits = settings.server.external_url.as_ref().map(audit).unwrap_or_default();
        Self { audits, scoreboard: Arc::clone(scoreboard), clock: Arc::clone(&base.clock) }
    }

    /// Works for ever; ends at once where there is nothing to look after.
    pub(super) async fn run(self) {
        let (scoreboard, clock) = (&self.scoreboard, &self.clock);
        let each = |(instance, audit)| look_again_and_again(instance, audit, scoreboard, clock);
        // One GitLab that does not answer must not stop the others.
        join_all(self.audits.into_iter().map(each)).await;
    }
}

async fn look_again_and_again(
    instance: InstanceId,
    mut audit: Audit,
    scoreboard: &Scoreboard,
    clock: &Arc<dyn Clock>,
) {
    loop {
        let Some(scorecard) = scoreboard.scorecard() else {
            clock.sleep(LOOK_EVERY).await;
            continue;
        };
        let own = scorecard.projects.iter().filter(|figures| figures.project.instance == instance);
        let known: BTreeSet<Known> = own
            .map(|figures| Known {
                path: figures.path.as_str().to_owned(),
                id: figures.project.project.get(),
            })
            .collect();
        drop(scorecard);
        look(&mut audit, &known).await;
        clock.sleep(AUDIT_EVERY).await;
    }
}

async fn look(audit: &mut Audit, known: &BTreeSet<Known>) {
    let gitlab = audit.gitlab().to_owned();
    match audit.round(known).await {
        Ok(audited) => {
            for (hook, until) in &audited.disabled_until {
                let until = until.as_second();
                tracing::warn!(gitlab, hook, until, "GitLab sends nothing to this hook until then");
            }
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(gitlab, error, "failed to look after the hooks; trying again");
        }
    }
}
