//! GitLab's own numbers beside its arithmetic on our facts, day by day, and why they differ.
//!
//! Whoever computes from the same facts by the same arithmetic gets the same numbers, so what is
//! left are facts that one side lacks, or a day that begins elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::points::{GitlabMetric, Point};

/// Why a day differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The day is before the oldest deployment that we know.
    BeforeOurData,
    /// The day is not over: GitLab refreshes its numbers some minutes after an event.
    NotOver,
    /// What one side has too much on this day, the other has on the next: GitLab counts days in its
    /// own time zone, we in UTC.
    DayBoundary,
    /// GitLab knows more deployments: deliveries were lost.
    DeploymentsUnknown,
    /// We know more deployments: GitLab did not refresh the day, or the environment had another tier
    /// then.
    DeploymentsUncounted,
    /// The deployments of the day differ already.
    Deployments,
    /// The same deployments, with other merge requests linked to them.
    Links,
    /// The incidents of the day differ: confidential ones, ones of before, or lost deliveries.
    Incidents,
}

/// One day on which both sides differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The day, counted from 1970-01-01.
    pub day: i32,
    /// What GitLab says; `None` where it says nothing.
    pub gitlab: Option<f64>,
    /// What its arithmetic makes of our facts.
    pub ours: Option<f64>,
    /// Why.
    pub reason: Reason,
}

/// Both sides of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Days on which at least one side says something, and both say the same.
    pub equal_days: u64,
    /// The others, by day.
    pub differences: Vec<Difference>,
}

/// What else is known of the days.
#[derive(Debug, Clone, Default)]
pub struct Days {
    /// The day of the oldest deployment known.
    pub data_since: Option<i32>,
    /// The day on which is compared.
    pub today: i32,
    /// Days whose deployments differ.
    pub deployments_differ: BTreeSet<i32>,
}

/// Compares the daily values of one metric; both in any order, days that are missing say nothing.
///
/// Values are equal within a millionth: GitLab rounds nothing, but counts in floating point.
#[must_use]
pub fn compare(metric: GitlabMetric, gitlab: &[Point], ours: &[Point], days: &Days) -> Comparison {
    let (gitlab, ours) = (by_day(metric, gitlab), by_day(metric, ours));
    let all: BTreeSet<i32> = gitlab.keys().chain(ours.keys()).copied().collect();
    let sides = |day: i32| (gitlab.get(&day).copied(), ours.get(&day).copied());
    let differing: Vec<i32> = all.iter().copied().filter(|day| !agree(sides(*day))).collect();
    let excess: BTreeMap<i32, f64> = differing
        .iter()
        .map(|day| {
            let (gitlab, ours) = sides(*day);
            (*day, gitlab.unwrap_or(0.0) - ours.unwrap_or(0.0))
        })
        .collect();
    let difference = |day: i32| {
        let (gitlab, ours) = sides(day);
        Difference { day, gitlab, ours, reason: reason(metric, day, &excess, days) }
    };
    Comparison {
        equal_days: u64::try_from(all.len() - differing.len()).unwrap_or(u64::MAX),
        differences: differing.into_iter().map(difference).collect(),
    }
}

/// Values by day. A day without deployments is a day without a row: 0 says as much as nothing.
fn by_day(metric: GitlabMetric, points: &[Point]) -> BTreeMap<i32, f64> {
    let counts = metric == GitlabMetric::DeploymentFrequency;
    let said = points.iter().filter_map(|point| Some((point.day?, point.value?)));
    said.filter(|(_, value)| !(counts && same(*value, 0.0))).collect()
}

fn agree(sides: (Option<f64>, Option<f64>)) -> bool {
    match sides {
        (Some(gitlab), Some(ours)) => same(gitlab, ours),
        (None, None) => true,
        _ => false,
    }
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs().max(1.0)
}

fn reason(metric: GitlabMetric, day: i32, excess: &BTreeMap<i32, f64>, days: &Days) -> Reason {
    let of = |day: i32| excess.get(&day).copied().unwrap_or(0.0);
    if days.data_since.is_none_or(|since| day < since) {
        return Reason::BeforeOurData;
    }
    if day >= days.today {
        return Reason::NotOver;
    }
    match metric {
        GitlabMetric::DeploymentFrequency => {
            let moved = [day.saturating_sub(1), day.saturating_add(1)];
            if moved.into_iter().any(|next| excess.contains_key(&next) && same(of(next), -of(day)))
            {
                return Reason::DayBoundary;
            }
            if of(day) > 0.0 { Reason::DeploymentsUnknown } else { Reason::DeploymentsUncounted }
        }
        GitlabMetric::LeadTimeForChanges | GitlabMetric::ChangeFailureRate
            if days.deployments_differ.contains(&day) =>
        {
            Reason::Deployments
        }
        GitlabMetric::LeadTimeForChanges => Reason::Links,
        GitlabMetric::ChangeFailureRate | GitlabMetric::TimeToRestoreService => Reason::Incidents,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREQUENCY: GitlabMetric = GitlabMetric::DeploymentFrequency;

    fn points(values: &[(i32, f64)]) -> Vec<Point> {
        values.iter().map(|(day, value)| Point { day: Some(*day), value: Some(*value) }).collect()
    }

    fn days() -> Days {
        Days { data_since: Some(10), today: 100, deployments_differ: BTreeSet::from([30]) }
    }

    fn reasons(metric: GitlabMetric, gitlab: &[(i32, f64)], ours: &[(i32, f64)]) -> Vec<Reason> {
        let compared = compare(metric, &points(gitlab), &points(ours), &days());
        compared.differences.iter().map(|own| own.reason).collect()
    }

    #[test]
    fn equal_days_are_counted_and_a_day_of_no_deployment_says_nothing() {
        let gitlab = [(20, 2.0), (21, 0.0), (22, 1.0 + 1e-9)];
        let compared =
            compare(FREQUENCY, &points(&gitlab), &points(&[(20, 2.0), (22, 1.0)]), &days());
        assert_eq!(compared, Comparison { equal_days: 2, differences: Vec::new() });
    }

    #[test]
    fn deployments_differ_for_a_reason() {
        for (gitlab, ours, expected) in [
            (vec![(5, 1.0)], vec![], vec![Reason::BeforeOurData]),
            (vec![(100, 1.0)], vec![], vec![Reason::NotOver]),
            (vec![(20, 3.0)], vec![(20, 2.0)], vec![Reason::DeploymentsUnknown]),
            (vec![(20, 1.0)], vec![(20, 2.0)], vec![Reason::DeploymentsUncounted]),
            (
                vec![(20, 1.0), (21, 2.0)],
                vec![(20, 2.0), (21, 1.0)],
                vec![Reason::DayBoundary, Reason::DayBoundary],
            ),
        ] {
            assert_eq!(reasons(FREQUENCY, &gitlab, &ours), expected, "{gitlab:?} {ours:?}");
        }
    }

    #[test]
    fn what_is_made_of_deployments_differs_with_them() {
        let lead = GitlabMetric::LeadTimeForChanges;
        assert_eq!(reasons(lead, &[(30, 60.0)], &[(30, 90.0)]), [Reason::Deployments]);
        assert_eq!(reasons(lead, &[(31, 60.0)], &[]), [Reason::Links]);
        let rate = GitlabMetric::ChangeFailureRate;
        assert_eq!(reasons(rate, &[(30, 1.0)], &[(30, 0.5)]), [Reason::Deployments]);
        assert_eq!(reasons(rate, &[(31, 1.0)], &[(31, 0.5)]), [Reason::Incidents]);
        let restore = GitlabMetric::TimeToRestoreService;
        assert_eq!(reasons(restore, &[(30, 1.0)], &[(30, 2.0)]), [Reason::Incidents]);
    }

    #[test]
    fn without_facts_of_our_own_nothing_else_is_blamed() {
        let nothing = Days { today: 100, ..Days::default() };
        let compared = compare(FREQUENCY, &points(&[(20, 1.0)]), &[], &nothing);
        assert_eq!(compared.differences[0].reason, Reason::BeforeOurData);
    }
}
