//! What may happen next in a project.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::reference::truth::Method;
use super::World;
use super::git::Making;

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
        milestone: Option<Index>,
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
        job: u8,
    },
    /// A job that names no environment, of which no deployment is recorded.
    Run {
        job: u8,
        back: u8,
        takes: u16,
    },
    /// A tag is released, now or at another instant.
    Publish {
        back: u8,
        ahead: i32,
        deleted: bool,
    },
    /// A milestone is made; days count from today.
    Plan {
        start: Option<i8>,
        due: Option<i8>,
    },
    /// A milestone is told of again.
    Replan {
        which: Index,
        due: Option<i8>,
        deletes: bool,
    },
    /// An issue comes into a milestone or leaves one.
    Assign {
        which: Index,
        milestone: Option<Index>,
    },
    /// On an open merge request, else on main or develop.
    Pipeline {
        on: Option<Index>,
        for_request: bool,
        spans: Vec<u16>,
        status: Option<u8>,
    },
    Incident {
        kind: u8,
        cause: u8,
        of: Index,
        turns: Vec<u32>,
        severity: u8,
        before: u16,
        milestone: Option<Index>,
    },
}

/// A step, and the seconds before it.
pub(crate) fn step() -> impl Strategy<Value = (Step, u32)> {
    let step = prop_oneof![22 => coding(), 18 => delivering(), 11 => planning()];
    (step, prop_oneof![1 => Just(0_u32), 1 => Just(1), 3 => 0..4_000_u32, 3 => 0..90_000_u32])
}

/// What a project has happen to its code.
fn coding() -> impl Strategy<Value = Step> {
    let age = || prop_oneof![8 => 0..200_000_i32, 1 => -9_000..0_i32];
    let index = any::<Index>;
    let opened = (any::<u8>(), 1..4_u8, age(), any::<u8>(), option(0..50_000_u16), option(index()));
    prop_oneof![
        3 => (1..3_u8, any::<bool>(), age(), any::<bool>()).prop_map(
            |(commits, by_bot, age, develop)| Step::Direct { commits, by_bot, age, develop }
        ),
        6 => (opened, option(index())).prop_map(
            |((from, commits, age, marks, draft, reverts), milestone)| Step::Open {
                from, commits, age, marks, draft, reverts, milestone,
            },
        ),
        2 => (index(), age()).prop_map(|(which, age)| Step::Extend { which, age }),
        2 => index().prop_map(|which| Step::Sync { which }),
        1 => index().prop_map(|which| Step::Rebase { which }),
        3 => (index(), 1..4_u8, any::<u16>())
            .prop_map(|(which, person, before)| Step::Review { which, person, before }),
        8 => (index(), 0..5_u8).prop_map(|(which, method)| Step::Merge { which, method }),
        1 => index().prop_map(|which| Step::Abandon { which }),
        2 => Just(Step::Promote),
        2 => (index(), option(index()), any::<bool>())
            .prop_map(|(from, pick, opens)| Step::Cut { from, pick, opens }),
    ]
}

/// What reaches users, and what they suffer.
fn delivering() -> impl Strategy<Value = Step> {
    let back = || (0..6_u8).prop_map(|back| back.saturating_sub(3));
    let takes = || any::<u16>().prop_map(|own| if own % 2 == 0 { own / 60 } else { own });
    prop_oneof![
        12 => (0..8_u8, back(), takes(), 0..12_u8, 0..12_u8)
            .prop_map(|(environment, back, takes, status, job)| Step::Deploy {
                environment, back, takes, status, job,
            }),
        2 => (0..6_u8, back(), takes())
            .prop_map(|(job, back, takes)| Step::Run { job, back, takes }),
        2 => (back(), prop_oneof![2 => Just(0_i32), 1 => -90_000..90_000_i32], 0..8_u8)
            .prop_map(|(back, ahead, deleted)| Step::Publish { back, ahead, deleted: deleted == 0 }),
        3 => (
            (any::<u8>(), 0..8_u8, any::<Index>(), proptest::collection::vec(0..90_000_u32, 0..4)),
            (0..5_u8, any::<u16>(), option(any::<Index>())),
        )
            .prop_map(|((kind, cause, of, turns), (severity, before, milestone))| Step::Incident {
                kind, cause, of, turns, severity, before, milestone,
            }),
    ]
}

/// What is intended, and tried.
fn planning() -> impl Strategy<Value = Step> {
    let day = || proptest::option::weighted(0.8, -1..5_i8);
    let index = any::<Index>;
    prop_oneof![
        2 => (option(-2..4_i8), day()).prop_map(|(start, due)| Step::Plan { start, due }),
        2 => (index(), day(), 0..8_u8)
            .prop_map(|(which, due, deletes)| Step::Replan { which, due, deletes: deletes == 0 }),
        3 => (index(), proptest::option::weighted(0.6, index()))
            .prop_map(|(which, milestone)| Step::Assign { which, milestone }),
        5 => (
            proptest::option::weighted(0.6, index()),
            any::<bool>(),
            proptest::collection::vec(0..9_000_u16, 0..6),
            proptest::option::weighted(0.9, 0..6_u8),
        )
            .prop_map(|(on, for_request, spans, status)| Step::Pipeline {
                on, for_request, spans, status,
            }),
    ]
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
            Step::Deploy { .. } => self.deploy(step),
            Step::Run { .. } => self.run(step),
            Step::Publish { .. } => self.publish(step),
            Step::Plan { start, due } => self.plan(*start, *due),
            Step::Replan { which, due, deletes } => self.replan(*which, *due, *deletes),
            Step::Assign { which, milestone } => self.assign(*which, *milestone),
            Step::Pipeline { .. } => self.pipeline(step),
            Step::Incident { .. } => self.incident(step),
        }
    }
}
