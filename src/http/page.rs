//! `/` and its assets: the page for people.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

use super::metrics::text;
use super::state::AppState;
use crate::page::{
    self, ASSET_CACHE_CONTROL, Asset, HeardKind, Landing, SECURITY_HEADERS, Setup, landing,
};
use crate::words::Language;

/// The landing page, in the language the reader asked for.
pub(super) async fn page(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let language = language(&request, &state);
    let heard: Vec<HeardKind> = state
        .heard
        .list()
        .into_iter()
        .map(|(kind, hearing)| HeardKind {
            kind: kind.to_string(),
            last_heard: hearing.last,
            deliveries: hearing.deliveries,
        })
        .collect();
    let scorecard = state.scoreboard.scorecard();
    let html = landing(&Landing {
        scorecard: scorecard.as_deref(),
        heard: &heard,
        language,
        languages: &state.languages,
        version: env!("CARGO_PKG_VERSION"),
        window: parameter(&request, "window").as_deref(),
        now: state.clock.now(),
        public_url: state.public_url.as_deref(),
        levels: state.levels,
    });
    document(&request, language, html)
}

/// The page of set-up, in the language the reader asked for.
pub(super) async fn setup(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let language = language(&request, &state);
    let scorecard = state.scoreboard.scorecard();
    let html = page::setup(&Setup {
        scorecard: scorecard.as_deref(),
        contacts: &state.contacts.list(),
        language,
        languages: &state.languages,
        version: env!("CARGO_PKG_VERSION"),
        now: state.clock.now(),
    });
    document(&request, language, html)
}

/// The language of the parameter, the cookie or the browser, in that order.
fn language(request: &HttpRequest, state: &AppState) -> Language {
    Language::choose(
        &state.languages,
        parameter(request, Language::PARAMETER).as_deref(),
        text(request, header::COOKIE).as_deref(),
        text(request, header::ACCEPT_LANGUAGE).as_deref(),
    )
}

/// A page in a language, which is remembered when it was asked for by name.
fn document(request: &HttpRequest, language: Language, html: String) -> HttpResponse {
    let asked = parameter(request, Language::PARAMETER);
    let mut answer = secured();
    answer.insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"));
    answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    answer.insert_header((header::VARY, "Accept-Language, Cookie"));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    if asked.as_deref().and_then(Language::from_tag) == Some(language) {
        answer.insert_header((header::SET_COOKIE, language.cookie()));
    }
    answer.body(html)
}

/// One file that the page loads.
pub(super) fn asset(asset: Asset) -> HttpResponse {
    let mut answer = secured();
    answer.insert_header((header::CONTENT_TYPE, asset.content_type));
    answer.insert_header((header::CACHE_CONTROL, ASSET_CACHE_CONTROL));
    answer.body(asset.body)
}

fn secured() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    for header in SECURITY_HEADERS {
        answer.insert_header(header);
    }
    answer
}

/// The first value of a query parameter.
fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string()).ok()?;
    query.into_inner().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
