//! Every choice an operator has, drawn at random.

use std::collections::BTreeSet;

use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use regex::{Regex, RegexBuilder};

use gitlab_dora_exporter::delivery::{EnvironmentTier, ServiceName, Severity};
use gitlab_dora_exporter::dora::policy::{
    Category, CommitClock, Counting, DeploymentSource, DeploymentUnit, FailureSignal,
    FirstDeployment, NamePattern, Policy, PromotionPair, Recovery, ReworkMatch, ServiceRule,
    TierOverride,
};

use super::super::story;

type Change = Box<dyn Fn(&mut Policy)>;

/// A policy that is shown in few lines.
#[derive(Clone)]
pub(crate) struct Drawn(pub(crate) Policy);

impl std::fmt::Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(own) = self;
        let globs = ["main", "develop"].map(|name| own.long_lived_branches.is_match(name));
        write!(f, "{:?} {:?} ", own.timezone, own.tiers_measured)?;
        write!(f, "{:?} {:?} ", own.deployment_unit, own.release_group_seconds)?;
        write!(f, "redeploys {:?} {:?} ", own.redeploys, own.first_deployment)?;
        write!(
            f,
            "direct {:?} promotions {:?} ",
            own.direct_commits, own.promotion_merge_requests
        )?;
        write!(f, "long-lived {globs:?} {:?} ", own.commit_clock)?;
        write!(f, "{:?} {:?} ", own.exclude_labels, own.attribution_horizon_seconds)?;
        write!(f, "{:?} {:?} ", own.failure_signals, own.incident_filter)?;
        write!(f, "{:?} {:?} ", own.incident_tier, own.duplicate_incidents)?;
        write!(f, "{:?} {:?} {:?} ", own.recovery, own.hotfix_markers, own.rework_match)?;
        let globs = ["main", "develop"].map(|name| own.inventory_branches.is_match(name));
        write!(f, "cadence {:?} inventory {globs:?} ", own.cadence_period_seconds)?;
        write!(f, "{:?} gitlab {:?} ", own.categories, own.gitlab_parity)?;
        write!(f, "source {:?} services {:?} ", own.deployment_source, own.service_map)?;
        write!(f, "{:?}", own.value_stream)
    }
}

/// The specification's defaults, or anything else.
pub(crate) fn any_policy() -> impl Strategy<Value = Drawn> {
    prop_oneof![1 => Just(story::policy()), 3 => varied()].prop_map(Drawn)
}

fn varied() -> impl Strategy<Value = Policy> {
    let whats = (
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        (0..4_u8, 0..3_u8, 0..4_u8, 0..3_u8, 0..3_u8, 0..3_u8, 0..5_usize),
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        proptest::collection::btree_set(0..4_usize, 0..=4),
        (0..4_u8, 0..3_u8, any::<bool>()),
        (0..5_usize, 0..3_u8, any::<bool>(), any::<bool>()),
        (0..7_u8, 0..6_u8, 0..3_u8),
    );
    whats.prop_map(
        |(counts, choices, marks, signals, tiers, (cadence, inventory, kinds, gitlab), streams)| {
            let mut policy = story::policy();
            switch(&mut policy, counts);
            choose(&mut policy, choices);
            mark(&mut policy, marks);
            policy.failure_signals =
                signals.into_iter().map(|place| FailureSignal::ALL[place]).collect::<BTreeSet<_>>();
            measure(&mut policy, tiers);
            deploy(&mut policy, streams);
            policy.cadence_period_seconds =
                [None, Some(7_000), Some(86_400), Some(200_000), Some(9_000_000)][cadence];
            if gitlab {
                policy.gitlab_parity = Counting::Count;
            }
            if kinds {
                policy.categories = ["chore", "hotfix"]
                    .map(|label| Category { name: label.into(), labels: vec![label.to_owned()] })
                    .into();
            }
            policy.inventory_branches = match inventory {
                0 => branches(&["develop"]),
                1 => branches(&["dev*", "main"]),
                _ => GlobSet::empty(),
            };
            policy
        },
    )
}

fn switch(policy: &mut Policy, counts: (bool, bool, bool, bool, bool, bool)) {
    let (redeploys, commits, promotions, duplicates, unit, clock) = counts;
    let counting = |counts| if counts { Counting::Count } else { Counting::Ignore };
    policy.redeploys = counting(redeploys);
    policy.direct_commits = counting(commits);
    policy.promotion_merge_requests = counting(promotions);
    policy.duplicate_incidents = counting(duplicates);
    if unit {
        policy.deployment_unit = DeploymentUnit::Environment;
    }
    if clock {
        policy.commit_clock = CommitClock::Committed;
    }
}

fn choose(policy: &mut Policy, choices: (u8, u8, u8, u8, u8, u8, usize)) {
    let (group, first, horizon, recovery, zone, rework, severity) = choices;
    policy.release_group_seconds = [0, 600, 3_600, 200_000][usize::from(group)];
    policy.first_deployment =
        [FirstDeployment::Skip, FirstDeployment::LinkAll, FirstDeployment::Since(50_000)]
            [usize::from(first)];
    policy.attribution_horizon_seconds =
        [None, Some(0), Some(20_000), Some(259_200)][usize::from(horizon)];
    policy.recovery =
        [Recovery::IncidentThenRemediation, Recovery::Earliest, Recovery::Remediation]
            [usize::from(recovery)];
    let zones = ["UTC", "Europe/Paris", "Pacific/Auckland"];
    policy.timezone = TimeZone::get(zones[usize::from(zone)]).unwrap();
    if rework == 0 {
        policy.rework_match = ReworkMatch::All;
    }
    policy.incident_filter.min_severity = Severity::ALL[severity.saturating_sub(2)];
}

fn mark(policy: &mut Policy, marks: (bool, bool, bool, bool)) {
    let (chores, outages, drills, hotfixes) = marks;
    if !chores {
        policy.value_stream.validated_labels = vec!["validated".to_owned()];
    }
    if hotfixes {
        policy.value_stream.feedback_labels = vec!["drill".to_owned(), "external".to_owned()];
        policy.value_stream.feedback_period_seconds = 90_000;
    }
    let changes: [(bool, Change); 4] = [
        (chores, Box::new(|policy| policy.exclude_labels = vec!["chore".to_owned()])),
        (outages, Box::new(|policy| policy.incident_filter.labels = vec!["outage".to_owned()])),
        (
            drills,
            Box::new(|policy| policy.incident_filter.exclude_labels = vec!["drill".to_owned()]),
        ),
        (hotfixes, Box::new(|policy| policy.hotfix_markers.branch_prefixes.clear())),
    ];
    for (_, change) in changes.into_iter().filter(|(applies, _)| *applies) {
        change(policy);
    }
}

fn measure(policy: &mut Policy, (overrides, incidents, long_lived): (u8, u8, bool)) {
    let uat = EnvironmentTier::Custom("uat".into());
    let rule = |pattern: &str, tier: &EnvironmentTier| TierOverride {
        pattern: Regex::new(pattern).unwrap(),
        tier: tier.clone(),
    };
    policy.tier_overrides = match overrides {
        0 => vec![rule("(?i)^qa$", &uat), rule("(?i)a", &EnvironmentTier::Staging)],
        1 => vec![rule("(?i)live", &EnvironmentTier::Testing)],
        _ => Vec::new(),
    };
    if overrides < 2 {
        let pair = |from: &_, to: &_| PromotionPair {
            from: EnvironmentTier::clone(from),
            to: EnvironmentTier::clone(to),
        };
        let more = [
            pair(&uat, &EnvironmentTier::Production),
            pair(&EnvironmentTier::Production, &EnvironmentTier::Testing),
        ];
        policy.value_stream.promotion_pairs.extend(more);
        policy.tiers_measured.insert(0, uat);
        policy.tiers_measured.push(EnvironmentTier::Testing);
    }
    if incidents == 0 {
        policy.incident_tier = EnvironmentTier::Staging;
    }
    if !long_lived {
        policy.long_lived_branches = branches(&["main"]);
    }
}

/// What counts as a deployment, of which service it is, and which stages are looked at.
fn deploy(policy: &mut Policy, (source, services, stages): (u8, u8, u8)) {
    policy.deployment_source = match source {
        0 => DeploymentSource::TagRelease,
        1 => DeploymentSource::Job(pattern("^deploy")),
        2 => DeploymentSource::Job(pattern("api|LIVE|test")),
        _ => DeploymentSource::Deployment,
    };
    let rules: &[(&str, &str)] = match services {
        0 => &[("api", "api"), ("web", "web")],
        1 => &[("live", "front"), ("api|stage", "api"), ("^Deploy", "rest")],
        2 => &[("releases|hors", "front"), ("prod", "back")],
        _ => &[],
    };
    let rule = |(text, name): &(&str, &str)| ServiceRule {
        pattern: pattern(text),
        service: ServiceName::new(name).unwrap(),
    };
    policy.service_map = rules.iter().map(rule).collect();
    if stages == 0 {
        policy.value_stream.build_stages = vec!["nothing".to_owned()];
        policy.value_stream.test_stages = vec!["deploy".to_owned(), "build".to_owned()];
    }
}

fn pattern(text: &str) -> NamePattern {
    NamePattern::new(RegexBuilder::new(text).case_insensitive(true).build().unwrap())
}

fn branches(names: &[&str]) -> GlobSet {
    let mut branches = GlobSetBuilder::new();
    for name in names {
        branches.add(Glob::new(name).unwrap());
    }
    branches.build().unwrap()
}
