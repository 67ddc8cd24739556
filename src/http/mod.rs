//! The HTTP surface: all routes, and what each listener answers. No decisions of its own.

mod api;
mod body;
mod budget;
mod gitlab_api;
mod health;
mod metrics;
mod observe;
mod page;
mod problem;
mod reload;
mod sampler;
mod server;
mod state;
mod tails;
mod webhook;

use actix_web::web::{self, ServiceConfig, get, head, post, put};
use actix_web::{FromRequest, Handler, Responder};

pub use body::BodyLimits;
pub use health::Readiness;
pub use server::{Doors, Server, ServerLimits, bind};
pub use state::{Reload, Reloading, StateParts};

use crate::page::ASSETS;
use problem::Problem;

/// Where GitLab delivers.
pub const WEBHOOK_PATH: &str = "/webhooks/gitlab";

/// What a listener answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Everything: the only listener.
    Whole,
    /// What GitLab must reach, where there is a second listener for the rest.
    Public,
    /// The rest.
    Admin,
}

/// All routes.
fn routes(door: Door) -> impl FnOnce(&mut ServiceConfig) + Copy {
    move |app| {
        readable(app, "/-/healthy", health::healthy);
        if door != Door::Admin {
            app.configure(ingest_routes);
        }
        if door != Door::Public {
            app.configure(admin_routes);
        }
        app.default_service(web::to(|| async { Err::<(), _>(Problem::NotFound) }));
    }
}

/// What GitLab must reach.
fn ingest_routes(app: &mut ServiceConfig) {
    let webhook = web::resource(WEBHOOK_PATH)
        .route(post().to(webhook::receive))
        .default_service(web::to(webhook::wrong_method));
    app.service(webhook);
}

/// What few should reach.
fn admin_routes(app: &mut ServiceConfig) {
    readable(app, "/", page::page);
    readable(app, "/setup", page::setup);
    readable(app, "/metrics", metrics::metrics);
    readable(app, "/api/v1/explain", api::explain);
    readable(app, "/api/v1/scorecard", api::scorecard);
    readable(app, "/api/v4/projects/{id}/dora/metrics", gitlab_api::of_project);
    readable(app, "/api/v4/groups/{id}/dora/metrics", gitlab_api::of_group);
    readable(app, "/-/ready", health::ready);
    for asset in ASSETS {
        readable(app, asset.path, move || async move { page::asset(asset) });
    }
    let reload = web::resource("/-/reload")
        .route(post().to(reload::reload))
        .route(put().to(reload::reload))
        .default_service(web::to(|| async { Err::<(), _>(Problem::Method("POST, PUT")) }));
    app.service(reload);
}

/// A page that is read by GET and HEAD, and by nothing else.
fn readable<F, Args>(app: &mut ServiceConfig, path: &str, handler: F)
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let page = web::resource(path)
        .route(get().to(handler.clone()))
        .route(head().to(handler))
        .default_service(web::to(|| async { Err::<(), _>(Problem::Method("GET, HEAD")) }));
    app.service(page);
}
