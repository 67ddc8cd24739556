//! What was planned, and the pipelines that tried it.

use std::collections::BTreeMap;

use super::{changed_by, fold};
use crate::delivery::fact::FactBody;
use crate::delivery::ids::{Iid, LabelName, MilestoneId, PipelineId, StageName};
use crate::delivery::issue::{IssueLabel, IssueMilestone};
use crate::delivery::milestone::{Milestone, MilestoneDue};
use crate::delivery::pipeline::{Pipeline, PipelineStage};
use crate::delivery::time::Timestamp;

/// Labels and milestones of issues, milestones with their dates, pipelines with their stages.
#[derive(Debug, Clone, Default)]
pub struct Planning {
    labels: BTreeMap<Iid, BTreeMap<LabelName, IssueLabel>>,
    moves: BTreeMap<(Iid, Timestamp), IssueMilestone>,
    milestones: BTreeMap<MilestoneId, Milestone>,
    dues: BTreeMap<(MilestoneId, Timestamp), MilestoneDue>,
    pipelines: BTreeMap<PipelineId, Pipeline>,
    stages: BTreeMap<PipelineId, BTreeMap<StageName, PipelineStage>>,
}

impl Planning {
    /// Takes a fact of planning in; `false` when it changed nothing or is none.
    pub(super) fn fold(&mut self, body: FactBody) -> bool {
        match body {
            FactBody::IssueLabel(fact) => {
                let own = self.labels.entry(fact.issue).or_default();
                fold(own, fact.label.clone(), fact)
            }
            FactBody::IssueMilestone(fact) => fold(&mut self.moves, (fact.issue, fact.at), fact),
            FactBody::Milestone(fact) => fold(&mut self.milestones, fact.id, fact),
            FactBody::MilestoneDue(fact) => fold(&mut self.dues, (fact.milestone, fact.at), fact),
            FactBody::Pipeline(fact) => fold(&mut self.pipelines, fact.id, fact),
            FactBody::PipelineStage(fact) => self.fold_stage(fact),
            _ => false,
        }
    }

    /// The names of stages are few and those of a project's pipelines the same, so that one text
    /// serves them all.
    fn fold_stage(&mut self, mut fact: PipelineStage) -> bool {
        let known = self.stages.last_key_value().and_then(|(_, stages)| {
            stages.get_key_value(&fact.stage).map(|(name, _)| name.clone())
        });
        let own = self.stages.entry(fact.pipeline).or_default();
        if let Some(stage) = own.get_mut(&fact.stage) {
            return changed_by(stage, fact);
        }
        if let Some(name) = known {
            fact.stage = name;
        }
        own.insert(fact.stage.clone(), fact).is_none()
    }

    /// The labels that an issue was given.
    pub fn labels_of(&self, issue: Iid) -> impl Iterator<Item = &IssueLabel> {
        self.labels.get(&issue).into_iter().flat_map(BTreeMap::values)
    }

    /// All labels that issues were given.
    pub fn labels(&self) -> impl Iterator<Item = &IssueLabel> {
        self.labels.values().flat_map(BTreeMap::values)
    }

    /// The moves of an issue into milestones and out of them, earliest first.
    pub fn moves_of(&self, issue: Iid) -> impl Iterator<Item = &IssueMilestone> {
        let own = self.moves.range((issue, Timestamp::UNDATED)..);
        own.take_while(move |((own, _), _)| *own == issue).map(|(_, moved)| moved)
    }

    /// All moves of issues.
    pub fn moves(&self) -> impl Iterator<Item = &IssueMilestone> {
        self.moves.values()
    }

    /// Milestones by id.
    pub fn milestones(&self) -> impl Iterator<Item = &Milestone> {
        self.milestones.values()
    }

    /// What the due day of a milestone was heard to be, earliest first.
    pub fn dues_of(&self, milestone: MilestoneId) -> impl Iterator<Item = &MilestoneDue> {
        let own = self.dues.range((milestone, Timestamp::UNDATED)..);
        own.take_while(move |((own, _), _)| *own == milestone).map(|(_, due)| due)
    }

    /// What all due days were heard to be.
    pub fn dues(&self) -> impl Iterator<Item = &MilestoneDue> {
        self.dues.values()
    }

    /// Pipelines by id, which is creation order.
    pub fn pipelines(&self) -> impl Iterator<Item = &Pipeline> {
        self.pipelines.values()
    }

    /// A stage of a pipeline.
    #[must_use]
    pub fn stage(&self, pipeline: PipelineId, name: &StageName) -> Option<&PipelineStage> {
        self.stages.get(&pipeline)?.get(name)
    }

    /// All stages of all pipelines.
    pub fn stages(&self) -> impl Iterator<Item = &PipelineStage> {
        self.stages.values().flat_map(BTreeMap::values)
    }

    /// Everything that was heard.
    pub(super) fn facts(&self) -> impl Iterator<Item = FactBody> {
        let labels = self.labels().cloned().map(FactBody::IssueLabel);
        let moves = self.moves().cloned().map(FactBody::IssueMilestone);
        let milestones = self.milestones().cloned().map(FactBody::Milestone);
        let dues = self.dues().cloned().map(FactBody::MilestoneDue);
        let pipelines = self.pipelines().cloned().map(FactBody::Pipeline);
        let stages = self.stages().cloned().map(FactBody::PipelineStage);
        labels.chain(moves).chain(milestones).chain(dues).chain(pipelines).chain(stages)
    }
}
