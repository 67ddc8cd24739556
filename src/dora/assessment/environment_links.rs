//! Which merge requests GitLab links to which deployments of one environment.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::arrivals::Arrivals;
use super::changes::{Changes, MergedRequest};
use super::lineage::Lineage;
use super::releases::{Finished, Release, ReleaseKind, Source};
use crate::delivery::history::CommitNumber;
use crate::delivery::{DeploymentId, EnvironmentName, Iid, ProjectHistory, RefName, Timestamp};
use crate::dora::policy::Policy;

/// A deployment that succeeded.
pub(super) struct Success {
    pub(super) id: DeploymentId,
    pub(super) commit: Option<CommitNumber>,
    pub(super) ref_name: Option<RefName>,
    pub(super) finished_at: Timestamp,
}

/// A merge request at the deployment that it is linked to.
pub(super) struct Link {
    pub(super) request: Iid,
    pub(super) merged_at: Timestamp,
    pub(super) finished_at: Timestamp,
}

/// The links of one environment, each merge request once.
///
/// A deployment links what it contains and the previous one, that is the success of the highest
/// lower id, does not. Without a previous one it links all that was merged into the branch that it
/// was made from.
///
/// - **Input.** All successes in the environment, in the order in which they finished.
/// - **Cost.** A walk over the project's commits, as for a tier; more only where a deployment goes
///   back behind the first.
pub(super) fn links(
    name: &EnvironmentName,
    successes: &[Success],
    (history, lineage, changes): (&ProjectHistory, &Lineage<'_>, &Changes<'_>),
    policy: &Policy,
) -> Vec<Link> {
    let releases: Vec<Release> =
        successes.iter().filter_map(|success| release(history, name, success)).collect();
    let arrivals = Arrivals::find(history, lineage, &releases, changes, policy);
    let mut arriving: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    for (place, merged) in changes.merged.iter().enumerate() {
        if let Some(release) = arrivals.arrival(merged) {
            arriving.entry(release).or_default().push(place);
        }
    }
    let mut linking = Linking {
        history,
        lineage,
        changes,
        successes,
        before: BTreeMap::new(),
        has_all: vec![false; successes.len()],
        without_previous: Vec::new(),
        is_linked: vec![false; changes.merged.len()],
        held: Vec::new(),
        links: Vec::new(),
    };
    let mut release = 0;
    for place in 0..successes.len() {
        let mut own = Vec::new();
        if successes.get(place).is_some_and(|success| success.commit.is_some()) {
            own = arriving.remove(&release).unwrap_or_default();
            release += 1;
        }
        linking.take(place, own);
    }
    linking.links
}

/// One deployment as a release of its own; `None` where nobody knows what it brought.
fn release(history: &ProjectHistory, name: &EnvironmentName, success: &Success) -> Option<Release> {
    let commit = success.commit?;
    Some(Release::open(Finished {
        id: success.id,
        source: Source::Deployment,
        environment: name.clone(),
        sha: history.sha(commit),
        commit,
        ref_name: success.ref_name.clone(),
        began_at: None,
        finished_at: success.finished_at,
        kind: ReleaseKind::Change,
    }))
}

/// The links so far, deployment by deployment.
struct Linking<'a> {
    history: &'a ProjectHistory,
    lineage: &'a Lineage<'a>,
    changes: &'a Changes<'a>,
    successes: &'a [Success],
    /// Those that finished before, by id.
    before: BTreeMap<DeploymentId, usize>,
    /// By deployment: whether it is known to contain all those without a previous one.
    has_all: Vec<bool>,
    without_previous: Vec<CommitNumber>,
    /// By merged request.
    is_linked: Vec<bool>,
    /// Merged requests that a deployment contained without linking them.
    held: Vec<usize>,
    links: Vec<Link>,
}

impl Linking<'_> {
    /// Takes the next deployment, and the merged requests that it is the first to contain.
    fn take(&mut self, place: usize, arriving: Vec<usize>) {
        let Some(own) = self.successes.get(place) else { return };
        let previous = self.before.range(..own.id).next_back().map(|(_, place)| *place);
        match previous {
            None => self.link_branch(own),
            Some(previous) => self.link_range(previous, own, &arriving),
        }
        let is_linked = &self.is_linked;
        let is_open = |merged: &usize| is_linked.get(*merged) != Some(&true);
        self.held.extend(arriving.into_iter().filter(is_open));
        if previous.is_none() {
            self.without_previous.extend(own.commit);
            self.has_all.fill(false);
        }
        let has_all = self.has_all(previous, own);
        if let Some(known) = self.has_all.get_mut(place) {
            *known = has_all;
        }
        self.before.insert(own.id, place);
    }

    /// Links everything that was merged into the branch that a deployment was made from.
    fn link_branch(&mut self, own: &Success) {
        for (place, merged) in self.changes.merged.iter().enumerate() {
            let target = merged.request.target().map(|target| self.history.branch(target));
            let branch = own.ref_name.as_ref();
            let is_its =
                branch.zip(target).is_some_and(|(branch, target)| branch.as_str() == target);
            if is_its && merged.merged_at <= own.finished_at {
                self.link(place, own);
            }
        }
        self.let_go();
    }

    /// Links what a deployment contains and the previous one does not: what it is the first to
    /// contain, and what was held before, where the previous one is not known to contain that.
    fn link_range(&mut self, previous: usize, own: &Success, arriving: &[usize]) {
        let Some(before) = self.successes.get(previous).and_then(|success| success.commit) else {
            return;
        };
        for place in arriving {
            self.link(*place, own);
        }
        let has_all = self.has_all.get(previous) == Some(&true);
        let Some(commit) = own.commit else { return };
        for place in self.held.clone() {
            // What was held by a pick of it may still come itself.
            let merged = self.changes.merged.get(place);
            let merged = merged.filter(|merged| !has_all || merged.arrives_by().nth(1).is_some());
            if merged.is_some_and(|merged| self.is_between(merged, before, commit)) {
                self.link(place, own);
            }
        }
        self.let_go();
    }

    /// What is linked is held no longer.
    fn let_go(&mut self) {
        let is_linked = &self.is_linked;
        self.held.retain(|merged| is_linked.get(*merged) != Some(&true));
    }

    fn is_between(
        &self,
        merged: &MergedRequest<'_>,
        before: CommitNumber,
        commit: CommitNumber,
    ) -> bool {
        let is_new = |own: CommitNumber| {
            self.contains(commit, own) == Some(true) && self.contains(before, own) == Some(false)
        };
        merged.arrives_by().any(is_new)
    }

    fn has_all(&self, previous: Option<usize>, own: &Success) -> bool {
        let Some(commit) = own.commit else { return false };
        let contains = |other| self.contains(commit, other) == Some(true);
        let before = previous.filter(|place| self.has_all.get(*place) == Some(&true));
        let before = before.and_then(|place| self.successes.get(place)?.commit);
        // The previous one is near, the first one is not.
        before.is_some_and(contains) || self.without_previous.iter().all(|own| contains(*own))
    }

    /// Whether one commit contains another; `None` where nobody knows.
    fn contains(&self, commit: CommitNumber, other: CommitNumber) -> Option<bool> {
        if commit == other { Some(true) } else { self.lineage.is_ancestor(other, commit) }
    }

    fn link(&mut self, place: usize, own: &Success) {
        let (Some(merged), Some(is_linked @ false)) =
            (self.changes.merged.get(place), self.is_linked.get_mut(place))
        else {
            return;
        };
        *is_linked = true;
        self.links.push(Link {
            request: merged.request.iid(),
            merged_at: merged.merged_at,
            finished_at: own.finished_at,
        });
    }
}
