//! The facts that hooks give of plans, pipelines, jobs and Releases.

use gitlab_dora_exporter::delivery::register::{Earliest, Furthest, Greatest, Newest};
use gitlab_dora_exporter::delivery::{
    EnvironmentName, FactBody, Issue, IssueMilestone, Job, JobId, JobName, Jobs, Milestone,
    MilestoneDue, MilestoneId, Pipeline, PipelineId, PipelineJobs, PipelineStage, RefName,
    RunStatus, StageName, TagName, TagRelease,
};

use super::super::reference::truth::TrueJob;
use super::World;
use super::git::place;
use super::hooks::{at, iid, sha};

pub(super) fn milestone_id(number: u64) -> MilestoneId {
    MilestoneId::new(number).unwrap()
}

/// An issue that comes from one milestone into another.
pub(super) fn moved(issue: u64, second: i64, (from, to): (Option<u64>, Option<u64>)) -> FactBody {
    let [before, milestone] = [from, to].map(|own| Greatest(own.map(milestone_id)));
    FactBody::IssueMilestone(IssueMilestone {
        issue: iid(issue),
        at: at(second),
        before,
        milestone,
    })
}

impl World {
    pub(super) fn tell_move(&mut self, number: u64, from: Option<u64>, to: Option<u64>) {
        let mut issue = Issue::new(iid(number));
        issue.milestone = Newest::at(at(self.now), to.map(milestone_id));
        self.facts.push(FactBody::Issue(issue));
        self.facts.push(moved(number, self.now, (from, to)));
    }

    /// What any event of a milestone tells at this moment.
    pub(super) fn tell_milestone(&mut self, number: u64) {
        let own = &self.truth.milestones[place(number)];
        let now = at(self.now);
        let mut milestone = Milestone::new(milestone_id(number));
        let due_day = own.dues.last().and_then(|(_, day)| day.map(at));
        milestone.created_at = Earliest(own.dues.first().map(|(made, _)| at(*made)));
        milestone.start_day = Newest::at(now, own.start_day.map(at));
        milestone.due_day = Newest::at(now, due_day);
        milestone.closed = Newest::at(now, false);
        milestone.deleted = Newest::at(now, own.deleted);
        let due_day = Greatest(due_day);
        let due = MilestoneDue { milestone: milestone_id(number), at: now, due_day };
        self.facts.extend([FactBody::Milestone(milestone), FactBody::MilestoneDue(due)]);
    }

    pub(super) fn tell_pipeline(&mut self, place: usize) {
        let own = self.truth.pipelines[place].clone();
        let id = PipelineId::new(own.id).unwrap();
        let ended = own.ended.map(|(second, status)| (second, status));
        for (second, status) in [(own.created, RunStatus::Pending)].into_iter().chain(ended) {
            let mut pipeline = Pipeline::new(id);
            pipeline.status = Furthest::at(at(second), status);
            pipeline.sha = Greatest(Some(sha(own.commit)));
            pipeline.ref_name = Greatest(Some(RefName::new(&own.branch).unwrap()));
            pipeline.created_at = Earliest::at(at(own.created));
            pipeline.finished_at = Earliest(
                own.ended.filter(|_| status != RunStatus::Pending).map(|(at_, _)| at(at_)),
            );
            pipeline.merge_request = Greatest(own.request.map(iid));
            self.facts.push(FactBody::Pipeline(pipeline));
        }
        for stage in own.stages {
            let name = StageName::new(stage.name).unwrap();
            // Each job of a stage is heard of by itself.
            self.facts.extend(stage.jobs.into_iter().map(|(ready, ended)| {
                FactBody::PipelineStage(PipelineStage {
                    pipeline: id,
                    stage: name.clone(),
                    started_at: Earliest::at(at(ready)),
                    finished_at: Greatest(Some(at(ended))),
                })
            }));
        }
    }

    /// Jobs of one commit are of one pipeline.
    pub(super) fn tell_job(&mut self, own: &TrueJob) {
        let environment = own.environment.map(|place| self.truth.environments[place].name);
        let tier = own.environment.and_then(|place| self.tier_at(place, own.at));
        let job = Job {
            id: JobId::new(own.id).unwrap(),
            name: JobName::new(own.name).unwrap(),
            started_at: Earliest::at(at(own.began)),
            finished_at: at(own.at),
            environment: Greatest(environment.map(|name| EnvironmentName::new(name).unwrap())),
            tier: Greatest(tier),
        };
        self.facts.push(FactBody::PipelineJobs(PipelineJobs {
            pipeline: PipelineId::new(10_000 + u64::try_from(own.commit).unwrap()).unwrap(),
            sha: Greatest(Some(sha(own.commit))),
            ref_name: Greatest(RefName::new("main").ok()),
            jobs: Jobs::new(vec![job]),
        }));
    }

    pub(super) fn tell_tag(&mut self, place: usize) {
        let own = &self.truth.tags[place];
        let made = at(own.made);
        self.facts.push(FactBody::TagRelease(TagRelease {
            tag: TagName::new(&own.name).unwrap(),
            created_at: Earliest::at(made),
            released_at: Newest::at(made, at(own.released)),
            sha: Greatest(Some(sha(own.commit))),
            deleted: Newest::at(made, own.deleted),
        }));
    }
}
