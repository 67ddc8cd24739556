//! What a scorecard must become, said a second time and as plainly as possible.

mod value_stream;

use gitlab_dora_exporter::delivery::{Doubt, LifetimeSeries, ServiceName, Severity, Timestamp};
use gitlab_dora_exporter::dora::assessment::changes::Stage;
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::policy::FailureSignal;
use gitlab_dora_exporter::dora::scorecard::{Figures, Scorecard, WindowFigures};
use gitlab_dora_exporter::dora::statistics::Quantiles;

use super::parser::Labels;

/// Name, labels and value of every sample, in no particular order.
pub(crate) type Samples = Vec<(String, Labels, f64)>;

type Pairs<'a> = Vec<(&'a str, &'a str)>;

#[expect(clippy::cast_precision_loss, reason = "the format has floats only")]
const fn float(number: u64) -> f64 {
    number as f64
}

struct Out(Samples);

impl Out {
    fn add(&mut self, name: &str, labels: &[Pairs<'_>], value: f64) {
        let labels = labels.concat().into_iter();
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.0.push((name.to_owned(), labels, value));
    }

    fn quantiles(&mut self, name: &str, labels: &Pairs<'_>, quantiles: Option<Quantiles>) {
        if let Some(q) = quantiles {
            for (stat, value) in [("p50", q.p50), ("p75", q.p75), ("p90", q.p90)] {
                self.add(name, &[labels.clone(), vec![("stat", stat)]], value);
            }
        }
    }
}

/// Every delivery metric of `scorecard`; the environments of its totals are not folded.
pub(crate) fn samples(scorecard: &Scorecard) -> Samples {
    let mut out = Out(Vec::new());
    for project in &scorecard.projects {
        let own = ("project", project.path.as_str());
        add_figures(&mut out, "dora_", own, &project.figures, scorecard);
        for service in &project.services {
            let mut its = Out(Vec::new());
            add_figures(&mut its, "dora_", own, &service.figures, scorecard);
            // Incidents belong to the project as a whole, and so does what is missing.
            its.0.retain(|(name, ..)| !name.contains("open") && !name.contains("complete"));
            let label = || ("service".to_owned(), service.name.to_string());
            out.0.extend(its.0.into_iter().map(|(name, mut labels, value)| {
                labels.extend([label()]);
                (name, labels, value)
            }));
        }
        if let Some(since) = project.data_since {
            let name = "gitlab_dora_exporter_data_since_timestamp_seconds";
            #[expect(clippy::cast_precision_loss, reason = "the format has floats only")]
            out.add(name, &[vec![own]], since.as_second() as f64);
        }
        if let Some(contact) = scorecard.contacts.get(&project.project) {
            let name = "gitlab_dora_exporter_project_last_delivery_timestamp_seconds";
            #[expect(clippy::cast_precision_loss, reason = "the format has floats only")]
            out.add(name, &[vec![own]], contact.last_delivery.as_second() as f64);
            if let Some(silent) = contact.is_silent {
                out.add("gitlab_dora_exporter_project_silent", &[vec![own]], f64::from(silent));
            }
        }
        for (window, count) in scorecard.windows.iter().zip(&project.unattributed_incidents) {
            let name = "gitlab_dora_exporter_unattributed_incidents";
            out.add(name, &[vec![own, ("window", &window.to_string())]], float(*count));
        }
    }
    for pool in &scorecard.groups {
        add_figures(&mut out, "dora_group_", ("group", &pool.name), &pool.figures, scorecard);
    }
    for pool in &scorecard.teams {
        add_figures(&mut out, "dora_team_", ("team", &pool.name), &pool.figures, scorecard);
    }
    add_totals(&mut out, scorecard);
    for (name, value) in [
        ("future_events", scorecard.future_events),
        ("negative_durations", scorecard.negative_durations),
        ("tier_warnings", scorecard.tier_warnings),
    ] {
        out.add(&format!("gitlab_dora_exporter_{name}_total"), &[], float(value));
    }
    for (place, kind) in ["deployment", "merge_request", "issue"].into_iter().enumerate() {
        let lacks = |key| scorecard.contacts.get(key).is_some_and(|own| own.lacks[place]);
        let lacking = scorecard.projects.iter().filter(|own| lacks(&own.project)).count();
        let name = "gitlab_dora_exporter_projects_never_sent";
        out.add(name, &[vec![("kind", kind)]], float(lacking.try_into().unwrap()));
    }
    for doubt in Doubt::ALL {
        let projects = scorecard.doubts.values().filter(|own| own.contains(&doubt)).count();
        let name = "gitlab_dora_exporter_projects_incomplete";
        out.add(name, &[vec![("reason", doubt.as_str())]], float(projects.try_into().unwrap()));
    }
    out.0
}

fn add_figures(
    out: &mut Out,
    prefix: &str,
    own: (&str, &str),
    figures: &Figures,
    scorecard: &Scorecard,
) {
    let name = |suffix: &str| format!("{prefix}{suffix}");
    if let Some(is_complete) = figures.is_complete {
        out.add(&name("data_complete"), &[vec![own]], f64::from(is_complete));
    }
    let age = |at: Timestamp| scorecard.as_of.seconds_since(at);
    for tier in &figures.tiers {
        let at = vec![own, ("environment_tier", tier.tier.as_str())];
        if let Some(since) = tier.last_deployment_at.map(age) {
            out.add(
                &name("time_since_last_deployment_seconds"),
                std::slice::from_ref(&at),
                float(since),
            );
        }
        if let Some(waiting) = tier.inventory {
            let at = std::slice::from_ref(&at);
            out.add(&name("undelivered_changes"), at, float(waiting.undelivered_changes));
            if let Some(age) = waiting.oldest_at.map(age) {
                out.add(&name("oldest_undelivered_change_age_seconds"), at, float(age));
            }
        }
        for (window, figures) in scorecard.windows.iter().zip(&tier.windows) {
            let window = window.to_string();
            let at = [at.clone(), vec![("window", window.as_str())]].concat();
            add_window(out, prefix, &at, figures);
            add_regularity(out, prefix, &at, figures);
        }
    }
    value_stream::add(out, prefix, own, &figures.value_stream, scorecard);
    add_gitlab(out, prefix, own, figures, scorecard);
    for (severity, count) in Severity::ALL.iter().zip(figures.incidents_open) {
        let labels = vec![own, ("severity", severity.as_str())];
        out.add(&name("incidents_open"), &[labels], float(count));
    }
    if let Some(age) = figures.oldest_open_incident_at.map(age) {
        out.add(&name("oldest_open_incident_age_seconds"), &[vec![own]], float(age));
    }
    for (window, times) in scorecard.windows.iter().zip(&figures.time_to_restore_service) {
        let window = window.to_string();
        let at = vec![own, ("window", window.as_str())];
        out.quantiles(&name("time_to_restore_service_seconds"), &at, *times);
    }
}

/// GitLab knows no teams.
fn add_gitlab(
    out: &mut Out,
    prefix: &str,
    own: (&str, &str),
    figures: &Figures,
    scorecard: &Scorecard,
) {
    if prefix == "dora_team_" {
        return;
    }
    let name = |suffix: &str| format!("{}{suffix}", prefix.replace("dora_", "dora_gitlab_"));
    for (window, figures) in scorecard.windows.iter().zip(figures.gitlab.iter().flatten()) {
        let Some(figures) = figures else { continue };
        let window = window.to_string();
        for (suffix, value) in [
            ("deployments", Some(float(figures.deployments))),
            ("deployment_frequency", Some(figures.deployment_frequency)),
            ("lead_time_for_changes_seconds", figures.lead_time_for_changes),
            ("time_to_restore_service_seconds", figures.time_to_restore_service),
            ("change_failure_rate", figures.change_failure_rate),
        ] {
            if let Some(value) = value {
                out.add(&name(suffix), &[vec![own, ("window", window.as_str())]], value);
            }
        }
    }
}

fn add_window(out: &mut Out, prefix: &str, at: &Pairs<'_>, figures: &WindowFigures) {
    let name = |suffix: &str| format!("{prefix}{suffix}");
    let with = |label, value| [at.clone(), vec![(label, value)]].concat();
    for (suffix, value) in [
        ("deployment_frequency_per_day", Some(figures.deployment_frequency_per_day)),
        ("deployment_days", Some(float(figures.deployment_days))),
        ("window_changes", Some(float(figures.changes))),
        ("change_fail_ratio", figures.change_fail_ratio),
        ("deployment_rework_ratio", figures.deployment_rework_ratio),
    ] {
        if let Some(value) = value {
            out.add(&name(suffix), std::slice::from_ref(at), value);
        }
    }
    for (kind, count) in ReleaseKind::ALL.iter().zip(figures.deployments) {
        out.add(&name("window_deployments"), &[with("kind", kind.as_str())], float(count));
    }
    for (signal, count) in FailureSignal::ALL.iter().zip(figures.failed_deployments) {
        let labels = with("signal", signal.as_str());
        out.add(&name("window_failed_deployments"), &[labels], float(count));
    }
    let lead_time = figures.change_lead_time;
    for (clock, times) in [("first_commit", lead_time.first_commit), ("merge", lead_time.merge)] {
        out.quantiles(&name("change_lead_time_seconds"), &with("clock", clock), times);
    }
    for (stage, times) in Stage::ALL.iter().zip(figures.stages) {
        let labels = with("stage", stage.as_str());
        out.quantiles(&name("change_lead_time_stage_seconds"), &labels, times);
    }
    value_stream::add_tier(out, prefix, at, &figures.value_stream);
    let recovery = figures.failed_deployment_recovery_time;
    out.quantiles(&name("failed_deployment_recovery_time_seconds"), at, recovery);
}

fn add_regularity(out: &mut Out, prefix: &str, at: &Pairs<'_>, figures: &WindowFigures) {
    let name = |suffix: &str| format!("{prefix}{suffix}");
    out.quantiles(&name("deployment_interval_seconds"), at, figures.rhythm.interval);
    // The spread of a rhythm is a project's alone.
    let variation = figures.rhythm.interval_variation_ratio.filter(|_| prefix == "dora_");
    for (suffix, value) in [
        ("deployment_interval_variation_ratio", variation),
        ("cadence_adherence_ratio", figures.rhythm.cadence_adherence_ratio),
    ] {
        if let Some(value) = value {
            out.add(&name(suffix), std::slice::from_ref(at), value);
        }
    }
    out.quantiles(&name("release_size_changes"), at, figures.batch.size_changes);
    out.quantiles(&name("release_span_seconds"), at, figures.batch.span);
    for own in &figures.categories {
        let at = [at.clone(), vec![("category", &*own.name)]].concat();
        out.add(&name("window_category_changes"), std::slice::from_ref(&at), float(own.changes));
        let clocks = [("first_commit", own.lead_time.first_commit), ("merge", own.lead_time.merge)];
        for (clock, times) in clocks {
            let at = [at.clone(), vec![("clock", clock)]].concat();
            out.quantiles(&name("category_change_lead_time_seconds"), &at, times);
        }
    }
}

const LEAD_TIME_LE: &[&str] = &[
    "3600.0",
    "14400.0",
    "43200.0",
    "86400.0",
    "172800.0",
    "604800.0",
    "1.2096e+06",
    "2.592e+06",
    "7.776e+06",
    "1.5552e+07",
    "+Inf",
];
const INCIDENT_LE: &[&str] = &[
    "900.0",
    "3600.0",
    "14400.0",
    "43200.0",
    "86400.0",
    "259200.0",
    "604800.0",
    "2.592e+06",
    "1.5552e+07",
    "+Inf",
];

fn label(service: Option<&ServiceName>) -> Option<(&str, &str)> {
    service.map(|name| ("service", name.as_str()))
}

fn add_totals(out: &mut Out, scorecard: &Scorecard) {
    for (key, series, total) in scorecard.totals.iter() {
        let project = scorecard.projects.iter().find(|project| project.project == key).unwrap();
        let own = ("project", project.path.as_str());
        let count = float(total.count);
        let (name, labels, bounds) = match series {
            LifetimeSeries::Deployments { service, environment, tier, status, kind } => {
                let status = format!("{status:?}").to_lowercase();
                let mut labels = vec![
                    own,
                    ("environment", environment.as_str()),
                    ("environment_tier", tier.as_str()),
                    ("kind", kind),
                    ("status", &status),
                ];
                labels.extend(label(service.as_ref()));
                out.add("dora_deployments_total", &[labels], count);
                continue;
            }
            LifetimeSeries::ChangesDelivered { service, tier } => {
                let mut labels = vec![own, ("environment_tier", tier.as_str())];
                labels.extend(label(service.as_ref()));
                out.add("dora_changes_delivered_total", &[labels], count);
                continue;
            }
            LifetimeSeries::Incidents { severity } => {
                let labels = vec![own, ("severity", severity.as_str())];
                out.add("dora_incidents_total", &[labels], count);
                continue;
            }
            LifetimeSeries::MilestoneDueDateChanges => {
                out.add("dora_milestone_due_date_changes_total", &[vec![own]], count);
                continue;
            }
            LifetimeSeries::LeadTime { service, tier, clock } => {
                let mut labels = vec![own, ("clock", *clock), ("environment_tier", tier.as_str())];
                labels.extend(label(service.as_ref()));
                ("dora_delivered_change_lead_time_seconds", labels, LEAD_TIME_LE)
            }
            LifetimeSeries::IncidentDuration => {
                ("dora_closed_incident_duration_seconds", vec![own], INCIDENT_LE)
            }
        };
        for (at, le) in bounds.iter().enumerate() {
            let up_to: u64 = total.buckets.iter().take(at + 1).sum();
            let value = if *le == "+Inf" { count } else { float(up_to) };
            out.add(&format!("{name}_bucket"), &[labels.clone(), vec![("le", le)]], value);
        }
        out.add(&format!("{name}_sum"), std::slice::from_ref(&labels), float(total.sum_seconds));
        out.add(&format!("{name}_count"), &[labels], count);
    }
}
