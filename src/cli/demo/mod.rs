//! `demo`: an invented company's hooks through the real door; page and metrics in under a minute.

pub(super) mod numbers;
mod written;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use self::numbers::Numbers;
use super::exit::{Exit, Failure};
use super::local::{self, LocalError};
use super::progress::Progress;
use crate::app::{RunError, StartError};
use crate::clock::{Clock, SystemClock};
use crate::delivery::Timestamp;
use crate::demo::{Company, SendError, Sender};
use crate::rest::unencrypted;
use crate::telemetry::{self, Colour, LogFilter, LogFormat};

/// How much faster than life the company lives once its history is told: a working day takes
/// minutes, and a few things happen every minute.
const PACE: u32 = 60;
/// Limit of series: the one users have who set none; a company makes a few hundred.
const MAX_SERIES: u64 = 50_000;
/// GitLab's own numbers stand beside ours, so that the two can be compared.
const BESIDE_GITLAB: &str = "compat = { gitlab = true }\n";
/// How long the numbers may take to appear; a snapshot is made every 15 s.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the snapshot is looked for, and the live story goes on.
const STEP: Duration = Duration::from_millis(500);

/// What is invented, and where it is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gitlab-dora-exporter demo --listen 127.0.0.1:0")]
pub struct DemoArgs {
    /// Which company: the same seed at the same instant gives the same history.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many days of history.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=400))]
    days: u32,
    /// Where page and metrics are; port 0 takes any that is free.
    #[arg(long, default_value = "127.0.0.1:13672")]
    listen: SocketAddr,
    /// Print the numbers and end; without it, the company lives on until Ctrl-C.
    #[arg(long)]
    once: bool,
    /// Write every delivery of the history to this new folder, to recount the numbers by hand, and
    /// end.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["once", "listen"])]
    write: Option<PathBuf>,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// No exporter to show.
    #[error("show the exporter")]
    Local(#[from] LocalError),
    /// A delivery was not accepted.
    #[error("tell the story")]
    Send(#[from] SendError),
    /// No number could be read back.
    #[error("read the numbers back from {url}")]
    Numbers {
        /// Where they should have been.
        url: String,
        /// What went wrong.
        #[source]
        cause: reqwest::Error,
    },
    /// The numbers did not come in time.
    #[error("see the numbers within {} s", PATIENCE.as_secs())]
    Late,
    /// Files or the terminal failed.
    #[error("write what happened")]
    Io(#[from] io::Error),
    /// The exporter failed while it ran.
    #[error("keep the exporter running")]
    Run(#[source] RunError),
}

/// Tells the story until it is over, or until SIGINT or SIGTERM.
///
/// # Errors
/// [`Exit::Failed`] when there is nothing to show: the address is taken, or the exporter failed.
pub fn run(args: &DemoArgs) -> Result<(), Failure> {
    let filter = LogFilter::parse("warn").map_err(|error| Failure::new(Exit::Failed, error))?;
    // Whoever embeds this has set up logs of its own.
    let _ = telemetry::init(LogFormat::Text, &filter, Colour::Auto);
    let runtime = local::runtime()?;
    runtime.block_on(show(args, Arc::new(SystemClock), asked_to_end())).map_err(|error| {
        let taken =
            matches!(&error, DemoError::Local(LocalError::Start(StartError::Listen { .. })));
        let failure = Failure::new(Exit::Failed, error);
        if taken { failure.suggesting("demo --listen 127.0.0.1:0") } else { failure }
    })
}

/// Resolves at Ctrl-C, and when a container is stopped.
async fn asked_to_end() {
    let interrupted = async {
        // Without the signal there is still SIGKILL.
        let _ = tokio::signal::ctrl_c().await;
    };
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => tokio::select! {
            () = interrupted => {}
            _ = terminated.recv() => {}
        },
        Err(_) => interrupted.await,
    }
}

async fn show(
    args: &DemoArgs,
    clock: Arc<dyn Clock>,
    stop: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    let now = clock.now();
    if let Some(folder) = &args.write {
        let written = written::write(&Company::new(args.seed, now, args.days, PACE), now, folder)?;
        return Ok(writeln!(io::stdout(), "{written}")?);
    }
    // Removed when this returns, whatever happened.
    let folder = tempfile::Builder::new().prefix("gitlab-dora-demo-").tempdir()?;
    let token = local::prepare(folder.path(), args.listen, MAX_SERIES, BESIDE_GITLAB)?;
    let app = local::start(folder.path(), Arc::clone(&clock)).await?;
    let base = format!("http://{}", reachable(app.address()));
    let client = unencrypted().build().map_err(io::Error::other)?;
    let hook = format!("{base}{}", local::HOOK_PATH);
    let sender = Sender::new(client, hook, token, Arc::clone(&clock));

    let (end, ended) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(app.run_until(async {
        let _ = ended.await;
    }));
    let told = tokio::select! {
        told = tell(args, now, &base, &sender, &clock) => told,
        () = stop => Ok(()),
    };
    let _ = end.send(());
    let ran = running.await.map_err(io::Error::other)?;
    told?;
    ran.map_err(DemoError::Run)
}

/// Where this machine reaches an exporter that listens on `address`, which may stand for all.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// The history, the numbers that come of it, and life as it goes on.
async fn tell(
    args: &DemoArgs,
    now: Timestamp,
    base: &str,
    sender: &Sender,
    clock: &Arc<dyn Clock>,
) -> Result<(), DemoError> {
    let begun = clock.monotonic();
    let total = Company::new(args.seed, now, args.days, PACE).count_before(now);
    let mut company = Company::new(args.seed, now, args.days, PACE);
    let mut progress = Progress::begin("history", total, clock);
    let history = std::iter::from_fn(|| company.next_before(now));
    sender.send_all(history, || progress.step()).await?;
    progress.end();
    let seconds = clock.monotonic().duration_since(begun).as_secs();
    let mut out = io::stdout();
    writeln!(out, "{total} signed deliveries of {} days accepted in {seconds} s", args.days)?;
    writeln!(out, "page     {base}/")?;
    writeln!(out, "metrics  {base}/metrics")?;
    writeln!(out, "health   {base}/-/healthy")?;
    let numbers = measured(base, clock).await?;
    writeln!(out, "\nproduction, last {}, read back from /metrics:", numbers::WINDOW)?;
    write!(out, "{numbers}")?;
    if args.once {
        return Ok(());
    }
    writeln!(out, "\nlife goes on, {PACE} times faster than yours; Ctrl-C ends it")?;
    live(company, sender, clock).await
}

/// Reads the numbers from the first snapshot made after everything was delivered.
async fn measured(base: &str, clock: &Arc<dyn Clock>) -> Result<Numbers, DemoError> {
    let url = format!("{base}/metrics");
    let delivered = clock.now();
    let give_up = clock.monotonic() + PATIENCE;
    while clock.monotonic() < give_up {
        let read = async { unencrypted().build()?.get(&url).send().await?.text().await };
        let text = read.await.map_err(|cause| DemoError::Numbers { url: url.clone(), cause })?;
        if numbers::measured_at(&text).is_some_and(|at| at > delivered) {
            return Ok(Numbers::read(&text));
        }
        clock.sleep(STEP).await;
    }
    Err(DemoError::Late)
}

/// Delivers what happens, when it happens.
async fn live(
    mut company: Company,
    sender: &Sender,
    clock: &Arc<dyn Clock>,
) -> Result<(), DemoError> {
    loop {
        while let Some(delivery) = company.next_before(clock.now()) {
            sender.send(&delivery).await?;
        }
        clock.sleep(STEP).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_stands_for_all_is_reached_on_loopback() {
        for (listens, reached) in [
            ("0.0.0.0:13672", "127.0.0.1:13672"),
            ("[::]:13672", "[::1]:13672"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), reached);
        }
    }
}
