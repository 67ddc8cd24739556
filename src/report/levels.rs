//! What DORA's surveys called such numbers: levels of a year, and scores of the Quick Check.

use serde::Serialize;

use crate::delivery::EnvironmentTier;
use crate::dora::levels::{
    Level, Question, Sector, Year, fail_rate_figures, quick_check_mean, quick_check_score, standing,
};
use crate::dora::scorecard::{Figures, WindowFigures};

/// What others answered.
#[derive(Debug, Serialize)]
pub(super) struct SurveyReport {
    /// The year whose levels are named.
    year: u16,
    /// The fail rates that it gave its levels as figures, elite to low.
    #[serde(skip_serializing_if = "Option::is_none")]
    fail_rate_figures: Option<[f64; Level::ALL.len()]>,
    /// Mean scores of the Quick Check, 0 to 10, higher being better.
    government: MeanReport,
    all_industries: MeanReport,
}

#[derive(Debug, Serialize)]
struct MeanReport {
    deployment_frequency: f64,
    change_lead_time: f64,
    change_fail_rate: f64,
    failed_deployment_recovery_time: f64,
}

/// One number of production, beside the survey.
#[derive(Debug, Serialize)]
pub(super) struct LevelReport {
    window: String,
    question: &'static str,
    /// What was measured of it: per day, 0 to 1, or the median in seconds.
    value: f64,
    /// The best and the worst level of the class that holds it; none where no class does.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<RangeReport<&'static str>>,
    /// Two scores where the survey tells apart what a measure cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<RangeReport<f64>>,
}

#[derive(Debug, Serialize)]
struct RangeReport<T> {
    best: T,
    worst: T,
}

impl SurveyReport {
    pub(super) fn new(year: Year) -> Self {
        let mean = |sector| MeanReport {
            deployment_frequency: quick_check_mean(sector, Question::Frequency),
            change_lead_time: quick_check_mean(sector, Question::LeadTime),
            change_fail_rate: quick_check_mean(sector, Question::FailRate),
            failed_deployment_recovery_time: quick_check_mean(sector, Question::Recovery),
        };
        Self {
            year: year.number(),
            fail_rate_figures: fail_rate_figures(year),
            government: mean(Sector::Government),
            all_industries: mean(Sector::AllIndustries),
        }
    }
}

/// Every number of production that a survey asked for, by window in the order of the scorecard.
pub(super) fn levels(figures: &Figures, year: Year) -> Vec<LevelReport> {
    let mut tiers = figures.tiers.iter();
    let production = tiers.find(|own| own.tier == EnvironmentTier::Production);
    let windows = production.into_iter().flat_map(|own| &own.windows);
    let all = windows.flat_map(|own| Question::ALL.map(|question| level(year, question, own)));
    all.flatten().collect()
}

fn level(year: Year, question: Question, figures: &WindowFigures) -> Option<LevelReport> {
    let value = question.answer(figures)?;
    let level = standing(year, question, value);
    let score = quick_check_score(question, value);
    Some(LevelReport {
        window: figures.window.to_string(),
        question: name(question),
        value,
        level: level.map(|own| RangeReport { best: of(own.best), worst: of(own.worst) }),
        score: score.map(|(worst, best)| RangeReport { best, worst }),
    })
}

const fn name(question: Question) -> &'static str {
    match question {
        Question::Frequency => "deployment_frequency",
        Question::LeadTime => "change_lead_time",
        Question::FailRate => "change_fail_rate",
        Question::Recovery => "failed_deployment_recovery_time",
    }
}

const fn of(level: Level) -> &'static str {
    match level {
        Level::Elite => "elite",
        Level::High => "high",
        Level::Medium => "medium",
        Level::Low => "low",
    }
}
