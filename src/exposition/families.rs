//! Figures of projects, groups and teams, laid out as families.
//!
//! No data is no series; a count of a known tier is 0. Scopes are sorted by label, then come tiers
//! by name and windows by length, so that the same scorecard is the same text everywhere.

use super::catalog::Scope;
use super::catalog::figures::{self, Figure};
use super::family::Number;
use super::limits::{Kept, KeptPool, KeptProject};
use super::sheet::{Layouts, Line, Place, Sheet};
use super::text;
use crate::delivery::Severity;
use crate::dora::assessment::changes::Stage;
use crate::dora::assessment::releases::ReleaseKind;
use crate::dora::policy::FailureSignal;
use crate::dora::scorecard::{Figures, TierFigures, WindowFigures};
use crate::dora::statistics::{Quantiles, Stat};
use crate::dora::window::Window;

/// A window that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShownWindow {
    /// Its place in the scorecard.
    pub(super) index: usize,
    /// The label `window`.
    pub(super) label: String,
}

/// The windows of a scorecard, shortest first, each length once.
pub(super) fn shown_windows(windows: &[Window]) -> Vec<ShownWindow> {
    let mut sorted: Vec<_> = windows.iter().copied().enumerate().collect();
    sorted.sort_by_key(|(index, window)| (*window, *index));
    sorted.dedup_by_key(|(_, window)| *window);
    let shown = |(index, window): (usize, Window)| ShownWindow { index, label: window.to_string() };
    sorted.into_iter().map(shown).collect()
}

/// A project, group or team on its way to the sheet.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    /// Its name, escaped.
    pub(super) label: Vec<u8>,
    /// Its GitLab installation, where that is a label.
    pub(super) gitlab: Option<&'a str>,
    figures: &'a Figures,
    tiers: Vec<&'a TierFigures>,
}

impl<'a> Shown<'a> {
    fn new(label: &str, gitlab: Option<&'a str>, figures: &'a Figures) -> Self {
        let mut escaped = Vec::with_capacity(label.len());
        text::write_label_value(&mut escaped, label);
        let mut tiers: Vec<_> = figures.tiers.iter().collect();
        tiers.sort_by_key(|tier| tier.tier.as_str());
        Self { label: escaped, gitlab, figures, tiers }
    }

    pub(super) fn project(kept: &'a KeptProject<'_>) -> Self {
        Self::new(&kept.label, kept.gitlab.as_deref(), &kept.project.figures)
    }

    fn pool(kept: &'a KeptPool<'_>) -> Self {
        Self::new(&kept.label, None, kept.figures)
    }
}

/// Writes all figures of all scopes.
pub(super) fn write(sheet: &mut Sheet, kept: &Kept<'_>, windows: &[ShownWindow]) {
    let projects: Vec<_> = kept.projects.iter().map(Shown::project).collect();
    let groups: Vec<_> = kept.groups.iter().map(Shown::pool).collect();
    let teams: Vec<_> = kept.teams.iter().map(Shown::pool).collect();
    for (scope, shown) in
        [(Scope::Project, &projects), (Scope::Group, &groups), (Scope::Team, &teams)]
    {
        Table { scope, shown, windows }.write(sheet);
    }
}

/// Further labels of a line, and what tells its value apart from its neighbours'.
type Variant<V> = (Vec<(&'static str, &'static str)>, V);

/// Everything of one scope.
struct Table<'a> {
    scope: Scope,
    shown: &'a [Shown<'a>],
    windows: &'a [ShownWindow],
}

impl Table<'_> {
    fn write(&self, sheet: &mut Sheet) {
        self.write_deployments(sheet);
        self.write_changes(sheet);
        self.write_failures(sheet);
        self.write_incidents(sheet);
    }

    fn write_deployments(&self, sheet: &mut Sheet) {
        let kinds = numbered("kind", ReleaseKind::ALL.map(ReleaseKind::as_str));
        self.in_windows(sheet, &figures::DEPLOYMENT_FREQUENCY, &single(), |figures, ()| {
            Number::measured(figures.deployment_frequency_per_day)
        });
        self.in_windows(sheet, &figures::WINDOW_DEPLOYMENTS, &kinds, |figures, kind| {
            figures.deployments.get(kind).copied().map(Number::Whole)
        });
        self.in_windows(sheet, &figures::DEPLOYMENT_DAYS, &single(), |figures, ()| {
            Some(Number::Whole(figures.deployment_days))
        });
        self.now(sheet, &figures::TIME_SINCE_LAST_DEPLOYMENT, |tier| {
            tier.time_since_last_deployment_seconds.map(Number::Whole)
        });
    }

    fn write_changes(&self, sheet: &mut Sheet) {
        self.in_windows(sheet, &figures::CHANGE_LEAD_TIME, &clocks(), |figures, (clock, stat)| {
            let lead_time = &figures.change_lead_time;
            let quantiles = match clock {
                Clock::FirstCommit => lead_time.first_commit,
                Clock::Merge => lead_time.merge,
            };
            measured(quantiles, stat)
        });
        self.in_windows(sheet, &figures::WINDOW_CHANGES, &single(), |figures, ()| {
            Some(Number::Whole(figures.changes))
        });
        let stages = stages();
        self.in_windows(sheet, &figures::CHANGE_LEAD_TIME_STAGE, &stages, |figures, (at, stat)| {
            measured(figures.stages.get(at).copied().flatten(), stat)
        });
    }

    fn write_failures(&self, sheet: &mut Sheet) {
        let signals = numbered("signal", FailureSignal::ALL.map(FailureSignal::as_str));
        let recovery_time = &figures::FAILED_DEPLOYMENT_RECOVERY_TIME;
        self.in_windows(sheet, &figures::CHANGE_FAIL_RATIO, &single(), |figures, ()| {
            figures.change_fail_ratio.and_then(Number::measured)
        });
        self.in_windows(sheet, &figures::WINDOW_FAILED_DEPLOYMENTS, &signals, |figures, signal| {
            figures.failed_deployments.get(signal).copied().map(Number::Whole)
        });
        self.in_windows(sheet, recovery_time, &stats(), |figures, stat| {
            measured(figures.failed_deployment_recovery_time, stat)
        });
        self.in_windows(sheet, &figures::DEPLOYMENT_REWORK_RATIO, &single(), |figures, ()| {
            figures.deployment_rework_ratio.and_then(Number::measured)
        });
    }

    fn write_incidents(&self, sheet: &mut Sheet) {
        let severities = numbered("severity", Severity::ALL.map(Severity::as_str));
        self.restore_times(sheet);
        self.untiered(sheet, &figures::INCIDENTS_OPEN, &severities, |figures, severity| {
            figures.incidents_open.get(severity).copied().map(Number::Whole)
        });
        self.untiered(sheet, &figures::OLDEST_OPEN_INCIDENT_AGE, &single(), |figures, ()| {
            figures.oldest_open_incident_age_seconds.map(Number::Whole)
        });
    }

    /// A family with tiers and windows.
    fn in_windows<V: Copy>(
        &self,
        sheet: &mut Sheet,
        figure: &'static Figure,
        variants: &[Variant<V>],
        value: impl Fn(&WindowFigures, V) -> Option<Number>,
    ) {
        let metric = figure.of(self.scope);
        let mut layouts = Layouts::new(metric, self.lines(variants));
        sheet.open(metric);
        for (shown, tier) in self.each_tier() {
            let windows = self.windows.iter().map(|window| tier.windows.get(window.index));
            let values = windows.flat_map(|figures| {
                let value = &value;
                let value = move |variant| figures.and_then(|figures| value(figures, variant));
                variants.iter().map(move |(_, variant)| value(*variant))
            });
            let place = Place { tier: Some(tier.tier.as_str()), gitlab: shown.gitlab };
            sheet.lines(layouts.at(place), &shown.label, values);
        }
    }

    /// A family with windows but no tiers: time to restore service.
    fn restore_times(&self, sheet: &mut Sheet) {
        let metric = figures::TIME_TO_RESTORE_SERVICE.of(self.scope);
        let mut layouts = Layouts::new(metric, self.lines(&stats()));
        sheet.open(metric);
        for shown in self.shown {
            let values = self.windows.iter().flat_map(|window| {
                let times = shown.figures.time_to_restore_service.get(window.index);
                Stat::ALL.map(|stat| measured(times.copied().flatten(), stat))
            });
            let place = Place { tier: None, gitlab: shown.gitlab };
            sheet.lines(layouts.at(place), &shown.label, values);
        }
    }

    /// A family with tiers but no windows.
    fn now(
        &self,
        sheet: &mut Sheet,
        figure: &'static Figure,
        value: impl Fn(&TierFigures) -> Option<Number>,
    ) {
        let metric = figure.of(self.scope);
        let mut layouts = Layouts::new(metric, vec![("", Vec::new())]);
        sheet.open(metric);
        for (shown, tier) in self.each_tier() {
            let place = Place { tier: Some(tier.tier.as_str()), gitlab: shown.gitlab };
            sheet.lines(layouts.at(place), &shown.label, std::iter::once(value(tier)));
        }
    }

    /// A family with neither tiers nor windows.
    fn untiered<V: Copy>(
        &self,
        sheet: &mut Sheet,
        figure: &'static Figure,
        variants: &[Variant<V>],
        value: impl Fn(&Figures, V) -> Option<Number>,
    ) {
        let metric = figure.of(self.scope);
        let lines = variants.iter().map(|(labels, _)| ("", labels.clone())).collect();
        let mut layouts = Layouts::new(metric, lines);
        sheet.open(metric);
        for shown in self.shown {
            let values = variants.iter().map(|(_, variant)| value(shown.figures, *variant));
            let place = Place { tier: None, gitlab: shown.gitlab };
            sheet.lines(layouts.at(place), &shown.label, values);
        }
    }

    fn each_tier(&self) -> impl Iterator<Item = (&Shown<'_>, &TierFigures)> {
        self.shown.iter().flat_map(|shown| shown.tiers.iter().map(move |tier| (shown, *tier)))
    }

    /// Every window with every variant.
    fn lines<V>(&self, variants: &[Variant<V>]) -> Vec<Line<'_>> {
        let mut lines = Vec::with_capacity(self.windows.len() * variants.len());
        for window in self.windows {
            for (labels, _) in variants {
                let window = ("window", window.label.as_str());
                lines.push(("", labels.iter().copied().chain([window]).collect()));
            }
        }
        lines
    }
}

fn measured(quantiles: Option<Quantiles>, stat: Stat) -> Option<Number> {
    quantiles.and_then(|quantiles| Number::measured(quantiles.get(stat)))
}

/// One line, without further labels.
fn single() -> [Variant<()>; 1] {
    [(Vec::new(), ())]
}

/// One line per value of `label`, told apart by its place among them.
fn numbered<const N: usize>(label: &'static str, values: [&'static str; N]) -> Vec<Variant<usize>> {
    values.into_iter().enumerate().map(|(at, value)| (vec![(label, value)], at)).collect()
}

fn stats() -> [Variant<Stat>; 3] {
    Stat::ALL.map(|stat| (vec![("stat", stat.as_str())], stat))
}

fn stages() -> Vec<Variant<(usize, Stat)>> {
    let stages = Stage::ALL.into_iter().enumerate();
    let each = |(at, stage): (usize, Stage)| {
        stats().map(|(mut labels, stat)| {
            labels.push(("stage", stage.as_str()));
            (labels, (at, stat))
        })
    };
    stages.flat_map(each).collect()
}

/// Which clock a lead time is read from.
#[derive(Debug, Clone, Copy)]
enum Clock {
    FirstCommit,
    Merge,
}

fn clocks() -> Vec<Variant<(Clock, Stat)>> {
    let clocks = [("first_commit", Clock::FirstCommit), ("merge", Clock::Merge)];
    let each = |(name, clock)| {
        stats().map(|(mut labels, stat)| {
            labels.push(("clock", name));
            (labels, (clock, stat))
        })
    };
    clocks.into_iter().flat_map(each).collect()
}

/// How many series [`write()`] makes of figures.
pub(super) fn figure_series(figures: &Figures, windows: &[ShownWindow]) -> u64 {
    let quantiles = |known: bool| if known { Stat::ALL.len() } else { 0 };
    let in_window = |figures: &WindowFigures| {
        let lead_time = &figures.change_lead_time;
        let counts = 3 + ReleaseKind::ALL.len() + FailureSignal::ALL.len();
        let ratios = usize::from(figures.change_fail_ratio.is_some())
            + usize::from(figures.deployment_rework_ratio.is_some());
        let stages = figures.stages.iter().map(|stage| quantiles(stage.is_some())).sum::<usize>();
        counts
            + ratios
            + stages
            + quantiles(lead_time.first_commit.is_some())
            + quantiles(lead_time.merge.is_some())
            + quantiles(figures.failed_deployment_recovery_time.is_some())
    };
    let in_tier = |tier: &TierFigures| {
        let shown = windows.iter().filter_map(|window| tier.windows.get(window.index));
        usize::from(tier.time_since_last_deployment_seconds.is_some())
            + shown.map(in_window).sum::<usize>()
    };
    let restored = windows
        .iter()
        .filter_map(|window| figures.time_to_restore_service.get(window.index))
        .map(|times| quantiles(times.is_some()))
        .sum::<usize>();
    let incidents =
        Severity::ALL.len() + usize::from(figures.oldest_open_incident_age_seconds.is_some());
    let all = figures.tiers.iter().map(in_tier).sum::<usize>() + restored + incidents;
    u64::try_from(all).unwrap_or(u64::MAX)
}
