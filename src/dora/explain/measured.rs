//! One project as explanations read it: what was measured of it, and what it was measured from.

use std::cell::OnceCell;

use crate::delivery::{EnvironmentTier, ProjectHistory, ProjectKey, ProjectPath, Timestamp};
use crate::dora::assessment::TierAssessment;
use crate::dora::assessment::fates::{Fate, fates};
use crate::dora::measure::{ProjectScore, path};
use crate::dora::measuring::Measuring;
use crate::dora::policy::Policy;
use crate::dora::samples::TierSamples;

/// One measured project; any number of questions may be answered from it.
#[derive(Debug)]
pub struct Measured<'a> {
    /// Which project.
    pub project: ProjectKey,
    /// Where it is.
    pub path: ProjectPath,
    /// Its numbers and what they were made of.
    pub score: ProjectScore,
    pub(super) as_of: Timestamp,
    pub(super) history: &'a ProjectHistory,
    pub(super) policy: Policy,
    /// By tier, in the order of the assessment; found out when first asked for.
    fates: OnceCell<Vec<Vec<Fate>>>,
}

impl<'a> Measured<'a> {
    /// Measures a project under its own policy; `None` when it was deleted.
    #[must_use]
    pub fn new(
        measuring: &Measuring,
        project: ProjectKey,
        history: &'a ProjectHistory,
        as_of: Timestamp,
    ) -> Option<Self> {
        let score = measuring.project(project, history, as_of)?;
        let path = path(project, history);
        let policy = measuring.policies.resolve(&path);
        Some(Self { project, path, score, as_of, history, policy, fates: OnceCell::new() })
    }

    /// A tier, and its samples; `None` where it is not known.
    pub(super) fn tier(&self, name: &EnvironmentTier) -> Option<(&TierAssessment, &TierSamples)> {
        let tiers = self.score.assessment.tiers.iter().zip(&self.score.samples.tiers);
        tiers.into_iter().find(|(tier, _)| tier.tier == *name)
    }

    /// What became of everything merged, in a tier.
    pub(super) fn fates(&self, name: &EnvironmentTier) -> &[Fate] {
        let tiers = &self.score.assessment.tiers;
        let of_tier = |tier| fates(self.history, self.as_of, &self.policy, tier);
        let all = self.fates.get_or_init(|| tiers.iter().map(of_tier).collect());
        let place = tiers.iter().position(|tier| tier.tier == *name);
        place.and_then(|place| all.get(place)).map_or(&[], Vec::as_slice)
    }
}
