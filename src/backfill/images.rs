//! What commits of a deployment repository changed of images, and the tags by which these are known.

use super::answer::NotTold;
use super::hanging::Hanging;
use super::page::Reader;
use super::query;
use super::reading::{Reading, Trouble};
use super::report::{Failed, Report};
use super::run::Backfill;
use crate::delivery::{
    CommitImages, CommitSha, Fact, FactBody, ImageVersion, ProjectId, ProjectKey,
};
use crate::gitlab::resource::{ApiDiff, Resource, Within};
use crate::record::{Entry, Record};

/// Pages of one diff, of a hundred files each: a commit that changes more is no deployment.
const MOST_PAGES: usize = 10;

/// The element that ends a commit: a file without a name, of which nothing is kept back.
const ALL_READ: &str = "{}";
/// The same, of a commit that goes on where nobody asked.
const CUT: &str = r#"{"too_large":true}"#;

fn within(project: ProjectId, commit: CommitSha) -> Within<'static> {
    Within { commit: Some(commit), ..Within::project(project) }
}

/// Whether the record of a file says anything: most files name no image.
pub(super) fn says_something(record: &Record) -> bool {
    let own = crate::gitlab::hook::read::<ApiDiff>(record).unwrap_or_default();
    own.is_cut() || !own.images().is_empty()
}

impl Reader {
    /// The files of a page of a diff that name images.
    fn diff(
        &self,
        project: ProjectId,
        commit: CommitSha,
        body: &[u8],
    ) -> Result<Vec<Entry>, Failed> {
        let files = Hanging::of_diff();
        let read = self.entries(&files, within(project, commit), body);
        read.map(|(entries, _)| entries).ok_or(Failed::NoList)
    }

    /// What says that a commit was read.
    fn diff_end(&self, project: ProjectId, commit: CommitSha, goes_on: bool) -> Option<Entry> {
        let end = if goes_on { CUT } else { ALL_READ };
        self.alone(Resource::CommitDiff, within(project, commit), end)
    }
}

impl Backfill {
    /// Asks what a commit changed of images.
    pub(super) async fn images(
        &self,
        project: ProjectId,
        commit: CommitSha,
    ) -> Result<(), NotTold> {
        let ask = query::diff(project, commit);
        let (path, query) = ask.parts();
        let mut pages = self.parts.client.pages(&path, &query);
        let mut entries = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(body) = pages.next().await? else { break };
            entries.extend(self.reader().diff(project, commit, &body)?);
        }
        entries.extend(self.reader().diff_end(project, commit, pages.has_next()));
        Ok(self.keep(entries, &mut Report::default()).await?)
    }

    /// Asks for the tag of a version, else for the one that only a `v` sets apart.
    pub(super) async fn version(
        &self,
        project: ProjectId,
        version: &ImageVersion,
    ) -> Result<(), NotTold> {
        let version = version.as_str();
        let other = version.strip_prefix('v').map_or_else(|| format!("v{version}"), str::to_owned);
        let mut told = Err(NotTold::Failed(Failed::NoList));
        for name in [version, &other] {
            let ask = query::tag(project, name);
            told = self.told(Resource::Tag, Within::project(project), &ask).await;
            if !matches!(&told, Err(NotTold::Failed(failed)) if failed.is_withheld()) {
                break;
            }
        }
        Ok(self.keep(told?, &mut Report::default()).await?)
    }
}

impl Reading<'_, '_> {
    /// What the commit of a deployment changed of images; nothing where it was asked before.
    pub(super) async fn on_deployment(
        &mut self,
        commit: CommitSha,
    ) -> Result<Option<Vec<Entry>>, Trouble> {
        let (instance, project) = (self.backfill.parts.instance, self.span.project);
        let key = ProjectKey { instance, project };
        let like = Fact { project: key, body: FactBody::CommitImages(CommitImages::new(commit)) };
        let known = self.backfill.ask(move |store| store.known(&[like])).await?;
        let is_read = |body: &FactBody| matches!(body, FactBody::CommitImages(own) if own.read.0);
        if known.iter().flatten().any(is_read) {
            return Ok(None);
        }
        let found = self.diff(commit).await;
        self.given(Resource::CommitDiff, found)
    }

    async fn diff(&mut self, commit: CommitSha) -> Result<Vec<Entry>, Failed> {
        let project = self.span.project;
        let mut pages = self.open(&query::diff(project, commit));
        let mut entries = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(body) = self.next(&mut pages).await? else { break };
            entries.extend(self.backfill.reader().diff(project, commit, &body)?);
        }
        entries.extend(self.backfill.reader().diff_end(project, commit, pages.has_next()));
        Ok(entries)
    }
}
