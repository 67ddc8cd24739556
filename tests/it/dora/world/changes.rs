//! Merge requests and the branches that they come from.

use std::collections::BTreeSet;

use proptest::sample::Index;

use super::super::reference::truth::{Method, TrueRequest};
use super::World;
use super::git::{Making, place};
use super::steps::Step;

impl World {
    /// An open merge request that is no draft any more.
    pub(super) fn chosen(&self, which: Index) -> Option<u64> {
        let ready: Vec<u64> = self
            .open
            .iter()
            .copied()
            .filter(|number| {
                self.truth.requests[place(*number)].ready.is_none_or(|ready| ready <= self.now)
            })
            .collect();
        (!ready.is_empty()).then(|| *which.get(&ready))
    }

    pub(super) fn on_open(&mut self, which: Index, act: impl FnOnce(&mut Self, u64, &str)) {
        if self.open.is_empty() {
            return;
        }
        let number = *which.get(&self.open);
        let source = self.truth.requests[place(number)].source.clone();
        if source.starts_with("feature/") || source.starts_with("hotfix/n") {
            act(self, number, &source);
            self.tell_request(number);
        }
    }

    pub(super) fn add(&mut self, branch: &str, commits: u8, making: Making) {
        let mut head = self.head(branch);
        for later in 0..i64::from(commits) {
            head = self.commit(vec![head], Making { age: making.age - later, ..making });
        }
        self.push(branch, head);
    }

    pub(super) fn open(&mut self, step: &Step) {
        let Step::Open { from, commits, age, marks, draft, reverts, milestone } = step else {
            return;
        };
        let number = u64::try_from(self.truth.requests.len()).unwrap() + 1;
        let target = if from % 4 == 0 { "develop" } else { "main" };
        let prefix = if marks % 8 == 0 { "hotfix/n" } else { "feature/" };
        let source = format!("{prefix}{number}");
        let making = Making { age: i64::from(*age), ..Making::default() };
        let base = self.head(target);
        if from % 2 == 0 {
            self.create_branch(&source, base);
            self.add(&source, *commits, making);
        } else {
            let mut head = base;
            for later in 0..i64::from(*commits) {
                head = self.commit(vec![head], Making { age: making.age - later, ..making });
            }
            self.push(&source, head);
        }
        let labels = match marks / 8 % 8 {
            0 => vec!["hotfix"],
            1 => vec!["chore"],
            2 => vec!["chore", "hotfix"],
            _ => Vec::new(),
        };
        let original = reverts
            .filter(|_| number > 1)
            .map(|which| u64::try_from(which.index(place(number))).unwrap() + 1);
        self.request(TrueRequest {
            author: marks % 3 + 1,
            by_bot: marks % 16 == 1,
            source,
            target: target.to_owned(),
            labels,
            created: self.now,
            ready: draft.map(|wait| self.now + i64::from(wait)),
            commits: Vec::new(),
            merged: None,
            reviews: Vec::new(),
            reverts: original,
            milestone: milestone.and_then(|which| self.milestone(which)),
            heads: BTreeSet::new(),
        });
    }

    fn request(&mut self, request: TrueRequest) -> u64 {
        let ready = request.ready;
        self.truth.requests.push(request);
        let number = u64::try_from(self.truth.requests.len()).unwrap();
        self.open.push(number);
        self.list_commits(number);
        self.tell_request(number);
        if let Some(ready) = ready {
            let now = std::mem::replace(&mut self.now, ready);
            self.tell_request(number);
            self.now = now;
        }
        number
    }

    fn plain(&self, source: &str, target: &str, labels: Vec<&'static str>) -> TrueRequest {
        TrueRequest {
            author: 1,
            by_bot: false,
            source: source.to_owned(),
            target: target.to_owned(),
            labels,
            created: self.now,
            ready: None,
            commits: Vec::new(),
            merged: None,
            reviews: Vec::new(),
            reverts: None,
            milestone: None,
            heads: BTreeSet::new(),
        }
    }

    pub(super) fn sync(&mut self, number: u64, source: &str) {
        let theirs = self.head(&self.truth.requests[place(number)].target);
        let ours = self.head(source);
        if !self.truth.reach(ours).contains(&theirs) {
            let merge = self.commit(vec![ours, theirs], Making::default());
            self.push(source, merge);
            self.list_commits(number);
        }
    }

    pub(super) fn rebase(&mut self, number: u64, source: &str) {
        let request = &self.truth.requests[place(number)];
        let own = request.commits.clone();
        let mut head = self.head(&request.target);
        let is_plain = own.iter().all(|commit| self.truth.commits[*commit].parents.len() == 1);
        if is_plain && !self.truth.reach(self.head(source)).contains(&head) {
            for commit in own {
                head = self.replay(commit, head);
            }
            self.push(source, head);
            self.list_commits(number);
        }
    }

    pub(super) fn review(&mut self, which: Index, person: u8, before: u16) {
        if !self.truth.requests.is_empty() {
            let number = u64::try_from(which.index(self.truth.requests.len())).unwrap() + 1;
            let second = self.now - i64::from(before) / 4;
            self.truth.requests[place(number)].reviews.push((second, person));
            self.tell_review(number, second, person);
        }
    }

    pub(super) fn promote(&mut self) {
        let (main, develop) = (self.head("main"), self.head("develop"));
        if !self.truth.reach(main).contains(&develop) {
            let number = self.request(self.plain("develop", "main", Vec::new()));
            self.merge(number, Method::MergeCommit);
        }
    }

    pub(super) fn cut(&mut self, from: Index, pick: Option<Index>, opens: bool) {
        let branch = format!("hotfix/cut{}", self.truth.commits.len());
        let base = *from.get(&self.deployable);
        self.create_branch(&branch, base);
        let reached = self.truth.reach(base);
        let lines = [self.head("main"), self.head("develop")].map(|head| self.truth.reach(head));
        let picked_from = pick
            .map(|which| which.index(self.truth.commits.len()))
            .filter(|commit| lines.iter().any(|line| line.contains(commit)))
            .filter(|commit| !reached.contains(commit));
        self.add(&branch, 1, Making { age: 600, picked_from, ..Making::default() });
        let is_stacked = !self.truth.reach(self.head("main")).contains(&base);
        if opens && !is_stacked {
            self.request(self.plain(&branch, "main", Vec::new()));
        }
    }
}
