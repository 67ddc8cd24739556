//! `/api/v1`: explanations and scorecards as JSON, of now and of past instants.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::problem::Problem;
use super::state::AppState;
use crate::delivery::Timestamp;
use crate::dora::explain::{self, Subject, Unanswered};
use crate::report::{ExplanationReport, Misread, ScorecardReport, Series};
use crate::scoreboard::AskError;

/// Why a value is what it is.
///
/// Answers 200 with its rows; 422 for what is no series, or none that can be explained; 404 for a
/// project, group or team that is not known; 503 when the owner of the history has no time.
pub(super) async fn explain(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let mut query = query(&request)?;
    let at = at(&mut query)?;
    let gitlabs = state.gitlabs.load_full();
    let series = match (query.remove("series"), query.remove("metric")) {
        (Some(series), None) if query.is_empty() => Series::parse(&series, &gitlabs)?,
        (None, Some(metric)) => Series::of(&metric, query, &gitlabs)?,
        _ => {
            let detail = "wanted either series, or metric and a parameter for each of its labels";
            return Err(Problem::Question(detail.to_owned()));
        }
    };
    let question = series.question().clone();
    let asked = state.scoreboard.ask(&state.clock, move |reading, goes_on| {
        let at = at.unwrap_or(reading.as_of);
        explain::explain(reading.measuring, reading.history, &question, at, goes_on)
    });
    let explanation = asked.await??;
    json(&ExplanationReport::new(&series, &explanation, &gitlabs))
}

/// All values, or those of one project, group or team.
///
/// Answers as [`explain()`] does.
pub(super) async fn scorecard(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let mut query = query(&request)?;
    let at = at(&mut query)?;
    let subject = subject(query)?;
    let gitlabs = state.gitlabs.load_full();
    let (Some(published), None) = (state.scoreboard.scorecard(), at) else {
        let (wanted, now) = (subject.clone(), state.clock.now());
        let asked = state.scoreboard.ask(&state.clock, move |reading, goes_on| {
            let at = at.unwrap_or(now);
            explain::measure(reading.measuring, reading.history, wanted.as_ref(), at, goes_on)
        });
        let measured = asked.await??;
        return json(&ScorecardReport::new(&measured, subject.as_ref(), &gitlabs, state.levels));
    };
    let report = ScorecardReport::new(&published, subject.as_ref(), &gitlabs, state.levels);
    if report.is_empty() && subject.is_some() {
        return Err(Problem::Unknown("nothing of that name is known".to_owned()));
    }
    json(&report)
}

/// The parameters of a request; one that stands there twice is refused.
fn query(request: &HttpRequest) -> Result<BTreeMap<String, String>, Problem> {
    let wrong = || Problem::Question("the parameters cannot be read".to_owned());
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let pairs = pairs.map_err(|_| wrong())?.into_inner();
    let all = pairs.len();
    let query: BTreeMap<String, String> = pairs.into_iter().collect();
    if query.len() == all { Ok(query) } else { Err(wrong()) }
}

/// The instant asked about, fractions of seconds dropped.
fn at(query: &mut BTreeMap<String, String>) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = query.remove("at") else { return Ok(None) };
    let instant: Result<jiff::Timestamp, _> = text.parse();
    let wanted = || Problem::Question("at is an instant like 2026-03-01T00:00:00Z".to_owned());
    instant.map(|at| Some(Timestamp::from_second(at.as_second()))).map_err(|_| wanted())
}

/// One project, group or team; everything where none is named.
fn subject(mut query: BTreeMap<String, String>) -> Result<Option<Subject>, Problem> {
    let project = query.remove("project").map(|path| Subject::Project { path, instance: None });
    let group = query.remove("group").map(Subject::Group);
    let team = query.remove("team").map(Subject::Team);
    let mut named = [project, group, team].into_iter().flatten();
    match (named.next(), named.next()) {
        (subject, None) if query.is_empty() => Ok(subject),
        _ => {
            Err(Problem::Question("wanted at most one of project, group, team; and at".to_owned()))
        }
    }
}

pub(super) fn json(report: &impl Serialize) -> Result<HttpResponse, Problem> {
    let text = serde_json::to_string(report).map_err(|_| Problem::Defect)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, "application/json"));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    answer.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    Ok(answer.body(text))
}

impl From<Misread> for Problem {
    fn from(misread: Misread) -> Self {
        Self::Question(misread.to_string())
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Unknown { .. } => Self::Unknown(unanswered.to_string()),
            Unanswered::Late => Self::Unanswered(AskError::Late),
            Unanswered::Ambiguous | Unanswered::Window(_) => Self::Question(unanswered.to_string()),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        Self::Unanswered(error)
    }
}
