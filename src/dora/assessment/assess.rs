//! One project, understood: its releases, what they delivered and what became of them.
//!
//! Everything that is measured, counted or explained reads this one assessment, so there are never
//! two ways to the same number.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::arrivals::{Arrivals, Delivered};
use super::changes::{Changes, MergedRequest};
use super::environment_days::{EnvironmentDay, days_of};
use super::failures::{Evidence, Verdict, attribute, by_deployment, by_start, judge};
use super::feedback::{Feedback, feedback};
use super::incidents::{Incident, incidents};
use super::inventory::{Stock, Undelivered};
use super::lineage::Lineage;
use super::milestones::{Milestones, milestones};
use super::needs::{Need, needs};
use super::pipelines::{PipelineSpans, pipeline_spans, releasable};
use super::releases::{Release, releases};
use super::sources::tiers;
use crate::delivery::{EnvironmentName, EnvironmentTier, Iid, ProjectHistory, Timestamp};
use crate::dora::policy::{Counting, DeploymentSource, Policy};

/// One project at one instant, under one policy.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// What deployments are records of.
    pub source: DeploymentSource,
    /// Measured tiers that are known, in the order of the policy.
    pub tiers: Vec<TierAssessment>,
    /// All incidents, by number.
    pub incidents: Vec<Incident>,
    /// Incidents that no release was blamed for, by number.
    pub unattributed: BTreeSet<Iid>,
    /// When users first met the release that an incident was blamed on.
    pub exposed_at: BTreeMap<Iid, Timestamp>,
    /// Its milestones; `None` until one is known.
    pub milestones: Option<Milestones>,
    /// Since when the default branch could be released or not.
    pub releasable: Vec<(Timestamp, bool)>,
    /// Production as GitLab sees it, by environment and day; `None` unless the policy asks for it.
    pub environment_days: Option<Vec<EnvironmentDay>>,
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
    /// Issues delivered at a known time, by number.
    pub needs: Vec<Need>,
    /// What users said of its forward releases.
    pub feedback: Vec<Feedback>,
    /// How long merge requests delivered to production were built and tested.
    pub pipeline_spans: FxHashMap<Iid, PipelineSpans>,
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
    let moment = (as_of, policy);
    let stock = Stock::find(history, &lineage, &changes, policy);
    let stock = stock.as_ref();
    let known = Known { history, lineage: &lineage, changes: &changes, stock, tier_of: &tier_of };
    let mut exposed_at = BTreeMap::new();
    let mut in_production = FxHashMap::default();
    let mut unattributed: BTreeSet<Iid> = incidents.iter().map(|incident| incident.iid).collect();
    let mut blame = |tier: &EnvironmentTier| {
        let is_blamable = *tier == policy.incident_tier;
        let blamable: &[Incident] = if is_blamable { &incidents } else { &[] };
        let found = known.assess_tier(tier, blamable, as_of, policy)?;
        for (incident, _) in &found.attributed {
            unattributed.remove(incident);
        }
        exposed_at.extend(found.attributed);
        if *tier == EnvironmentTier::Production {
            in_production = found.arrived;
        }
        Some(found.tier)
    };
    let tiers: Vec<TierAssessment> = policy.tiers_measured.iter().filter_map(&mut blame).collect();
    if !policy.tiers_measured.contains(&policy.incident_tier) {
        // Its releases take the blame although they have no series.
        blame(&policy.incident_tier);
    }
    let measures_production = policy.tiers_measured.contains(&EnvironmentTier::Production);
    let milestones = measures_production
        .then(|| milestones(history, &changes, &in_production, moment))
        .flatten();
    let releasable = releasable(history, as_of);
    let environment_days = (policy.gitlab_parity == Counting::Count)
        .then(|| days_of((history, &lineage, &changes), moment, &[EnvironmentTier::Production]));
    Assessment {
        source: policy.deployment_source.clone(),
        tiers,
        incidents,
        unattributed,
        exposed_at,
        milestones,
        releasable,
        environment_days,
    }
}

/// One tier, and what is known of it beside.
struct Found {
    tier: TierAssessment,
    /// The incidents that its releases are blamed for, and when users first met these.
    attributed: Vec<(Iid, Timestamp)>,
    /// When it first had each merged request, the baseline included.
    arrived: FxHashMap<Iid, Timestamp>,
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
    /// One tier; `None` where it is not known.
    fn assess_tier(
        &self,
        tier: &EnvironmentTier,
        incidents: &[Incident],
        as_of: Timestamp,
        policy: &Policy,
    ) -> Option<Found> {
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
        let attributed = incidents.iter().zip(&blamed).filter_map(|(incident, blamed)| {
            Some((incident.iid, counted.get((*blamed)?)?.started_at))
        });
        let attributed = attributed.collect();
        let has_begun = !counted.is_empty();
        let undelivered = stock.filter(|_| has_begun).map(|stock| stock.undelivered(&arrivals));
        let moment = (as_of, policy);
        let is_production = *tier == EnvironmentTier::Production;
        let arrived = |merged: &MergedRequest<'_>| {
            Some((merged.request.iid(), counted.get(arrivals.arrival(merged)?)?.ended_at))
        };
        let arrived = changes.merged.iter().filter(|_| is_production).filter_map(arrived).collect();
        let pipeline_spans = if is_production {
            pipeline_spans(history, changes, &delivered, moment)
        } else {
            FxHashMap::default()
        };
        let tier = TierAssessment {
            tier: tier.clone(),
            environments,
            needs: needs(history, changes, &arrivals, &counted, moment),
            feedback: feedback(history, &counted, as_of, policy),
            pipeline_spans,
            counted,
            verdicts,
            uncounted,
            delivered,
            undelivered,
        };
        Some(Found { tier, attributed, arrived })
    }
}
