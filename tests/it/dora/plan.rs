//! What a story tells of planning: issues, milestones, pipelines.

use gitlab_dora_exporter::delivery::register::{Earliest, Furthest, Greatest, Newest};
use gitlab_dora_exporter::delivery::{
    BranchName, ClosedIssues, Deployment, DeploymentId, FactBody, Issue, IssueLabel,
    IssueMilestone, IssueType, LabelName, LabelSet, Milestone, MilestoneDue, MilestoneId, Pipeline,
    PipelineId, PipelineStage, Project, RefName, RunStatus, StageName,
};

use super::story::{Story, Told, at, iid, sha};

pub(crate) fn milestone(number: u64) -> MilestoneId {
    MilestoneId::new(number).unwrap()
}

impl Told {
    pub(crate) fn closes(mut self, issues: &[u64]) -> Self {
        let issues = issues.iter().map(|number| iid(*number)).collect();
        self.request.closes = Newest::at(at(0.0), ClosedIssues::new(issues));
        self
    }

    pub(crate) fn in_milestone(mut self, number: u64) -> Self {
        self.request.milestone = Newest::at(at(0.0), Some(milestone(number)));
        self
    }
}

impl Story {
    /// An ordinary issue.
    pub(crate) fn issue(self, number: u64, opened: f64) -> Self {
        self.issue_with(number, opened, &[])
    }

    /// An ordinary issue that has these labels now.
    pub(crate) fn issue_with(mut self, number: u64, opened: f64, labels: &[&str]) -> Self {
        let mut issue = Issue::new(iid(number));
        issue.issue_type = Newest::at(at(opened), IssueType::Issue);
        issue.created_at = Earliest::at(at(opened));
        let labels = labels.iter().map(|label| LabelName::new(label).unwrap()).collect();
        issue.labels = Newest::at(at(opened), LabelSet::new(labels));
        self.bodies.push(FactBody::Issue(issue));
        self
    }

    pub(crate) fn given(mut self, number: u64, label: &str, hours: f64) -> Self {
        let label = LabelName::new(label).unwrap();
        let added_at = Earliest::at(at(hours));
        self.bodies.push(FactBody::IssueLabel(IssueLabel { issue: iid(number), label, added_at }));
        self
    }

    /// An issue moves from one milestone to another.
    pub(crate) fn moved(
        mut self,
        number: u64,
        (from, to): (Option<u64>, Option<u64>),
        hours: f64,
    ) -> Self {
        let [before, milestone] = [from, to].map(|own| Greatest(own.map(milestone)));
        let moved = IssueMilestone { issue: iid(number), at: at(hours), before, milestone };
        self.bodies.push(FactBody::IssueMilestone(moved));
        self
    }

    /// A milestone made at some hour, whose due day is that of another.
    pub(crate) fn milestone(self, number: u64, made: f64, due: f64) -> Self {
        self.due(number, made, due)
    }

    /// What a milestone's due day was heard to be.
    pub(crate) fn due(mut self, number: u64, heard: f64, due: f64) -> Self {
        let day = at((due / 24.0).floor() * 24.0);
        let mut own = Milestone::new(milestone(number));
        own.created_at = Earliest::at(at(heard));
        own.due_day = Newest::at(at(heard), Some(day));
        self.bodies.push(FactBody::Milestone(own));
        let due_day = Greatest(Some(day));
        let due = MilestoneDue { milestone: milestone(number), at: at(heard), due_day };
        self.bodies.push(FactBody::MilestoneDue(due));
        self
    }

    pub(crate) fn starting(mut self, number: u64, day: f64) -> Self {
        let mut own = Milestone::new(milestone(number));
        own.start_day = Newest::at(at(0.0), Some(at(day)));
        self.bodies.push(FactBody::Milestone(own));
        self
    }

    /// A deployment's job began.
    pub(crate) fn began(mut self, id: u64, hours: f64) -> Self {
        let mut own = Deployment::new(DeploymentId::new(id).unwrap());
        own.started_at = Earliest::at(at(hours));
        self.bodies.push(FactBody::Deployment(own));
        self
    }

    /// A person commented on an issue.
    pub(crate) fn noted(mut self, number: u64, hours: f64) -> Self {
        let mut issue = Issue::new(iid(number));
        issue.first_note_at = Earliest::at(at(hours));
        self.bodies.push(FactBody::Issue(issue));
        self
    }

    /// A pipeline of a branch, on the commit of a token.
    pub(crate) fn pipeline(
        mut self,
        id: u64,
        (branch, token): (&str, &str),
        created: f64,
        stages: &[(&str, f64, f64)],
    ) -> Self {
        let id = PipelineId::new(id).unwrap();
        let mut own = Pipeline::new(id);
        own.sha = Greatest(Some(sha(token)));
        own.ref_name = Greatest(Some(RefName::new(branch).unwrap()));
        own.created_at = Earliest::at(at(created));
        self.bodies.push(FactBody::Pipeline(own));
        for (name, started, finished) in stages {
            self.bodies.push(FactBody::PipelineStage(PipelineStage {
                pipeline: id,
                stage: StageName::new(name).unwrap(),
                started_at: Earliest::at(at(*started)),
                finished_at: Greatest(Some(at(*finished))),
            }));
        }
        self
    }

    /// A pipeline of the default branch, main, came to its end.
    pub(crate) fn main_ended(mut self, id: u64, status: RunStatus, hours: f64) -> Self {
        let default_branch = Newest::at(at(0.0), BranchName::new("main").unwrap());
        let project = Project { default_branch, ..Project::default() };
        self.bodies.push(FactBody::Project(project));
        let mut own = Pipeline::new(PipelineId::new(id).unwrap());
        own.ref_name = Greatest(Some(RefName::new("main").unwrap()));
        own.status = Furthest::at(at(hours), status);
        own.finished_at = Earliest::at(at(hours));
        self.bodies.push(FactBody::Pipeline(own));
        self
    }
}
