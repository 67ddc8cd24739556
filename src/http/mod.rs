//! The HTTP surface: all routes, and what each listener answers. No decisions of its own.

mod body;
mod budget;
mod health;
mod metrics;
mod observe;
mod page;
mod problem;
mod reload;
mod sampler;
mod server;
mod state;
mod webhook;

use actix_web::web::{self, ServiceConfig, get, head, post, put};

pub use body::BodyLimits;
pub use health::Readiness;
pub use server::{Doors, Server, ServerLimits, bind};
pub use state::{Reload, Reloading, StateParts};

use crate::page::ASSETS;
use problem::Problem;

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
        app.route("/-/healthy", get().to(health::healthy));
        app.route("/-/healthy", head().to(health::healthy));
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
    let webhook = web::resource("/webhooks/gitlab")
        .route(post().to(webhook::receive))
        .default_service(web::to(webhook::wrong_method));
    app.service(webhook);
}

/// What few should reach.
fn admin_routes(app: &mut ServiceConfig) {
    app.route("/metrics", get().to(metrics::metrics));
    app.route("/metrics", head().to(metrics::metrics));
    app.route("/-/ready", get().to(health::ready));
    app.route("/-/ready", head().to(health::ready));
    app.route("/-/reload", post().to(reload::reload));
    app.route("/-/reload", put().to(reload::reload));
    app.route("/", get().to(page::page));
    app.route("/", head().to(page::page));
    for asset in ASSETS {
        app.route(asset.path, get().to(move || async move { page::asset(asset) }));
        app.route(asset.path, head().to(move || async move { page::asset(asset) }));
    }
}
