//! One run: finds the projects, plans what is left of each, and reads it list by list.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::needs::ProjectNeeds;
use super::page::Reader;
use super::plan::{self, Span, Wanted};
use super::query::{self, Scope};
use super::reading::Reading;
use super::report::{Failed, Report, Stopped, Unread};
use super::standing::{self, Standing};
use super::terms::{SharedTerms, Terms};
use crate::clock::Clock;
use crate::delivery::{BranchName, InstanceId, ProjectId, ProjectPath, Timestamp};
use crate::gitlab::resource::ProjectRow;
use crate::ingest::{Contacts, Queue, Trust};
use crate::rest::{Client, RestError};
use crate::store::{Bookmark, Store, StoreError};

/// Lists in a row that GitLab gave no answer for, before a run is given up: each was tried several
/// times already.
const MOST_UNANSWERED: u32 = 5;

/// What a run works with.
#[derive(Debug)]
pub struct BackfillParts {
    /// GitLab.
    pub client: Client,
    /// The store's number of it.
    pub instance: InstanceId,
    /// What of it is read and kept.
    pub terms: SharedTerms,
    /// Where rows go.
    pub queue: Queue,
    /// Where bookmarks are kept.
    pub store: Arc<Store>,
    /// Of which projects something is missing.
    pub trust: Arc<Trust>,
    /// Which hooks speak.
    pub contacts: Arc<Contacts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// What of a project is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All that is left.
    All,
    /// What happened since it was last read; what is left of the past is read by others.
    News,
    /// All that is left of the lists that change with every delivery.
    Often,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many lists are left; each takes one request at least.
    Planned(u64),
    /// A request more was needed than planned.
    More,
    /// A request was answered.
    Asked,
}

/// Reads one GitLab.
#[derive(Debug)]
pub struct Backfill {
    pub(super) parts: BackfillParts,
}

impl Backfill {
    /// A reader of one GitLab.
    #[must_use]
    pub const fn new(parts: BackfillParts) -> Self {
        Self { parts }
    }

    /// The projects of a scope that may be read, and the lists of each that are left; nothing of
    /// them is read yet, and nothing is kept.
    ///
    /// # Errors
    /// [`Stopped`], as [`run`](Self::run).
    pub async fn plan(
        &self,
        scope: &Scope,
        wanted: Wanted,
    ) -> Result<(Vec<ProjectRow>, Vec<Span>), Stopped> {
        let projects = self.projects((&query::projects(scope), None), None).await?;
        let (terms, bookmarks) = (self.parts.terms.load_full(), self.bookmarks().await?);
        let spans = plan::plan(&projects, &terms.needs, &bookmarks, wanted);
        Ok((projects, spans))
    }

    /// Reads all that is left of what is wanted. What cannot be read is passed over and reported:
    /// one project's failure stops no other.
    ///
    /// # Errors
    /// [`Stopped`] when nothing more can be read or kept at all. What was read before is kept, and
    /// the next run goes on from there.
    pub async fn run(
        &self,
        scope: &Scope,
        wanted: Wanted,
        on: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, Stopped> {
        let asked_before = self.parts.client.requests_made();
        let mut report = Report::default();
        let projects = self.projects((&query::projects(scope), None), Some(&mut report)).await?;
        self.read_into(&mut report, &projects, (wanted, Part::All), on).await?;
        if *scope == Scope::All {
            self.past_is_read().await?;
        }
        report.requests = self.parts.client.requests_made().saturating_sub(asked_before);
        Ok(report)
    }

    /// The projects that may be read, each of them kept as it is.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn list(&self) -> Result<Vec<ProjectRow>, Stopped> {
        let ask = query::projects(&Scope::All);
        self.projects((&ask, None), Some(&mut Report::default())).await
    }

    /// Those of them in which something happened since `after`, as GitLab shows it, each of them kept
    /// as it is.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn active(&self, after: Timestamp) -> Result<Vec<ProjectRow>, Stopped> {
        let ask = query::active(after);
        self.projects((&ask, Some(after)), Some(&mut Report::default())).await
    }

    /// How far projects were read.
    ///
    /// # Errors
    /// [`Stopped`] when the store does not tell.
    pub async fn standing(
        &self,
        projects: &[ProjectRow],
        wanted: Wanted,
    ) -> Result<BTreeMap<ProjectId, Standing>, Stopped> {
        let (terms, bookmarks) = (self.parts.terms.load_full(), self.bookmarks().await?);
        Ok(standing::standing(projects, &terms.needs, &bookmarks, wanted))
    }

    /// Reads of these projects what is left.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn read(
        &self,
        projects: &[ProjectRow],
        wanted: Wanted,
        part: Part,
    ) -> Result<Report, Stopped> {
        let asked_before = self.parts.client.requests_made();
        let mut report = Report::default();
        self.read_into(&mut report, projects, (wanted, part), &mut |_| {}).await?;
        report.requests = self.parts.client.requests_made().saturating_sub(asked_before);
        Ok(report)
    }

    /// Notes that the past of all projects was read.
    ///
    /// # Errors
    /// [`Stopped`] when the store does not take it.
    pub async fn past_is_read(&self) -> Result<(), Stopped> {
        let instance = self.parts.instance;
        self.ask(move |store| store.set_past_read(instance)).await
    }

    async fn read_into(
        &self,
        report: &mut Report,
        projects: &[ProjectRow],
        (wanted, part): (Wanted, Part),
        on: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Stopped> {
        report.projects = u64::try_from(projects.len()).unwrap_or(u64::MAX);
        let bookmarks = match projects {
            [alone] => self.bookmarks_of(alone.id).await?,
            _ => self.bookmarks().await?,
        };
        let terms = self.parts.terms.load_full();
        let mut spans = plan::plan(projects, &terms.needs, &bookmarks, wanted);
        spans.retain(|span| match part {
            Part::All => true,
            Part::News => standing::is_news(span, wanted),
            Part::Often => !span.list.changes_seldom(),
        });
        on(Progress::Planned(u64::try_from(spans.len()).unwrap_or(u64::MAX)));
        self.read_all(spans, known(&terms, projects, &bookmarks), report, on).await
    }

    async fn read_all(
        &self,
        spans: Vec<Span>,
        mut known: BTreeMap<ProjectId, Known<'_>>,
        report: &mut Report,
        on: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Stopped> {
        let mut unanswered = 0;
        let mut left = VecDeque::from(spans);
        while let Some(span) = left.pop_front() {
            let Some(known) = known.get_mut(&span.project) else { continue };
            let project = known.project;
            let mut reading = Reading::new(self, (known, span), report, on);
            let ended = reading.read().await?;
            left.extend(reading.into_found());
            let Err((span, why)) = ended else {
                unanswered = 0;
                continue;
            };
            let is_silent = matches!(&why, Failed::GitLab(RestError::Transport(_)));
            unanswered = if is_silent { unanswered + 1 } else { 0 };
            let (project, list) = (Some(project.path.clone()), span.list.said());
            let why = fatal(why, unanswered)?;
            // What is not given at all is not missing.
            if !why.is_withheld() {
                report.missed.insert(span.project);
            }
            self.note(report, Unread { project, list, why });
        }
        Ok(())
    }

    /// Notes what could not be read, and says so.
    pub(super) fn note(&self, report: &mut Report, unread: Unread) {
        let gitlab = self.parts.client.name();
        let project = unread.project.as_ref().map_or("", ProjectPath::as_str);
        let (list, error): (_, &dyn std::error::Error) = (unread.list.as_str(), &unread.why);
        tracing::warn!(gitlab, project, list, error, "passed over what GitLab does not give");
        report.failed(unread);
    }

    pub(super) fn reader(&self) -> Reader {
        Reader {
            instance: self.parts.instance,
            terms: self.parts.terms.load_full(),
            now_ms: self.parts.clock.now_ms(),
        }
    }

    async fn bookmarks_of(&self, project: ProjectId) -> Result<Vec<Bookmark>, Stopped> {
        let instance = self.parts.instance;
        self.ask(move |store| store.bookmarks_of(instance, project)).await
    }

    async fn bookmarks(&self) -> Result<Vec<Bookmark>, Stopped> {
        let instance = self.parts.instance;
        self.ask(move |store| store.bookmarks(instance)).await
    }

    /// Asks the store on the blocking pool.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Stopped> {
        let store = Arc::clone(&self.parts.store);
        match tokio::task::spawn_blocking(move || question(&store)).await {
            Ok(answer) => answer.map_err(Stopped::Store),
            Err(_) => Err(Stopped::NotDurable(crate::ingest::NotDurable::Stopping)),
        }
    }
}

fn known<'a>(
    terms: &Terms,
    projects: &'a [ProjectRow],
    bookmarks: &[Bookmark],
) -> BTreeMap<ProjectId, Known<'a>> {
    let of = |project: &'a ProjectRow| Known {
        project,
        branches: project.default_branch.iter().cloned().collect(),
        has_dated_milestones: false,
        needs: terms.needs.of(&project.path),
    };
    let mut known: BTreeMap<_, _> = projects.iter().map(|own| (own.id, of(own))).collect();
    for bookmark in bookmarks {
        if let Some(own) = known.get_mut(&bookmark.project) {
            own.branches.extend(plan::branch(bookmark));
            own.has_dated_milestones |= plan::is_dated_milestones(bookmark);
        }
    }
    known
}

/// What is known of a project while it is read.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) project: &'a ProjectRow,
    /// The branches whose lines are planned.
    pub(super) branches: BTreeSet<BranchName>,
    pub(super) has_dated_milestones: bool,
    pub(super) needs: ProjectNeeds,
}

/// Whether a failure concerns more than the list that met it.
fn fatal(why: Failed, unanswered: u32) -> Result<Failed, Stopped> {
    match why {
        Failed::GitLab(error @ (RestError::Unauthorized | RestError::Moved { .. })) => {
            Err(Stopped::Refused(error))
        }
        Failed::GitLab(error @ RestError::Limited { .. }) => Err(Stopped::Unreachable(error)),
        Failed::GitLab(error) if unanswered >= MOST_UNANSWERED => Err(Stopped::Unreachable(error)),
        why => Ok(why),
    }
}
