//! The table `push`.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{Push, Timestamp};

row!(Push { ref_name, after; before, checkout, commits, total_commits });
