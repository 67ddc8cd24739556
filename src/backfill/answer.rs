//! Asks for one thing that the facts lack.

use super::hanging::Hanging;
use super::query::{self, Ask};
use super::report::{Failed, Report, Stopped};
use super::run::Backfill;
use super::wants::{Line, Want};
use crate::delivery::{DeploymentId, Iid, ProjectId};
use crate::gitlab::resource::{Resource, Within};
use crate::record::Entry;
use crate::rest::RestError;

/// Pages of one list: a release of more than three hundred commits is the past's to read.
const MOST_PAGES: usize = 3;

/// Why something was not told. Nothing of it is lost: it stays wanted.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// GitLab did not give it.
    #[error(transparent)]
    Failed(#[from] Failed),
    /// It cannot be kept.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl From<RestError> for NotTold {
    fn from(error: RestError) -> Self {
        Self::Failed(error.into())
    }
}

impl Backfill {
    /// Whether everything that hangs on a merge request was read after it had merged.
    ///
    /// # Errors
    /// [`Stopped`] when the store does not tell.
    pub async fn is_read(&self, project: ProjectId, iid: Iid) -> Result<bool, Stopped> {
        let instance = self.parts.instance;
        self.ask(move |store| store.is_merge_request_read(instance, project, iid)).await
    }

    /// Asks for what is wanted of a project, and keeps what is told, behind whatever senders wait
    /// for.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn answer(&self, project: ProjectId, want: &Want) -> Result<(), NotTold> {
        match want {
            Want::MergeRequest(iid) => self.merge_request(project, *iid).await,
            Want::Deployment(id) => self.deployment(project, *id).await,
            Want::Line(line) => self.line(project, line).await,
            Want::Images(commit) => self.images(project, *commit).await,
            Want::Version(app, version) => self.version(*app, version).await,
        }
    }

    async fn merge_request(&self, project: ProjectId, iid: Iid) -> Result<(), NotTold> {
        let within = Within::project(project);
        let mut entries =
            self.told(Resource::MergeRequest, within, &query::merge_request(project, iid)).await?;
        let within = Within { merge_request: Some(iid), ..within };
        let mut commits = 0;
        for (resource, ask) in query::hanging(project, iid) {
            let told = match self.told(resource, within, &ask).await {
                Err(NotTold::Failed(failed)) if failed.is_withheld() => Vec::new(),
                other => other?,
            };
            if resource == Resource::MergeRequestCommit {
                commits = told.len();
            }
            entries.extend(told);
        }
        self.keep(entries, &mut Report::default()).await?;
        // GitLab lists them a moment after the merge.
        if commits > 0 {
            let instance = self.parts.instance;
            self.ask(move |store| store.set_merge_request_read(instance, project, iid)).await?;
        }
        Ok(())
    }

    async fn deployment(&self, project: ProjectId, id: DeploymentId) -> Result<(), NotTold> {
        let ask = query::deployment(project, id);
        let entries = self.told(Resource::Deployment, Within::project(project), &ask).await?;
        Ok(self.keep(entries, &mut Report::default()).await?)
    }

    /// The line, and the merge requests that GitLab has linked: of one that no hook told of, the
    /// merge is wanted from then on.
    async fn line(&self, project: ProjectId, line: &Line) -> Result<(), NotTold> {
        let within = Within { branch: Some(line.branch.as_str()), ..Within::project(project) };
        let mut entries = self.told(Resource::Commit, within, &query::line(project, line)).await?;
        let linked = query::linked(project, line.deployment);
        match self.told(Resource::MergeRequest, Within::project(project), &linked).await {
            Err(NotTold::Failed(failed)) if failed.is_withheld() => {}
            told => entries.extend(told?),
        }
        Ok(self.keep(entries, &mut Report::default()).await?)
    }

    /// What a question was answered with, of one thing as of a list.
    pub(super) async fn told(
        &self,
        resource: Resource,
        within: Within<'_>,
        ask: &Ask,
    ) -> Result<Vec<Entry>, NotTold> {
        let (path, query) = ask.parts();
        let mut pages = self.parts.client.pages(&path, &query);
        let hanging = Hanging::whole(resource, ask.clone());
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(body) = pages.next().await? else { break };
            let read = self.reader().entries(&hanging, within, &body);
            all.extend(read.ok_or(Failed::NoList)?.0);
        }
        Ok(all)
    }
}
