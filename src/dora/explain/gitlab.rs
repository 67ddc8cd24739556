//! GitLab's own numbers, down to its rows: an environment on a day.

use super::answer::{Absence, Measure};
use super::rule::Rule;
use super::sheet::{Asked, Sheet};
use super::thing::{Deployed, Detail, Thing};
use crate::delivery::DeploymentId;
use crate::delivery::history::DeploymentRow;
use crate::dora::assessment::environment_days::EnvironmentDay;
use crate::dora::gitlab_parity::{DailyMedian, DailyRow, DayRange};
use crate::dora::window::start_of_utc_day;

/// Every deployment that GitLab counts.
pub(super) fn deployments(asked: &Asked<'_>, sheet: &mut Sheet) {
    each(asked, sheet, |own, sheet, rule| {
        for id in &own.deployments {
            let found = asked.history().deployments().find(*id);
            let finished_at = found.and_then(DeploymentRow::succeeded_at);
            let at = finished_at.unwrap_or(start_of_utc_day(own.day));
            let thing = deployed(asked, own, *id);
            match rule {
                None => sheet.row(thing, at, Measure::One, Vec::new()),
                Some(rule) => sheet.leave_out(thing, Some(at), rule, Vec::new()),
            }
        }
    });
}

fn deployed(asked: &Asked<'_>, own: &EnvironmentDay, id: DeploymentId) -> Thing {
    let found = asked.history().deployments().find(id);
    Thing::Deployment(Deployed {
        id,
        environment: Some(own.environment.clone()),
        finished_at: found.and_then(DeploymentRow::succeeded_at),
        job: found.and_then(DeploymentRow::job),
        from: None,
    })
}

/// The median from merge to deployment of each row.
pub(super) fn lead_time(asked: &Asked<'_>, sheet: &mut Sheet) {
    let details = |own: &EnvironmentDay| {
        own.linked.iter().map(|(iid, seconds)| Detail::LinkedFor(*iid, *seconds)).collect()
    };
    medians(asked, sheet, |row| row.lead_time, details);
}

/// The median of what closed incidents lasted, of each row.
pub(super) fn restore(asked: &Asked<'_>, sheet: &mut Sheet) {
    let details = |own: &EnvironmentDay| {
        own.restored.iter().map(|(iid, seconds)| Detail::LastedFor(*iid, *seconds)).collect()
    };
    medians(asked, sheet, |row| row.restore, details);
}

fn medians(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    median: impl Fn(&DailyRow) -> Option<DailyMedian>,
    details: impl Fn(&EnvironmentDay) -> Vec<Detail>,
) {
    each(asked, sheet, |own, sheet, rule| {
        let (thing, at) = (day(own), start_of_utc_day(own.day));
        match (median(&DailyRow::of(own)), rule) {
            (Some(median), None) => sheet.row(thing, at, Measure::Median(median), details(own)),
            (Some(_), Some(rule)) => sheet.leave_out(thing, Some(at), rule, details(own)),
            (None, None) => sheet.leave_out(thing, Some(at), Rule::NothingThatDay, Vec::new()),
            (None, Some(_)) => {}
        }
    });
}

/// Incidents opened, by deployments, of each row.
pub(super) fn failure_rate(asked: &Asked<'_>, sheet: &mut Sheet) {
    each(asked, sheet, |own, sheet, rule| {
        let (thing, at, row) = (day(own), start_of_utc_day(own.day), DailyRow::of(own));
        let incidents = own.opened.iter().flatten().map(|iid| Detail::Incident(*iid)).collect();
        let part = row.incidents.unwrap_or(0);
        let measure = Measure::Share { part, whole: row.deployments };
        match rule {
            None => sheet.row(thing, at, measure, incidents),
            Some(rule) => sheet.leave_out(thing, Some(at), rule, incidents),
        }
    });
}

fn day(own: &EnvironmentDay) -> Thing {
    Thing::EnvironmentDay { environment: own.environment.clone(), day: own.day }
}

/// Draws each row of the project, with the rule that leaves it out where it is not in the window.
fn each(
    asked: &Asked<'_>,
    sheet: &mut Sheet,
    mut draw: impl FnMut(&EnvironmentDay, &mut Sheet, Option<Rule>),
) {
    let Some(window) = asked.window else { return };
    let Some(days) = &asked.assessment().environment_days else {
        return sheet.rests_on(None::<&()>, Absence::NotAsGitlab);
    };
    let range = DayRange::of(window, asked.as_of());
    sheet.rests_on(days.iter().find(|own| range.contains(own.day)), Absence::NoDay);
    for own in days {
        let rule = match own.day {
            day if range.contains(day) => None,
            day if day < range.from => Some(Rule::BeforeWindow),
            _ => Some(Rule::DayNotOver),
        };
        draw(own, sheet, rule);
    }
}
