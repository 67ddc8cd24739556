//! Facts as rows: one file per fact type names its columns; SQL text is in `sqlite/sql`.

mod column;
mod commit_images;
mod deployment;
mod environment;
mod git_commit;
mod issue;
mod merge_request;
mod milestone;
mod pipeline;
mod pipeline_jobs;
mod project;
mod push;
mod row;
mod section;
mod table;
mod tag_release;
mod tally;

pub(super) use column::Bound;
pub(super) use row::{Cells, Slots, odd};
pub(super) use section::section;
pub(super) use table::{TABLES, Table, deployments, head, row_of};
pub(super) use tally::{SeriesColumns, thing_from_text, thing_to_text};
