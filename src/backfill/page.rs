//! From a page to entries: every row a record of its own, by the scrub and the projection that hooks
//! go through.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::hanging::Hanging;
use super::needs::{self, Asked, Images};
use super::plan::{List, Span};
use super::query::{self, Place};
use super::report::Failed;
use super::run::Known;
use super::terms::Terms;
use crate::delivery::{BranchName, CommitSha, Iid, InstanceId, KeptJobs, PipelineId, Timestamp};
use crate::gitlab::resource::{Resource, Within, elements, head, identity, scrub_resource};
use crate::ingest::content;
use crate::record::{Entry, Record};

/// What turns rows into entries.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) instance: InstanceId,
    pub(super) terms: Arc<Terms>,
    pub(super) now_ms: i64,
}

/// One row of a list.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) entry: Entry,
    /// How far the list has come with it.
    pub(super) reached: Option<Timestamp>,
    pub(super) place: Place,
    /// Its number and target, of a merge request that merged.
    pub(super) merged: Option<(Iid, Option<Timestamp>)>,
    pub(super) target: Option<BranchName>,
    /// What is asked of it besides, of an issue.
    pub(super) asked: Option<Asked>,
    /// The commit that it brought, of a deployment whose images are wanted.
    pub(super) deployed: Option<CommitSha>,
    /// Whether it has a due day, of a milestone.
    pub(super) is_dated: bool,
}

/// The rows of a page, and how many of its elements were none.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    pub(super) odd: u64,
}

impl Reader {
    /// The rows of one page of a span; `None` when it is no list.
    pub(super) fn page(&self, span: &Span, known: &Known<'_>, body: &[u8]) -> Option<Page> {
        let branch = match &span.list {
            List::Commits(branch) => Some(branch.as_str()),
            _ => None,
        };
        let within = Within { branch, ..Within::project(span.project) };
        let resource = query::resource(&span.list);
        let mut page = Page::default();
        for element in elements(std::str::from_utf8(body).ok()?)? {
            match self.record(resource, within, element) {
                Some(record) => page.rows.push(self.row(span, known, record)),
                None => page.odd += 1,
            }
        }
        Some(page)
    }

    /// The entries of one page of what hangs on something else, and how many elements were none.
    pub(super) fn entries(
        &self,
        hanging: &Hanging,
        within: Within<'_>,
        body: &[u8],
    ) -> Option<(Vec<Entry>, u64)> {
        let (mut entries, mut odd) = (Vec::new(), 0);
        let text = std::str::from_utf8(body).ok()?;
        let rows = if hanging.is_one() { vec![text] } else { elements(text)? };
        for element in rows {
            match self.record(hanging.resource, within, element) {
                Some(record) if hanging.takes(&record) => entries.push(self.entry(record)),
                Some(_) => {}
                None => odd += 1,
            }
        }
        Some((entries, odd))
    }

    /// Of a page of pipelines the one that was made last before a merge.
    ///
    /// # Errors
    /// [`Failed::NoList`] when it is no list.
    pub(super) fn last_pipeline(
        &self,
        within: Within<'_>,
        merged_at: Timestamp,
        body: &[u8],
    ) -> Result<Option<(PipelineId, Entry)>, Failed> {
        let rows = std::str::from_utf8(body).ok().and_then(elements).ok_or(Failed::NoList)?;
        let resource = Resource::MergeRequestPipeline;
        let records = rows.into_iter().filter_map(|row| self.record(resource, within, row));
        let made_before = records.filter_map(|record| {
            let head = head(&record);
            let (id, made_at) = (head.id.value()?, head.created_at.value()?);
            (made_at < merged_at).then_some((id, record))
        });
        let last = made_before.max_by_key(|(id, _)| *id);
        Ok(last.map(|(id, record)| (id, self.entry(record))))
    }

    /// The entry of one resource by itself.
    pub(super) fn alone(
        &self,
        resource: Resource,
        within: Within<'_>,
        element: &str,
    ) -> Option<Entry> {
        Some(self.entry(self.record(resource, within, element)?))
    }

    fn record(&self, resource: Resource, within: Within<'_>, element: &str) -> Option<Record> {
        let scrub =
            || scrub_resource(self.instance, (resource, within), element, &self.terms.pseudonyms);
        // Nothing that it could leave half changed is looked at afterwards.
        catch_unwind(AssertUnwindSafe(scrub)).ok()?.ok()
    }

    fn row(&self, span: &Span, known: &Known<'_>, record: Record) -> Row {
        let head = head(&record);
        let is_merged = head.state.get().is_some_and(|state| state == "merged");
        let merged =
            head.iid.value().filter(|_| is_merged).map(|iid| (iid, head.merged_at.value()));
        let (reached, place) = (query::reached(span, &head), query::place(span, &head));
        let asked = match span.list {
            List::Issues(_) => needs::asked(&head, &known.needs, known.has_dated_milestones),
            _ => None,
        };
        let is_dated = span.list == List::Milestones && head.due_date.value().is_some();
        let is_wanted = span.list == List::Deployments(Images::Read);
        let deployed = head.sha.value().filter(|_| is_wanted);
        let target = head.target_branch.value();
        let entry = self.entry(record);
        Row { entry, reached, place, merged, target, asked, deployed, is_dated }
    }

    fn entry(&self, record: Record) -> Entry {
        Entry {
            source: self.instance,
            key: identity(&record),
            received_ms: self.now_ms,
            // The API tells of jobs with the deployments that they made.
            content: content(record, &KeptJobs::default()),
        }
    }
}
