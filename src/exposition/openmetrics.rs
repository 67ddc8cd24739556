//! `OpenMetrics` 1.0: heads and the end. Lines of samples are those of [`text`](super::text).
//!
//! Source: `OpenMetrics` 1.0.0 specification, text format.

use super::family::{Head, Kind};

/// The media type of this format.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The same, for a client that named a way to escape names; ours never need it.
pub(super) const CONTENT_TYPE_ESCAPED: &str =
    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";

/// What ends every exposition.
pub(super) const END: &[u8] = b"# EOF\n";

/// Writes the `# TYPE`, `# UNIT` and `# HELP` lines of a family.
///
/// A counter's name loses its `_total` here and an info's its `_info`; a foreign counter without
/// `_total` cannot be a counter in this format and becomes `unknown`.
pub(super) fn write_head(out: &mut Vec<u8>, head: &Head<'_>) {
    let stem = |suffix| head.name.strip_suffix(suffix);
    let (name, kind) = match head.kind {
        Kind::Counter => stem("_total").map_or((head.name, "unknown"), |name| (name, "counter")),
        Kind::Info => stem("_info").map_or((head.name, "gauge"), |name| (name, "info")),
        Kind::Gauge => (head.name, "gauge"),
        Kind::Histogram => (head.name, "histogram"),
    };
    let unit = head
        .unit
        .as_str()
        .filter(|unit| name.strip_suffix(unit).is_some_and(|stem| stem.ends_with('_')));
    write_comment(out, "TYPE", name, kind);
    if let Some(unit) = unit {
        write_comment(out, "UNIT", name, unit);
    }
    write_comment(out, "HELP", name, head.help);
}

/// Escapes the text as `OpenMetrics` does: backslash, newline and quote.
fn write_comment(out: &mut Vec<u8>, what: &str, name: &str, text: &str) {
    for part in ["# ", what, " ", name, " "] {
        out.extend_from_slice(part.as_bytes());
    }
    super::text::write_label_value(out, text);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::family::Unit;

    fn written(name: &str, kind: Kind, unit: Unit) -> String {
        let mut out = Vec::new();
        write_head(&mut out, &Head { name, kind, unit, help: "A \"word\" \\." });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn counters_and_infos_lose_their_suffix_above_their_samples() {
        let counter = written("a_seconds_total", Kind::Counter, Unit::Seconds);
        assert_eq!(
            counter,
            "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds A \\\"word\\\" \\\\.\n"
        );
        assert!(
            written("a_info", Kind::Info, Unit::None).starts_with("# TYPE a info\n# HELP a A ")
        );
    }

    #[test]
    fn what_the_format_cannot_hold_is_said_less_precisely() {
        let counter = written("a_count", Kind::Counter, Unit::Bytes);
        assert!(counter.starts_with("# TYPE a_count unknown\n# HELP"), "{counter}");
        let info = written("a", Kind::Info, Unit::None);
        assert!(info.starts_with("# TYPE a gauge\n"), "{info}");
    }
}
