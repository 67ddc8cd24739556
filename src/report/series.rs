//! A series as Prometheus shows it, read back into the question it answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::explained;
use super::gitlabs::Gitlabs;
use crate::delivery::{EnvironmentName, EnvironmentTier, InstanceId, ServiceName};
use crate::dora::explain::{Question, Subject, Tallied, nearest};
use crate::dora::window::Window;
use crate::exposition::bucket_label;
use crate::exposition::catalog::{self, Metric, Scope};

/// Longest text of a series: a project's path, a dozen labels and room for more.
const LONGEST: usize = 4_096;

/// One series: the family it belongs to, its labels, and what it means.
#[derive(Debug, Clone)]
pub struct Series {
    metric: &'static Metric,
    /// What its name adds to that of the family.
    part: &'static str,
    labels: BTreeMap<String, String>,
    question: Question,
}

/// Why a series cannot be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// It is not written like a series.
    #[error("not a series, which is written like name{{label=\"value\"}}")]
    Syntax,
    /// There is no such metric.
    #[error("no metric of that name is known{}", .nearest.map(|name| format!("; the nearest is {name}")).unwrap_or_default())]
    Metric {
        /// The nearest name that is known.
        nearest: Option<&'static str>,
    },
    /// The metric has no explanation.
    #[error("{name} cannot be explained: {why}")]
    Unexplained {
        /// The metric.
        name: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// A label that the family has is not there.
    #[error("the label {0} is missing")]
    Missing(&'static str),
    /// A label that the family does not have.
    #[error("{metric} has no such label; it has {labels}")]
    Strange {
        /// The metric.
        metric: &'static str,
        /// Its labels.
        labels: String,
    },
    /// A histogram is several series.
    #[error("{0} is a histogram: ask for its {0}_count, {0}_sum or {0}_bucket")]
    Histogram(&'static str),
    /// A label has a value that it never has.
    #[error("the label {label} is one of {allowed}")]
    Value {
        /// The label.
        label: &'static str,
        /// Its values.
        allowed: String,
    },
}

impl Series {
    /// Reads `name{label="value",…}`.
    ///
    /// # Errors
    /// [`Misread`].
    pub fn parse(text: &str, gitlabs: &Gitlabs) -> Result<Self, Misread> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(Misread::Syntax);
        }
        let (name, labels) = match text.split_once('{') {
            Some((name, rest)) => {
                let inside = rest.strip_suffix('}').ok_or(Misread::Syntax)?;
                (name.trim_end(), labels(inside).ok_or(Misread::Syntax)?)
            }
            None => (text, BTreeMap::new()),
        };
        Self::of(name, labels, gitlabs)
    }

    /// The series of that name and those labels.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn of(
        name: &str,
        labels: BTreeMap<String, String>,
        gitlabs: &Gitlabs,
    ) -> Result<Self, Misread> {
        let Some((metric, part)) = catalog::find_sample(name) else {
            let known = catalog::all().map(|metric| metric.name);
            return Err(Misread::Metric { nearest: nearest(name, known) });
        };
        let read = explained::reader(metric).ok_or_else(|| Misread::Unexplained {
            name: metric.name,
            why: explained::why(metric),
        })?;
        let has = Labels { metric, part, given: &labels };
        has.refuse_strange()?;
        let question = Question {
            subject: has.subject(gitlabs)?,
            value: read(&has)?,
            service: has.service()?,
            tier: has.environment_tier()?,
            window: has.window()?,
        };
        Ok(Self { metric, part, labels, question })
    }

    /// What it means.
    #[must_use]
    pub const fn question(&self) -> &Question {
        &self.question
    }

    /// The family it belongs to.
    #[must_use]
    pub const fn metric(&self) -> &'static Metric {
        self.metric
    }

    /// Its labels.
    #[must_use]
    pub const fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }
}

impl std::fmt::Display for Series {
    /// As Prometheus shows it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.metric.name, self.part)?;
        for (place, (name, value)) in self.labels.iter().enumerate() {
            f.write_char(if place == 0 { '{' } else { ',' })?;
            let value = value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n");
            write!(f, "{name}=\"{value}\"")?;
        }
        f.write_str(if self.labels.is_empty() { "" } else { "}" })
    }
}

/// Reads `a="b",c="d"`, spaces and a comma at the end allowed; `None` for anything else.
fn labels(text: &str) -> Option<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let mut letters = after.trim_start().strip_prefix('"')?.char_indices();
        let quoted = after.trim_start().get(1..)?;
        let mut value = String::new();
        let end = loop {
            match letters.next()? {
                (end, '"') => break end,
                (_, '\\') => value.push(match letters.next()? {
                    (_, 'n') => '\n',
                    (_, other) => other,
                }),
                (_, other) => value.push(other),
            }
        };
        labels.insert(name.trim().to_owned(), value);
        rest = quoted.get(end + 1..)?.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(more) => more.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some(labels)
}

/// The labels of a series, as its family reads them.
pub(super) struct Labels<'a> {
    metric: &'static Metric,
    part: &'static str,
    given: &'a BTreeMap<String, String>,
}

impl Labels<'_> {
    /// One of the things whose name the label has.
    pub(super) fn one_of<T: Copy>(
        &self,
        label: &'static str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, Misread> {
        let given = self.required(label)?;
        all.iter().copied().find(|one| name(*one) == given).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
            Misread::Value { label, allowed: names.join(", ") }
        })
    }

    /// The value of a label.
    pub(super) fn required(&self, label: &'static str) -> Result<&str, Misread> {
        self.given.get(label).map(String::as_str).ok_or(Misread::Missing(label))
    }

    /// An environment.
    pub(super) fn environment(&self) -> Result<EnvironmentName, Misread> {
        const LABEL: &str = "environment";
        let name = EnvironmentName::new(self.required(LABEL)?);
        let allowed = "the names of environments".to_owned();
        name.map_err(|_| Misread::Value { label: LABEL, allowed })
    }

    /// What a histogram with these upper bounds shows under that name.
    pub(super) fn tallied(&self, bounds: &[u64]) -> Result<Tallied, Misread> {
        match self.part {
            catalog::BUCKET => {}
            catalog::COUNT => return Ok(Tallied::Number),
            catalog::SUM => return Ok(Tallied::Seconds),
            _ => return Err(Misread::Histogram(self.metric.name)),
        }
        let given = self.required("le")?;
        if given == "+Inf" {
            return Ok(Tallied::Number);
        }
        let is_it = |bound: &&u64| bucket_label(**bound) == given || bound.to_string() == given;
        bounds.iter().find(is_it).map(|bound| Tallied::AtMost(*bound)).ok_or_else(|| {
            let names: Vec<String> = bounds.iter().copied().map(bucket_label).collect();
            Misread::Value { label: "le", allowed: format!("{}, +Inf", names.join(", ")) }
        })
    }

    fn has(&self, label: &str) -> bool {
        self.metric.labels.contains(&label)
    }

    fn refuse_strange(&self) -> Result<(), Misread> {
        let mut known = self.metric.label_names();
        if self.metric.scope == Scope::Project {
            known.push("gitlab");
        }
        if self.is_of_services() {
            known.push("service");
        }
        if self.part == catalog::BUCKET {
            known.push("le");
        }
        if self.given.keys().all(|name| known.contains(&name.as_str())) {
            return Ok(());
        }
        Err(Misread::Strange { metric: self.metric.name, labels: known.join(", ") })
    }

    /// Whether services that are told apart have it each: what depends on deployments.
    fn is_of_services(&self) -> bool {
        const TOLD_BY_DEPLOYMENTS: [&str; 3] = ["environment_tier", "from", "step"];
        self.metric.scope == Scope::Project && TOLD_BY_DEPLOYMENTS.iter().any(|own| self.has(own))
    }

    /// The service, where one is named.
    pub(super) fn service(&self) -> Result<Option<ServiceName>, Misread> {
        let given = self.given.get("service").map(|name| ServiceName::new(name)).transpose();
        let allowed = || "the services of policy.service_map".to_owned();
        given.map_err(|_| Misread::Value { label: "service", allowed: allowed() })
    }

    fn subject(&self, gitlabs: &Gitlabs) -> Result<Subject, Misread> {
        let label = self.metric.scope.label().unwrap_or("project");
        let name = self.required(label)?.to_owned();
        Ok(match self.metric.scope {
            Scope::Group => Subject::Group(name),
            Scope::Team => Subject::Team(name),
            Scope::Project | Scope::Process => {
                Subject::Project { path: name, instance: self.instance(gitlabs)? }
            }
        })
    }

    fn instance(&self, gitlabs: &Gitlabs) -> Result<Option<InstanceId>, Misread> {
        let Some(wanted) = self.given.get("gitlab") else { return Ok(None) };
        gitlabs.named(wanted).map(Some).ok_or_else(|| {
            let names: Vec<&str> = gitlabs.names.values().map(String::as_str).collect();
            Misread::Value { label: "gitlab", allowed: names.join(", ") }
        })
    }

    /// The tier that a label names.
    pub(super) fn tier(&self, label: &'static str) -> Result<EnvironmentTier, Misread> {
        let tier = EnvironmentTier::from_policy(self.required(label)?);
        let allowed = "production, staging, testing, development, other or a tier of the policy";
        tier.map_err(|_| Misread::Value { label, allowed: allowed.to_owned() })
    }

    fn environment_tier(&self) -> Result<Option<EnvironmentTier>, Misread> {
        const LABEL: &str = "environment_tier";
        if self.has(LABEL) { self.tier(LABEL).map(Some) } else { Ok(None) }
    }

    fn window(&self) -> Result<Option<Window>, Misread> {
        if !self.has("window") {
            return Ok(None);
        }
        let given = self.required("window")?;
        let days = given.strip_suffix('d').and_then(|days| days.parse().ok());
        let window = days.map(Window::of_days).filter(|window| window.to_string() == given);
        let allowed = || "the configured windows, like 30d".to_owned();
        window.map(Some).ok_or_else(|| Misread::Value { label: "window", allowed: allowed() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Series, Misread> {
        let names = BTreeMap::from([(InstanceId::new(1), "main".to_owned())]);
        Series::parse(text, &Gitlabs { names, ..Gitlabs::default() })
    }

    #[test]
    fn what_prometheus_shows_is_read_and_written_again() {
        for text in [
            r#"dora_change_fail_ratio{environment_tier="production",project="a/b",window="30d"}"#,
            r#"dora_group_incidents_open{group="a",severity="high"}"#,
            r#"dora_team_oldest_open_incident_age_seconds{team="with \"quotes\", \\ and {braces}"}"#,
            r#"dora_oldest_open_incident_age_seconds{gitlab="main",project="a/b"}"#,
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        let loose = r#" dora_incidents_open { severity = "low" , project="a", } "#;
        let strict = r#"dora_incidents_open{project="a",severity="low"}"#;
        assert_eq!(parse(loose).unwrap().to_string(), strict);
    }

    #[test]
    fn what_is_wrong_is_said_so_that_it_can_be_mended() {
        for (text, message) in [
            (
                "dora_change_fial_ratio",
                "no metric of that name is known; the nearest is dora_change_fail_ratio",
            ),
            ("rain", "no metric of that name is known"),
            (
                "dora_incidents_open{project=}",
                "not a series, which is written like name{label=\"value\"}",
            ),
            (
                "dora_incidents_open{project=\"a\" severity=\"low\"}",
                "not a series, which is written like name{label=\"value\"}",
            ),
            ("dora_incidents_open{project=\"a\"}", "the label severity is missing"),
            ("dora_incidents_open{severity=\"low\"}", "the label project is missing"),
            (
                "dora_incidents_open{project=\"a\",severity=\"bad\"}",
                "the label severity is one of unknown, low, medium, high, critical",
            ),
            (
                "dora_incidents_open{project=\"a\",severity=\"low\",window=\"7d\"}",
                "dora_incidents_open has no such label; it has project, severity, gitlab",
            ),
            (
                "dora_incidents_open{project=\"a\",severity=\"low\",gitlab=\"x\"}",
                "the label gitlab is one of main",
            ),
            (
                "dora_change_fail_ratio{project=\"a\",environment_tier=\"production\",window=\"month\"}",
                "the label window is one of the configured windows, like 30d",
            ),
            (
                "dora_change_fail_ratio{project=\"a\",environment_tier=\"Production\",window=\"7d\"}",
                "the label environment_tier is one of production, staging, testing, development, other or a tier of the policy",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text}");
        }
        let error = parse("dora_data_complete{project=\"a\"}").unwrap_err();
        assert!(error.to_string().starts_with("dora_data_complete cannot be explained: "));
    }
}
