//! The one list of JSON keys that may reach the disk, by kind of hook.
//!
//! What is not named here is skipped while parsing. Texts that people write (titles,
//! descriptions, messages, notes), names, addresses, pictures, links and CI variables are never
//! kept; where something must be known of one, it is [read](Of) and dropped. The list also holds
//! what no fact needs yet but a later projection will (label and milestone changes, single jobs), because the journal is the only thing to re-read.

use super::keep::Ingredient as Of;
use super::keep::Item;
use super::keep::Keep::{self, Both, Each, Object, Read, Value, Whole};

type Fields = &'static [(&'static str, Keep)];

/// The keys kept of one kind of hook; nothing of a kind that is not listed.
#[must_use]
pub fn fields_of(kind: &str) -> Fields {
    KINDS.iter().find(|(name, _)| *name == kind).map_or(&[], |(_, fields)| fields)
}

/// Every kind of which something is kept, and its keys.
pub const KINDS: &[(&str, Fields)] = &[
    ("push", PUSH),
    ("tag_push", PUSH),
    ("repository_update", REPOSITORY_UPDATE),
    ("merge_request", MERGE_REQUEST),
    ("issue", ISSUE),
    ("work_item", ISSUE),
    ("note", NOTE),
    ("pipeline", PIPELINE),
    ("build", BUILD),
    ("deployment", DEPLOYMENT),
    ("release", RELEASE),
    ("milestone", MILESTONE),
    ("feature_flag", FEATURE_FLAG),
    ("project_create", PROJECT_EVENT),
    ("project_destroy", PROJECT_EVENT),
    ("project_rename", PROJECT_EVENT),
    ("project_transfer", PROJECT_EVENT),
    ("project_update", PROJECT_EVENT),
    ("group_rename", GROUP_RENAME),
];

const PROJECT: Keep =
    Object(&[("id", Value), ("path_with_namespace", Value), ("default_branch", Value)]);
/// One end of a merge request: tells a fork.
const SIDE: Keep = Object(&[("id", Value), ("path_with_namespace", Value)]);
const USER: Keep = Object(&[("id", Read(Of::ActorId)), ("username", Read(Of::ActorName))]);
const LABELS: Keep = Each(&Object(&[("title", Value)]));
const CHANGE: Keep = Object(&[("previous", Value), ("current", Value)]);
const LABEL_CHANGE: Keep = Object(&[("previous", LABELS), ("current", LABELS)]);
const ENVIRONMENT: Keep = Object(&[("name", Value), ("action", Value), ("deployment_tier", Value)]);
const SOURCE_PIPELINE: Keep =
    Object(&[("project", Object(&[("id", Value)])), ("pipeline_id", Value), ("job_id", Value)]);
const COMMIT: Keep = Whole(
    Item::Commit,
    &[
        ("id", Value),
        ("timestamp", Both(Of::CommitTime)),
        ("title", Read(Of::CommitTitle)),
        ("message", Read(Of::CommitMessage)),
        (
            "author",
            Object(&[("name", Read(Of::CommitAuthorName)), ("email", Read(Of::CommitAuthorEmail))]),
        ),
    ],
);
const PEOPLE: Keep = Each(&Whole(
    Item::Person,
    &[
        ("id", Read(Of::PersonId)),
        ("username", Read(Of::PersonName)),
        ("state", Both(Of::PersonState)),
        ("re_requested", Value),
    ],
));

const PUSH: Fields = &[
    ("before", Value),
    ("after", Value),
    ("ref", Value),
    ("ref_protected", Value),
    ("checkout_sha", Value),
    ("user_id", Read(Of::ActorId)),
    ("user_username", Read(Of::ActorName)),
    ("project_id", Value),
    ("project", PROJECT),
    ("commits", Each(&COMMIT)),
    ("total_commits_count", Value),
];

const REPOSITORY_UPDATE: Fields = &[
    ("project_id", Value),
    ("project", PROJECT),
    ("changes", Each(&Object(&[("before", Value), ("after", Value), ("ref", Value)]))),
];

const MERGE_REQUEST: Fields = &[
    ("user", USER),
    ("project_id", Value),
    ("project", PROJECT),
    ("object_attributes", Object(MERGE_REQUEST_ATTRIBUTES)),
    ("labels", LABELS),
    (
        "changes",
        Object(&[
            ("draft", CHANGE),
            ("work_in_progress", CHANGE),
            ("state", CHANGE),
            ("state_id", CHANGE),
            ("labels", LABEL_CHANGE),
            ("milestone_id", CHANGE),
            ("target_branch", CHANGE),
            ("source_branch", CHANGE),
            ("updated_at", CHANGE),
            ("reviewers", Read(Of::ReviewersChange)),
        ]),
    ),
    ("assignees", PEOPLE),
    ("reviewers", PEOPLE),
];

const MERGE_REQUEST_ATTRIBUTES: Fields = &[
    ("id", Value),
    ("iid", Value),
    ("author_id", Read(Of::AuthorId)),
    ("description", Read(Of::Description)),
    ("project_id", Value),
    ("source_project_id", Value),
    ("target_project_id", Value),
    ("source_branch", Value),
    ("target_branch", Value),
    ("target_branch_protected", Value),
    ("source", SIDE),
    ("target", SIDE),
    ("state", Value),
    ("state_id", Value),
    ("action", Value),
    ("system", Value),
    ("system_action", Value),
    ("oldrev", Value),
    ("draft", Value),
    ("work_in_progress", Value),
    ("created_at", Value),
    ("prepared_at", Value),
    ("updated_at", Value),
    ("actioned_at", Value),
    ("closed_at", Value),
    ("merged_at", Value),
    ("merge_commit_sha", Value),
    ("squash_commit_sha", Value),
    ("last_commit", COMMIT),
    ("head_pipeline_id", Value),
    ("detailed_merge_status", Value),
    ("milestone_id", Value),
    ("labels", LABELS),
];

const ISSUE: Fields = &[
    ("user", USER),
    ("project_id", Value),
    ("project", PROJECT),
    ("object_attributes", Object(ISSUE_ATTRIBUTES)),
    ("labels", LABELS),
    (
        "changes",
        Object(&[
            ("type", CHANGE),
            ("state_id", CHANGE),
            ("severity", CHANGE),
            ("escalation_status", CHANGE),
            ("labels", LABEL_CHANGE),
            ("milestone_id", CHANGE),
            ("due_date", CHANGE),
            ("closed_at", CHANGE),
            ("updated_at", CHANGE),
        ]),
    ),
];

const ISSUE_ATTRIBUTES: Fields = &[
    ("id", Value),
    ("iid", Value),
    ("author_id", Read(Of::AuthorId)),
    ("description", Read(Of::Description)),
    ("url", Read(Of::IssueUrl)),
    ("project_id", Value),
    ("type", Value),
    ("state", Value),
    ("state_id", Value),
    ("action", Value),
    ("severity", Value),
    ("escalation_status", Value),
    ("confidential", Value),
    ("created_at", Value),
    ("updated_at", Value),
    ("closed_at", Value),
    ("due_date", Value),
    ("moved_to_id", Value),
    ("duplicated_to_id", Value),
    ("milestone_id", Value),
    ("labels", LABELS),
];

const NOTE: Fields = &[
    ("user", USER),
    ("project_id", Value),
    ("project", PROJECT),
    (
        "object_attributes",
        Object(&[
            ("id", Value),
            ("author_id", Read(Of::AuthorId)),
            ("note", Read(Of::Note)),
            ("project_id", Value),
            ("noteable_type", Value),
            ("noteable_id", Value),
            ("action", Value),
            ("system", Value),
            ("internal", Value),
            ("created_at", Value),
            ("updated_at", Value),
        ]),
    ),
    (
        "merge_request",
        Object(&[
            ("id", Value),
            ("iid", Value),
            ("state", Value),
            ("source_project_id", Value),
            ("target_project_id", Value),
            ("source", SIDE),
            ("target", SIDE),
            ("merge_commit_sha", Value),
        ]),
    ),
    ("issue", Object(&[("id", Value), ("iid", Value), ("type", Value)])),
    ("work_item", Object(&[("id", Value), ("iid", Value), ("type", Value)])),
];

const PIPELINE: Fields = &[
    ("project_id", Value),
    ("project", PROJECT),
    (
        "object_attributes",
        Object(&[
            ("id", Value),
            ("iid", Value),
            ("project_id", Value),
            ("ref", Value),
            ("tag", Value),
            ("default_branch", Value),
            ("sha", Value),
            ("before_sha", Value),
            ("source", Value),
            ("status", Value),
            ("detailed_status", Value),
            ("stages", Each(&Value)),
            ("created_at", Value),
            ("finished_at", Value),
            ("duration", Value),
            ("queued_duration", Value),
        ]),
    ),
    (
        "merge_request",
        Object(&[
            ("id", Value),
            ("iid", Value),
            ("source_project_id", Value),
            ("target_project_id", Value),
            ("target_branch", Value),
        ]),
    ),
    ("commit", Object(&[("id", Value), ("timestamp", Value)])),
    ("source_pipeline", SOURCE_PIPELINE),
    (
        "builds",
        // Dozens of jobs make nearly all of a pipeline's hook, so that each key costs. Their
        // creation is in the hooks of the jobs themselves.
        Each(&Object(&[
            ("id", Value),
            ("stage", Value),
            ("name", Value),
            ("status", Value),
            ("started_at", Value),
            ("finished_at", Value),
            ("queued_duration", Value),
            ("environment", ENVIRONMENT),
        ])),
    ),
];

const BUILD: Fields = &[
    ("ref", Value),
    ("tag", Value),
    ("sha", Value),
    ("before_sha", Value),
    ("build_id", Value),
    ("build_name", Value),
    ("build_stage", Value),
    ("build_status", Value),
    ("build_created_at", Value),
    ("build_created_at_iso", Value),
    ("build_started_at", Value),
    ("build_started_at_iso", Value),
    ("build_finished_at", Value),
    ("build_finished_at_iso", Value),
    ("build_queued_duration", Value),
    ("pipeline_id", Value),
    ("project_id", Value),
    ("project", PROJECT),
    // Its `id` is the pipeline's, and its `sha` the commit's.
    ("commit", Object(&[("id", Value), ("sha", Value)])),
    ("environment", ENVIRONMENT),
    ("source_pipeline", SOURCE_PIPELINE),
];

const DEPLOYMENT: Fields = &[
    ("status", Value),
    ("status_changed_at", Value),
    ("deployment_id", Value),
    ("deployable_id", Value),
    ("environment", Value),
    ("environment_tier", Value),
    ("environment_slug", Value),
    ("project_id", Value),
    ("project", PROJECT),
    ("short_sha", Value),
    ("ref", Value),
    ("commit_url", Read(Of::CommitUrl)),
    ("approval", Object(&[("status", Value), ("created_at", Value)])),
];

const RELEASE: Fields = &[
    ("id", Value),
    ("action", Value),
    ("tag", Value),
    ("created_at", Value),
    ("released_at", Value),
    ("project_id", Value),
    ("project", PROJECT),
    ("commit", Object(&[("id", Value), ("timestamp", Value)])),
];

const MILESTONE: Fields = &[
    ("action", Value),
    ("project_id", Value),
    ("project", PROJECT),
    (
        "object_attributes",
        Object(&[
            ("id", Value),
            ("iid", Value),
            ("project_id", Value),
            ("group_id", Value),
            ("state", Value),
            ("created_at", Value),
            ("updated_at", Value),
            ("start_date", Value),
            ("due_date", Value),
        ]),
    ),
];

const FEATURE_FLAG: Fields = &[
    ("project_id", Value),
    ("project", PROJECT),
    ("object_attributes", Object(&[("id", Value), ("active", Value)])),
];

const PROJECT_EVENT: Fields = &[
    ("project_id", Value),
    ("path_with_namespace", Value),
    ("old_path_with_namespace", Value),
    ("created_at", Value),
    ("updated_at", Value),
];

const GROUP_RENAME: Fields = &[
    ("group_id", Value),
    ("full_path", Value),
    ("old_full_path", Value),
    ("created_at", Value),
    ("updated_at", Value),
];
