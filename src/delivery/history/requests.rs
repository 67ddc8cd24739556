//! Merge requests in rows, by iid; with them the commits seen at their heads and their reviews.

use rustc_hash::FxHashMap;

use super::names::Names;
use super::numbers::{BranchNumber, CommitNumber, Moment, SmallNumber};
use crate::delivery::ids::Iid;
use crate::delivery::merge_request::{
    ClosedIssues, MergeRequest, MergeRequestCommit, MergeRequestState, Reverted, Review,
};
use crate::delivery::register::{Earliest, Ever, Furthest, Greatest, Merge as _, Newest};
use crate::delivery::time::Timestamp;

const AUTHOR_EXCLUDED: u8 = 1;
const WAS_DRAFT: u8 = 1 << 1;
/// Milestone and revert were told of, be it that there is none.
const MILESTONE: u8 = 1 << 2;
const REVERTS: u8 = 1 << 3;
/// The row does not hold all of it: see `whole`.
const WHOLE: u8 = 1 << 4;
/// What it closes was told, be it nothing.
const CLOSES: u8 = 1 << 5;

/// What measuring reads of one merge request.
///
/// A hook tells all registers at once, so one date serves them all; where it does not, the merge
/// request is kept whole beside its row.
#[derive(Debug, Clone)]
pub struct RequestRow {
    iid: Iid,
    said_at: Timestamp,
    created_at: Moment,
    merged_at: Moment,
    reported_at: Moment,
    ready_at: Moment,
    author: Option<SmallNumber>,
    source_project: Option<SmallNumber>,
    labels: Option<SmallNumber>,
    milestone: Option<SmallNumber>,
    source: Option<BranchNumber>,
    target: Option<BranchNumber>,
    head: Option<CommitNumber>,
    merge_commit: Option<CommitNumber>,
    squash_commit: Option<CommitNumber>,
    state: Option<MergeRequestState>,
    marks: u8,
}

impl RequestRow {
    /// Its number.
    #[must_use]
    pub const fn iid(&self) -> Iid {
        self.iid
    }

    /// See [`MergeRequest::merged`].
    #[must_use]
    pub fn merged(&self) -> Option<Timestamp> {
        self.merged_at.get().or(self.reported_at.get())
    }

    /// See [`MergeRequest::created_at`].
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.created_at.get()
    }

    /// See [`MergeRequest::ready_at`].
    #[must_use]
    pub fn ready_at(&self) -> Option<Timestamp> {
        self.ready_at.get()
    }

    /// See [`MergeRequest::was_draft`].
    #[must_use]
    pub const fn was_draft(&self) -> bool {
        self.marks & WAS_DRAFT != 0
    }

    /// See [`MergeRequest::author_excluded`].
    #[must_use]
    pub const fn author_excluded(&self) -> bool {
        self.marks & AUTHOR_EXCLUDED != 0
    }

    /// Its author; the same number as that of [`ReviewRow::person`].
    #[must_use]
    pub const fn author(&self) -> Option<SmallNumber> {
        self.author
    }

    /// Its milestone.
    pub(super) const fn milestone(&self) -> Option<SmallNumber> {
        self.milestone
    }

    /// Its labels, a set with a number.
    #[must_use]
    pub const fn labels(&self) -> Option<SmallNumber> {
        self.labels
    }

    /// The branch it comes from.
    #[must_use]
    pub const fn source(&self) -> Option<BranchNumber> {
        self.source
    }

    /// The branch it goes to.
    #[must_use]
    pub const fn target(&self) -> Option<BranchNumber> {
        self.target
    }

    /// Head of its source branch.
    #[must_use]
    pub const fn head(&self) -> Option<CommitNumber> {
        self.head
    }

    /// The merge commit, where one was made.
    #[must_use]
    pub const fn merge_commit(&self) -> Option<CommitNumber> {
        self.merge_commit
    }

    /// The squash commit, where one was made.
    #[must_use]
    pub const fn squash_commit(&self) -> Option<CommitNumber> {
        self.squash_commit
    }

    /// The commit by which it lands on its target branch.
    #[must_use]
    pub fn landing(&self) -> Option<CommitNumber> {
        self.merge_commit.or(self.squash_commit).or(self.head)
    }

    fn of(fact: &MergeRequest, names: &mut Names) -> Self {
        let dates = [
            fact.source_branch.0.as_ref().map(|(at, _)| *at),
            fact.target_branch.0.as_ref().map(|(at, _)| *at),
            fact.state.0.map(|(at, _)| at),
            fact.head.0.map(|(at, _)| at),
            fact.labels.0.as_ref().map(|(at, _)| *at),
        ];
        let mut marks = 0;
        for (bit, is_set) in [
            (AUTHOR_EXCLUDED, fact.author_excluded.0),
            (WAS_DRAFT, fact.was_draft.0),
            (MILESTONE, fact.milestone.0.is_some()),
            (REVERTS, fact.reverts.0.is_some()),
            (CLOSES, fact.closes.0.is_some()),
        ] {
            marks |= if is_set { bit } else { 0 };
        }
        let mut commit = |own: &Newest<_>| own.value().map(|sha| names.shas.number(*sha));
        let (head, merge_commit, squash_commit) =
            (commit(&fact.head), commit(&fact.merge_commit), commit(&fact.squash_commit));
        let mut branch = |own: &Newest<crate::delivery::ids::BranchName>| {
            own.value().map(|name| names.branches.number(name.as_str()))
        };
        Self {
            iid: fact.iid,
            said_at: dates.into_iter().flatten().next().unwrap_or(Timestamp::UNDATED),
            created_at: Moment::of(fact.created_at.0),
            merged_at: Moment::of(fact.merged_at.0),
            reported_at: Moment::of(fact.merge_reported_at.0),
            ready_at: Moment::of(fact.ready_at.0),
            source: branch(&fact.source_branch),
            target: branch(&fact.target_branch),
            author: fact.author.0.map(|person| names.people.number(&person)),
            source_project: fact.source_project.0.map(|project| names.projects.number(&project)),
            labels: fact.labels.value().map(|labels| names.labels.number(labels)),
            milestone: fact
                .milestone
                .value()
                .copied()
                .flatten()
                .map(|id| names.milestones.number(&id)),
            head,
            merge_commit,
            squash_commit,
            state: fact.state.state().copied(),
            marks,
        }
    }

    fn fact(&self, names: &Names) -> MergeRequest {
        let at = self.said_at;
        let newest = |value| Newest(value);
        let commit = |own: Option<CommitNumber>| Newest(own.map(|own| (at, names.shas.get(own))));
        let branch = |own: Option<BranchNumber>| {
            Newest(own.and_then(|own| names.branch_name(own)).map(|name| (at, name)))
        };
        let milestone = self.milestone.and_then(|own| names.milestones.get(own)).copied();
        MergeRequest {
            author: Greatest(self.author.and_then(|own| names.people.get(own)).copied()),
            author_excluded: Ever(self.author_excluded()),
            source_project: Greatest(
                self.source_project.and_then(|own| names.projects.get(own)).copied(),
            ),
            source_branch: branch(self.source),
            target_branch: branch(self.target),
            state: Furthest(self.state.map(|state| (at, state))),
            created_at: Earliest(self.created_at.get()),
            merged_at: Earliest(self.merged_at.get()),
            merge_reported_at: Earliest(self.reported_at.get()),
            was_draft: Ever(self.was_draft()),
            ready_at: Earliest(self.ready_at.get()),
            labels: Newest(
                self.labels.and_then(|own| names.labels.get(own)).map(|own| (at, own.clone())),
            ),
            milestone: newest((self.marks & MILESTONE != 0).then_some((at, milestone))),
            head: commit(self.head),
            merge_commit: commit(self.merge_commit),
            squash_commit: commit(self.squash_commit),
            reverts: Newest((self.marks & REVERTS != 0).then_some((at, None))),
            closes: Newest((self.marks & CLOSES != 0).then(|| (at, ClosedIssues::default()))),
            ..MergeRequest::new(self.iid)
        }
    }
}

/// A review act, by the number of its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReviewRow {
    /// The merge request.
    pub merge_request: Iid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub person: SmallNumber,
}

/// All merge requests of one project.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    rows: Vec<RequestRow>,
    whole: FxHashMap<Iid, Box<MergeRequest>>,
    /// Of those that close any, which issues.
    closes: FxHashMap<Iid, ClosedIssues>,
    /// Commits that merge requests were heard to hold, sorted.
    members: Vec<(Iid, CommitNumber)>,
    /// Sorted.
    reviews: Vec<ReviewRow>,
}

impl Requests {
    pub(super) fn fold(&mut self, names: &mut Names, fact: MergeRequest) -> bool {
        let place = self.rows.binary_search_by_key(&fact.iid, RequestRow::iid);
        let fact = match place.ok().and_then(|place| self.rows.get(place)) {
            None => fact,
            Some(row) => {
                let own = self.fact(row, names);
                let mut merged = own.clone();
                merged.merge(fact);
                if merged == own {
                    return false;
                }
                merged
            }
        };
        let mut row = RequestRow::of(&fact, names);
        if let Some(Reverted::Commit(sha)) = fact.reverts.value().copied().flatten() {
            names.shas.number(sha);
        }
        self.whole.remove(&fact.iid);
        self.closes.remove(&fact.iid);
        let closed = fact.closes.value().filter(|issues| !issues.as_slice().is_empty());
        self.closes.extend(closed.map(|issues| (fact.iid, issues.clone())));
        if self.packed(&row, names) != fact {
            row.marks |= WHOLE;
            self.whole.insert(fact.iid, Box::new(fact));
        }
        match place {
            Ok(place) => {
                if let Some(own) = self.rows.get_mut(place) {
                    *own = row;
                }
            }
            Err(place) => self.rows.insert(place, row),
        }
        true
    }

    pub(super) fn fold_member(&mut self, names: &mut Names, fact: MergeRequestCommit) -> bool {
        let member = (fact.merge_request, names.shas.number(fact.sha));
        super::insert(&mut self.members, member)
    }

    pub(super) fn fold_review(&mut self, names: &mut Names, fact: Review) -> bool {
        let person = names.people.number(&fact.person);
        let row = ReviewRow { merge_request: fact.merge_request, at: fact.at, person };
        super::insert(&mut self.reviews, row)
    }

    /// All merge requests by iid, as measuring reads them.
    #[must_use]
    pub fn rows(&self) -> &[RequestRow] {
        &self.rows
    }

    /// One merge request's row, and its place among them.
    #[must_use]
    pub fn find(&self, iid: Iid) -> Option<usize> {
        self.rows.binary_search_by_key(&iid, RequestRow::iid).ok()
    }

    /// What a merge request reverts.
    #[must_use]
    pub fn reverts(&self, row: &RequestRow) -> Option<Reverted> {
        if row.marks & WHOLE == 0 {
            return None;
        }
        self.whole.get(&row.iid)?.reverts.value().copied().flatten()
    }

    /// The issues that a merge request closes, in ascending order.
    #[must_use]
    pub fn closes(&self, row: &RequestRow) -> &[Iid] {
        self.closes.get(&row.iid).map_or(&[], ClosedIssues::as_slice)
    }

    /// Commits that merge requests were heard to hold, sorted.
    #[must_use]
    pub fn members(&self) -> &[(Iid, CommitNumber)] {
        &self.members
    }

    /// Review acts by merge request and instant.
    #[must_use]
    pub fn reviews(&self) -> &[ReviewRow] {
        &self.reviews
    }

    /// One merge request as it was heard of.
    pub(super) fn fact(&self, row: &RequestRow, names: &Names) -> MergeRequest {
        let whole = self.whole.get(&row.iid).filter(|_| row.marks & WHOLE != 0);
        whole.map_or_else(|| self.packed(row, names), |whole| whole.as_ref().clone())
    }

    /// What the row, and the issues beside it, say.
    fn packed(&self, row: &RequestRow, names: &Names) -> MergeRequest {
        let mut fact = row.fact(names);
        if let Some(((_, told), issues)) = fact.closes.0.as_mut().zip(self.closes.get(&row.iid)) {
            told.clone_from(issues);
        }
        fact
    }

    pub(super) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.whole.shrink_to_fit();
        self.closes.shrink_to_fit();
        self.members.shrink_to_fit();
        self.reviews.shrink_to_fit();
    }
}
