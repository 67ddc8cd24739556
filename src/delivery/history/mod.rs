//! History: the facts of a horizon, in memory, numbered and packed for measuring.
//!
//! A fact is heard once and measured a thousand times, and there are a million of them: what facts
//! name is numbered once (`numbers`), and each type of fact is kept in rows or columns. What does
//! not fit a row, because it is rare, is kept whole beside it, so that nothing is lost: merging is
//! done on facts, and two histories are equal when their facts are.

mod commits;
mod deployments;
mod linked;
mod names;
mod numbers;
mod planning;
mod pushes;
mod requests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub use commits::Commits;
pub use deployments::{DeploymentRow, Deployments};
pub use linked::{Linked, Taken, VersionFault};
pub use numbers::{BranchNumber, CommitNumber, PushNumber, SmallNumber};
pub use planning::Planning;
pub use pushes::{PushRow, Pushes};
pub use requests::{RequestRow, Requests, ReviewRow};

use super::commit::Commit;
use super::commit_images::CommitImages;
use super::deployment::Deployment;
use super::environment::Environment;
use super::fact::{Fact, FactBody, FactKey};
use super::ids::{
    CommitSha, EnvironmentName, Iid, LabelSet, MilestoneId, PipelineId, ProjectKey, RefName,
    TagName,
};
use super::issue::{Issue, IssueTransition};
use super::job::PipelineJobs;
use super::merge_request::{MergeRequest, MergeRequestCommit, Review};
use super::project::Project;
use super::push::Push;
use super::register::Merge;
use super::tag_release::TagRelease;
use names::Names;

/// What is known of one project.
#[derive(Debug, Clone, Default)]
pub struct ProjectHistory {
    /// The project itself.
    pub project: Project,
    /// Environments, sorted by name. A list, for a tree would be ten times as large as its two or
    /// three entries.
    pub environments: Vec<Environment>,
    /// Issues and incidents by number.
    pub issues: BTreeMap<Iid, Issue>,
    /// Closings and reopenings, sorted by issue and instant.
    pub transitions: Vec<IssueTransition>,
    /// GitLab's Releases by tag.
    pub tag_releases: BTreeMap<TagName, TagRelease>,
    /// Jobs that succeeded, by pipeline: those that a policy may ask for.
    pub pipeline_jobs: BTreeMap<PipelineId, PipelineJobs>,
    /// The images that commits name, by commit: of those that were asked.
    pub commit_images: BTreeMap<CommitSha, CommitImages>,
    /// Deployments that are another project's: nothing unless it was put together for measuring.
    pub linked: Linked,
    planning: Planning,
    names: Names,
    deployments: Deployments,
    requests: Requests,
    commits: Commits,
    pushes: Pushes,
}

impl ProjectHistory {
    /// Takes one fact in by merging; `false` when it changed nothing.
    pub fn fold(&mut self, body: FactBody) -> bool {
        let names = &mut self.names;
        match body {
            FactBody::Project(fact) => changed_by(&mut self.project, fact),
            FactBody::Environment(fact) => fold_environment(&mut self.environments, fact),
            FactBody::Deployment(fact) => self.deployments.fold(names, fact),
            FactBody::MergeRequest(fact) => self.requests.fold(names, *fact),
            FactBody::MergeRequestCommit(fact) => self.requests.fold_member(names, fact),
            FactBody::Review(fact) => self.requests.fold_review(names, fact),
            FactBody::Commit(fact) => self.commits.fold(names, fact),
            FactBody::Push(fact) => self.pushes.fold(names, fact),
            FactBody::Issue(fact) => fold(&mut self.issues, fact.iid, fact),
            FactBody::IssueTransition(fact) => insert(&mut self.transitions, fact),
            // What these two name may be deployed without having been pushed.
            FactBody::TagRelease(fact) => {
                fact.sha.0.map(|sha| names.shas.number(sha));
                fold(&mut self.tag_releases, fact.tag.clone(), fact)
            }
            FactBody::PipelineJobs(fact) => {
                fact.sha.0.map(|sha| names.shas.number(sha));
                fold(&mut self.pipeline_jobs, fact.pipeline, fact)
            }
            FactBody::CommitImages(fact) => fold(&mut self.commit_images, fact.sha, fact),
            planned => self.planning.fold(planned),
        }
    }

    /// Deployments in rows, by id.
    #[must_use]
    pub const fn deployments(&self) -> &Deployments {
        &self.deployments
    }

    /// Merge requests in rows, by iid, with their heads and reviews.
    #[must_use]
    pub const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Commits in columns, by number.
    #[must_use]
    pub const fn commits(&self) -> &Commits {
        &self.commits
    }

    /// Labels and milestones of issues, milestones, pipelines.
    #[must_use]
    pub const fn planning(&self) -> &Planning {
        &self.planning
    }

    /// Pushes in rows.
    #[must_use]
    pub const fn pushes(&self) -> &Pushes {
        &self.pushes
    }

    /// How many commits have a number; those that were only mentioned have one too.
    #[must_use]
    pub fn commit_numbers(&self) -> usize {
        self.names.shas.len()
    }

    /// The number of a commit; `None` when nothing was ever said of it.
    #[must_use]
    pub fn commit_number(&self, sha: CommitSha) -> Option<CommitNumber> {
        self.names.shas.find(sha)
    }

    /// The commit with a number.
    #[must_use]
    pub fn sha(&self, number: CommitNumber) -> CommitSha {
        self.names.shas.get(number)
    }

    /// The name of a branch, without `refs/heads/`.
    #[must_use]
    pub fn branch(&self, number: BranchNumber) -> &str {
        self.names.branches.get(number)
    }

    /// What is known of an environment.
    #[must_use]
    pub fn environment_named(&self, name: &EnvironmentName) -> Option<&Environment> {
        let place = self.environments.binary_search_by(|own| own.name.cmp(name)).ok()?;
        self.environments.get(place)
    }

    /// The environment with a number; its place is below [`environment_numbers`].
    ///
    /// [`environment_numbers`]: Self::environment_numbers
    #[must_use]
    pub fn environment(&self, number: SmallNumber) -> Option<&EnvironmentName> {
        self.names.environments.get(number)
    }

    /// How many environments were deployed to.
    #[must_use]
    pub fn environment_numbers(&self) -> usize {
        self.names.environments.len()
    }

    /// The milestone of a merge request.
    #[must_use]
    pub fn milestone(&self, row: &RequestRow) -> Option<MilestoneId> {
        self.names.milestones.get(row.milestone()?).copied()
    }

    /// The labels of a merge request.
    #[must_use]
    pub fn labels(&self, row: &RequestRow) -> Option<&LabelSet> {
        self.names.labels.get(row.labels()?)
    }

    /// The branch or tag a deployment was made from.
    #[must_use]
    pub fn ref_name(&self, row: &DeploymentRow) -> Option<RefName> {
        row.reference().map(|reference| self.names.ref_name(reference))
    }

    /// The reference of a push.
    #[must_use]
    pub fn pushed_to(&self, row: &PushRow) -> RefName {
        self.names.ref_name(row.reference())
    }

    /// Pushes of tags: the full reference, and the commit it marks.
    pub fn tagged(&self) -> impl Iterator<Item = (RefName, CommitSha)> {
        self.pushes.tagged(&self.names)
    }

    /// Deployments as they were heard of, by id.
    pub fn deployment_facts(&self) -> impl Iterator<Item = Deployment> {
        self.deployments.rows().iter().map(|row| row.fact(&self.names))
    }

    /// Merge requests as they were heard of, by iid.
    pub fn merge_request_facts(&self) -> impl Iterator<Item = MergeRequest> {
        self.requests.rows().iter().map(|row| self.requests.fact(row, &self.names))
    }

    /// Commits as they were heard of, in the order of hearing.
    pub fn commit_facts(&self) -> impl Iterator<Item = Commit> {
        self.commits.numbers().filter_map(|number| self.commits.get(&self.names, number))
    }

    /// Pushes as they were heard of, in the order of hearing.
    pub fn push_facts(&self) -> impl Iterator<Item = Push> {
        let numbers = (0..self.pushes.rows().len()).map(PushNumber::at);
        numbers.filter_map(|number| self.pushes.fact(number, &self.names))
    }

    /// Review acts as they were heard of.
    pub fn review_facts(&self) -> impl Iterator<Item = Review> {
        self.requests.reviews().iter().filter_map(|row| {
            let person = *self.names.people.get(row.person)?;
            Some(Review { merge_request: row.merge_request, at: row.at, person })
        })
    }

    /// Everything that was heard, by key.
    #[must_use]
    pub fn facts(&self) -> BTreeMap<FactKey, FactBody> {
        let members = self.requests.members().iter().map(|(merge_request, commit)| {
            let sha = self.sha(*commit);
            FactBody::MergeRequestCommit(MergeRequestCommit { merge_request: *merge_request, sha })
        });
        let project = Some(&self.project).filter(|own| **own != Project::default());
        project
            .cloned()
            .map(FactBody::Project)
            .into_iter()
            .chain(self.environments.iter().cloned().map(FactBody::Environment))
            .chain(self.deployment_facts().map(FactBody::Deployment))
            .chain(self.merge_request_facts().map(|own| FactBody::MergeRequest(Box::new(own))))
            .chain(members)
            .chain(self.review_facts().map(FactBody::Review))
            .chain(self.commit_facts().map(FactBody::Commit))
            .chain(self.push_facts().map(FactBody::Push))
            .chain(self.issues.values().cloned().map(FactBody::Issue))
            .chain(self.transitions.iter().copied().map(FactBody::IssueTransition))
            .chain(self.tag_releases.values().cloned().map(FactBody::TagRelease))
            .chain(self.pipeline_jobs.values().cloned().map(FactBody::PipelineJobs))
            .chain(self.commit_images.values().cloned().map(FactBody::CommitImages))
            .chain(self.planning.facts())
            .map(|body| (body.key(), body))
            .collect()
    }

    /// Gives back memory that growing has left over.
    fn shrink(&mut self) {
        self.names.shrink();
        self.deployments.shrink();
        self.requests.shrink();
        self.commits.shrink();
        self.pushes.shrink();
        self.transitions.shrink_to_fit();
    }
}

impl PartialEq for ProjectHistory {
    fn eq(&self, other: &Self) -> bool {
        self.facts() == other.facts()
    }
}

impl Eq for ProjectHistory {}

fn fold<K: Ord, F: Merge + Clone + PartialEq>(map: &mut BTreeMap<K, F>, key: K, fact: F) -> bool {
    match map.entry(key) {
        Entry::Vacant(place) => {
            place.insert(fact);
            true
        }
        Entry::Occupied(mut own) => changed_by(own.get_mut(), fact),
    }
}

fn fold_environment(sorted: &mut Vec<Environment>, fact: Environment) -> bool {
    match sorted.binary_search_by(|own| own.name.cmp(&fact.name)) {
        Ok(place) => sorted.get_mut(place).is_some_and(|own| changed_by(own, fact)),
        Err(place) => {
            sorted.reserve_exact(1);
            sorted.insert(place, fact);
            true
        }
    }
}

fn changed_by<F: Merge + Clone + PartialEq>(own: &mut F, fact: F) -> bool {
    let before = own.clone();
    own.merge(fact);
    *own != before
}

fn insert<F: Ord>(sorted: &mut Vec<F>, fact: F) -> bool {
    match sorted.binary_search(&fact) {
        Ok(_) => false,
        Err(place) => {
            sorted.insert(place, fact);
            true
        }
    }
}

/// The facts of all projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Boxed: a tree keeps room for entries that are not there.
    projects: BTreeMap<ProjectKey, Box<ProjectHistory>>,
}

impl History {
    /// Takes one fact in by merging; `false` when it changed nothing that is measured.
    pub fn fold(&mut self, fact: Fact) -> bool {
        self.projects.entry(fact.project).or_default().fold(fact.body)
    }

    /// Gives back memory that growing has left over, as after a load.
    pub fn shrink(&mut self) {
        self.projects.values_mut().for_each(|own| own.shrink());
    }

    /// One project's facts.
    #[must_use]
    pub fn project(&self, key: ProjectKey) -> Option<&ProjectHistory> {
        self.projects.get(&key).map(AsRef::as_ref)
    }

    /// All projects in key order.
    pub fn projects(&self) -> impl Iterator<Item = (ProjectKey, &ProjectHistory)> {
        self.projects.iter().map(|(key, history)| (*key, history.as_ref()))
    }
}
