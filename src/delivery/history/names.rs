//! What the facts of one project call things, by number.

use super::numbers::{BranchNumber, Few, Shas, SmallNumber, Texts};
use crate::delivery::ids::{
    BranchName, EnvironmentName, LabelSet, MilestoneId, ProjectId, RefName,
};
use crate::delivery::person::PersonHash;

/// All numbers of one project.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) shas: Shas,
    /// Branches by name, without `refs/heads/`.
    pub(super) branches: Texts,
    /// References that are no branch's full one: of tags, and the short ones of deployments.
    pub(super) references: Few<RefName>,
    pub(super) environments: Few<EnvironmentName>,
    pub(super) people: Few<PersonHash>,
    pub(super) projects: Few<ProjectId>,
    pub(super) labels: Few<LabelSet>,
    pub(super) milestones: Few<MilestoneId>,
}

/// A reference, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    Branch(BranchNumber),
    Other(SmallNumber),
}

impl Names {
    pub(super) fn reference(&mut self, name: &RefName) -> Reference {
        match name.branch().filter(|branch| !branch.is_empty()) {
            Some(branch) => Reference::Branch(self.branches.number(branch)),
            None => Reference::Other(self.references.number(name)),
        }
    }

    pub(super) fn ref_name(&self, reference: Reference) -> RefName {
        let name = match reference {
            Reference::Branch(number) => {
                RefName::new(&format!("refs/heads/{}", self.branches.get(number))).ok()
            }
            Reference::Other(number) => self.references.get(number).cloned(),
        };
        name.unwrap_or_else(|| unreachable!("a number is given with its name"))
    }

    pub(super) fn branch_name(&self, number: BranchNumber) -> Option<BranchName> {
        BranchName::new(self.branches.get(number)).ok()
    }

    pub(super) fn shrink(&mut self) {
        self.shas.shrink();
        self.branches.shrink();
        self.references.shrink();
        self.environments.shrink();
        self.people.shrink();
        self.projects.shrink();
        self.labels.shrink();
        self.milestones.shrink();
    }
}
