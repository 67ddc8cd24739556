//! The configuration read again while the program runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;

use super::base::{Base, number};
use super::maintenance::Keep;
use super::{Reread, values};
use crate::backfill::SharedTerms;
use crate::clock::Clock;
use crate::config::{ConfigError, Settings};
use crate::http::{Reload, Reloading};
use crate::ingest::Receiver;
use crate::instruments::Instruments;
use crate::report::Gitlabs;
use crate::scoreboard::Scoreboard;
use crate::store::{Store, StoreError};

/// Reads the configuration and hands its parts to the rooms that can change while they work:
/// secrets and allow-lists, patterns of authors, policies with what they need of GitLab's API, teams,
/// windows, series, retention.
/// Addresses, limits of requests and of the queue wait for the next start, which is said.
pub(super) struct Reloader {
    started_with: Settings,
    reread: Reread,
    /// Not kept alive by who may reload: the store must be closed at the end.
    store: Weak<Store>,
    pseudonym_key: [u8; 32],
    terms: BTreeMap<String, SharedTerms>,
    receiver: Receiver,
    scoreboard: Arc<Scoreboard>,
    keep: Arc<Keep>,
    gitlabs: Arc<ArcSwap<Gitlabs>>,
    instruments: Arc<Instruments>,
    clock: Arc<dyn Clock>,
}

/// The rooms that can change while they work.
#[derive(Clone, Copy)]
pub(super) struct Rooms<'a> {
    pub(super) receiver: &'a Receiver,
    pub(super) scoreboard: &'a Arc<Scoreboard>,
    pub(super) keep: &'a Arc<Keep>,
    pub(super) gitlabs: &'a Arc<ArcSwap<Gitlabs>>,
}

#[derive(Debug, thiserror::Error)]
enum ReloadError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("failed to number a new GitLab")]
    Store(#[from] StoreError),
    #[error("stopping")]
    Stopping,
}

impl Reloader {
    pub(super) fn new(
        base: &Base,
        (settings, reread): (&Settings, Reread),
        rooms: Rooms<'_>,
    ) -> Self {
        let Rooms { receiver, scoreboard, keep, gitlabs } = rooms;
        Self {
            started_with: settings.clone(),
            reread,
            store: Arc::downgrade(&base.store),
            pseudonym_key: base.pseudonym_key,
            terms: base.terms.clone(),
            receiver: receiver.clone(),
            scoreboard: Arc::clone(scoreboard),
            keep: Arc::clone(keep),
            gitlabs: Arc::clone(gitlabs),
            instruments: Arc::clone(&base.instruments),
            clock: Arc::clone(&base.clock),
        }
    }

    /// As the HTTP room and the signal take it.
    pub(super) fn shared(self) -> Reload {
        let reloader = Arc::new(self);
        Arc::new(move || -> Reloading {
            let reloader = Arc::clone(&reloader);
            // Reading files and asking the store blocks.
            let task = tokio::task::spawn_blocking(move || reloader.reload());
            Box::pin(async move { task.await.unwrap_or_else(|_| Err("stopping\n".to_owned())) })
        })
    }

    fn reload(&self) -> Result<(), String> {
        match self.apply() {
            Ok(waiting) => {
                self.instruments.config_loaded(self.clock.now());
                tracing::info!("configuration reloaded");
                if !waiting.is_empty() {
                    let settings = waiting.join(", ");
                    tracing::warn!(settings, "changed settings wait for the next start");
                }
                Ok(())
            }
            Err(error) => {
                self.instruments.config_refused();
                let words = in_words(&error);
                let logged = words.trim_end().replace("\n  ", ", ").replace('\n', "; ");
                tracing::error!(error = logged, "failed to reload; the configuration before stays");
                Err(words)
            }
        }
    }

    /// Applies what can be; names what cannot.
    fn apply(&self) -> Result<Vec<&'static str>, ReloadError> {
        let settings = (self.reread)()?;
        let store = self.store.upgrade().ok_or(ReloadError::Stopping)?;
        let gitlabs = number(&store, &settings)?;
        self.receiver.reload(values::rules(&settings, &gitlabs, &self.pseudonym_key));
        let limits = values::exposition_limits(&settings, &gitlabs);
        self.scoreboard.reload(values::measuring(&settings), limits);
        for (name, terms) in values::terms(&settings, &self.pseudonym_key) {
            if let Some(own) = self.terms.get(&name) {
                own.store(Arc::new(terms));
            }
        }
        self.gitlabs.store(Arc::new(values::gitlabs(&settings, &gitlabs)));
        self.instruments.series_limit(settings.exposition.max_series);
        self.keep.replace(values::retention(&settings));
        Ok(self.started_with.waiting_for_restart(&settings))
    }
}

/// The whole of it, for whoever asked: every mistake on lines of its own.
fn in_words(error: &ReloadError) -> String {
    let mistakes = match error {
        ReloadError::Config(error) => error.mistakes.as_slice(),
        ReloadError::Store(_) | ReloadError::Stopping => &[],
    };
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let causes = causes.map(ToString::to_string);
    let mistakes = mistakes.iter().map(ToString::to_string);
    let lines: Vec<String> =
        std::iter::once(error.to_string()).chain(mistakes).chain(causes).collect();
    lines.join("\n") + "\n"
}
