//! What this process says about itself in words: structured logs on stderr, as text or JSON.
//!
//! stdout carries results only. Control characters in values are escaped by both forms, so a line
//! of the log is always one event.

mod lines;

use std::io::IsTerminal as _;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use lines::{JsonLines, TextFields};

/// How log events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object per line, for collectors.
    Json,
}

impl LogFormat {
    /// The forms, by the names used in the configuration.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// The name used in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Whether text may be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal.
    Auto,
    /// Nowhere, as `NO_COLOR` asks.
    Never,
}

/// Which events are written: a level for all, and levels for single rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

/// A text that selects no events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a level or a list like info,gitlab_dora_exporter::store=debug")]
pub struct InvalidFilter;

impl LogFilter {
    /// Reads `info`, or `info,gitlab_dora_exporter::store=debug`. Levels are `error`, `warn`,
    /// `info`, `debug`, `trace` and `off`.
    ///
    /// # Errors
    /// [`InvalidFilter`] for anything else; a lone word that is no level too, which would
    /// otherwise silence everything but the room of that name.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        let words = || text.split(',').map(str::trim);
        let readable = EnvFilter::builder().parse(text).is_ok();
        let lone_words_are_levels = words()
            .filter(|word| !word.contains(['=', '[']))
            .all(|word| word.parse::<LevelFilter>().is_ok());
        if text.trim().is_empty() || !readable || !lone_words_are_levels {
            return Err(InvalidFilter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn compile(&self) -> EnvFilter {
        // What the HTTP server says of its threads interests nobody who did not ask for it.
        EnvFilter::builder().parse_lossy(format!("actix_server=warn,{}", self.0))
    }
}

/// Logs go elsewhere already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("logging was already set up")]
pub struct AlreadySetUp;

/// Sends every event of this process to stderr from now on.
///
/// # Errors
/// [`AlreadySetUp`] when called a second time.
pub fn init(format: LogFormat, filter: &LogFilter, colour: Colour) -> Result<(), AlreadySetUp> {
    let coloured = colour == Colour::Auto && std::io::stderr().is_terminal();
    let subscriber = subscriber(format, filter, coloured, std::io::stderr);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| AlreadySetUp)
}

/// Tells of panics as events: where they happened, and nothing of their message, which may quote
/// what a stranger sent.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panicked");
    }));
}

fn subscriber<W>(
    format: LogFormat,
    filter: &LogFilter,
    coloured: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let events = tracing_subscriber::fmt().with_env_filter(filter.compile()).with_writer(writer);
    match format {
        LogFormat::Text => Box::new(events.fmt_fields(TextFields).with_ansi(coloured).finish()),
        LogFormat::Json => Box::new(events.event_format(JsonLines).finish()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
        let (memory, filter) = (Memory::default(), LogFilter::parse(filter).unwrap());
        let writer = memory.clone();
        let subscriber = subscriber(format, &filter, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, log);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_event_is_one_line_with_its_fields_at_the_top() {
        let line = written(LogFormat::Json, "info", || {
            tracing::info!(duration_ms = 3, "committed a batch");
        });
        assert_eq!(line.lines().count(), 1);
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(event["message"], "committed a batch");
        assert_eq!((&event["level"], &event["duration_ms"]), (&"INFO".into(), &3.into()));
    }

    #[derive(Debug, thiserror::Error)]
    #[error("store unavailable")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Inner(std::io::Error);

    #[test]
    fn an_error_is_told_with_what_caused_it() {
        for format in LogFormat::ALL {
            let line = written(format, "info", || {
                let error = Outer(Inner(std::io::Error::other("disk on\nfire")));
                tracing::warn!(error = &error as &dyn std::error::Error, tries = 2, "trying again");
            });
            let shown = match format {
                LogFormat::Text => line.clone(),
                LogFormat::Json => {
                    serde_json::from_str::<serde_json::Value>(&line).unwrap()["error"]
                        .as_str()
                        .map(|text| format!("error={}", text.escape_default()))
                        .unwrap()
                }
            };
            assert!(shown.contains("error=store unavailable: disk on\\nfire"), "{line}");
            assert_eq!(line.lines().count(), 1, "{line}");
        }
    }

    #[test]
    fn no_value_can_forge_a_second_line_or_colour_the_terminal() {
        for format in LogFormat::ALL {
            let line = written(format, "info", || {
                let name = "a\nERROR forged\r\u{1b}[31m";
                tracing::info!(name, shown = %name, "heard of {name}");
            });
            assert_eq!(line.lines().count(), 1, "{line:?}");
            assert!(!line.contains('\u{1b}') && !line.contains('\r'), "{line:?}");
        }
    }

    #[test]
    fn the_filter_decides_by_level_and_by_room() {
        let log = || {
            tracing::debug!("detail");
            tracing::warn!("trouble");
        };
        assert!(!written(LogFormat::Text, "info", log).contains("detail"));
        assert!(written(LogFormat::Text, "info", log).contains("trouble"));
        assert_eq!(written(LogFormat::Text, "off", log), "");
        let room = "off,gitlab_dora_exporter::telemetry=debug";
        assert!(written(LogFormat::Text, room, log).contains("detail"));
    }

    #[test]
    fn a_misspelt_level_is_refused_rather_than_silent() {
        for text in ["", " ", "inof", "info,debgu", "info,store=loud", "a=b=c"] {
            assert_eq!(LogFilter::parse(text), Err(InvalidFilter), "{text}");
        }
        for text in ["off", "WARN", "info", "info,gitlab_dora_exporter::store=debug"] {
            assert!(LogFilter::parse(text).is_ok(), "{text}");
        }
    }
}
