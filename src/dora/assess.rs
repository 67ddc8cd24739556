//! One project, understood: its releases, what they delivered and what became of them.
//!
//! Everything that is measured, counted or explained reads this one assessment, so there are never
//! two ways to the same number.

use std::collections::BTreeSet;

use super::arrivals::{Arrivals, Delivered, deliveries};
use super::changes::Changes;
use super::failures::{Evidence, Verdict, attribute, judge};
use super::incidents::{Incident, incidents};
use super::lineage::Lineage;
use super::policy::Policy;
use super::releases::{Release, releases, tiers};
use crate::delivery::{EnvironmentName, EnvironmentTier, Iid, ProjectHistory, Timestamp};

/// One project at one instant, under one policy.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// Measured tiers that are known, in the order of the policy.
    pub tiers: Vec<TierAssessment>,
    /// All incidents, by number.
    pub incidents: Vec<Incident>,
    /// Incidents that no release was blamed for, by number.
    pub unattributed: BTreeSet<Iid>,
}

/// One tier of a project.
#[derive(Debug, Clone)]
pub struct TierAssessment {
    /// The tier.
    pub tier: EnvironmentTier,
    /// Its environments.
    pub environments: BTreeSet<EnvironmentName>,
    /// Counted releases in release order.
    pub counted: Vec<Release>,
    /// What became of each counted release, in the same order.
    pub verdicts: Vec<Verdict>,
    /// Releases that are not counted: redeploys, unless the policy counts them.
    pub uncounted: Vec<Release>,
    /// Changes by the counted release that delivered them.
    pub delivered: Vec<Delivered>,
}

impl TierAssessment {
    /// All releases, counted or not, each with its verdict where it has one.
    pub fn releases(&self) -> impl Iterator<Item = (&Release, Option<&Verdict>)> {
        let counted = self.counted.iter().zip(self.verdicts.iter().map(Some));
        counted.chain(self.uncounted.iter().map(|release| (release, None)))
    }
}

/// Understands one project as of an instant.
///
/// - **Input.** Everything known of the project, in any order of arrival; only what happened
///   strictly before `as_of` exists.
/// - **Output.** Complete and sorted: equal facts, instant and policy give equal assessments.
/// - **Cost.** About linear in facts; a rollback costs one walk over the project's commits.
#[must_use]
pub fn assess(history: &ProjectHistory, as_of: Timestamp, policy: &Policy) -> Assessment {
    let lineage = Lineage::new(history);
    let changes = Changes::find(history, as_of, policy);
    let incidents = incidents(history, as_of, policy);
    let tier_of = tiers(history, as_of, policy);
    let mut unattributed: BTreeSet<Iid> = incidents.iter().map(|incident| incident.iid).collect();
    let mut measured = Vec::new();
    for tier in &policy.tiers_measured {
        let environments: BTreeSet<EnvironmentName> = tier_of
            .iter()
            .filter(|(_, own)| *own == tier)
            .map(|(environment, _)| environment.clone())
            .collect();
        if environments.is_empty() {
            continue;
        }
        let all = releases(history, &lineage, |name| environments.contains(name), as_of, policy);
        let (counted, uncounted): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|release| policy.counts(release.kind));
        let arrivals = Arrivals::find(&lineage, &counted, &changes);
        let delivered = arrivals.delivered(&changes, as_of, policy);
        let blamable: &[Incident] = if *tier == policy.incident_tier { &incidents } else { &[] };
        let evidence = Evidence {
            releases: &counted,
            changes: &changes,
            arrivals: &arrivals,
            delivered: &delivered,
            deliveries: &deliveries(&arrivals, &changes, policy),
            incidents: blamable,
        };
        let verdicts = judge(&evidence, policy);
        for incident in blamable {
            if attribute(incident, &evidence, policy).is_some() {
                unattributed.remove(&incident.iid);
            }
        }
        measured.push(TierAssessment {
            tier: tier.clone(),
            environments,
            counted,
            verdicts,
            uncounted,
            delivered,
        });
    }
    Assessment { tiers: measured, incidents, unattributed }
}
