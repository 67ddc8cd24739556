//! GitLab's own DORA numbers, its arithmetic on our facts, and ours, side by side.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::thing::date_of;
use crate::dora::assessment::releases::ReleaseKind;
use crate::dora::gitlab_parity::{Comparison, DayRange, Difference, GitlabMetric, Reason};
use crate::dora::scorecard::{Figures, WindowFigures};

/// Differing days that are shown of one metric; all of them are counted.
const MOST_DAYS: usize = 20;

/// What `compare` found.
#[derive(Debug, Serialize)]
pub struct ComparisonReport {
    /// Path of the project or group.
    pub of: String,
    /// GitLab's word for the tier.
    pub tier: String,
    /// First day, of UTC.
    pub from: String,
    /// Last day, included.
    pub to: String,
    /// GitLab's four.
    pub metrics: Vec<MetricReport>,
}

/// One metric.
#[derive(Debug, Serialize)]
pub struct MetricReport {
    /// GitLab's name for it.
    pub metric: &'static str,
    /// Over the whole range: what GitLab says.
    pub gitlab: Option<f64>,
    /// What its arithmetic makes of our facts.
    pub gitlab_arithmetic: Option<f64>,
    /// What we expose, by DORA's definition.
    pub ours: Option<f64>,
    /// Days on which both of the first two say the same.
    pub equal_days: u64,
    /// How many differ.
    pub differing_days: u64,
    /// The first of them.
    pub differences: Vec<DayReport>,
    /// Why ours may be another number.
    pub definition: String,
}

/// One day on which GitLab and its arithmetic on our facts differ.
#[derive(Debug, Serialize)]
pub struct DayReport {
    /// The day.
    pub date: String,
    /// What GitLab says.
    pub gitlab: Option<f64>,
    /// What its arithmetic makes of our facts.
    pub gitlab_arithmetic: Option<f64>,
    /// Why they differ.
    pub reason: &'static str,
}

impl ComparisonReport {
    /// A report without a metric yet.
    #[must_use]
    pub fn new(of: &str, tier: &str, range: DayRange) -> Self {
        let (from, to) = (date_of(range.from), date_of(range.to));
        Self { of: of.to_owned(), tier: tier.to_owned(), from, to, metrics: Vec::new() }
    }

    /// Adds a metric; `whole` are GitLab's value of the range and its arithmetic's.
    pub fn add(
        &mut self,
        metric: GitlabMetric,
        whole: (Option<f64>, Option<f64>),
        compared: &Comparison,
        (figures, window): (&Figures, Option<&WindowFigures>),
    ) {
        let (ours, definition) = ours(metric, figures, window);
        let differing = compared.differences.len();
        self.metrics.push(MetricReport {
            metric: metric.as_str(),
            gitlab: whole.0,
            gitlab_arithmetic: whole.1,
            ours,
            equal_days: compared.equal_days,
            differing_days: u64::try_from(differing).unwrap_or(u64::MAX),
            differences: compared.differences.iter().take(MOST_DAYS).map(day).collect(),
            definition,
        });
    }

    /// Whether GitLab and its arithmetic on our facts say the same on every day.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.metrics.iter().all(|metric| metric.differing_days == 0)
    }
}

fn day(own: &Difference) -> DayReport {
    DayReport {
        date: date_of(own.day),
        gitlab: own.gitlab,
        gitlab_arithmetic: own.ours,
        reason: in_words(own.reason),
    }
}

const fn in_words(reason: Reason) -> &'static str {
    match reason {
        Reason::BeforeOurData => "before our oldest deployment; read the past with backfill",
        Reason::NotOver => "the day is not over, and GitLab refreshes some minutes after an event",
        Reason::DayBoundary => {
            "counted on the day beside it: GitLab's days begin in its time zone, these in UTC"
        }
        Reason::DeploymentsUnknown => {
            "GitLab has deployments that we never heard of; read them with backfill"
        }
        Reason::DeploymentsUncounted => {
            "GitLab did not count deployments: not refreshed, or of another tier then"
        }
        Reason::Deployments => "the deployments of that day differ",
        Reason::Links => {
            "the same deployments, but other merge requests linked to them; backfill reads its links"
        }
        Reason::Incidents => {
            "the incidents of that day differ: confidential, older than our data, or lost"
        }
    }
}

/// Our value over the range, and why it may differ from GitLab's.
fn ours(
    metric: GitlabMetric,
    figures: &Figures,
    window: Option<&WindowFigures>,
) -> (Option<f64>, String) {
    match metric {
        GitlabMetric::DeploymentFrequency => {
            (window.map(|own| own.deployment_frequency_per_day), frequency(window))
        }
        GitlabMetric::LeadTimeForChanges => {
            let merge = window.and_then(|own| own.change_lead_time.merge);
            let samples = merge.map_or(0, |own| own.samples.get());
            let why = format!(
                "ours is the median of all {samples} changes, from the merge, each at its first \
                 arrival; GitLab's a median of daily medians, of the merge requests that it linked"
            );
            (merge.map(|own| own.p50), why)
        }
        GitlabMetric::TimeToRestoreService => {
            let restored = figures.time_to_restore_service.first().copied().flatten();
            let samples = restored.map_or(0, |own| own.samples.get());
            let why = format!(
                "ours is the median of all {samples} incidents restored, duplicates left out; \
                 GitLab's a median of daily medians, by the day of closing"
            );
            (restored.map(|own| own.p50), why)
        }
        GitlabMetric::ChangeFailureRate => {
            let why = window.map_or_else(String::new, |own| {
                format!(
                    "ours are {} failed of {} releases; GitLab divides the incidents opened by all \
                     deployments, whatever caused them",
                    own.failed(),
                    own.counted_deployments
                )
            });
            (window.and_then(|own| own.change_fail_ratio), why)
        }
    }
}

fn frequency(window: Option<&WindowFigures>) -> String {
    let Some(own) = window else {
        return "no deployment to this tier is known".to_owned();
    };
    let kinds = ReleaseKind::ALL.iter().zip(own.deployments);
    let redeploys = kinds.filter(|(kind, _)| **kind == ReleaseKind::Redeploy);
    let redeploys: u64 = redeploys.map(|(_, count)| count).sum();
    format!(
        "ours counts {} releases: deployments of one version to several environments within \
         release_group_window are one, and {redeploys} that brought what ran already are none",
        own.counted_deployments
    )
}

impl Display for ComparisonReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {}, {} to {} (UTC)", self.of, self.tier, self.from, self.to)?;
        for metric in &self.metrics {
            write!(f, "\n{metric}")?;
        }
        Ok(())
    }
}

impl Display for MetricReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.metric)?;
        writeln!(f, "  GitLab                       {}", value(self.gitlab))?;
        writeln!(f, "  its arithmetic on our facts  {}", value(self.gitlab_arithmetic))?;
        writeln!(f, "  ours, as DORA defines it     {}", value(self.ours))?;
        writeln!(f, "  {}", self.definition)?;
        let (equal, differing) = (self.equal_days, self.differing_days);
        writeln!(f, "  day by day                   {equal} equal, {differing} different")?;
        for day in &self.differences {
            let (gitlab, ours) = (value(day.gitlab), value(day.gitlab_arithmetic));
            writeln!(f, "    {}  {gitlab} · {ours}  {}", day.date, day.reason)?;
        }
        let shown = u64::try_from(self.differences.len()).unwrap_or(u64::MAX);
        match differing.saturating_sub(shown) {
            0 => Ok(()),
            more => writeln!(f, "    … and {more} more"),
        }
    }
}

fn value(value: Option<f64>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
}
