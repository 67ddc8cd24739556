//! Facts as rows: one file per fact type names its columns; SQL text is in `sqlite/sql`.

mod column;
mod deployment;
mod environment;
mod git_commit;
mod issue;
mod merge_request;
mod milestone;
mod pipeline;
mod project;
mod push;
mod row;
mod section;
mod table;
mod tag_release;

pub(super) use column::{Bound, Column};
pub(super) use row::{Cells, Slots};
pub(super) use section::section;
pub(super) use table::{TABLES, Table, head, row_of};
