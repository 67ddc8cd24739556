//! What hangs on a row and is asked for by itself: the commits and comments of a merge request, what
//! happened to an issue; and what a row shows to be worth reading besides.

use super::images;
use super::needs::{Asked, Pipelines};
use super::plan::{self, List, Span};
use super::query::{self, Ask};
use super::reading::{Reading, Trouble};
use super::report::{Failed, Stopped, Unread};
use super::run::Progress;
use crate::delivery::{BranchName, Iid, PipelineId, Timestamp};
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
    /// All of a list.
    pub(super) const fn whole(resource: Resource, ask: Ask) -> Self {
        Self { resource, ask, closed_at: None }
    }

    /// Whether it is one thing and no list.
    pub(super) const fn is_one(&self) -> bool {
        self.ask.is_one
    }

    /// The files of a commit that name images.
    pub(super) const fn of_diff() -> Self {
        Self::whole(Resource::CommitDiff, Ask::of(Vec::new()))
    }

    /// Whether a row of it says something that is not told better.
    pub(super) fn takes(&self, record: &Record) -> bool {
        if self.resource == Resource::CommitDiff {
            return images::says_something(record);
        }
        let at = head(record).created_at.value();
        self.closed_at.zip(at).is_none_or(|(closed_at, at)| at < closed_at)
    }
}

impl Reading<'_, '_> {
    /// What hangs on a merge request that merged since the figures begin: its commits and comments,
    /// unless they were asked for before, and its last pipeline, where that is wanted.
    pub(super) async fn on_merge_request(
        &mut self,
        (iid, merged_at): (Iid, Option<Timestamp>),
    ) -> Result<Option<Vec<Entry>>, Trouble> {
        let List::MergeRequests(pipelines) = self.span.list else { return Ok(None) };
        if merged_at.is_some_and(|merged_at| merged_at < self.span.since) {
            return Ok(None);
        }
        let within = Within { merge_request: Some(iid), ..Within::project(self.span.project) };
        let mut all = None;
        if !self.is_read(iid).await? {
            let asks = query::hanging(self.span.project, iid).into_iter();
            let lists = asks.map(|(resource, ask)| Hanging::whole(resource, ask));
            all = Some(self.lists(within, lists.collect()).await?);
        }
        if let Some(merged_at) = merged_at.filter(|_| pipelines == Pipelines::Read) {
            let ask = query::pipelines(self.span.project, iid);
            let found = self.last_pipeline(within, merged_at, &ask).await;
            let given = self.given(Resource::MergeRequestPipeline, found)?.flatten();
            if let Some((id, entry)) = given {
                let all = all.get_or_insert_default();
                all.push(entry);
                let ask = query::jobs(self.span.project, id);
                let jobs = Hanging::whole(Resource::Job, ask);
                all.extend(self.lists(Within::project(self.span.project), vec![jobs]).await?);
            }
        }
        Ok(all)
    }

    /// The last pipeline before a merge. They come newest first, so that one page is enough unless very
    /// many were started afterwards.
    async fn last_pipeline(
        &mut self,
        within: Within<'_>,
        merged_at: Timestamp,
        ask: &Ask,
    ) -> Result<Option<(PipelineId, Entry)>, Failed> {
        let mut pages = self.open(ask);
        while let Some(body) = self.next(&mut pages).await? {
            if let Some(found) = self.backfill.reader().last_pipeline(within, merged_at, &body)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
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
            let entries = self.list(within, &list).await;
            all.extend(self.given(list.resource, entries)?.into_iter().flatten());
        }
        Ok(all)
    }

    /// What was given. What hangs on rows and is not given is noted once, since it will be given of none.
    pub(super) fn given<T>(
        &mut self,
        resource: Resource,
        found: Result<T, Failed>,
    ) -> Result<Option<T>, Trouble> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(why @ Failed::GitLab(RestError::NotFound | RestError::Forbidden { .. })) => {
                if self.passed_over.insert(resource) {
                    let project = Some(self.known.project.path.clone());
                    let list = resource.as_str().to_owned();
                    self.backfill.note(self.report, Unread { project, list, why });
                }
                Ok(None)
            }
            Err(why) => Err(why.into()),
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
