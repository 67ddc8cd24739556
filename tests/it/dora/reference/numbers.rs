//! What numbers are made of, how those of several streams are pooled, and under which names they
//! are shown: section 2 of the specification.

use std::collections::{BTreeMap, BTreeSet};

/// Every number under the name and labels by which Prometheus knows it; absent numbers are absent.
pub(crate) type Sheet = BTreeMap<String, f64>;

/// The labels of a number, but for the one that says whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Labels(BTreeMap<&'static str, String>);

impl Labels {
    pub(crate) fn and(&self, label: &'static str, value: impl ToString) -> Self {
        let mut more = self.clone();
        more.0.insert(label, value.to_string());
        more
    }

    fn under(&self, name: &str) -> String {
        let labels: Vec<String> =
            self.0.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        format!("{name}{{{}}}", labels.join(","))
    }
}

/// What one number is made of.
#[derive(Debug, Clone)]
pub(crate) enum Number {
    Count(i64),
    /// The part and the whole.
    Ratio(i64, i64),
    /// How many in how many seconds.
    PerDay(i64, i64),
    /// Its quantiles are shown.
    Samples(Vec<i64>),
    /// Distinct local dates.
    Dates(BTreeSet<String>),
    /// An age: of several the oldest.
    Oldest(i64),
    /// An age: of several the most recent.
    MostRecent(i64),
    /// It says something of one project only.
    OfOneProject(f64),
    /// GitLab's daily medians.
    DailyMedians(Vec<f64>),
    /// Incidents and deployments, as GitLab divides them.
    PerDeployment(i64, i64),
}

impl Number {
    /// What is shown of it, with the value of the label `stat` where it has one.
    fn shown(&self) -> Vec<(Option<&'static str>, f64)> {
        match self {
            Self::Count(number) | Self::Oldest(number) | Self::MostRecent(number) => {
                vec![(None, real(*number))]
            }
            Self::Ratio(_, 0) => Vec::new(),
            Self::Ratio(part, whole) => vec![(None, real(*part) / real(*whole))],
            Self::PerDay(count, seconds) => {
                vec![(None, real(*count) / (real(*seconds) / 86_400.0))]
            }
            Self::Samples(samples) => quantiles(samples.clone()),
            Self::Dates(dates) => vec![(None, real(count(dates.len())))],
            Self::OfOneProject(value) => vec![(None, *value)],
            Self::DailyMedians(medians) => {
                median(medians.clone()).map(|own| (None, own)).into_iter().collect()
            }
            Self::PerDeployment(incidents, deployments) => {
                vec![(None, real(*incidents) / real((*deployments).max(1)))]
            }
        }
    }

    /// Raw samples pooled, counts, parts and wholes added.
    fn pooled(self, other: Self) -> Self {
        match (self, other) {
            (Self::Count(own), Self::Count(other)) => Self::Count(own + other),
            (Self::Ratio(part, whole), Self::Ratio(other, rest)) => {
                Self::Ratio(part + other, whole + rest)
            }
            (Self::PerDay(own, seconds), Self::PerDay(other, _)) => {
                Self::PerDay(own + other, seconds)
            }
            (Self::Samples(own), Self::Samples(other)) => Self::Samples([own, other].concat()),
            (Self::Dates(own), Self::Dates(other)) => Self::Dates(&own | &other),
            (Self::Oldest(own), Self::Oldest(other)) => Self::Oldest(own.max(other)),
            (Self::MostRecent(own), Self::MostRecent(other)) => Self::MostRecent(own.min(other)),
            (Self::DailyMedians(own), Self::DailyMedians(other)) => {
                Self::DailyMedians([own, other].concat())
            }
            (Self::PerDeployment(own, all), Self::PerDeployment(other, rest)) => {
                Self::PerDeployment(own + other, all + rest)
            }
            (own, other) => panic!("{own:?} and {other:?} have one name"),
        }
    }
}

/// The numbers of one stream of deployments, or of several, pooled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers(BTreeMap<(&'static str, Labels), Number>);

impl Numbers {
    pub(crate) fn put(&mut self, family: &'static str, labels: &Labels, number: Number) {
        let before = self.0.insert((family, labels.clone()), number);
        assert!(before.is_none(), "{family} {labels:?} is told twice");
    }

    /// The numbers of all of them together: none is an average of averages.
    pub(crate) fn pooled<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut pooled = Self::default();
        for (name, number) in all.flat_map(|own| &own.0) {
            if matches!(number, Number::OfOneProject(_)) {
                continue;
            }
            let number = match pooled.0.remove(name) {
                Some(own) => own.pooled(number.clone()),
                None => number.clone(),
            };
            pooled.0.insert(name.clone(), number);
        }
        pooled
    }

    pub(crate) fn sheet(&self, scope: Scope, service: Option<&str>) -> Sheet {
        let mut sheet = Sheet::new();
        for ((family, labels), number) in &self.0 {
            let Some(name) = scope.name(family) else { continue };
            let labels = match service {
                Some(service) => labels.and("service", service),
                None => labels.clone(),
            };
            for (stat, value) in number.shown() {
                let labels = stat.map_or(labels.clone(), |stat| labels.and("stat", stat));
                sheet.insert(labels.under(&name), value);
            }
        }
        sheet
    }
}

/// Whose numbers they are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    Project,
    Group,
    Team,
}

impl Scope {
    /// The full name of a family, if the scope has it; GitLab knows no teams.
    fn name(self, family: &str) -> Option<String> {
        let of_gitlab = family.strip_prefix("gitlab_");
        match (self, of_gitlab) {
            (_, Some(own)) if own.starts_with("dora_exporter_") => {
                matches!(self, Self::Project).then(|| family.to_owned())
            }
            (Self::Project, _) => Some(format!("dora_{family}")),
            (Self::Group, Some(own)) => Some(format!("dora_gitlab_group_{own}")),
            (Self::Group, None) => Some(format!("dora_group_{family}")),
            (Self::Team, Some(_)) => None,
            (Self::Team, None) => Some(format!("dora_team_{family}")),
        }
    }
}

pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

fn real(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or_else(|_| panic!("{number} is large")))
}

/// Interpolated between the closest ranks; nothing without samples.
fn quantiles(mut samples: Vec<i64>) -> Vec<(Option<&'static str>, f64)> {
    samples.sort_unstable();
    let Some(last) = samples.len().checked_sub(1) else { return Vec::new() };
    [("p50", 50), ("p75", 75), ("p90", 90)]
        .into_iter()
        .map(|(stat, hundredths)| {
            let position = hundredths * last;
            let (below, rest) = (position / 100, position % 100);
            let (low, high) = (real(samples[below]), real(samples[(below + 1).min(last)]));
            (Some(stat), low + (high - low) * real(count(rest)) / 100.0)
        })
        .collect()
}

pub(crate) fn median_of(samples: &[i64]) -> Option<f64> {
    median(samples.iter().map(|own| real(*own)).collect())
}

fn median(mut samples: Vec<f64>) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    let last = samples.len().checked_sub(1)?;
    Some(f64::midpoint(samples[last / 2], samples[last.div_ceil(2)]))
}

/// Population standard deviation by mean; nothing below two gaps, nor where all are 0.
pub(crate) fn variation(gaps: &[i64]) -> Option<f64> {
    let (number, total) = (real(count(gaps.len())), gaps.iter().sum::<i64>());
    if gaps.len() < 2 || total == 0 {
        return None;
    }
    let mean = real(total) / number;
    let squares = gaps.iter().map(|gap| (real(*gap) - mean).powi(2));
    Some((squares.sum::<f64>() / number).sqrt() / mean)
}
