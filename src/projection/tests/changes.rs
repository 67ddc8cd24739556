//! Merge requests, reviews, pushes and commits.

use serde_json::json;

use super::{Projection, at, bodies, iid, only, projection, record, sha, unreadable};
use crate::delivery::register::{Earliest, Ever, Furthest, Newest};
use crate::delivery::{
    FactBody, LabelName, LabelSet, Merge, MergeRequestState, ProjectId, Reverted, Timestamp,
};
use crate::gitlab::fixtures::{INSTANCE, pseudonyms};

fn reviews(name: &str) -> usize {
    bodies(name).iter().filter(|body| matches!(body, FactBody::Review(_))).count()
}

#[test]
fn a_merge_before_19_is_dated_by_its_event_alone() {
    let merged = only!("merge_request-merge-fast-forward-16x", MergeRequest);
    assert_eq!(merged.merged_at, Earliest::default());
    assert_eq!(merged.merged(), Some(at("2026-03-02T09:00:00Z")));
    assert_eq!(merged.merge_commit, Newest::default());
    assert_eq!(merged.state.state(), Some(&MergeRequestState::Merged));
}

#[test]
fn a_merge_since_19_is_dated_by_merged_at_and_names_its_commits() {
    let name = "merge_request-merge-19x";
    let merged = only!(name, MergeRequest);
    let updated = at("2026-03-03T09:00:02Z");
    assert_eq!(merged.merged_at, Earliest::at(at("2026-03-03T09:00:01Z")));
    assert_eq!(merged.merge_reported_at, Earliest::at(updated));
    let attribute = |key: &str| sha(name, &format!("/object_attributes/{key}"));
    assert_eq!(merged.merge_commit, Newest::at(updated, attribute("merge_commit_sha")));
    assert_eq!(merged.squash_commit, Newest::at(updated, attribute("squash_commit_sha")));
    assert_eq!(merged.head, Newest::at(updated, attribute("last_commit/id")));
    assert_eq!(merged.reverts, Newest::at(updated, None), "an empty description reverts nothing");
}

#[test]
fn a_later_update_of_a_merged_one_does_not_move_the_merge() {
    let mut body: serde_json::Value = serde_json::from_slice(&crate::gitlab::fixtures::fixture(
        "merge_request-merge-fast-forward-16x",
    ))
    .unwrap();
    body["object_attributes"]["action"] = json!("update");
    body["object_attributes"]["updated_at"] = json!("2026-03-09 09:00:00 UTC");
    let Projection::Facts(facts) = projection(&body) else { panic!() };
    let later = facts.into_iter().find_map(|fact| match fact.body {
        FactBody::MergeRequest(fact) => Some(*fact),
        _ => None,
    });
    let mut merged = only!("merge_request-merge-fast-forward-16x", MergeRequest);
    merged.merge(later.unwrap());
    assert_eq!(merged.merged(), Some(at("2026-03-02T09:00:00Z")));
}

#[test]
fn a_draft_is_ready_when_it_stops_being_one() {
    let draft = only!("merge_request-open-draft-16x", MergeRequest);
    assert_eq!((draft.was_draft, draft.ready_at), (Ever(true), Earliest::default()));
    let ready = only!("merge_request-update-ready-16x", MergeRequest);
    assert_eq!(ready.was_draft, Ever(true), "even when the opening was never heard of");
    assert_eq!(ready.ready_at, Earliest::at(at("2026-03-01T10:00:00Z")));
    let never = only!("merge_request-revert-18x", MergeRequest);
    assert_eq!(never.was_draft, Ever(false));
    assert_eq!(never.ready_at, never.created_at, "opened ready: ready since it exists");
}

#[test]
fn labels_and_milestone_are_dated_by_the_event() {
    let changed = only!("merge_request-update-labels-milestone-18x", MergeRequest);
    let when = at("2026-03-01T11:00:00Z");
    let names = ["kind::night, special", "feature"].map(|name| LabelName::new(name).unwrap());
    assert_eq!(changed.labels, Newest::at(when, LabelSet::new(names.to_vec())));
    assert_eq!(changed.milestone.value().unwrap().unwrap().get(), 61);
    let before = only!("merge_request-open-draft-16x", MergeRequest);
    assert_eq!(
        before.milestone,
        Newest::at(at("2026-03-01T08:00:00Z"), None),
        "null is no milestone"
    );
}

#[test]
fn a_fork_keeps_its_source_project_and_a_bot_is_told() {
    let fork = only!("merge_request-open-fork-by-bot-18x", MergeRequest);
    assert_eq!(fork.source_project.0, ProjectId::new(88).ok());
    assert_eq!(fork.author_excluded, Ever(true));
    assert!(only!("merge_request-open-fork-by-bot-18x", Commit).author_excluded.0);
    let human = only!("merge_request-open-draft-16x", MergeRequest);
    assert_eq!(human.author.0, Some(pseudonyms().person(INSTANCE, 11)));
    assert_eq!(human.author_excluded, Ever(false));
}

#[test]
fn a_revert_names_what_it_reverts() {
    let revert = only!("merge_request-revert-18x", MergeRequest);
    assert_eq!(revert.reverts.value(), Some(&Some(Reverted::MergeRequest(iid(22)))));
    assert!(only!("merge_request-revert-18x", Commit).reverts.0.is_some());
}

#[test]
fn approvals_and_submitted_reviews_are_review_acts_of_people() {
    let approved = only!("merge_request-approved-17x", Review);
    assert_eq!(approved.at, at("2026-03-02T07:00:00Z"));
    assert_eq!(approved.person, pseudonyms().person(INSTANCE, 12));
    let acted = only!("merge_request-approval-19x", Review);
    assert_eq!(acted.at, at("2026-03-02T07:00:03Z"), "actioned_at where there is one");
    assert_eq!(reviews("merge_request-update-review-submitted-19x"), 1);
    for name in [
        "merge_request-unapproved-system-19x",
        "merge_request-update-labels-milestone-18x",
        "merge_request-open-draft-16x",
    ] {
        assert_eq!(reviews(name), 0, "{name}");
    }
}

#[test]
fn a_comment_is_a_review_act_unless_a_bot_or_gitlab_wrote_it() {
    let review = only!("note-merge-request-17x", Review);
    assert_eq!(review.at, at("2026-03-01T12:00:00Z"));
    assert_eq!((review.merge_request, review.person), (iid(21), pseudonyms().person(INSTANCE, 12)));
    for name in ["note-merge-request-by-bot-17x", "note-merge-request-system", "note-commit-17x"] {
        assert!(
            matches!(super::project(&record(name)), Projection::Irrelevant(_)),
            "{name} says nothing that is measured"
        );
    }
}

#[test]
fn the_head_of_a_merge_request_is_one_of_its_commits() {
    let listed = only!("merge_request-open-draft-16x", MergeRequestCommit);
    let head = only!("merge_request-open-draft-16x", Commit);
    assert_eq!((listed.merge_request, listed.sha), (iid(21), head.sha));
    assert_eq!(head.authored_at, Earliest::at(at("2026-02-28T17:30:00Z")));
    assert_eq!(head.committed_at, Earliest::default());
}

#[test]
fn an_old_system_hook_without_ids_of_people_is_understood() {
    let old = only!("merge_request-system-hook-old", MergeRequest);
    assert_eq!(old.iid, iid(25));
    assert_eq!(old.state, Furthest::at(at("2026-03-05T06:00:00Z"), MergeRequestState::Opened));
    assert_eq!(old.was_draft, Ever(false));
}

#[test]
fn nulls_written_as_text_say_nothing() {
    let odd = only!("merge_request-nulls-as-text", MergeRequest);
    assert_eq!((odd.milestone, odd.merge_commit, odd.head), Default::default());
    assert_eq!(odd.state.0.unwrap().0, Timestamp::UNDATED);
    assert_eq!(odd.labels.value().unwrap().iter().count(), 1);
}

#[test]
fn a_merge_request_that_cannot_be_placed_is_unreadable() {
    let Projection::Unreadable(why) = super::project(&record("merge_request-unplaceable")) else {
        panic!()
    };
    assert!(why.starts_with("project.id:"), "{why}");
    let body = json!({"object_kind": "merge_request", "project": {"id": 1}});
    assert!(unreadable(&body).starts_with("object_attributes:"));
    let body = json!({
        "object_kind": "merge_request", "object_attributes": {"target_project_id": 7, "iid": -1},
    });
    assert!(unreadable(&body).starts_with("object_attributes.iid:"));
}

#[test]
fn a_push_lists_its_commits_oldest_first() {
    let name = "push-direct-18x";
    let push = only!(name, Push);
    let expected: Vec<_> = (0..4).map(|n| sha(name, &format!("/commits/{n}/id"))).collect();
    assert_eq!(push.listed(), expected);
    assert!(push.is_complete());
    assert_eq!(push.checkout.0, None, "a branch points to its commit itself");
    assert_eq!(push.before.0, Some(sha(name, "/before")));
    let commits = bodies(name).into_iter().filter_map(|body| match body {
        FactBody::Commit(commit) => Some(commit),
        _ => None,
    });
    let commits: Vec<_> = commits.collect();
    assert_eq!(commits[0].picked_from.0, Some(expected[1]));
    assert_eq!(commits[1].reverts.0, Some(expected[0]));
    assert_eq!(commits[1].authored_at, Earliest::at(at("2026-03-03T12:30:00Z")));
    assert_eq!(
        commits.iter().map(|commit| commit.is_merge.0).collect::<Vec<_>>(),
        [false, false, false, true]
    );
}

#[test]
fn a_push_carries_no_time_so_what_it_says_of_the_project_yields_to_any_date() {
    let project = only!("push-direct-18x", Project);
    assert_eq!(project.path.0.unwrap().0, Timestamp::UNDATED);
    assert_eq!(project.default_branch.value().unwrap().as_str(), "main");
}

#[test]
fn a_system_hooks_push_counts_commits_without_listing_them() {
    let push = only!("push-system-hook", Push);
    assert_eq!((push.commits.0.clone(), push.total_commits.0), (None, Some(3)));
    assert!(!push.is_complete());
    let empty = only!("push-new-branch-18x", Push);
    assert_eq!((empty.before.0, empty.is_complete()), (None, true));
}

#[test]
fn a_tag_names_the_commit_behind_it() {
    let tag = only!("tag_push-annotated-18x", Push);
    assert_eq!(tag.ref_name.as_str(), "refs/tags/v1.4.0");
    assert_eq!(tag.checkout.0, Some(sha("tag_push-annotated-18x", "/checkout_sha")));
    assert_ne!(tag.checkout.0, Some(tag.after));
}

#[test]
fn a_deleted_branch_says_nothing_and_an_update_of_many_says_all_that_still_are() {
    let deleted = super::project(&record("push-branch-deleted-18x"));
    assert_eq!(deleted, Projection::Irrelevant("a branch or tag was deleted"));
    let moved = bodies("repository_update-system");
    assert_eq!(moved.iter().filter(|body| matches!(body, FactBody::Push(_))).count(), 2);
}

#[test]
fn commits_of_a_sha256_repository_are_commits() {
    assert_eq!(only!("push-sha256-repository", Commit).sha.as_bytes().len(), 32);
}
