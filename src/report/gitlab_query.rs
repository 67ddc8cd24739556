//! A question in the words of GitLab's DORA API, and the answer in its shape.

use jiff::civil::Date;
use serde::Serialize;

use super::thing::date_of;
use crate::delivery::{EnvironmentTier, Timestamp};
use crate::dora::gitlab_parity::{DayRange, GitlabMetric, GitlabQuery, Interval, Point};
use crate::dora::window::{start_of_utc_day, utc_day};

/// Days that a range may span: as many as GitLab's value stream analytics.
const MOST_DAYS: u64 = 180;
/// Months that are shown where no start is named.
const DEFAULT_MONTHS: i32 = 3;

const TIERS: [EnvironmentTier; 5] = [
    EnvironmentTier::Production,
    EnvironmentTier::Staging,
    EnvironmentTier::Testing,
    EnvironmentTier::Development,
    EnvironmentTier::Other,
];

/// Why GitLab would refuse a question; each says what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitlabRefusal {
    /// No metric is named.
    #[error("metric is missing")]
    Missing,
    /// A date is none.
    #[error("{0} is invalid")]
    Invalid(&'static str),
    /// The range is longer than GitLab answers for.
    #[error("The range of dates must span at most {MOST_DAYS} days.")]
    Range,
    /// The range is empty, or one day, which GitLab refuses too.
    #[error("The start date must be before the end date.")]
    Order,
    /// There is no such interval.
    #[error("The interval must be one of {}.", names(Interval::ALL.map(Interval::as_str)))]
    Interval,
    /// There is no such metric.
    #[error("The metric must be one of {}.", names(GitlabMetric::ALL.map(GitlabMetric::as_str)))]
    Metric,
    /// There is no such tier.
    #[error("The environment tiers must be of {}.", names(TIERS.each_ref().map(EnvironmentTier::as_str)))]
    Tiers,
}

fn names<const N: usize>(all: [&str; N]) -> String {
    all.join(", ")
}

impl GitlabRefusal {
    /// The body by which GitLab says so: it names what cannot be read otherwise than what is wrong.
    #[must_use]
    pub fn body(&self) -> String {
        let key = match self {
            Self::Missing | Self::Invalid(_) => "error",
            _ => "message",
        };
        serde_json::json!({ key: self.to_string() }).to_string()
    }
}

/// Reads the parameters of a request, those that GitLab does not know left aside.
///
/// # Errors
/// [`GitlabRefusal`], in GitLab's order of looking.
pub fn gitlab_query(
    parameters: &[(String, String)],
    now: Timestamp,
) -> Result<GitlabQuery, GitlabRefusal> {
    // Of several, the last counts.
    let one = |name: &str| {
        let named = parameters.iter().rfind(|(own, _)| own == name);
        named.map(|(_, value)| value.as_str())
    };
    let metric = one("metric").ok_or(GitlabRefusal::Missing)?;
    let day = |name: &'static str| one(name).map(|text| read_day(text, name)).transpose();
    let (start, end) = (day("start_date")?, day("end_date")?);
    let today = utc_day(now);
    let range =
        DayRange { from: start.unwrap_or_else(|| months_before(today)), to: end.unwrap_or(today) };
    if range.days() > MOST_DAYS + 1 {
        return Err(GitlabRefusal::Range);
    }
    if range.from >= range.to {
        return Err(GitlabRefusal::Order);
    }
    let interval = one("interval").unwrap_or(Interval::Daily.as_str());
    let interval = Interval::ALL.into_iter().find(|own| own.as_str() == interval);
    let interval = interval.ok_or(GitlabRefusal::Interval)?;
    let metric = GitlabMetric::ALL.into_iter().find(|own| own.as_str() == metric);
    let metric = metric.ok_or(GitlabRefusal::Metric)?;
    let tiers = parameters.iter().filter(|(name, _)| name == "environment_tiers[]");
    let tiers: Option<Vec<EnvironmentTier>> =
        tiers.map(|(_, tier)| EnvironmentTier::from_gitlab(tier)).collect();
    let mut tiers = tiers.ok_or(GitlabRefusal::Tiers)?;
    if tiers.is_empty() {
        tiers.push(EnvironmentTier::Production);
    }
    Ok(GitlabQuery { metric, tiers, range, interval })
}

fn read_day(text: &str, name: &'static str) -> Result<i32, GitlabRefusal> {
    day(text).ok_or(GitlabRefusal::Invalid(name))
}

/// Reads a day of UTC as GitLab writes it, `2026-03-01`, into days since 1970-01-01.
#[must_use]
pub fn day(text: &str) -> Option<i32> {
    day_of(text.parse().ok()?)
}

fn day_of(date: Date) -> Option<i32> {
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(utc_day(Timestamp::from_second(midnight.as_second())))
}

/// The same day of an earlier month, or its last one; the day itself where no calendar reaches.
fn months_before(day: i32) -> i32 {
    let before = || {
        let midnight = jiff::Timestamp::from_second(start_of_utc_day(day).as_second()).ok()?;
        let date = jiff::tz::TimeZone::UTC.to_datetime(midnight).date();
        day_of(date.checked_sub(jiff::Span::new().months(DEFAULT_MONTHS)).ok()?)
    };
    before().unwrap_or(day)
}

/// One value, as GitLab writes it.
#[derive(Debug, Serialize)]
pub struct GitlabPoint {
    /// `null` for the whole range.
    date: Option<String>,
    /// `null` where nothing is known.
    value: Option<serde_json::Number>,
}

impl From<Point> for GitlabPoint {
    fn from(point: Point) -> Self {
        Self { date: point.day.map(date_of), value: point.value.and_then(number) }
    }
}

/// A number, without a point where it is whole.
fn number(value: f64) -> Option<serde_json::Number> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "compared with what it was made of"
    )]
    let whole = value as u64;
    #[expect(clippy::cast_precision_loss, reason = "counts and seconds stay far below 2⁵³")]
    let is_whole = (whole as f64).total_cmp(&value).is_eq();
    if is_whole { Some(whole.into()) } else { serde_json::Number::from_f64(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &[(&str, &str)]) -> Result<GitlabQuery, GitlabRefusal> {
        let owned = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        // 2026-05-31T12:00:00Z.
        gitlab_query(&owned.collect::<Vec<_>>(), Timestamp::from_second(1_780_228_800))
    }

    #[test]
    fn what_is_not_said_is_daily_production_of_three_months() {
        let query = read(&[("metric", "deployment_frequency"), ("private_token", "x")]).unwrap();
        assert_eq!(query.tiers, [EnvironmentTier::Production]);
        assert_eq!(query.interval, Interval::Daily);
        // From 2026-02-28: February has no 31st day.
        assert_eq!(query.range.days(), 93);
        assert_eq!(date_of(query.range.from), "2026-02-28");
    }

    #[test]
    fn what_gitlab_refuses_is_refused() {
        let metric = ("metric", "lead_time_for_changes");
        for (parameters, refusal) in [
            (vec![], GitlabRefusal::Missing),
            (vec![("metric", "lead_time")], GitlabRefusal::Metric),
            (vec![metric, ("interval", "weekly")], GitlabRefusal::Interval),
            (vec![metric, ("environment_tiers[]", "recette")], GitlabRefusal::Tiers),
            (vec![metric, ("start_date", "2026-05-31")], GitlabRefusal::Order),
            (vec![metric, ("start_date", "2025-12-01")], GitlabRefusal::Range),
            (vec![metric, ("end_date", "yesterday")], GitlabRefusal::Invalid("end_date")),
        ] {
            assert_eq!(read(&parameters), Err(refusal), "{parameters:?}");
        }
        assert!(read(&[metric, ("start_date", "2025-12-02")]).is_ok());
        assert_eq!(GitlabRefusal::Missing.body(), r#"{"error":"metric is missing"}"#);
        assert_eq!(
            GitlabRefusal::Interval.body(),
            r#"{"message":"The interval must be one of all, monthly, daily."}"#
        );
    }

    #[test]
    fn numbers_are_written_as_short_as_they_are() {
        let written = |value| number(value).map(|number| number.to_string());
        assert_eq!(written(3.0).as_deref(), Some("3"));
        assert_eq!(written(5_400.25).as_deref(), Some("5400.25"));
        assert_eq!(written(f64::NAN), None);
    }
}
