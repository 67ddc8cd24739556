//! The tables `pipeline` and `job`; one without an end is open.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::register::Progress;
use crate::delivery::{Job, Pipeline, Timestamp};

row!(
    Pipeline { id; status, sha, ref_name, created_at, finished_at }
    open(own) own.status.state().is_some_and(|status| !status.is_end())
);

row!(
    Job { id; pipeline, stage, status, created_at, started_at, finished_at }
    open(own) own.status.state().is_some_and(|status| !status.is_end())
);
