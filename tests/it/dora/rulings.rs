//! Worked examples of explanations: what counts, what does not, and by which rule.

use std::collections::BTreeMap;

use gitlab_dora_exporter::delivery::register::Newest;
use gitlab_dora_exporter::delivery::{Cause, EnvironmentTier, History, Severity};
use gitlab_dora_exporter::dora::assessment::changes::Origin;
use gitlab_dora_exporter::dora::explain::{
    Clock, Explanation, Measure, Question, Rule, Subject, Thing, Value, explain,
};
use gitlab_dora_exporter::dora::measuring::Measuring;
use gitlab_dora_exporter::dora::policy::{Policies, Policy};
use gitlab_dora_exporter::dora::statistics::Stat;
use gitlab_dora_exporter::dora::window::Window;

use super::story::{HOUR, Story, at, iid, mr, policy};

/// Explains a value of production and of the 30 days before hour 1,000.
pub(crate) fn explained(
    story: &Story,
    value: Value,
    change: impl FnOnce(&mut Policy),
) -> Explanation {
    let mut history = History::default();
    for fact in story.facts() {
        history.fold(fact);
    }
    let mut policy = policy();
    change(&mut policy);
    let window = Window::of_days(30);
    let measuring = Measuring {
        policies: Policies::new(policy, Vec::new()),
        windows: vec![window],
        teams: Vec::new(),
    };
    let question = Question {
        subject: Subject::Project { path: "group/p".to_owned(), instance: None },
        value,
        service: None,
        tier: Some(EnvironmentTier::Production),
        window: Some(window),
    };
    explain(&measuring, &history, &question, at(1_000.0), &|| true).unwrap()
}

fn request(number: u64) -> Thing {
    Thing::Change(Origin::MergeRequest(iid(number)))
}

pub(crate) fn rule_of(explanation: &Explanation, thing: &Thing) -> Option<Rule> {
    let mut out = explanation.left_out.iter();
    out.find(|out| out.thing == *thing).map(|out| out.rule)
}

#[test]
fn a_quantile_of_lead_times_and_everything_merged_that_is_not_in_it() {
    let story = Story::new()
        .push("c0", 300.0)
        .mr(mr(9).commit("c0", 300.0).merged(350.0))
        .deploy(1, "production", "c0", 400.0)
        .push("c1", 410.0)
        .mr(mr(1).commit("c1", 410.0).merged(420.0))
        .deploy(2, "production", "c1", 424.0)
        .push("c2", 420.0)
        .mr(mr(2).commit("c2", 420.0).merged(430.0))
        .push("c3", 421.0)
        .mr(mr(3).commit("c3", 421.0).by_a_bot().merged(431.0))
        .push("c4", 422.0)
        .mr(mr(4).commit("c4", 422.0).labelled("chore").merged(432.0))
        .deploy(3, "production", "c4", 440.0)
        .push("c5", 441.0)
        .mr(mr(5).commit("c5", 441.0).merged(445.0))
        .deploy(4, "production", "c5", 481.0)
        .push("c6", 482.0)
        .mr(mr(6).commit("c6", 482.0).merged(490.0))
        .mr(mr(7).on_branch("develop").commit("c6", 482.0).merged(491.0));
    let value = Value::ChangeLeadTime(Clock::FirstCommit, Stat::P75);
    let answer =
        explained(&story, value, |policy| policy.exclude_labels = vec!["chore".to_owned()]);
    let rows: Vec<(Thing, Measure)> =
        answer.rows.iter().map(|row| (row.thing.clone(), row.measure)).collect();
    let hours = |hours: u64| Measure::Seconds(hours * HOUR);
    assert_eq!(rows, [(request(5), hours(40)), (request(2), hours(20)), (request(1), hours(14))]);
    // Of 14, 20 and 40 hours, the third quartile lies half-way between the second and the third.
    assert_eq!(answer.recompute(), Some(30.0 * 3_600.0));

    let rules: BTreeMap<u64, Option<Rule>> = [3, 4, 6, 7, 9]
        .map(|number| (number, rule_of(&answer, &request(number))))
        .into_iter()
        .collect();
    let expected = [
        (3, Rule::ExcludedAuthor),
        (4, Rule::ExcludedLabel),
        (6, Rule::NotDelivered),
        (7, Rule::Promotion),
        (9, Rule::Baseline),
    ];
    assert_eq!(rules, expected.map(|(number, rule)| (number, Some(rule))).into_iter().collect());
}

#[test]
fn an_incident_that_blames_no_release_is_left_out_by_the_rule_that_says_so() {
    let story = Story::new()
        .push("c0", 300.0)
        .deploy(1, "production", "c0", 400.0)
        .incident(1, 401.0, &[402.0])
        .incident(2, 600.0, &[601.0])
        .blamed(3, 405.0, &[], Cause::External)
        .incident_with(4, 406.0, &[], |issue| {
            issue.superseded = Newest::at(at(407.0), true);
        });
    let answer = explained(&story, Value::ChangeFailRatio, |_| {});
    assert_eq!(answer.recompute(), Some(1.0), "incident 1 is blamed on the only release");
    let rule = |number| rule_of(&answer, &Thing::Incident(iid(number)));
    assert_eq!(
        [1, 2, 3, 4].map(rule),
        [None, Some(Rule::NoReleaseBefore), Some(Rule::External), Some(Rule::Duplicate)]
    );
    let restored = explained(&story, Value::TimeToRestoreService(Stat::P50), |_| {});
    assert_eq!(restored.recompute(), Some(3_600.0));
    assert_eq!(rule_of(&restored, &Thing::Incident(iid(3))), Some(Rule::StillOpen));
    let open = explained(&story, Value::IncidentsOpen(Severity::High), |_| {});
    assert_eq!(open.recompute(), Some(0.0));
    assert_eq!(rule_of(&open, &Thing::Incident(iid(3))), Some(Rule::OtherSeverity));
    let unattributed = explained(&story, Value::UnattributedIncidents, |_| {});
    assert_eq!(unattributed.recompute(), Some(2.0));
    assert_eq!(rule_of(&unattributed, &Thing::Incident(iid(1))), Some(Rule::Attributed));
}

#[test]
fn a_failure_that_has_not_recovered_is_in_no_recovery_time() {
    let story = Story::new().push("c0", 300.0).deploy(1, "production", "c0", 400.0).incident(
        1,
        401.0,
        &[402.0, 403.0],
    );
    let answer = explained(&story, Value::FailedDeploymentRecoveryTime(Stat::P50), |_| {});
    assert_eq!(answer.recompute(), None, "reopened");
    assert_eq!(answer.left_out[0].rule, Rule::NotRecovered);
    let recovery = story.incident(1, 401.0, &[402.0, 403.0, 410.0]);
    let answer = explained(&recovery, Value::FailedDeploymentRecoveryTime(Stat::P50), |_| {});
    assert_eq!(answer.recompute(), Some(10.0 * 3_600.0));
}
