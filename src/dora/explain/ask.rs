//! From a question to its answer: which projects are read, and what of each.

use super::answer::{Absence, Explanation, Measure};
use super::measured::Measured;
use super::nearest::nearest;
use super::question::{Question, StreamValue, Subject, Value};
use super::sheet::{Asked, Sheet};
use super::{
    batch, changes, counted, deployments, failures, gitlab, incidents, needs, rhythm, steps, stream,
};
use crate::delivery::{
    History, InstanceId, ProjectHistory, ProjectId, ProjectKey, ProjectPath, ServiceName, Timestamp,
};
use crate::dora::measure::{ProjectScore, path};
use crate::dora::measuring::Measuring;
use crate::dora::scorecard::Scorecard;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nothing of that name is known; another may have been meant.
    #[error("no {what} of that name is known{}", meant(.nearest.as_deref()))]
    Unknown {
        /// `project`, `group` or `team`.
        what: &'static str,
        /// The nearest name that is known.
        nearest: Option<String>,
    },
    /// Several GitLab installations have a project of that path.
    #[error(
        "several GitLab installations have a project of that path: name one by the label gitlab"
    )]
    Ambiguous,
    /// No series has that window.
    #[error("no series has that window; configured are {0}")]
    Window(String),
    /// The time for an answer ran out.
    #[error("the answer takes too long")]
    Late,
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; the nearest known is {name}")).unwrap_or_default()
}

/// Answers a question as of an instant.
///
/// - **Input.** The whole history; `goes_on` says before each project whether there is still time.
/// - **Output.** The rows behind the value that the scorecard of `as_of` shows under `measuring`.
/// - **Cost.** Each project of the subject is measured.
///
/// # Errors
/// [`Unanswered`].
pub fn explain(
    measuring: &Measuring,
    history: &History,
    question: &Question,
    as_of: Timestamp,
    goes_on: &dyn Fn() -> bool,
) -> Result<Explanation, Unanswered> {
    if let Some(window) = question.window
        && !measuring.windows.contains(&window)
    {
        let windows: Vec<String> = measuring.windows.iter().map(ToString::to_string).collect();
        return Err(Unanswered::Window(windows.join(", ")));
    }
    let measured = measured(measuring, history, Some(&question.subject), as_of, goes_on)?;
    if let Some(service) = &question.service {
        let known = || measured.iter().flat_map(Measured::services);
        if !known().any(|own| own == service) {
            let nearest = nearest(service.as_str(), known().map(ServiceName::as_str));
            let nearest = nearest.map(str::to_owned);
            return Err(Unanswered::Unknown { what: "service", nearest });
        }
    }
    Ok(answer(question, &measured.iter().collect::<Vec<_>>(), as_of))
}

/// Measures a subject, or everything, as of an instant: what [`Measuring::all`] shows of it.
///
/// # Errors
/// [`Unanswered`], as [`explain`].
pub fn measure(
    measuring: &Measuring,
    history: &History,
    subject: Option<&Subject>,
    as_of: Timestamp,
    goes_on: &dyn Fn() -> bool,
) -> Result<Scorecard, Unanswered> {
    let measured = measured(measuring, history, subject, as_of, goes_on)?;
    let scores: Vec<&ProjectScore> = measured.iter().map(|own| &own.score).collect();
    Ok(measuring.scorecard(&scores, as_of))
}

/// Measures the projects of a subject, or all, by path.
fn measured<'a>(
    measuring: &Measuring,
    history: &'a History,
    subject: Option<&Subject>,
    as_of: Timestamp,
    goes_on: &dyn Fn() -> bool,
) -> Result<Vec<Measured<'a>>, Unanswered> {
    let concerned = match subject {
        Some(subject) => concerned(measuring, history, subject)?,
        None => living(history),
    };
    let measure = |(project, ..): Concerned<'a>| {
        let measured = || Measured::new(measuring, project, history, as_of);
        if goes_on() { Ok(measured()) } else { Err(Unanswered::Late) }
    };
    let measured: Result<Vec<_>, _> = concerned.into_iter().map(measure).collect();
    Ok(measured?.into_iter().flatten().collect())
}

/// Answers a question from the projects of its subject, measured as of `as_of`.
#[must_use]
pub fn answer(question: &Question, projects: &[&Measured<'_>], as_of: Timestamp) -> Explanation {
    let mut sheet = Sheet::default();
    let mut unknown = question.tier.is_some().then_some(Absence::TierNotMeasured);
    for (place, measured) in projects.iter().enumerate() {
        let is_measured = |tier| measured.policy.tiers_measured.contains(tier);
        sheet.project = place;
        for stream in measured.streams(question) {
            let (window, tier) = (question.window, question.tier.as_ref());
            let asked = Asked { measured, stream, window, tier };
            if asked.tier().is_some() {
                unknown = None;
            } else if question.tier.as_ref().is_some_and(is_measured) {
                unknown = unknown.map(|_| Absence::TierUnknown);
            }
            draw(&question.value, &asked, &mut sheet);
        }
    }
    let unknown = unknown.or(sheet.missing());
    let (rows, left_out, left_out_more) = sheet.finish();
    Explanation {
        question: question.clone(),
        as_of,
        form: question.value.form(),
        projects: projects.iter().map(|own| (own.project, own.path.clone())).collect(),
        rows,
        left_out,
        left_out_more,
        unknown,
    }
}

/// Draws what one project brings to a value.
fn draw(value: &Value, asked: &Asked<'_>, sheet: &mut Sheet) {
    let as_of = asked.as_of();
    match *value {
        Value::DeploymentFrequency => deployments::counted(asked, sheet, |_| Measure::One),
        Value::WindowDeployments(kind) => deployments::of_kind(asked, sheet, kind),
        Value::DeploymentDays => {
            deployments::counted(asked, sheet, |sample| Measure::Day(sample.local_day));
        }
        Value::TimeSinceLastDeployment => deployments::last(asked, sheet),
        Value::ChangeLeadTime(clock, _) => changes::lead_time(asked, sheet, clock),
        Value::WindowChanges => changes::counted(asked, sheet),
        Value::ChangeLeadTimeStage(stage, _) => changes::stage(asked, sheet, stage),
        Value::ChangeFailRatio => failures::fail_ratio(asked, sheet),
        Value::WindowFailedDeployments(signal) => failures::failed(asked, sheet, signal),
        Value::FailedDeploymentRecoveryTime(_) => failures::recovery(asked, sheet),
        Value::DeploymentReworkRatio => failures::rework(asked, sheet),
        Value::TimeToRestoreService(_) => incidents::restored(asked, sheet),
        Value::IncidentsOpen(severity) => incidents::open(asked, sheet, severity),
        Value::OldestOpenIncidentAge => incidents::oldest(asked, sheet),
        Value::UnattributedIncidents => incidents::unattributed(asked, sheet),
        Value::DeploymentInterval(_) | Value::DeploymentIntervalVariation => {
            rhythm::intervals(asked, sheet);
        }
        Value::CadenceAdherence => rhythm::cadence(asked, sheet),
        Value::ReleaseSize(_) => batch::size(asked, sheet),
        Value::ReleaseSpan(_) => batch::span(asked, sheet),
        Value::UndeliveredChanges => batch::undelivered(asked, sheet, |_| Measure::One),
        Value::WindowCategoryChanges(ref name) => changes::of_category(asked, sheet, name),
        Value::CategoryChangeLeadTime(ref name, clock, _) => {
            changes::category_lead_time(asked, sheet, (name, clock));
        }
        Value::Stream(ref value) => draw_stream(value, asked, sheet),
        Value::Lifetime(ref series, tallied) => counted::lifetime(asked, sheet, (series, tallied)),
        Value::GitlabDeployments | Value::GitlabDeploymentFrequency => {
            gitlab::deployments(asked, sheet);
        }
        Value::GitlabLeadTime => gitlab::lead_time(asked, sheet),
        Value::GitlabTimeToRestore => gitlab::restore(asked, sheet),
        Value::GitlabChangeFailureRate => gitlab::failure_rate(asked, sheet),
        Value::OldestUndeliveredChangeAge => {
            let age = |at| Measure::Seconds(as_of.seconds_since(at));
            batch::undelivered(asked, sheet, age);
        }
    }
}

/// Draws what one project brings to a value of the value stream.
fn draw_stream(value: &StreamValue, asked: &Asked<'_>, sheet: &mut Sheet) {
    match value {
        StreamValue::NeedLeadTime(basis, _) => needs::lead_time(asked, sheet, *basis),
        StreamValue::PromotionTime(pair, _) => stream::promotion(asked, sheet, pair),
        StreamValue::StepDuration(step, _) => steps::duration(asked, sheet, *step),
        StreamValue::MilestonesDue => stream::due(asked, sheet),
        StreamValue::OnTime => stream::on_time(asked, sheet),
        StreamValue::ScopeCut => stream::scope_cut(asked, sheet),
        StreamValue::ReleaseFeedback => needs::feedback(asked, sheet),
        StreamValue::ReleaseFirstFeedback(_) => needs::first_feedback(asked, sheet),
        StreamValue::FixedInNextRelease => needs::fixed(asked, sheet),
        StreamValue::ReleasableTime => stream::releasable(asked, sheet),
    }
}

/// A project: which, where, and what is known of it.
pub(in crate::dora) type Concerned<'a> = (ProjectKey, ProjectPath, &'a ProjectHistory);

/// Projects that were not deleted, by path.
fn living(history: &History) -> Vec<Concerned<'_>> {
    let mut all: Vec<Concerned<'_>> = history
        .projects()
        .filter(|(_, own)| own.project.deleted.value() != Some(&true))
        .map(|(key, own)| (key, path(key, own), own))
        .collect();
    all.sort_by(|(a, own, _), (b, other, _)| (own, a).cmp(&(other, b)));
    all
}

/// The project of that id.
///
/// # Errors
/// [`Unanswered`].
pub(in crate::dora) fn project_of_id(
    history: &History,
    id: ProjectId,
    instance: Option<InstanceId>,
) -> Result<Vec<Concerned<'_>>, Unanswered> {
    let mut all = living(history);
    all.retain(|(key, ..)| key.project == id && instance.is_none_or(|own| own == key.instance));
    match all.len() {
        0 => Err(Unanswered::Unknown { what: "project", nearest: None }),
        1 => Ok(all),
        _ => Err(Unanswered::Ambiguous),
    }
}

/// The projects of a subject, by path.
///
/// # Errors
/// [`Unanswered`].
pub(in crate::dora) fn concerned<'a>(
    measuring: &Measuring,
    history: &'a History,
    subject: &Subject,
) -> Result<Vec<Concerned<'a>>, Unanswered> {
    let mut all = living(history);
    let names: Vec<ProjectPath> = all.iter().map(|(_, path, _)| path.clone()).collect();
    let unknown = |what, name: &str, known: &mut dyn Iterator<Item = &str>| {
        Err(Unanswered::Unknown { what, nearest: nearest(name, known).map(str::to_owned) })
    };
    match subject {
        Subject::Project { path, instance } => {
            all.retain(|(key, own, _)| {
                own.as_str() == path && instance.is_none_or(|instance| key.instance == instance)
            });
            // A path that was given away belongs to the project that has it now.
            let Some(newest) = all.pop() else {
                return unknown("project", path, &mut names.iter().map(ProjectPath::as_str));
            };
            let is_other = |(key, ..): &Concerned<'_>| key.instance != newest.0.instance;
            if all.iter().any(is_other) { Err(Unanswered::Ambiguous) } else { Ok(vec![newest]) }
        }
        Subject::Group(group) => {
            all.retain(|(_, path, _)| path.groups().any(|own| own == group));
            let mut groups = names.iter().flat_map(ProjectPath::groups);
            if all.is_empty() { unknown("group", group, &mut groups) } else { Ok(all) }
        }
        Subject::Team(name) => {
            let mut teams = measuring.teams.iter().map(|team| team.name.as_str());
            let Some(team) = measuring.teams.iter().find(|team| team.name == *name) else {
                return unknown("team", name, &mut teams);
            };
            all.retain(|(_, path, _)| team.projects.is_match(path.as_str()));
            Ok(all)
        }
    }
}
