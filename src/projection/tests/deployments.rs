//! Deployments and environments.

use serde_json::json;

use super::{at, only, unreadable};
use crate::delivery::register::{Earliest, Ever, Furthest, Newest};
use crate::delivery::{DeploymentStatus, EnvironmentTier, Merge, Timestamp};

#[test]
fn a_success_is_dated_by_its_change_of_status_whatever_the_spelling() {
    let old = only!("deployment-success-16x-local-zone", Deployment);
    assert_eq!(old.succeeded_at, Earliest::at(at("2026-03-02T09:19:30Z")));
    assert_eq!(old.status, Furthest::at(at("2026-03-02T09:19:30Z"), DeploymentStatus::Success));
    assert_eq!(old.started_at, Earliest::default());
    let new = only!("deployment-success-19x", Deployment);
    assert_eq!(new.succeeded_at, Earliest::at(at("2026-03-04T08:00:07Z")));
    assert_eq!(new.id.get(), 502);
    assert_eq!(new.ref_name.0.unwrap().as_str(), "main");
    assert_eq!(new.job.0.unwrap().get(), 5_020);
    assert_eq!(new.environment.0.unwrap().as_str(), "production");
}

#[test]
fn a_run_dates_the_start_and_an_end_beats_it_whichever_comes_first() {
    let running = only!("deployment-running-16x-local-zone", Deployment);
    assert_eq!(running.started_at, Earliest::at(at("2026-03-02T09:15:00Z")));
    let mut late = only!("deployment-success-16x-local-zone", Deployment);
    late.merge(running);
    assert_eq!(late.status.state(), Some(&DeploymentStatus::Success));
    assert_eq!(late.started_at, Earliest::at(at("2026-03-02T09:15:00Z")));
}

#[test]
fn the_commit_is_the_last_segment_of_its_link_and_unknown_without_one() {
    assert!(only!("deployment-success-19x", Deployment).sha.0.is_some());
    let bare = only!("deployment-success-api-nulls", Deployment);
    assert_eq!((bare.sha.0, bare.job.0, bare.ref_name.0), (None, None, None));
    assert_eq!(bare.succeeded_at, Earliest::at(at("2026-03-07T12:00:00Z")));
}

#[test]
fn a_rejection_stays_and_its_failure_is_told_apart() {
    let mut deployment = only!("deployment-failed-after-rejected-19x", Deployment);
    assert_eq!(deployment.rejected, Ever(false));
    for name in ["deployment-blocked-19x", "deployment-rejected-19x"] {
        deployment.merge(only!(name, Deployment));
    }
    assert_eq!(deployment.rejected, Ever(true));
    assert_eq!(deployment.status.state(), Some(&DeploymentStatus::Failed));
    assert_eq!(deployment.succeeded_at, Earliest::default());
    let approved = only!("deployment-approved-19x", Deployment);
    assert_eq!(approved.status.state(), Some(&DeploymentStatus::Approved));
}

#[test]
fn an_environment_is_known_from_any_status_with_gitlabs_tier() {
    let environment = only!("deployment-canceled-18x", Environment);
    assert_eq!(environment.name.as_str(), "review/quay-lights");
    assert_eq!(environment.seen_at, Earliest::at(at("2026-03-06T07:30:00Z")));
    let tier = Newest::at(at("2026-03-06T07:30:00Z"), EnvironmentTier::Development);
    assert_eq!(environment.tier, tier);
    let bare = only!("deployment-success-api-nulls", Environment);
    assert_eq!((bare.name.as_str(), bare.tier.0), ("recette", None));
}

#[test]
fn an_unknown_status_or_tier_leaves_out_only_itself() {
    let deployment = only!("deployment-unknown-status", Deployment);
    assert_eq!(deployment.status, Furthest::default());
    assert!(deployment.sha.0.is_some());
    assert_eq!(only!("deployment-unknown-status", Environment).tier.0, None);
}

#[test]
fn a_success_without_a_readable_time_has_no_finish() {
    let body = json!({
        "object_kind": "deployment", "deployment_id": 1, "project": {"id": 1}, "status": "success",
        "status_changed_at": "2026-02-30 10:00:00 UTC",
    });
    let super::Projection::Facts(facts) = super::projection(&body) else { panic!() };
    let crate::delivery::FactBody::Deployment(deployment) = &facts[0].body else { panic!() };
    assert_eq!(deployment.succeeded_at, Earliest::default());
    assert_eq!(
        deployment.status,
        Furthest::at(Timestamp::UNDATED, DeploymentStatus::Success),
        "that it succeeded is still known"
    );
}

#[test]
fn a_deployment_that_cannot_be_placed_or_numbered_is_unreadable() {
    let mut body = json!({"object_kind": "deployment", "deployment_id": 1});
    assert!(unreadable(&body).starts_with("project.id:"));
    body["project"] = json!({"id": 0});
    assert!(unreadable(&body).starts_with("project.id:"));
    body["project_id"] = json!(7);
    body["deployment_id"] = json!("x");
    assert!(unreadable(&body).starts_with("deployment_id:"));
}
