//! From the first commit of a branch to its landing on the default branch.

use super::{Act, Landed, Purpose, Site, Step, Underway};
use crate::demo::company::{BOT, LIBRARIES, Landing, NOUNS, Person, VERBS};
use crate::demo::desk::Desk;
use crate::demo::happening::{
    Commit, Dialect, Note, Noted, Push, Request, RequestAction, RequestEvent, Run, RunState, Sha,
    What,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// What a branch is called and what its merge request says.
struct Draft {
    branch: String,
    title: String,
    description: String,
    labels: &'static [&'static str],
    author: &'static Person,
    restores: Option<u64>,
}

impl Site {
    /// The first commits of a branch are pushed; its merge request follows.
    pub(super) fn branch(&mut self, purpose: &Purpose, desk: &mut Desk) {
        self.last_request += 1;
        let iid = self.last_request;
        let draft = self.draft(purpose, iid, desk);
        let urgent = matches!(purpose, Purpose::Hotfix(_));
        let coding = if urgent { 20 * MINUTE } else { self.service.coding_hours * HOUR };
        let count = if draft.author == &BOT || urgent { 1 } else { desk.chance.between(1, 3) };
        let mut commits = Vec::new();
        for number in 1..=count {
            let since = coding / 3 * (count - number) + desk.chance.between(60, 900);
            let message = match number {
                1 => draft.title.clone(),
                _ => format!("{}, part {number}", draft.title),
            };
            let authored_at = desk.now.minus(since);
            commits.push(Commit { sha: desk.sha(), author: draft.author, authored_at, message });
        }
        if let (Purpose::Revert(landed), Some(first)) = (purpose, commits.first_mut()) {
            first.message = format!("{}\n\nThis reverts commit {}.", first.message, landed.commit);
        }
        self.push(&draft.branch, None, &commits, desk);
        let reviewer = self.somebody_else(draft.author, desk);
        let request = Request {
            id: 0,
            iid,
            author: draft.author,
            reviewer,
            branch: draft.branch,
            title: draft.title,
            description: draft.description,
            labels: draft.labels,
            draft: purpose.is_feature() && desk.chance.happens(60),
            milestone: None,
            created_at: desk.now,
            commits,
            merged_at: None,
            merge_commit: None,
            squash_commit: None,
        };
        let acts = self.acts(purpose, request.draft, coding, desk);
        let (restores, wish) = (draft.restores, purpose.wish());
        self.underway.insert(iid, Underway { request, acts, urgent, restores, wish });
        self.go_on(iid, desk);
    }

    fn draft(&self, purpose: &Purpose, iid: u64, desk: &mut Desk) -> Draft {
        let author = self.somebody(desk);
        let noun = *desk.chance.pick(&NOUNS);
        let slug = noun.replace(' ', "-");
        let plain = |branch: String, title: String| Draft {
            branch,
            title,
            description: String::from("What changes for users, and how it was tried."),
            labels: &[],
            author,
            restores: None,
        };
        match purpose {
            Purpose::Feature => {
                let title = format!("{} the {noun}", desk.chance.pick(&VERBS));
                Draft { labels: &["feature"], ..plain(format!("feature/{slug}-{iid}"), title) }
            }
            Purpose::Wish(issue) => {
                let title = self.issues.get(issue).map_or("Do as asked", |issue| &issue.title);
                let draft = plain(format!("feature/{issue}-{slug}-{iid}"), title.to_owned());
                let description = format!("{}\n\nCloses #{issue}", draft.description);
                Draft { labels: &["feature"], description, ..draft }
            }
            Purpose::Update => {
                let library = desk.chance.pick(&LIBRARIES);
                let title = format!("Update dependency {library} to v{iid}");
                let branch = format!("renovate/{library}-{iid}.x");
                Draft { labels: &["dependencies"], author: &BOT, ..plain(branch, title) }
            }
            Purpose::Hotfix(restores) => {
                let draft = plain(format!("hotfix/{slug}-{iid}"), format!("Repair the {noun}"));
                Draft { labels: &["hotfix"], restores: *restores, ..draft }
            }
            Purpose::Revert(landed) => {
                let branch = format!("revert-{:.8}", landed.commit.to_string());
                let description = format!("This reverts merge request !{}", landed.iid);
                let draft = plain(branch, format!("Revert \"{}\"", landed.title));
                Draft { description, ..draft }
            }
        }
    }

    /// What is still to come, the next act last, each with the seconds to wait for it.
    fn acts(
        &self,
        purpose: &Purpose,
        draft: bool,
        coding: u64,
        desk: &mut Desk,
    ) -> Vec<(u64, Act)> {
        let review = match purpose {
            Purpose::Hotfix(_) => 15 * MINUTE,
            Purpose::Revert(_) => HOUR,
            Purpose::Update => 6 * HOUR,
            Purpose::Feature | Purpose::Wish(_) => self.service.review_hours * HOUR,
        };
        let mut acts = vec![(desk.chance.between(5, 30) * MINUTE, Act::Open)];
        if draft {
            for _ in 0..desk.chance.between(1, 2) {
                acts.push((desk.chance.around(coding / 2), Act::Push));
            }
            acts.push((desk.chance.between(10, 60) * MINUTE, Act::Ready));
        }
        if purpose.is_feature() {
            if desk.chance.happens(4) {
                acts.push((desk.chance.around(review), Act::Close));
            }
            if desk.chance.happens(70) {
                acts.push((desk.chance.around(review / 2), Act::Remark));
                acts.push((desk.chance.around(HOUR), Act::Push));
            }
        }
        if !matches!(purpose, Purpose::Update) || desk.chance.happens(50) {
            acts.push((desk.chance.around(review / 2), Act::Approve));
        }
        acts.push((desk.chance.around((review / 4).max(5 * MINUTE)), Act::Merge));
        acts.reverse();
        acts
    }

    /// Puts the next act of a merge request on the agenda.
    fn go_on(&mut self, iid: u64, desk: &mut Desk) {
        let Some(underway) = self.underway.get_mut(&iid) else { return };
        let Some((wait, act)) = underway.acts.pop() else { return };
        let step = Step::Request(iid, act);
        if underway.urgent || underway.request.author == &BOT {
            desk.later(self.index, wait, step);
        } else {
            desk.at_work(self.index, wait, step);
        }
    }

    /// The next act in the life of a merge request.
    pub(super) fn request(&mut self, iid: u64, act: Act, desk: &mut Desk) {
        let Some(mut underway) = self.underway.remove(&iid) else { return };
        let request = &mut underway.request;
        match act {
            Act::Open => {
                request.id = desk.next_id();
                request.created_at = desk.now;
                request.milestone = self.milestone.as_ref().map(|milestone| milestone.id);
                self.tell_request(request, RequestAction::Open, request.author, desk);
                self.start_run(request, desk);
            }
            Act::Push => self.push_more(request, desk),
            Act::Ready => {
                request.draft = false;
                self.tell_request(request, RequestAction::Ready, request.author, desk);
            }
            Act::Remark => {
                let note = Note {
                    id: desk.next_id(),
                    by: request.reviewer,
                    text: String::from("Could this be said more simply?"),
                    on: Noted::Request(Box::new(request.clone())),
                };
                desk.tell(self.service, What::Note(note));
            }
            Act::Approve => {
                self.tell_request(request, RequestAction::Approved, request.reviewer, desk);
            }
            Act::Close => {
                return self.tell_request(request, RequestAction::Close, request.author, desk);
            }
            Act::Merge => return self.merge(underway, desk),
        }
        self.underway.insert(iid, underway);
        self.go_on(iid, desk);
    }

    fn tell_request(
        &self,
        request: &Request,
        action: RequestAction,
        by: &'static Person,
        desk: &mut Desk,
    ) {
        let event = RequestEvent { request: request.clone(), action, by };
        desk.tell(self.service, What::Request(event));
    }

    fn push_more(&mut self, request: &mut Request, desk: &mut Desk) {
        let commit = Commit {
            sha: desk.sha(),
            author: request.author,
            authored_at: desk.now.minus(desk.chance.between(60, 1_200)),
            message: format!("{}: what the review asked for", request.title),
        };
        let before = request.commits.last().map(|head| head.sha);
        request.commits.push(commit.clone());
        self.push(&request.branch, before, &[commit], desk);
        if let Some(before) = before {
            self.tell_request(request, RequestAction::Pushed(before), request.author, desk);
        }
        self.start_run(request, desk);
    }

    fn push(&self, branch: &str, before: Option<Sha>, commits: &[Commit], desk: &mut Desk) {
        let Some(head) = commits.last() else { return };
        let (after, by) = (head.sha, head.author);
        let (branch, commits) = (branch.to_owned(), commits.to_vec());
        desk.tell(self.service, What::Push(Push { branch, before, after, commits, by }));
    }

    fn start_run(&mut self, request: &Request, desk: &mut Desk) {
        if let Some(head) = request.commits.last() {
            let on = Some((request.id, request.iid));
            self.run(&request.branch.clone(), head.clone(), on, desk);
        }
    }

    /// The merge request lands, and the default branch moves.
    fn merge(&mut self, mut underway: Underway, desk: &mut Desk) {
        let request = &mut underway.request;
        let by = if request.author == &BOT { request.reviewer } else { request.author };
        let commit = |desk: &mut Desk, message: String| Commit {
            sha: desk.sha(),
            author: by,
            authored_at: desk.now,
            message,
        };
        let before = self.head.sha;
        let mut pushed = request.commits.clone();
        match self.service.landing {
            // Before 19.x no hook names a squash commit: such a team sees merge commits only.
            Landing::Squash if desk.dialect() == Dialect::V19 => {
                let squashed = commit(desk, request.title.clone());
                request.squash_commit = Some(squashed.sha);
                pushed = vec![squashed];
            }
            Landing::MergeCommit | Landing::Squash => {
                let message = format!(
                    "Merge branch '{}' into 'main'\n\n{}\n\nSee merge request {}!{}",
                    request.branch, request.title, self.service.path, request.iid
                );
                let merged = commit(desk, message);
                request.merge_commit = Some(merged.sha);
                pushed.push(merged);
            }
            Landing::FastForward => self.rebase(&mut pushed, request, desk),
        }
        request.merged_at = Some(desk.now);
        let Some(head) = pushed.last().cloned() else { return };
        self.tell_request(request, RequestAction::Merge, by, desk);
        self.push("main", Some(before), &pushed, desk);
        self.undelivered.push(Landed {
            iid: request.iid,
            title: request.title.clone(),
            commit: head.sha,
        });
        self.head = head.clone();
        if let Some(wish) = underway.wish {
            self.idea_done(wish, desk);
        }
        self.landed(head, underway.restores, underway.urgent, desk);
    }

    /// A branch that others overtook is rebased and pushed before it can be fast-forwarded.
    fn rebase(&self, commits: &mut Vec<Commit>, request: &mut Request, desk: &mut Desk) {
        let before = commits.last().map(|head| head.sha);
        for commit in commits.iter_mut() {
            commit.sha = desk.sha();
        }
        request.commits.clone_from(commits);
        self.push(&request.branch, before, commits, desk);
        if let Some(before) = before {
            self.tell_request(request, RequestAction::Pushed(before), request.author, desk);
        }
    }

    /// Somebody pushes to the default branch without asking.
    pub(super) fn direct_commit(&mut self, desk: &mut Desk) {
        let by = self.somebody(desk);
        let commit = Commit {
            sha: desk.sha(),
            author: by,
            authored_at: desk.now.minus(desk.chance.between(120, 7_200)),
            message: format!("Correct the {}", desk.chance.pick(&NOUNS)),
        };
        let before = self.head.sha;
        self.push("main", Some(before), std::slice::from_ref(&commit), desk);
        self.head = commit.clone();
        self.landed(commit, None, false, desk);
    }

    /// A pipeline starts.
    pub(super) fn run(
        &mut self,
        branch: &str,
        commit: Commit,
        request: Option<(u64, u64)>,
        desk: &mut Desk,
    ) {
        self.last_run += 1;
        let mut run = Run {
            id: desk.next_id(),
            iid: self.last_run,
            first_job: desk.next_id(),
            commit,
            branch: branch.to_owned(),
            request,
            state: RunState::Running,
            created_at: desk.now,
        };
        // The two jobs after the first.
        let _ = (desk.next_id(), desk.next_id());
        if request.is_none() {
            desk.tell(self.service, What::Pipeline(run.clone()));
        }
        run.state = if desk.chance.happens(93) { RunState::Success } else { RunState::Failed };
        let seconds = desk.chance.between(180, 900);
        desk.later(self.index, seconds, Step::RunEnds(Box::new(run)));
    }
}
