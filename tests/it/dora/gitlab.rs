//! GitLab's own numbers: one example for each ruling in which they differ from ours.

use gitlab_dora_exporter::delivery::register::Newest;
use gitlab_dora_exporter::delivery::{Cause, EnvironmentTier, FactBody};
use gitlab_dora_exporter::dora::assessment::environment_days::EnvironmentDay;
use gitlab_dora_exporter::dora::gitlab_parity::GitlabFigures;
use gitlab_dora_exporter::dora::policy::Counting;

use super::story::{Story, at, iid, mr};

/// Hour 984 begins the day of hour 1,000, which is not over.
const TODAY: f64 = 984.0;

fn shown(story: &Story) -> Option<GitlabFigures> {
    let score = story.score_with(|policy| policy.gitlab_parity = Counting::Count);
    score.figures.figures.gitlab.as_ref().expect("the policy asks for it")[0]
}

fn days(story: &Story) -> Vec<EnvironmentDay> {
    let score = story.score_with(|policy| policy.gitlab_parity = Counting::Count);
    score.assessment.environment_days.expect("the policy asks for it")
}

/// Two versions of one day each.
fn two() -> Story {
    Story::new().push("c0", 270.0).push("c1", 280.0).deploy(1, "production", "c0", 300.0).deploy(
        2,
        "production",
        "c1",
        400.0,
    )
}

#[test]
fn nothing_is_shown_unless_the_policy_asks_for_it() {
    assert_eq!(two().score().figures.figures.gitlab, None);
    assert!(shown(&two()).is_some());
}

#[test]
fn the_same_version_again_and_every_environment_count() {
    let story = two().deploy(3, "production", "c1", 401.0).deploy(4, "prod-b", "c1", 402.0);
    let shown = shown(&story).unwrap();
    assert_eq!(shown.deployments, 4);
    assert!((shown.deployment_frequency - 4.0 / 30.0).abs() < 1e-12);
    assert_eq!(shown.change_failure_rate, Some(0.0));
}

#[test]
fn the_window_is_the_whole_days_that_end_yesterday() {
    let first = TODAY - 30.0 * 24.0;
    for (hour, deployments) in
        [(first - 1.0, None), (first, Some(1)), (TODAY - 1.0, Some(1)), (TODAY, None)]
    {
        let story = Story::new().push("c0", 1.0).deploy(1, "production", "c0", hour);
        assert_eq!(shown(&story).map(|own| own.deployments), deployments, "{hour}");
    }
}

#[test]
fn the_first_deployment_links_whatever_was_merged_into_its_branch_before() {
    let story = Story::new()
        .push("c0", 270.0)
        .mr(mr(1).commit("c0", 270.0).merged(280.0))
        .mr(mr(2).commit("d0", 271.0).targeting("develop").merged(281.0))
        .mr(mr(3).commit("c9", 299.0).merged(301.0))
        .deploy(1, "production", "c0", 300.0);
    assert_eq!(days(&story)[0].linked, [(iid(1), 20 * 3_600)]);
}

#[test]
fn an_environment_in_a_folder_links_too_where_it_is_production() {
    let story = Story::new().push("c0", 270.0).mr(mr(1).commit("c0", 270.0).merged(280.0)).deploy(
        1,
        "production/eu",
        "c0",
        300.0,
    );
    assert_eq!(days(&story)[0].linked, [(iid(1), 20 * 3_600)]);
}

#[test]
fn what_the_first_deployment_holds_a_pick_of_is_linked_when_it_comes_itself() {
    // Merge request 1 went to develop; main has a pick of it, and is merged with develop later.
    let story = Story::new()
        .push("c0", 270.0)
        .push_to("develop", "c0", "d1", 275.0)
        .mr(mr(1).commit("d1", 275.0).targeting("develop").merged(280.0))
        .push("p1", 290.0)
        .picked("p1", "d1")
        .deploy(1, "production", "p1", 300.0)
        .push_merge(&["d1"], "m1", 305.0)
        .deploy(2, "production", "m1", 310.0);
    assert_eq!(days(&story)[0].linked, [(iid(1), 30 * 3_600)]);
}

#[test]
fn a_merge_request_is_linked_once_to_each_environment() {
    let line = Story::new().push("c0", 270.0).push("c1", 280.0).push("c2", 290.0);
    let story = line
        .mr(mr(1).commit("c1", 280.0).merged(305.0))
        .mr(mr(2).commit("c2", 290.0).merged(306.0))
        .deploy(1, "production", "c0", 300.0)
        .deploy(2, "prod-b", "c0", 300.0)
        .deploy(3, "production", "c2", 310.0)
        // Back and forth links nothing a second time.
        .deploy(4, "production", "c0", 311.0)
        .deploy(5, "production", "c2", 312.0)
        .deploy(6, "prod-b", "c1", 340.0);
    let linked: Vec<(String, Vec<u64>)> = days(&story)
        .into_iter()
        .filter(|day| !day.linked.is_empty())
        .map(|day| {
            (day.environment.to_string(), day.linked.iter().map(|own| own.0.get()).collect())
        })
        .collect();
    assert_eq!(linked, [("prod-b".to_owned(), vec![1]), ("production".to_owned(), vec![1, 2])]);
    // 4 and 5 hours that day, median 4.5 h; in the other environment 35 hours.
    assert_eq!(shown(&story).unwrap().lead_time_for_changes, Some(19.75 * 3_600.0));
}

#[test]
fn behind_the_first_deployment_and_back_links_what_that_could_not() {
    let story = Story::new()
        .push("c0", 270.0)
        .push("c1", 271.0)
        .mr(mr(1).commit("c1", 271.0).targeting("develop").merged(280.0))
        .deploy(1, "production", "c1", 300.0)
        .deploy(2, "production", "c0", 301.0)
        .deploy(3, "production", "c1", 302.0);
    assert_eq!(days(&story)[0].linked, [(iid(1), 22 * 3_600)]);
    // Created before the one that finished first, it has no previous one: it links its branch.
    let late = Story::new()
        .push("c0", 270.0)
        .push("c1", 280.0)
        .mr(mr(1).commit("c1", 280.0).merged(304.0))
        .deploy(2, "production", "c0", 300.0)
        .deploy(1, "production", "c0", 305.0);
    assert_eq!(days(&late)[0].linked, [(iid(1), 3_600)]);
}

#[test]
fn duplicates_and_external_incidents_count_and_the_rate_may_exceed_one() {
    let story = two()
        .incident(1, 410.0, &[412.0])
        .blamed(2, 411.0, &[415.0], Cause::External)
        .incident_with(3, 500.0, &[], |issue| issue.superseded = Newest::at(at(501.0), true));
    let shown = shown(&story).unwrap();
    assert_eq!(shown.change_failure_rate, Some(1.5));
    assert_eq!(shown.time_to_restore_service, Some(3.0 * 3_600.0));
}

#[test]
fn an_incident_makes_a_row_of_its_day_once_production_is_known() {
    let before = Story::new().incident(1, 290.0, &[]).push("c0", 270.0);
    let story = before.deploy(1, "production", "c0", 400.0);
    assert_eq!(days(&story).len(), 1, "nobody refreshed the day of hour 290");
    assert_eq!(shown(&story).unwrap().change_failure_rate, Some(0.0));
    let later = story.incident(2, 500.0, &[]);
    assert_eq!(days(&later).len(), 2);
    assert_eq!(shown(&later).unwrap().change_failure_rate, Some(1.0));
}

#[test]
fn a_reopened_incident_lasts_until_its_last_closing() {
    let story = two().incident(1, 410.0, &[412.0, 420.0, 450.0]);
    assert_eq!(shown(&story).unwrap().time_to_restore_service, Some(40.0 * 3_600.0));
    let open = two().incident(1, 410.0, &[412.0, 420.0]);
    assert_eq!(shown(&open).unwrap().time_to_restore_service, None);
}

#[test]
fn with_several_production_environments_an_incident_counts_on_each_row_read_after_it() {
    let story = two()
        .deploy(3, "prod-b", "c1", 410.0)
        .incident(1, 410.05, &[])
        .deploy(4, "prod-c", "c1", 409.0)
        .incident(2, 410.5, &[]);
    // Rows are read again five minutes after a success: the first environment knows both incidents,
    // `prod-b` the one that opened three minutes after its deployment, `prod-c` none.
    let opened: Vec<(String, usize)> = days(&story)
        .into_iter()
        .filter(|day| day.day == days(&story).iter().map(|day| day.day).max().unwrap())
        .map(|day| (day.environment.to_string(), day.opened.map_or(0, |opened| opened.len())))
        .collect();
    let expected = [("prod-b", 1), ("prod-c", 0), ("production", 2)];
    assert_eq!(opened, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn gitlabs_own_tier_counts_whatever_the_policy_says() {
    let mut story = two().deploy(3, "pprod", "c1", 405.0);
    // By the preset of overrides it is staging; GitLab guesses production.
    assert_eq!(shown(&story).unwrap().deployments, 3);
    for body in &mut story.bodies {
        if let FactBody::Environment(own) = body {
            own.tier = Newest::at(at(405.0), EnvironmentTier::Staging);
        }
    }
    assert_eq!(shown(&story), None, "none of them is production");
}
