//! Lifetime totals and what is said about the data, laid out as families.

use std::collections::{BTreeMap, HashMap};

use super::catalog::{Metric, lifetime as catalog};
use super::family::Number;
use super::figures::{Shown, ShownWindow};
use super::lifetime::{CLOCKS, DeploymentLabels, Stream, cumulative};
use super::limits::{Kept, KeptProject};
use super::sheet::{Layouts, Line, Place, Sheet};
use super::text::{Template, le};
use crate::delivery::{Doubt, EnvironmentTier, ProjectKey, Severity, Total};
use crate::dora::counting::{INCIDENT_DURATION_BOUNDS, LEAD_TIME_BOUNDS};
use crate::dora::scorecard::{ContactFigures, NEEDED_EVENTS, Scorecard};

type Contacts = BTreeMap<ProjectKey, ContactFigures>;

/// Writes counters, histograms and what the exporter says about its data.
pub(super) fn write(
    sheet: &mut Sheet,
    kept: &Kept<'_>,
    windows: &[ShownWindow],
    scorecard: &Scorecard,
) {
    let shown: Vec<_> = kept.projects.iter().map(Shown::project).collect();
    let ledger = Ledger { projects: &kept.projects, shown: &shown };
    ledger.write_deployments(sheet);
    ledger.write_changes(sheet);
    ledger.write_incidents(sheet);
    ledger.write_due_date_changes(sheet);
    ledger.write_lead_times(sheet);
    ledger.write_incident_durations(sheet);
    ledger.write_about_data(sheet, windows, &scorecard.contacts);
    write_never_sent(sheet, scorecard);
    write_incomplete(sheet, scorecard);
    for (metric, count) in [
        (&catalog::FUTURE_EVENTS, scorecard.future_events),
        (&catalog::NEGATIVE_DURATIONS, scorecard.negative_durations),
        (&catalog::TIER_WARNINGS, scorecard.tier_warnings),
    ] {
        let template = Template::new(metric.name, "", Vec::new(), None);
        sheet.open(metric);
        sheet.line(&template, b"", Number::Whole(count));
    }
}

/// Every project with its totals; `shown` goes with `projects`, one by one.
struct Ledger<'a> {
    projects: &'a [KeptProject<'a>],
    shown: &'a [Shown<'a>],
}

impl<'a> Ledger<'a> {
    fn each(&self) -> impl Iterator<Item = (&'a KeptProject<'a>, &'a Shown<'a>)> {
        self.projects.iter().zip(self.shown)
    }

    fn write_deployments(&self, sheet: &mut Sheet) {
        // Environments have the same few names in most projects.
        let mut layouts: HashMap<(&DeploymentLabels<'_>, Option<&str>), Template> = HashMap::new();
        sheet.open(&catalog::DEPLOYMENTS);
        for (project, shown) in self.each() {
            for (labels, count) in &project.totals.deployments {
                let template = layouts
                    .entry((labels, shown.gitlab))
                    .or_insert_with(|| deployment_layout(labels, shown.gitlab));
                sheet.line(template, &shown.label, Number::Whole(*count));
            }
        }
    }

    fn write_changes(&self, sheet: &mut Sheet) {
        let metric = &catalog::CHANGES_DELIVERED;
        let mut layouts = Layouts::new(metric, vec![("", Vec::new())]);
        sheet.open(metric);
        for (project, shown) in self.each() {
            for (stream, count) in &project.totals.changes {
                let value = std::iter::once(Some(Number::Whole(*count)));
                sheet.lines(layouts.at(place(Some(*stream), shown)), &shown.label, value);
            }
        }
    }

    fn write_incidents(&self, sheet: &mut Sheet) {
        let metric = &catalog::INCIDENTS;
        let line = |severity: Severity| ("", vec![("severity", severity.as_str())]);
        let mut layouts = Layouts::new(metric, Severity::ALL.map(line).into());
        sheet.open(metric);
        for (project, shown) in self.each() {
            let known = &project.totals.incidents;
            let values = Severity::ALL.iter().map(|severity| {
                let known = known.iter().find(|(own, _)| own == severity);
                known.map(|(_, count)| Number::Whole(*count))
            });
            sheet.lines(layouts.at(place(None, shown)), &shown.label, values);
        }
    }

    fn write_due_date_changes(&self, sheet: &mut Sheet) {
        let metric = &catalog::MILESTONE_DUE_DATE_CHANGES;
        let mut layouts = Layouts::new(metric, vec![("", Vec::new())]);
        sheet.open(metric);
        for (project, shown) in self.each() {
            let value = std::iter::once(project.totals.due_date_changes.map(Number::Whole));
            sheet.lines(layouts.at(place(None, shown)), &shown.label, value);
        }
    }

    fn write_lead_times(&self, sheet: &mut Sheet) {
        let metric = &catalog::DELIVERED_LEAD_TIME;
        let bounds = bounds(&LEAD_TIME_BOUNDS);
        let lines = CLOCKS.map(|clock| histogram_lines(&bounds, Some(("clock", clock))));
        let length = lines[0].len();
        let mut layouts = Layouts::new(metric, lines.concat());
        sheet.open(metric);
        for (project, shown) in self.each() {
            for (stream, clock, total) in &project.totals.lead_times {
                let templates = layouts.at(place(Some(*stream), shown)).chunks(length).nth(*clock);
                let readings = readings(total, bounds.len());
                sheet.lines(templates.unwrap_or_default(), &shown.label, readings);
            }
        }
    }

    fn write_incident_durations(&self, sheet: &mut Sheet) {
        let metric = &catalog::CLOSED_INCIDENT_DURATION;
        let bounds = bounds(&INCIDENT_DURATION_BOUNDS);
        let mut layouts = Layouts::new(metric, histogram_lines(&bounds, None));
        sheet.open(metric);
        for (project, shown) in self.each() {
            let Some(total) = project.totals.incident_durations else { continue };
            let templates = layouts.at(place(None, shown));
            sheet.lines(templates, &shown.label, readings(total, bounds.len()));
        }
    }

    fn write_about_data(&self, sheet: &mut Sheet, windows: &[ShownWindow], contacts: &Contacts) {
        let metric = &catalog::DATA_SINCE;
        let mut layouts = Layouts::new(metric, vec![("", Vec::new())]);
        sheet.open(metric);
        for (project, shown) in self.each() {
            let since = project.project.data_since.map(|at| Number::Instant(at.as_second()));
            sheet.lines(layouts.at(place(None, shown)), &shown.label, std::iter::once(since));
        }
        self.write_contacts(sheet, contacts);
        let metric = &catalog::UNATTRIBUTED_INCIDENTS;
        let lines = windows.iter().map(|window| ("", vec![("window", window.label.as_str())]));
        let mut layouts = Layouts::new(metric, lines.collect());
        sheet.open(metric);
        for (project, shown) in self.each() {
            let counts = &project.project.unattributed_incidents;
            let values =
                windows.iter().map(|window| counts.get(window.index).copied().map(Number::Whole));
            sheet.lines(layouts.at(place(None, shown)), &shown.label, values);
        }
    }
}

impl Ledger<'_> {
    fn write_contacts(&self, sheet: &mut Sheet, contacts: &Contacts) {
        type Told = fn(&ContactFigures) -> Option<Number>;
        let told: [(&Metric, Told); 2] = [
            (&catalog::LAST_DELIVERY, |own| Some(Number::Instant(own.last_delivery.as_second()))),
            (&catalog::SILENT, |own| own.is_silent.map(|is| Number::Whole(is.into()))),
        ];
        for (metric, value) in told {
            let mut layouts = Layouts::new(metric, vec![("", Vec::new())]);
            sheet.open(metric);
            for (project, shown) in self.each() {
                let value = contacts.get(&project.project.project).and_then(value);
                let layout = layouts.at(place(None, shown));
                sheet.lines(layout, &shown.label, std::iter::once(value));
            }
        }
    }
}

/// Of how many projects each needed kind of event was never heard; deleted ones lack nothing.
fn write_never_sent(sheet: &mut Sheet, scorecard: &Scorecard) {
    let metric = &catalog::NEVER_SENT;
    sheet.open(metric);
    let known = scorecard.projects.iter().filter_map(|own| scorecard.contacts.get(&own.project));
    for (place, kind) in NEEDED_EVENTS.iter().enumerate() {
        let lacking = known.clone().filter(|own| own.lacks.get(place) == Some(&true)).count();
        let template = Template::new(metric.name, "", vec![("kind", *kind)], None);
        sheet.line(&template, b"", Number::Whole(u64::try_from(lacking).unwrap_or(u64::MAX)));
    }
}

/// Of how many projects something is missing, by what it is.
fn write_incomplete(sheet: &mut Sheet, scorecard: &Scorecard) {
    let metric = &catalog::INCOMPLETE;
    sheet.open(metric);
    for doubt in Doubt::ALL {
        let projects = scorecard.doubts.values().filter(|own| own.contains(&doubt)).count();
        let template = Template::new(metric.name, "", vec![("reason", doubt.as_str())], None);
        sheet.line(&template, b"", Number::Whole(u64::try_from(projects).unwrap_or(u64::MAX)));
    }
}

fn place<'a>(stream: Option<Stream<'a>>, shown: &Shown<'a>) -> Place<'a> {
    let (tier, service) = stream.unzip();
    let tier = tier.map(EnvironmentTier::as_str);
    Place { tier, gitlab: shown.gitlab, service: service.flatten(), category: None }
}

fn deployment_layout(labels: &DeploymentLabels<'_>, gitlab: Option<&str>) -> Template {
    let (environment, tier, kind, status, service) = labels;
    let mut labels = vec![
        ("environment", environment.as_ref()),
        ("environment_tier", *tier),
        ("kind", *kind),
        ("status", *status),
    ];
    labels.extend(gitlab.map(|name| ("gitlab", name)));
    labels.extend(service.map(|name| ("service", name)));
    let metric = &catalog::DEPLOYMENTS;
    Template::new(metric.name, "", labels, metric.scope.label())
}

/// The label `le` of a bucket that holds up to so many seconds.
#[must_use]
pub fn bucket_label(seconds: u64) -> String {
    // Bounds are below 2³²: 136 years.
    le(u32::try_from(seconds).unwrap_or(u32::MAX).into())
}

/// Upper bounds as labels.
fn bounds(seconds: &[u64]) -> Vec<String> {
    seconds.iter().copied().map(bucket_label).collect()
}

/// The lines of one histogram: buckets, `+Inf`, sum and count.
fn histogram_lines<'a>(
    bounds: &'a [String],
    further: Option<(&'static str, &'a str)>,
) -> Vec<Line<'a>> {
    let bucket = |bound: &'a str| ("_bucket", further.into_iter().chain([("le", bound)]).collect());
    let rest = |suffix| (suffix, further.into_iter().collect());
    let buckets = bounds.iter().map(String::as_str).chain(["+Inf"]).map(bucket);
    buckets.chain([rest("_sum"), rest("_count")]).collect()
}

/// What the lines of one histogram read, in their order.
fn readings(total: &Total, bounds: usize) -> impl Iterator<Item = Option<Number>> {
    let rest = [total.count, total.sum_seconds, total.count];
    cumulative(total, bounds).chain(rest).map(|value| Some(Number::Whole(value)))
}
