//! `serve`: receive deliveries and serve the numbers, until asked to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::{Exit, Failure};
use super::notify::Supervisor;
use super::settings::{SettingsArgs, complain_of};
use crate::app::{App, Reread, RunError, StartError};
use crate::clock::SystemClock;
use crate::config::{self, Environment, Loaded, Mistake, Purpose, Settings};
use crate::http::Reload;
use crate::store::StoreError;
use crate::telemetry::{self, Colour};

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Serves until SIGTERM or SIGINT; a second one ends the program at once, which loses nothing that
/// was acknowledged. SIGHUP reads the configuration again.
///
/// # Errors
/// - [`Exit::Configuration`] when the settings are wrong.
/// - [`Exit::StoreUnavailable`] when the store cannot be used, or the disk failed under a write.
/// - [`Exit::Failed`] when the address is taken, or after a defect.
pub fn run(args: &ServeArgs, environment: &Environment) -> Result<(), Failure> {
    let inputs = args.settings.inputs(environment.clone());
    let Loaded { settings, warnings, .. } = config::load(&inputs, Purpose::Serve);
    let settings = settings.inspect_err(|_| complain_of(&warnings))?;
    let colour = if environment.get("NO_COLOR").is_some() { Colour::Never } else { Colour::Auto };
    telemetry::init(settings.log.format, &settings.log.filter, colour)
        .map_err(|error| Failure::new(Exit::Failed, error))?;
    telemetry::log_panics();
    log(&warnings);
    let supervisor = Supervisor::of(environment);
    let reread: Reread = Box::new(move || {
        let loaded = config::load(&inputs, Purpose::Serve);
        log(&loaded.warnings);
        loaded.settings
    });
    // Handlers have threads of their own; this one waits for signals.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, error))?;
    runtime.block_on(serve(settings, reread, supervisor))
}

/// Once there is a log, warnings are events like all others.
fn log(warnings: &[Mistake]) {
    for warning in warnings {
        let setting = warning.to_string().replace("\n  ", ", ");
        tracing::warn!(setting, "a setting looks wrong, but works");
    }
}

async fn serve(settings: Settings, reread: Reread, supervisor: Supervisor) -> Result<(), Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::new(Exit::Failed, error));
    let mut stops = Stops {
        terminate: listen(SignalKind::terminate())?,
        interrupt: listen(SignalKind::interrupt())?,
    };
    let hangup = listen(SignalKind::hangup())?;
    let app = App::start_rereading(settings, reread, Arc::new(SystemClock)).await?;
    supervisor.ready();
    tokio::spawn(reload_at(hangup, app.reload()));
    tokio::spawn(announce(app.ready(), app.address()));
    let stop = async {
        stops.next().await;
        supervisor.stopping();
        tokio::spawn(exit_at(stops));
    };
    app.run_until(stop).await?;
    tracing::info!("stopped");
    Ok(())
}

async fn announce(ready: impl Future<Output = ()>, address: SocketAddr) {
    ready.await;
    tracing::info!("ready; waiting for the first delivery at http://{address}/webhooks/gitlab");
}

async fn reload_at(mut hangup: Signal, reload: Reload) {
    while hangup.recv().await.is_some() {
        // What is wrong with the new configuration has been logged.
        let _ = reload().await;
    }
}

/// The signals that ask to stop.
struct Stops {
    terminate: Signal,
    interrupt: Signal,
}

impl Stops {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Ends the process at the next signal, whatever is still under way.
async fn exit_at(mut stops: Stops) {
    stops.next().await;
    tracing::warn!("asked again to stop; ending at once");
    std::process::exit(Exit::Failed as i32);
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => Self::from(error),
            error @ StartError::Listen { .. } => Self::new(Exit::Failed, error)
                .suggesting("stop the program that has the address, or set server.listen"),
            error @ StartError::Scope { .. } => Self::new(Exit::GitLabRefused, error)
                .suggesting("a token with the scope `api`, or hooks = \"audit\" in its block"),
            error => Self::new(Exit::Failed, error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let advice = error.advice();
        Self::new(Exit::StoreUnavailable, error).suggesting(advice)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Storage(error) => Self::from(error),
            error => Self::new(Exit::Failed, error),
        }
    }
}
