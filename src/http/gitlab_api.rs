//! `/api/v4/…/dora/metrics`: the numbers that GitLab Ultimate would answer with, asked and answered
//! in its way, so that what reads GitLab's API can read ours.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::api::json;
use super::problem::Problem;
use super::state::AppState;
use crate::delivery::{InstanceId, ProjectId};
use crate::dora::explain::{Subject, Unanswered};
use crate::dora::gitlab_parity::{GitlabSubject, gitlab_points};
use crate::report::{GitlabPoint, gitlab_query};

/// Our one addition: which GitLab, where several have a project of that id or path.
const GITLAB: &str = "gitlab";

/// The numbers of a project, by its id or its path.
///
/// Answers as GitLab does: 200 with a list of dates and values, 400 for what it refuses, 404 for a
/// project that is not known; 503 when the owner of the history has no time.
pub(super) async fn of_project(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let subject = |instance| match number(&id) {
        Some(id) => GitlabSubject::Project { id, instance },
        None => GitlabSubject::Named(Subject::Project { path: id, instance }),
    };
    answer(&request, &state, subject, r#"{"message":"404 Project Not Found"}"#).await
}

/// The numbers of a group, by its path: nothing that we hear tells a group's id.
///
/// Answers as [`of_project`] does.
pub(super) async fn of_group(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let subject = |_| GitlabSubject::Named(Subject::Group(id.into_inner()));
    answer(&request, &state, subject, r#"{"message":"404 Group Not Found"}"#).await
}

async fn answer(
    request: &HttpRequest,
    state: &web::Data<AppState>,
    subject: impl FnOnce(Option<InstanceId>) -> GitlabSubject,
    unknown: &'static str,
) -> Result<HttpResponse, Problem> {
    let refused = |body: String| Problem::AsGitlab(StatusCode::BAD_REQUEST, body);
    let wrong = |_| refused(r#"{"error":"the parameters cannot be read"}"#.to_owned());
    let parameters = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let parameters = parameters.map_err(wrong)?.into_inner();
    let query = gitlab_query(&parameters, state.clock.now());
    let query = query.map_err(|refusal| refused(refusal.body()))?;
    let named = parameters.iter().rfind(|(name, _)| name == GITLAB);
    let instance = named.map(|(_, name)| {
        let known = state.gitlabs.load().named(name);
        known.ok_or_else(|| refused(r#"{"error":"gitlab is invalid"}"#.to_owned()))
    });
    let subject = subject(instance.transpose()?);
    let asked = state.scoreboard.ask(&state.clock, move |reading, goes_on| {
        let now = (reading.as_of, goes_on);
        gitlab_points(reading.measuring, reading.history, &subject, &query, now)
    });
    let points = asked.await?.map_err(|unanswered| match unanswered {
        Unanswered::Unknown { .. } => Problem::AsGitlab(StatusCode::NOT_FOUND, unknown.to_owned()),
        Unanswered::Ambiguous => refused(r#"{"error":"gitlab is missing"}"#.to_owned()),
        other => other.into(),
    })?;
    json(&points.into_iter().map(GitlabPoint::from).collect::<Vec<_>>())
}

/// The id of a project; `None` for a path.
fn number(id: &str) -> Option<ProjectId> {
    ProjectId::new(id.parse().ok()?).ok()
}
