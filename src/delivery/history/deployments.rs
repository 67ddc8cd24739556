//! Deployments in rows, by id.

use super::names::{Names, Reference};
use super::numbers::{CommitNumber, Moment, SmallNumber};
use crate::delivery::deployment::{Deployment, DeploymentStatus};
use crate::delivery::ids::{DeploymentId, JobId};
use crate::delivery::register::{Earliest, Ever, Furthest, Greatest, Merge as _};
use crate::delivery::time::Timestamp;

/// What is known of one deployment.
#[derive(Debug, Clone)]
pub struct DeploymentRow {
    id: DeploymentId,
    /// 0 where no job made it.
    job: u64,
    started_at: Moment,
    succeeded_at: Moment,
    status_at: Timestamp,
    environment: Option<SmallNumber>,
    sha: Option<CommitNumber>,
    reference: Option<Reference>,
    status: Option<DeploymentStatus>,
    rejected: bool,
}

impl DeploymentRow {
    /// GitLab's id.
    #[must_use]
    pub const fn id(&self) -> DeploymentId {
        self.id
    }

    /// Where it went.
    #[must_use]
    pub const fn environment(&self) -> Option<SmallNumber> {
        self.environment
    }

    /// What it brought.
    #[must_use]
    pub const fn sha(&self) -> Option<CommitNumber> {
        self.sha
    }

    /// The job that made it, when a job did.
    #[must_use]
    pub fn job(&self) -> Option<JobId> {
        JobId::new(self.job).ok()
    }

    /// When its job started to run.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at.get()
    }

    /// When it succeeded.
    #[must_use]
    pub fn succeeded_at(&self) -> Option<Timestamp> {
        self.succeeded_at.get()
    }

    /// How far it got, and since when.
    #[must_use]
    pub fn status(&self) -> Option<(Timestamp, DeploymentStatus)> {
        self.status.map(|status| (self.status_at, status))
    }

    /// See [`Deployment::rejected`].
    #[must_use]
    pub const fn is_rejected(&self) -> bool {
        self.rejected
    }

    pub(super) const fn reference(&self) -> Option<Reference> {
        self.reference
    }

    fn of(fact: &Deployment, names: &mut Names) -> Self {
        Self {
            id: fact.id,
            job: fact.job.0.map_or(0, JobId::get),
            started_at: Moment::of(fact.started_at.0),
            succeeded_at: Moment::of(fact.succeeded_at.0),
            status_at: fact.status.0.map_or(Timestamp::UNDATED, |(at, _)| at),
            environment: fact.environment.0.as_ref().map(|name| names.environments.number(name)),
            sha: fact.sha.0.map(|sha| names.shas.number(sha)),
            reference: fact.ref_name.0.as_ref().map(|name| names.reference(name)),
            status: fact.status.state().copied(),
            rejected: fact.rejected.0,
        }
    }

    /// The deployment as it was heard of.
    pub(super) fn fact(&self, names: &Names) -> Deployment {
        Deployment {
            environment: Greatest(
                self.environment.and_then(|own| names.environments.get(own)).cloned(),
            ),
            sha: Greatest(self.sha.map(|own| names.shas.get(own))),
            ref_name: Greatest(self.reference.map(|own| names.ref_name(own))),
            job: Greatest(self.job()),
            status: Furthest(self.status()),
            started_at: Earliest(self.started_at.get()),
            succeeded_at: Earliest(self.succeeded_at.get()),
            rejected: Ever(self.rejected),
            ..Deployment::new(self.id)
        }
    }
}

/// All deployments of one project.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    rows: Vec<DeploymentRow>,
}

impl Deployments {
    pub(super) fn fold(&mut self, names: &mut Names, fact: Deployment) -> bool {
        match self.rows.binary_search_by_key(&fact.id, DeploymentRow::id) {
            Ok(place) => {
                let Some(row) = self.rows.get_mut(place) else { return false };
                let own = row.fact(names);
                let mut merged = own.clone();
                merged.merge(fact);
                if merged == own {
                    return false;
                }
                *row = DeploymentRow::of(&merged, names);
            }
            Err(place) => self.rows.insert(place, DeploymentRow::of(&fact, names)),
        }
        true
    }

    /// A deployment by its id.
    #[must_use]
    pub fn find(&self, id: DeploymentId) -> Option<&DeploymentRow> {
        let place = self.rows.binary_search_by_key(&id, DeploymentRow::id).ok()?;
        self.rows.get(place)
    }

    /// All deployments by id, which is creation order.
    #[must_use]
    pub fn rows(&self) -> &[DeploymentRow] {
        &self.rows
    }

    pub(super) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
    }
}
