//! One project as explanations read it: what was measured of it, and what it was measured from.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::question::{Question, Subject};
use crate::delivery::{
    EnvironmentTier, History, ProjectHistory, ProjectKey, ProjectPath, ServiceName, Timestamp,
};
use crate::dora::assessment::fates::{Fate, fates};
use crate::dora::assessment::{Assessment, TierAssessment};
use crate::dora::measure::{ProjectScore, path};
use crate::dora::measuring::Measuring;
use crate::dora::policy::Policy;
use crate::dora::samples::{Samples, TierSamples};

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
    pub(super) history: Cow<'a, ProjectHistory>,
    pub(super) policy: Policy,
    /// By tier, in the order of the assessment; found out when first asked for.
    fates: OnceCell<Vec<Vec<Vec<Fate>>>>,
}

impl<'a> Measured<'a> {
    /// Measures a project under its own policy; `None` when it was deleted.
    #[must_use]
    pub fn new(
        measuring: &Measuring,
        project: ProjectKey,
        history: &'a History,
        as_of: Timestamp,
    ) -> Option<Self> {
        let history = measuring.facts(history, project)?;
        let score = measuring.project(project, &history, as_of)?;
        let path = path(project, &history);
        let policy = measuring.policies.resolve(&path).into_owned();
        Some(Self { project, path, score, as_of, history, policy, fates: OnceCell::new() })
    }

    /// Its services by name, where they are told apart.
    pub(super) fn services(&self) -> impl Iterator<Item = &ServiceName> {
        self.score.assessment.services.iter().map(|(service, _)| service)
    }

    /// The streams of deployments that a question is about: one of a project, all that are pooled.
    pub(super) fn streams(&self, question: &Question) -> Vec<StreamPlace> {
        let all = self.score.assessment.streams().enumerate();
        let is_asked = |(_, (service, _)): &(usize, (Option<&ServiceName>, &Assessment))| {
            let is_whole = !matches!(question.subject, Subject::Project { .. });
            is_whole || *service == question.service.as_ref()
        };
        all.filter(is_asked).map(|(place, _)| StreamPlace(place)).collect()
    }

    /// What was understood of a stream, and its samples.
    pub(super) fn stream(&self, place: StreamPlace) -> (&Assessment, &Samples) {
        let own = self.score.assessment.streams().map(|(_, own)| own).zip(self.score.streams());
        let own = own.into_iter().nth(place.0);
        own.unwrap_or((&self.score.assessment, &self.score.samples))
    }

    /// A tier, and its samples; `None` where it is not known.
    pub(super) fn tier(
        &self,
        place: StreamPlace,
        name: &EnvironmentTier,
    ) -> Option<(&TierAssessment, &TierSamples)> {
        let (assessment, samples) = self.stream(place);
        let tiers = assessment.tiers.iter().zip(&samples.tiers);
        tiers.into_iter().find(|(tier, _)| tier.tier == *name)
    }

    /// What became of everything merged, in a tier.
    pub(super) fn fates(&self, place: StreamPlace, name: &EnvironmentTier) -> &[Fate] {
        let of_tier = |tier| fates(&self.history, self.as_of, &self.policy, tier);
        let all = self.fates.get_or_init(|| {
            let streams = self.score.assessment.streams();
            streams.map(|(_, own)| own.tiers.iter().map(of_tier).collect()).collect()
        });
        let (assessment, _) = self.stream(place);
        let tier = assessment.tiers.iter().position(|tier| tier.tier == *name);
        let own = tier.and_then(|tier| all.get(place.0)?.get(tier));
        own.map_or(&[], Vec::as_slice)
    }
}

/// The place of a stream among those of a project: itself, then its services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StreamPlace(usize);

impl StreamPlace {
    /// Whether it is that of the project itself, to which belongs what no service has.
    pub(super) const fn is_project(self) -> bool {
        self.0 == 0
    }
}
