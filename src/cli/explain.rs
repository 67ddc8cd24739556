//! `explain`: what stands behind one value, on stdout.

use clap::Args;

use super::exit::{Exit, Failure};
use super::output;
use super::settings::{SettingsArgs, instant};
use crate::app::Past;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Environment, Purpose};
use crate::delivery::Timestamp;

/// What is to be explained.
#[derive(Debug, Args)]
#[command(after_help = "Example: gitlab-dora-exporter explain \
    'dora_change_fail_ratio{project=\"group/app\",environment_tier=\"production\",window=\"30d\"}'")]
pub struct ExplainArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// The series as Prometheus shows it: name{label="value",…}
    series: String,
    /// Instant of measure, as 2026-03-01T00:00:00Z: what is known today, as of then [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Timestamp>,
    /// Print JSON, as /api/v1/explain answers
    #[arg(long)]
    json: bool,
}

/// Measures what the store holds as of one instant, and prints what makes one value. The store is
/// only read, so an exporter may run meanwhile.
///
/// # Errors
/// - [`Exit::Usage`] when the series cannot be read or explained, or whose it is is not known.
/// - [`Exit::Configuration`] when the settings are wrong.
/// - [`Exit::StoreUnavailable`] when there is no store, or none that can be read.
pub fn run(args: &ExplainArgs, environment: Environment) -> Result<(), Failure> {
    let usage = |error: &dyn std::error::Error| Failure::new(Exit::Usage, error.to_string());
    let settings = args.settings.load(environment, Purpose::Other).settings?;
    let past = Past::open(&settings)?;
    let series = past.series(&args.series).map_err(|error| usage(&error))?;
    let at = args.at.unwrap_or_else(|| SystemClock.now());
    let report = past.explain(&series, at).map_err(|error| usage(&error))?;
    if !args.json {
        return output::result(report.to_string().as_bytes());
    }
    let mut text =
        serde_json::to_string_pretty(&report).map_err(|error| Failure::new(Exit::Failed, error))?;
    text.push('\n');
    output::result(text.as_bytes())
}
