//! One project, understood: its releases, what they delivered and what became of them.
//!
//! Everything that is measured, counted or explained reads this one assessment, so there are never
//! two ways to the same number.

use std::collections::{BTreeMap, BTreeSet};

use super::arrivals::{Arrivals, Delivered};
use super::changes::Changes;
use super::failures::{Evidence, Verdict, attribute, by_deployment, by_start, judge};
use super::incidents::{Incident, incidents};
use super::inventory::{Stock, Undelivered};
use super::lineage::Lineage;
use super::releases::{Release, releases, tiers};
use crate::delivery::{EnvironmentName, EnvironmentTier, Iid, ProjectHistory, Timestamp};
use crate::dora::policy::Policy;

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
    /// Changes that wait for their delivery; `None` before the first release, and where it is not
    /// known on which branch they would.
    pub undelivered: Option<Undelivered>,
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
/// - **Cost.** About linear in facts, for as long as pushes are heard. Without them a deployment
///   of something older costs a walk over the project's commits.
#[must_use]
pub fn assess(history: &ProjectHistory, as_of: Timestamp, policy: &Policy) -> Assessment {
    let lineage = Lineage::new(history);
    let changes = Changes::find(history, as_of, policy);
    let incidents = incidents(history, as_of, policy);
    let tier_of = tiers(history, as_of, policy);
    let stock = Stock::find(history, &lineage, &changes, policy);
    let stock = stock.as_ref();
    let known = Known { history, lineage: &lineage, changes: &changes, stock, tier_of: &tier_of };
    let mut unattributed: BTreeSet<Iid> = incidents.iter().map(|incident| incident.iid).collect();
    let mut blame = |tier: &EnvironmentTier| {
        let is_blamable = *tier == policy.incident_tier;
        let blamable: &[Incident] = if is_blamable { &incidents } else { &[] };
        let (assessed, attributed) = known.assess_tier(tier, blamable, as_of, policy)?;
        for incident in &attributed {
            unattributed.remove(incident);
        }
        Some(assessed)
    };
    let tiers: Vec<TierAssessment> = policy.tiers_measured.iter().filter_map(&mut blame).collect();
    if !policy.tiers_measured.contains(&policy.incident_tier) {
        // Its releases take the blame although they have no series.
        blame(&policy.incident_tier);
    }
    Assessment { tiers, incidents, unattributed }
}

/// What all tiers of a project share.
struct Known<'a> {
    history: &'a ProjectHistory,
    lineage: &'a Lineage<'a>,
    changes: &'a Changes<'a>,
    stock: Option<&'a Stock<'a>>,
    tier_of: &'a BTreeMap<EnvironmentName, EnvironmentTier>,
}

impl Known<'_> {
    /// One tier, and the incidents that its releases are blamed for; `None` where it is not known.
    fn assess_tier(
        &self,
        tier: &EnvironmentTier,
        incidents: &[Incident],
        as_of: Timestamp,
        policy: &Policy,
    ) -> Option<(TierAssessment, Vec<Iid>)> {
        let Self { history, lineage, changes, stock, tier_of } = *self;
        let own = tier_of.iter().filter(|(_, own)| *own == tier);
        let environments: BTreeSet<EnvironmentName> = own.map(|(name, _)| name.clone()).collect();
        if environments.is_empty() {
            return None;
        }
        let all = releases(history, lineage, |name| environments.contains(name), as_of, policy);
        let (counted, uncounted): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|release| policy.counts(release.kind));
        let arrivals = Arrivals::find(history, lineage, &counted, changes, policy);
        let delivered = arrivals.delivered(changes, policy);
        let evidence = Evidence {
            releases: &counted,
            changes,
            arrivals: &arrivals,
            delivered: &delivered,
            incidents,
            by_start: &by_start(&counted),
            by_deployment: &by_deployment(&counted, incidents),
        };
        let blamed: Vec<Option<usize>> =
            incidents.iter().map(|incident| attribute(incident, &evidence, policy)).collect();
        let verdicts = judge(&evidence, &blamed, policy);
        let attributed = incidents.iter().zip(&blamed).filter(|(_, blamed)| blamed.is_some());
        let attributed = attributed.map(|(incident, _)| incident.iid).collect();
        let has_begun = !counted.is_empty();
        let undelivered = stock.filter(|_| has_begun).map(|stock| stock.undelivered(&arrivals));
        let tier = tier.clone();
        let own = TierAssessment {
            tier,
            environments,
            counted,
            verdicts,
            uncounted,
            delivered,
            undelivered,
        };
        Some((own, attributed))
    }
}
