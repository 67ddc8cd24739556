//! What an expression of `PromQL` uses: metrics, labels, and how it treats them.

use std::collections::BTreeSet;

use gitlab_dora_exporter::exposition::catalog::{self, Metric};
use promql_parser::label::Matcher;
use promql_parser::parser::{self, Expr, LabelModifier, VectorSelector};

/// Labels that come from the scrape or from histograms, hence are in no entry of the catalogue.
const SCRAPED: [&str; 4] = ["instance", "job", "le", "pod"];

/// One place where an expression names a metric.
#[derive(Debug)]
pub(crate) struct Use {
    /// The metric's name.
    pub(crate) name: String,
    /// What it selects by.
    pub(crate) matchers: Vec<Matcher>,
    /// The innermost aggregation around it: `max`, `sum` …
    pub(crate) aggregation: Option<String>,
    /// The innermost function around it.
    pub(crate) function: Option<String>,
}

/// A parsed expression.
#[derive(Debug, Default)]
pub(crate) struct Query {
    /// Every mention of a metric.
    pub(crate) uses: Vec<Use>,
    /// Every aggregation in it.
    pub(crate) aggregations: BTreeSet<String>,
    /// Every label that it groups or matches by.
    pub(crate) labels: BTreeSet<String>,
}

impl Query {
    /// Reads an expression; the test fails when Prometheus could not read it.
    pub(crate) fn parse(expression: &str) -> Self {
        let parsed = parser::parse(expression)
            .unwrap_or_else(|error| panic!("not PromQL: {expression}\n{error}"));
        let mut query = Self::default();
        query.walk(&parsed, None, None);
        query
    }

    fn walk(&mut self, expr: &Expr, aggregation: Option<&str>, function: Option<&str>) {
        match expr {
            Expr::Aggregate(inner) => {
                let name = inner.op.to_string();
                self.aggregations.insert(name.clone());
                self.group(inner.modifier.as_ref());
                self.walk(&inner.expr, Some(&name), None);
            }
            Expr::Binary(inner) => {
                if let Some(modifier) = &inner.modifier {
                    self.group(modifier.matching.as_ref());
                }
                self.walk(&inner.lhs, aggregation, function);
                self.walk(&inner.rhs, aggregation, function);
            }
            Expr::Call(inner) => {
                for argument in &inner.args.args {
                    self.walk(argument, aggregation, Some(inner.func.name));
                }
            }
            Expr::Unary(inner) => self.walk(&inner.expr, aggregation, function),
            Expr::Paren(inner) => self.walk(&inner.expr, aggregation, function),
            Expr::Subquery(inner) => self.walk(&inner.expr, aggregation, function),
            Expr::VectorSelector(selector) => self.note(selector, aggregation, function),
            Expr::MatrixSelector(selector) => self.note(&selector.vs, aggregation, function),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
        }
    }

    fn note(
        &mut self,
        selector: &VectorSelector,
        aggregation: Option<&str>,
        function: Option<&str>,
    ) {
        let name = selector.name.clone();
        self.uses.push(Use {
            name: name.unwrap_or_else(|| panic!("a selector without a name: {selector}")),
            matchers: selector.matchers.matchers.clone(),
            aggregation: aggregation.map(str::to_owned),
            function: function.map(str::to_owned),
        });
    }

    fn group(&mut self, modifier: Option<&LabelModifier>) {
        if let Some(modifier) = modifier {
            self.labels.extend(modifier.labels().labels.iter().cloned());
        }
    }

    /// Every label that is used belongs to a metric that is used.
    pub(crate) fn assert_labels_exist(&self, expression: &str) {
        let mut known: BTreeSet<&str> = SCRAPED.into();
        for used in &self.uses {
            let of_metric = metric(&used.name).map(Metric::label_names).unwrap_or_default();
            for matcher in &used.matchers {
                let label = matcher.name.as_str();
                assert!(
                    of_metric.contains(&label) || SCRAPED.contains(&label),
                    "{} has no label {label}: {expression}",
                    used.name
                );
            }
            known.extend(of_metric);
        }
        for label in &self.labels {
            assert!(known.contains(label.as_str()), "no metric has {label}: {expression}");
        }
    }
}

/// The catalogued metric behind a name; the three names of a histogram are its own.
pub(crate) fn metric(name: &str) -> Option<&'static Metric> {
    let of_histogram =
        || ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
    catalog::find(name).or_else(|| catalog::find(of_histogram()?))
}
