//! The facts that hooks give of what happens.

use gitlab_dora_exporter::delivery::register::{Earliest, Ever, Furthest, Greatest, Newest};
use gitlab_dora_exporter::delivery::{
    BranchName, Cause, ClosedIssues, Commit, CommitIdentity, CommitList, CommitSha, Deployment,
    DeploymentId, DeploymentStatus, Environment, EnvironmentName, FactBody, Iid, Issue, IssueLabel,
    IssueTransition, IssueType, JobId, LabelName, LabelSet, MergeRequest, MergeRequestCommit,
    MergeRequestState, PersonHash, Project, ProjectPath, Push, RefName, Reverted, Review,
    Timestamp,
};

use super::super::reference::truth::{Method, TrueCause, Truth};
use super::World;
use super::git::place;
use super::plan_hooks::{milestone_id, moved};

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second)
}

pub(super) fn iid(number: u64) -> Iid {
    Iid::new(number).unwrap()
}

/// The id of a commit: no two begin alike, and their order says nothing.
pub(super) fn sha(commit: usize) -> CommitSha {
    let number = u32::try_from(commit).unwrap() + 1;
    let mut bytes = [7; 20];
    bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
    CommitSha::from_bytes(&bytes).unwrap()
}

fn labels(labels: &[&str]) -> LabelSet {
    LabelSet::new(labels.iter().map(|label| LabelName::new(label).unwrap()).collect())
}

impl World {
    pub(super) fn tell_project(&mut self) {
        let path = Newest::at(at(self.now), ProjectPath::new("group/p").unwrap());
        let default_branch = Newest::at(at(self.now), BranchName::new("main").unwrap());
        let project = Project { path, default_branch, ..Project::default() };
        self.facts.push(FactBody::Project(project));
    }

    fn tell_commit(&mut self, commit: usize) {
        let own = &self.truth.commits[commit];
        let mut identity = [0; 16];
        identity[..8].copy_from_slice(&own.identity.to_be_bytes());
        self.facts.push(FactBody::Commit(Commit {
            sha: sha(commit),
            authored_at: Earliest::at(at(own.authored)),
            committed_at: Earliest(own.committed.map(at)),
            is_merge: Ever(own.parents.len() > 1),
            author_excluded: Ever(own.by_bot),
            picked_from: Greatest(own.picked_from.map(sha)),
            reverts: Greatest::default(),
            identity: Greatest(Some(CommitIdentity(identity))),
        }));
    }

    pub(super) fn tell_push(
        &mut self,
        branch: &str,
        before: Option<usize>,
        after: usize,
        brought: &[usize],
    ) {
        for commit in brought {
            self.tell_commit(*commit);
        }
        let list: Vec<CommitSha> = brought.iter().map(|commit| sha(*commit)).collect();
        let mut push =
            Push::new(RefName::new(&format!("refs/heads/{branch}")).unwrap(), sha(after));
        push.before = Greatest(before.map(sha));
        push.total_commits = Greatest(u32::try_from(list.len()).ok());
        push.commits = Greatest(Some(CommitList(list.into())));
        self.facts.push(FactBody::Push(push));
    }

    /// What any event of a merge request tells at this moment.
    pub(super) fn tell_request(&mut self, number: u64) {
        let now = at(self.now);
        let head = self.head(&self.truth.requests[place(number)].source);
        self.truth.requests[place(number)].heads.insert(head);
        let request = self.truth.requests[place(number)].clone();
        let is_open = self.open.contains(&number);
        let state = match (request.merged, is_open) {
            (Some(_), _) => MergeRequestState::Merged,
            (None, true) => MergeRequestState::Opened,
            (None, false) => MergeRequestState::Closed,
        };
        let is_draft = request.ready.is_some_and(|ready| ready > self.now);
        let ready = request.ready.unwrap_or(request.created);
        let named = request.merged.filter(|merge| merge.method != Method::Train);
        let by_commit =
            |merge: &_| matches!(merge, Method::MergeCommit | Method::SquashAndMergeCommit);
        let merge_commit = named.filter(|merge| by_commit(&merge.method));
        let dated = |commit: Option<usize>| Newest(commit.map(|commit| (now, sha(commit))));
        let mut fact = MergeRequest::new(iid(number));
        fact.author = Greatest(Some(PersonHash::new([request.author; 16])));
        fact.author_excluded = Ever(request.by_bot);
        fact.source_branch = Newest::at(now, BranchName::new(&request.source).unwrap());
        fact.target_branch = Newest::at(now, BranchName::new(&request.target).unwrap());
        fact.state = Furthest::at(now, state);
        fact.created_at = Earliest::at(at(request.created));
        fact.merged_at = Earliest(request.merged.map(|merge| at(merge.at)));
        fact.merge_reported_at = Earliest(request.merged.map(|_| now));
        fact.was_draft = Ever(request.ready.is_some());
        fact.ready_at = Earliest(Some(at(ready)).filter(|_| !is_draft));
        fact.labels = Newest::at(now, labels(&request.labels));
        fact.head = dated(Some(head));
        fact.merge_commit = dated(merge_commit.map(|merge| merge.landing));
        fact.squash_commit = dated(named.and_then(|merge| merge.squash));
        fact.milestone = Newest::at(now, request.milestone.map(milestone_id));
        let original = request.reverts.map(|original| Reverted::MergeRequest(iid(original)));
        fact.reverts = Newest::at(now, original);
        let closes = Truth::closes(number).into_iter().map(iid).collect();
        fact.closes = Newest::at(now, ClosedIssues::new(closes));
        self.facts.push(FactBody::MergeRequest(Box::new(fact)));
        let listed = MergeRequestCommit { merge_request: iid(number), sha: sha(head) };
        self.facts.push(FactBody::MergeRequestCommit(listed));
        self.tell_commit(head);
    }

    pub(super) fn tell_review(&mut self, number: u64, second: i64, person: u8) {
        let person = PersonHash::new([person; 16]);
        let review = Review { merge_request: iid(number), at: at(second), person };
        self.facts.push(FactBody::Review(review));
    }

    pub(super) fn tell_deployment(&mut self, own: usize) {
        let own = self.truth.deployments[own].clone();
        let name = EnvironmentName::new(self.truth.environments[own.environment].name).unwrap();
        for (second, status) in [(own.began, DeploymentStatus::Running), (own.at, own.status)] {
            let mut deployment = Deployment::new(DeploymentId::new(own.id).unwrap());
            deployment.job = Greatest(own.job.map(|job| JobId::new(job).unwrap()));
            deployment.environment = Greatest(Some(name.clone()));
            deployment.sha = Greatest(Some(sha(own.commit)));
            deployment.ref_name = Greatest(Some(RefName::new("main").unwrap()));
            deployment.status = Furthest::at(at(second), status);
            let when = |wanted| Earliest(Some(at(second)).filter(|_| status == wanted));
            deployment.started_at = when(DeploymentStatus::Running);
            deployment.succeeded_at = when(DeploymentStatus::Success);
            self.facts.push(FactBody::Deployment(deployment));
            self.facts.push(FactBody::Environment(Environment {
                name: name.clone(),
                tier: Newest(self.tier_at(own.environment, second).map(|tier| (at(second), tier))),
                seen_at: Earliest::at(at(second)),
            }));
        }
    }

    pub(super) fn tell_issue(&mut self, number: u64) {
        let own = self.truth.issues[place(number)].clone();
        let opened = at(own.opened);
        let mut issue = Issue::new(iid(number));
        let kind = if own.is_incident { IssueType::Incident } else { IssueType::Issue };
        issue.issue_type = Newest::at(opened, kind);
        issue.created_at = Earliest::at(opened);
        issue.severity = Newest::at(opened.plus(60), own.severity);
        issue.labels = Newest::at(opened, labels(&own.labels));
        issue.superseded = Newest::at(opened.plus(90), own.superseded);
        let cause = own.cause.map(|cause| match cause {
            TrueCause::External => Cause::External,
            TrueCause::Deployment(id) => Cause::Deployment(DeploymentId::new(id).unwrap()),
            TrueCause::Request(number) => Cause::MergeRequest(iid(number)),
            TrueCause::Commit(commit) => Cause::Commit(sha(commit).to_string()[..8].into()),
        });
        if number.is_multiple_of(2) {
            issue.described_cause = Newest::at(opened, cause);
        } else {
            issue.noted_cause = Newest(cause.map(|cause| (opened, cause)));
        }
        issue.first_note_at = Earliest(self.truth.noted(number).map(at));
        // An issue that is opened in a milestone came into it then.
        let milestone = own.moves.first().and_then(|(_, to)| *to);
        issue.milestone = Newest::at(opened, milestone.map(milestone_id));
        self.facts.push(FactBody::Issue(issue));
        self.facts.extend(milestone.map(|_| moved(number, own.opened, (None, milestone))));
        self.facts.extend(self.truth.validated(number).map(|second| {
            let label = LabelName::new("validated").unwrap();
            let added_at = Earliest::at(at(second));
            FactBody::IssueLabel(IssueLabel { issue: iid(number), label, added_at })
        }));
        for (second, transition) in own.turns {
            let turn = IssueTransition { issue: iid(number), at: at(second), transition };
            self.facts.push(FactBody::IssueTransition(turn));
        }
    }
}
