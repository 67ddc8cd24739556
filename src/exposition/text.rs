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

/// Writes all lines of a family held in memory.
pub(super) fn write_series(out: &mut Vec<u8>, family: &Family<'_>) {
    for series in &family.series {
        let mut line = |suffix, le: Option<&str>, value| {
            write_name_and_labels(out, [family.head.name, suffix], series, le);
            write_number(out, value);
            out.push(b'\n');
        };
        match &series.reading {
            Reading::Number(value) => line("", None, *value),
            Reading::Histogram { buckets, sum, count } => {
                for (bound, cumulative) in buckets {
                    line("_bucket", Some(&le(*bound)), Number::Whole(*cumulative));
                }
                line("_bucket", Some("+Inf"), Number::Whole(*count));
                line("_sum", None, *sum);
                line("_count", None, Number::Whole(*count));
            }
        }
    }
}

fn write_name_and_labels(
    out: &mut Vec<u8>,
    name: [&str; 2],
    series: &Series<'_>,
    le: Option<&str>,
) {
    for part in name {
        out.extend_from_slice(part.as_bytes());
    }
    let own = series.labels.iter().map(|(name, value)| (*name, value.as_ref()));
    // The labels are sorted, and so is the one put between them.
    let before = own.clone().take_while(|(name, _)| *name < "le");
    let after = own.clone().skip_while(|(name, _)| *name < "le");
    let mut separator = b'{';
    for (name, value) in before.chain(le.map(|le| ("le", le))).chain(after) {
        out.push(separator);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        write_label_value(out, value);
        out.push(b'"');
        separator = b',';
    }
    out.extend_from_slice(if separator == b'{' { b" " } else { b"} " });
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
    clippy::cast_precision_loss,
    reason = "a whole number between 0 and 10¹⁵"
)]
fn write_real(out: &mut Vec<u8>, real: f64) {
    // Quantiles are whole hundredths of a second; formatting them as such is five times faster.
    // The division rounds as a parser would, so equality means that they read back the same.
    if real.is_sign_positive() && real < EXACT_HUNDREDTHS / 100.0 {
        let hundredths = (real * 100.0 + 0.5) as u64;
        if (hundredths as f64 / 100.0).to_bits() == real.to_bits() {
            return write_hundredths(out, hundredths);
        }
    }
    if real.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if real.is_infinite() {
        out.extend_from_slice(if real > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if write!(Ascii(out), "{real}").is_err() {
        unreachable!("memory takes every text");
    }
}

fn write_hundredths(out: &mut Vec<u8>, hundredths: u64) {
    write_whole(out, hundredths / 100);
    match pair(hundredths % 100) {
        [b'0', b'0'] => {}
        [tenth, b'0'] => out.extend_from_slice(&[b'.', tenth]),
        [tenth, hundredth] => out.extend_from_slice(&[b'.', tenth, hundredth]),
    }
}

/// `00` to `99`.
#[expect(clippy::indexing_slicing, reason = "computed while compiling, where it cannot panic")]
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// The two digits of a number below 100.
fn pair(number: u64) -> [u8; 2] {
    usize::try_from(number).ok().and_then(|at| PAIRS.get(at)).copied().unwrap_or_default()
}

fn write_whole(out: &mut Vec<u8>, mut number: u64) {
    // u64::MAX has 20 digits.
    let mut digits = [b'0'; 20];
    let (pairs, _) = digits.as_chunks_mut::<2>();
    let mut unused = 20;
    for place in pairs.iter_mut().rev() {
        *place = pair(number % 100);
        unused -= 2;
        if number < 100 {
            unused += usize::from(number < 10);
            break;
        }
        number /= 100;
    }
    out.extend_from_slice(digits.get(unused..).unwrap_or_default());
}

/// Bytes that take formatted text.
struct Ascii<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Ascii<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(number: Number) -> String {
        let mut out = Vec::new();
        write_number(&mut out, number);
        String::from_utf8(out).unwrap()
    }

    fn hundredths(number: u64) -> f64 {
        crate::dora::statistics::ratio(number.into(), 100)
    }

    #[test]
    fn numbers_are_written_without_exponent_and_without_needless_digits() {
        for (number, text) in [
            (Number::Whole(0), "0"),
            (Number::Whole(u64::MAX), "18446744073709551615"),
            (Number::Instant(-86_400), "-86400"),
            (Number::Instant(i64::MIN), "-9223372036854775808"),
            (Number::Real(0.0), "0"),
            (Number::Real(-0.0), "-0"),
            (Number::Real(5400.0), "5400"),
            (Number::Real(5400.5), "5400.5"),
            (Number::Real(5400.25), "5400.25"),
            (Number::Real(0.07), "0.07"),
            (Number::Real(1.0 / 3.0), "0.3333333333333333"),
            (Number::Real(-2.5), "-2.5"),
            (Number::Real(1e15), "1000000000000000"),
            (Number::Real(1e-7), "0.0000001"),
            (Number::Real(f64::NAN), "NaN"),
            (Number::Real(f64::INFINITY), "+Inf"),
            (Number::Real(f64::NEG_INFINITY), "-Inf"),
        ] {
            assert_eq!(written(number), text);
        }
    }

    #[test]
    fn bounds_are_spelled_as_prometheus_stores_them() {
        for (bound, text) in [
            (0.005, "0.005"),
            (0.00025, "0.00025"),
            (0.00001, "1e-05"),
            (1.0, "1.0"),
            (3_600.0, "3600.0"),
            (604_800.0, "604800.0"),
            (1_000_000.0, "1e+06"),
            (1_209_600.0, "1.2096e+06"),
            (15_552_000.0, "1.5552e+07"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (0.0, "0.0"),
        ] {
            assert_eq!(le(bound), text);
        }
    }

    #[test]
    fn labels_are_sorted_around_the_one_that_changes() {
        let labels = vec![("window", "30d"), ("clock", "a\"b\\c\n")];
        let mut out = Vec::new();
        let template = Template::new("m", "_sum", labels, Some("project"));
        template.write_line(&mut out, b"x/y", Number::Whole(3));
        Template::new("m", "", Vec::new(), None).write_line(&mut out, b"", Number::Whole(4));
        let text = "m_sum{clock=\"a\\\"b\\\\c\\n\",project=\"x/y\",window=\"30d\"} 3\nm 4\n";
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    proptest! {
        #[test]
        fn any_float_reads_back_as_itself_and_in_the_fewest_digits(
            real in prop_oneof![any::<f64>(), -1e9..1e9, (0_u64..1 << 52).prop_map(hundredths)]
        ) {
            let text = written(Number::Real(real));
            let inf = text.replace("Inf", "inf");
            prop_assert!(inf.parse::<f64>().unwrap().to_bits() == real.to_bits() || real.is_nan());
            prop_assert!(!real.is_finite() || text == real.to_string(), "{} for {}", text, real);
        }
    }
}
