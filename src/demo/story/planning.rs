//! Days, milestones and ideas: what people intend to do.

use super::{Purpose, Remedy, Site, Step};
use crate::demo::calendar::{day_number, midnight, weekday};
use crate::demo::company::{NOUNS, Rhythm, VERBS};
use crate::demo::desk::Desk;
use crate::demo::happening::{Issue, IssueAction, MilestoneEvent, What};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Length of a milestone, in days.
const MILESTONE_DAYS: u64 = 21;

impl Site {
    /// The day begins: who starts what, and whether there is a release.
    pub(super) fn day(&mut self, desk: &mut Desk) {
        let today = midnight(desk.now);
        desk.at(self.index, today.plus(DAY + 1_800), Step::Day);
        // Trouble from outside keeps no hours.
        if desk.chance.bits().is_multiple_of(300) {
            let wait = desk.chance.between(0, 20) * HOUR;
            desk.later(self.index, wait, Step::Incident(Remedy::External));
        }
        if !desk.calendar.is_workday(today) {
            return;
        }
        self.milestones(desk);
        let office = 8 * HOUR;
        let per_week = self.service.requests_per_week;
        for _ in 0..per_week.div_ceil(5) {
            // So many chances a day that the week comes out right.
            if desk.chance.between(1, 5 * per_week.div_ceil(5)) <= per_week {
                let wait = desk.chance.between(0, office);
                desk.at_work(self.index, wait, Step::Branch(Purpose::Feature));
            }
        }
        let rare: [(u64, Step); 4] = [
            (12, Step::Branch(Purpose::Update)),
            (4, Step::DirectCommit),
            (2, Step::Branch(Purpose::Hotfix(None))),
            (25, Step::Idea),
        ];
        for (percent, step) in rare {
            if desk.chance.happens(percent) {
                let wait = desk.chance.between(0, office);
                desk.at_work(self.index, wait, step);
            }
        }
        if self.releases_today(desk) {
            let wait = desk.chance.between(1, 3) * HOUR;
            desk.at_work(self.index, wait, Step::Prepare);
        }
    }

    fn releases_today(&self, desk: &Desk) -> bool {
        match self.service.rhythm {
            Rhythm::EachMerge => false,
            Rhythm::Daily => true,
            Rhythm::Weeks { every, on } => {
                let week = (day_number(desk.now) + 3).div_euclid(7);
                let offset = i64::try_from(self.index).unwrap_or(0);
                weekday(desk.now) == on && (week + offset).rem_euclid(every) == 0
            }
        }
    }

    /// Closes the milestone that is due and begins the next.
    fn milestones(&mut self, desk: &mut Desk) {
        if let Some(mut milestone) = self.milestone.take() {
            if desk.now < milestone.due.plus(DAY) {
                self.milestone = Some(milestone);
                self.cut_scope(desk);
                return;
            }
            milestone.closed = true;
            desk.tell(self.service, What::Milestone(milestone));
        }
        self.last_milestone += 1;
        let starts = midnight(desk.now.plus(DAY));
        let milestone = MilestoneEvent {
            id: desk.next_id(),
            iid: self.last_milestone,
            starts,
            due: starts.plus(MILESTONE_DAYS * DAY),
            created_at: desk.now,
            closed: false,
        };
        desk.tell(self.service, What::Milestone(milestone.clone()));
        let id = milestone.id;
        self.milestone = Some(milestone);
        // What is wanted and not yet done is for this one.
        for iid in self.wishes(|_| true) {
            self.plan(iid, Some(id), desk);
        }
    }

    /// Shortly before the date, what nobody began is taken out: the date stays.
    fn cut_scope(&mut self, desk: &mut Desk) {
        let is_near = self.milestone.as_ref().is_some_and(|own| desk.now.plus(2 * DAY) >= own.due);
        if !is_near {
            return;
        }
        for iid in self.wishes(|issue| !issue.labels.contains(&"validated")) {
            self.plan(iid, None, desk);
        }
    }

    /// Numbers of the open issues of a kind that are no incidents.
    fn wishes(&self, of: impl Fn(&Issue) -> bool) -> Vec<u64> {
        let open = self.issues.values().filter(|issue| issue.severity.is_none());
        open.filter(|issue| of(issue)).map(|issue| issue.iid).collect()
    }

    fn plan(&mut self, iid: u64, milestone: Option<u64>, desk: &mut Desk) {
        let Some(issue) = self.issues.get_mut(&iid) else { return };
        let before = std::mem::replace(&mut issue.milestone, milestone);
        if before != milestone {
            self.tell_issue(iid, IssueAction::Planned(before), desk);
        }
    }

    /// Somebody has an idea.
    pub(super) fn idea(&mut self, desk: &mut Desk) {
        self.last_issue += 1;
        let iid = self.last_issue;
        let author = self.somebody(desk);
        let title = format!("{} the {}", desk.chance.pick(&VERBS), desk.chance.pick(&NOUNS));
        // Some of it is what users say of the last release.
        let reported = desk.chance.happens(40);
        let issue = Issue {
            id: desk.next_id(),
            iid,
            title,
            description: String::from("Users asked for it."),
            severity: None,
            labels: if reported { &["feedback"] } else { &["idea"] },
            created_at: desk.now,
            closed_at: None,
            milestone: self.milestone.as_ref().map(|milestone| milestone.id),
            author,
        };
        self.issues.insert(iid, issue);
        self.tell_issue(iid, IssueAction::Open, desk);
        let wait = desk.chance.around(30 * HOUR);
        desk.at_work(self.index, wait, Step::IdeaValidated(iid));
    }

    /// The idea is found worth doing, and somebody begins.
    pub(super) fn idea_validated(&mut self, iid: u64, desk: &mut Desk) {
        let Some(issue) = self.issues.get_mut(&iid) else { return };
        let before = issue.labels;
        issue.labels = if before == ["feedback"] {
            &["feedback", "validated"]
        } else {
            &["idea", "validated"]
        };
        self.tell_issue(iid, IssueAction::Labelled(before), desk);
        let wait = desk.chance.around(8 * HOUR);
        desk.at_work(self.index, wait, Step::Branch(Purpose::Wish(iid)));
    }

    /// The idea is done: GitLab closes it with the merge request.
    pub(super) fn idea_done(&mut self, iid: u64, desk: &mut Desk) {
        if let Some(issue) = self.issues.get_mut(&iid) {
            issue.closed_at = Some(desk.now);
            self.tell_issue(iid, IssueAction::Close, desk);
            self.issues.remove(&iid);
        }
    }
}
