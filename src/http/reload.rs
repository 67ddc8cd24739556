//! `POST /-/reload`: the configuration is read again.

use actix_web::{HttpResponse, web};

use super::state::AppState;

/// 200 when the configuration was read and applied. 500 with all mistakes when it was not; the one
/// before is then still in force. The mistakes name no secret.
pub(super) async fn reload(state: web::Data<AppState>) -> HttpResponse {
    match (state.reload)().await {
        Ok(()) => HttpResponse::Ok().content_type(PLAIN).body("reloaded\n"),
        Err(mistakes) => HttpResponse::InternalServerError().content_type(PLAIN).body(mistakes),
    }
}

const PLAIN: &str = "text/plain; charset=utf-8";
