//! Prometheus' text format 0.0.4: heads, lines, labels and numbers.
//!
//! Lines of samples are the same in both formats; only heads differ (see
//! [`openmetrics`](super::openmetrics)). Values are escaped here and nowhere else.
//!
//! Source: Prometheus, "Exposition formats", text-based format.

use std::fmt::Write as _;

use super::family::{Family, Head, Kind, Number, Reading, Series};

/// The media type of this format.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes the `# HELP` and `# TYPE` lines of a family.
pub(super) fn write_head(out: &mut Vec<u8>, head: &Head<'_>) {
    let kind = match head.kind {
        Kind::Counter => "counter",
        Kind::Gauge | Kind::Info => "gauge",
        Kind::Histogram => "histogram",
    };
    out.extend_from_slice(b"# HELP ");
    out.extend_from_slice(head.name.as_bytes());
    out.push(b' ');
    write_help(out, head.help);
    out.extend_from_slice(b"\n# TYPE ");
    out.extend_from_slice(head.name.as_bytes());
    out.push(b' ');
    out.extend_from_slice(kind.as_bytes());
    out.push(b'\n');
}

/// Escapes a help text: backslash and newline.
fn write_help(out: &mut Vec<u8>, help: &str) {
    for byte in help.bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            other => out.push(other),
        }
    }
}

/// Escapes a label value: backslash, quote and newline.
pub(super) fn write_label_value(out: &mut Vec<u8>, value: &str) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\\' | b'"' | b'\n')) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else { break };
        out.push(b'\\');
        out.push(if *byte == b'\n' { b'n' } else { *byte });
        rest = after;
    }
    out.extend_from_slice(rest);
}

/// The constant parts of a line around the one label value that changes from line to line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Template {
    /// Lays out `name{labels} `, sorting the labels; the value of the label named `hinge` is left
    /// out, to be given to [`write_line`](Self::write_line).
    pub(super) fn new<'a>(
        name: &str,
        suffix: &str,
        mut labels: Vec<(&'a str, &str)>,
        hinge: Option<&'a str>,
    ) -> Self {
        labels.extend(hinge.map(|hinge| (hinge, "")));
        labels.sort_unstable();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        before.extend_from_slice(name.as_bytes());
        before.extend_from_slice(suffix.as_bytes());
        let mut part = &mut before;
        let mut separator = b'{';
        for (name, value) in &labels {
            part.push(separator);
            part.extend_from_slice(name.as_bytes());
            part.extend_from_slice(b"=\"");
            if hinge == Some(*name) {
                part = &mut after;
            } else {
                write_label_value(part, value);
            }
            part.push(b'"');
            separator = b',';
        }
        if !labels.is_empty() {
            part.push(b'}');
        }
        part.push(b' ');
        Self { before, after }
    }

    /// Writes one line; `hinge` is escaped already, and empty where there is none.
    pub(super) fn write_line(&self, out: &mut Vec<u8>, hinge: &[u8], value: Number) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(hinge);
        out.extend_from_slice(&self.after);
        write_number(out, value);
        out.push(b'\n');
    }
}

/// Writes all lines of a family held in memory; returns how many.
pub(super) fn write_series(out: &mut Vec<u8>, family: &Family<'_>) -> u64 {
    family.series.iter().map(|series| write_one(out, family.head.name, series)).sum()
}

fn write_one(out: &mut Vec<u8>, name: &str, series: &Series<'_>) -> u64 {
    let labels = || series.labels.iter().map(|(name, value)| (*name, value.as_ref())).collect();
    let mut line = |suffix: &str, labels: Vec<(&str, &str)>, value: Number| {
        Template::new(name, suffix, labels, None).write_line(out, b"", value);
    };
    match &series.reading {
        Reading::Number(value) => {
            line("", labels(), *value);
            1
        }
        Reading::Histogram { buckets, sum, count } => {
            let mut lines = 3;
            for (bound, cumulative) in buckets {
                let bound = le(*bound);
                let mut labels: Vec<(&str, &str)> = labels();
                labels.push(("le", &bound));
                line("_bucket", labels, Number::Whole(*cumulative));
                lines += 1;
            }
            let mut infinite: Vec<(&str, &str)> = labels();
            infinite.push(("le", "+Inf"));
            line("_bucket", infinite, Number::Whole(*count));
            line("_sum", labels(), *sum);
            line("_count", labels(), Number::Whole(*count));
            lines
        }
    }
}

/// An upper bound as Prometheus 3 spells it when it stores the label: `3600.0`, `0.005`,
/// `1.2096e+06`; so the series is the same one for the versions that store what they read.
///
/// Source: `FormatOpenMetricsFloat` of Prometheus: Go's shortest `%g`, `.0` added to integers.
pub(super) fn le(bound: f64) -> String {
    if bound.is_infinite() {
        return if bound > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    let size = bound.abs();
    if size < 1e6 && (size >= 1e-4 || bound == 0.0) || bound.is_nan() {
        return format!("{bound:?}");
    }
    let shortest = format!("{bound:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

/// Writes a number: integers without point or exponent, others in the fewest digits that read back
/// as the same number.
pub(super) fn write_number(out: &mut Vec<u8>, number: Number) {
    match number {
        Number::Whole(whole) => write_whole(out, whole),
        Number::Instant(second) => {
            if second < 0 {
                out.push(b'-');
            }
            write_whole(out, second.unsigned_abs());
        }
        Number::Real(real) => write_real(out, real),
    }
}

/// Up to here hundredths have at most 15 digits, and no two such decimals are the same float.
const EXACT_HUNDREDTHS: f64 = 1e15;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number between 0 and 10¹⁵"
)]
fn write_real(out: &mut Vec<u8>, real: f64) {
    // Quantiles are whole hundredths of a second; formatting them as such is five times faster.
    // The division rounds as a parser would, so equality means that they read back the same.
    let hundredths = (real * 100.0).round();
    if real.is_sign_positive()
        && hundredths < EXACT_HUNDREDTHS
        && (hundredths / 100.0).to_bits() == real.to_bits()
    {
        let hundredths = hundredths as u64;
        write_whole(out, hundredths / 100);
        let (tenth, hundredth) = (digit(hundredths / 10), digit(hundredths));
        match (tenth, hundredth) {
            (b'0', b'0') => {}
            (tenth, b'0') => out.extend_from_slice(&[b'.', tenth]),
            (tenth, hundredth) => out.extend_from_slice(&[b'.', tenth, hundredth]),
        }
    } else if real.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if real.is_infinite() {
        out.extend_from_slice(if real > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if write!(Ascii(out), "{real}").is_err() {
        unreachable!("memory takes every text");
    }
}

/// The last decimal digit, as a character.
const fn digit(number: u64) -> u8 {
    b'0' + (number % 10) as u8
}

fn write_whole(out: &mut Vec<u8>, mut number: u64) {
    // u64::MAX has 20 digits.
    let mut digits = [b'0'; 20];
    let mut used = 0;
    for place in digits.iter_mut().rev() {
        *place = digit(number);
        number /= 10;
        used += 1;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// Bytes that take formatted text.
struct Ascii<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Ascii<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
