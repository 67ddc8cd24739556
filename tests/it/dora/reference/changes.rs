//! What landed: merge requests, promotions, direct commits and their clocks: section 1.6 of the
//! specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::dora::policy::{CommitClock, Counting};

use super::Scene;
use super::truth::{Method, TrueRequest};

/// A merged request: its number, itself, when it merged, and the commits whose arrival delivers it.
pub(crate) type Merged<'a> = (u64, &'a TrueRequest, i64, BTreeSet<usize>);

/// All changes of a project, in whatever tier they are.
pub(crate) struct Changes<'a> {
    pub(crate) scene: Scene<'a>,
    pub(crate) merged: Vec<Merged<'a>>,
    /// Numbers of merge requests that are no changes.
    promotions: BTreeSet<u64>,
    /// Direct commits; those of one origin are one change. With each the one that dates it.
    pub(crate) direct: Vec<(usize, BTreeSet<usize>)>,
}

impl<'a> Changes<'a> {
    pub(crate) fn of(scene: Scene<'a>) -> Self {
        let mut own =
            Self { scene, merged: Vec::new(), promotions: BTreeSet::new(), direct: Vec::new() };
        own.merged = own.merged();
        let requests = (1..).zip(&scene.truth.requests);
        let promotions = requests.filter(|(number, request)| own.promotes(*number, request));
        own.promotions = promotions.map(|(number, _)| number).collect();
        own.direct = own.direct_families();
        own
    }

    pub(crate) fn is_promotion(&self, number: u64) -> bool {
        self.promotions.contains(&number)
    }

    fn opened(&self) -> Vec<(u64, &'a TrueRequest)> {
        let requests = (1..).zip(&self.scene.truth.requests);
        requests.filter(|(_, request)| request.created < self.scene.now).collect()
    }

    fn merged(&self) -> Vec<Merged<'a>> {
        (1..)
            .zip(&self.scene.truth.requests)
            .filter_map(|(number, request)| {
                let merge = request.merged.filter(|merge| merge.at < self.scene.now)?;
                Some((number, request, merge.at, self.landings(request)))
            })
            .collect()
    }

    /// The commits whose arrival delivers a merged request.
    fn landings(&self, request: &TrueRequest) -> BTreeSet<usize> {
        let merge = request.merged.unwrap();
        let named = match merge.method {
            Method::Train => *request.commits.last().unwrap(),
            _ => merge.landing,
        };
        // A line is no less a deployed one while its next deployment is still to come: what stands
        // on the branch that it was merged into landed as itself.
        let on_a_deployed_line =
            self.scene.truth.reach(self.scene.truth.heads[&request.target]).contains(&named);
        let mut landings = BTreeSet::from([named]);
        if !on_a_deployed_line {
            let identity = self.scene.truth.commits[named].identity;
            let same = |place: &usize| self.scene.truth.commits[*place].identity == identity;
            landings.extend((0..self.scene.truth.commits.len()).filter(same));
        }
        self.scene.truth.with_picks(landings)
    }

    /// By its source branch, or because it brings nothing that others did not bring before.
    fn promotes(&self, number: u64, request: &TrueRequest) -> bool {
        if self.scene.policy.long_lived_branches.is_match(&request.source) {
            return true;
        }
        // The text says "of other merge requests"; two that hold the same commits would then both
        // be promotions. The one that brought them first is not.
        let Some(merged) = self.merged_at(request) else { return false };
        let brought: BTreeSet<usize> = self
            .merged
            .iter()
            .filter(|(other, _, at, _)| (*at, *other) < (merged, number))
            .flat_map(|(_, theirs, ..)| {
                theirs.commits.iter().copied().chain(theirs.merged.map(|merge| merge.landing))
            })
            .collect();
        let own = |commit: &usize| &self.scene.truth.commits[*commit];
        let mut written =
            request.commits.iter().filter(|commit| own(commit).parents.len() == 1).peekable();
        written.peek().is_some()
            && written.all(|commit| {
                let origin = own(commit).picked_from;
                brought.contains(commit) || origin.is_some_and(|origin| brought.contains(&origin))
            })
    }

    fn merged_at(&self, request: &TrueRequest) -> Option<i64> {
        request.merged.map(|merge| merge.at).filter(|at| *at < self.scene.now)
    }

    pub(crate) fn date(&self, commit: usize) -> i64 {
        let commit = &self.scene.truth.commits[commit];
        match self.scene.policy.commit_clock {
            CommitClock::Authored => commit.authored,
            CommitClock::Committed => commit.committed.unwrap_or(commit.authored),
        }
    }

    /// Whether a commit belongs to no merge request.
    fn is_direct(&self, commit: usize) -> bool {
        let own = &self.scene.truth.commits[commit];
        let landed = self.merged.iter().any(|(.., landings)| landings.contains(&commit));
        let squashed = self.merged.iter().any(|(_, request, ..)| {
            request.merged.is_some_and(|merge| merge.squash == Some(commit))
        });
        let listed = self.opened().into_iter().any(|(number, request)| {
            let shields = self.scene.policy.promotion_merge_requests == Counting::Count
                || !self.is_promotion(number);
            shields && request.commits.contains(&commit)
        });
        own.parents.len() <= 1
            && self.date(commit) < self.scene.now
            && !landed
            && !squashed
            && !listed
    }

    /// The first-commit clock of a merged request.
    pub(crate) fn first_commit(&self, request: &TrueRequest) -> i64 {
        let dates = request.commits.iter().map(|commit| self.date(*commit));
        let earliest = dates.filter(|date| *date < self.scene.now).min();
        earliest.unwrap_or(request.merged.unwrap().at)
    }

    /// A commit's first origin, and the number of picks between the two.
    fn root(&self, commit: usize) -> (usize, usize) {
        match self.scene.truth.commits[commit].picked_from {
            Some(origin) => (self.root(origin).0, self.root(origin).1 + 1),
            None => (commit, 0),
        }
    }

    /// Direct commits; those of one origin are one change. With each the one that dates it.
    fn direct_families(&self) -> Vec<(usize, BTreeSet<usize>)> {
        let direct: Vec<usize> =
            (0..self.scene.truth.commits.len()).filter(|commit| self.is_direct(*commit)).collect();
        let roots: BTreeSet<usize> = direct.iter().map(|commit| self.root(*commit).0).collect();
        let mut families = Vec::new();
        for root in roots {
            let family: BTreeSet<usize> =
                direct.iter().copied().filter(|commit| self.root(*commit).0 == root).collect();
            let original = *family
                .iter()
                .min_by_key(|commit| (self.root(**commit).1, self.date(**commit)))
                .unwrap();
            families.push((original, family));
        }
        families
    }
}
