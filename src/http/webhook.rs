//! `POST /webhooks/gitlab`: a delivery in, an answer once it is durable.
//!
//! Nobody is slowed down for failed proofs. A wrong token is refused before the body is read, which
//! costs less than counting who sent it; a signature takes the body, and to refuse one unread
//! because of its peer would refuse GitLab too, for behind a proxy all peers are one. What a
//! stranger can take up is bounded by the number of connections, their pace and the budget of
//! bodies instead.

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::body::DeliveryBody;
use super::problem::Problem;
use super::state::AppState;
use crate::ingest::Receipt;
use crate::instruments::DeliveryResult;
use crate::proof::DeliveryHeaders;

/// Receives one delivery.
///
/// Answers 200 once the delivery is durable, whatever it says; 401 for a bad proof; 503 when it
/// could not be made durable in time. A probe of ours that is proved is answered by its own nonce,
/// how large it was and how long it took to arrive.
pub(super) async fn receive(
    request: HttpRequest,
    body: DeliveryBody,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let headers = delivery_headers(&request);
    let received = state.receiver.receive(&headers, body.bytes, body.deadline).await;
    let receipt = received.map_err(Problem::from).inspect_err(|problem| state.refused(problem))?;
    let elapsed = state.clock.monotonic().saturating_duration_since(body.started);
    let mut ok = HttpResponse::Ok();
    let ok = ok.content_type("application/json");
    Ok(match receipt {
        Receipt::Kept(result) => {
            state.instruments.acknowledged(elapsed);
            ok.body(answer(result))
        }
        Receipt::Probe(nonce, bytes) => ok.json(json!({
            "status": "probe",
            "nonce": nonce.as_str(),
            "bytes": bytes,
            "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        })),
    })
}

/// Refuses what is no `POST`.
pub(super) async fn wrong_method(state: web::Data<AppState>) -> Result<HttpResponse, Problem> {
    let problem = Problem::Method("POST");
    state.refused(&problem);
    Err(problem)
}

/// The proving and naming headers of a request, as bytes.
pub(super) fn delivery_headers(request: &HttpRequest) -> DeliveryHeaders<'_> {
    DeliveryHeaders::read(|name| request.headers().get_all(name).map(HeaderValue::as_bytes))
}

/// The whole answer; a constant for each result.
const fn answer(result: DeliveryResult) -> &'static str {
    match result {
        DeliveryResult::Stored => r#"{"status":"stored"}"#,
        DeliveryResult::Duplicate => r#"{"status":"duplicate"}"#,
        DeliveryResult::Conflict => r#"{"status":"conflict"}"#,
        DeliveryResult::Irrelevant => r#"{"status":"ignored"}"#,
        DeliveryResult::OutOfScope => r#"{"status":"out_of_scope"}"#,
        DeliveryResult::Unreadable => r#"{"status":"unreadable"}"#,
    }
}
