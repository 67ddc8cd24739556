//! `/metrics`: the rendered snapshot, and this process's own metrics behind it.

use std::convert::Infallible;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;

use super::state::AppState;
use crate::exposition::{VARY, negotiate, negotiate_encoding, scrape};

/// Renders nothing: the snapshot was rendered when it was made, and is shared by all scrapes. Before the first snapshot there are this process's own metrics alone.
pub(super) async fn metrics(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    match state.obstacle() {
        None => state.instruments.set_ready(),
        Some(_) => state.instruments.set_unready(),
    }
    let format = negotiate(text(&request, header::ACCEPT).as_deref());
    let encoding = negotiate_encoding(text(&request, header::ACCEPT_ENCODING).as_deref());
    // In this order: own metrics that tell of a snapshot are never served with an older one.
    let tail = state.tails.get(format, &state.instruments, state.clock.monotonic());
    let snapshot = state.scoreboard.snapshot();
    let scrape = scrape(snapshot.as_deref(), &tail, encoding);

    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, scrape.content_type));
    answer.insert_header((header::VARY, VARY));
    if let Some(encoding) = scrape.content_encoding {
        answer.insert_header((header::CONTENT_ENCODING, encoding));
    }
    let length = u64::try_from(scrape.length()).unwrap_or(u64::MAX);
    let parts = scrape.body.into_iter().filter(|part| !part.is_empty()).map(Ok::<_, Infallible>);
    answer.body(SizedStream::new(length, stream::iter(parts)))
}

/// All values of a header as one list, as RFC 9110 §5.3 joins them; `None` when there is none.
pub(super) fn text(request: &HttpRequest, name: header::HeaderName) -> Option<String> {
    let values: Vec<&str> =
        request.headers().get_all(name).filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
