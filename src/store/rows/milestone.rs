//! The tables `milestone` and `milestone_due`; a milestone neither closed nor deleted is open.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{Milestone, MilestoneDue, Timestamp};

row!(
    Milestone { id; created_at, start_day, due_day, closed, deleted }
    open(own) own.closed.value() != Some(&true) && own.deleted.value() != Some(&true)
);

row!(MilestoneDue { milestone, at; due_day });
