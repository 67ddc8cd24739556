//! Which families can be explained, and how the labels of each tell its series apart.
//!
//! A new family is a line here, and a [`Value`] in `dora::explain`.

use super::series::{Labels, Misread};
use crate::delivery::{DeploymentStatus, LifetimeSeries, Severity};
use crate::dora::assessment::changes::Stage;
use crate::dora::assessment::needs::NeedBasis;
use crate::dora::assessment::releases::ReleaseKind;
use crate::dora::counting::{INCIDENT_DURATION_BOUNDS, LEAD_TIME_BOUNDS, NO_KIND};
use crate::dora::explain::{Clock, StreamValue, Tallied, Value};
use crate::dora::policy::{FailureSignal, PromotionPair};
use crate::dora::samples::Step;
use crate::dora::statistics::Stat;
use crate::exposition::catalog::figures::{self, Figure};
use crate::exposition::catalog::lifetime;
use crate::exposition::catalog::{Metric, Scope};

type Read = fn(&Labels<'_>) -> Result<Value, Misread>;

/// Families of projects, groups and teams.
static FIGURES: &[(&Figure, Read)] = &[
    (&figures::DEPLOYMENT_FREQUENCY, |_| Ok(Value::DeploymentFrequency)),
    (&figures::WINDOW_DEPLOYMENTS, |labels| {
        let kind = labels.one_of("kind", &ReleaseKind::ALL, ReleaseKind::as_str)?;
        Ok(Value::WindowDeployments(kind))
    }),
    (&figures::DEPLOYMENT_DAYS, |_| Ok(Value::DeploymentDays)),
    (&figures::TIME_SINCE_LAST_DEPLOYMENT, |_| Ok(Value::TimeSinceLastDeployment)),
    (&figures::CHANGE_LEAD_TIME, |labels| {
        let clock = labels.one_of("clock", &Clock::ALL, Clock::as_str)?;
        Ok(Value::ChangeLeadTime(clock, stat(labels)?))
    }),
    (&figures::WINDOW_CHANGES, |_| Ok(Value::WindowChanges)),
    (&figures::CHANGE_LEAD_TIME_STAGE, |labels| {
        let stage = labels.one_of("stage", &Stage::ALL, Stage::as_str)?;
        Ok(Value::ChangeLeadTimeStage(stage, stat(labels)?))
    }),
    (&figures::CHANGE_FAIL_RATIO, |_| Ok(Value::ChangeFailRatio)),
    (&figures::WINDOW_FAILED_DEPLOYMENTS, |labels| {
        let signal = labels.one_of("signal", &FailureSignal::ALL, FailureSignal::as_str)?;
        Ok(Value::WindowFailedDeployments(signal))
    }),
    (&figures::FAILED_DEPLOYMENT_RECOVERY_TIME, |labels| {
        Ok(Value::FailedDeploymentRecoveryTime(stat(labels)?))
    }),
    (&figures::DEPLOYMENT_REWORK_RATIO, |_| Ok(Value::DeploymentReworkRatio)),
    (&figures::TIME_TO_RESTORE_SERVICE, |labels| Ok(Value::TimeToRestoreService(stat(labels)?))),
    (&figures::INCIDENTS_OPEN, |labels| {
        let severity = labels.one_of("severity", &Severity::ALL, Severity::as_str)?;
        Ok(Value::IncidentsOpen(severity))
    }),
    (&figures::OLDEST_OPEN_INCIDENT_AGE, |_| Ok(Value::OldestOpenIncidentAge)),
    (&figures::DEPLOYMENT_INTERVAL, |labels| Ok(Value::DeploymentInterval(stat(labels)?))),
    (&figures::DEPLOYMENT_INTERVAL_VARIATION, |_| Ok(Value::DeploymentIntervalVariation)),
    (&figures::CADENCE_ADHERENCE, |_| Ok(Value::CadenceAdherence)),
    (&figures::RELEASE_SIZE, |labels| Ok(Value::ReleaseSize(stat(labels)?))),
    (&figures::RELEASE_SPAN, |labels| Ok(Value::ReleaseSpan(stat(labels)?))),
    (&figures::WINDOW_CATEGORY_CHANGES, |labels| {
        Ok(Value::WindowCategoryChanges(labels.required("category")?.into()))
    }),
    (&figures::CATEGORY_CHANGE_LEAD_TIME, |labels| {
        let clock = labels.one_of("clock", &Clock::ALL, Clock::as_str)?;
        let category = labels.required("category")?.into();
        Ok(Value::CategoryChangeLeadTime(category, clock, stat(labels)?))
    }),
    (&figures::NEED_LEAD_TIME, |labels| {
        let basis = labels.one_of("basis", &NeedBasis::ALL, NeedBasis::as_str)?;
        Ok(Value::Stream(StreamValue::NeedLeadTime(basis, stat(labels)?)))
    }),
    (&figures::PROMOTION_TIME, |labels| {
        let pair = PromotionPair { from: labels.tier("from")?, to: labels.tier("to")? };
        Ok(Value::Stream(StreamValue::PromotionTime(pair, stat(labels)?)))
    }),
    (&figures::STEP_DURATION, |labels| {
        let step = labels.one_of("step", &Step::ALL, Step::as_str)?;
        Ok(Value::Stream(StreamValue::StepDuration(step, stat(labels)?)))
    }),
    (&figures::MILESTONES_DUE, |_| Ok(Value::Stream(StreamValue::MilestonesDue))),
    (&figures::ON_TIME, |_| Ok(Value::Stream(StreamValue::OnTime))),
    (&figures::SCOPE_CUT, |_| Ok(Value::Stream(StreamValue::ScopeCut))),
    (&figures::RELEASE_FEEDBACK, |_| Ok(Value::Stream(StreamValue::ReleaseFeedback))),
    (&figures::RELEASE_FIRST_FEEDBACK, |labels| {
        Ok(Value::Stream(StreamValue::ReleaseFirstFeedback(stat(labels)?)))
    }),
    (&figures::FIXED_IN_NEXT_RELEASE, |_| Ok(Value::Stream(StreamValue::FixedInNextRelease))),
    (&figures::RELEASABLE_TIME, |_| Ok(Value::Stream(StreamValue::ReleasableTime))),
    (&figures::GITLAB_DEPLOYMENTS, |_| Ok(Value::GitlabDeployments)),
    (&figures::GITLAB_DEPLOYMENT_FREQUENCY, |_| Ok(Value::GitlabDeploymentFrequency)),
    (&figures::GITLAB_LEAD_TIME, |_| Ok(Value::GitlabLeadTime)),
    (&figures::GITLAB_TIME_TO_RESTORE, |_| Ok(Value::GitlabTimeToRestore)),
    (&figures::GITLAB_CHANGE_FAILURE_RATE, |_| Ok(Value::GitlabChangeFailureRate)),
    (&figures::UNDELIVERED_CHANGES, |_| Ok(Value::UndeliveredChanges)),
    (&figures::OLDEST_UNDELIVERED_CHANGE_AGE, |_| Ok(Value::OldestUndeliveredChangeAge)),
];

/// Families of projects alone.
static OTHERS: &[(&Metric, Read)] = &[
    (&lifetime::UNATTRIBUTED_INCIDENTS, |_| Ok(Value::UnattributedIncidents)),
    (&lifetime::DEPLOYMENTS, |labels| {
        let series = LifetimeSeries::Deployments {
            service: labels.service()?,
            environment: labels.environment()?,
            tier: labels.tier("environment_tier")?,
            status: labels.one_of("status", &DeploymentStatus::ENDS, DeploymentStatus::as_str)?,
            kind: labels.one_of("kind", &kinds(), |kind| kind)?,
        };
        Ok(Value::Lifetime(series, Tallied::Number))
    }),
    (&lifetime::CHANGES_DELIVERED, |labels| {
        let tier = labels.tier("environment_tier")?;
        let series = LifetimeSeries::ChangesDelivered { service: labels.service()?, tier };
        Ok(Value::Lifetime(series, Tallied::Number))
    }),
    (&lifetime::INCIDENTS, |labels| {
        let severity = labels.one_of("severity", &Severity::ALL, Severity::as_str)?;
        Ok(Value::Lifetime(LifetimeSeries::Incidents { severity }, Tallied::Number))
    }),
    (&lifetime::DELIVERED_LEAD_TIME, |labels| {
        let clock = labels.one_of("clock", &Clock::ALL, Clock::as_str)?.as_str();
        let (service, tier) = (labels.service()?, labels.tier("environment_tier")?);
        let series = LifetimeSeries::LeadTime { service, tier, clock };
        Ok(Value::Lifetime(series, labels.tallied(&LEAD_TIME_BOUNDS)?))
    }),
    (&lifetime::CLOSED_INCIDENT_DURATION, |labels| {
        let tallied = labels.tallied(&INCIDENT_DURATION_BOUNDS)?;
        Ok(Value::Lifetime(LifetimeSeries::IncidentDuration, tallied))
    }),
    (&lifetime::MILESTONE_DUE_DATE_CHANGES, |_| {
        Ok(Value::Lifetime(LifetimeSeries::MilestoneDueDateChanges, Tallied::Number))
    }),
];

/// What a deployment's end can be, and the kind of one that did not succeed.
fn kinds() -> Vec<&'static str> {
    ReleaseKind::ALL.into_iter().map(ReleaseKind::as_str).chain([NO_KIND]).collect()
}

/// Families that no delivery stands behind, each with what they are instead.
static NOT_MEASURED: &[(&Metric, &str)] = &[
    (&lifetime::DATA_SINCE, "it is the instant of the oldest deployment known"),
    (&lifetime::LAST_DELIVERY, HEARD),
    (&lifetime::SILENT, HEARD),
];

/// Whether numbers are complete, of every scope.
fn trusted() -> impl Iterator<Item = &'static Metric> {
    let scopes = [Scope::Project, Scope::Group, Scope::Team].into_iter();
    scopes.filter_map(|scope| figures::DATA_COMPLETE.of(scope))
}

const TRUST: &str = "it tells whether facts are missing; the page and the scorecard say which";

const HEARD: &str = "it tells of webhooks, not of deliveries; the page /setup has all of them";

fn stat(labels: &Labels<'_>) -> Result<Stat, Misread> {
    labels.one_of("stat", &Stat::ALL, Stat::as_str)
}

/// How a family's labels are read; `None` where it is not explained.
pub(super) fn reader(metric: &Metric) -> Option<Read> {
    let figures = FIGURES.iter().find(|(figure, _)| figure.of(metric.scope) == Some(metric));
    let others = OTHERS.iter().find(|(other, _)| *other == metric);
    figures.map(|(_, read)| *read).or(others.map(|(_, read)| *read))
}

/// Why a family is not explained.
pub(super) fn why(metric: &Metric) -> &'static str {
    if trusted().any(|own| own == metric) {
        return TRUST;
    }
    let listed = NOT_MEASURED.iter().find(|(own, _)| *own == metric).map(|(_, why)| *why);
    listed.unwrap_or(match metric.scope {
        Scope::Process => "it is about this process, not about deliveries",
        _ => "nobody has written its explanation yet",
    })
}

/// Whether the series of a family can be explained.
#[must_use]
pub fn is_explained(metric: &Metric) -> bool {
    reader(metric).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::catalog;

    #[test]
    fn every_family_about_deliveries_is_explained() {
        for metric in catalog::all().filter(|metric| metric.scope != Scope::Process) {
            let mut not_measured = NOT_MEASURED.iter().map(|(own, _)| *own).chain(trusted());
            let is_listed = not_measured.any(|own| own == metric);
            assert_ne!(is_explained(metric), is_listed, "{}", metric.name);
        }
    }
}
