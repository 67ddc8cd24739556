//! How long incidents last, those that are open, and those that no release caused.

use super::answer::Measure;
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Detail, Thing};
use crate::delivery::{Cause, Severity, Timestamp};
use crate::dora::assessment::incidents::{Dropped, Incident, Standing, standing};
use crate::dora::policy::FailureSignal;
use crate::dora::samples::{IncidentSample, Timed};

/// Closed incidents, by how long they lasted.
pub(super) fn restored(asked: &Asked<'_>, sheet: &mut Sheet) {
    each(asked, |incident, sample| {
        let (thing, details) =
            (Thing::Incident(incident.iid), vec![Detail::Since(sample.started_at)]);
        match sample.restored() {
            Some(Timed { at, seconds }) if asked.is_inside(at) => {
                sheet.row(thing, at, Measure::Seconds(seconds), details);
            }
            Some(Timed { at, .. }) => {
                sheet.leave_out(thing, Some(at), Rule::BeforeWindow, details);
            }
            None => sheet.leave_out(thing, None, Rule::StillOpen, details),
        }
    });
    dropped(asked, sheet);
}

/// Open incidents of one severity.
pub(super) fn open(asked: &Asked<'_>, sheet: &mut Sheet, severity: Severity) {
    each(asked, |incident, sample| {
        let (thing, at) = (Thing::Incident(incident.iid), sample.started_at);
        let details = vec![Detail::Severity(sample.severity)];
        match sample.closed_at {
            None if sample.severity == severity => sheet.row(thing, at, Measure::One, details),
            None => sheet.leave_out(thing, Some(at), Rule::OtherSeverity, details),
            Some(closed) => sheet.leave_out(thing, Some(closed), Rule::Closed, details),
        }
    });
    dropped(asked, sheet);
}

/// All open incidents, by their age.
pub(super) fn oldest(asked: &Asked<'_>, sheet: &mut Sheet) {
    each(asked, |incident, sample| {
        let (thing, at) = (Thing::Incident(incident.iid), sample.started_at);
        match sample.closed_at {
            None => {
                let age = Measure::Seconds(asked.as_of().seconds_since(at));
                sheet.row(thing, at, age, Vec::new());
            }
            Some(closed) => sheet.leave_out(thing, Some(closed), Rule::Closed, Vec::new()),
        }
    });
    dropped(asked, sheet);
}

/// Incidents created in the window that no release was blamed for.
pub(super) fn unattributed(asked: &Asked<'_>, sheet: &mut Sheet) {
    each(asked, |incident, sample| {
        let (thing, at) = (Thing::Incident(incident.iid), sample.started_at);
        match (sample.is_attributed, asked.is_inside(at)) {
            (false, true) => sheet.row(thing, at, Measure::One, Vec::new()),
            (false, false) => sheet.leave_out(thing, Some(at), Rule::BeforeWindow, Vec::new()),
            (true, true) => sheet.leave_out(thing, Some(at), Rule::Attributed, Vec::new()),
            (true, false) => {}
        }
    });
    dropped(asked, sheet);
}

/// Incidents created in the window that make no release of the tier fail, and why.
pub(super) fn blameless(asked: &Asked<'_>, sheet: &mut Sheet) {
    if asked.tier != Some(&asked.policy().incident_tier) {
        return;
    }
    let is_heard = asked.policy().failure_signals.contains(&FailureSignal::Incident);
    each(asked, |incident, sample| {
        let at = sample.started_at;
        let rule = match &incident.cause {
            _ if !asked.is_inside(at) => return,
            _ if !is_heard => Rule::SignalOff,
            _ if sample.is_attributed => return,
            Some(Cause::External) => Rule::External,
            Some(_) => Rule::CauseNotReleased,
            None => Rule::NoReleaseBefore,
        };
        sheet.leave_out(Thing::Incident(incident.iid), Some(at), rule, Vec::new());
    });
    dropped(asked, sheet);
}

fn each(asked: &Asked<'_>, mut draw: impl FnMut(&Incident, &IncidentSample)) {
    let incidents = asked.assessment().incidents.iter();
    incidents.zip(&asked.samples().incidents).for_each(|(own, sample)| draw(own, sample));
}

/// Issues that would be incidents, had the policy not dropped them.
fn dropped(asked: &Asked<'_>, sheet: &mut Sheet) {
    if !asked.stream.is_project() {
        return;
    }
    for issue in asked.history().issues.values() {
        let Standing::Dropped(why) = standing(issue, asked.policy()) else { continue };
        let rule = match why {
            Dropped::Duplicate => Rule::Duplicate,
            Dropped::Label => Rule::FilteredLabel,
            Dropped::Severity => Rule::BelowSeverity,
        };
        let created = |at: &Timestamp| *at < asked.as_of() && asked.is_inside(*at);
        if let Some(at) = issue.created_at.0.filter(created) {
            sheet.leave_out(Thing::Incident(issue.iid), Some(at), rule, Vec::new());
        }
    }
}
