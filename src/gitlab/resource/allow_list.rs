//! The keys of each resource of the REST API that may reach the disk: what the
//! [list of hooks](crate::gitlab::allow_list) is for deliveries, in the same words.

use super::Resource;
use crate::gitlab::keep::Ingredient as Of;
use crate::gitlab::keep::Item;
use crate::gitlab::keep::Keep::{self, Both, Each, Object, Read, Value, Whole};

type Fields = &'static [(&'static str, Keep)];

/// The keys kept of one resource.
#[must_use]
pub fn fields_of(resource: Resource) -> Fields {
    match resource {
        Resource::Project => PROJECT,
        Resource::Environment => ENVIRONMENT,
        Resource::Deployment => DEPLOYMENT,
        Resource::MergeRequest => MERGE_REQUEST,
        Resource::MergeRequestCommit | Resource::Commit => COMMIT,
        Resource::CommitDiff => COMMIT_DIFF,
        Resource::Tag => TAG,
        Resource::MergeRequestNote | Resource::IssueNote => NOTE,
        Resource::Issue => ISSUE,
        Resource::Pipeline | Resource::MergeRequestPipeline => PIPELINE,
        Resource::Job => JOB,
        Resource::IssueStateEvent => STATE_EVENT,
        Resource::IssueLabelEvent => LABEL_EVENT,
        Resource::IssueMilestoneEvent => MILESTONE_EVENT,
        Resource::Release => RELEASE,
        Resource::Milestone => MILESTONE,
    }
}

const AUTHOR: Keep = Object(&[("id", Read(Of::AuthorId)), ("username", Read(Of::AuthorName))]);
const LABELS: Keep = Each(&Value);
const NUMBERED: Keep = Object(&[("id", Value)]);
/// With its days, because no list of a project holds those of its group.
const PLANNED_IN: Keep = Object(MILESTONE);

const PROJECT: Fields = &[
    ("path_with_namespace", Value),
    ("default_branch", Value),
    ("updated_at", Value),
    ("last_activity_at", Value),
];

const ENVIRONMENT: Fields = &[
    ("id", Value),
    ("name", Value),
    ("tier", Value),
    ("state", Value),
    ("created_at", Value),
    ("updated_at", Value),
];

const DEPLOYMENT: Fields = &[
    ("id", Value),
    ("status", Value),
    ("ref", Value),
    ("sha", Value),
    ("created_at", Value),
    ("updated_at", Value),
    ("finished_at", Value),
    ("environment", Object(&[("name", Value), ("tier", Value)])),
    (
        "deployable",
        Object(&[
            ("id", Value),
            ("name", Value),
            ("pipeline", NUMBERED),
            ("started_at", Value),
            ("finished_at", Value),
        ]),
    ),
    ("approvals", Each(&Object(&[("status", Value), ("created_at", Value)]))),
];

const MERGE_REQUEST: Fields = &[
    ("id", Value),
    ("iid", Value),
    ("author", AUTHOR),
    ("description", Read(Of::Description)),
    ("source_project_id", Value),
    ("target_project_id", Value),
    ("source_branch", Value),
    ("target_branch", Value),
    ("state", Value),
    ("draft", Value),
    ("work_in_progress", Value),
    ("created_at", Value),
    ("prepared_at", Value),
    ("updated_at", Value),
    ("closed_at", Value),
    ("merged_at", Value),
    ("sha", Value),
    ("merge_commit_sha", Value),
    ("squash_commit_sha", Value),
    ("milestone", PLANNED_IN),
    ("labels", LABELS),
];

/// The whole document is the commit, so that what its texts say stands in its own `derived`.
const COMMIT: Fields = &[(
    "commit",
    Whole(
        Item::Commit,
        &[
            ("id", Value),
            ("parent_ids", Each(&Value)),
            ("authored_date", Both(Of::CommitTime)),
            ("committed_date", Value),
            ("title", Read(Of::CommitTitle)),
            ("message", Read(Of::CommitMessage)),
            ("author_name", Read(Of::CommitAuthorName)),
            ("author_email", Read(Of::CommitAuthorEmail)),
        ],
    ),
)];

/// Of the diff itself nothing but the images that it names.
const COMMIT_DIFF: Fields =
    &[("new_path", Value), ("diff", Read(Of::Diff)), ("too_large", Value), ("collapsed", Value)];

const TAG: Fields = &[
    ("name", Value),
    ("target", Value),
    ("commit", Object(&[("id", Value), ("committed_date", Value)])),
];

const NOTE: Fields = &[
    ("id", Value),
    ("author", AUTHOR),
    ("body", Read(Of::NoteOrAct)),
    ("system", Value),
    ("created_at", Value),
    ("updated_at", Value),
];

const ISSUE: Fields = &[
    ("id", Value),
    ("iid", Value),
    ("author", AUTHOR),
    ("description", Read(Of::Description)),
    ("web_url", Read(Of::IssueUrl)),
    ("type", Value),
    ("issue_type", Value),
    ("state", Value),
    ("severity", Value),
    ("confidential", Value),
    ("created_at", Value),
    ("updated_at", Value),
    ("closed_at", Value),
    ("moved_to_id", Value),
    ("duplicated_to_id", Value),
    ("_links", Object(&[("closed_as_duplicate_of", Read(Of::DuplicateUrl))])),
    ("milestone", PLANNED_IN),
    ("labels", LABELS),
];

const PIPELINE: Fields = &[
    ("id", Value),
    ("sha", Value),
    ("ref", Value),
    ("status", Value),
    ("source", Value),
    ("created_at", Value),
    ("updated_at", Value),
    ("finished_at", Value),
];

const JOB: Fields = &[
    ("id", Value),
    ("stage", Value),
    ("started_at", Value),
    ("finished_at", Value),
    ("queued_duration", Value),
    ("pipeline", NUMBERED),
];

const STATE_EVENT: Fields = &[("id", Value), ("created_at", Value), ("state", Value)];

const LABEL_EVENT: Fields = &[
    ("id", Value),
    ("created_at", Value),
    ("action", Value),
    ("label", Object(&[("name", Value)])),
];

const MILESTONE_EVENT: Fields =
    &[("id", Value), ("created_at", Value), ("action", Value), ("milestone", NUMBERED)];

const RELEASE: Fields =
    &[("tag_name", Value), ("created_at", Value), ("released_at", Value), ("commit", NUMBERED)];

const MILESTONE: Fields = &[
    ("id", Value),
    ("iid", Value),
    ("state", Value),
    ("created_at", Value),
    ("updated_at", Value),
    ("start_date", Value),
    ("due_date", Value),
];
