//! The numbers beside DORA's surveys: folded away, in words, and only where a year is asked for.

use gitlab_dora_exporter::dora::levels::Year;
use gitlab_dora_exporter::dora::scorecard::Scorecard;
use gitlab_dora_exporter::page::{Landing, landing};

use super::sample::{self, Sample};
use super::{in_both, input, text};

/// The page of one project with the levels of a year, as text.
fn beside(year: Option<Year>, sample: Sample) -> [String; 2] {
    let project = sample::project(1, "a/b", sample::figures(sample));
    let scorecard = Scorecard { projects: vec![project], ..sample::empty() };
    in_both(&Landing { levels: year, ..input(Some(&scorecard), &[]) }).map(|page| text(&page))
}

const TYPICAL: Sample = Sample {
    deployments: 6,
    failed: 1,
    rework: 0,
    lead_time: Some((9, 10 * 86_400)),
    recovery: Some((1, 18_000)),
};

#[test]
fn each_row_has_its_level_and_score_beside_the_means_of_the_surveys() {
    let [english, french] = beside(Some(Year::Y2024), TYPICAL);
    for expected in [
        "the level of 2024, and the score of the Quick Check",
        "Public sector, mean of 2025 4.3 of 10 4.8 of 10 7.9 of 10 7 of 10",
        "All industries, mean of 2025 4.8 of 10 5.5 of 10 8.1 of 10 7.4 of 10",
        // 0.2 a day; 10 days; one of six, of which 2024 made no classes; 5 hours.
        "a/b high 6 of 10 medium 4 of 10 17% 8.3 of 10 high to medium 8 of 10",
        "elite 5%, high 20%, medium 10%, low 40%.",
        "It is no target and says nothing about people",
    ] {
        assert!(english.contains(expected), "{expected}\n{english}");
    }
    for expected in [
        "Secteur public, moyenne 2025 4,3 sur 10 4,8 sur 10 7,9 sur 10 7 sur 10",
        "a/b élevé 6 sur 10 moyen 4 sur 10 17 % 8,3 sur 10 élevé à moyen 8 sur 10",
        "élite 5 %, élevé 20 %, moyen 10 %, faible 40 %.",
    ] {
        assert!(french.contains(expected), "{expected}\n{french}");
    }
}

#[test]
fn another_year_has_other_classes_and_a_gap_has_no_level() {
    let [english, _] = beside(Some(Year::Y2018), TYPICAL);
    // In 2018 nobody was between weekly and daily.
    let expected = "a/b no level 6 of 10 medium 4 of 10 no level 8.3 of 10 high to medium 8 of 10";
    assert!(english.contains(expected), "{english}");
    assert!(!english.contains("order of the levels"), "2018 gave classes");
}

#[test]
fn many_deployments_a_day_may_be_either_of_two_answers() {
    let [english, french] =
        beside(Some(Year::Y2024), Sample { deployments: 90, ..Sample::default() });
    assert!(english.contains("a/b elite 8 to 10 of 10 not enough data"), "{english}");
    assert!(french.contains("a/b élite 8 à 10 sur 10 pas assez de données"), "{french}");
}

#[test]
fn a_month_without_deployment_does_not_say_that_they_are_rarer_than_half_yearly() {
    let [english, _] = beside(Some(Year::Y2021), Sample::default());
    let nothing = ["not enough data"; 4].join(" ");
    assert!(english.contains(&format!("a/b {nothing}")), "{english}");
}

#[test]
fn the_surveys_are_folded_away_below_every_table_and_gone_where_no_year_is_set() {
    let scorecard = sample::full();
    let with = landing(&input(Some(&scorecard), &[]));
    assert_eq!(with.matches("<details class=\"beside\">").count(), 2, "groups and projects");
    let without = landing(&Landing { levels: None, ..input(Some(&scorecard), &[]) });
    assert!(!without.contains("class=\"beside\""));
    assert!(!text(&without).contains("Quick Check"));
}

#[test]
fn what_has_no_production_stands_beside_no_survey() {
    let scorecard = sample::full();
    let page = landing(&input(Some(&scorecard), &[]));
    let rows = page.matches("<bdi>harbour/lock-control</bdi>").count();
    assert_eq!(rows, 1, "in the table of figures alone");
    let mut none = sample::empty();
    none.projects = vec![scorecard.projects[1].clone()];
    assert!(!landing(&input(Some(&none), &[])).contains("class=\"beside\""));
}
