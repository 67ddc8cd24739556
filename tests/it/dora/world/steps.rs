//! What may happen next in a project.

use gitlab_dora_exporter::delivery::{DeploymentStatus, EnvironmentTier, Severity, Transition};
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::reference::truth::{
    Method, TrueCause, TrueDeployment, TrueEnvironment, TrueIssue, TrueRequest,
};
use super::World;
use super::git::{Making, place};

/// One thing that happens; an [`Index`] picks among what there is.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Commits pushed to main or develop.
    Direct {
        commits: u8,
        by_bot: bool,
        age: i32,
        develop: bool,
    },
    Open {
        from: u8,
        commits: u8,
        age: i32,
        marks: u8,
        draft: Option<u16>,
        reverts: Option<Index>,
    },
    /// More commits on the branch of an open merge request.
    Extend {
        which: Index,
        age: i32,
    },
    /// Its target is merged into it.
    Sync {
        which: Index,
    },
    Rebase {
        which: Index,
    },
    Review {
        which: Index,
        person: u8,
        before: u16,
    },
    Merge {
        which: Index,
        method: u8,
    },
    Abandon {
        which: Index,
    },
    /// Develop is merged into main.
    Promote,
    /// A branch cut from what was deployed, with a commit of its own or a pick.
    Cut {
        from: Index,
        pick: Option<Index>,
        opens: bool,
    },
    Deploy {
        environment: u8,
        back: u8,
        takes: u16,
        status: u8,
    },
    Incident {
        kind: u8,
        cause: u8,
        of: Index,
        turns: Vec<u32>,
        severity: u8,
        before: u16,
    },
}

/// A step, and the seconds before it.
pub(crate) fn step() -> impl Strategy<Value = (Step, u32)> {
    let age = || prop_oneof![8 => 0..200_000_i32, 1 => -9_000..0_i32];
    let step = prop_oneof![
        3 => (1..3_u8, any::<bool>(), age(), any::<bool>()).prop_map(
            |(commits, by_bot, age, develop)| Step::Direct { commits, by_bot, age, develop }
        ),
        6 => (any::<u8>(), 1..4_u8, age(), any::<u8>(), option(0..50_000_u16), option(any::<Index>()))
            .prop_map(|(from, commits, age, marks, draft, reverts)| Step::Open {
                from, commits, age, marks, draft, reverts,
            }),
        2 => (any::<Index>(), age()).prop_map(|(which, age)| Step::Extend { which, age }),
        2 => any::<Index>().prop_map(|which| Step::Sync { which }),
        1 => any::<Index>().prop_map(|which| Step::Rebase { which }),
        3 => (any::<Index>(), 1..4_u8, any::<u16>())
            .prop_map(|(which, person, before)| Step::Review { which, person, before }),
        8 => (any::<Index>(), 0..5_u8).prop_map(|(which, method)| Step::Merge { which, method }),
        1 => any::<Index>().prop_map(|which| Step::Abandon { which }),
        2 => Just(Step::Promote),
        2 => (any::<Index>(), option(any::<Index>()), any::<bool>())
            .prop_map(|(from, pick, opens)| Step::Cut { from, pick, opens }),
        12 => (0..6_u8, 0..6_u8, any::<u16>(), 0..12_u8)
            .prop_map(|(environment, back, takes, status)| Step::Deploy {
                environment,
                back: back.saturating_sub(3),
                takes: if takes % 2 == 0 { takes / 60 } else { takes },
                status,
            }),
        3 => (
            any::<u8>(), 0..8_u8, any::<Index>(), proptest::collection::vec(0..90_000_u32, 0..4), 0..5_u8,
            any::<u16>(),
        )
            .prop_map(|(kind, cause, of, turns, severity, before)| Step::Incident {
                kind, cause, of, turns, severity, before,
            }),
    ];
    (step, prop_oneof![1 => Just(0_u32), 1 => Just(1), 3 => 0..4_000_u32, 3 => 0..90_000_u32])
}

fn option<T: std::fmt::Debug>(inner: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(0.3, inner)
}

const METHODS: [Method; 5] = [
    Method::MergeCommit,
    Method::Squash,
    Method::SquashAndMergeCommit,
    Method::FastForward,
    Method::Train,
];

impl World {
    pub(super) fn live(&mut self, step: &Step) {
        match step {
            Step::Direct { commits, by_bot, age, develop } => {
                let branch = if *develop { "develop" } else { "main" };
                let making = Making { age: i64::from(*age), by_bot: *by_bot, ..Making::default() };
                self.add(branch, *commits, making);
            }
            Step::Open { .. } => self.open(step),
            Step::Extend { which, age } => self.on_open(*which, |world, number, source| {
                let making = Making { age: i64::from(*age), ..Making::default() };
                world.add(source, 1, making);
                world.list_commits(number);
            }),
            Step::Sync { which } => self.on_open(*which, Self::sync),
            Step::Rebase { which } => self.on_open(*which, Self::rebase),
            Step::Review { which, person, before } => self.review(*which, *person, *before),
            Step::Merge { which, method } => {
                if let Some(number) = self.chosen(*which) {
                    self.merge(number, METHODS[usize::from(*method)]);
                }
            }
            Step::Abandon { which } => {
                if let Some(number) = self.chosen(*which) {
                    self.open.retain(|own| *own != number);
                    self.tell_request(number);
                }
            }
            Step::Promote => self.promote(),
            Step::Cut { from, pick, opens } => self.cut(*from, *pick, *opens),
            Step::Deploy { environment, back, takes, status } => {
                self.deploy(*environment, *back, i64::from(*takes), *status);
            }
            Step::Incident { .. } => self.incident(step),
        }
    }

    /// An open merge request that is no draft any more.
    fn chosen(&self, which: Index) -> Option<u64> {
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

    fn on_open(&mut self, which: Index, act: impl FnOnce(&mut Self, u64, &str)) {
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

    fn add(&mut self, branch: &str, commits: u8, making: Making) {
        let mut head = self.head(branch);
        for later in 0..i64::from(commits) {
            head = self.commit(vec![head], Making { age: making.age - later, ..making });
        }
        self.push(branch, head);
    }

    fn open(&mut self, step: &Step) {
        let Step::Open { from, commits, age, marks, draft, reverts } = step else { return };
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
        }
    }

    fn sync(&mut self, number: u64, source: &str) {
        let theirs = self.head(&self.truth.requests[place(number)].target);
        let ours = self.head(source);
        if !self.truth.reach(ours).contains(&theirs) {
            let merge = self.commit(vec![ours, theirs], Making::default());
            self.push(source, merge);
            self.list_commits(number);
        }
    }

    fn rebase(&mut self, number: u64, source: &str) {
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

    fn review(&mut self, which: Index, person: u8, before: u16) {
        if !self.truth.requests.is_empty() {
            let number = u64::try_from(which.index(self.truth.requests.len())).unwrap() + 1;
            let second = self.now - i64::from(before) / 4;
            self.truth.requests[place(number)].reviews.push((second, person));
            self.tell_review(number, second, person);
        }
    }

    fn promote(&mut self) {
        let (main, develop) = (self.head("main"), self.head("develop"));
        if !self.truth.reach(main).contains(&develop) {
            let number = self.request(self.plain("develop", "main", Vec::new()));
            self.merge(number, Method::MergeCommit);
        }
    }

    fn cut(&mut self, from: Index, pick: Option<Index>, opens: bool) {
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

    fn deploy(&mut self, environment: u8, back: u8, takes: i64, status: u8) {
        let known = [
            ("prod", None),
            ("live", Some(EnvironmentTier::Production)),
            ("stage", Some(EnvironmentTier::Staging)),
            ("qa", None),
        ];
        while self.truth.environments.len() < known.len() {
            let (name, tier) = known[self.truth.environments.len()].clone();
            self.truth.environments.push(TrueEnvironment { name, tier });
        }
        let environment = [0, 1, 2, 0, 3, 0][usize::from(environment)];
        let id = u64::try_from(self.truth.deployments.len()).unwrap() + 1;
        let which = self.deployable.len().saturating_sub(1 + usize::from(back));
        let status = match status {
            9 => DeploymentStatus::Failed,
            10 => DeploymentStatus::Canceled,
            11 => DeploymentStatus::Skipped,
            _ => DeploymentStatus::Success,
        };
        self.truth.deployments.push(TrueDeployment {
            id,
            environment,
            commit: self.deployable[which],
            began: self.now,
            status,
            at: self.now + takes,
        });
        self.tell_deployment(place(id));
    }

    fn incident(&mut self, step: &Step) {
        let Step::Incident { kind, cause, of, turns, severity, before } = step else { return };
        let opened = self.now - i64::from(*before) / 8;
        let number = |count: usize| u64::try_from(of.index(count.max(1))).unwrap() + 1;
        let cause = match cause {
            0 => Some(TrueCause::External),
            1 => Some(TrueCause::Deployment(number(self.truth.deployments.len()))),
            2 => Some(TrueCause::Request(number(self.truth.requests.len()))),
            3 => {
                // Not one that a rebase may yet replace.
                let line = self.truth.reach(self.head("main"));
                line.into_iter().nth(of.index(self.deployable.len())).map(TrueCause::Commit)
            }
            _ => None,
        };
        let labels = match kind % 8 {
            0 => vec!["external"],
            1 => vec!["outage"],
            2 => vec!["drill"],
            _ => Vec::new(),
        };
        let ways = [Transition::Closed, Transition::Reopened].into_iter().cycle();
        let mut moment = opened;
        let turns = turns.iter().zip(ways).map(|(wait, way)| {
            moment += i64::from(*wait);
            (moment, way)
        });
        self.truth.issues.push(TrueIssue {
            is_incident: kind % 3 > 0,
            labels,
            severity: Severity::ALL[usize::from(*severity)],
            opened,
            turns: turns.collect(),
            superseded: kind / 8 % 8 == 0,
            cause,
        });
        self.tell_issue(u64::try_from(self.truth.issues.len()).unwrap());
    }
}
