//! `export`: the numbers of one instant or of a span of time, on stdout.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::exit::{Exit, Failure};
use super::output;
use super::progress::Progress;
use super::settings::SettingsArgs;
use crate::app::Past;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Environment, Purpose};
use crate::delivery::Timestamp;
use crate::exposition::{self, Encoding, Escaping, Tail, Timeline};

/// Most instants of a span: a year of quarters of an hour is 35,040.
const MOST_INSTANTS: u64 = 100_000;

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Instant of measure, as 2026-03-01T00:00:00Z: what is known today, as of then [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Timestamp>,
    /// First instant of a span, exported as OpenMetrics with timestamps
    #[arg(long, value_name = "INSTANT", value_parser = instant, conflicts_with_all = ["at", "format"])]
    from: Option<Timestamp>,
    /// Last instant of the span [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "from")]
    to: Option<Timestamp>,
    /// From one instant of the span to the next
    #[arg(long, value_name = "DURATION", value_parser = step, requires = "from", default_value = "1h")]
    step: Duration,
    /// Format of the exposition of one instant
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

/// Measures what the store holds as of one instant or several, without lifetime totals, and prints
/// it. The store is only read, so an exporter may run meanwhile.
///
/// # Errors
/// - [`Exit::Usage`] when the span ends before it begins, or has too many instants.
/// - [`Exit::Configuration`] when the settings are wrong.
/// - [`Exit::StoreUnavailable`] when there is no store, or none that can be read.
pub fn run(args: &ExportArgs, environment: Environment) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let span = match args.from {
        Some(from) => Some(Span::new(from, args.to.unwrap_or_else(|| clock.now()), args.step)?),
        None => None,
    };
    let settings = args.settings.load(environment, Purpose::Other).settings?;
    let past = Past::open(&settings)?;
    match span {
        Some(span) => span.export(&past, &clock),
        None => export_one(&past, args.at.unwrap_or_else(|| clock.now()), args.format),
    }
}

fn export_one(past: &Past, at: Timestamp, format: Format) -> Result<(), Failure> {
    let format = match format {
        Format::Text => exposition::Format::Text,
        Format::Openmetrics => exposition::Format::OpenMetrics { escaping: Escaping::Unnamed },
    };
    let tail = Tail::render(&[], format);
    let parts = exposition::scrape(Some(&past.at(at)), &tail, Encoding::Identity).body;
    output::result(parts.concat())
}

/// Instants at equal distances, at least one.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Timestamp,
    instants: u64,
    step_seconds: u64,
}

impl Span {
    fn new(from: Timestamp, to: Timestamp, step: Duration) -> Result<Self, Failure> {
        if to < from {
            return Err(Failure::new(Exit::Usage, "the span ends before it begins")
                .suggesting("an earlier --from or a later --to"));
        }
        let step_seconds = step.as_secs().max(1);
        let instants = to.seconds_since(from) / step_seconds + 1;
        if instants > MOST_INSTANTS {
            let error =
                format!("{instants} instants are more than the {MOST_INSTANTS} of one export");
            return Err(Failure::new(Exit::Usage, error)
                .suggesting("a larger --step, or several exports of a shorter span"));
        }
        Ok(Self { from, instants, step_seconds })
    }

    fn export(self, past: &Past, clock: &Arc<dyn Clock>) -> Result<(), Failure> {
        let mut timeline = Timeline::default();
        let mut progress = Progress::begin("measuring", self.instants, clock);
        for number in 0..self.instants {
            let at = self.from.plus(number.saturating_mul(self.step_seconds));
            past.add_to(&mut timeline, at).map_err(|full| Failure::new(Exit::Failed, full))?;
            progress.step();
        }
        progress.end();
        timeline.pieces().try_for_each(|piece| output::result(&piece))
    }
}

/// An instant as RFC 3339 writes it, fractions of seconds dropped.
fn instant(text: &str) -> Result<Timestamp, jiff::Error> {
    let instant: jiff::Timestamp = text.parse()?;
    Ok(Timestamp::from_second(instant.as_second()))
}

fn step(text: &str) -> Result<Duration, String> {
    let step = config::duration(text).filter(|step| *step >= Duration::from_secs(1));
    step.ok_or_else(|| "wanted a duration of a second or more, like 90s, 15m, 1h or 1d".to_owned())
}
