//! An explanation as JSON; its text is made of the same.

use serde::Serialize;

use super::Series;
use super::gitlabs::Gitlabs;
use super::thing::{ThingReport, date_of, instant};
use crate::dora::explain::{Detail, Explanation, Form, LeftOut, Measure, Row, Value};
use crate::words::Language;

/// Everything behind one value, as it is shown.
#[derive(Debug, Serialize)]
pub struct ExplanationReport {
    /// The series, as Prometheus shows it.
    pub(super) series: String,
    pub(super) metric: &'static str,
    /// What the metric means.
    pub(super) help: &'static str,
    pub(super) as_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) window: Option<WindowReport>,
    /// The value made of the rows; `null` where no series exists.
    pub(super) value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) absent: Option<RulingReport>,
    pub(super) formula: FormulaReport,
    /// What is to be known of the number besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'static str>,
    pub(super) projects: Vec<ProjectReport>,
    pub(super) rows: Vec<RowReport>,
    pub(super) left_out: Vec<LeftOutReport>,
    /// How much more was left out than is listed.
    pub(super) left_out_more: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct WindowReport {
    pub(super) from: String,
    pub(super) until: String,
    seconds: u64,
}

/// A rule by its stable name, and what it says.
#[derive(Debug, Serialize)]
pub(super) struct RulingReport {
    pub(super) rule: &'static str,
    pub(super) text: &'static str,
}

/// How the value is made of the rows.
#[derive(Debug, Serialize)]
pub(super) struct FormulaReport {
    form: &'static str,
    pub(super) text: &'static str,
    pub(super) rows: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) whole: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct ProjectReport {
    pub(super) project: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// Something that counts.
#[derive(Debug, Serialize)]
pub(super) struct RowReport {
    pub(super) project: String,
    pub(super) at: String,
    #[serde(flatten)]
    pub(super) thing: ThingReport,
    pub(super) counts: MeasureReport,
    pub(super) details: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MeasureReport {
    One(u64),
    Share {
        part: u64,
        whole: u64,
    },
    Seconds(u64),
    Changes(u64),
    /// A local date.
    Day(String),
    /// The median of a day.
    MedianSeconds(f64),
}

/// Something that does not count.
#[derive(Debug, Serialize)]
pub(super) struct LeftOutReport {
    pub(super) project: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
    #[serde(flatten)]
    pub(super) thing: ThingReport,
    #[serde(flatten)]
    pub(super) ruling: RulingReport,
    pub(super) details: Vec<String>,
}

/// The language of what programs read.
const LANGUAGE: Language = Language::English;

impl ExplanationReport {
    /// Words and links for an explanation of `series`.
    #[must_use]
    pub fn new(series: &Series, explanation: &Explanation, gitlabs: &Gitlabs) -> Self {
        let urls: Vec<Option<String>> =
            explanation.projects.iter().map(|(key, path)| gitlabs.project(*key, path)).collect();
        let place = |project: usize| Place {
            path: explanation.projects.get(project).map(|(_, path)| path.to_string()),
            url: urls.get(project).and_then(Option::as_deref),
        };
        let absent = explanation.absence();
        Self {
            series: series.to_string(),
            metric: series.metric().name,
            help: series.metric().help,
            as_of: instant(explanation.as_of),
            window: explanation.question.window.map(|window| WindowReport {
                from: instant(explanation.window_end().minus(window.seconds())),
                until: instant(explanation.window_end()),
                seconds: window.seconds(),
            }),
            value: explanation.recompute(),
            absent: absent
                .map(|why| RulingReport { rule: why.as_str(), text: LANGUAGE.absence(why) }),
            formula: FormulaReport::of(explanation),
            note: matches!(explanation.question.value, Value::Lifetime(..))
                .then(|| LANGUAGE.lifetime_note()),
            projects: explanation
                .projects
                .iter()
                .zip(&urls)
                .map(|((_, path), url)| ProjectReport {
                    project: path.to_string(),
                    url: url.clone(),
                })
                .collect(),
            rows: explanation
                .rows
                .iter()
                .map(|row| row_report(row, place(row.project), gitlabs))
                .collect(),
            left_out: explanation
                .left_out
                .iter()
                .map(|out| left_out_report(out, place(out.project), gitlabs))
                .collect(),
            left_out_more: explanation.left_out_more,
        }
    }
}

struct Place<'a> {
    path: Option<String>,
    url: Option<&'a str>,
}

impl FormulaReport {
    fn of(explanation: &Explanation) -> Self {
        let is_ratio = matches!(explanation.form, Form::Ratio | Form::FailureRate);
        let (part, whole) = explanation.shares();
        let share = |sum: u128| u64::try_from(sum).ok().filter(|_| is_ratio);
        Self {
            form: explanation.form.as_str(),
            text: LANGUAGE.form(explanation.form),
            rows: explanation.rows.len(),
            part: share(part),
            whole: share(whole),
        }
    }
}

fn row_report(row: &Row, place: Place<'_>, gitlabs: &Gitlabs) -> RowReport {
    RowReport {
        at: instant(row.at),
        thing: ThingReport::of(&row.thing, place.url, gitlabs),
        project: place.path.unwrap_or_default(),
        counts: match row.measure {
            Measure::One => MeasureReport::One(1),
            Measure::Share { part, whole } => MeasureReport::Share { part, whole },
            Measure::Seconds(seconds) => MeasureReport::Seconds(seconds),
            Measure::Changes(changes) => MeasureReport::Changes(changes),
            Measure::Day(day) => MeasureReport::Day(date_of(day)),
            Measure::Median(median) => MeasureReport::MedianSeconds(median.as_seconds()),
        },
        details: details(&row.details),
    }
}

fn left_out_report(out: &LeftOut, place: Place<'_>, gitlabs: &Gitlabs) -> LeftOutReport {
    LeftOutReport {
        at: out.at.map(instant),
        thing: ThingReport::of(&out.thing, place.url, gitlabs),
        project: place.path.unwrap_or_default(),
        ruling: RulingReport { rule: out.rule.as_str(), text: LANGUAGE.rule(out.rule) },
        details: details(&out.details),
    }
}

fn details(details: &[Detail]) -> Vec<String> {
    details.iter().map(|detail| LANGUAGE.detail(detail)).collect()
}
