//! The tables `merge_request`, `merge_request_commit` and `review`.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{MergeRequest, MergeRequestCommit, MergeRequestState, Review, Timestamp};

row!(
    MergeRequest {
        iid;
        author, author_excluded, source_project, source_branch, target_branch, state, created_at,
        merged_at, merge_reported_at, was_draft, ready_at, labels, milestone, head, merge_commit,
        squash_commit, reverts, closes
    }
    open(own) matches!(
        own.state.state(),
        Some(MergeRequestState::Opened | MergeRequestState::Locked)
    )
);

row!(MergeRequestCommit { merge_request, sha; });

row!(Review { merge_request, at, person; });
