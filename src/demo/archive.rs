//! The past of a project as facts, of any length: what a store holds after months of hooks.
//!
//! For measuring speed and memory. Facts are those that hooks of GitLab 19 give, merged: every
//! deployment brings three merge requests, each with its branch, its commits, a review and its
//! merge; some releases fail in each of the ways that are known.

use crate::delivery::register::{Earliest, Ever, Furthest, Greatest, Newest};
use crate::delivery::{
    BranchName, Cause, Commit, CommitIdentity, CommitList, CommitSha, Deployment, DeploymentId,
    DeploymentStatus, Environment, EnvironmentName, EnvironmentTier, FactBody, Iid, Issue,
    IssueTransition, IssueType, JobId, LabelName, LabelSet, MergeRequest, MergeRequestCommit,
    MergeRequestState, PersonHash, Project, ProjectId, ProjectPath, Push, RefName, Reverted,
    Review, Severity, Timestamp, Transition,
};

/// Merge requests that each deployment brings.
const CHANGES_PER_DEPLOYMENT: u64 = 3;
/// Every version goes to staging, then to production.
const TIERS: u64 = 2;
/// Of how many versions one comes with an incident, a rollback, a revert, a hotfix.
const ONE_OF: [(u64, Fate); 4] =
    [(24, Fate::Incident), (40, Fate::Rollback), (56, Fate::Revert), (64, Fate::Hotfix)];
const HOUR: u64 = 3_600;
/// People who write and review.
const PEOPLE: u64 = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Incident,
    Rollback,
    Revert,
    Hotfix,
}

/// Which past is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Past {
    /// Number of the project, from 1.
    pub project: u64,
    /// How many deployments it made, in staging and production together.
    pub deployments: u64,
    /// When the first began.
    pub from: Timestamp,
    /// When all were done.
    pub until: Timestamp,
}

impl Past {
    /// All facts, each once, in the order in which they came to be.
    #[must_use]
    pub fn facts(self) -> Vec<FactBody> {
        let mut told = Told { past: self, facts: Vec::new(), tip: None, requests: 0, issues: 0 };
        // What cannot be named cannot be told; it always can.
        let _ = told.whole();
        told.facts
    }
}

/// What was told so far.
struct Told {
    past: Past,
    facts: Vec<FactBody>,
    /// Where the default branch stands.
    tip: Option<CommitSha>,
    requests: u64,
    issues: u64,
}

impl Told {
    fn whole(&mut self) -> Option<()> {
        let Past { project, deployments, from, until } = self.past;
        let path = format!("group-{}/team-{}/project-{project}", project % 40, project % 7);
        self.facts.push(FactBody::Project(Project {
            path: Newest::at(from, ProjectPath::new(&path).ok()?),
            default_branch: Newest::at(from, BranchName::new("main").ok()?),
            deleted: Newest::default(),
        }));
        for (name, tier) in
            [("staging", EnvironmentTier::Staging), ("production", EnvironmentTier::Production)]
        {
            self.facts.push(FactBody::Environment(Environment {
                name: EnvironmentName::new(name).ok()?,
                tier: Newest::at(from, tier),
                seen_at: Earliest::at(from),
            }));
        }
        let versions = deployments.div_ceil(TIERS).max(1);
        let step = until.seconds_since(from) / versions;
        let mut before = None;
        for version in 0..versions {
            let at = from.plus(version * step);
            let fate = ONE_OF.iter().find(|(of, _)| (version + self.past.project) % of == of - 1);
            let fate = fate.map(|(_, fate)| *fate);
            for _ in 0..CHANGES_PER_DEPLOYMENT * TIERS {
                self.merge_request(at, step, fate)?;
            }
            let sha = if fate == Some(Fate::Rollback) { before } else { self.tip }?;
            before = self.tip;
            self.deployment(2 * version, "staging", sha, at.plus(step / 2))?;
            if 2 * version + 1 < deployments {
                self.deployment(2 * version + 1, "production", sha, at.plus(step * 3 / 4))?;
            }
            if fate == Some(Fate::Incident) {
                self.incident(2 * version + 1, at.plus(step * 7 / 8), step)?;
            }
        }
        Some(())
    }

    fn deployment(&mut self, number: u64, name: &str, sha: CommitSha, at: Timestamp) -> Option<()> {
        let id = self.deployment_id(number)?;
        self.facts.push(FactBody::Deployment(Deployment {
            environment: Greatest(Some(EnvironmentName::new(name).ok()?)),
            sha: Greatest(Some(sha)),
            ref_name: Greatest(Some(RefName::new("main").ok()?)),
            job: Greatest(JobId::new(id.get() * 10).ok()),
            status: Furthest::at(at, DeploymentStatus::Success),
            started_at: Earliest::at(at.minus(60)),
            succeeded_at: Earliest::at(at),
            ..Deployment::new(id)
        }));
        Some(())
    }

    /// Deployments of one GitLab share one sequence.
    fn deployment_id(&self, number: u64) -> Option<DeploymentId> {
        DeploymentId::new(number * 20_011 + self.past.project).ok()
    }

    /// One merge request: a branch of one or two commits, a review, and the merge.
    fn merge_request(&mut self, at: Timestamp, step: u64, fate: Option<Fate>) -> Option<()> {
        self.requests += 1;
        let number = self.requests;
        let iid = Iid::new(number).ok()?;
        let merged = at.plus(number % (CHANGES_PER_DEPLOYMENT * TIERS) * step / 16);
        let created = merged.minus(HOUR * (2 + number % 50));
        let written: Vec<CommitSha> = (0..=number % 2)
            .map(|nth| self.commit(number * 4 + nth, created.minus(HOUR * (3 - nth)), false))
            .collect();
        let head = *written.last()?;
        let merge = self.commit(number * 4 + 3, merged, true);
        let prefix = if fate == Some(Fate::Hotfix) { "hotfix" } else { "feature" };
        let branch = format!("{prefix}/{number}-a-change-like-any-other");
        let reverted = Iid::new(number.saturating_sub(7)).ok().map(Reverted::MergeRequest);
        self.push(&branch, self.tip, &written)?;
        let landed: Vec<CommitSha> = written.iter().copied().chain([merge]).collect();
        self.push("main", self.tip, &landed)?;
        self.tip = Some(merge);
        let label =
            LabelName::new(if number.is_multiple_of(5) { "bug" } else { "feature" }).ok()?;
        self.facts.push(FactBody::MergeRequest(Box::new(MergeRequest {
            author: Greatest(Some(person(number % PEOPLE))),
            source_project: Greatest(ProjectId::new(self.past.project).ok()),
            source_branch: Newest::at(merged, BranchName::new(&branch).ok()?),
            target_branch: Newest::at(merged, BranchName::new("main").ok()?),
            state: Furthest::at(merged, MergeRequestState::Merged),
            created_at: Earliest::at(created),
            merged_at: Earliest::at(merged),
            merge_reported_at: Earliest::at(merged.plus(1)),
            was_draft: Ever(number.is_multiple_of(3)),
            ready_at: Earliest::at(created.plus(HOUR / 2)),
            labels: Newest::at(merged, LabelSet::new(vec![label])),
            head: Newest::at(merged, head),
            merge_commit: Newest::at(merged, merge),
            reverts: Newest::at(merged, reverted.filter(|_| fate == Some(Fate::Revert))),
            ..MergeRequest::new(iid)
        })));
        self.facts.push(FactBody::MergeRequestCommit(MergeRequestCommit {
            merge_request: iid,
            sha: head,
        }));
        self.facts.push(FactBody::Review(Review {
            merge_request: iid,
            at: created.plus(HOUR),
            person: person((number + 1) % PEOPLE),
        }));
        Some(())
    }

    fn push(
        &mut self,
        branch: &str,
        before: Option<CommitSha>,
        listed: &[CommitSha],
    ) -> Option<()> {
        let name = RefName::new(&format!("refs/heads/{branch}")).ok()?;
        self.facts.push(FactBody::Push(Push {
            before: Greatest(before),
            commits: Greatest(Some(CommitList(listed.into()))),
            total_commits: Greatest(u32::try_from(listed.len()).ok()),
            ..Push::new(name, *listed.last()?)
        }));
        Some(())
    }

    fn commit(&mut self, number: u64, at: Timestamp, is_merge: bool) -> CommitSha {
        let [one, two, three] = [1, 2, 3].map(|salt| mixed(number, self.past.project, salt));
        let mut bytes = [0; 20];
        let source = one.into_iter().chain(two).chain(three);
        bytes.iter_mut().zip(source).for_each(|(to, from)| *to = from);
        let Ok(sha) = CommitSha::from_bytes(&bytes) else {
            unreachable!("twenty mixed bytes are not all zero")
        };
        let mut identity = [0; 16];
        identity.iter_mut().zip(three.into_iter().chain(two)).for_each(|(to, from)| *to = from);
        self.facts.push(FactBody::Commit(Commit {
            authored_at: Earliest::at(at),
            is_merge: Ever(is_merge),
            identity: Greatest(Some(CommitIdentity(identity))),
            ..Commit::new(sha)
        }));
        sha
    }

    fn incident(&mut self, blamed: u64, at: Timestamp, step: u64) -> Option<()> {
        self.issues += 1;
        let iid = Iid::new(self.issues).ok()?;
        let cause = self.issues.is_multiple_of(2).then_some(self.deployment_id(blamed)?);
        self.facts.push(FactBody::Issue(Issue {
            issue_type: Newest::at(at, IssueType::Incident),
            created_at: Earliest::at(at),
            severity: Newest::at(at, Severity::High),
            described_cause: Newest::at(at, cause.map(Cause::Deployment)),
            ..Issue::new(iid)
        }));
        self.facts.push(FactBody::IssueTransition(IssueTransition {
            issue: iid,
            at: at.plus(HOUR.min(step / 16)),
            transition: Transition::Closed,
        }));
        Some(())
    }
}

fn person(number: u64) -> PersonHash {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(mixed(number, 0, 9)).for_each(|(to, from)| *to = from);
    PersonHash::new(bytes)
}

/// Eight bytes that look like any others (`SplitMix64`).
fn mixed(number: u64, project: u64, salt: u64) -> [u8; 8] {
    let seed = number ^ project << 40 ^ salt << 60;
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(salt * 2 + 1);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::delivery::FactKey;

    #[test]
    fn every_fact_is_told_once_and_every_deployment_brings_three_merge_requests() {
        let day = |day: i64| Timestamp::from_second(day * 86_400);
        let past = Past { project: 3, deployments: 400, from: day(100), until: day(190) };
        let facts = past.facts();
        let keys: BTreeSet<FactKey> = facts.iter().map(FactBody::key).collect();
        assert_eq!(keys.len(), facts.len());
        let count = |is: fn(&FactBody) -> bool| facts.iter().filter(|fact| is(fact)).count();
        assert_eq!(count(|fact| matches!(fact, FactBody::Deployment(_))), 400);
        assert_eq!(count(|fact| matches!(fact, FactBody::MergeRequest(_))), 1_200);
        assert!(count(|fact| matches!(fact, FactBody::Issue(_))) > 5);
    }
}
