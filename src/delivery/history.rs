//! History: the facts of a horizon, in memory, indexed for measuring.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::commit::Commit;
use super::deployment::Deployment;
use super::environment::Environment;
use super::fact::{Fact, FactBody};
use super::ids::{
    CommitSha, DeploymentId, EnvironmentName, Iid, LabelName, MilestoneId, PipelineId, ProjectKey,
    RefName, StageName,
};
use super::issue::{Issue, IssueLabel, IssueMilestone, IssueTransition};
use super::merge_request::{MergeRequest, MergeRequestCommit, Review};
use super::milestone::{Milestone, MilestoneDue};
use super::pipeline::{Pipeline, PipelineStage};
use super::project::Project;
use super::push::Push;
use super::register::Merge;
use super::time::Timestamp;

/// What is known of one project. Facts that no metric reads yet (Releases) stay in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectHistory {
    /// The project itself.
    pub project: Project,
    /// Environments by name.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// Deployments by id, which is creation order.
    pub deployments: BTreeMap<DeploymentId, Deployment>,
    /// Merge requests by number.
    pub merge_requests: BTreeMap<Iid, MergeRequest>,
    /// Commits that merge requests were heard to hold, sorted.
    pub merge_request_commits: Vec<MergeRequestCommit>,
    /// Review acts, sorted by merge request and instant.
    pub reviews: Vec<Review>,
    /// Commits by id.
    pub commits: BTreeMap<CommitSha, Commit>,
    /// Pushes by reference and new commit.
    pub pushes: BTreeMap<(RefName, CommitSha), Push>,
    /// Issues and incidents by number.
    pub issues: BTreeMap<Iid, Issue>,
    /// Closings and reopenings, sorted by issue and instant.
    pub transitions: Vec<IssueTransition>,
    /// Labels that issues were given, by issue and name.
    pub issue_labels: BTreeMap<Iid, BTreeMap<LabelName, IssueLabel>>,
    /// Moves of issues into milestones and out of them, by issue and instant.
    pub issue_milestones: BTreeMap<(Iid, Timestamp), IssueMilestone>,
    /// Milestones by id.
    pub milestones: BTreeMap<MilestoneId, Milestone>,
    /// What due days were heard to be, by milestone and instant.
    pub milestone_dues: BTreeMap<(MilestoneId, Timestamp), MilestoneDue>,
    /// Pipelines by id, which is creation order.
    pub pipelines: BTreeMap<PipelineId, Pipeline>,
    /// Stages by pipeline and name.
    pub pipeline_stages: BTreeMap<(PipelineId, StageName), PipelineStage>,
}

impl ProjectHistory {
    /// The labels that an issue was given.
    pub fn labels_of(&self, issue: Iid) -> impl Iterator<Item = &IssueLabel> {
        self.issue_labels.get(&issue).into_iter().flat_map(BTreeMap::values)
    }

    /// The moves of an issue into milestones and out of them, earliest first.
    pub fn moves_of(&self, issue: Iid) -> impl Iterator<Item = &IssueMilestone> {
        let first = (issue, Timestamp::UNDATED);
        let own = self.issue_milestones.range(first..);
        own.take_while(move |((own, _), _)| *own == issue).map(|(_, moved)| moved)
    }

    /// What the due day of a milestone was heard to be, earliest first.
    pub fn dues_of(&self, milestone: MilestoneId) -> impl Iterator<Item = &MilestoneDue> {
        let first = (milestone, Timestamp::UNDATED);
        let own = self.milestone_dues.range(first..);
        own.take_while(move |((own, _), _)| *own == milestone).map(|(_, due)| due)
    }

    /// Takes one fact in by merging; `false` when it changed nothing.
    pub fn fold(&mut self, body: FactBody) -> bool {
        match body {
            FactBody::Project(fact) => changed_by(&mut self.project, fact),
            FactBody::Environment(fact) => fold(&mut self.environments, fact.name.clone(), fact),
            FactBody::Deployment(fact) => fold(&mut self.deployments, fact.id, fact),
            FactBody::MergeRequest(fact) => fold(&mut self.merge_requests, fact.iid, *fact),
            FactBody::MergeRequestCommit(fact) => insert(&mut self.merge_request_commits, fact),
            FactBody::Review(fact) => insert(&mut self.reviews, fact),
            FactBody::Commit(fact) => fold(&mut self.commits, fact.sha, fact),
            FactBody::Push(fact) => {
                fold(&mut self.pushes, (fact.ref_name.clone(), fact.after), fact)
            }
            FactBody::Issue(fact) => fold(&mut self.issues, fact.iid, fact),
            FactBody::IssueTransition(fact) => insert(&mut self.transitions, fact),
            FactBody::IssueLabel(fact) => {
                let own = self.issue_labels.entry(fact.issue).or_default();
                fold(own, fact.label.clone(), fact)
            }
            FactBody::IssueMilestone(fact) => {
                fold(&mut self.issue_milestones, (fact.issue, fact.at), fact)
            }
            FactBody::Milestone(fact) => fold(&mut self.milestones, fact.id, fact),
            FactBody::MilestoneDue(fact) => {
                fold(&mut self.milestone_dues, (fact.milestone, fact.at), fact)
            }
            FactBody::Pipeline(fact) => fold(&mut self.pipelines, fact.id, fact),
            FactBody::PipelineStage(fact) => {
                fold(&mut self.pipeline_stages, (fact.pipeline, fact.stage.clone()), fact)
            }
            FactBody::TagRelease(_) => false,
        }
    }
}

fn fold<K: Ord, F: Merge + Clone + PartialEq>(map: &mut BTreeMap<K, F>, key: K, fact: F) -> bool {
    match map.entry(key) {
        Entry::Vacant(place) => {
            place.insert(fact);
            true
        }
        Entry::Occupied(mut own) => changed_by(own.get_mut(), fact),
    }
}

fn changed_by<F: Merge + Clone + PartialEq>(own: &mut F, fact: F) -> bool {
    let before = own.clone();
    own.merge(fact);
    *own != before
}

fn insert<F: Ord>(sorted: &mut Vec<F>, fact: F) -> bool {
    match sorted.binary_search(&fact) {
        Ok(_) => false,
        Err(place) => {
            sorted.insert(place, fact);
            true
        }
    }
}

/// The facts of all projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    projects: BTreeMap<ProjectKey, ProjectHistory>,
}

impl History {
    /// Takes one fact in by merging; `false` when it changed nothing that is measured.
    pub fn fold(&mut self, fact: Fact) -> bool {
        self.projects.entry(fact.project).or_default().fold(fact.body)
    }

    /// One project's facts.
    #[must_use]
    pub fn project(&self, key: ProjectKey) -> Option<&ProjectHistory> {
        self.projects.get(&key)
    }

    /// All projects in key order.
    pub fn projects(&self) -> impl Iterator<Item = (ProjectKey, &ProjectHistory)> {
        self.projects.iter().map(|(key, history)| (*key, history))
    }
}
