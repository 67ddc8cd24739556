//! What hangs on a row and is asked for by itself: the commits and comments of a merge request, what
//! happened to an issue; and what a row shows to be worth reading besides.

use super::needs::Asked;
use super::plan::{self, List, Span};
use super::query::{self, Ask};
use super::reading::{Reading, Trouble};
use super::report::{Failed, Stopped, Unread};
use super::run::Progress;
use crate::delivery::{BranchName, Iid, Timestamp};
use crate::gitlab::resource::{Resource, Within, head};
use crate::record::{Entry, Record};
use crate::rest::RestError;

/// Branches besides the default one whose lines are read; no project has so many that deliver.
const MOST_BRANCHES: usize = 32;

/// One list that hangs on a row.
#[derive(Debug)]
pub(super) struct Hanging {
    pub(super) resource: Resource,
    ask: Ask,
    /// Closings from here on the row itself tells, to the instant.
    closed_at: Option<Timestamp>,
}

impl Hanging {
    /// Whether a row of it says something that is not told better.
    pub(super) fn takes(&self, record: &Record) -> bool {
        let at = head(record).created_at.value();
        self.closed_at.zip(at).is_none_or(|(closed_at, at)| at < closed_at)
    }
}

impl Reading<'_, '_> {
    /// What hangs on a merge request whose commits and comments are wanted: merged since the figures
    /// begin, and not asked before.
    pub(super) async fn on_merge_request(
        &mut self,
        (iid, merged_at): (Iid, Option<Timestamp>),
    ) -> Result<Option<Vec<Entry>>, Trouble> {
        let is_old = merged_at.is_some_and(|merged_at| merged_at < self.span.since);
        if self.span.list != List::MergeRequests || is_old || self.is_read(iid).await? {
            return Ok(None);
        }
        let asks = query::hanging(self.span.project, iid).into_iter();
        let lists = asks.map(|(resource, ask)| Hanging { resource, ask, closed_at: None });
        let within = Within { merge_request: Some(iid), ..Within::project(self.span.project) };
        self.lists(within, lists.collect()).await.map(Some)
    }

    /// What happened to an issue, as far as it is asked.
    pub(super) async fn on_issue(&mut self, asked: Asked) -> Result<Vec<Entry>, Trouble> {
        let Asked { iid, histories, closed_at } = asked;
        let list = |resource| {
            let ask = query::history(self.span.project, iid, resource)?;
            let closed_at = closed_at.filter(|_| resource == Resource::IssueStateEvent);
            Some(Hanging { resource, ask, closed_at })
        };
        let lists = histories.into_iter().filter_map(list).collect();
        let within = Within { issue: Some(iid), ..Within::project(self.span.project) };
        self.lists(within, lists).await
    }

    async fn is_read(&mut self, iid: Iid) -> Result<bool, Stopped> {
        let (instance, project) = (self.backfill.parts.instance, self.span.project);
        self.backfill.ask(move |store| store.is_merge_request_read(instance, project, iid)).await
    }

    /// Reads lists that hang on one row. What GitLab does not give of them is passed over, once and
    /// for all: the row itself is read.
    async fn lists(
        &mut self,
        within: Within<'_>,
        lists: Vec<Hanging>,
    ) -> Result<Vec<Entry>, Trouble> {
        let mut all = Vec::new();
        for list in lists {
            match self.list(within, &list).await {
                Ok(entries) => all.extend(entries),
                Err(why @ Failed::GitLab(RestError::NotFound | RestError::Forbidden { .. })) => {
                    self.pass_over(list.resource, why);
                }
                Err(why) => return Err(why.into()),
            }
        }
        Ok(all)
    }

    /// Notes what hangs on rows and is not given; once, since it will be given of none.
    fn pass_over(&mut self, resource: Resource, why: Failed) {
        if self.passed_over.insert(resource) {
            let project = Some(self.known.project.path.clone());
            let list = resource.as_str().to_owned();
            self.backfill.note(self.report, Unread { project, list, why });
        }
    }

    async fn list(&mut self, within: Within<'_>, list: &Hanging) -> Result<Vec<Entry>, Failed> {
        let mut all = Vec::new();
        let mut pages = self.open(&list.ask);
        while let Some(body) = self.next(&mut pages).await? {
            let read = self.backfill.reader().entries(list, within, &body);
            let (entries, odd) = read.ok_or(Failed::NoList)?;
            self.report.odd_rows += odd;
            all.extend(entries);
        }
        Ok(all)
    }

    /// A branch that merge requests go to has a line worth reading: unless it is planned already, it
    /// is noted in the store before the bookmark moves behind the merge request, so that a kill
    /// forgets none.
    pub(super) async fn note_branch(&mut self, branch: BranchName) -> Result<(), Trouble> {
        let branches = &mut self.known.branches;
        if branches.len() >= MOST_BRANCHES || !branches.insert(branch.clone()) {
            return Ok(());
        }
        let list = List::Commits(branch);
        let Span { project, since, until, .. } = self.span;
        self.note(plan::noted(project, list.name(), since)).await?;
        self.found.push(Span { project, list, since, from: since, until, goes_on: false });
        (self.on)(Progress::More);
        Ok(())
    }

    /// Where milestones have due days, every issue is asked whether it left one: noted in the store
    /// as a branch is.
    pub(super) async fn note_dated_milestones(&mut self) -> Result<(), Trouble> {
        if !std::mem::replace(&mut self.known.has_dated_milestones, true) {
            self.note(plan::dated_milestones(self.span.project, self.span.since)).await?;
        }
        Ok(())
    }
}
