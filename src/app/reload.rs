//! The configuration read again while the program runs.

use std::sync::{Arc, Weak};

use super::base::{Base, number};
use super::maintenance::Keep;
use super::{Reread, values};
use crate::clock::Clock;
use crate::config::ConfigError;
use crate::http::{Reload, Reloading};
use crate::ingest::Receiver;
use crate::instruments::Instruments;
use crate::scoreboard::Scoreboard;
use crate::store::{Store, StoreError};

/// Reads the configuration and hands its parts to the rooms that can change while they work:
/// secrets and allow-lists, patterns of authors, policies, teams, windows, series, retention.
/// Addresses, limits of requests and of the queue wait for the next start.
pub(super) struct Reloader {
    reread: Reread,
    /// Not kept alive by who may reload: the store must be closed at the end.
    store: Weak<Store>,
    pseudonym_key: [u8; 32],
    receiver: Receiver,
    scoreboard: Arc<Scoreboard>,
    keep: Arc<Keep>,
    instruments: Arc<Instruments>,
    clock: Arc<dyn Clock>,
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
        reread: Reread,
        receiver: Receiver,
        scoreboard: &Arc<Scoreboard>,
        keep: &Arc<Keep>,
    ) -> Self {
        Self {
            reread,
            store: Arc::downgrade(&base.store),
            pseudonym_key: base.pseudonym_key,
            receiver,
            scoreboard: Arc::clone(scoreboard),
            keep: Arc::clone(keep),
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
            Ok(()) => {
                self.instruments.config_loaded(self.clock.now());
                tracing::info!("configuration reloaded");
                Ok(())
            }
            Err(error) => {
                self.instruments.config_refused();
                let logged: &dyn std::error::Error = &error;
                tracing::error!(error = logged, "failed to reload; the configuration before stays");
                Err(in_words(&error))
            }
        }
    }

    fn apply(&self) -> Result<(), ReloadError> {
        let settings = (self.reread)()?;
        let store = self.store.upgrade().ok_or(ReloadError::Stopping)?;
        let gitlabs = number(&store, &settings)?;
        self.receiver.reload(values::rules(&settings, &gitlabs, &self.pseudonym_key));
        let limits = values::exposition_limits(&settings, &gitlabs);
        self.scoreboard.reload(values::measuring(&settings), limits);
        self.instruments.series_limit(settings.exposition.max_series);
        self.keep.replace(values::retention(&settings));
        Ok(())
    }
}

/// The whole of it, for whoever asked: every mistake on lines of its own.
fn in_words(error: &ReloadError) -> String {
    let mistakes = match error {
        ReloadError::Config(error) => error.mistakes.as_slice(),
        ReloadError::Store(_) | ReloadError::Stopping => &[],
    };
    let lines = mistakes.iter().map(ToString::to_string);
    let lines: Vec<String> = std::iter::once(error.to_string()).chain(lines).collect();
    lines.join("\n") + "\n"
}
