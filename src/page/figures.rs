//! Tables of the five numbers: one row per group, team or project.

use std::sync::Arc;

use super::levels::{self, Beside};
use crate::delivery::{Doubt, EnvironmentTier};
use crate::dora::levels::Year;
use crate::dora::scorecard::{
    Figures, PooledFigures, ProjectFigures, Scorecard, ServiceFigures, TierFigures, WindowFigures,
};
use crate::dora::statistics::Quantiles;
use crate::dora::window::{DAY_SECONDS, Window};
use crate::words::{Phrases, Plural};

/// Rows of one table: a page of a thousand rows still loads at once; more are in the metrics.
pub(super) const MAX_ROWS: usize = 1_000;

/// One table.
pub(super) struct Section {
    /// Its fragment, `#projects`.
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) caption: String,
    /// Head of the first column.
    pub(super) of: &'static str,
    pub(super) rows: Vec<Row>,
    /// Says that rows were left out.
    pub(super) cut: Option<String>,
    /// The same rows beside the surveys of a year.
    pub(super) beside: Option<Beside>,
}

/// One line of a table.
pub(super) struct Row {
    pub(super) name: String,
    /// What must be known to read the numbers right.
    pub(super) note: Option<String>,
    /// The five numbers; `None` without production.
    pub(super) cells: Option<[Cell; 5]>,
}

/// One number in words, with what it was drawn from.
pub(super) struct Cell {
    pub(super) heading: &'static str,
    pub(super) value: String,
    pub(super) sample: String,
    /// Whether the value is a number rather than its absence.
    pub(super) is_known: bool,
}

/// The tables that are not empty: groups, teams, projects, each in the order of the scorecard.
pub(super) fn sections(
    scorecard: &Scorecard,
    (place, window): (usize, Window),
    year: Option<Year>,
    words: &Phrases,
) -> Vec<Section> {
    let period = words.plural(&words.period, window.days());
    let beside = |rows: Vec<(&str, &Figures)>| {
        let known = rows
            .into_iter()
            .filter_map(|(name, figures)| Some((name, production(figures)?.windows.get(place)?)));
        levels::beside(year?, &period, &known.collect::<Vec<_>>(), words)
    };
    let pooled = |row: &Arc<PooledFigures>| Row {
        name: row.name.clone(),
        note: noted(&row.figures, Some(words.plural(&words.pooled, row.projects)), words),
        cells: cells(&row.figures, place, words),
    };
    let project = |(name, row, figures): (String, &ProjectFigures, &Figures)| Row {
        name,
        note: noted(figures, short_history(row, scorecard, window, words), words),
        cells: cells(figures, place, words),
    };
    let all: Vec<_> = scorecard.projects.iter().flat_map(|own| streams(own, words)).collect();
    let projects = Section {
        id: "projects",
        heading: words.projects,
        caption: words.projects_caption.fill([&period]),
        of: words.project,
        cut: cut(all.len(), words),
        beside: beside(all.iter().take(MAX_ROWS).map(|(name, _, own)| (&**name, *own)).collect()),
        rows: all.into_iter().take(MAX_ROWS).map(project).collect(),
    };
    let groups = Section {
        id: "groups",
        heading: words.groups,
        caption: words.groups_caption.fill([&period]),
        of: words.group,
        rows: scorecard.groups.iter().take(MAX_ROWS).map(pooled).collect(),
        cut: cut(scorecard.groups.len(), words),
        beside: beside(named(&scorecard.groups)),
    };
    let teams = Section {
        id: "teams",
        heading: words.teams,
        caption: words.teams_caption.fill([&period]),
        of: words.team,
        rows: scorecard.teams.iter().take(MAX_ROWS).map(pooled).collect(),
        cut: cut(scorecard.teams.len(), words),
        beside: beside(named(&scorecard.teams)),
    };
    [groups, teams, projects].into_iter().filter(|section| !section.rows.is_empty()).collect()
}

/// A project and its services, each with its name; those of it that go to production, or itself
/// where none does. Beside services, the project's own numbers are those of what belongs to none, and
/// are called so: nobody should take them for the whole.
fn streams<'a>(
    project: &'a ProjectFigures,
    words: &Phrases,
) -> Vec<(String, &'a ProjectFigures, &'a Figures)> {
    let path = project.path.as_str();
    // The dot stays with what it sets apart.
    let part = |name: &str| format!("{path} ·\u{a0}{name}");
    let is_whole = project.services.is_empty();
    let name = if is_whole { path.to_owned() } else { part(words.of_no_service) };
    let itself = (name, project, &project.figures);
    let service = |own: &ServiceFigures| part(own.name.as_str());
    let services = project.services.iter().map(|own| (service(own), project, &own.figures));
    let all = std::iter::once(itself.clone()).chain(services);
    let shown: Vec<_> = all.filter(|(.., own)| production(own).is_some()).collect();
    if shown.is_empty() { vec![(path.to_owned(), project, &project.figures)] } else { shown }
}

fn named(rows: &[Arc<PooledFigures>]) -> Vec<(&str, &Figures)> {
    rows.iter().take(MAX_ROWS).map(|row| (row.name.as_str(), &row.figures)).collect()
}

/// How many projects have no production environment, when any has none.
pub(super) fn without_production(scorecard: &Scorecard, words: &Phrases) -> Option<String> {
    let is_without = |project: &&Arc<ProjectFigures>| {
        streams(project, words).iter().all(|(.., own)| production(own).is_none())
    };
    let without = scorecard.projects.iter().filter(is_without).count();
    (without > 0).then(|| words.plural(&words.without_production, count(without)))
}

/// What is known to be missing, and of how many projects: a sentence, and a line for each reason.
pub(super) struct Incomplete {
    pub(super) summary: String,
    pub(super) reasons: Vec<String>,
}

pub(super) fn incomplete(scorecard: &Scorecard, words: &Phrases) -> Option<Incomplete> {
    let projects = scorecard.doubts.len();
    let reason = |(doubt, text): (Doubt, &'static str)| {
        let own = scorecard.doubts.values().filter(|own| own.contains(&doubt)).count();
        let number = words.plural(&words.pooled, count(own));
        (own > 0).then(|| words.incomplete_because.fill([&number, text]))
    };
    (projects > 0).then(|| Incomplete {
        summary: words.plural(&words.incomplete, count(projects)),
        reasons: Doubt::ALL.into_iter().zip(words.doubts).filter_map(reason).collect(),
    })
}

fn production(figures: &Figures) -> Option<&TierFigures> {
    figures.tiers.iter().find(|tier| tier.tier == EnvironmentTier::Production)
}

pub(super) fn cut(rows: usize, words: &Phrases) -> Option<String> {
    (rows > MAX_ROWS)
        .then(|| words.cut.fill([&words.number(count(MAX_ROWS)), &words.number(count(rows))]))
}

/// A note, and that numbers are incomplete where they are.
fn noted(figures: &Figures, note: Option<String>, words: &Phrases) -> Option<String> {
    let incomplete = (figures.is_complete == Some(false)).then(|| words.is_incomplete.to_owned());
    let notes: Vec<String> = note.into_iter().chain(incomplete).collect();
    (!notes.is_empty()).then(|| notes.join(" · "))
}

/// Says for how long a project is known, when that is less than the period.
fn short_history(
    project: &ProjectFigures,
    scorecard: &Scorecard,
    window: Window,
    words: &Phrases,
) -> Option<String> {
    let known_seconds = scorecard.as_of.seconds_since(project.data_since?);
    // One day of grace: a project that deploys daily is not new because its window is full.
    let is_short = known_seconds.saturating_add(DAY_SECONDS) < window.seconds();
    is_short.then(|| words.data_for.fill([&words.duration(known_seconds)]))
}

fn cells(figures: &Figures, place: usize, words: &Phrases) -> Option<[Cell; 5]> {
    let figures = production(figures)?.windows.get(place)?;
    Some([
        frequency(figures, words),
        median(
            words.change_lead_time,
            figures.change_lead_time.first_commit.as_ref(),
            (&words.changes, &words.median_of_changes),
            words,
        ),
        share(
            words.change_fail_rate,
            (figures.failed(), figures.counted_deployments),
            figures.change_fail_ratio,
            words,
        ),
        median(
            words.recovery_time,
            figures.failed_deployment_recovery_time.as_ref(),
            (&words.recoveries, &words.median_of_recoveries),
            words,
        ),
        share(
            words.rework_rate,
            (figures.rework_deployments, figures.counted_deployments),
            figures.deployment_rework_ratio,
            words,
        ),
    ])
}

fn frequency(figures: &WindowFigures, words: &Phrases) -> Cell {
    Cell {
        heading: words.deployment_frequency,
        value: words.frequency(figures.counted_deployments, figures.window.days()),
        sample: words.plural(&words.deployments, figures.counted_deployments),
        is_known: true,
    }
}

fn median(
    heading: &'static str,
    quantiles: Option<&Quantiles>,
    (none, some): (&Plural, &Plural),
    words: &Phrases,
) -> Cell {
    let Some(quantiles) = quantiles else {
        return unknown(heading, words.plural(none, 0), words);
    };
    Cell {
        heading,
        value: words.median(quantiles.p50),
        sample: words.plural(some, quantiles.samples.get()),
        is_known: true,
    }
}

fn unknown(heading: &'static str, sample: String, words: &Phrases) -> Cell {
    Cell { heading, value: words.not_enough_data.to_owned(), sample, is_known: false }
}

fn share(
    heading: &'static str,
    (part, whole): (u64, u64),
    ratio: Option<f64>,
    words: &Phrases,
) -> Cell {
    let Some(ratio) = ratio else {
        return unknown(heading, words.plural(&words.deployments, whole), words);
    };
    Cell {
        heading,
        value: words.of.fill([&words.number(part), &words.number(whole)]),
        sample: words.percentage(ratio),
        is_known: true,
    }
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
