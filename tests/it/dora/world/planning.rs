//! What is planned, and the pipelines that try it.

use gitlab_dora_exporter::delivery::RunStatus;
use proptest::sample::Index;

use super::super::reference::truth::{TrueMilestone, TruePipeline, TrueStage};
use super::World;
use super::git::place;
use super::steps::Step;

const DAY: i64 = 86_400;

const STATUSES: [RunStatus; 6] = [
    RunStatus::Success,
    RunStatus::Success,
    RunStatus::Failed,
    RunStatus::Success,
    RunStatus::Canceled,
    RunStatus::Skipped,
];

impl World {
    /// UTC midnight of a day some days from today.
    fn day(&self, later: i8) -> i64 {
        self.now.div_euclid(DAY) * DAY + i64::from(later) * DAY
    }

    /// One of the milestones that there are.
    pub(super) fn milestone(&self, which: Index) -> Option<u64> {
        let count = self.truth.milestones.len();
        (count > 0).then(|| u64::try_from(which.index(count)).unwrap() + 1)
    }

    pub(super) fn plan(&mut self, start: Option<i8>, due: Option<i8>) {
        let (start_day, due_day) = (start.map(|own| self.day(own)), due.map(|own| self.day(own)));
        let dues = vec![(self.now, due_day)];
        self.truth.milestones.push(TrueMilestone { start_day, dues, deleted: false });
        self.tell_milestone(u64::try_from(self.truth.milestones.len()).unwrap());
    }

    /// A milestone is heard of again: its due day may be another one, or it is gone.
    pub(super) fn replan(&mut self, which: Index, due: Option<i8>, deletes: bool) {
        let Some(number) = self.milestone(which) else { return };
        let due_day = due.map(|own| self.day(own));
        let now = self.now;
        let own = &mut self.truth.milestones[place(number)];
        // Of two that are told in one second nobody knows which is the later.
        if own.deleted || own.dues.last().is_some_and(|(at, _)| *at == now) {
            return;
        }
        own.dues.push((now, due_day));
        own.deleted = deletes;
        self.tell_milestone(number);
    }

    /// An issue comes into a milestone, or leaves the one that it is in.
    pub(super) fn assign(&mut self, which: Index, milestone: Option<Index>) {
        if self.truth.issues.is_empty() {
            return;
        }
        let issue = which.index(self.truth.issues.len());
        let to = milestone.and_then(|which| self.milestone(which));
        let own = &self.truth.issues[issue];
        let (last, is_in) = own.moves.last().copied().unwrap_or((own.opened, None));
        if last < self.now && is_in != to {
            self.truth.issues[issue].moves.push((self.now, to));
            self.tell_move(u64::try_from(issue).unwrap() + 1, is_in, to);
        }
    }

    /// A pipeline of an open merge request, of its branch or of a long-lived one.
    pub(super) fn pipeline(&mut self, step: &Step) {
        let Step::Pipeline { on, for_request, spans, status } = step else { return };
        let number = Some(self.open.len()).filter(|count| *count > 0);
        let number = on.and_then(|which| number.map(|count| self.open[which.index(count)]));
        let branch = match number {
            Some(number) => self.truth.requests[place(number)].source.clone(),
            None if *for_request => "develop".to_owned(),
            None => "main".to_owned(),
        };
        let id = u64::try_from(self.truth.pipelines.len()).unwrap() + 1;
        let mut moment = self.now;
        let mut jobs = |waits: &[u16]| {
            let job = |wait: &u16| {
                let ready = moment + i64::from(wait % 500);
                (ready, ready + i64::from(*wait))
            };
            let jobs: Vec<(i64, i64)> = waits.iter().map(job).collect();
            moment = jobs.iter().map(|(_, ended)| *ended).max().unwrap_or(moment);
            jobs
        };
        let names = ["build", "test", "deploy"];
        let stages = names.iter().zip(spans.chunks(2));
        let stages = stages.map(|(name, spans)| TrueStage { name, jobs: jobs(spans) }).collect();
        self.truth.pipelines.push(TruePipeline {
            id,
            commit: self.head(&branch),
            branch,
            request: number.filter(|_| *for_request),
            created: self.now,
            ended: status.map(|status| (moment, STATUSES[usize::from(status)])),
            stages,
        });
        self.tell_pipeline(place(id));
    }
}
