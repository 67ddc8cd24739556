//! `/-/healthy` and `/-/ready`: for supervisors and load balancers.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpResponse, web};

use super::state::AppState;

/// What stands in the way of being ready, besides the first snapshot; set by the composition.
#[derive(Debug, Default)]
pub struct Readiness {
    stopping: AtomicBool,
    store_refuses: AtomicBool,
}

impl Readiness {
    /// The program is on its way out.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Whether the store can commit now.
    pub fn store_commits(&self, commits: bool) {
        self.store_refuses.store(!commits, Ordering::Release);
    }

    /// Why it is not ready, whatever the snapshot; `None` when nothing is in the way.
    #[must_use]
    pub fn obstacle(&self) -> Option<&'static str> {
        if self.stopping.load(Ordering::Acquire) {
            Some("stopping")
        } else if self.store_refuses.load(Ordering::Acquire) {
            Some("the store cannot commit")
        } else {
            None
        }
    }
}

/// 200 while the process lives.
pub(super) async fn healthy() -> HttpResponse {
    text(HttpResponse::Ok(), "healthy")
}

/// 200 once the first snapshot exists, while the store can commit, until the program stops.
pub(super) async fn ready(state: web::Data<AppState>) -> HttpResponse {
    match state.obstacle() {
        None => text(HttpResponse::Ok(), "ready"),
        Some(why) => text(HttpResponse::ServiceUnavailable(), why),
    }
}

fn text(mut answer: actix_web::HttpResponseBuilder, line: &str) -> HttpResponse {
    answer.content_type("text/plain; charset=utf-8").body(format!("{line}\n"))
}
