//! A scrape, read back.

use std::collections::BTreeMap;

/// The samples of one scrape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Samples(Vec<Sample>);

#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Samples {
    /// Reads the text format 0.0.4.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(Sample::parse).collect())
    }

    /// The value of the one series that `selector` names, by its name and any of its labels:
    /// `dora_deployments_total{status="success"}`. `None` when there is none.
    pub(crate) fn value(&self, selector: &str) -> Option<f64> {
        let found = self.matching(selector);
        assert!(found.len() < 2, "{selector} names several series: {found:?}");
        found.first().map(|sample| sample.value)
    }

    /// The sum of all series that `selector` names; `None` when there is none.
    pub(crate) fn sum(&self, selector: &str) -> Option<f64> {
        self.matching(selector).iter().map(|sample| sample.value).reduce(|sum, value| sum + value)
    }

    /// How many series `selector` names.
    pub(crate) fn count(&self, selector: &str) -> usize {
        self.matching(selector).len()
    }

    fn matching(&self, selector: &str) -> Vec<&Sample> {
        let wanted = Sample::parse(&format!("{selector} 0"));
        let matches = |sample: &&Sample| {
            sample.name == wanted.name
                && wanted.labels.iter().all(|(name, value)| sample.labels.get(name) == Some(value))
        };
        self.0.iter().filter(matches).collect()
    }
}

impl Sample {
    fn parse(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').expect("a value after the series");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').expect("labels end with a brace");
        Self {
            name: name.to_owned(),
            labels: read_labels(labels),
            value: value.parse().expect("a number"),
        }
    }
}

/// Reads `a="b",c="d"`; values hold no escapes but `\\`, `\"` and `\n`.
fn read_labels(text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next().expect("a closing quote") {
                (_, '\\') => value.push(match characters.next().expect("an escape").1 {
                    'n' => '\n',
                    other => other,
                }),
                (place, '"') => break place,
                (_, other) => value.push(other),
            }
        };
        labels.insert(name.trim_start_matches(',').to_owned(), value);
        rest = &after[end + 1..];
    }
    labels
}

#[test]
fn series_are_found_by_name_and_any_of_their_labels() {
    let text = "# HELP a Help.\na{x=\"1\",y=\"q\\\"\\\\,}\"} 2\na{x=\"2\"} 3\nb 1.5\n";
    let samples = Samples::parse(text);
    assert_eq!(samples.value("a{y=\"q\\\"\\\\,}\"}"), Some(2.0));
    assert_eq!(samples.value("a{x=\"2\"}"), Some(3.0));
    assert_eq!(samples.value("a{x=\"3\"}"), None);
    assert_eq!((samples.sum("a"), samples.sum("c")), (Some(5.0), None));
    assert_eq!((samples.value("b"), samples.count("a")), (Some(1.5), 2));
}
