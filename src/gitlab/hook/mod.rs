//! Wire types of webhooks, as the scrub leaves them: GitLab's shape plus `derived`.
//!
//! Every field may be absent, null or of another type than expected, and is then simply not
//! [`Said`]; only bytes that are no JSON object make reading fail.

mod build;
mod deployment;
mod issue;
mod merge_request;
mod milestone;
mod note;
mod pipeline;
mod project;
mod push;
mod release;
mod said;
mod seconds;
mod values;

pub use build::{Build, BuildCommit};
pub use deployment::{DeployedCommit, Deployment};
pub use issue::{Issue, IssueAttributes, IssueChanges, IssueDerived, LabelChange, MilestoneChange};
pub use merge_request::{
    Changes, Flip, MergeRequest, MergeRequestAttributes, MergeRequestDerived, Side,
};
pub use milestone::{Milestone, MilestoneAttributes};
pub use note::{Note, NoteAttributes, NoteDerived, Noteable};
pub use pipeline::{JobEnvironment, Pipeline, PipelineAttributes, PipelineBuild, PipelineRequest};
pub use project::{Label, Place, ProjectEvent, ProjectPart, project_id, project_path};
pub use push::{Commit, CommitDerived, Push, RefChange, RepositoryUpdate};
pub use release::{Release, ReleasedCommit};
pub use said::{List, Part, Said, Scalar};
pub use seconds::Seconds;
pub use values::Values;

use serde::Deserialize;

use crate::record::Record;

/// Reads what was kept of a hook; `None` when it is no JSON object.
#[must_use]
pub fn read<'a, T: Deserialize<'a>>(record: &'a Record) -> Option<T> {
    serde_json::from_str::<Part<T>>(text(record)?).ok()?.0
}

/// The JSON of a record: one look at all of it costs less than one at each of its texts.
fn text(record: &Record) -> Option<&str> {
    std::str::from_utf8(&record.json).ok()
}
