//! The exporter that runs with these settings on this machine, if one does.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;

use super::finding::{Area, Findings};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::config::Settings;
use crate::rest::{Visit, visit};
use crate::words::diagnoses::here::{SERVER_NOT_READY, SERVER_RUNS, SERVER_SILENT};
use crate::words::diagnoses::there::DELIVERIES_SKEWED;

/// More than a scrape with ten times the usual limit of series takes.
const SCRAPE_BYTES: usize = 128 << 20;

/// A clock that differs by more from GitLab's is told, before deliveries are refused for it.
const SKEW_SECONDS: f64 = 30.0;

/// What the running exporter shows of itself.
#[derive(Default)]
pub(super) struct Serving {
    /// What it exposes; `None` when none runs.
    exposed: Option<Bytes>,
}

impl Serving {
    /// Asks the exporter for its readiness and its metrics.
    pub(super) async fn look(settings: &Settings, findings: &mut Findings) -> Self {
        let address = own_address(settings);
        let mut scrape = Visit::get("");
        let url = format!("http://{address}/metrics");
        (scrape.url, scrape.limit_bytes) = (&url, SCRAPE_BYTES);
        let exposed = match visit(scrape).await {
            Ok(visited) if visited.status == 200 => Some(visited.body),
            _ => None,
        };
        let serving = Self { exposed };
        let address = address.to_string();
        // Whoever else listens there is no exporter.
        if serving.number("gitlab_dora_exporter_build_info").is_none() {
            findings.note(Area::Server, SERVER_SILENT.of([&address]));
            return Self::default();
        }
        match readiness(&address).await {
            Ok(()) => findings.ok(Area::Server, SERVER_RUNS.of([&address])),
            Err(why) => {
                findings.fail(Exit::Failed, Area::Server, SERVER_NOT_READY.of([&why]));
            }
        }
        if let Some(skew) = serving.number("gitlab_dora_exporter_clock_skew_seconds")
            && skew.abs() > SKEW_SECONDS
        {
            findings.warn(Area::Server, DELIVERIES_SKEWED.of([&skew.to_string()]));
        }
        serving
    }

    /// Whether an exporter runs.
    pub(super) const fn is_running(&self) -> bool {
        self.exposed.is_some()
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        let text = self.exposed.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.unwrap_or_default().lines()
    }

    /// The values of a metric, by its labels as they are written.
    pub(super) fn values(&self, name: &str) -> BTreeMap<&str, f64> {
        let of_line = |line| {
            let rest: &str = str::strip_prefix(line, name)?;
            let (labels, value) = rest.rsplit_once(' ')?;
            let is_it = labels.is_empty() || labels.starts_with('{');
            Some((labels, value.parse().ok().filter(|_| is_it)?))
        };
        self.lines().filter_map(of_line).collect()
    }

    /// The first value of a metric.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.values(name).into_values().next()
    }

    /// The value of a label of the first series of a metric.
    pub(super) fn label(&self, name: &str, label: &str) -> Option<String> {
        let values = self.values(name);
        let (labels, _) = values.first_key_value()?;
        let (_, rest) = labels.split_once(&format!("{label}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    }

    /// The families that are exposed.
    pub(super) fn families(&self) -> Vec<&str> {
        let of_line = |line| str::strip_prefix(line, "# TYPE ")?.split(' ').next();
        self.lines().filter_map(of_line).collect()
    }
}

/// Ends well when the exporter says that it is ready.
///
/// # Errors
/// [`Exit::Failed`] when it does not, or nobody answers.
pub(super) async fn ready(settings: &Settings) -> Result<(), Failure> {
    match readiness(&own_address(settings).to_string()).await {
        Ok(()) => output::result("ready\n"),
        Err(why) => Err(Failure::new(Exit::Failed, format!("not ready: {why}"))),
    }
}

/// Why the exporter at this address is not ready.
async fn readiness(address: &str) -> Result<(), String> {
    match visit(Visit::get(&format!("http://{address}/-/ready"))).await {
        Ok(visited) if visited.status == 200 => Ok(()),
        Ok(visited) if visited.status == 503 => Err(visited.text().trim().to_owned()),
        Ok(visited) => Err(format!("{address} answers {}", visited.status)),
        Err(error) => Err(format!("{address} does not answer: {}", error.deepest())),
    }
}

/// Where the exporter answers everything that GitLab need not reach, as seen from this machine.
fn own_address(settings: &Settings) -> SocketAddr {
    let mut address = settings.server.admin_listen.unwrap_or(settings.server.listen);
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
