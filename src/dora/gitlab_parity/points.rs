//! GitLab's arithmetic over rows: by day, by month, or over the whole range.

use std::collections::BTreeMap;

use super::row::{DailyMedian, DailyRow};
use crate::delivery::Timestamp;
use crate::dora::statistics::ratio;
use crate::dora::window::{Window, start_of_utc_day, utc_day};

/// One of GitLab's four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitlabMetric {
    /// Successful deployments, a day.
    DeploymentFrequency,
    /// Seconds from the merge to the deployment.
    LeadTimeForChanges,
    /// Seconds from the opening of an incident to its closing.
    TimeToRestoreService,
    /// Incidents by deployments.
    ChangeFailureRate,
}

impl GitlabMetric {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::DeploymentFrequency,
        Self::LeadTimeForChanges,
        Self::TimeToRestoreService,
        Self::ChangeFailureRate,
    ];

    /// GitLab's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeploymentFrequency => "deployment_frequency",
            Self::LeadTimeForChanges => "lead_time_for_changes",
            Self::TimeToRestoreService => "time_to_restore_service",
            Self::ChangeFailureRate => "change_failure_rate",
        }
    }
}

/// What one value is made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// The whole range.
    All,
    /// A calendar month, as much of it as lies in the range.
    Monthly,
    /// A day.
    Daily,
}

impl Interval {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::All, Self::Monthly, Self::Daily];

    /// GitLab's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Monthly => "monthly",
            Self::Daily => "daily",
        }
    }
}

/// Days of UTC, both ends included, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// The first of them.
    pub from: i32,
    /// The last of them.
    pub to: i32,
}

impl DayRange {
    /// As many whole days as a window has, the last of them the day before that of `as_of`.
    #[must_use]
    pub fn of(window: Window, as_of: Timestamp) -> Self {
        let today = utc_day(as_of);
        let days = i32::try_from(window.days()).unwrap_or(i32::MAX);
        Self { from: today.saturating_sub(days), to: today.saturating_sub(1) }
    }

    /// Whether a day is one of them.
    #[must_use]
    pub const fn contains(self, day: i32) -> bool {
        self.from <= day && day <= self.to
    }

    /// How many they are; at least one.
    #[must_use]
    pub fn days(self) -> u64 {
        let days = i64::from(self.to) - i64::from(self.from) + 1;
        u64::try_from(days).unwrap_or(0).max(1)
    }
}

/// One value of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The day, or the first of the month; `None` for the whole range.
    pub day: Option<i32>,
    /// The value; `None` where the rows say nothing of the metric.
    pub value: Option<f64>,
}

/// Answers as GitLab's API does.
///
/// - **Input.** Rows of one or more projects and environments, in any order.
/// - **Output.** By date. Days and months without rows are left out; the whole range always has its
///   one point.
/// - **Cost.** O(n log n).
///
/// Source: GitLab, `lib/analytics/dora_metrics_aggregator.rb` and `app/models/dora/*`, as the metric
/// specification tells them.
#[must_use]
pub fn points<'a>(
    rows: impl Iterator<Item = &'a DailyRow>,
    metric: GitlabMetric,
    range: DayRange,
    interval: Interval,
) -> Vec<Point> {
    let mut groups: BTreeMap<Option<i32>, Vec<&DailyRow>> = BTreeMap::new();
    if interval == Interval::All {
        groups.insert(None, Vec::new());
    }
    for row in rows.filter(|row| range.contains(row.day)) {
        let day = match interval {
            Interval::All => None,
            Interval::Monthly => Some(month(row.day).from),
            Interval::Daily => Some(row.day),
        };
        groups.entry(day).or_default().push(row);
    }
    let point = |(day, rows): (Option<i32>, Vec<&DailyRow>)| {
        let days = match (interval, day) {
            (Interval::Daily, _) => 1,
            (Interval::Monthly, Some(first)) => {
                let month = month(first);
                DayRange { from: month.from.max(range.from), to: month.to.min(range.to) }.days()
            }
            _ => range.days(),
        };
        Point { day, value: value(&rows, metric, days) }
    };
    groups.into_iter().map(point).collect()
}

/// One value over rows that share so many calendar days.
pub(super) fn value(rows: &[&DailyRow], metric: GitlabMetric, days: u64) -> Option<f64> {
    let deployments: u128 = rows.iter().map(|row| u128::from(row.deployments)).sum();
    match metric {
        GitlabMetric::DeploymentFrequency => {
            (!rows.is_empty()).then(|| ratio(deployments, days.into()))
        }
        GitlabMetric::LeadTimeForChanges => {
            DailyMedian::median(rows.iter().filter_map(|row| row.lead_time))
        }
        GitlabMetric::TimeToRestoreService => {
            DailyMedian::median(rows.iter().filter_map(|row| row.restore))
        }
        GitlabMetric::ChangeFailureRate => {
            let mut known = rows.iter().filter_map(|row| row.incidents).peekable();
            known.peek()?;
            let incidents: u128 = known.map(u128::from).sum();
            Some(ratio(incidents, deployments.max(1)))
        }
    }
}

/// The month of a day; where no calendar reaches, that day alone.
fn month(day: i32) -> DayRange {
    let date = jiff::Timestamp::from_second(start_of_utc_day(day).as_second())
        .map(|midnight| jiff::tz::TimeZone::UTC.to_datetime(midnight).date());
    let Ok(date) = date else { return DayRange { from: day, to: day } };
    let from = day - i32::from(date.day()) + 1;
    DayRange { from, to: from + i32::from(date.days_in_month()) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15.
    const START: i32 = 20_468;

    fn row(day: i32, deployments: u64, incidents: u64, lead_times: &[u64]) -> DailyRow {
        DailyRow {
            day: START + day,
            deployments,
            lead_time: DailyMedian::of(lead_times.to_vec()),
            restore: None,
            incidents: Some(incidents),
        }
    }

    fn asked(rows: &[DailyRow], metric: GitlabMetric, interval: Interval) -> Vec<Point> {
        // To 2026-02-28: 17 days of January, 28 of February.
        let range = DayRange { from: START, to: START + 44 };
        points(rows.iter(), metric, range, interval)
    }

    fn point(day: impl Into<Option<i32>>, value: impl Into<Option<f64>>) -> Point {
        Point { day: day.into(), value: value.into() }
    }

    #[test]
    fn gaps_are_not_filled_and_days_are_not_divided() {
        let rows = [row(3, 2, 0, &[]), row(1, 1, 0, &[]), row(3, 4, 0, &[]), row(-1, 9, 0, &[])];
        let daily = asked(&rows, GitlabMetric::DeploymentFrequency, Interval::Daily);
        assert_eq!(daily, [point(START + 1, 1.0), point(START + 3, 6.0)]);
        let lead_times = asked(&rows, GitlabMetric::LeadTimeForChanges, Interval::Daily);
        assert_eq!(lead_times, [point(START + 1, None), point(START + 3, None)]);
    }

    #[test]
    fn months_are_dated_their_first_and_divided_by_their_days_in_the_range() {
        let rows = [row(0, 17, 1, &[]), row(16, 17, 0, &[]), row(17, 7, 0, &[])];
        let monthly = asked(&rows, GitlabMetric::DeploymentFrequency, Interval::Monthly);
        assert_eq!(monthly, [point(START - 14, 2.0), point(START + 17, 0.25)]);
        let all = asked(&rows, GitlabMetric::DeploymentFrequency, Interval::All);
        assert_eq!(all, [point(None, 41.0 / 45.0)]);
    }

    #[test]
    fn a_lead_time_is_the_median_of_the_medians_of_days() {
        let rows = [row(1, 1, 0, &[7_200, 3_600]), row(9, 1, 0, &[21_600]), row(10, 1, 0, &[])];
        let all = asked(&rows, GitlabMetric::LeadTimeForChanges, Interval::All);
        assert_eq!(all, [point(None, 13_500.0)]);
    }

    #[test]
    fn a_failure_rate_may_exceed_one_and_is_one_for_an_incident_without_deployment() {
        let rate = |rows: &[DailyRow]| asked(rows, GitlabMetric::ChangeFailureRate, Interval::All);
        assert_eq!(rate(&[row(1, 0, 1, &[])]), [point(None, 1.0)]);
        assert_eq!(rate(&[row(1, 1, 2, &[]), row(2, 1, 3, &[])]), [point(None, 2.5)]);
        assert_eq!(rate(&[]), [point(None, None)]);
        let staging = DailyRow { incidents: None, ..row(1, 4, 0, &[]) };
        assert_eq!(rate(&[staging]), [point(None, None)]);
    }

    #[test]
    fn a_window_is_the_whole_days_that_end_yesterday() {
        let noon = start_of_utc_day(START).plus(43_200);
        let range = DayRange::of(Window::of_days(7), noon);
        assert_eq!(range, DayRange { from: START - 7, to: START - 1 });
        assert_eq!(range.days(), 7);
    }
}
