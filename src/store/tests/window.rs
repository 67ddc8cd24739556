//! What a load gives beside the window itself.

use super::support::{NOON, entry, fresh, on, success};
use crate::delivery::register::{Earliest, Furthest, Greatest, Newest};
use crate::delivery::{
    Commit, CommitSha, DeploymentId, Environment, EnvironmentName, EnvironmentTier, FactBody,
    FactKey, Iid, Issue, IssueLabel, IssueMilestone, IssueTransition, LabelName, MergeRequest,
    MergeRequestCommit, MergeRequestState, MilestoneDue, MilestoneId, PersonHash, Push, RefName,
    Review, Timestamp, Transition,
};
use crate::store::Store;

const DAY: i64 = 86_400;

fn at(days_before_noon: i64) -> Timestamp {
    Timestamp::from_second(NOON - days_before_noon * DAY)
}

fn sha(byte: u8) -> CommitSha {
    CommitSha::from_bytes(&[byte; 20]).unwrap()
}

fn iid(number: u64) -> Iid {
    Iid::new(number).unwrap()
}

/// Commits facts as if received that many days before noon.
fn hear(store: &Store, days_before_noon: i64, facts: Vec<FactBody>) {
    let mut heard = entry(&format!("{days_before_noon} {facts:?}"), facts);
    heard.received_ms = at(days_before_noon).as_second() * 1_000;
    store.commit(&[heard], 1).unwrap();
}

/// The keys that a load since ninety days before noon gives.
fn loaded(store: &Store) -> Vec<FactKey> {
    let mut keys = Vec::new();
    store.load(at(90), &mut |fact| keys.push(fact.body.key())).unwrap();
    keys.sort();
    keys.dedup();
    keys
}

fn push(byte: u8) -> FactBody {
    FactBody::Push(Push::new(RefName::new("refs/heads/main").unwrap(), sha(byte)))
}

fn commit(byte: u8) -> FactBody {
    FactBody::Commit(Commit::new(sha(byte)))
}

fn merge_request(number: u64, state: MergeRequestState, days: i64) -> FactBody {
    FactBody::MergeRequest(Box::new(MergeRequest {
        state: Furthest::at(at(days), state),
        ..MergeRequest::new(iid(number))
    }))
}

fn environment(tier: EnvironmentTier) -> FactBody {
    FactBody::Environment(Environment {
        tier: Newest::at(at(300), tier),
        ..Environment::new(EnvironmentName::new("production").unwrap())
    })
}

#[test]
fn what_was_heard_in_the_window_comes_and_older_things_do_not() {
    let (_folder, store) = fresh();
    hear(&store, 10, vec![push(1), commit(1)]);
    hear(&store, 100, vec![push(2), commit(2)]);
    let keys = loaded(&store);
    assert_eq!(keys, [FactKey::Commit(sha(1)), push(1).key()]);
}

#[test]
fn an_event_that_our_clock_dated_too_early_still_comes() {
    let (_folder, store) = fresh();
    let fresh_commit = Commit { authored_at: Earliest::at(at(1)), ..Commit::new(sha(1)) };
    hear(&store, 10_000, vec![FactBody::Commit(fresh_commit)]);
    assert_eq!(loaded(&store), [FactKey::Commit(sha(1))]);
}

#[test]
fn an_environment_that_stood_still_brings_everything_since_its_last_success() {
    let (_folder, store) = fresh();
    hear(&store, 300, vec![environment(EnvironmentTier::Production)]);
    hear(&store, 250, vec![success(1, at(250).as_second())]);
    hear(&store, 200, vec![success(2, at(200).as_second())]);
    hear(&store, 180, vec![push(3), commit(3)]);
    hear(&store, 240, vec![commit(4)]);
    let keys = loaded(&store);
    assert!(keys.contains(&FactKey::Deployment(DeploymentId::new(2).unwrap())));
    assert!(!keys.contains(&FactKey::Deployment(DeploymentId::new(1).unwrap())));
    assert!(keys.contains(&push(3).key()) && keys.contains(&FactKey::Commit(sha(3))));
    assert!(!keys.contains(&FactKey::Commit(sha(4))), "too far before the success");
}

#[test]
fn a_review_app_brings_its_last_success_alone() {
    let (_folder, store) = fresh();
    hear(&store, 300, vec![environment(EnvironmentTier::Development)]);
    hear(&store, 200, vec![success(2, at(200).as_second())]);
    hear(&store, 180, vec![push(3)]);
    let keys = loaded(&store);
    let deployment = FactKey::Deployment(DeploymentId::new(2).unwrap());
    let name = EnvironmentName::new("production").unwrap();
    assert_eq!(keys, [FactKey::Environment(name), deployment]);
}

#[test]
fn one_project_that_stood_still_does_not_lower_the_floor_of_another() {
    let (_folder, store) = fresh();
    hear(&store, 200, vec![success(2, at(200).as_second())]);
    let mut other = entry("other", Vec::new());
    other.received_ms = at(150).as_second() * 1_000;
    store.commit(&[on(2, other, vec![push(9)])], 1).unwrap();
    assert!(!loaded(&store).contains(&push(9).key()));
}

#[test]
fn what_is_open_comes_whatever_its_age_with_what_belongs_to_it() {
    let (_folder, store) = fresh();
    let review = Review { merge_request: iid(1), at: at(290), person: PersonHash::new([1; 16]) };
    let link = |number, byte| {
        FactBody::MergeRequestCommit(MergeRequestCommit {
            merge_request: iid(number),
            sha: sha(byte),
        })
    };
    hear(
        &store,
        300,
        vec![
            merge_request(1, MergeRequestState::Opened, 300),
            link(1, 1),
            commit(1),
            FactBody::Review(review),
        ],
    );
    hear(
        &store,
        300,
        vec![merge_request(2, MergeRequestState::Merged, 300), link(2, 2), commit(2)],
    );
    let keys = loaded(&store);
    assert_eq!(
        keys,
        [
            FactKey::MergeRequest(iid(1)),
            link(1, 1).key(),
            FactKey::Review(review),
            FactKey::Commit(sha(1)),
        ]
    );
}

#[test]
fn a_merge_in_the_window_brings_its_first_commits_however_old() {
    let (_folder, store) = fresh();
    let link =
        FactBody::MergeRequestCommit(MergeRequestCommit { merge_request: iid(1), sha: sha(1) });
    hear(&store, 200, vec![link.clone(), commit(1)]);
    hear(&store, 3, vec![merge_request(1, MergeRequestState::Merged, 3)]);
    assert_eq!(
        loaded(&store),
        [FactKey::MergeRequest(iid(1)), link.key(), FactKey::Commit(sha(1)),]
    );
}

#[test]
fn an_issue_is_open_until_its_newest_transition_closed_it() {
    let (_folder, store) = fresh();
    let move_to = |transition, days| {
        FactBody::IssueTransition(IssueTransition { issue: iid(1), at: at(days), transition })
    };
    let issue = FactBody::Issue(Issue::new(iid(1)));
    hear(&store, 300, vec![issue.clone(), move_to(Transition::Closed, 300)]);
    assert!(!loaded(&store).contains(&issue.key()));
    hear(&store, 290, vec![move_to(Transition::Reopened, 290)]);
    assert!(loaded(&store).contains(&issue.key()));
    // In the same second the closing counts as the later.
    hear(&store, 289, vec![move_to(Transition::Closed, 290)]);
    assert!(!loaded(&store).contains(&issue.key()));
}

#[test]
fn labels_and_moves_of_a_known_issue_are_loaded_whatever_their_age() {
    let (_folder, store) = fresh();
    let iid = iid(7);
    let issue = Issue { created_at: Earliest::at(at(300)), ..Issue::new(iid) };
    let label = LabelName::new("validated").unwrap();
    let added_at = Earliest::at(at(300));
    let given = FactBody::IssueLabel(IssueLabel { issue: iid, label, added_at });
    let milestone = MilestoneId::new(4).unwrap();
    let [before, after] = [Greatest(None), Greatest(Some(milestone))];
    let moved = IssueMilestone { issue: iid, at: at(300), before, milestone: after };
    let moved = FactBody::IssueMilestone(moved);
    let due = MilestoneDue { milestone, at: at(300), due_day: Greatest(Some(at(290))) };
    let due = FactBody::MilestoneDue(due);
    hear(&store, 300, vec![FactBody::Issue(issue), given.clone(), moved.clone(), due.clone()]);
    let loaded = loaded(&store);
    for fact in [given, moved, due] {
        assert!(loaded.contains(&fact.key()), "{fact:?}");
    }
}
