//! The worked examples of `docs/definitions.md`, told again and measured: what the document states,
//! in either language, is what the exporter shows.
//!
//! A table of results follows its mark, `<!-- example: name -->`: each row is a label, a value with
//! its unit, and the series that must hold it. Days count from the start of a window of 30 days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gitlab_dora_exporter::delivery::{Cause, ProjectId, ProjectPath};
use gitlab_dora_exporter::dora::levels::{Level, Question, Year, quick_check_score, standing};
use gitlab_dora_exporter::dora::lifetime::LifetimeTotals;
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::policy::{Counting, DeploymentUnit, Policy};
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::scorecard::Scorecard;
use gitlab_dora_exporter::dora::window::{DAY_SECONDS, Window};
use gitlab_dora_exporter::exposition::{Limits, render_text};

use super::journeys::{by_kind, feedback, journey, marked, milestones, pipelines, validated};
use super::story::{Story, at, key, mr};
use crate::support::Samples;

const DOCUMENTS: [&str; 2] =
    [include_str!("../../../docs/definitions.md"), include_str!("../../../docs/definitions.fr.md")];

/// Hour `hour` of day `day`; day 1 begins with the window.
pub(crate) fn on(day: u32, hour: f64) -> f64 {
    280.0 + 24.0 * (f64::from(day) - 1.0) + hour
}

/// What `/metrics` shows of these projects at the end of day 30, and of the group above them.
fn shown(scores: &[ProjectScore]) -> Samples {
    let windows = vec![Window::of_days(30)];
    let members: Vec<&ProjectScore> = scores.iter().collect();
    let scorecard = Scorecard {
        as_of: at(1_000.0),
        projects: scores.iter().map(|score| score.figures.clone()).collect(),
        groups: vec![Arc::new(roll_up("ministry", &members, at(1_000.0), &windows))],
        windows,
        teams: Vec::new(),
        totals: LifetimeTotals::default(),
        contacts: BTreeMap::new(),
        doubts: BTreeMap::new(),
        future_events: 0,
        negative_durations: 0,
        tier_warnings: 0,
    };
    let (text, _) = render_text(&scorecard, &Limits::default(), Vec::new());
    Samples::parse(&String::from_utf8(text).unwrap())
}

fn shown_with(story: &Story, change: impl FnOnce(&mut Policy)) -> Samples {
    shown(&[story.score_with(change)])
}

/// Four versions to two environments, twenty minutes apart; the third again, then back to the second.
fn releases() -> Story {
    let line = (1..=4).fold(Story::new(), |story, n| story.push(&format!("c{n}"), on(1, 0.0)));
    let both = |story: Story, id, token: &str, day| {
        story.deploy(id, "production-a", token, on(day, 10.0)).deploy(
            id + 1,
            "production-b",
            token,
            on(day, 10.0 + 1.0 / 3.0),
        )
    };
    let third = both(both(both(line, 1, "c1", 2), 3, "c2", 9), 5, "c3", 16);
    let again = third.deploy(7, "production-a", "c3", on(17, 10.0));
    both(both(again, 8, "c2", 18), 10, "c4", 23)
}

fn delivered(story: Story) -> Story {
    story.deploy(2, "production", "m6", on(9, 15.0))
}

pub(crate) fn before() -> Story {
    Story::new().push("c0", on(1, 0.0)).deploy(1, "production", "c0", on(1, 10.0))
}

fn lead_times() -> Story {
    let requests = [
        mr(4).commit("m4", on(3, 9.0)).labelled("mco").merged(on(5, 15.0)),
        mr(5).commit("m5", on(7, 15.0)).labelled("security").merged(on(8, 15.0)),
        mr(6).commit("m6", on(8, 15.0)).merged(on(9, 9.0)),
    ];
    let line = before().push("m4", on(3, 9.0)).push("m5", on(7, 15.0)).push("m6", on(8, 15.0));
    delivered(requests.into_iter().fold(line, Story::mr))
}

fn stages() -> Story {
    let request = mr(4)
        .commit("m6", on(3, 9.0))
        .opened(on(3, 10.0))
        .draft_until(on(4, 9.0))
        .reviewed(on(4, 15.0), 2)
        .merged(on(5, 15.0));
    delivered(before().push("m6", on(3, 9.0)).mr(request))
}

/// Ten releases, of which each signal blames one; every change waited ten days but the hotfix.
fn failures() -> Story {
    let days = [1, 3, 6, 9, 12, 15, 18, 19, 21];
    let ten_days = |day| on(day, 10.0) - 240.0;
    let written = |place: usize, day| if place == 7 { on(day, 0.0) } else { ten_days(day) };
    let pushed = days.iter().enumerate().fold(Story::new(), |story, (place, day)| {
        story.push(&format!("c{place}"), written(place, *day))
    });
    let deployed = (1..).zip(days).fold(pushed, |story, (id, day)| {
        // The rollback of day 9 takes the number between.
        let number = if id > 4 { id + 1 } else { id };
        story.deploy(number, "production", &format!("c{}", id - 1), on(day, 10.0))
    });
    deployed
        .deploy(5, "production", "c2", on(9, 16.0))
        .incident(1, on(3, 20.0), &[on(4, 6.0)])
        .blamed(2, on(22, 8.0), &[on(22, 12.0)], Cause::External)
        .incident(3, on(27, 12.0), &[on(27, 20.0)])
        .mr(mr(4).commit("c4", ten_days(12)).merged(on(11, 10.0)))
        .mr(mr(5).commit("c5", ten_days(15)).merged(on(14, 10.0)).reverts(4))
        .mr(mr(7).on_branch("hotfix/7").commit("c7", on(19, 0.0)).merged(on(19, 8.0)))
}

fn inventory() -> Story {
    let waiting = [
        mr(7).commit("m7", on(25, 9.0)).merged(on(26, 0.0)),
        mr(8).commit("m8", on(28, 9.0)).merged(on(29, 0.0)),
    ];
    let line = before().push("m7", on(25, 9.0)).push("m8", on(28, 9.0));
    waiting.into_iter().fold(line, Story::mr)
}

/// A project of `ministry` that delivered changes which took so many hours each.
fn project(number: u64, path: &str, hours: &[f64]) -> ProjectScore {
    let told = (1..).zip(hours).fold(before(), |story, (n, hours)| {
        let (token, begun) = (format!("m{n}"), on(9, 15.0) - hours);
        story.push(&token, begun).mr(mr(n).commit(&token, begun).merged(on(9, 14.5)))
    });
    let story = told.deploy(2, "production", &format!("m{}", hours.len()), on(9, 15.0));
    let mut score = story.score();
    let figures = Arc::make_mut(&mut score.figures);
    figures.project.project = ProjectId::new(number).unwrap();
    figures.path = ProjectPath::new(path).unwrap();
    assert_eq!(score.figures.project.instance, key().instance);
    score
}

/// Every example, measured.
fn examples() -> BTreeMap<&'static str, Samples> {
    let weekly = |policy: &mut Policy| policy.cadence_period_seconds = Some(7 * DAY_SECONDS);
    let as_gitlab = |policy: &mut Policy| {
        policy.deployment_unit = DeploymentUnit::Environment;
        policy.redeploys = Counting::Count;
    };
    let beside = |policy: &mut Policy| policy.gitlab_parity = Counting::Count;
    let plain = |story: &Story| shown_with(story, |_| {});
    let pooled =
        [project(1, "ministry/permits", &[1.0; 5]), project(2, "ministry/archive", &[101.0])];
    BTreeMap::from([
        ("releases", plain(&releases())),
        ("as-gitlab", shown_with(&releases(), as_gitlab)),
        ("rhythm", shown_with(&releases(), weekly)),
        ("lead-times", plain(&lead_times())),
        ("stages", plain(&stages())),
        ("batch", plain(&lead_times())),
        ("failures", plain(&failures())),
        ("recovery", plain(&failures())),
        ("rework", plain(&failures())),
        ("restore", plain(&failures())),
        ("inventory", plain(&inventory())),
        ("pooled", shown(&pooled)),
        ("levels", plain(&failures())),
        ("gitlab", shown_with(&failures(), beside)),
        ("needs", shown_with(&journey(), validated)),
        ("steps", shown_with(&journey(), validated)),
        ("milestones", plain(&milestones())),
        ("feedback", shown_with(&feedback(), marked)),
        ("releasable", plain(&pipelines())),
        ("categories", shown_with(&lead_times(), by_kind)),
    ])
}

/// The rows of the table that follows an example's mark, cell by cell.
fn rows<'a>(document: &'a str, name: &str) -> Vec<Vec<&'a str>> {
    let mark = format!("<!-- example: {name} -->\n");
    let (_, after) = document.split_once(&mark).unwrap_or_else(|| panic!("no example {name}"));
    let table = after.trim_start().lines().take_while(|line| line.starts_with('|')).skip(2);
    table.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The series that a row names.
fn series<'a>(row: &[&'a str]) -> &'a str {
    row[2].strip_prefix('`').and_then(|cell| cell.strip_suffix('`')).expect("a series in backticks")
}

/// A value as people write it, in base units, and by how much rounding may have moved it.
fn stated(cell: &str) -> (f64, f64) {
    let cell = cell.replace(['\u{a0}', '\u{202f}'], " ").replace(',', ".");
    let (number, unit) = cell.split_once(' ').unwrap_or((&cell, ""));
    let (number, unit) = number.strip_suffix('%').map_or((number, unit), |number| (number, "%"));
    let scale = match unit {
        "" | "a day" | "par jour" => 1.0,
        "%" => 0.01,
        "h" => 3_600.0,
        "day" | "days" | "jour" | "jours" => 86_400.0,
        other => panic!("{cell}: the unit {other:?}"),
    };
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let half = 0.5 * 0.1_f64.powi(i32::try_from(decimals).unwrap());
    // What is whole is exact.
    let rounding = if decimals == 0 { 1e-9 } else { half };
    (number.parse::<f64>().unwrap() * scale, rounding * scale)
}

#[test]
fn every_number_of_a_worked_example_is_the_one_that_is_measured() {
    let mut numbers = 0;
    for (name, samples) in examples() {
        for document in DOCUMENTS {
            for row in rows(document, name) {
                let (value, rounding) = stated(row[1]);
                let measured = samples.value(series(&row)).unwrap_or_else(|| panic!("{row:?}"));
                let difference = (measured - value).abs();
                assert!(difference <= rounding, "{name}: {row:?}, but measured {measured}");
                numbers += 1;
            }
        }
    }
    assert!(numbers > 120, "only {numbers} numbers: do the tables still read?");
}

#[test]
fn both_languages_show_the_same_examples_and_every_one_is_measured() {
    let measured: BTreeSet<&str> = examples().into_keys().collect();
    for document in DOCUMENTS {
        let marks = document.split("<!-- example: ").skip(1);
        let marked: BTreeSet<&str> = marks.map(|rest| rest.split_once(" -->").unwrap().0).collect();
        assert_eq!(marked, measured);
    }
    let [english, french] = DOCUMENTS
        .map(|document| measured.iter().map(|name| table(document, name)).collect::<Vec<_>>());
    assert_eq!(english, french);
}

/// Series and values of an example, whatever the language.
fn table<'a>(document: &'a str, name: &str) -> Vec<(&'a str, String)> {
    let value = |row: &Vec<&'a str>| format!("{:?}", stated(row[1]));
    rows(document, name).iter().map(|row| (series(row), value(row))).collect()
}

#[test]
fn the_levels_of_the_example_are_those_of_the_survey() {
    let words = [
        ["no level", "elite", "high", "medium", "low", " to "],
        ["aucun niveau", "élite", "élevé", "moyen", "faible", " à "],
    ];
    for (document, [none, elite, high, medium, low, to]) in DOCUMENTS.into_iter().zip(words) {
        let named = |level| match level {
            Level::Elite => elite,
            Level::High => high,
            Level::Medium => medium,
            Level::Low => low,
        };
        for (row, question) in rows(document, "levels").iter().zip(Question::ALL) {
            let (value, _) = stated(row[1]);
            let level = match standing(Year::Y2024, question, value) {
                None => none.to_owned(),
                Some(held) if held.best == held.worst => named(held.best).to_owned(),
                Some(held) => [named(held.best), to, named(held.worst)].concat(),
            };
            let score = quick_check_score(question, value).unwrap().0.to_string();
            assert_eq!(row[3..], [level.as_str(), score.as_str()], "{row:?}");
        }
    }
}

#[test]
fn pictures_are_small_have_a_title_and_are_shown_in_both_languages() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        assert!(picture.len() <= 12 * 1_024, "{name}");
        assert!(picture.contains("<title>") && picture.contains("role=\"img\""), "{name}");
        assert!(!picture.contains("<script") && !picture.contains("href"), "{name}");
        for document in DOCUMENTS {
            assert!(document.contains(&format!("](pictures/{name})")), "{name}");
        }
        seen += 1;
    }
    assert!(seen >= 6);
}
