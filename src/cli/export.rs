//! `export`: the numbers of one instant, on stdout.

use clap::{Args, ValueEnum};

use super::exit::{Exit, Failure};
use super::output;
use super::settings::SettingsArgs;
use crate::app;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Environment, Purpose};
use crate::delivery::Timestamp;
use crate::exposition::{self, Encoding, Escaping, Tail};

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Instant of measure, as 2026-03-01T00:00:00Z: what is known today, as of then [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Timestamp>,
    /// Format of the exposition
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Formats of the exposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Prometheus text 0.0.4
    Text,
    /// OpenMetrics 1.0
    Openmetrics,
}

/// Measures what the store holds as of one instant, without lifetime totals, and prints it. The
/// store is only read, so an exporter may run meanwhile.
///
/// # Errors
/// - [`Exit::Configuration`] when the settings are wrong.
/// - [`Exit::StoreUnavailable`] when there is no store, or none that can be read.
pub fn run(args: &ExportArgs, environment: Environment) -> Result<(), Failure> {
    let settings = args.settings.load(environment, Purpose::Other).settings?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let snapshot = app::export(&settings, at)?;
    let format = match args.format {
        Format::Text => exposition::Format::Text,
        Format::Openmetrics => exposition::Format::OpenMetrics { escaping: Escaping::Unnamed },
    };
    let tail = Tail::render(&[], format);
    let parts = exposition::scrape(Some(&snapshot), &tail, Encoding::Identity).body;
    let text = String::from_utf8(parts.concat());
    output::result(&text.map_err(|error| Failure::new(Exit::Failed, error))?)
}

/// An instant as RFC 3339 writes it, fractions of seconds dropped.
fn instant(text: &str) -> Result<Timestamp, jiff::Error> {
    let instant: jiff::Timestamp = text.parse()?;
    Ok(Timestamp::from_second(instant.as_second()))
}
