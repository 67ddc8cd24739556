//! The list of all fact tables, with their statements.

use rusqlite::Row as SqlRow;

use super::row::{Cells, Row, Slots};
use super::section::{find, section};
use crate::delivery::{Fact, FactBody, InstanceId, ProjectId, ProjectKey, Timestamp};

/// One fact table: its statements, and how its rows are read.
#[derive(Debug)]
pub(in crate::store) struct Table {
    /// Its name.
    pub(in crate::store) name: &'static str,
    /// One row by its key.
    pub(in crate::store) get: &'static str,
    /// Writes a row.
    pub(in crate::store) put: &'static str,
    /// Rows that reach ?1, or are open.
    pub(in crate::store) load: &'static str,
    /// Older rows that belong to what `load` gives.
    pub(in crate::store) complete: Option<&'static str>,
    /// Keys of rows past their retention.
    pub(in crate::store) expired: &'static str,
    /// Removes one of them.
    pub(in crate::store) forget: &'static str,
    read: fn(&mut Cells<'_, '_>) -> rusqlite::Result<FactBody>,
}

macro_rules! tables {
    ($($place:ident $name:literal $variant:ident $wrap:expr;)*) => {
        $(
            static $place: Table = {
                const FILE: &str = include_str!(concat!("../sqlite/sql/", $name, ".sql"));
                Table {
                    name: $name,
                    get: section(FILE, "get"),
                    put: section(FILE, "put"),
                    load: section(FILE, "load"),
                    complete: find(FILE, "complete"),
                    expired: section(FILE, "expired"),
                    forget: section(FILE, "forget"),
                    read: |cells| Row::read(cells).map($wrap),
                }
            };
        )*

        /// All fact tables; those that others' retention depends on come first.
        pub(in crate::store) static TABLES: &[&Table] = &[$(&$place),*];

        /// The table of a fact, and the fact as its row.
        pub(in crate::store) fn row_of(body: &FactBody) -> (&'static Table, &dyn Row) {
            match body {
                $(FactBody::$variant(fact) => (&$place, fact),)*
            }
        }
    };
}

tables! {
    PROJECT "project" Project FactBody::Project;
    ENVIRONMENT "environment" Environment FactBody::Environment;
    DEPLOYMENT "deployment" Deployment FactBody::Deployment;
    MERGE_REQUEST "merge_request" MergeRequest FactBody::MergeRequest;
    MERGE_REQUEST_COMMIT "merge_request_commit" MergeRequestCommit FactBody::MergeRequestCommit;
    REVIEW "review" Review FactBody::Review;
    GIT_COMMIT "git_commit" Commit FactBody::Commit;
    COMMIT_IMAGES "commit_images" CommitImages FactBody::CommitImages;
    PUSH "push" Push FactBody::Push;
    ISSUE "issue" Issue FactBody::Issue;
    ISSUE_TRANSITION "issue_transition" IssueTransition FactBody::IssueTransition;
    ISSUE_LABEL "issue_label" IssueLabel FactBody::IssueLabel;
    ISSUE_MILESTONE "issue_milestone" IssueMilestone FactBody::IssueMilestone;
    PIPELINE "pipeline" Pipeline FactBody::Pipeline;
    PIPELINE_STAGE "pipeline_stage" PipelineStage FactBody::PipelineStage;
    PIPELINE_JOBS "pipeline_jobs" PipelineJobs FactBody::PipelineJobs;
    TAG_RELEASE "tag_release" TagRelease FactBody::TagRelease;
    MILESTONE "milestone" Milestone FactBody::Milestone;
    MILESTONE_DUE "milestone_due" MilestoneDue FactBody::MilestoneDue;
}

/// The table of deployments.
pub(in crate::store) fn deployments() -> &'static Table {
    &DEPLOYMENT
}

impl Table {
    /// Reads a row whose columns are: project, `last_at` or reach, `skip` others, key, registers.
    pub(in crate::store) fn read(
        &self,
        row: &SqlRow<'_>,
        skip: usize,
    ) -> rusqlite::Result<(Fact, i64)> {
        let (project, last_at) = head(row)?;
        let body = (self.read)(&mut Cells::from(row, 3 + skip))?;
        Ok((Fact { project, body }, last_at))
    }
}

/// The first three columns of a row: its project, and its `last_at` or reach.
pub(in crate::store) fn head(row: &SqlRow<'_>) -> rusqlite::Result<(ProjectKey, i64)> {
    let mut cells = Cells::from(row, 0);
    let instance = InstanceId::new(cells.take()?);
    let project: ProjectId = cells.take()?;
    let last_at: Timestamp = cells.take()?;
    Ok((ProjectKey { instance, project }, last_at.as_second()))
}

impl<T: Row> Row for Box<T> {
    fn bind_key(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        (**self).bind_key(slots)
    }

    fn bind_registers(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        (**self).bind_registers(slots)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        T::read(cells).map(Self::new)
    }

    fn newest_at(&self) -> Option<Timestamp> {
        (**self).newest_at()
    }

    fn open(&self) -> Option<bool> {
        (**self).open()
    }
}
