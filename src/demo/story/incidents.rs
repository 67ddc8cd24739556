//! Incidents: how users were harmed, how bad it was, and how it ended.

use super::{Cause, Purpose, Remedy, Site, Step, Trouble};
use crate::demo::calendar::DAY_SECONDS;
use crate::demo::company::TROUBLES;
use crate::demo::desk::Desk;
use crate::demo::happening::{Issue, IssueAction, IssueEvent, Note, Noted, What};

const MINUTE: u64 = 60;
/// How bad incidents are, the usual twice.
const SEVERITIES: [&str; 5] = ["low", "medium", "medium", "high", "critical"];

fn severity(remedy: Remedy, desk: &mut Desk) -> &'static str {
    match remedy {
        Remedy::Patience => "low",
        _ => desk.chance.pick(&SEVERITIES),
    }
}

impl Site {
    /// An incident is opened, and something is done about it.
    pub(super) fn incident(&mut self, remedy: Remedy, desk: &mut Desk) {
        self.last_issue += 1;
        let iid = self.last_issue;
        // A label or a note says that no deployment caused it.
        let external = remedy == Remedy::External;
        let labelled = external && desk.chance.happens(50);
        let author = self.somebody(desk);
        let issue = Issue {
            id: desk.next_id(),
            iid,
            title: (*desk.chance.pick(&TROUBLES)).to_owned(),
            description: String::new(),
            severity: Some(severity(remedy, desk)),
            labels: if labelled { &["external"] } else { &[] },
            created_at: desk.now,
            closed_at: None,
            milestone: None,
            author,
        };
        self.issues.insert(iid, issue);
        self.tell_issue(iid, IssueAction::Open, desk);
        let wait = desk.chance.between(3, 20) * MINUTE;
        let cause = match self.last_production {
            _ if external => (!labelled).then_some(Cause::External),
            Some(deployment) if desk.chance.happens(30) => Some(Cause::Deployment(deployment)),
            _ => None,
        };
        desk.later(self.index, wait, Step::IncidentTurn(iid, Trouble::Noted(cause)));
        if desk.chance.happens(20) {
            let wait = desk.chance.between(20, 60) * MINUTE;
            desk.later(self.index, wait, Step::IncidentTurn(iid, Trouble::Worse));
        }
        let repaired = match remedy {
            Remedy::Rollback => self.roll_back(iid, desk),
            Remedy::Hotfix => {
                let wait = desk.chance.between(15, 90) * MINUTE;
                desk.later(self.index, wait, Step::Branch(Purpose::Hotfix(Some(iid))));
                true
            }
            Remedy::Wait | Remedy::External | Remedy::Patience => false,
        };
        if !repaired {
            let usual = if remedy == Remedy::Patience { 40 * DAY_SECONDS } else { 180 * MINUTE };
            let wait = desk.chance.around(usual);
            desk.later(self.index, wait, Step::IncidentTurn(iid, Trouble::Over));
        }
    }

    /// An incident goes on.
    pub(super) fn incident_turn(&mut self, iid: u64, trouble: Trouble, desk: &mut Desk) {
        let now = desk.now;
        let Some(issue) = self.issues.get_mut(&iid) else { return };
        let closed = issue.closed_at.is_some();
        match trouble {
            Trouble::Noted(cause) => self.acknowledge(iid, cause, desk),
            Trouble::Worse if !closed => {
                issue.severity = Some("critical");
                self.tell_issue(iid, IssueAction::Update, desk);
            }
            Trouble::Over if !closed => {
                issue.closed_at = Some(now);
                self.tell_issue(iid, IssueAction::Close, desk);
                if desk.chance.happens(8) {
                    let wait = desk.chance.between(20, 180) * MINUTE;
                    desk.later(self.index, wait, Step::IncidentTurn(iid, Trouble::Again));
                } else {
                    self.issues.remove(&iid);
                }
            }
            Trouble::Again if closed => {
                issue.closed_at = None;
                self.tell_issue(iid, IssueAction::Reopen, desk);
                let wait = desk.chance.around(60 * MINUTE);
                desk.later(self.index, wait, Step::IncidentTurn(iid, Trouble::Over));
            }
            _ => {}
        }
    }

    fn acknowledge(&self, iid: u64, cause: Option<Cause>, desk: &mut Desk) {
        let Some(issue) = self.issues.get(&iid) else { return };
        let text = match cause {
            None => String::from("We are looking at it."),
            Some(Cause::External) => {
                String::from("Our provider is down.\n\ndora: caused-by external")
            }
            Some(Cause::Deployment(id)) => {
                format!("It began with the last deployment.\n\ndora: caused-by deployment {id}")
            }
        };
        let note = Note {
            id: desk.next_id(),
            by: self.somebody(desk),
            text,
            on: Noted::Issue(issue.clone()),
        };
        desk.tell(self.service, What::Note(note));
    }

    pub(super) fn tell_issue(&self, iid: u64, action: IssueAction, desk: &mut Desk) {
        let Some(issue) = self.issues.get(&iid) else { return };
        let by = self.somebody(desk);
        let event = IssueEvent { issue: issue.clone(), action, by };
        desk.tell(self.service, What::Issue(event));
    }
}
