//! The table `tag_release`.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{TagRelease, Timestamp};

row!(TagRelease { tag; created_at, released_at, sha, deleted });
