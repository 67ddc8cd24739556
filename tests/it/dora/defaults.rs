//! The policy that holds where a test does not say otherwise.

use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::tz::TimeZone;

use gitlab_dora_exporter::delivery::{EnvironmentTier, Severity};
use gitlab_dora_exporter::dora::policy::{
    CommitClock, Counting, DEFAULT_ATTRIBUTION_HORIZON_SECONDS, DEFAULT_RELEASE_GROUP_SECONDS,
    DeploymentSource, DeploymentUnit, FailureSignal, FirstDeployment, HotfixMarkers,
    IncidentFilter, Policy, PromotionPair, Recovery, ReworkMatch, ValueStreamPolicy,
};

/// The policy of the specification's defaults.
pub(crate) fn policy() -> Policy {
    let mut branches = GlobSetBuilder::new();
    for name in ["main", "master", "develop", "release/*"] {
        branches.add(Glob::new(name).unwrap());
    }
    Policy {
        timezone: TimeZone::UTC,
        tiers_measured: vec![EnvironmentTier::Production, EnvironmentTier::Staging],
        tier_overrides: Vec::new(),
        deployment_source: DeploymentSource::Deployment,
        service_map: Vec::new(),
        project_links: Vec::new(),
        deployment_unit: DeploymentUnit::Release,
        release_group_seconds: DEFAULT_RELEASE_GROUP_SECONDS,
        cadence_period_seconds: None,
        redeploys: Counting::Ignore,
        first_deployment: FirstDeployment::Skip,
        direct_commits: Counting::Count,
        promotion_merge_requests: Counting::Ignore,
        long_lived_branches: branches.build().unwrap(),
        inventory_branches: GlobSet::empty(),
        commit_clock: CommitClock::Authored,
        exclude_labels: Vec::new(),
        categories: Vec::new(),
        attribution_horizon_seconds: Some(DEFAULT_ATTRIBUTION_HORIZON_SECONDS),
        failure_signals: FailureSignal::ALL.into_iter().collect(),
        incident_filter: IncidentFilter {
            labels: Vec::new(),
            exclude_labels: Vec::new(),
            min_severity: Severity::Unknown,
        },
        external_labels: vec!["external".to_owned()],
        incident_tier: EnvironmentTier::Production,
        duplicate_incidents: Counting::Ignore,
        recovery: Recovery::IncidentThenRemediation,
        hotfix_markers: HotfixMarkers {
            labels: vec!["hotfix".to_owned()],
            branch_prefixes: vec!["hotfix/".to_owned()],
        },
        rework_match: ReworkMatch::Any,
        future_tolerance_seconds: 300,
        value_stream: ValueStreamPolicy {
            promotion_pairs: vec![PromotionPair {
                from: EnvironmentTier::Staging,
                to: EnvironmentTier::Production,
            }],
            validated_labels: Vec::new(),
            feedback_labels: Vec::new(),
            feedback_period_seconds: 14 * 86_400,
            build_stages: vec!["build".to_owned()],
            test_stages: vec!["test".to_owned()],
        },
        gitlab_parity: Counting::Ignore,
    }
}
