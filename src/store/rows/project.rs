//! The table `project`: its key is the fact's project alone.

use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{Project, Timestamp};

row!(Project { ; path, default_branch, deleted });
