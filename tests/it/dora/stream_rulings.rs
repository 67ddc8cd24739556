//! Worked examples of explanations of the value stream: what counts, what does not, and by which
//! rule.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::RunStatus::{Failed, Success};
use gitlab_dora_exporter::delivery::{EnvironmentTier, History};
use gitlab_dora_exporter::dora::assessment::changes::Origin;
use gitlab_dora_exporter::dora::assessment::needs::NeedBasis;
use gitlab_dora_exporter::dora::explain::{
    Absence, Explanation, Measure, Rule, StreamValue, Thing, Value,
};
use gitlab_dora_exporter::dora::measuring::Measuring;
use gitlab_dora_exporter::dora::policy::{Counting, Policies, Policy, PromotionPair};
use gitlab_dora_exporter::dora::samples::Step;
use gitlab_dora_exporter::dora::statistics::Stat;
use gitlab_dora_exporter::dora::window::Window;
use gitlab_dora_exporter::exposition::catalog::Scope;
use gitlab_dora_exporter::exposition::catalog::figures;
use gitlab_dora_exporter::exposition::list;

use super::explained::assert_explained;
use super::plan::milestone;
use super::rulings::{explained, rule_of};
use super::story::{HOUR, Story, at, iid, mr, policy};

fn choices(policy: &mut Policy) {
    let own = &mut policy.value_stream;
    own.validated_labels = vec!["validated".to_owned()];
    own.feedback_labels = vec!["feedback".to_owned()];
    own.feedback_period_seconds = 100 * HOUR;
    policy.gitlab_parity = Counting::Count;
    policy.cadence_period_seconds = Some(7 * 24 * HOUR);
}

/// A little of everything: a baseline, two releases to both tiers, three issues, two milestones,
/// pipelines, an incident.
fn everything() -> Story {
    let first = mr(1).commit("c1", 410.0).opened(412.0).reviewed(415.0, 2).merged(420.0);
    let second = mr(2).commit("c2", 510.0).opened(512.0).merged(530.0);
    let third = mr(3).commit("c3", 600.0).merged(640.0);
    Story::new()
        .push("c0", 300.0)
        .push("c1", 410.0)
        .push("c2", 510.0)
        .push("c3", 600.0)
        .mr(first.closes(&[7]).in_milestone(4))
        .mr(second.closes(&[8]))
        .mr(third.closes(&[9]))
        .deploy(1, "staging", "c0", 399.0)
        .deploy(2, "production", "c0", 400.0)
        .deploy(3, "staging", "c1", 450.0)
        .deploy(4, "production", "c1", 480.0)
        .began(4, 470.0)
        .deploy(5, "production", "c2", 560.0)
        .issue(7, 402.0)
        .given(7, "validated", 405.0)
        .issue_with(8, 500.0, &["feedback"])
        .issue(9, 590.0)
        .moved(9, (None, Some(5)), 591.0)
        .moved(7, (None, Some(4)), 403.0)
        .milestone(4, 404.0, 480.0)
        .milestone(5, 580.0, 1_200.0)
        .pipeline(1, ("feature/1", "c1"), 411.0, &[("build", 411.0, 412.0), ("test", 412.0, 415.0)])
        .main_ended(2, Success, 600.0)
        .main_ended(3, Failed, 700.0)
        .main_ended(4, Success, 800.0)
        .incident(20, 490.0, &[500.0])
        .noted(20, 491.0)
        .incident(21, 990.0, &[])
}

fn asked(value: StreamValue) -> Explanation {
    explained(&everything(), Value::Stream(value), choices)
}

fn rows(explanation: &Explanation) -> Vec<(Thing, Measure)> {
    explanation.rows.iter().map(|row| (row.thing.clone(), row.measure)).collect()
}

fn request(number: u64) -> Thing {
    Thing::Change(Origin::MergeRequest(iid(number)))
}

fn issue(number: u64) -> Thing {
    Thing::Issue(iid(number))
}

const fn share(part: u64, whole: u64) -> Measure {
    Measure::Share { part, whole }
}

#[test]
fn every_family_of_a_project_that_lacks_nothing_is_made_again_of_its_rows() {
    let mut history = History::default();
    for fact in everything().facts() {
        history.fold(fact);
    }
    let mut own = policy();
    choices(&mut own);
    let measuring = Measuring {
        policies: Policies::new(own, Vec::new()),
        windows: vec![Window::of_days(30)],
        teams: Vec::new(),
    };
    assert!(assert_explained(&history, &measuring, at(1_000.0)) > 100);
    let scorecard = measuring.all(&history, at(1_000.0));
    let figures = &scorecard.projects[0].figures;
    let listed = list(figures, Scope::Project, scorecard.as_of, &measuring.windows);
    let listed: BTreeSet<&str> = listed.into_iter().map(|listed| listed.metric.name).collect();
    let all = figures::ALL.iter().filter_map(|figure| figure.of(Scope::Project));
    let missing: Vec<&str> =
        all.map(|metric| metric.name).filter(|name| !listed.contains(name)).collect();
    // Kinds of work are explained with the changes; whether facts are missing, nobody tells of the
    // past.
    let unexplained = [
        "dora_window_category_changes",
        "dora_category_change_lead_time_seconds",
        "dora_data_complete",
    ];
    assert_eq!(missing, unexplained);
}

#[test]
fn a_need_is_counted_from_where_it_begins_and_one_that_waits_is_left_out() {
    let answer = asked(StreamValue::NeedLeadTime(NeedBasis::Validated, Stat::P50));
    assert_eq!(rows(&answer), [(issue(7), Measure::Seconds(75 * HOUR))]);
    assert_eq!(rule_of(&answer, &issue(8)), Some(Rule::OtherBasis));
    assert_eq!(rule_of(&answer, &issue(9)), Some(Rule::NeedNotDelivered));
    let reported = asked(StreamValue::NeedLeadTime(NeedBasis::Feedback, Stat::P50));
    assert_eq!(rows(&reported), [(issue(8), Measure::Seconds(60 * HOUR))]);
}

#[test]
fn a_change_that_skipped_the_first_tier_is_no_promotion() {
    let (from, to) = (EnvironmentTier::Staging, EnvironmentTier::Production);
    let pair = PromotionPair { from, to: to.clone() };
    let answer = asked(StreamValue::PromotionTime(pair, Stat::P50));
    assert_eq!(rows(&answer), [(request(1), Measure::Seconds(30 * HOUR))]);
    assert_eq!(rule_of(&answer, &request(2)), Some(Rule::NotPromoted));
    let turned = PromotionPair { from: to, to: EnvironmentTier::Staging };
    let answer = asked(StreamValue::PromotionTime(turned, Stat::P50));
    assert_eq!(answer.absence(), Some(Absence::NoPair));
}

#[test]
fn a_step_is_explained_by_what_went_through_it() {
    let of = |step| asked(StreamValue::StepDuration(step, Stat::P50));
    assert_eq!(rows(&of(Step::Plan)), [(issue(7), Measure::Seconds(3 * HOUR))]);
    assert_eq!(rule_of(&of(Step::Plan), &issue(8)), Some(Rule::WithoutStep));
    assert_eq!(rows(&of(Step::Build)), [(request(1), Measure::Seconds(HOUR))]);
    assert_eq!(rule_of(&of(Step::Build), &request(2)), Some(Rule::WithoutStep));
    assert_eq!(rows(&of(Step::Release)), [(request(1), Measure::Seconds(50 * HOUR))]);
    let incident = Thing::Incident(iid(20));
    assert_eq!(rows(&of(Step::Detect)), [(incident.clone(), Measure::Seconds(10 * HOUR))]);
    assert_eq!(rows(&of(Step::Acknowledge)), [(incident, Measure::Seconds(HOUR))]);
    let operate = of(Step::Operate);
    assert!(matches!(&operate.rows[0].thing, Thing::Release(own) if own.ended_at == at(480.0)));
}

#[test]
fn milestones_are_due_by_their_deadline_and_those_ahead_are_left_out() {
    let (four, five) = (Thing::Milestone(milestone(4)), Thing::Milestone(milestone(5)));
    let due = asked(StreamValue::MilestonesDue);
    assert_eq!(rows(&due), [(four.clone(), Measure::One)]);
    assert_eq!(rule_of(&due, &five), Some(Rule::NotDue));
    assert_eq!(rows(&asked(StreamValue::OnTime)), [(four, share(1, 1))]);
    assert_eq!(asked(StreamValue::ScopeCut).shares(), (0, 1));
    let plain = Story::new().push("c0", 300.0).deploy(1, "production", "c0", 400.0);
    let none = explained(&plain, Value::Stream(StreamValue::MilestonesDue), choices);
    assert_eq!(none.absence(), Some(Absence::NoMilestone));
}

#[test]
fn what_users_said_is_told_by_release_and_by_report() {
    let answer = asked(StreamValue::ReleaseFeedback);
    // Of 560, 480 and 400, newest first: something was said of the second one.
    let told: Vec<Measure> = answer.rows.iter().map(|row| row.measure).collect();
    assert_eq!(told, [share(0, 1), share(1, 1), share(0, 1)]);
    let first = asked(StreamValue::ReleaseFirstFeedback(Stat::P50));
    assert_eq!(first.recompute(), Some(20.0 * 3_600.0));
    assert_eq!(first.left_out[0].rule, Rule::NothingReported);
    assert_eq!(rows(&asked(StreamValue::FixedInNextRelease)), [(issue(8), share(1, 1))]);
    let unmarked = explained(&everything(), Value::Stream(StreamValue::ReleaseFeedback), |_| {});
    assert_eq!(unmarked.absence(), Some(Absence::NoFeedbackLabel));
}

#[test]
fn releasable_time_is_told_by_the_spans_between_pipelines() {
    let answer = asked(StreamValue::ReleasableTime);
    let told: Vec<Measure> = answer.rows.iter().map(|row| row.measure).collect();
    let [last, broken, first] = [200 * HOUR, 100 * HOUR, 100 * HOUR];
    assert_eq!(told, [share(last, last), share(0, broken), share(first, first)]);
    assert_eq!(answer.recompute(), Some(0.75));
}
