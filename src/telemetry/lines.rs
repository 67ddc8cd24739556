//! How one event becomes one line: fields escaped, errors with everything that caused them.

use std::error::Error;
use std::fmt::{self, Debug};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Causes that are named at most: a chain of errors that is longer runs in a circle.
const MOST_CAUSES: usize = 16;

/// An error and its causes, `what: why: why that`.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let mut words: Vec<String> = causes.take(MOST_CAUSES).map(ToString::to_string).collect();
    // A wrapper that is transparent says the same as what it wraps.
    words.dedup();
    words.join(": ")
}

/// The fields of a line for people: `name=value`, or the bare message.
pub(super) struct TextFields;

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut text = Text { writer, is_first: true, result: Ok(()) };
        fields.record(&mut text);
        text.result
    }
}

struct Text<'w> {
    writer: Writer<'w>,
    is_first: bool,
    result: fmt::Result,
}

impl Text<'_> {
    /// Writes a value with its control characters escaped: shown with `%` it would otherwise reach
    /// the log as it is, line breaks and terminal codes included.
    fn write(&mut self, field: &Field, value: &str) -> fmt::Result {
        if !std::mem::take(&mut self.is_first) {
            self.writer.write_char(' ')?;
        }
        if field.name() != "message" {
            write!(self.writer, "{field}=")?;
        }
        value.chars().try_for_each(|character| match character {
            control if control.is_control() => write!(self.writer, "{}", control.escape_default()),
            plain => self.writer.write_char(plain),
        })
    }
}

impl Visit for Text<'_> {
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.result = self.result.and_then(|()| self.write(field, &chain(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.result = self.result.and_then(|()| self.write(field, &format!("{value:?}")));
    }
}

/// One JSON object for each event: `timestamp`, `level`, `target`, and its fields beside them.
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let mut object = Object(Map::new());
        event.record(&mut object);
        let Object(mut map) = object;
        let metadata = event.metadata();
        map.insert("timestamp".to_owned(), timestamp.into());
        map.insert("level".to_owned(), metadata.level().as_str().into());
        map.insert("target".to_owned(), metadata.target().into());
        writeln!(writer, "{}", Value::Object(map))
    }
}

struct Object(Map<String, Value>);

impl Object {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Object {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.insert(field, chain(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.insert(field, format!("{value:?}"));
    }
}
