//! Which releases failed, when they recovered, what was rework, and what incidents tell.

use gitlab_dora_exporter::delivery::register::Newest;
use gitlab_dora_exporter::delivery::{
    Cause, DeploymentId, EnvironmentTier, LabelName, LabelSet, Severity,
};
use gitlab_dora_exporter::dora::policy::{Counting, FailureSignal, Recovery, ReworkMatch};
use gitlab_dora_exporter::dora::scorecard::WindowFigures;

use super::story::{Story, Told, at, iid, mr, production};

/// Failed releases by signal: incident, rollback, revert, hotfix.
type Signals = [u64; 4];

fn recovery_hours(figures: &WindowFigures) -> Option<f64> {
    figures.failed_deployment_recovery_time.map(|q| q.p50 / 3_600.0)
}

/// c0 to c3 reach production at hours 400, 500, 600 and 700.
fn four_releases() -> Story {
    Story::new()
        .push("c0", 300.0)
        .push("c1", 310.0)
        .push("c2", 320.0)
        .push("c3", 330.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 500.0)
        .deploy(3, "production", "c2", 600.0)
        .deploy(4, "production", "c3", 700.0)
}

#[test]
fn an_incident_is_blamed_on_the_latest_release_within_the_horizon() {
    let figures = four_releases().incident(1, 610.0, &[615.0]).production();
    assert_eq!(figures.failed_deployments, [1, 0, 0, 0] as Signals);
    assert_eq!(figures.change_fail_ratio, Some(0.25));
    assert_eq!(recovery_hours(&figures), Some(15.0));
}

#[test]
fn the_horizon_is_inclusive_to_the_second() {
    let on_it = four_releases().incident(1, 772.0, &[]).production();
    assert_eq!(on_it.failed_deployments, [1, 0, 0, 0] as Signals);
    let past_it = four_releases().incident(1, 772.001, &[]).score();
    assert_eq!(production(&past_it).failed_deployments, [0, 0, 0, 0] as Signals);
    assert_eq!(past_it.figures.unattributed_incidents, [1]);
}

#[test]
fn an_incident_during_a_rollout_belongs_to_it() {
    let story = Story::new()
        .push("c0", 300.0)
        .push("c1", 310.0)
        .deploy(1, "production-a", "c0", 400.0)
        .deploy(2, "production-b", "c0", 400.0)
        .deploy(3, "production-a", "c1", 500.0)
        .incident(1, 500.25, &[502.0])
        .deploy(4, "production-b", "c1", 500.5);
    let figures = story.production();
    assert_eq!(figures.change_fail_ratio, Some(0.5));
    // From the start of the release, 500, to the close.
    assert_eq!(recovery_hours(&figures), Some(2.0));
}

#[test]
fn a_named_cause_beats_the_horizon_and_an_external_one_blames_nobody() {
    let deployment = Cause::Deployment(DeploymentId::new(2).unwrap());
    let figures = four_releases().blamed(1, 900.0, &[901.0], deployment).production();
    assert_eq!(figures.failed_deployments, [1, 0, 0, 0] as Signals);
    assert_eq!(recovery_hours(&figures), Some(401.0));
    let external = four_releases().blamed(1, 610.0, &[611.0], Cause::External).score();
    assert_eq!(production(&external).failed_deployments, [0, 0, 0, 0] as Signals);
    assert_eq!(external.figures.unattributed_incidents, [1]);
    let unknown = Cause::Deployment(DeploymentId::new(99).unwrap());
    let nobody = four_releases().blamed(1, 610.0, &[611.0], unknown).production();
    assert_eq!(nobody.failed_deployments, [0, 0, 0, 0] as Signals);
}

#[test]
fn a_cause_may_be_a_merge_request_or_a_commit() {
    let story = || four_releases().mr(mr(7).commit("c1", 310.0).merged(315.0));
    for cause in [
        Cause::MergeRequest(iid(7)),
        Cause::Commit(super::story::sha("c1").to_string()[..8].into()),
    ] {
        let figures = story().blamed(1, 900.0, &[901.0], cause.clone()).production();
        assert_eq!(recovery_hours(&figures), Some(401.0), "{cause:?}");
    }
}

#[test]
fn a_label_says_external_too() {
    let figures = four_releases()
        .incident_with(1, 610.0, &[611.0], |issue| {
            let label = LabelName::new("external").unwrap();
            issue.labels = Newest::at(at(610.0), LabelSet::new(vec![label]));
        })
        .production();
    assert_eq!(figures.failed_deployments, [0, 0, 0, 0] as Signals);
}

#[test]
fn several_signals_and_incidents_make_one_failure_under_the_first_signal() {
    let figures = four_releases()
        .incident(1, 510.0, &[520.0])
        .incident(2, 511.0, &[530.0])
        .mr(mr(3).on_branch("hotfix/3").commit("c2", 320.0).merged(525.0))
        .production_with(|policy| policy.attribution_horizon_seconds = None);
    // c2 is a hotfix of c1, which two incidents blame as well.
    assert_eq!(figures.failed_deployments, [1, 0, 0, 0] as Signals);
    assert_eq!(figures.change_fail_ratio, Some(0.25));
    // The latest close counts: 530 − 500.
    assert_eq!(recovery_hours(&figures), Some(30.0));
}

#[test]
fn a_release_has_not_recovered_while_one_of_its_incidents_is_open() {
    let story = four_releases().incident(1, 510.0, &[520.0]).incident(2, 511.0, &[]);
    assert_eq!(recovery_hours(&story.production()), None);
    let score = story.score();
    assert_eq!(score.figures.figures.incidents_open, [1, 0, 0, 0, 0]);
    assert_eq!(score.figures.figures.oldest_open_incident_at, Some(at(511.0)));
}

#[test]
fn a_rollback_blames_the_first_release_after_its_target() {
    let story = four_releases().deploy(5, "production", "c1", 710.0);
    let figures = story.production();
    // Back to c1: c2, the first after it, failed; not c3.
    assert_eq!(figures.failed_deployments, [0, 1, 0, 0] as Signals);
    assert_eq!(recovery_hours(&figures), Some(110.0));
    assert_eq!(figures.deployment_rework_ratio, Some(0.2));
    assert_eq!(figures.deployments, [1, 0, 1, 0, 3]);
}

#[test]
fn a_rollback_to_what_never_ran_blames_the_one_before_it() {
    let figures = Story::new()
        .push("c0", 300.0)
        .push("c1", 310.0)
        .push("c2", 320.0)
        .deploy(1, "production", "c1", 400.0)
        .deploy(2, "production", "c2", 500.0)
        .deploy(3, "production", "c0", 510.0)
        .production();
    assert_eq!(figures.failed_deployments, [0, 1, 0, 0] as Signals);
    assert_eq!(recovery_hours(&figures), Some(10.0));
}

fn reverted(original_in: f64, revert_in: f64) -> Story {
    Story::new()
        .push("c0", 300.0)
        .deploy(1, "production", "c0", 400.0)
        .mr(mr(1).commit("c1", 405.0).merged(410.0))
        .push("c1", 405.0)
        .deploy(2, "production", "c1", original_in)
        .push("c2", 430.0)
        .deploy(3, "production", "c2", 550.0)
        .mr(mr(2).commit("r", 560.0).merged(561.0).reverts(1))
        .push("r", 560.0)
        .deploy(4, "production", "r", revert_in)
}

#[test]
fn a_revert_blames_the_release_that_delivered_the_original() {
    let figures = reverted(500.0, 600.0).production();
    assert_eq!(figures.failed_deployments, [0, 0, 1, 0] as Signals);
    assert_eq!(recovery_hours(&figures), Some(100.0));
    assert_eq!((figures.rework_deployments, figures.deployment_rework_ratio), (1, Some(0.25)));
}

#[test]
fn a_revert_of_a_commit_is_one_of_what_landed_by_it() {
    let story = |revert: fn(Told) -> Told| {
        Story::new()
            .push("c0", 300.0)
            .deploy(1, "production", "c0", 400.0)
            .mr(mr(1).commit("c1", 405.0).merged(410.0))
            .push("c1", 405.0)
            .deploy(2, "production", "c1", 500.0)
            .mr(revert(mr(2).commit("r", 560.0).merged(561.0)))
            .push("r", 560.0)
            .deploy(3, "production", "r", 600.0)
            .production()
    };
    let failed = |revert| story(revert).failed_deployments;
    assert_eq!(failed(|own| own), [0, 0, 0, 0] as Signals);
    assert_eq!(failed(|own| own.reverts_commit("c1")), [0, 0, 1, 0] as Signals);
    assert_eq!(failed(|own| own.reverts_commit("x")), [0, 0, 0, 0] as Signals);
}

#[test]
fn a_revert_in_the_same_release_is_no_signal_and_no_rework() {
    let figures = Story::new()
        .push("c0", 300.0)
        .deploy(1, "production", "c0", 400.0)
        .mr(mr(1).commit("c1", 405.0).merged(410.0))
        .push("c1", 405.0)
        .mr(mr(2).commit("r", 411.0).merged(412.0).reverts(1))
        .push("r", 411.0)
        .deploy(2, "production", "r", 420.0)
        .production();
    assert_eq!(figures.failed_deployments, [0, 0, 0, 0] as Signals);
    assert_eq!(figures.rework_deployments, 0);
}

#[test]
fn a_revert_of_what_nobody_heard_of_is_rework_without_a_failure() {
    let figures = Story::new()
        .push("c0", 300.0)
        .deploy(1, "production", "c0", 400.0)
        .mr(mr(2).commit("r", 405.0).merged(410.0).reverts(99))
        .push("r", 405.0)
        .deploy(2, "production", "r", 420.0)
        .production();
    assert_eq!(figures.failed_deployments, [0, 0, 0, 0] as Signals);
    assert_eq!(figures.rework_deployments, 1);
}

fn hotfix(delivered: f64) -> Story {
    Story::new()
        .push("c0", 300.0)
        .push("c1", 310.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c1", 500.0)
        .mr(mr(3).labelled("hotfix").commit("h", 501.0).merged(502.0))
        .push("h", 501.0)
        .push("c9", 503.0)
        .deploy(3, "production", "c9", delivered)
}

#[test]
fn a_hotfix_blames_the_forward_release_before_it_within_the_horizon() {
    let figures = hotfix(510.0).production();
    assert_eq!(figures.failed_deployments, [0, 0, 0, 1] as Signals);
    assert_eq!(recovery_hours(&figures), Some(10.0));
    assert_eq!(hotfix(572.0).production().failed_deployments, [0, 0, 0, 1] as Signals);
    let late = hotfix(572.001).production();
    assert_eq!(late.failed_deployments, [0, 0, 0, 0] as Signals);
    // Rework it is all the same.
    assert_eq!(late.rework_deployments, 1);
}

#[test]
fn rework_may_be_asked_to_be_nothing_but_fixes() {
    let figures = hotfix(510.0).production_with(|policy| policy.rework_match = ReworkMatch::All);
    // The direct commit c9 came with it.
    assert_eq!(figures.rework_deployments, 0);
}

#[test]
fn signals_that_are_switched_off_blame_nobody() {
    let figures = hotfix(510.0).production_with(|policy| {
        policy.failure_signals.remove(&FailureSignal::Hotfix);
    });
    assert_eq!(figures.change_fail_ratio, Some(0.0));
    let figures = four_releases().incident(1, 610.0, &[615.0]).production_with(|policy| {
        policy.failure_signals.remove(&FailureSignal::Incident);
    });
    assert_eq!(figures.change_fail_ratio, Some(0.0));
}

#[test]
fn recovery_may_be_taken_at_the_earliest_or_at_the_remediation() {
    let story = four_releases().deploy(5, "production", "c2", 705.0).incident(1, 701.0, &[750.0]);
    assert_eq!(recovery_hours(&story.production()), Some(50.0));
    let earliest = story.production_with(|policy| policy.recovery = Recovery::Earliest);
    assert_eq!(recovery_hours(&earliest), Some(5.0));
    let remedy = story.production_with(|policy| policy.recovery = Recovery::Remediation);
    assert_eq!(recovery_hours(&remedy), Some(5.0));
}

#[test]
fn a_reopened_incident_is_one_incident_restored_at_its_last_close() {
    let story = four_releases().incident(1, 610.0, &[615.0, 620.0, 640.0]);
    let restored = story.score().figures.figures.time_to_restore_service[0].unwrap();
    assert_eq!((restored.samples.get(), restored.p50), (1, 30.0 * 3_600.0));
    let open_again = four_releases().incident(1, 610.0, &[615.0, 620.0]).score();
    assert_eq!(open_again.figures.figures.time_to_restore_service, [None]);
    assert_eq!(open_again.figures.figures.incidents_open[0], 1);
}

#[test]
fn duplicates_are_dropped_unless_they_are_to_be_kept() {
    let story =
        four_releases().incident(1, 610.0, &[615.0]).incident_with(2, 611.0, &[612.0], |issue| {
            issue.superseded = Newest::at(at(612.0), true);
        });
    let samples = |story: &Story, duplicates| {
        let score = story.score_with(|policy| policy.duplicate_incidents = duplicates);
        score.figures.figures.time_to_restore_service[0].map(|q| q.samples.get())
    };
    assert_eq!(samples(&story, Counting::Ignore), Some(1));
    assert_eq!(samples(&story, Counting::Count), Some(2));
}

#[test]
fn mild_incidents_may_be_left_out() {
    let score = four_releases()
        .incident_with(1, 610.0, &[], |issue| {
            issue.severity = Newest::at(at(610.0), Severity::Low);
        })
        .score_with(|policy| policy.incident_filter.min_severity = Severity::High);
    assert_eq!(score.figures.figures.incidents_open, [0; 5]);
    assert_eq!(production(&score).change_fail_ratio, Some(0.0));
}

#[test]
fn an_incident_without_any_deployment_is_a_restore_sample_and_no_failure() {
    let score = Story::new().incident(1, 610.0, &[612.0]).score();
    assert!(score.figures.figures.tiers.is_empty());
    assert_eq!(score.figures.figures.time_to_restore_service[0].map(|q| q.p50), Some(7_200.0));
}

#[test]
fn an_incident_to_come_is_not_open_yet() {
    let score = four_releases().incident(1, 1_000.0, &[]).score();
    assert_eq!(score.figures.figures.incidents_open, [0; 5]);
}

#[test]
fn incidents_are_blamed_on_releases_of_their_tier_even_where_it_has_no_series() {
    let unmeasured = four_releases()
        .incident(1, 610.0, &[615.0])
        .score_with(|policy| policy.tiers_measured = vec![EnvironmentTier::Staging]);
    assert_eq!(unmeasured.figures.unattributed_incidents, [0]);
    assert!(unmeasured.figures.figures.tiers.is_empty());
}
