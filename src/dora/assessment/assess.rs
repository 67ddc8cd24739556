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
use super::services::{Stream, Streams};
use super::sources::{finished, tiers};
use crate::delivery::{
    DeploymentId, EnvironmentName, EnvironmentTier, Iid, ProjectHistory, ServiceName, Timestamp,
};
use crate::dora::policy::{Counting, DeploymentSource, Policy};

/// One project at one instant, under one policy.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// What deployments are records of.
    pub source: DeploymentSource,
    /// Measured tiers that are known, in the order of the policy; where services are told apart, by
    /// the deployments that belong to none.
    pub tiers: Vec<TierAssessment>,
    /// All incidents, by number.
    pub incidents: Vec<Incident>,
    /// Incidents that no release was blamed for, by number.
    pub unattributed: BTreeSet<Iid>,
    /// Incidents that were blamed on one of its releases.
    pub detected: BTreeMap<Iid, Detected>,
    /// Its services by name, where they are told apart: of each its tiers and what was blamed on
    /// them, nothing that belongs to the project as a whole.
    pub services: Vec<(ServiceName, Assessment)>,
    /// Its milestones; `None` until one is known.
    pub milestones: Option<Milestones>,
    /// Since when the default branch could be released or not.
    pub releasable: Vec<(Timestamp, bool)>,
    /// Production as GitLab sees it, by environment and day; `None` unless the policy asks for it.
    pub environment_days: Option<Vec<EnvironmentDay>>,
}

impl Assessment {
    /// Itself, and each of its services by name.
    pub fn streams(&self) -> impl Iterator<Item = (Option<&ServiceName>, &Self)> {
        let services = self.services.iter().map(|(service, own)| (Some(service), own));
        std::iter::once((None, self)).chain(services)
    }
}

/// An incident that a release was blamed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    /// When users first met that release.
    pub exposed_at: Timestamp,
    /// When the incident began.
    pub began_at: Timestamp,
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
/// - **Cost.** About linear in facts, for as long as pushes are heard, for each service. Without
///   them a deployment of something older costs a walk over the project's commits.
#[must_use]
pub fn assess(history: &ProjectHistory, as_of: Timestamp, policy: &Policy) -> Assessment {
    let lineage = Lineage::new(history);
    let changes = Changes::find(history, as_of, policy);
    let incidents = incidents(history, as_of, policy);
    let tier_of = tiers(history, as_of, policy);
    let streams = Streams::find(history, &tier_of, as_of, policy);
    let moment = (as_of, policy);
    let stock = Stock::find(history, &lineage, &changes, policy);
    let stock = stock.as_ref();
    let (lineage, changes) = (&lineage, &changes);
    let known = Known { history, lineage, changes, stock, tier_of: &tier_of, streams: &streams };
    let mut unattributed: BTreeSet<Iid> = incidents.iter().map(|incident| incident.iid).collect();
    let mut in_production = FxHashMap::default();
    let source = || policy.deployment_source.clone();
    let empty = || Assessment { source: source(), ..Assessment::default() };
    let mut assessed: Vec<Assessment> = streams.all().iter().map(|_| empty()).collect();
    let mut take = |tier: &EnvironmentTier| -> Vec<Option<TierAssessment>> {
        let is_blamable = *tier == policy.incident_tier;
        let blamable: &[Incident] = if is_blamable { &incidents } else { &[] };
        let found = known.assess_tier(tier, blamable, moment).into_iter().zip(&mut assessed);
        found
            .map(|(found, own)| {
                let found = found?;
                for incident in found.detected.keys() {
                    unattributed.remove(incident);
                }
                own.detected.extend(found.detected);
                if *tier == EnvironmentTier::Production {
                    earliest(&mut in_production, found.arrived);
                }
                Some(found.tier)
            })
            .collect()
    };
    let mut by_tier: Vec<_> = policy.tiers_measured.iter().map(&mut take).collect();
    if !policy.tiers_measured.contains(&policy.incident_tier) {
        // Its releases take the blame although they have no series.
        take(&policy.incident_tier);
    }
    for tiers in &mut by_tier {
        for (own, tier) in assessed.iter_mut().zip(tiers.drain(..)) {
            own.tiers.extend(tier);
        }
    }
    let measures_production = policy.tiers_measured.contains(&EnvironmentTier::Production);
    let milestones =
        measures_production.then(|| milestones(history, changes, &in_production, moment)).flatten();
    let environment_days = (policy.gitlab_parity == Counting::Count)
        .then(|| days_of((history, lineage, changes), moment, &[EnvironmentTier::Production]));
    let mut assessed = streams.all().iter().map(|own| own.service.clone()).zip(assessed);
    let (_, own) = assessed.next().unwrap_or_else(|| (None, empty()));
    Assessment {
        incidents,
        unattributed,
        services: assessed.filter_map(|(service, own)| Some((service?, own))).collect(),
        milestones,
        releasable: releasable(history, as_of),
        environment_days,
        ..own
    }
}

/// A merge request is in production as soon as one service has it.
fn earliest(all: &mut FxHashMap<Iid, Timestamp>, own: FxHashMap<Iid, Timestamp>) {
    for (request, at) in own {
        all.entry(request).and_modify(|first| *first = at.min(*first)).or_insert(at);
    }
}

/// One tier of one stream, and what is known of it beside.
struct Found {
    tier: TierAssessment,
    /// The incidents that its releases are blamed for.
    detected: BTreeMap<Iid, Detected>,
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
    streams: &'a Streams<'a>,
}

/// The releases of one tier of one stream.
struct Grouped {
    environments: BTreeSet<EnvironmentName>,
    counted: Vec<Release>,
    uncounted: Vec<Release>,
}

/// What they delivered, and what they are blamed for.
struct Drawn<'a> {
    counted: &'a [Release],
    arrivals: Arrivals<'a>,
    delivered: Vec<Delivered>,
    by_start: Vec<usize>,
    by_deployment: FxHashMap<DeploymentId, usize>,
    /// By incident.
    blamed: Vec<Option<usize>>,
}

impl Drawn<'_> {
    fn evidence<'b>(&'b self, changes: &'b Changes<'b>, incidents: &'b [Incident]) -> Evidence<'b> {
        Evidence {
            releases: self.counted,
            changes,
            arrivals: &self.arrivals,
            delivered: &self.delivered,
            incidents,
            by_start: &self.by_start,
            by_deployment: &self.by_deployment,
        }
    }
}

impl Known<'_> {
    /// One tier of every stream; `None` where it is not known.
    fn assess_tier(
        &self,
        tier: &EnvironmentTier,
        incidents: &[Incident],
        moment: (Timestamp, &Policy),
    ) -> Vec<Option<Found>> {
        let all = self.streams.all().iter();
        let grouped: Vec<_> = all.map(|stream| self.group(stream, tier, moment)).collect();
        let known = grouped.iter().map(Option::as_ref);
        let mut drawn: Vec<_> =
            known.map(|own| own.map(|own| self.draw(&own.counted, incidents, moment.1))).collect();
        settle(&mut drawn, incidents);
        let judge =
            |own: Option<Drawn<'_>>| own.map(|own| self.judge(own, tier, incidents, moment));
        let judged: Vec<_> = drawn.into_iter().map(judge).collect();
        let found = |(grouped, judged): (Option<Grouped>, Option<Found>)| {
            let (grouped, mut found) = (grouped?, judged?);
            let Grouped { environments, counted, uncounted } = grouped;
            found.tier = TierAssessment { environments, counted, uncounted, ..found.tier };
            Some(found)
        };
        grouped.into_iter().zip(judged).map(found).collect()
    }

    fn group(
        &self,
        stream: &Stream,
        tier: &EnvironmentTier,
        (as_of, policy): (Timestamp, &Policy),
    ) -> Option<Grouped> {
        let is_here = |name: &&EnvironmentName| self.tier_of.get(*name) == Some(tier);
        let environments: BTreeSet<EnvironmentName> =
            stream.environments.iter().filter(is_here).cloned().collect();
        if environments.is_empty() {
            return None;
        }
        let in_tier = |name: &EnvironmentName| environments.contains(name);
        let mut deployments = finished(self.history, in_tier, as_of, policy);
        deployments.retain(|deployment| self.streams.has(stream, deployment));
        let all = releases(deployments, self.lineage, policy);
        let (counted, uncounted) = all.into_iter().partition(|own| policy.counts(own.kind));
        Some(Grouped { environments, counted, uncounted })
    }

    fn draw<'b>(
        &'b self,
        counted: &'b [Release],
        incidents: &[Incident],
        policy: &Policy,
    ) -> Drawn<'b> {
        let Self { history, lineage, changes, .. } = *self;
        let arrivals = Arrivals::find(history, lineage, counted, changes, policy);
        let delivered = arrivals.delivered(changes, policy);
        let by_deployment = by_deployment(history, counted, incidents);
        let by_start = by_start(counted);
        let blamed = Vec::new();
        let mut own = Drawn { counted, arrivals, delivered, by_start, by_deployment, blamed };
        let evidence = own.evidence(changes, incidents);
        own.blamed =
            incidents.iter().map(|incident| attribute(incident, &evidence, policy)).collect();
        own
    }

    fn judge(
        &self,
        own: Drawn<'_>,
        tier: &EnvironmentTier,
        incidents: &[Incident],
        moment: (Timestamp, &Policy),
    ) -> Found {
        let Self { history, changes, stock, .. } = *self;
        let (as_of, policy) = moment;
        let verdicts = judge(&own.evidence(changes, incidents), &own.blamed, policy);
        let detected = incidents.iter().zip(&own.blamed).filter_map(|(incident, blamed)| {
            let exposed_at = own.counted.get((*blamed)?)?.started_at;
            Some((incident.iid, Detected { exposed_at, began_at: incident.started_at }))
        });
        let detected = detected.collect();
        let Drawn { counted, arrivals, delivered, .. } = own;
        let has_begun = !counted.is_empty();
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
            undelivered: stock.filter(|_| has_begun).map(|stock| stock.undelivered(&arrivals)),
            needs: needs(history, changes, &arrivals, counted, moment),
            feedback: feedback(history, counted, as_of, policy),
            pipeline_spans,
            verdicts,
            delivered,
            environments: BTreeSet::new(),
            counted: Vec::new(),
            uncounted: Vec::new(),
        };
        Found { tier, detected, arrived }
    }
}

/// Of the releases of several streams that an incident is blamed on, one takes the blame: the one
/// that users met last, or where a change is named as the cause, the first that contains it.
fn settle(drawn: &mut [Option<Drawn<'_>>], incidents: &[Incident]) {
    for (place, incident) in incidents.iter().enumerate() {
        let blamed = drawn.iter().enumerate().filter_map(|(stream, own)| {
            let own = own.as_ref()?;
            let release = own.counted.get((*own.blamed.get(place)?)?)?;
            Some((stream, release))
        });
        let chosen = match incident.cause {
            None => blamed.max_by_key(|(_, own)| (own.started_at, own.ended_at, own.first_id)),
            Some(_) => blamed.min_by_key(|(_, own)| own.order()),
        };
        let chosen = chosen.map(|(stream, _)| stream);
        for (_, own) in drawn.iter_mut().enumerate().filter(|(own, _)| Some(*own) != chosen) {
            if let Some(blamed) = own.as_mut().and_then(|own| own.blamed.get_mut(place)) {
                *blamed = None;
            }
        }
    }
}
