//! The same rows beside DORA's surveys: a year's levels, and the Quick Check's scores.

use crate::dora::levels::{
    Level, Question, Sector, Standing, Year, fail_rate_figures, quick_check_mean,
    quick_check_score, standing,
};
use crate::dora::scorecard::WindowFigures;
use crate::words::Phrases;

/// The surveys' table, folded away below the one of the numbers.
pub(super) struct Beside {
    pub(super) caption: String,
    /// What others answered, then one row for each with production.
    pub(super) rows: Vec<BesideRow>,
    /// The fail rates of the levels, of a year that gave figures which are no scale.
    pub(super) figures_of_levels: Option<String>,
}

/// One line of it.
pub(super) struct BesideRow {
    pub(super) name: String,
    pub(super) cells: [BesideCell; 4],
    /// Whether it is the answer of a sector.
    pub(super) is_mean: bool,
}

/// One question, answered.
pub(super) struct BesideCell {
    pub(super) heading: &'static str,
    /// The level, or that there is none; a mean has no level.
    pub(super) level: Option<String>,
    /// The score; `None` where nothing is known.
    pub(super) score: Option<String>,
}

/// The table of `rows`, in their order; `None` where no row has production.
pub(super) fn beside(
    year: Year,
    period: &str,
    rows: &[(&str, &WindowFigures)],
    words: &Phrases,
) -> Option<Beside> {
    let row = |(name, figures): &(&str, &WindowFigures)| BesideRow {
        name: (*name).to_owned(),
        cells: Question::ALL.map(|question| cell(year, question, figures, words)),
        is_mean: false,
    };
    let means = [
        mean(words.public_sector, Sector::Government, words),
        mean(words.all_industries, Sector::AllIndustries, words),
    ];
    (!rows.is_empty()).then(|| Beside {
        caption: words.surveys_caption.fill([period, &year.number().to_string()]),
        rows: means.into_iter().chain(rows.iter().map(row)).collect(),
        figures_of_levels: figures_of_levels(year, words),
    })
}

fn mean(name: &str, sector: Sector, words: &Phrases) -> BesideRow {
    let cells = Question::ALL.map(|question| {
        let mean = quick_check_mean(sector, question);
        let score = Some(words.score((mean, mean)));
        BesideCell { heading: heading(question, words), level: None, score }
    });
    BesideRow { name: name.to_owned(), cells, is_mean: true }
}

fn cell(year: Year, question: Question, figures: &WindowFigures, words: &Phrases) -> BesideCell {
    let heading = heading(question, words);
    let Some(answer) = question.answer(figures) else {
        return BesideCell { heading, level: None, score: None };
    };
    let level = match standing(year, question, answer) {
        Some(standing) => range(standing, words),
        // The figures stand below the table: the reader needs this one to set beside them.
        None if question == Question::FailRate && are_no_scale(year) => words.percentage(answer),
        None => words.no_level.to_owned(),
    };
    let score = quick_check_score(question, answer).map(|score| words.score(score));
    BesideCell { heading, level: Some(level), score }
}

fn range(Standing { best, worst }: Standing, words: &Phrases) -> String {
    if best == worst {
        return name(best, words).to_owned();
    }
    words.to.fill([name(best, words), name(worst, words)])
}

fn name(level: Level, words: &Phrases) -> &'static str {
    let mut named = Level::ALL.iter().zip(words.levels);
    named.find(|(other, _)| **other == level).map_or("", |(_, name)| name)
}

fn heading(question: Question, words: &Phrases) -> &'static str {
    match question {
        Question::Frequency => words.deployment_frequency,
        Question::LeadTime => words.change_lead_time,
        Question::FailRate => words.change_fail_rate,
        Question::Recovery => words.recovery_time,
    }
}

/// Whether that year's figures of the fail rate fall where its levels do not.
fn are_no_scale(year: Year) -> bool {
    fail_rate_figures(year).is_some_and(|figures| !figures.is_sorted())
}

fn figures_of_levels(year: Year, words: &Phrases) -> Option<String> {
    let figures = fail_rate_figures(year).filter(|_| are_no_scale(year))?;
    let [elite, high, medium, low] = figures.map(|figure| words.percentage(figure));
    Some(words.figures_of_levels.fill([&year.number().to_string(), &elite, &high, &medium, &low]))
}
