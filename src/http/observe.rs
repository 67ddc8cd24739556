//! Counts every answer, by route and status code, and answers for a handler that panicked.

use std::panic::AssertUnwindSafe;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;
use futures_util::FutureExt as _;

use super::problem::Problem;
use super::state::AppState;

/// Routes that are counted apart; a path that is none of them counts as `other`, so that nobody
/// can make series by asking for pages that do not exist.
const ROUTES: [&str; 8] = [
    "/webhooks/gitlab",
    "/metrics",
    "/api/v1/explain",
    "/api/v1/scorecard",
    "/-/healthy",
    "/-/ready",
    "/-/reload",
    "/",
];

/// Wraps all routes.
pub(super) async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let route = ROUTES.into_iter().find(|route| *route == request.path()).unwrap_or("other");
    let state = request.app_data::<web::Data<AppState>>().cloned();
    // A handler leaves nothing half done that another one looks at: what it shares is atomic.
    let answered = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let is_defect = answered.is_err();
    let answer = answered.unwrap_or_else(|_| Err(Problem::Defect.into()));
    let code = match &answer {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    if let Some(state) = state {
        state.instruments.http_answered(route, code.as_u16());
        if is_defect {
            state.instruments.panicked();
        }
    }
    answer
}
