//! What is opened first and shared by the rooms, and how each room is made from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{StartError, clients, values};
use crate::backfill::SharedTerms;
use crate::clock::Clock;
use crate::config::{Sender, Settings};
use crate::delivery::{InstanceId, KeptJobs, Timestamp};
use crate::ingest::{
    Contacts, Feed, Heard, Queue, Receiver, ReceiverParts, Trust, Writer, WriterParts,
};
use crate::instruments::Instruments;
use crate::projection::PROJECTION_VERSION;
use crate::rest::Client;
use crate::scoreboard::{Counting, Parts, Scoreboard};
use crate::store::{InForce, Store, StoreError, StoreSettings};

/// The store and what was read from it, the clock and the counters.
pub(super) struct Base {
    pub(super) store: Arc<Store>,
    pub(super) gitlabs: BTreeMap<String, InstanceId>,
    /// Those whose past is to be read and never was, to the end.
    pub(super) without_past: BTreeSet<InstanceId>,
    pub(super) pseudonym_key: [u8; 32],
    /// What of each GitLab is read, by the operator's name for it.
    pub(super) terms: BTreeMap<String, SharedTerms>,
    pub(super) heard: Arc<Heard>,
    pub(super) clients: BTreeMap<String, Client>,
    pub(super) contacts: Arc<Contacts>,
    pub(super) trust: Arc<Trust>,
    pub(super) kept_jobs: KeptJobs,
    pub(super) instruments: Arc<Instruments>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Base {
    /// Opens the store; the configuration counts as loaded from here on.
    pub(super) async fn open(
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let settings = settings.clone();
        let instruments = Arc::new(Instruments::new());
        instruments.config_loaded(clock.now());
        instruments.series_limit(settings.exposition.max_series);
        let clients =
            clients::clients(&settings, &clock, &instruments).map_err(StartError::Client)?;
        // Before the store is opened: who refuses to start leaves it as it was.
        super::auditing::check_tokens(&clients, &settings, &*clock).await?;
        let opening = tokio::task::spawn_blocking(move || {
            let store = Store::open(&StoreSettings::new(&settings.storage.directory))?;
            let InForce { journal_mode, synchronous, sqlite } = store.in_force();
            instruments.store_opened(journal_mode, synchronous, sqlite);
            let gitlabs = number(&store, &settings)?;
            let without_past = without_past(&store, &settings, &gitlabs)?;
            say_what_was_found(&store, &settings);
            let pseudonym_key = store.pseudonym_key()?;
            let terms = values::terms(&settings, &pseudonym_key);
            let terms = terms.map(|(name, own)| (name, Arc::new(ArcSwap::from_pointee(own))));
            let terms = terms.collect();
            let heard = Arc::new(heard(&store)?);
            let contacts = Arc::new(Contacts::remembered(store.contacts()?));
            for (kind, hearing) in heard.list() {
                instruments.remembered(kind.as_str(), hearing.last);
            }
            let store = Arc::new(store);
            Ok(Self {
                store,
                gitlabs,
                without_past,
                pseudonym_key,
                terms,
                heard,
                clients,
                contacts,
                trust: Arc::default(),
                kept_jobs: values::kept_jobs(&settings),
                instruments,
                clock,
            })
        });
        opening.await.map_err(io::Error::from)?
    }

    pub(super) fn scoreboard(&self, settings: &Settings) -> io::Result<Scoreboard> {
        let (contacts, trust) = (Arc::clone(&self.contacts), Arc::clone(&self.trust));
        Scoreboard::start(Parts {
            contacts: Box::new(move |as_of| values::contacts(&contacts, as_of)),
            judge: Box::new(move |scorecard, measuring| {
                trust.with(|doubts| values::judge(doubts, scorecard, measuring));
            }),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            instruments: Arc::clone(&self.instruments),
            measuring: values::measuring(settings),
            limits: values::exposition_limits(settings, &self.gitlabs),
            counting: if self.without_past.is_empty() { Counting::Now } else { Counting::Later },
            refresh_seconds: settings.exposition.refresh_seconds,
        })
    }

    pub(super) fn queue(&self, settings: &Settings) -> Queue {
        let limits = values::queue_limits(settings);
        Queue::new(limits, Arc::clone(&self.clock), Arc::clone(&self.instruments))
    }

    pub(super) fn writer(
        &self,
        settings: &Settings,
        queue: &Queue,
        feed: Feed,
    ) -> io::Result<Writer> {
        let store = Arc::clone(&self.store);
        Writer::start(WriterParts {
            queue: queue.clone(),
            commit: Box::new(move |batch| store.commit(batch, PROJECTION_VERSION)),
            feed,
            clock: Arc::clone(&self.clock),
            instruments: Arc::clone(&self.instruments),
            limits: values::batch_limits(settings),
        })
    }

    pub(super) fn receiver(&self, settings: &Settings, queue: &Queue) -> Receiver {
        let rules = values::rules(settings, &self.gitlabs, &self.pseudonym_key);
        let parts = ReceiverParts {
            queue: queue.clone(),
            heard: Arc::clone(&self.heard),
            contacts: Arc::clone(&self.contacts),
            trust: Arc::clone(&self.trust),
            clock: Arc::clone(&self.clock),
            instruments: Arc::clone(&self.instruments),
        };
        Receiver::new(rules, parts)
    }
}

/// Tells what an operator would otherwise learn too late: nothing is made anew in silence.
fn say_what_was_found(store: &Store, settings: &Settings) {
    let directory = settings.storage.directory.display().to_string();
    match (store.is_new(), store.has_pseudonym_key()) {
        (true, false) => tracing::info!(directory, "made an empty store"),
        (true, true) => tracing::warn!(
            directory,
            "made an empty database where there was a pseudonym key but no database: if the history \
             was lost, restore it from a backup"
        ),
        (false, false) => tracing::warn!(
            directory,
            "the pseudonym key is missing and is made anew: who was known before is a stranger now"
        ),
        (false, true) => {}
    }
    if let Some(caution) = store.caution() {
        tracing::warn!(directory, caution, "the store may not be on a durable disk");
    }
}

/// The store's number of every configured GitLab, by the operator's name for it.
pub(super) fn number(
    store: &Store,
    settings: &Settings,
) -> Result<BTreeMap<String, InstanceId>, StoreError> {
    let senders = settings.senders.iter();
    senders
        .map(|sender| {
            Ok((sender.name.clone(), store.instance(&sender.name, sender.url.as_deref())?))
        })
        .collect()
}

/// Every GitLab whose past is to be read and never was, to the end.
fn without_past(
    store: &Store,
    settings: &Settings,
    gitlabs: &BTreeMap<String, InstanceId>,
) -> Result<BTreeSet<InstanceId>, StoreError> {
    let mut without = BTreeSet::new();
    let read = |sender: &&Sender| sender.api.is_some() && sender.backfill_since_seconds.is_some();
    for sender in settings.senders.iter().filter(read) {
        if let Some(instance) = gitlabs.get(&sender.name)
            && !store.is_past_read(*instance)?
        {
            without.insert(*instance);
        }
    }
    Ok(without)
}

fn heard(store: &Store) -> Result<Heard, StoreError> {
    let heard = Heard::default();
    for kind in store.heard()? {
        let last = Timestamp::from_second(kind.last_ms.div_euclid(1_000));
        heard.add(&kind.kind, last, kind.deliveries);
    }
    Ok(heard)
}
