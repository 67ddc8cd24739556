//! The one table of metrics: names, types, units, help and labels.
//!
//! The exposition, its documentation, rules and dashboards are written from it or checked against
//! it; a name that is not here does not exist.

pub mod figures;
pub mod lifetime;
mod own;

pub use own::OWN;

use super::family::{Head, Kind, Unit};

/// One metric family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its full name, in the text format's spelling.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// Whose numbers it holds; its name is a label too.
    pub scope: Scope,
    /// Its other labels, sorted; `le` is understood of histograms.
    pub labels: &'static [&'static str],
    /// What the absence of a series says.
    pub absent: &'static str,
    /// Where the definition comes from.
    pub source: &'static str,
}

/// Whose numbers a family holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A project's.
    Project,
    /// A group's, pooled.
    Group,
    /// A team's, pooled.
    Team,
    /// This process's.
    Process,
}

impl Scope {
    /// The label that names the project, group or team.
    #[must_use]
    pub const fn label(self) -> Option<&'static str> {
        match self {
            Self::Project => Some("project"),
            Self::Group => Some("group"),
            Self::Team => Some("team"),
            Self::Process => None,
        }
    }
}

impl Metric {
    /// All its labels, sorted; without `le`, and without `gitlab` and `service`, which projects carry where
    /// several GitLab installations are read.
    #[must_use]
    pub fn label_names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.labels.iter().copied().chain(self.scope.label()).collect();
        names.sort_unstable();
        names
    }

    /// What stands above its samples.
    #[must_use]
    pub const fn head(&self) -> Head<'static> {
        Head { name: self.name, kind: self.kind, unit: self.unit, help: self.help }
    }
}

/// Every family, in the order in which they are exposed.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    let figures = |scope| figures::ALL.iter().filter_map(move |figure| figure.of(scope));
    figures(Scope::Project)
        .chain(figures(Scope::Group))
        .chain(figures(Scope::Team))
        .chain(lifetime::ALL.iter().copied())
        .chain(OWN)
}

/// The family of that name, if there is one.
#[must_use]
pub fn find(name: &str) -> Option<&'static Metric> {
    all().find(|metric| metric.name == name)
}

/// The family that shows a sample of that name, and what the name adds to that of its family:
/// something for histograms alone.
#[must_use]
pub fn find_sample(name: &str) -> Option<(&'static Metric, &'static str)> {
    let of_histogram = || {
        let named = |part: &'static str| Some((find(name.strip_suffix(part)?)?, part));
        let mut found = [BUCKET, COUNT, SUM].into_iter().filter_map(named);
        found.find(|(metric, _)| metric.kind == Kind::Histogram)
    };
    find(name).map(|metric| (metric, "")).or_else(of_histogram)
}

/// How many observations of a histogram lie at or below a bound.
pub const BUCKET: &str = "_bucket";
/// How many observations there are.
pub const COUNT: &str = "_count";
/// Their sum.
pub const SUM: &str = "_sum";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_there_once_and_fits_its_type_and_unit() {
        let mut names = BTreeSet::new();
        for metric in all() {
            assert!(names.insert(metric.name), "{} twice", metric.name);
            assert_eq!(metric.kind == Kind::Counter, metric.name.ends_with("_total"));
            assert_eq!(metric.kind == Kind::Info, metric.name.ends_with("_info"));
            let stem = metric.name.trim_end_matches("_total");
            for unit in [Unit::Seconds, Unit::Bytes, Unit::Ratio] {
                let ends = unit.as_str().is_some_and(|unit| stem.ends_with(unit));
                assert_eq!(metric.unit == unit, ends, "unit of {}", metric.name);
            }
        }
    }

    #[test]
    fn names_and_labels_are_plain_and_no_label_clashes_with_a_scrape_job_or_a_summary() {
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        for metric in all() {
            assert!(plain(metric.name), "{}", metric.name);
            assert!(metric.labels.is_sorted(), "labels of {}", metric.name);
            for label in metric.label_names() {
                assert!(plain(label), "{label}");
                let clashing = ["job", "instance", "namespace", "service", "quantile", "le"];
                assert!(!clashing.contains(&label), "{label}");
            }
        }
    }

    #[test]
    fn every_help_is_one_sentence_that_names_its_unit_and_roll_ups_warn_of_averages() {
        for metric in all() {
            let help = metric.help;
            assert!(help.ends_with('.') && !help.contains(". "), "{help}");
            if metric.unit == Unit::Seconds {
                assert!(help.contains("seconds"), "{help}");
            }
            let rolled_up = matches!(metric.scope, Scope::Group | Scope::Team);
            assert_eq!(rolled_up, help.contains("do not average"), "{help}");
        }
    }

    #[test]
    fn a_search_for_the_names_of_dora_and_of_gitlab_finds_them() {
        let found = |phrase: &str| all().any(|metric| metric.help.contains(phrase));
        for phrase in [
            "Deployment frequency",
            "Change lead time",
            "Change fail rate",
            "Failed deployment recovery time",
            "Deployment rework rate",
            "lead time for changes",
            "change failure rate",
            "time to restore service",
            "MTTR",
        ] {
            assert!(found(phrase), "{phrase}");
        }
    }
}
