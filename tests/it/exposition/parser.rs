//! A small strict reader of both formats, written from their specifications and not from our
//! writer. Whatever it does not understand is a failure.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_dora_exporter::exposition::Format;

/// A label set.
pub(crate) type Labels = BTreeMap<String, String>;

/// A family as it was read; names as they are written above the samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) help: String,
    pub(crate) unit: Option<String>,
    /// Full name, labels, value.
    pub(crate) samples: Vec<(String, Labels, f64)>,
}

/// Reads an exposition.
pub(crate) fn read(text: &str, format: Format) -> Vec<Read> {
    let open = matches!(format, Format::OpenMetrics { .. });
    let body = if open { text.strip_suffix("# EOF\n").expect("the end is marked") } else { text };
    assert!(body.is_empty() || body.ends_with('\n'), "the last line is ended");
    assert!(!body.contains("# EOF"), "nothing follows the end");
    let mut families: Vec<Read> = Vec::new();
    for line in body.split_terminator('\n') {
        if let Some(comment) = line.strip_prefix("# ") {
            read_comment(&mut families, comment, open);
        } else {
            let family = families.last_mut().expect("a sample has a family above it");
            family.samples.push(read_sample(line));
        }
    }
    check(&families, open);
    families
}

fn read_comment(families: &mut Vec<Read>, comment: &str, open: bool) {
    let (what, rest) = comment.split_once(' ').expect("a comment says what it is");
    let (name, text) = rest.split_once(' ').expect("a comment names a family");
    if families.last().is_none_or(|family| family.name != name) {
        families.push(Read {
            name: name.to_owned(),
            kind: String::new(),
            help: String::new(),
            unit: None,
            samples: Vec::new(),
        });
    }
    let family = families.last_mut().unwrap();
    assert!(family.samples.is_empty(), "comments of {name} come before its samples");
    match what {
        "HELP" => family.help = unescape(text, open),
        "TYPE" => text.clone_into(&mut family.kind),
        "UNIT" if open => family.unit = Some(text.to_owned()),
        other => panic!("comment {other}"),
    }
}

fn read_sample(line: &str) -> (String, Labels, f64) {
    let end = line.find(['{', ' ']).expect("a sample has a value");
    let (name, mut rest) = line.split_at(end);
    let mut labels = Labels::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, value) = rest.split_once("=\"").expect("a label has a value in quotes");
            assert!(is_name(label, false), "label {label:?}");
            let close = closing_quote(value);
            let previous = labels.last_key_value().map(|(name, _)| name.clone());
            assert!(previous.is_none_or(|name| name.as_str() < label), "labels are sorted: {line}");
            labels.insert(label.to_owned(), unescape(&value[..close], true));
            rest = &value[close + 1..];
            match rest.strip_prefix(',') {
                Some(further) => rest = further,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').expect("labels are closed");
    }
    assert!(is_name(name, true), "name {name:?}");
    let value = rest.strip_prefix(' ').expect("one space before the value");
    assert!(!value.contains(' '), "no timestamp: {line}");
    (name.to_owned(), labels, read_number(value))
}

fn is_name(name: &str, colon: bool) -> bool {
    let start = |b: u8| b.is_ascii_alphabetic() || b == b'_' || colon && b == b':';
    name.bytes().next().is_some_and(start) && name.bytes().all(|b| start(b) || b.is_ascii_digit())
}

fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    panic!("a label value is closed: {text:?}")
}

fn unescape(text: &str, quotes: bool) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => out.push(match rest.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                Some('"') if quotes => '"',
                other => panic!("escape {other:?} in {text:?}"),
            }),
            '"' if quotes => panic!("a bare quote in {text:?}"),
            other => out.push(other),
        }
    }
    out
}

pub(crate) fn read_number(text: &str) -> f64 {
    match text {
        "NaN" => f64::NAN,
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        digits => {
            let plain = |c: char| c.is_ascii_digit() || "+-.e".contains(c);
            assert!(digits.chars().all(plain), "number {digits:?}");
            digits.parse().expect("a number")
        }
    }
}

/// What a reader of the whole may rely on.
fn check(families: &[Read], open: bool) {
    let names: BTreeSet<_> = families.iter().map(|family| &family.name).collect();
    assert_eq!(names.len(), families.len(), "no family comes twice or in parts");
    let mut series = BTreeSet::new();
    for family in families {
        assert!(!family.help.is_empty() && !family.samples.is_empty(), "{}", family.name);
        for (name, labels, _) in &family.samples {
            assert!(series.insert((name, labels)), "{name}{labels:?} comes twice");
            assert!(suffixes(family, open).contains(&name[family.name.len()..].as_ref()), "{name}");
        }
        if let Some(unit) = &family.unit {
            assert!(family.name.ends_with(&format!("_{unit}")), "unit of {}", family.name);
        }
        if family.kind == "histogram" {
            check_histogram(family);
        }
    }
}

fn suffixes(family: &Read, open: bool) -> &'static [&'static str] {
    match family.kind.as_str() {
        "counter" if open => &["_total"],
        "info" if open => &["_info"],
        "unknown" if open => &[""],
        "histogram" => &["_bucket", "_sum", "_count"],
        "counter" | "gauge" => &[""],
        other => panic!("type {other:?} of {}", family.name),
    }
}

/// Buckets ascend to `+Inf`, their counts too, and sum and count follow.
fn check_histogram(family: &Read) {
    let mut samples = family.samples.iter().peekable();
    while samples.peek().is_some() {
        let (mut bound, mut count) = (f64::NEG_INFINITY, 0.0);
        while let Some((_, labels, value)) = samples.next_if(|(name, ..)| name.ends_with("_bucket"))
        {
            let text = &labels["le"];
            let le = read_number(text);
            assert!(text == "+Inf" || text.contains(['.', 'e']), "le {text}");
            assert!(le > bound && *value >= count, "buckets of {}", family.name);
            (bound, count) = (le, *value);
        }
        assert!(bound.is_infinite(), "+Inf is there");
        let (sum, _, _) = samples.next().expect("sum");
        let (name, _, total) = samples.next().expect("count");
        assert!(sum.ends_with("_sum") && name.ends_with("_count"));
        assert_eq!(total.to_bits(), count.to_bits(), "count is the bucket +Inf");
    }
}
