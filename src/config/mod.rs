//! Configuration: layers in, settings valid by construction out, or all mistakes at once.
//!
//! Defaults are embedded and are the reference; a file, the environment and flags lie over them.
//! Only `app` and `cli` read [`Settings`]: rooms take the values they need.

mod api;
mod categories;
mod checks;
mod effective;
mod globs;
mod layers;
mod links;
mod mistake;
mod policy;
mod quantity;
mod raw;
mod restart;
mod secret;
mod sender;
mod services;
#[cfg(test)]
mod tests;
mod web_url;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use globset::GlobSet;

pub use layers::{DEFAULTS, Environment, FILE_VARIABLE, Flag, Inputs};
pub use mistake::{ConfigError, Mistake};
pub use quantity::duration;
pub use sender::{HookSecrets, Sender};

use crate::dora::levels::Year;
use crate::dora::policy::Policies;
use crate::dora::window::Window;
use crate::exposition::Histograms;
use crate::telemetry::{LogFilter, LogFormat};
use crate::words::Language;

/// Every choice of the operator, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the exporter listens, and how much it takes from the network.
    pub server: Server,
    /// Who may send, in configured order, each with a name of its own.
    pub senders: Vec<Sender>,
    /// Where events and facts are kept.
    pub storage: Storage,
    /// From a delivery to the database.
    pub ingest: Ingest,
    /// What counts, for each project.
    pub policies: Policies,
    /// User names whose changes are no samples, in any case; matched before names are hashed.
    pub exclude_authors: GlobSet,
    /// Projects whose numbers are shown together, sorted by name.
    pub teams: Vec<Team>,
    /// What `/metrics` shows.
    pub exposition: Exposition,
    /// What the exporter says about itself.
    pub log: Log,
    /// The page for people.
    pub page: Page,
}

/// `[server]`.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where deliveries arrive, and everything else unless `admin_listen` is set.
    pub listen: SocketAddr,
    /// Where metrics, page and administration are, when not at `listen`.
    pub admin_listen: Option<SocketAddr>,
    /// Address of `listen` as GitLab reaches it, without a slash at its end.
    pub external_url: Option<String>,
    /// Connections open at once.
    pub connections: usize,
    /// How long the head of a request may take.
    pub head_timeout: Duration,
    /// How long an idle connection stays open.
    pub keep_alive: Duration,
    /// Largest body of a delivery, in bytes.
    pub body_limit_bytes: usize,
    /// Memory of all bodies being received, in bytes; at least one largest body.
    pub inflight_limit_bytes: usize,
    /// How long the exporter answers on after it was asked to stop.
    pub drain_delay: Duration,
    /// How long requests under way may take after that.
    pub stop_timeout: Duration,
}

/// `[store]`.
#[derive(Debug, Clone)]
pub struct Storage {
    /// Where the database is, and what belongs to it.
    pub directory: PathBuf,
    /// How long journal rows are kept, in seconds.
    pub journal_retention_seconds: u64,
    /// How long facts are kept, in seconds; at least the longest window.
    pub facts_retention_seconds: u64,
}

/// `[ingest]`.
#[derive(Debug, Clone, Copy)]
pub struct Ingest {
    /// How long a delivery may wait to become durable.
    pub deadline: Duration,
    /// How long a commit waits for company.
    pub linger: Duration,
    /// Deliveries that may wait.
    pub queue_events: usize,
    /// Bytes that may wait.
    pub queue_limit_bytes: usize,
    /// Deliveries in one commit.
    pub batch_events: usize,
    /// Bytes in one commit.
    pub batch_limit_bytes: usize,
    /// How far a signature's time may be from our clock, in seconds.
    pub signature_tolerance_seconds: u64,
}

/// One `[[team]]`.
#[derive(Debug, Clone)]
pub struct Team {
    /// The value of the label `team`, unique.
    pub name: String,
    /// Its projects, by path; never empty.
    pub projects: GlobSet,
}

/// `[exposition]`.
#[derive(Debug, Clone)]
pub struct Exposition {
    /// Ascending, each once, at least one.
    pub windows: Vec<Window>,
    /// The grid of the instants of measure, in seconds; at least 1.
    pub refresh_seconds: u32,
    /// Series that one scrape may hold.
    pub max_series: u64,
    /// Whether histograms are shown.
    pub histograms: Histograms,
}

/// `[log]`.
#[derive(Debug, Clone)]
pub struct Log {
    /// Text or JSON.
    pub format: LogFormat,
    /// Which events are written.
    pub filter: LogFilter,
}

/// `[page]`.
#[derive(Debug, Clone)]
pub struct Page {
    /// The languages offered, the preferred one first; at least one.
    pub languages: Vec<Language>,
    /// Whose levels stand beside the numbers; `None` for nobody's.
    pub levels: Option<Year>,
}

/// What the configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Receiving deliveries, which takes a secret.
    Serve,
    /// Anything else.
    Other,
}

/// What was read from the layers.
#[derive(Debug)]
pub struct Loaded {
    /// The settings, or everything that is wrong with them.
    pub settings: Result<Settings, ConfigError>,
    /// What looks wrong, but works.
    pub warnings: Vec<Mistake>,
    /// Every value with its origin, secrets masked: `key = value  # origin`, one a line.
    pub effective: String,
}

/// Reads the layers and checks everything.
#[must_use]
pub fn load(inputs: &Inputs, purpose: Purpose) -> Loaded {
    let mut mistakes = Vec::new();
    let figment = layers::stack(inputs, &mut mistakes);
    let dict = figment.extract().unwrap_or_else(|error: figment::Error| {
        mistakes.push(Mistake::new("configuration", format!("cannot be joined: {error}")));
        figment::value::Dict::new()
    });
    let (settings, warnings) = checks::check(&figment, &dict, mistakes, inputs, purpose);
    Loaded { settings, warnings, effective: effective::print(&figment, &dict) }
}
