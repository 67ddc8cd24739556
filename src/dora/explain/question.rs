//! What is asked: one value, of one project, group or team.

use std::sync::Arc;

use crate::delivery::{EnvironmentTier, InstanceId, LifetimeSeries, ServiceName, Severity};
use crate::dora::assessment::changes::Stage;
use crate::dora::assessment::needs::NeedBasis;
use crate::dora::assessment::releases::ReleaseKind;
use crate::dora::counting::CLOCKS;
use crate::dora::policy::{FailureSignal, PromotionPair};
use crate::dora::samples::Step;
use crate::dora::statistics::Stat;
use crate::dora::window::Window;

use super::answer::Form;

/// One series, by what it means instead of by its name and labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Whose number.
    pub subject: Subject,
    /// Which number.
    pub value: Value,
    /// Of which service of a project; `None` is its deployments that belong to none.
    pub service: Option<ServiceName>,
    /// Of which tier, where it has one.
    pub tier: Option<EnvironmentTier>,
    /// Of which window, where it has one.
    pub window: Option<Window>,
}

/// Whose number it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The project at this path.
    Project {
        /// Its full path, or `project-<id>` while that is not known.
        path: String,
        /// Its GitLab; needed only where several have a project of that path.
        instance: Option<InstanceId>,
    },
    /// The projects below this group.
    Group(String),
    /// The projects of this configured team.
    Team(String),
}

/// Which start of a lead time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The first commit.
    FirstCommit,
    /// The merge.
    Merge,
}

impl Clock {
    /// Both, in the order of [`CLOCKS`].
    pub const ALL: [Self; 2] = [Self::FirstCommit, Self::Merge];

    /// The value of the label `clock`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        let [first_commit, merge] = CLOCKS;
        match self {
            Self::FirstCommit => first_commit,
            Self::Merge => merge,
        }
    }
}

/// Which number: one per family, with the labels that tell its series apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Counted releases per day.
    DeploymentFrequency,
    /// Releases of one kind.
    WindowDeployments(ReleaseKind),
    /// Local days with a counted release.
    DeploymentDays,
    /// Age of the last counted release.
    TimeSinceLastDeployment,
    /// Lead time of changes.
    ChangeLeadTime(Clock, Stat),
    /// Sampled changes.
    WindowChanges,
    /// One stage of the lead time.
    ChangeLeadTimeStage(Stage, Stat),
    /// Failed by counted releases.
    ChangeFailRatio,
    /// Failed releases under one signal.
    WindowFailedDeployments(FailureSignal),
    /// Recovery time of failed releases.
    FailedDeploymentRecoveryTime(Stat),
    /// Rework by counted releases.
    DeploymentReworkRatio,
    /// Duration of closed incidents.
    TimeToRestoreService(Stat),
    /// Open incidents of one severity.
    IncidentsOpen(Severity),
    /// Age of the oldest open incident.
    OldestOpenIncidentAge,
    /// Incidents that no release was blamed for.
    UnattributedIncidents,
    /// Gaps between forward releases.
    DeploymentInterval(Stat),
    /// How uneven these gaps are.
    DeploymentIntervalVariation,
    /// Periods of the cadence that were kept.
    CadenceAdherence,
    /// Changes per forward release.
    ReleaseSize(Stat),
    /// How far back the work of a forward release reaches.
    ReleaseSpan(Stat),
    /// Changes that wait for their delivery.
    UndeliveredChanges,
    /// Age of the oldest of them.
    OldestUndeliveredChangeAge,
    /// Sampled changes of one kind of work.
    WindowCategoryChanges(Arc<str>),
    /// Lead time of one kind of work.
    CategoryChangeLeadTime(Arc<str>, Clock, Stat),
    /// Something of the value stream.
    Stream(StreamValue),
    /// A lifetime counter, or one series of a lifetime histogram.
    Lifetime(LifetimeSeries, Tallied),
    /// Deployments as GitLab counts them.
    GitlabDeployments,
    /// The same, by days.
    GitlabDeploymentFrequency,
    /// Lead time for changes as GitLab shows it.
    GitlabLeadTime,
    /// Time to restore service as GitLab shows it.
    GitlabTimeToRestore,
    /// Change failure rate as GitLab shows it.
    GitlabChangeFailureRate,
}

/// What a lifetime series tells of the things it adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tallied {
    /// How many there are.
    Number,
    /// Their seconds, added up.
    Seconds,
    /// How many of them took at most so many seconds.
    AtMost(u64),
}

/// Which number of the value stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamValue {
    /// How long needs take.
    NeedLeadTime(NeedBasis, Stat),
    /// How long changes take from one tier to another.
    PromotionTime(PromotionPair, Stat),
    /// How long one step takes.
    StepDuration(Step, Stat),
    /// Milestones due.
    MilestonesDue,
    /// Milestones delivered in time by milestones due.
    OnTime,
    /// Issues that left milestones by issues in them.
    ScopeCut,
    /// Releases that users said something of.
    ReleaseFeedback,
    /// How soon they did.
    ReleaseFirstFeedback(Stat),
    /// Reports that the next release settled.
    FixedInNextRelease,
    /// Time in which one could release.
    ReleasableTime,
}

impl StreamValue {
    const fn form(&self) -> Form {
        match *self {
            Self::NeedLeadTime(_, stat)
            | Self::PromotionTime(_, stat)
            | Self::StepDuration(_, stat)
            | Self::ReleaseFirstFeedback(stat) => Form::Quantile(stat),
            Self::MilestonesDue => Form::Count,
            Self::OnTime
            | Self::ScopeCut
            | Self::ReleaseFeedback
            | Self::FixedInNextRelease
            | Self::ReleasableTime => Form::Ratio,
        }
    }
}

impl Value {
    /// How the value is made of its rows.
    #[must_use]
    pub const fn form(&self) -> Form {
        match *self {
            Self::DeploymentFrequency | Self::GitlabDeploymentFrequency => Form::CountPerDay,
            Self::Stream(ref value) => value.form(),
            Self::Lifetime(_, Tallied::Seconds) => Form::Sum,
            Self::GitlabLeadTime | Self::GitlabTimeToRestore => Form::MedianOfMedians,
            Self::GitlabChangeFailureRate => Form::FailureRate,
            Self::DeploymentDays => Form::DistinctDays,
            Self::TimeSinceLastDeployment => Form::LeastAge,
            Self::OldestOpenIncidentAge | Self::OldestUndeliveredChangeAge => Form::GreatestAge,
            Self::DeploymentIntervalVariation => Form::Variation,
            Self::ChangeLeadTime(_, stat)
            | Self::CategoryChangeLeadTime(_, _, stat)
            | Self::ChangeLeadTimeStage(_, stat)
            | Self::FailedDeploymentRecoveryTime(stat)
            | Self::TimeToRestoreService(stat)
            | Self::DeploymentInterval(stat)
            | Self::ReleaseSize(stat)
            | Self::ReleaseSpan(stat) => Form::Quantile(stat),
            Self::ChangeFailRatio | Self::DeploymentReworkRatio | Self::CadenceAdherence => {
                Form::Ratio
            }
            Self::WindowDeployments(_)
            | Self::WindowChanges
            | Self::WindowFailedDeployments(_)
            | Self::IncidentsOpen(_)
            | Self::UnattributedIncidents
            | Self::UndeliveredChanges
            | Self::WindowCategoryChanges(_)
            | Self::Lifetime(_, Tallied::Number | Tallied::AtMost(_))
            | Self::GitlabDeployments => Form::Count,
        }
    }

    /// Whether it is GitLab's own, whose windows are whole days that end yesterday.
    #[must_use]
    pub const fn is_gitlabs(&self) -> bool {
        matches!(
            self,
            Self::GitlabDeployments
                | Self::GitlabDeploymentFrequency
                | Self::GitlabLeadTime
                | Self::GitlabTimeToRestore
                | Self::GitlabChangeFailureRate
        )
    }
}
