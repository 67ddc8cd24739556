//! What DORA's surveys called such a number: levels of their years, and the Quick Check's scale.
//!
//! For people who read a page or a report. No series carries a level, none is a target, and none is
//! about a person: the classes are those of each year's survey sample, and years do not chain.
//!
//! Sources: State of `DevOps` reports 2018 p. 14, 2019 p. 18, 2021 p. 9; 2022 to 2024 by Octopus
//! Deploy's reprints; the Quick Check of dora.dev, edition of 2025.

use super::scorecard::WindowFigures;

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3_600.0;
const WEEK: f64 = 7.0 * DAY;
/// The surveys' months, as metrics count them.
const MONTH: f64 = 30.0 * DAY;

/// A year that published clusters of teams. 2020 and 2025 published none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Year {
    /// Report of 2018.
    Y2018,
    /// Report of 2019.
    Y2019,
    /// Report of 2021.
    Y2021,
    /// Report of 2022: no elite.
    Y2022,
    /// Report of 2023.
    Y2023,
    /// Report of 2024.
    Y2024,
}

impl Year {
    /// All of them, oldest first.
    pub const ALL: [Self; 6] =
        [Self::Y2018, Self::Y2019, Self::Y2021, Self::Y2022, Self::Y2023, Self::Y2024];

    /// The year of our era.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Y2018 => 2018,
            Self::Y2019 => 2019,
            Self::Y2021 => 2021,
            Self::Y2022 => 2022,
            Self::Y2023 => 2023,
            Self::Y2024 => 2024,
        }
    }

    /// The year of that number, if it published levels.
    #[must_use]
    pub fn of(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|year| year.number() == number)
    }
}

/// A cluster of teams, as the reports name them, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Elite.
    Elite,
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
}

impl Level {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [Self::Elite, Self::High, Self::Medium, Self::Low];
}

/// What the surveys asked for. No year published a class of rework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Releases per day.
    Frequency,
    /// Seconds from commit to production.
    LeadTime,
    /// Failed releases by releases, from 0 to 1.
    FailRate,
    /// Seconds from failure to recovery.
    Recovery,
}

impl Question {
    /// All of them, in the order of DORA's metrics.
    pub const ALL: [Self; 4] = [Self::Frequency, Self::LeadTime, Self::FailRate, Self::Recovery];

    /// What was measured of it, lead times from the first commit and durations by their median;
    /// `None` without data, and where nothing was deployed in less than the rarest class spans.
    #[must_use]
    pub fn answer(self, figures: &WindowFigures) -> Option<f64> {
        match self {
            Self::Frequency => {
                let tells = figures.counted_deployments > 0 || figures.window.days() >= 180;
                tells.then_some(figures.deployment_frequency_per_day)
            }
            Self::LeadTime => figures.change_lead_time.first_commit.map(|sample| sample.p50),
            Self::FailRate => figures.change_fail_ratio,
            Self::Recovery => figures.failed_deployment_recovery_time.map(|sample| sample.p50),
        }
    }
}

/// Levels whose class holds a value: one, or the range that shares the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The best of them.
    pub best: Level,
    /// The worst of them.
    pub worst: Level,
}

/// Values of one class, `[from, to)`, in the unit of its question.
type Class = (f64, f64);

const UNDER_AN_HOUR: Class = (0.0, HOUR);
const HOUR_TO_DAY: Class = (HOUR, DAY);
const UNDER_A_DAY: Class = (0.0, DAY);
const DAY_TO_WEEK: Class = (DAY, WEEK);
const WEEK_TO_MONTH: Class = (WEEK, MONTH);
const MONTH_TO_HALF_YEAR: Class = (MONTH, 6.0 * MONTH);
const OVER_HALF_A_YEAR: Class = (6.0 * MONTH, f64::INFINITY);

/// Just above a bound that its class holds.
const PAST: f64 = 1.0 + f64::EPSILON;
/// More than once a day.
const ON_DEMAND: Class = (PAST, f64::INFINITY);
/// A measured value cannot tell what is asked for from what comes every hour.
const HOURLY_TO_DAILY: Class = (1.0, 24.0 * PAST);
const DAILY_TO_WEEKLY: Class = (1.0 / 7.0, PAST);
const WEEKLY_TO_MONTHLY: Class = (1.0 / 30.0, 1.0 / 7.0);
const MONTHLY_TO_HALF_YEARLY: Class = (1.0 / 180.0, 1.0 / 30.0);
const RARER: Class = (0.0, 1.0 / 180.0);

const TO_15: Class = (0.0, 0.15 * PAST);
const TO_30: Class = (0.15 * PAST, 0.30 * PAST);
const TO_60: Class = (0.45 * PAST, 0.60 * PAST);

/// The classes of elite, high, medium and low; `None` for a level that the year does not know.
type Classes = [Option<Class>; 4];

const fn four(elite: Class, high: Class, medium: Class, low: Class) -> Classes {
    [Some(elite), Some(high), Some(medium), Some(low)]
}

const fn three(high: Class, medium: Class, low: Class) -> Classes {
    [None, Some(high), Some(medium), Some(low)]
}

/// A class per level; `None` where that year published figures instead of classes.
fn classes(year: Year, question: Question) -> Option<Classes> {
    let classes = match (question, year) {
        (Question::Frequency, Year::Y2018) => {
            four(ON_DEMAND, HOURLY_TO_DAILY, WEEKLY_TO_MONTHLY, WEEKLY_TO_MONTHLY)
        }
        (Question::Frequency, Year::Y2019 | Year::Y2024) => {
            four(ON_DEMAND, DAILY_TO_WEEKLY, WEEKLY_TO_MONTHLY, MONTHLY_TO_HALF_YEARLY)
        }
        (Question::Frequency, Year::Y2021) => {
            four(ON_DEMAND, WEEKLY_TO_MONTHLY, MONTHLY_TO_HALF_YEARLY, RARER)
        }
        (Question::Frequency, Year::Y2022) => {
            three(ON_DEMAND, WEEKLY_TO_MONTHLY, MONTHLY_TO_HALF_YEARLY)
        }
        (Question::Frequency, Year::Y2023) => {
            four(ON_DEMAND, DAILY_TO_WEEKLY, WEEKLY_TO_MONTHLY, WEEKLY_TO_MONTHLY)
        }
        (Question::LeadTime, Year::Y2018) => {
            four(UNDER_AN_HOUR, DAY_TO_WEEK, WEEK_TO_MONTH, MONTH_TO_HALF_YEAR)
        }
        (Question::LeadTime, Year::Y2019 | Year::Y2024) => {
            four(UNDER_A_DAY, DAY_TO_WEEK, WEEK_TO_MONTH, MONTH_TO_HALF_YEAR)
        }
        (Question::LeadTime, Year::Y2021) => {
            four(UNDER_AN_HOUR, DAY_TO_WEEK, MONTH_TO_HALF_YEAR, OVER_HALF_A_YEAR)
        }
        (Question::LeadTime, Year::Y2022) => three(DAY_TO_WEEK, WEEK_TO_MONTH, MONTH_TO_HALF_YEAR),
        (Question::LeadTime, Year::Y2023) => {
            four(UNDER_A_DAY, DAY_TO_WEEK, WEEK_TO_MONTH, WEEK_TO_MONTH)
        }
        (Question::FailRate, Year::Y2018 | Year::Y2019) => four(TO_15, TO_15, TO_15, TO_60),
        (Question::FailRate, Year::Y2021) => four(TO_15, TO_30, TO_30, TO_30),
        (Question::FailRate, Year::Y2022) => three(TO_15, TO_30, TO_60),
        (Question::FailRate, Year::Y2023 | Year::Y2024) => return None,
        (Question::Recovery, Year::Y2018 | Year::Y2019 | Year::Y2024) => {
            four(UNDER_AN_HOUR, HOUR_TO_DAY, HOUR_TO_DAY, WEEK_TO_MONTH)
        }
        (Question::Recovery, Year::Y2021) => {
            four(UNDER_AN_HOUR, HOUR_TO_DAY, DAY_TO_WEEK, OVER_HALF_A_YEAR)
        }
        (Question::Recovery, Year::Y2022) => three(UNDER_A_DAY, DAY_TO_WEEK, WEEK_TO_MONTH),
        (Question::Recovery, Year::Y2023) => {
            four(UNDER_AN_HOUR, HOUR_TO_DAY, DAY_TO_WEEK, MONTH_TO_HALF_YEAR)
        }
    };
    Some(classes)
}

/// Fail rates that a year gave its levels as one figure each, elite to low.
#[must_use]
pub const fn fail_rate_figures(year: Year) -> Option<[f64; 4]> {
    match year {
        Year::Y2023 => Some([0.05, 0.10, 0.15, 0.64]),
        // Not in the order of the levels: that year's high teams failed more than its medium ones.
        Year::Y2024 => Some([0.05, 0.20, 0.10, 0.40]),
        Year::Y2018 | Year::Y2019 | Year::Y2021 | Year::Y2022 => None,
    }
}

/// The levels whose class holds `value`; `None` where no class does, and for the fail rate of 2024,
/// whose [figures](fail_rate_figures) are not in the order of its levels.
///
/// Classes are held one by one. Taking the first threshold that is not passed would call a gap
/// between two classes a level, and a class that several levels share the best of them.
#[must_use]
pub fn standing(year: Year, question: Question, value: f64) -> Option<Standing> {
    if !value.is_finite() || value < 0.0 {
        return None;
    }
    let Some(classes) = classes(year, question) else {
        return by_figure(year, value).map(|level| Standing { best: level, worst: level });
    };
    let holds = |class: &Option<Class>| class.is_some_and(|(from, to)| from <= value && value < to);
    let mut levels = Level::ALL.into_iter().zip(&classes).filter(|(_, class)| holds(class));
    let best = levels.next()?.0;
    Some(Standing { best, worst: levels.next_back().map_or(best, |(level, _)| level) })
}

/// The best level whose figure is at least the value; beyond the last but one figure it is low.
fn by_figure(year: Year, value: f64) -> Option<Level> {
    let figures = fail_rate_figures(year).filter(|_| year == Year::Y2023)?;
    let held = |(_, figure): &(Level, f64)| value <= *figure;
    Level::ALL
        .into_iter()
        .zip(figures)
        .take(3)
        .find(held)
        .map_or(Some(Level::Low), |(level, _)| Some(level))
}

/// Who answered the Quick Check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sector {
    /// Public administrations: the fairer yard-stick for a ministry.
    Government,
    /// Everybody.
    AllIndustries,
}

/// The mean answer of a sector in 2025, from 0 to 10, higher being better.
#[must_use]
pub const fn quick_check_mean(sector: Sector, question: Question) -> f64 {
    let (government, all_industries) = match question {
        Question::LeadTime => (4.8, 5.5),
        Question::Frequency => (4.3, 4.8),
        Question::Recovery => (7.0, 7.4),
        Question::FailRate => (7.9, 8.1),
    };
    match sector {
        Sector::Government => government,
        Sector::AllIndustries => all_industries,
    }
}

/// A value on the scale of the Quick Check: 0 to 10 in steps of 2, higher being better; a fail rate
/// of p percent is 10 − p/10. Two numbers where the answer is one of two: what is delivered more
/// than once a day may be delivered hourly or on demand.
#[must_use]
pub fn quick_check_score(question: Question, value: f64) -> Option<(f64, f64)> {
    let by_class = |classes: [Class; 6]| {
        let holds = |(from, to): &Class| *from <= value && value < *to;
        let at = classes.iter().rposition(holds)?;
        [0.0, 2.0, 4.0, 6.0, 8.0, 10.0].get(at).copied()
    };
    match question {
        Question::FailRate => {
            let score = 10.0 - 10.0 * value;
            (0.0..=1.0).contains(&value).then_some((score, score))
        }
        Question::Frequency if value > 1.0 && value.is_finite() => Some((8.0, 10.0)),
        Question::Frequency => {
            let nothing = (f64::INFINITY, f64::INFINITY);
            let classes = [
                RARER,
                MONTHLY_TO_HALF_YEARLY,
                WEEKLY_TO_MONTHLY,
                DAILY_TO_WEEKLY,
                nothing,
                nothing,
            ];
            by_class(classes).map(|score| (score, score))
        }
        Question::LeadTime | Question::Recovery => {
            let classes = [
                OVER_HALF_A_YEAR,
                MONTH_TO_HALF_YEAR,
                WEEK_TO_MONTH,
                DAY_TO_WEEK,
                HOUR_TO_DAY,
                UNDER_AN_HOUR,
            ];
            by_class(classes).map(|score| (score, score))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(year: Year, question: Question, value: f64) -> Option<(Level, Level)> {
        standing(year, question, value).map(|standing| (standing.best, standing.worst))
    }

    #[test]
    fn a_value_is_held_by_its_class_and_a_gap_holds_nothing() {
        use Level::{Elite, High, Low, Medium};
        for (year, question, value, expected) in [
            (Year::Y2019, Question::LeadTime, 2.0 * HOUR, Some((Elite, Elite))),
            (Year::Y2018, Question::LeadTime, 2.0 * HOUR, None),
            (Year::Y2021, Question::LeadTime, 2.0 * HOUR, None),
            (Year::Y2024, Question::LeadTime, DAY, Some((High, High))),
            (Year::Y2021, Question::LeadTime, 400.0 * DAY, Some((Low, Low))),
            (Year::Y2022, Question::LeadTime, 2.0 * HOUR, None),
            (Year::Y2019, Question::Frequency, 1.0, Some((High, High))),
            (Year::Y2019, Question::Frequency, 1.2, Some((Elite, Elite))),
            (Year::Y2018, Question::Frequency, 2.0, Some((Elite, High))),
            (Year::Y2018, Question::Frequency, 0.5, None),
            (Year::Y2023, Question::Frequency, 0.1, Some((Medium, Low))),
            (Year::Y2021, Question::Recovery, 2.0 * MONTH, None),
            (Year::Y2024, Question::Recovery, 5.0 * HOUR, Some((High, Medium))),
            (Year::Y2022, Question::Recovery, 10.0, Some((High, High))),
        ] {
            assert_eq!(names(year, question, value), expected, "{year:?} {question:?} {value}");
        }
    }

    #[test]
    fn a_class_that_levels_share_is_their_range_and_none_is_between_thirty_one_and_forty_five() {
        use Level::{Elite, High, Low, Medium};
        let of = |year, rate| names(year, Question::FailRate, rate);
        assert_eq!(of(Year::Y2019, 0.15), Some((Elite, Medium)));
        assert_eq!(of(Year::Y2021, 0.151), Some((High, Low)));
        assert_eq!(of(Year::Y2022, 0.38), None);
        assert_eq!(of(Year::Y2018, 0.5), Some((Low, Low)));
        assert_eq!(of(Year::Y2023, 0.1), Some((High, High)));
        assert_eq!(of(Year::Y2023, 0.3), Some((Low, Low)));
        // 2024: 20 % for high and 10 % for medium cannot be a scale.
        assert_eq!(of(Year::Y2024, 0.1), None);
        assert_eq!(fail_rate_figures(Year::Y2024), Some([0.05, 0.20, 0.10, 0.40]));
    }

    #[test]
    fn what_is_no_number_has_no_level() {
        for value in [f64::NAN, f64::INFINITY, -1.0] {
            for year in Year::ALL {
                assert_eq!(standing(year, Question::LeadTime, value), None);
            }
        }
    }

    #[test]
    fn the_quick_check_maps_answers_linearly() {
        for (question, value, expected) in [
            (Question::LeadTime, 10.0 * DAY, Some((4.0, 4.0))),
            (Question::LeadTime, 60.0, Some((10.0, 10.0))),
            (Question::Recovery, 200.0 * DAY, Some((0.0, 0.0))),
            (Question::Frequency, 3.0, Some((8.0, 10.0))),
            (Question::Frequency, 1.0, Some((6.0, 6.0))),
            (Question::Frequency, 0.0, Some((0.0, 0.0))),
            (Question::FailRate, 0.25, Some((7.5, 7.5))),
            (Question::FailRate, 1.5, None),
        ] {
            assert_eq!(quick_check_score(question, value), expected, "{question:?} {value}");
        }
        assert!(quick_check_mean(Sector::Government, Question::LeadTime) < 5.0);
    }
}
