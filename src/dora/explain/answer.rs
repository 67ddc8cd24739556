//! What is answered: rows from which the value can be made again.

use std::collections::BTreeSet;

use super::question::{Question, Value};
use super::rule::Rule;
use super::thing::{Detail, Thing};
use crate::delivery::{ProjectKey, ProjectPath, Timestamp};
use crate::dora::gitlab_parity::DailyMedian;
use crate::dora::metric::rhythm::variation_ratio;
use crate::dora::statistics::{Quantiles, Stat, ratio};
use crate::dora::window::{DAY_SECONDS, start_of_utc_day, utc_day};

/// Everything behind one value at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What was asked.
    pub question: Question,
    /// The instant of measure.
    pub as_of: Timestamp,
    /// How the value is made of the rows.
    pub form: Form,
    /// The projects that were read, in the order of their paths; rows refer to them by place.
    pub projects: Vec<(ProjectKey, ProjectPath)>,
    /// What counts, newest first.
    pub rows: Vec<Row>,
    /// What was near and does not count, newest first.
    pub left_out: Vec<LeftOut>,
    /// How much more was left out than [`left_out`](Self::left_out) lists.
    pub left_out_more: u64,
    /// Why there can be no series, whatever the rows.
    pub unknown: Option<Absence>,
}

/// How a value is made of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The number of rows.
    Count,
    /// The sum of the seconds.
    Sum,
    /// The number of rows by the days of the window.
    CountPerDay,
    /// The number of distinct local days.
    DistinctDays,
    /// The sum of parts by the sum of wholes.
    Ratio,
    /// A quantile of the amounts, interpolated between the closest ranks.
    Quantile(Stat),
    /// The standard deviation of the seconds, by their mean.
    Variation,
    /// The fewest seconds: how old the youngest is.
    LeastAge,
    /// The most seconds: how old the oldest is.
    GreatestAge,
    /// The median of the medians of days.
    MedianOfMedians,
    /// The sum of parts by the sum of wholes, or by 1 where that is less.
    FailureRate,
}

impl Form {
    /// A stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::CountPerDay => "count_per_day",
            Self::DistinctDays => "distinct_days",
            Self::Ratio => "ratio",
            Self::Quantile(_) => "quantile",
            Self::Variation => "variation",
            Self::LeastAge => "least_age",
            Self::GreatestAge => "greatest_age",
            Self::MedianOfMedians => "median_of_medians",
            Self::FailureRate => "failure_rate",
        }
    }
}

/// Something that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Place of its project in [`Explanation::projects`].
    pub project: usize,
    /// What it is.
    pub thing: Thing,
    /// The instant that places it.
    pub at: Timestamp,
    /// What it brings to the value.
    pub measure: Measure,
    /// What else is to be known of it.
    pub details: Vec<Detail>,
}

/// What a row brings to the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// One.
    One,
    /// A share of a ratio: what is added above and below.
    Share {
        /// Added to the numerator.
        part: u64,
        /// Added to the denominator.
        whole: u64,
    },
    /// A length of time.
    Seconds(u64),
    /// A number of changes.
    Changes(u64),
    /// A local day, counted from 1970-01-01.
    Day(i32),
    /// The median of a day.
    Median(DailyMedian),
}

/// Something that was near and does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Place of its project in [`Explanation::projects`].
    pub project: usize,
    /// What it is.
    pub thing: Thing,
    /// The instant that would have placed it, where it has one.
    pub at: Option<Timestamp>,
    /// Why it does not count.
    pub rule: Rule,
    /// What else is to be known of it.
    pub details: Vec<Detail>,
}

/// Why a series does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Absence {
    /// The policy does not measure this tier.
    TierNotMeasured,
    /// No environment of this tier is known.
    TierUnknown,
    /// The window holds no sample.
    NoSample,
    /// The window holds no counted release.
    NoCountedRelease,
    /// No release has been counted yet.
    NeverDeployed,
    /// No incident is open.
    NothingOpen,
    /// A variation needs two gaps between releases that are not all 0.
    TooFewGaps,
    /// No cadence is configured, or none of its periods fits into the window.
    NoPeriod,
    /// No release has been counted in the tier, or nobody knows the default branch.
    NoInventory,
    /// Nothing waits for its delivery.
    NothingWaits,
    /// No category of that name is configured.
    NoCategory,
    /// The policy does not ask for GitLab's numbers.
    NotAsGitlab,
    /// No day of the window has a deployment or an incident.
    NoDay,
    /// No label marks what users report.
    NoFeedbackLabel,
    /// No milestone is known.
    NoMilestone,
    /// The policy does not pair these tiers, or one of them is not known.
    NoPair,
    /// No pipeline of the default branch is known.
    NoPipeline,
    /// Nothing of the kind has come to its end.
    NeverCounted,
}

impl Absence {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::TierNotMeasured,
        Self::TierUnknown,
        Self::NoSample,
        Self::NoCountedRelease,
        Self::NeverDeployed,
        Self::NothingOpen,
        Self::TooFewGaps,
        Self::NoPeriod,
        Self::NoInventory,
        Self::NothingWaits,
        Self::NoCategory,
        Self::NotAsGitlab,
        Self::NoDay,
        Self::NoFeedbackLabel,
        Self::NoMilestone,
        Self::NoPair,
        Self::NoPipeline,
        Self::NeverCounted,
    ];

    /// A stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TierNotMeasured => "tier_not_measured",
            Self::TierUnknown => "tier_unknown",
            Self::NoSample => "no_sample",
            Self::NoCountedRelease => "no_counted_release",
            Self::NeverDeployed => "never_deployed",
            Self::NothingOpen => "nothing_open",
            Self::TooFewGaps => "too_few_gaps",
            Self::NoPeriod => "no_period",
            Self::NoInventory => "no_inventory",
            Self::NothingWaits => "nothing_waits",
            Self::NoCategory => "no_category",
            Self::NotAsGitlab => "not_as_gitlab",
            Self::NoDay => "no_day",
            Self::NoFeedbackLabel => "no_feedback_label",
            Self::NoMilestone => "no_milestone",
            Self::NoPair => "no_pair",
            Self::NoPipeline => "no_pipeline",
            Self::NeverCounted => "never_counted",
        }
    }
}

impl Explanation {
    /// Makes the value again, of the rows alone; `None` where no series exists.
    #[must_use]
    pub fn recompute(&self) -> Option<f64> {
        if self.unknown.is_some() {
            return None;
        }
        match self.form {
            Form::Count => Some(ratio(self.count(), 1)),
            Form::Sum => Some(ratio(self.amounts().map(u128::from).sum(), 1)),
            Form::CountPerDay => {
                let seconds = self.question.window?.seconds();
                Some(ratio(self.count() * u128::from(DAY_SECONDS), seconds.into()))
            }
            Form::DistinctDays => Some(ratio(self.days(), 1)),
            Form::Ratio => {
                let (part, whole) = self.shares();
                (whole > 0).then(|| ratio(part, whole))
            }
            Form::Quantile(stat) => Some(Quantiles::of(self.amounts().collect())?.get(stat)),
            Form::Variation => variation_ratio(&self.amounts().collect::<Vec<_>>()),
            Form::LeastAge => self.amounts().min().map(|seconds| ratio(seconds.into(), 1)),
            Form::GreatestAge => self.amounts().max().map(|seconds| ratio(seconds.into(), 1)),
            Form::MedianOfMedians => DailyMedian::median(self.medians()),
            Form::FailureRate => {
                let (part, whole) = self.shares();
                (!self.rows.is_empty()).then(|| ratio(part, whole.max(1)))
            }
        }
    }

    /// Why no series exists; `None` where one does.
    #[must_use]
    pub fn absence(&self) -> Option<Absence> {
        if self.unknown.is_some() || self.recompute().is_some() {
            return self.unknown;
        }
        Some(match self.question.value {
            Value::ChangeFailRatio | Value::DeploymentReworkRatio => Absence::NoCountedRelease,
            Value::TimeSinceLastDeployment => Absence::NeverDeployed,
            Value::OldestOpenIncidentAge => Absence::NothingOpen,
            Value::DeploymentIntervalVariation => Absence::TooFewGaps,
            Value::CadenceAdherence => Absence::NoPeriod,
            Value::OldestUndeliveredChangeAge => Absence::NothingWaits,
            _ => Absence::NoSample,
        })
    }

    /// The sums of parts and of wholes.
    #[must_use]
    pub fn shares(&self) -> (u128, u128) {
        self.rows.iter().fold((0, 0), |(parts, wholes), row| match row.measure {
            Measure::Share { part, whole } => {
                (parts + u128::from(part), wholes + u128::from(whole))
            }
            _ => (parts, wholes),
        })
    }

    /// The seconds or changes of each row that has them.
    pub fn amounts(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().filter_map(|row| match row.measure {
            Measure::Seconds(amount) | Measure::Changes(amount) => Some(amount),
            _ => None,
        })
    }

    fn medians(&self) -> impl Iterator<Item = DailyMedian> {
        self.rows.iter().filter_map(|row| match row.measure {
            Measure::Median(median) => Some(median),
            _ => None,
        })
    }

    /// Where the window ends, that instant left out.
    #[must_use]
    pub fn window_end(&self) -> Timestamp {
        if self.question.value.is_gitlabs() {
            start_of_utc_day(utc_day(self.as_of))
        } else {
            self.as_of
        }
    }

    fn count(&self) -> u128 {
        u128::try_from(self.rows.len()).unwrap_or(u128::MAX)
    }

    fn days(&self) -> u128 {
        let day = |row: &Row| match row.measure {
            Measure::Day(day) => Some(day),
            _ => None,
        };
        let days: BTreeSet<i32> = self.rows.iter().filter_map(day).collect();
        u128::try_from(days.len()).unwrap_or(u128::MAX)
    }
}
