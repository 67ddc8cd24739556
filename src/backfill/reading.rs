//! One span of one list, read to its end: page by page, each durable before the bookmark moves.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;

use super::gaps;
use super::page::Row;
use super::plan::{List, OVERLAP_SECONDS, Span};
use super::query::{self, Ask, Place};
use super::report::{Failed, Report, Stopped};
use super::run::{Backfill, Known, Progress};
use crate::delivery::{Fact, Iid, Timestamp};
use crate::gitlab::resource::Resource;
use crate::ingest::{Lane, NotDurable};
use crate::record::{Content, Entry};
use crate::rest::{Pages, RestError};
use crate::store::{Bookmark, Outcome};

/// How long a page may wait for the writer before it is handed in again.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a page is handed in again while the store is away: five minutes, which an operator has
/// noticed.
const MOST_HANDED_IN: u32 = 10;

/// How often in a row a list waits until GitLab takes requests again.
const MOST_LIMITED: u32 = 10;

/// Longer than this nobody waits; GitLab's own limits are counted in minutes.
const LONGEST_LIMIT_SECONDS: u64 = 3_600;

/// Commits are dated by whoever made them: a line that is taken up again is read a day back.
const LINE_SLACK_SECONDS: u64 = 86_400;

/// Ends one list, or the whole run.
type Ended = Result<Result<(), (Span, Failed)>, Stopped>;

/// Within a list: its own failure, or the whole run's.
pub(super) enum Trouble {
    List(Failed),
    Run(Stopped),
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        Self::List(failed)
    }
}

impl From<Stopped> for Trouble {
    fn from(stopped: Stopped) -> Self {
        Self::Run(stopped)
    }
}

/// The reading of one span.
pub(super) struct Reading<'a, 'k> {
    pub(super) backfill: &'a Backfill,
    pub(super) known: &'a mut Known<'k>,
    pub(super) span: Span,
    begun_at: Timestamp,
    pub(super) report: &'a mut Report,
    pub(super) on: &'a mut (dyn FnMut(Progress) + Send),
    asked: u64,
    pub(super) found: Vec<Span>,
    pub(super) passed_over: BTreeSet<Resource>,
    /// Rows of the page before of which was asked what hangs on them, as they were: the next page
    /// begins with its last rows again.
    asked_of: BTreeSet<(Iid, Option<Timestamp>)>,
}

impl<'a, 'k> Reading<'a, 'k> {
    pub(super) fn new(
        backfill: &'a Backfill,
        (known, span): (&'a mut Known<'k>, Span),
        report: &'a mut Report,
        on: &'a mut (dyn FnMut(Progress) + Send),
    ) -> Self {
        let begun_at = backfill.parts.clock.now();
        Self {
            backfill,
            known,
            span,
            begun_at,
            report,
            on,
            asked: 0,
            found: Vec::new(),
            passed_over: BTreeSet::new(),
            asked_of: BTreeSet::new(),
        }
    }

    /// Spans that only this reading showed to be needed.
    pub(super) fn into_found(self) -> Vec<Span> {
        self.found
    }

    /// Reads to the end.
    pub(super) async fn read(&mut self) -> Ended {
        match self.pages().await {
            Ok(()) => Ok(Ok(())),
            Err(Trouble::List(why)) => Ok(Err((self.span.clone(), why))),
            Err(Trouble::Run(stopped)) => Err(stopped),
        }
    }

    async fn pages(&mut self) -> Result<(), Trouble> {
        let mut from = self.span.from;
        let mut pages = self.open(&query::list(&self.span, from));
        while let Some(body) = self.next(&mut pages).await? {
            let page =
                self.backfill.reader().page(&self.span, self.known, &body).ok_or(Failed::NoList)?;
            self.report.odd_rows += page.odd;
            let newest = page.rows.iter().filter_map(|row| row.reached).max();
            let is_over = page.rows.iter().any(|row| row.place == Place::Behind);
            self.keep_rows(page.rows).await?;
            if is_over {
                break;
            }
            // Rows that change while they are read move to the end, and those behind them forward:
            // a page by number would pass some over.
            if query::moves(&self.span)
                && pages.has_next()
                && let Some(newest) = newest.filter(|newest| *newest > from)
            {
                from = newest;
                pages = self.open(&query::list(&self.span, from));
            }
        }
        let complete_to = self.begun_at.minus(OVERLAP_SECONDS);
        let end = self.span.until.min(complete_to).max(self.span.from);
        self.set_bookmark(self.span.since, end, &[]).await
    }

    pub(super) fn open(&self, ask: &Ask) -> Pages {
        let (path, query) = ask.parts();
        self.backfill.parts.client.pages(&path, &query)
    }

    /// The next page; waits as long as GitLab says.
    pub(super) async fn next(&mut self, pages: &mut Pages) -> Result<Option<Bytes>, Failed> {
        let mut limited = 0;
        loop {
            if !pages.has_next() {
                return Ok(None);
            }
            if self.asked > 0 && limited == 0 {
                (self.on)(Progress::More);
            }
            match pages.next().await {
                Err(RestError::Limited { until })
                    if limited < MOST_LIMITED && self.is_soon(until) =>
                {
                    limited += 1;
                    let clock = &self.backfill.parts.clock;
                    let wait = until.seconds_since(clock.now()).max(1);
                    tracing::info!(wait_seconds = wait, "GitLab takes no more requests for now");
                    clock.sleep(Duration::from_secs(wait)).await;
                }
                other => {
                    self.asked += 1;
                    (self.on)(Progress::Asked);
                    return Ok(other?);
                }
            }
        }
    }

    fn is_soon(&self, until: Timestamp) -> bool {
        until.seconds_since(self.backfill.parts.clock.now()) <= LONGEST_LIMIT_SECONDS
    }

    /// Makes rows durable, with what hangs on them, and moves the bookmark behind them.
    async fn keep_rows(&mut self, rows: Vec<Row>) -> Result<(), Trouble> {
        let mut entries = Vec::new();
        let mut read = Vec::new();
        let mut reached = None;
        let asked_before = std::mem::take(&mut self.asked_of);
        for row in rows {
            match row.place {
                Place::Within => {}
                Place::Before => {
                    self.report.outside += 1;
                    continue;
                }
                Place::Behind => continue,
            }
            entries.push(row.entry);
            if let Some(branch) = row.target {
                self.note_branch(branch).await?;
            }
            reached = row.reached.or(reached);
            if row.is_dated {
                self.note_dated_milestones().await?;
            }
            let is_told = |asked_of: &BTreeSet<_>, iid| asked_of.contains(&(iid, row.reached));
            if let Some(merged) = row.merged
                && !is_told(&asked_before, merged.0)
                && let Some(hanging) = self.on_merge_request(merged).await?
            {
                self.asked_of.insert((merged.0, row.reached));
                entries.extend(hanging);
                read.push(merged.0);
                self.flush(&mut entries, &mut read, reached).await?;
            }
            if let Some(commit) = row.deployed
                && let Some(images) = self.on_deployment(commit).await?
            {
                entries.extend(images);
                self.flush(&mut entries, &mut read, reached).await?;
            }
            if let Some(asked) = row.asked
                && !is_told(&asked_before, asked.iid)
            {
                self.asked_of.insert((asked.iid, row.reached));
                entries.extend(self.on_issue(asked).await?);
                self.flush(&mut entries, &mut read, reached).await?;
            }
        }
        self.flush(&mut entries, &mut read, reached).await
    }

    async fn flush(
        &mut self,
        entries: &mut Vec<Entry>,
        read: &mut Vec<Iid>,
        reached: Option<Timestamp>,
    ) -> Result<(), Trouble> {
        self.count_gaps(entries).await?;
        self.backfill.keep(std::mem::take(entries), self.report).await?;
        let read = std::mem::take(read);
        match reached {
            // Newest first: what is complete is what lies above.
            Some(at) if self.span.list.descends() => {
                let since = at.plus(LINE_SLACK_SECONDS);
                let until = self.span.until.min(self.begun_at.minus(OVERLAP_SECONDS));
                if since < until && since > self.span.from {
                    self.set_bookmark(since, until, &read).await?;
                }
                Ok(())
            }
            Some(at) if !matches!(self.span.list, List::Releases | List::Tags) => {
                let until = at.min(self.begun_at.minus(OVERLAP_SECONDS)).max(self.span.from);
                self.set_bookmark(self.span.since, until, &read).await
            }
            _ => Ok(()),
        }
    }

    /// Counts what hooks lost without a trace: read again soon after it happened, it was told of by
    /// nobody, while the hook tells of such things.
    async fn count_gaps(&mut self, entries: &[Entry]) -> Result<(), Stopped> {
        if !self.span.goes_on {
            return Ok(());
        }
        let contacts = &self.backfill.parts.contacts;
        let drawn = entries.iter().flat_map(|entry| match &entry.content {
            Content::Projected { facts, .. } => facts.as_slice(),
            _ => &[],
        });
        let told: Vec<Fact> = drawn
            .filter(|fact| contacts.tells(fact.project, gaps::told_by(&fact.body)))
            .cloned()
            .collect();
        if told.is_empty() {
            return Ok(());
        }
        let asked = told.clone();
        let known = self.backfill.ask(move |store| store.known(&asked)).await?;
        let now = self.begun_at;
        let lost = told.iter().zip(&known);
        let lost = lost.filter(|(told, known)| gaps::is_gap(&told.body, known.as_ref(), now));
        self.report.gaps += u64::try_from(lost.count()).unwrap_or(u64::MAX);
        Ok(())
    }

    async fn set_bookmark(
        &mut self,
        since: Timestamp,
        until: Timestamp,
        read: &[Iid],
    ) -> Result<(), Trouble> {
        let (project, resource) = (self.span.project, self.span.list.name());
        let bookmark = Bookmark { project, resource, since, until };
        let (instance, read) = (self.backfill.parts.instance, read.to_vec());
        self.backfill.ask(move |store| store.set_bookmark(instance, &bookmark, &read)).await?;
        Ok(())
    }

    /// Notes something of the project, by a bookmark without length.
    pub(super) async fn note(&mut self, bookmark: Bookmark) -> Result<(), Trouble> {
        let instance = self.backfill.parts.instance;
        self.backfill.ask(move |store| store.set_bookmark(instance, &bookmark, &[])).await?;
        Ok(())
    }
}

impl Backfill {
    /// Makes entries durable, behind whatever senders wait for.
    pub(super) async fn keep(
        &self,
        entries: Vec<Entry>,
        report: &mut Report,
    ) -> Result<(), Stopped> {
        report.rows += u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let mut left = entries;
        for _ in 0..MOST_HANDED_IN {
            let now = self.parts.clock.monotonic();
            let deadline = now.checked_add(PATIENCE).unwrap_or(now);
            let submitted = left
                .iter()
                .map(|entry| self.parts.queue.submit(entry.clone(), Lane::Backfill, deadline));
            let outcomes = join_all(submitted).await;
            left = settle(left, outcomes, report)?;
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(Stopped::NotDurable(NotDurable::TooLate))
    }
}

/// Counts what is durable; gives back what is to be handed in again, because the store was away or
/// slow. What became durable all the same is a duplicate then.
fn settle(
    entries: Vec<Entry>,
    outcomes: Vec<Result<Outcome, NotDurable>>,
    report: &mut Report,
) -> Result<Vec<Entry>, Stopped> {
    let mut again = Vec::new();
    for (entry, outcome) in entries.into_iter().zip(outcomes) {
        match outcome {
            Ok(Outcome::Duplicate) => {}
            Ok(_) => report.new += 1,
            Err(NotDurable::NoRoom | NotDurable::TooLate) => again.push(entry),
            // The writer said why.
            Err(NotDurable::Refused) => report.odd_rows += 1,
            Err(gone) => return Err(Stopped::NotDurable(gone)),
        }
    }
    Ok(again)
}
