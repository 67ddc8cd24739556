//! Any fact of any type, from few enough values that keys and instants collide.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::support::project;
use crate::delivery::register::{Earliest, Ever, Furthest, Greatest, Newest};
use crate::delivery::{
    BranchName, Cause, ClosedIssues, Commit, CommitIdentity, CommitList, CommitSha, Deployment,
    DeploymentId, DeploymentStatus, Environment, EnvironmentName, EnvironmentTier, Fact, FactBody,
    Iid, Issue, IssueLabel, IssueMilestone, IssueTransition, IssueType, Job, JobId, JobName, Jobs,
    LabelName, LabelSet, MergeRequest, MergeRequestCommit, MergeRequestState, Milestone,
    MilestoneDue, MilestoneId, PersonHash, Pipeline, PipelineId, PipelineJobs, PipelineStage,
    Project, ProjectId, ProjectPath, Push, RefName, Reverted, Review, RunStatus, Severity,
    StageName, TagName, TagRelease, Timestamp, Transition,
};

/// A fact of one of three projects.
pub(crate) fn fact() -> impl Strategy<Value = Fact> {
    (1..=3_u64, body()).prop_map(|(number, body)| Fact { project: project(number), body })
}

/// What a fact of any type can say.
pub(crate) fn body() -> BoxedStrategy<FactBody> {
    let places = prop_oneof![
        the_project().prop_map(FactBody::Project).boxed(),
        environment().prop_map(FactBody::Environment).boxed(),
        deployment().prop_map(FactBody::Deployment).boxed(),
        pipeline().prop_map(FactBody::Pipeline).boxed(),
        pipeline_stage().prop_map(FactBody::PipelineStage).boxed(),
        pipeline_jobs().prop_map(FactBody::PipelineJobs).boxed(),
        super::images::of_a_commit(sha()).prop_map(FactBody::CommitImages).boxed(),
    ];
    let changes = prop_oneof![
        merge_request().prop_map(|fact| FactBody::MergeRequest(Box::new(fact))).boxed(),
        (iid(), sha()).prop_map(|(merge_request, sha)| {
            FactBody::MergeRequestCommit(MergeRequestCommit { merge_request, sha })
        }),
        (iid(), instant(), person()).prop_map(|(merge_request, at, person)| {
            FactBody::Review(Review { merge_request, at, person })
        }),
        commit().prop_map(FactBody::Commit).boxed(),
        push().prop_map(FactBody::Push).boxed(),
    ];
    let planning = prop_oneof![
        issue().prop_map(FactBody::Issue).boxed(),
        (iid(), instant(), prop_oneof![Just(Transition::Closed), Just(Transition::Reopened)])
            .prop_map(|(issue, at, transition)| {
                FactBody::IssueTransition(IssueTransition { issue, at, transition })
            }),
        (iid(), label(), earliest()).prop_map(|(issue, label, added_at)| {
            FactBody::IssueLabel(IssueLabel { issue, label, added_at })
        }),
        (iid(), instant(), greatest(milestone_id()), greatest(milestone_id())).prop_map(
            |(issue, at, before, milestone)| {
                FactBody::IssueMilestone(IssueMilestone { issue, at, before, milestone })
            }
        ),
        (milestone_id(), instant(), greatest(instant())).prop_map(|(milestone, at, due_day)| {
            FactBody::MilestoneDue(MilestoneDue { milestone, at, due_day })
        }),
        tag_release().prop_map(FactBody::TagRelease).boxed(),
        milestone().prop_map(FactBody::Milestone).boxed(),
    ];
    prop_oneof![places.boxed(), changes.boxed(), planning.boxed()].boxed()
}

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        9 => (1_780_000_000..1_780_000_005_i64).prop_map(Timestamp::from_second),
        1 => any::<i64>().prop_map(Timestamp::from_second),
        1 => Just(Timestamp::UNDATED),
    ]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![9 => 1..5_u64, 1 => 1..=u64::try_from(i64::MAX).unwrap()]
}

macro_rules! numbered {
    ($($name:ident $id:ident)*) => {$(
        fn $name() -> impl Strategy<Value = $id> {
            number().prop_map(|number| $id::new(number).unwrap())
        }
    )*};
}

numbered! {
    iid Iid
    deployment_id DeploymentId
    job_id JobId
    pipeline_id PipelineId
    project_id ProjectId
    milestone_id MilestoneId
}

/// Texts as GitLab may send them, among them odd ones.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec!["main", "production", "recette/é", "a b\n\"c\"", "\0"])
            .prop_map(str::to_owned),
        1 => any::<String>().prop_filter("never empty", |text| !text.is_empty()),
    ]
}

macro_rules! named {
    ($($name:ident $id:ident)*) => {$(
        fn $name() -> impl Strategy<Value = $id> {
            text().prop_map(|text| $id::new(&text).unwrap())
        }
    )*};
}

named! {
    path ProjectPath
    environment_name EnvironmentName
    branch BranchName
    reference RefName
    label LabelName
    tag TagName
    stage StageName
    job_name JobName
}

fn sha() -> impl Strategy<Value = CommitSha> {
    prop_oneof![
        (1..4_u8).prop_map(|byte| CommitSha::from_bytes(&[byte; 20]).unwrap()),
        (1..=255_u8).prop_map(|byte| CommitSha::from_bytes(&[byte; 32]).unwrap()),
    ]
}

fn person() -> impl Strategy<Value = PersonHash> {
    (0..3_u8).prop_map(|byte| PersonHash::new([byte; 16]))
}

fn labels() -> impl Strategy<Value = LabelSet> {
    vec(label(), 0..3).prop_map(LabelSet::new)
}

fn earliest() -> impl Strategy<Value = Earliest> {
    option::of(instant()).prop_map(Earliest)
}

fn ever() -> impl Strategy<Value = Ever> {
    any::<bool>().prop_map(Ever)
}

fn greatest<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Greatest<T>> {
    option::of(value).prop_map(Greatest)
}

fn newest<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Newest<T>> {
    option::of((instant(), value)).prop_map(Newest)
}

fn furthest<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Furthest<T>> {
    option::of((instant(), value)).prop_map(Furthest)
}

fn tier() -> impl Strategy<Value = EnvironmentTier> {
    prop::sample::select(vec!["production", "staging", "development", "other", "pre_prod_2"])
        .prop_map(|tier| EnvironmentTier::from_policy(tier).unwrap())
}

fn deployment_status() -> impl Strategy<Value = DeploymentStatus> {
    use DeploymentStatus::{
        Approved, Blocked, Canceled, Created, Failed, Rejected, Running, Skipped, Success,
    };
    prop::sample::select(vec![
        Created, Blocked, Approved, Rejected, Running, Skipped, Canceled, Failed, Success,
    ])
}

fn run_status() -> impl Strategy<Value = RunStatus> {
    use RunStatus::{Canceled, Failed, Pending, Running, Skipped, Success};
    prop::sample::select(vec![Pending, Running, Skipped, Canceled, Failed, Success])
}

fn the_project() -> impl Strategy<Value = Project> {
    (newest(path()), newest(branch()), newest(any::<bool>()))
        .prop_map(|(path, default_branch, deleted)| Project { path, default_branch, deleted })
}

fn environment() -> impl Strategy<Value = Environment> {
    (environment_name(), newest(tier()), earliest()).prop_map(|(name, tier, seen_at)| Environment {
        name,
        tier,
        seen_at,
    })
}

fn deployment() -> impl Strategy<Value = Deployment> {
    let what =
        (greatest(environment_name()), greatest(sha()), greatest(reference()), greatest(job_id()));
    let how = (furthest(deployment_status()), earliest(), earliest(), ever());
    (deployment_id(), what, how).prop_map(|(id, what, how)| {
        let (environment, sha, ref_name, job) = what;
        let (status, started_at, succeeded_at, rejected) = how;
        Deployment {
            id,
            environment,
            sha,
            ref_name,
            job,
            status,
            started_at,
            succeeded_at,
            rejected,
        }
    })
}

fn merge_request() -> impl Strategy<Value = MergeRequest> {
    let state = prop::sample::select(vec![
        MergeRequestState::Opened,
        MergeRequestState::Locked,
        MergeRequestState::Closed,
        MergeRequestState::Merged,
    ]);
    let reverts =
        prop_oneof![iid().prop_map(Reverted::MergeRequest), sha().prop_map(Reverted::Commit)];
    let who = (greatest(person()), ever(), greatest(project_id()));
    let where_to = (newest(branch()), newest(branch()), furthest(state));
    let when = (earliest(), earliest(), earliest(), ever(), earliest());
    let marks = (newest(labels()), newest(option::of(milestone_id())));
    let closes = vec(iid(), 0..3).prop_map(ClosedIssues::new);
    let commits =
        (newest(sha()), newest(sha()), newest(sha()), newest(option::of(reverts)), newest(closes));
    (iid(), who, where_to, when, marks, commits).prop_map(
        |(iid, who, where_to, when, marks, commits)| MergeRequest {
            iid,
            author: who.0,
            author_excluded: who.1,
            source_project: who.2,
            source_branch: where_to.0,
            target_branch: where_to.1,
            state: where_to.2,
            created_at: when.0,
            merged_at: when.1,
            merge_reported_at: when.2,
            was_draft: when.3,
            ready_at: when.4,
            labels: marks.0,
            milestone: marks.1,
            head: commits.0,
            merge_commit: commits.1,
            squash_commit: commits.2,
            reverts: commits.3,
            closes: commits.4,
        },
    )
}

fn commit() -> impl Strategy<Value = Commit> {
    let identity = (0..3_u8).prop_map(|byte| CommitIdentity([byte; 16]));
    let when = (earliest(), earliest(), ever(), ever());
    (sha(), when, greatest(sha()), greatest(sha()), greatest(identity)).prop_map(
        |(sha, when, picked_from, reverts, identity)| {
            let (authored_at, committed_at, is_merge, author_excluded) = when;
            Commit {
                sha,
                authored_at,
                committed_at,
                is_merge,
                author_excluded,
                picked_from,
                reverts,
                identity,
            }
        },
    )
}

fn push() -> impl Strategy<Value = Push> {
    let commits = vec(sha(), 0..4).prop_map(|list| CommitList(list.into()));
    let what = (greatest(sha()), greatest(sha()), greatest(commits), greatest(any::<u32>()));
    (reference(), sha(), what).prop_map(|(ref_name, after, what)| {
        let (before, checkout, commits, total_commits) = what;
        Push { ref_name, after, before, checkout, commits, total_commits }
    })
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        Just(Cause::External),
        deployment_id().prop_map(Cause::Deployment),
        iid().prop_map(Cause::MergeRequest),
        "[0-9a-f]{8,64}".prop_map(|digits| Cause::Commit(digits.into())),
    ]
}

fn issue() -> impl Strategy<Value = Issue> {
    let issue_type =
        prop::sample::select(vec![IssueType::Other, IssueType::Issue, IssueType::Incident]);
    let severity = prop::sample::select(Severity::ALL.to_vec());
    let what = (newest(issue_type), earliest(), newest(severity));
    let marks = (newest(labels()), newest(option::of(milestone_id())), newest(any::<bool>()));
    let notes = (newest(option::of(cause())), newest(cause()), earliest());
    (iid(), what, marks, notes).prop_map(
        |(iid, what, marks, (described_cause, noted_cause, first_note_at))| Issue {
            iid,
            issue_type: what.0,
            created_at: what.1,
            severity: what.2,
            labels: marks.0,
            milestone: marks.1,
            superseded: marks.2,
            described_cause,
            noted_cause,
            first_note_at,
        },
    )
}

fn pipeline() -> impl Strategy<Value = Pipeline> {
    let what = (furthest(run_status()), greatest(sha()), greatest(reference()), greatest(iid()));
    (pipeline_id(), what, earliest(), earliest()).prop_map(|(id, what, created_at, finished_at)| {
        let (status, sha, ref_name, merge_request) = what;
        Pipeline { id, status, sha, ref_name, created_at, finished_at, merge_request }
    })
}

fn pipeline_stage() -> impl Strategy<Value = PipelineStage> {
    (pipeline_id(), stage(), earliest(), greatest(instant())).prop_map(
        |(pipeline, stage, started_at, finished_at)| PipelineStage {
            pipeline,
            stage,
            started_at,
            finished_at,
        },
    )
}

fn job() -> impl Strategy<Value = Job> {
    let place = (greatest(environment_name()), greatest(tier()));
    (job_id(), job_name(), earliest(), instant(), place).prop_map(
        |(id, name, started_at, finished_at, (environment, tier))| Job {
            id,
            name,
            started_at,
            finished_at,
            environment,
            tier,
        },
    )
}

fn pipeline_jobs() -> impl Strategy<Value = PipelineJobs> {
    (pipeline_id(), greatest(sha()), greatest(reference()), vec(job(), 0..4)).prop_map(
        |(pipeline, sha, ref_name, jobs)| PipelineJobs {
            pipeline,
            sha,
            ref_name,
            jobs: Jobs::new(jobs),
        },
    )
}

fn tag_release() -> impl Strategy<Value = TagRelease> {
    (tag(), earliest(), newest(instant()), greatest(sha()), newest(any::<bool>())).prop_map(
        |(tag, created_at, released_at, sha, deleted)| TagRelease {
            tag,
            created_at,
            released_at,
            sha,
            deleted,
        },
    )
}

fn milestone() -> impl Strategy<Value = Milestone> {
    let days = (newest(option::of(instant())), newest(option::of(instant())));
    (milestone_id(), earliest(), days, newest(any::<bool>()), newest(any::<bool>())).prop_map(
        |(id, created_at, (start_day, due_day), closed, deleted)| Milestone {
            id,
            created_at,
            start_day,
            due_day,
            closed,
            deleted,
        },
    )
}
