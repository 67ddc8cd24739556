//! Counted things and lifetime series as columns. These forms are stored for ever.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::types::ValueRef;

use super::column::{Column, Word as _};
use crate::delivery::{
    CommitSha, DeploymentId, DeploymentStatus, EnvironmentName, EnvironmentTier, Iid, JobId,
    LifetimeSeries, MilestoneId, ServiceName, Severity, TagName, Thing, Timestamp,
};

const TAG_RELEASE: &str = "tag_release ";

/// A thing as one text: what it is, then what names it, separated by spaces.
pub(in crate::store) fn thing_to_text(thing: &Thing) -> String {
    match thing {
        Thing::Deployment(id) => format!("deployment {id}"),
        Thing::TagRelease(tag) => format!("{TAG_RELEASE}{tag}"),
        Thing::Job(id) => format!("job {id}"),
        Thing::Change(tier, sha, service) => with(format!("change {tier} {sha}"), service.as_ref()),
        Thing::LeadTime(tier, clock, sha, service) => {
            with(format!("lead_time {tier} {clock} {sha}"), service.as_ref())
        }
        Thing::Incident(iid) => format!("incident {iid}"),
        Thing::IncidentClose(iid) => format!("incident_close {iid}"),
        Thing::MilestoneDueDateChange(id, at) => format!("milestone_due_date_change {id} {at}"),
    }
}

/// With the name of a service, which holds no space, at its end.
fn with(text: String, service: Option<&ServiceName>) -> String {
    match service {
        Some(service) => format!("{text} {service}"),
        None => text,
    }
}

/// Reads what [`thing_to_text`] wrote.
pub(in crate::store) fn thing_from_text(text: &str) -> Option<Thing> {
    let tier = |text| EnvironmentTier::from_policy(text).ok();
    let sha = |text| CommitSha::from_hex(text).ok();
    let service = |text: Option<&str>| text.map(ServiceName::new).transpose().ok();
    let iid = |text: &str| Iid::new(text.parse().ok()?).ok();
    // Who could contrive a tag with a space in it shall have it read back.
    if let Some(tag) = text.strip_prefix(TAG_RELEASE) {
        return TagName::new(tag).ok().map(Thing::TagRelease);
    }
    let mut parts = text.split(' ');
    let what = parts.next()?;
    let thing = match what {
        "deployment" => Thing::Deployment(DeploymentId::new(parts.next()?.parse().ok()?).ok()?),
        "job" => Thing::Job(JobId::new(parts.next()?.parse().ok()?).ok()?),
        "change" => {
            Thing::Change(tier(parts.next()?)?, sha(parts.next()?)?, service(parts.next())?)
        }
        "lead_time" => Thing::LeadTime(
            tier(parts.next()?)?,
            word(parts.next()?),
            sha(parts.next()?)?,
            service(parts.next())?,
        ),
        "incident" => Thing::Incident(iid(parts.next()?)?),
        "incident_close" => Thing::IncidentClose(iid(parts.next()?)?),
        "milestone_due_date_change" => Thing::MilestoneDueDateChange(
            MilestoneId::new(parts.next()?.parse().ok()?).ok()?,
            Timestamp::from_second(parts.next()?.parse().ok()?),
        ),
        _ => return None,
    };
    parts.next().is_none().then_some(thing)
}

/// The columns that name a series; those it does not have are empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::store) struct SeriesColumns<'a> {
    pub(in crate::store) series: &'a str,
    pub(in crate::store) service: &'a str,
    pub(in crate::store) environment: &'a str,
    pub(in crate::store) tier: &'a str,
    pub(in crate::store) status: &'a str,
    pub(in crate::store) kind: &'a str,
    pub(in crate::store) severity: &'a str,
    pub(in crate::store) clock: &'a str,
}

impl<'a> SeriesColumns<'a> {
    pub(in crate::store) fn of(series: &'a LifetimeSeries) -> Self {
        match series {
            LifetimeSeries::Deployments { service, environment, tier, status, kind } => Self {
                series: "deployments",
                service: name(service.as_ref()),
                environment: environment.as_str(),
                tier: tier.as_str(),
                status: status.word(),
                kind,
                ..Self::default()
            },
            LifetimeSeries::ChangesDelivered { service, tier } => Self {
                series: "changes_delivered",
                service: name(service.as_ref()),
                tier: tier.as_str(),
                ..Self::default()
            },
            LifetimeSeries::Incidents { severity } => {
                Self { series: "incidents", severity: severity.as_str(), ..Self::default() }
            }
            LifetimeSeries::LeadTime { service, tier, clock } => Self {
                series: "lead_time",
                service: name(service.as_ref()),
                tier: tier.as_str(),
                clock,
                ..Self::default()
            },
            LifetimeSeries::IncidentDuration => {
                Self { series: "incident_duration", ..Self::default() }
            }
            LifetimeSeries::MilestoneDueDateChanges => {
                Self { series: "milestone_due_date_changes", ..Self::default() }
            }
        }
    }

    pub(in crate::store) fn read(self) -> Option<LifetimeSeries> {
        let tier = || EnvironmentTier::from_policy(self.tier).ok();
        let service = || ServiceName::new(self.service).ok();
        Some(match self.series {
            "deployments" => LifetimeSeries::Deployments {
                service: service(),
                environment: EnvironmentName::new(self.environment).ok()?,
                tier: tier()?,
                status: DeploymentStatus::from_cell(ValueRef::from(self.status))?,
                kind: word(self.kind),
            },
            "changes_delivered" => {
                LifetimeSeries::ChangesDelivered { service: service(), tier: tier()? }
            }
            "incidents" => {
                LifetimeSeries::Incidents { severity: Severity::from_gitlab(self.severity)? }
            }
            "lead_time" => LifetimeSeries::LeadTime {
                service: service(),
                tier: tier()?,
                clock: word(self.clock),
            },
            "incident_duration" => LifetimeSeries::IncidentDuration,
            "milestone_due_date_changes" => LifetimeSeries::MilestoneDueDateChanges,
            _ => return None,
        })
    }
}

/// The name of a service; empty where none is told apart.
fn name(service: Option<&ServiceName>) -> &str {
    service.map_or("", ServiceName::as_str)
}

/// A word of a label, as the code that made it has it: for the life of the program.
///
/// Kinds and clocks are a dozen words of ours; one that an earlier version used and this one does
/// not know is kept too, once.
fn word(text: &str) -> &'static str {
    static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = words.get(text) {
        return known;
    }
    let word: &'static str = Box::leak(text.into());
    words.insert(word);
    word
}
