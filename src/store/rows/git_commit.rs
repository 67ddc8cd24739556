//! The table `git_commit`.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{Commit, Timestamp};

row!(
    Commit {
        sha;
        authored_at, committed_at, is_merge, author_excluded, picked_from, reverts, identity
    }
);
