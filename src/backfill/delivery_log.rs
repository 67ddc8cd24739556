//! Deliveries that never arrived, read from the log that GitLab keeps of each hook, and taken in as
//! if they had: no resend is asked for.
//!
//! The log gives the newest first, by offset. What is behind a page moves back while deliveries are
//! made, so rows may come twice and are never passed over. The place up to which a log was read
//! moves only once everything above it is durable.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::clock::Clock;
use crate::delivery::{InstanceId, ProjectKey};
use crate::gitlab::resource::hook_log::{Answered, Logged, logged};
use crate::ingest::{NotDurable, Receiver};
use crate::record::DeliveryKey;
use crate::rest::{Client, RestError, Unusable};
use crate::store::{Store, StoreError};

/// Rows of a page, the most first: a row repeats a delivery of at most 25 MiB, and a page that is
/// larger than the client takes is asked for in parts.
const PAGE_ROWS: [u64; 3] = [100, 10, 1];

/// Pages of one hook in one round: the rest of a long log is for the next rounds.
const MOST_PAGES: u32 = 20;

/// A log that the token may not see, or that this GitLab does not keep, is asked for again then.
const ASK_AGAIN: Duration = Duration::from_hours(1);

/// How long a delivery may wait for the writer; the next round hands it in again.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a key of ours begins with, so that none is mistaken for a delivery's own.
const KEY_PREFIX: &str = "log:";

/// What the log of a hook came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LogRead {
    /// Deliveries that were missing and are kept now, by how they were answered.
    pub repaired: BTreeMap<Answered, u64>,
    /// Whose they were.
    pub projects: Vec<ProjectKey>,
    /// Deliveries that are missing and of which GitLab kept no body, each told of once.
    pub without_body: u64,
    /// Whether the log was read down to what was read before.
    pub is_complete: bool,
}

/// Why a log was not read to the end. What was taken in is kept, and the next round goes on.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// GitLab does not give it.
    #[error(transparent)]
    GitLab(#[from] RestError),
    /// It is no log.
    #[error("the answer is no log of a hook")]
    NoLog,
    /// The store took not everything.
    #[error("the store does not take it")]
    NotDurable(#[from] NotDurable),
    /// The store does not tell what it has.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A walk down one log.
#[derive(Debug, Clone, Copy, Default)]
struct Walk {
    /// The newest delivery when it began.
    newest: Option<u64>,
    /// Rows passed so far.
    offset: u64,
}

/// What reading the logs works with.
#[derive(Debug)]
pub struct LogParts {
    /// GitLab.
    pub client: Client,
    /// The store's number of it.
    pub instance: InstanceId,
    /// Where deliveries go.
    pub receiver: Receiver,
    /// What is known already.
    pub store: Arc<Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Reads the logs of the hooks of one GitLab.
#[derive(Debug)]
pub struct DeliveryLog {
    parts: LogParts,
    /// Walks that were too long for one round, by the path of the hook.
    walks: BTreeMap<String, Walk>,
    /// Until when a log is not asked for.
    hidden: BTreeMap<String, Instant>,
}

impl DeliveryLog {
    /// A reader of logs.
    #[must_use]
    pub const fn new(parts: LogParts) -> Self {
        Self { parts, walks: BTreeMap::new(), hidden: BTreeMap::new() }
    }

    /// Takes in what the log of a hook holds and the store does not. `hook` is its path, as
    /// `["projects", "7", "hooks", "12"]`.
    ///
    /// # Errors
    /// [`LogError`]. A log that the token may not see is no error: nothing is read of it.
    pub async fn read(&mut self, hook: &[&str]) -> Result<LogRead, LogError> {
        let name = hook.join("/");
        let now = self.parts.clock.monotonic();
        if self.hidden.get(&name).is_some_and(|until| *until > now) {
            return Ok(LogRead::default());
        }
        let mut walk = self.walks.remove(&name).unwrap_or_default();
        let mut read = LogRead::default();
        match self.walk(hook, &name, (&mut walk, &mut read)).await {
            Ok(()) if read.is_complete => {
                self.hidden.remove(&name);
                if let Some(newest) = walk.newest {
                    self.note(name, newest).await?;
                }
            }
            Ok(()) => drop(self.walks.insert(name, walk)),
            Err(LogError::GitLab(RestError::NotFound | RestError::Forbidden { .. })) => {
                self.hidden.insert(name, now.checked_add(ASK_AGAIN).unwrap_or(now));
            }
            Err(error) => return Err(error),
        }
        Ok(read)
    }

    async fn walk(
        &self,
        hook: &[&str],
        name: &str,
        (walk, read): (&mut Walk, &mut LogRead),
    ) -> Result<(), LogError> {
        let read_to = self.read_to(name).await?;
        for _ in 0..MOST_PAGES {
            let (body, rows) = self.page(hook, walk.offset).await?;
            walk.offset += rows;
            // One row alone is too large.
            let Some(body) = body else { continue };
            let text = std::str::from_utf8(&body).map_err(|_| LogError::NoLog)?;
            let rows = logged(text).ok_or(LogError::NoLog)?;
            walk.newest = walk.newest.max(rows.iter().map(|row| row.id).max());
            self.take_in(&rows, read_to, read).await?;
            let reaches = |row: &Logged<'_>| read_to.is_some_and(|read_to| row.id <= read_to);
            if rows.is_empty() || rows.iter().any(reaches) {
                read.is_complete = true;
                break;
            }
        }
        Ok(())
    }

    /// The page behind `offset`, and how many rows were asked for; no page where one row is too
    /// large.
    async fn page(&self, hook: &[&str], offset: u64) -> Result<(Option<Bytes>, u64), LogError> {
        let path = [hook, &["events"]].concat();
        for rows in PAGE_ROWS {
            if !offset.is_multiple_of(rows) {
                continue;
            }
            let (page, per_page) = ((offset / rows + 1).to_string(), rows.to_string());
            let query = [("page", page.as_str()), ("per_page", per_page.as_str())];
            match self.parts.client.get(&path, &query).await {
                Ok(answer) => return Ok((Some(answer.body().clone()), rows)),
                Err(RestError::Unusable(Unusable::TooLarge)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok((None, 1))
    }

    async fn take_in(
        &self,
        rows: &[Logged<'_>],
        read_to: Option<u64>,
        read: &mut LogRead,
    ) -> Result<(), LogError> {
        let keys: Vec<DeliveryKey> = rows.iter().map(key).collect();
        let source = self.parts.instance;
        let known = self.ask(move |store| store.are_known(source, &keys)).await?;
        for (row, _) in rows.iter().zip(known).filter(|(row, known)| !known && is_missing(row)) {
            let Some(body) = row.body else {
                // The page on which the last walk ended is looked at whole, again.
                read.without_body += u64::from(read_to.is_none_or(|read_to| row.id > read_to));
                continue;
            };
            let now = self.parts.clock.monotonic();
            let deadline = now.checked_add(PATIENCE).unwrap_or(now);
            let receiver = &self.parts.receiver;
            let project = receiver.take_in_logged((source, key(row)), body, deadline).await?;
            *read.repaired.entry(row.answered).or_default() += 1;
            read.projects.extend(project);
        }
        Ok(())
    }

    async fn read_to(&self, name: &str) -> Result<Option<u64>, LogError> {
        let (instance, name) = (self.parts.instance, name.to_owned());
        self.ask(move |store| store.delivery_log_read_to(instance, &name)).await
    }

    async fn note(&self, name: String, newest: u64) -> Result<(), LogError> {
        let instance = self.parts.instance;
        self.ask(move |store| store.set_delivery_log_read_to(instance, &name, newest)).await
    }

    /// Asks the store on the blocking pool.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, LogError> {
        let store = Arc::clone(&self.parts.store);
        let asked = tokio::task::spawn_blocking(move || question(&store)).await;
        Ok(asked.map_err(|_| NotDurable::Stopping)??)
    }
}

/// The name under which a delivery of the log counts once.
fn key(row: &Logged<'_>) -> DeliveryKey {
    let own = || DeliveryKey::new(format!("{KEY_PREFIX}{}", row.id).as_bytes());
    row.key.clone().unwrap_or_else(own)
}

/// Whether a delivery that is not known by its key is missing: one without a key of its own is
/// known by another, which is none of the log's, and was kept if it was answered as it should be.
const fn is_missing(row: &Logged<'_>) -> bool {
    row.key.is_some() || !matches!(row.answered, Answered::Accepted)
}
