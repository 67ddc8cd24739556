//! Changes: what releases deliver, with their clocks and stages.

use rustc_hash::{FxHashMap, FxHashSet};

use super::commit_lists::CommitLists;
use super::lineage::landing_commit;
use crate::delivery::{
    ClosedIssues, Commit, CommitSha, Iid, MergeRequest, ProjectHistory, Reverted, Review, Timestamp,
};
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
#[derive(Debug, Clone)]
pub(super) struct MergedRequest<'a> {
    pub(super) request: &'a MergeRequest,
    /// The commit by which it landed on its target branch.
    pub(super) landing: CommitSha,
    /// The commits whose first arrival delivers it: the landing commit and its picks.
    pub(super) arrives_by: Vec<CommitSha>,
    pub(super) merged_at: Timestamp,
    /// Start of the first-commit clock.
    pub(super) first_commit_at: Timestamp,
    /// Whether it only carries other changes onwards; then it is no change.
    pub(super) is_promotion: bool,
    /// Whether it enters lead times.
    pub(super) is_sampled: bool,
    /// Whether it is marked as a hotfix.
    pub(super) is_hotfix: bool,
    /// The merge request it reverts.
    pub(super) reverts: Option<Iid>,
}

impl MergedRequest<'_> {
    /// The issues that it closes, in ascending order.
    pub(super) fn closes(&self) -> &[Iid] {
        self.request.closes.value().map_or(&[], ClosedIssues::as_slice)
    }
}

/// Everything that can be delivered, before it is known which release did.
#[derive(Debug)]
pub(super) struct Changes<'a> {
    /// Merged requests, by number.
    pub(super) merged: Vec<MergedRequest<'a>>,
    /// Commits for which no merge request answers.
    pub(super) direct: Vec<DirectCommit>,
    /// Of every commit, those that were cherry-picked from it, directly or by way of other picks.
    picks: FxHashMap<CommitSha, Vec<CommitSha>>,
    history: &'a ProjectHistory,
}

impl<'a> Changes<'a> {
    /// Finds the merged requests and the direct commits that exist before `as_of`.
    pub(super) fn find(history: &'a ProjectHistory, as_of: Timestamp, policy: &Policy) -> Self {
        let lists = CommitLists::new(history, as_of, policy);
        let picks = picks(history);
        let landings: FxHashMap<CommitSha, Iid> = history
            .merge_requests
            .values()
            .filter(|request| request.merged().is_some_and(|at| at < as_of))
            .filter_map(|request| Some((landing_commit(request)?, request.iid)))
            .collect();
        let merged: Vec<MergedRequest<'_>> = history
            .merge_requests
            .values()
            .filter_map(|request| {
                let merged_at = request.merged().filter(|at| *at < as_of)?;
                let landing = landing_commit(request)?;
                let mut arrives_by = vec![landing];
                arrives_by.extend(picks.get(&landing).into_iter().flatten());
                arrives_by.extend(lists.twins_of_rebased(request, landing));
                Some(MergedRequest {
                    request,
                    landing,
                    arrives_by,
                    merged_at,
                    first_commit_at: first_commit(history, lists.of(request.iid), as_of, policy)
                        .unwrap_or(merged_at),
                    is_promotion: lists.is_promotion(request.iid),
                    is_sampled: is_sampled(request, policy),
                    is_hotfix: is_hotfix(request, policy),
                    reverts: match request.reverts.value().copied().flatten() {
                        Some(Reverted::MergeRequest(iid)) => Some(iid),
                        Some(Reverted::Commit(sha)) => landings.get(&sha).copied(),
                        None => None,
                    },
                })
            })
            .collect();
        let direct = if policy.direct_commits == Counting::Count {
            direct_commits(history, &answered(&merged), &lists, as_of, policy)
        } else {
            Vec::new()
        };
        Self { merged, direct, picks, history }
    }

    /// A merged request by its number.
    pub(super) fn merged_request(&self, iid: Iid) -> Option<&MergedRequest<'a>> {
        let place = self.merged.binary_search_by_key(&iid, |merged| merged.request.iid).ok()?;
        self.merged.get(place)
    }

    /// A commit, and those that were picked from it.
    pub(super) fn with_picks(&self, sha: CommitSha) -> impl Iterator<Item = CommitSha> {
        std::iter::once(sha).chain(self.picks.get(&sha).into_iter().flatten().copied())
    }

    /// The four stages of a sampled merge request delivered at `delivered_at`, in seconds, in the
    /// order of [`Stage::ALL`].
    ///
    /// Source: the metric specification, "Stages of a sampled MR".
    pub(super) fn stages(&self, merged: &MergedRequest<'_>, delivered_at: Timestamp) -> [u64; 4] {
        let request = merged.request;
        let ready = if request.was_draft.0 { request.ready_at } else { request.created_at };
        let coded = merged.first_commit_at;
        // What is merged is no draft, whenever that was first heard.
        let ready = ready.0.or(request.ready_at.0).map(|at| at.min(merged.merged_at));
        let ready = ready.map_or(coded, |at| at.max(coded));
        let landed = merged.merged_at.max(ready);
        let reviewed = self
            .reviews(request.iid)
            .filter(|review| Some(review.person) != request.author.0)
            .map(|review| review.at)
            .find(|at| *at >= ready && *at <= landed)
            .unwrap_or(landed);
        let delivered = delivered_at.max(landed);
        [
            ready.seconds_since(coded),
            reviewed.seconds_since(ready),
            landed.seconds_since(reviewed),
            delivered.seconds_since(landed),
        ]
    }

    /// Review acts on a merge request, earliest first.
    fn reviews(&self, iid: Iid) -> impl Iterator<Item = &'a Review> {
        let all: &'a [Review] = &self.history.reviews;
        let from = all.partition_point(|review| review.merge_request < iid);
        all.iter().skip(from).take_while(move |review| review.merge_request == iid)
    }
}

/// A commit without a merge request.
#[derive(Debug, Clone, Copy)]
pub(super) struct DirectCommit {
    pub(super) sha: CommitSha,
    /// The first of its origins, itself where it was not picked: names the change.
    pub(super) root: CommitSha,
    /// How many picks lie between the two.
    pub(super) picks: usize,
    pub(super) at: Timestamp,
    pub(super) is_sampled: bool,
}

/// Which date of a commit counts.
fn date(commit: &Commit, policy: &Policy) -> Option<Timestamp> {
    match policy.commit_clock {
        CommitClock::Authored => commit.authored_at.0,
        CommitClock::Committed => commit.committed_at.0.or(commit.authored_at.0),
    }
}

fn first_commit(
    history: &ProjectHistory,
    commits: &FxHashSet<CommitSha>,
    as_of: Timestamp,
    policy: &Policy,
) -> Option<Timestamp> {
    commits
        .iter()
        .filter_map(|sha| history.commits.get(sha))
        .filter_map(|commit| date(commit, policy))
        .filter(|at| *at < as_of)
        .min()
}

fn is_sampled(request: &MergeRequest, policy: &Policy) -> bool {
    !request.author_excluded.0 && !has_label(request, &policy.exclude_labels)
}

fn is_hotfix(request: &MergeRequest, policy: &Policy) -> bool {
    let marks = &policy.hotfix_markers;
    has_label(request, &marks.labels)
        || request.source_branch.value().is_some_and(|branch| {
            marks.branch_prefixes.iter().any(|prefix| branch.as_str().starts_with(prefix))
        })
}

fn has_label(request: &MergeRequest, wanted: &[String]) -> bool {
    request.labels.value().is_some_and(|own| wanted.iter().any(|label| own.contains(label)))
}

/// Every cherry-pick, by each of its origins.
fn picks(history: &ProjectHistory) -> FxHashMap<CommitSha, Vec<CommitSha>> {
    let mut picks: FxHashMap<CommitSha, Vec<CommitSha>> = FxHashMap::default();
    for commit in history.commits.values().filter(|commit| commit.picked_from.0.is_some()) {
        for origin in origins(history, commit.sha).skip(1) {
            picks.entry(origin).or_default().push(commit.sha);
        }
    }
    picks
}

/// A commit, what it was cherry-picked from, what that was picked from, and so on.
fn origins(history: &ProjectHistory, sha: CommitSha) -> impl Iterator<Item = CommitSha> {
    // A chain this long is a loop or a forgery.
    const LONGEST_CHAIN: usize = 16;
    let next = |sha: &CommitSha| history.commits.get(sha).and_then(|commit| commit.picked_from.0);
    std::iter::successors(Some(sha), next).take(LONGEST_CHAIN)
}

/// Commits for which a merged request answers although it may not list them: those it arrives by,
/// and the squash commit below its merge commit.
fn answered(merged: &[MergedRequest<'_>]) -> FxHashSet<CommitSha> {
    let squashed = |merged: &MergedRequest<'_>| merged.request.squash_commit.value().copied();
    merged
        .iter()
        .flat_map(|merged| merged.arrives_by.iter().copied().chain(squashed(merged)))
        .collect()
}

/// Commits before `as_of` for which no merge request answers and that are no merges.
fn direct_commits(
    history: &ProjectHistory,
    answered: &FxHashSet<CommitSha>,
    lists: &CommitLists,
    as_of: Timestamp,
    policy: &Policy,
) -> Vec<DirectCommit> {
    history
        .commits
        .values()
        .filter(|commit| !commit.is_merge.0)
        .filter(|commit| !lists.shields(commit.sha) && !answered.contains(&commit.sha))
        .filter_map(|commit| {
            let (picks, root) = origins(history, commit.sha).enumerate().last()?;
            Some(DirectCommit {
                sha: commit.sha,
                root,
                picks,
                at: date(commit, policy).filter(|at| *at < as_of)?,
                is_sampled: !commit.author_excluded.0,
            })
        })
        .collect()
}
