//! The tables `pipeline` and `pipeline_stage`; a pipeline without an end is open.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::register::Progress;
use crate::delivery::{Pipeline, PipelineStage, Timestamp};

row!(
    Pipeline { id; status, sha, ref_name, created_at, finished_at, merge_request }
    open(own) own.status.state().is_some_and(|status| !status.is_end())
);

row!(PipelineStage { pipeline, stage; started_at, finished_at });
