//! What rows are about, by the ids that GitLab knows it by; never a person, never a title.

use crate::delivery::history::DeploymentRow;
use crate::delivery::{
    CommitSha, DeploymentId, EnvironmentName, EnvironmentTier, Iid, JobId, MilestoneId,
    ProjectHistory, ProjectKey, ProjectPath, Severity, Timestamp,
};
use crate::dora::assessment::changes::Origin;
use crate::dora::assessment::releases::{Finished, Release, ReleaseKind, ReleaseName, Source};
use crate::dora::policy::FailureSignal;

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// A release.
    Release(ReleaseThing),
    /// A deployment that is part of no release.
    Deployment(Deployed),
    /// A merge request or a direct commit.
    Change(Origin),
    /// An incident.
    Incident(Iid),
    /// Any other issue.
    Issue(Iid),
    /// A milestone.
    Milestone(MilestoneId),
    /// One environment on one day of UTC.
    EnvironmentDay {
        /// The environment.
        environment: EnvironmentName,
        /// The day, counted from 1970-01-01.
        day: i32,
    },
    /// A period of the cadence, as long before the instant of measure as it says; or one in which
    /// one could release, or could not.
    Period {
        /// Where it begins.
        from: Timestamp,
        /// Where it ends, that instant left out.
        until: Timestamp,
    },
}

/// A release, with its deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseThing {
    /// What it brought.
    pub sha: CommitSha,
    /// What it is called.
    pub name: ReleaseName,
    /// What it did to the running version.
    pub kind: ReleaseKind,
    /// First finish of its deployments.
    pub started_at: Timestamp,
    /// Last finish of its deployments.
    pub ended_at: Timestamp,
    /// Its deployments, in processing order.
    pub deployments: Vec<Deployed>,
}

/// One deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// GitLab's id, that of the job where jobs count.
    pub id: DeploymentId,
    /// Where it went, where that is known.
    pub environment: Option<EnvironmentName>,
    /// When it ended, where it did.
    pub finished_at: Option<Timestamp>,
    /// The job that made it, where one did.
    pub job: Option<JobId>,
    /// The project whose record it is, where it is another's.
    pub from: Option<(ProjectKey, ProjectPath)>,
}

/// Something else to be known of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Its length begins here.
    Since(Timestamp),
    /// It would have begun later than it ended, so its length is 0.
    Clamped,
    /// It holds this release.
    Release(ReleaseName),
    /// It delivers this change.
    Delivers(Origin),
    /// This release delivered it.
    DeliveredBy(ReleaseName),
    /// It failed by this signal.
    FailedBy(FailureSignal),
    /// This incident is attributed to it.
    Incident(Iid),
    /// This release remedied it.
    RemediedBy(ReleaseName),
    /// It recovered then.
    RecoveredAt(Timestamp),
    /// It is rework because it goes back.
    GoesBack,
    /// It delivers this hotfix.
    Hotfix(Iid),
    /// It delivers the first, which reverts the second.
    Revert(Iid, Iid),
    /// How bad it is.
    Severity(Severity),
    /// It is of this tier.
    Tier(EnvironmentTier),
    /// It is due before this instant.
    Deadline(Timestamp),
    /// It was delivered then.
    DeliveredAt(Timestamp),
    /// Users first said something of it then.
    ReportedAt(Timestamp),
    /// It holds this merge request, so many seconds after its merge.
    LinkedFor(Iid, u64),
    /// It holds this incident, which lasted so many seconds.
    LastedFor(Iid, u64),
}

impl Deployed {
    /// A deployment of a release; `None` for a Release of a tag, which has none.
    pub(super) fn of(member: &Finished, history: &ProjectHistory) -> Option<Self> {
        let job = match member.source {
            Source::Tag(_) => return None,
            Source::Job => JobId::new(member.id.get()).ok(),
            Source::Deployment => {
                history.deployments().find(member.id).and_then(DeploymentRow::job)
            }
        };
        Some(Self {
            id: member.id,
            environment: Some(member.environment.clone()),
            finished_at: Some(member.finished_at),
            job,
            from: history.linked.from(member.id).filter(|_| member.source == Source::Deployment),
        })
    }
}

impl ReleaseThing {
    /// A release as explanations name it.
    pub(super) fn of(release: &Release, history: &ProjectHistory) -> Self {
        let deployed = |member: &Finished| Deployed::of(member, history);
        Self {
            sha: release.sha,
            name: release.name(),
            kind: release.kind,
            started_at: release.started_at,
            ended_at: release.ended_at,
            deployments: release.members.iter().filter_map(deployed).collect(),
        }
    }
}
