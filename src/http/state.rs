//! What every handler may use.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::body::BodyLimits;
use super::budget::Budget;
use super::health::Readiness;
use super::problem::Problem;
use super::sampler::Sampler;
use super::tails::Tails;
use crate::clock::Clock;
use crate::dora::levels::Year;
use crate::ingest::{Contacts, Heard, Receiver};
use crate::instruments::Instruments;
use crate::report::Gitlabs;
use crate::scoreboard::Scoreboard;
use crate::words::Language;

/// Reads the configuration again and applies it.
///
/// The error holds all mistakes as text; the configuration before is then still in force.
pub type Reload = Arc<dyn Fn() -> Reloading + Send + Sync>;

/// A reading of the configuration under way.
pub type Reloading = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What the handlers are made with.
pub struct StateParts {
    /// Takes deliveries.
    pub receiver: Receiver,
    /// Publishes numbers.
    pub scoreboard: Arc<Scoreboard>,
    /// Which kinds have been heard.
    pub heard: Arc<Heard>,
    /// Which projects have been heard of.
    pub contacts: Arc<Contacts>,
    /// This process's own counters.
    pub instruments: Arc<Instruments>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What stands in the way of being ready.
    pub readiness: Arc<Readiness>,
    /// Limits of request bodies.
    pub body_limits: BodyLimits,
    /// Address of this exporter as GitLab reaches it, when it is known.
    pub public_url: Option<String>,
    /// The languages of the page, the preferred one first.
    pub languages: Vec<Language>,
    /// Whose levels the page sets beside the numbers; `None` for nobody's.
    pub levels: Option<Year>,
    /// The GitLab installations, as last configured.
    pub gitlabs: Arc<ArcSwap<Gitlabs>>,
    /// Reads the configuration again.
    pub reload: Reload,
}

/// Shared by all workers of all listeners.
pub(super) struct AppState {
    pub(super) receiver: Receiver,
    pub(super) scoreboard: Arc<Scoreboard>,
    pub(super) heard: Arc<Heard>,
    pub(super) contacts: Arc<Contacts>,
    pub(super) instruments: Arc<Instruments>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) body_limits: BodyLimits,
    pub(super) budget: Budget,
    pub(super) public_url: Option<String>,
    pub(super) languages: Vec<Language>,
    pub(super) levels: Option<Year>,
    pub(super) gitlabs: Arc<ArcSwap<Gitlabs>>,
    pub(super) reload: Reload,
    pub(super) tails: Tails,
    readiness: Arc<Readiness>,
    refusals: Sampler,
}

impl From<StateParts> for AppState {
    fn from(parts: StateParts) -> Self {
        let budget = Budget::new(&parts.body_limits, Arc::clone(&parts.instruments));
        Self {
            receiver: parts.receiver,
            scoreboard: parts.scoreboard,
            heard: parts.heard,
            contacts: parts.contacts,
            instruments: parts.instruments,
            clock: parts.clock,
            body_limits: parts.body_limits,
            budget,
            public_url: parts.public_url,
            languages: parts.languages,
            levels: parts.levels,
            gitlabs: parts.gitlabs,
            reload: parts.reload,
            tails: Tails::default(),
            readiness: parts.readiness,
            refusals: Sampler::default(),
        }
    }
}

impl AppState {
    /// Why the program is not ready; `None` when it is.
    pub(super) fn obstacle(&self) -> Option<&'static str> {
        let loading =
            || self.scoreboard.snapshot().is_none().then_some("the history is being read");
        self.readiness.obstacle().or_else(loading)
    }

    /// Counts a refused delivery, and logs one now and then: a flood of refusals must not become a
    /// flood of lines.
    pub(super) fn refused(&self, problem: &Problem) {
        self.instruments.refused(problem.reason());
        if let Some(since_last) = self.refusals.sample(self.clock.monotonic()) {
            tracing::warn!(
                error = problem as &dyn std::error::Error,
                refusals = since_last,
                "failed to accept a delivery"
            );
        }
    }
}
