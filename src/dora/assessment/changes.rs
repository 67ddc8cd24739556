//! Changes: what releases deliver, with their clocks and stages.

use rustc_hash::FxHashMap;

use super::commit_lists::CommitLists;
use super::search::{is_marked, mark};
use crate::delivery::history::{CommitNumber, RequestRow, ReviewRow};
use crate::delivery::{CommitSha, Iid, ProjectHistory, Reverted, Timestamp};
use crate::dora::policy::{CommitClock, Counting, Policy};

/// The stages of a sampled merge request; they add up to its first-commit lead time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// First commit to ready for review.
    Coding,
    /// Ready to first review.
    Pickup,
    /// First review to merge.
    Review,
    /// Merge to delivery.
    Deploy,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 4] = [Self::Coding, Self::Pickup, Self::Review, Self::Deploy];

    /// The value of the label `stage`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coding => "coding",
            Self::Pickup => "pickup",
            Self::Review => "review",
            Self::Deploy => "deploy",
        }
    }
}

/// Where a change comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A merged merge request.
    MergeRequest(Iid),
    /// A commit pushed without one.
    DirectCommit(CommitSha),
}

/// A merged merge request that can be delivered.
#[derive(Debug)]
pub(super) struct MergedRequest<'a> {
    pub(super) request: &'a RequestRow,
    /// The commit by which it landed on its target branch.
    pub(super) landing: CommitNumber,
    /// Other commits whose arrival delivers it: picks of the landing commit, and what stands in
    /// for it.
    pub(super) stand_ins: Vec<CommitNumber>,
    /// Those of them that a train put on a target branch in its place.
    copies: Vec<CommitNumber>,
    pub(super) merged_at: Timestamp,
    /// Start of the first-commit clock.
    pub(super) first_commit_at: Timestamp,
    /// Whether it only carries other changes onwards; then it is no change.
    pub(super) is_promotion: bool,
    /// Whether it enters lead times.
    pub(super) is_sampled: bool,
    /// Its place among the policy's categories; `None` where none takes it.
    pub(super) category: Option<usize>,
    /// Whether it is marked as a hotfix.
    pub(super) is_hotfix: bool,
    /// The merge request it reverts.
    pub(super) reverts: Option<Iid>,
    /// The issues that it closes, in ascending order.
    pub(super) closes: &'a [Iid],
    /// Its first review by somebody else, from when it was ready to its merge.
    reviewed_at: Option<Timestamp>,
}

impl MergedRequest<'_> {
    /// The commits whose first arrival delivers it.
    pub(super) fn arrives_by(&self) -> impl Iterator<Item = CommitNumber> {
        std::iter::once(self.landing).chain(self.stand_ins.iter().copied())
    }

    /// What of it stands on the branch that it was merged into.
    pub(super) fn landed_as(&self) -> &[CommitNumber] {
        if self.copies.is_empty() { std::slice::from_ref(&self.landing) } else { &self.copies }
    }

    /// When it was ready for review, not before its first commit.
    fn ready_at(&self) -> Timestamp {
        let (row, coded) = (self.request, self.first_commit_at);
        let ready = if row.was_draft() { row.ready_at() } else { row.created_at() };
        // What is merged is no draft, whenever that was first heard.
        let ready = ready.or(row.ready_at()).map(|at| at.min(self.merged_at));
        ready.map_or(coded, |at| at.max(coded))
    }

    /// The four stages of a sampled merge request delivered at `delivered_at`, in seconds, in the
    /// order of [`Stage::ALL`].
    ///
    /// Source: the metric specification, "Stages of a sampled MR".
    pub(super) fn stages(&self, delivered_at: Timestamp) -> [u64; 4] {
        let (coded, ready) = (self.first_commit_at, self.ready_at());
        let landed = self.merged_at.max(ready);
        let reviewed = self.reviewed_at.unwrap_or(landed);
        let delivered = delivered_at.max(landed);
        [
            ready.seconds_since(coded),
            reviewed.seconds_since(ready),
            landed.seconds_since(reviewed),
            delivered.seconds_since(landed),
        ]
    }
}

/// Everything that can be delivered, before it is known which release did.
#[derive(Debug)]
pub(super) struct Changes<'a> {
    /// Merged requests, by number.
    pub(super) merged: Vec<MergedRequest<'a>>,
    /// Commits for which no merge request answers.
    pub(super) direct: Vec<DirectCommit>,
    picks: Picks,
}

/// Of every commit, those that were cherry-picked from it, directly or by way of other picks.
type Picks = FxHashMap<CommitNumber, Vec<CommitNumber>>;

impl<'a> Changes<'a> {
    /// Finds the merged requests and the direct commits that exist before `as_of`.
    pub(super) fn find(history: &'a ProjectHistory, as_of: Timestamp, policy: &Policy) -> Self {
        let finder = Finder {
            history,
            lists: CommitLists::new(history, as_of, policy),
            picks: picks(history),
            as_of,
            policy,
        };
        let merged = finder.merged();
        let direct = if policy.direct_commits == Counting::Count {
            finder.direct_commits(&merged)
        } else {
            Vec::new()
        };
        Self { merged, direct, picks: finder.picks }
    }

    /// The place of a merged request, by its number.
    pub(super) fn place(&self, iid: Iid) -> Option<usize> {
        self.merged.binary_search_by_key(&iid, |merged| merged.request.iid()).ok()
    }

    /// A commit, and those that were picked from it.
    pub(super) fn with_picks(&self, commit: CommitNumber) -> impl Iterator<Item = CommitNumber> {
        std::iter::once(commit).chain(self.picks.get(&commit).into_iter().flatten().copied())
    }
}

/// A commit without a merge request.
#[derive(Debug, Clone, Copy)]
pub(super) struct DirectCommit {
    pub(super) commit: CommitNumber,
    /// The first of its origins, itself where it was not picked: names the change.
    pub(super) root: CommitNumber,
    /// How many picks lie between the two.
    pub(super) picks: usize,
    pub(super) at: Timestamp,
    pub(super) is_sampled: bool,
}

/// What changes are found by.
struct Finder<'a, 'p> {
    history: &'a ProjectHistory,
    lists: CommitLists<'a>,
    picks: Picks,
    as_of: Timestamp,
    policy: &'p Policy,
}

impl<'a> Finder<'a, '_> {
    fn merged(&self) -> Vec<MergedRequest<'a>> {
        let rows = self.history.requests().rows();
        let mut reviews = self.history.requests().reviews();
        let mut merged = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let before = reviews.iter().take_while(|own| own.merge_request < row.iid()).count();
            reviews = reviews.get(before..).unwrap_or_default();
            let Some(merged_at) = row.merged().filter(|at| *at < self.as_of) else { continue };
            let Some(landing) = row.landing() else { continue };
            merged.push(self.merged_request(place, row, (merged_at, landing), reviews));
        }
        let landings = self.landings_of_reverted(&merged);
        for own in &mut merged {
            own.reverts = match self.history.requests().reverts(own.request) {
                Some(Reverted::MergeRequest(iid)) => Some(iid),
                Some(Reverted::Commit(sha)) => landings.get(&sha).copied(),
                None => None,
            };
        }
        merged
    }

    fn merged_request(
        &self,
        place: usize,
        row: &'a RequestRow,
        (merged_at, landing): (Timestamp, CommitNumber),
        reviews: &[ReviewRow],
    ) -> MergedRequest<'a> {
        let picked = self.picks.get(&landing).into_iter().flatten().copied();
        let twins: Vec<CommitNumber> = self.lists.twins_of_rebased(row, landing).collect();
        let landed = twins.iter().copied().filter(|twin| self.lists.is_on_target(*twin));
        let mut own = MergedRequest {
            request: row,
            landing,
            copies: landed.collect(),
            stand_ins: picked.chain(twins).collect(),
            merged_at,
            first_commit_at: self.first_commit(place).unwrap_or(merged_at),
            is_promotion: self.lists.is_promotion(place),
            is_sampled: !row.author_excluded() && !self.has_label(row, &self.policy.exclude_labels),
            category: self.category(row),
            is_hotfix: self.is_hotfix(row),
            reverts: None,
            closes: self.history.requests().closes(row),
            reviewed_at: None,
        };
        let ready = own.ready_at();
        let landed = merged_at.max(ready);
        own.reviewed_at = reviews
            .iter()
            .take_while(|review| review.merge_request == row.iid())
            .filter(|review| Some(review.person) != row.author())
            .map(|review| review.at)
            .find(|at| *at >= ready && *at <= landed);
        own
    }

    /// Which merge request landed as which of the commits that some merge request reverts.
    fn landings_of_reverted(&self, merged: &[MergedRequest<'_>]) -> FxHashMap<CommitSha, Iid> {
        let requests = self.history.requests();
        let is_wanted = |own: &MergedRequest<'_>| {
            matches!(requests.reverts(own.request), Some(Reverted::Commit(_)))
        };
        if !merged.iter().any(is_wanted) {
            return FxHashMap::default();
        }
        let landing = |own: &MergedRequest<'_>| (self.history.sha(own.landing), own.request.iid());
        merged.iter().map(landing).collect()
    }

    /// Which date of a commit counts.
    fn date(&self, commit: CommitNumber) -> Option<Timestamp> {
        let commits = self.history.commits();
        match self.policy.commit_clock {
            CommitClock::Authored => commits.authored_at(commit),
            CommitClock::Committed => {
                commits.committed_at(commit).or_else(|| commits.authored_at(commit))
            }
        }
    }

    fn first_commit(&self, request: usize) -> Option<Timestamp> {
        let dates = self.lists.of(request).iter().filter_map(|commit| self.date(*commit));
        dates.filter(|at| *at < self.as_of).min()
    }

    fn is_hotfix(&self, row: &RequestRow) -> bool {
        let marks = &self.policy.hotfix_markers;
        self.has_label(row, &marks.labels)
            || row.source().is_some_and(|branch| {
                let branch = self.history.branch(branch);
                marks.branch_prefixes.iter().any(|prefix| branch.starts_with(prefix))
            })
    }

    /// The first of the policy's categories that takes this change.
    fn category(&self, row: &RequestRow) -> Option<usize> {
        let mut categories = self.policy.categories.iter();
        categories.position(|category| self.has_label(row, &category.labels))
    }

    fn has_label(&self, row: &RequestRow, wanted: &[String]) -> bool {
        !wanted.is_empty()
            && self
                .history
                .labels(row)
                .is_some_and(|own| wanted.iter().any(|label| own.contains(label)))
    }

    /// Commits for which a merged request answers although it may not list them: those it arrives
    /// by, and the squash commit below its merge commit.
    fn answered(&self, merged: &[MergedRequest<'_>]) -> Vec<bool> {
        let mut answered = vec![false; self.history.commit_numbers()];
        for own in merged {
            for commit in own.arrives_by().chain(own.request.squash_commit()) {
                mark(&mut answered, commit);
            }
        }
        answered
    }

    /// Commits before `as_of` for which no merge request answers and that are no merges.
    fn direct_commits(&self, merged: &[MergedRequest<'_>]) -> Vec<DirectCommit> {
        let (commits, answered) = (self.history.commits(), self.answered(merged));
        commits
            .numbers()
            .filter(|commit| !commits.is_merge(*commit))
            .filter(|commit| !self.lists.shields(*commit))
            .filter(|commit| !is_marked(&answered, *commit))
            .filter_map(|commit| {
                let (picks, root) = origins(self.history, commit).enumerate().last()?;
                Some(DirectCommit {
                    commit,
                    root,
                    picks,
                    at: self.date(commit).filter(|at| *at < self.as_of)?,
                    is_sampled: !commits.author_excluded(commit),
                })
            })
            .collect()
    }
}

/// Every cherry-pick, by each of its origins.
fn picks(history: &ProjectHistory) -> Picks {
    let mut picks = Picks::default();
    for commit in history.commits().picks() {
        for origin in origins(history, commit).skip(1) {
            picks.entry(origin).or_default().push(commit);
        }
    }
    picks
}

/// A commit, what it was cherry-picked from, what that was picked from, and so on.
fn origins(history: &ProjectHistory, commit: CommitNumber) -> impl Iterator<Item = CommitNumber> {
    // A chain this long is a loop or a forgery.
    const LONGEST_CHAIN: usize = 16;
    let next = |commit: &CommitNumber| {
        history.commits().picked_from(*commit).and_then(|sha| history.commit_number(sha))
    };
    std::iter::successors(Some(commit), next).take(LONGEST_CHAIN)
}
