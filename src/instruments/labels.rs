//! The values that labels of our own counters may take; every set is closed.

macro_rules! label {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The value of the label.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

label! {
    /// What became of an acknowledged delivery: label `result`.
    DeliveryResult {
        /// Journaled with its facts.
        Stored = "stored",
        /// Known already; nothing changed.
        Duplicate = "duplicate",
        /// Known by its key, but it said something else; journaled too.
        Conflict = "conflict",
        /// Journaled; it says nothing that is measured.
        Irrelevant = "irrelevant",
        /// About a project that the source's allow-list leaves out; journaled
        /// without facts.
        OutOfScope = "out_of_scope",
        /// Journaled, but it could not be understood.
        Unreadable = "unreadable",
    }
}

label! {
    /// Why a delivery did not arrive, as GitLab's log of the hook tells it: label `cause`.
    GapCause {
        /// It was answered by a refusal.
        Refused = "refused",
        /// No answer came in time.
        Unanswered = "unanswered",
        /// A redirect stood before us, which GitLab takes for success.
        Redirected = "redirected",
        /// It was answered as it should be, by somebody else or before a backup was restored.
        Accepted = "accepted",
        /// It was not in the log: the API told of it first.
        Unlogged = "unlogged",
    }
}

label! {
    /// What was done to keep a hook in order: label `action`.
    HookKept {
        /// There was none, and one was made.
        Created = "created",
        /// It was not as it should be, and was written anew.
        Repaired = "repaired",
        /// GitLab refused.
        Refused = "refused",
    }
}

label! {
    /// What the store could not do, by what the caller can do: label `class`.
    StoreErrorClass {
        /// No answer in time; the same call may help.
        Unavailable = "unavailable",
        /// No room is left on the disk.
        Full = "full",
        /// Something in a batch could not be stored.
        Rejected = "rejected",
        /// The disk failed under a write.
        Failing = "failing",
        /// What is stored cannot be read.
        Unreadable = "unreadable",
        /// The stored form is newer than this program, or is none of ours.
        Schema = "schema",
    }
}

/// What GitLab says a delivery is about, as a label: every kind that GitLab documents, so that a
/// forged or a new one cannot make a series.
const KINDS: [&str; 19] = [
    "build",
    "deployment",
    "emoji",
    "feature_flag",
    "incident",
    "issue",
    "merge_request",
    "milestone",
    "note",
    "pipeline",
    "project_create",
    "project_rename",
    "project_transfer",
    "push",
    "release",
    "tag_push",
    "vulnerability",
    "wiki_page",
    "work_item",
];

/// The label of every kind that is not among the known ones.
pub(super) const OTHER: &str = "other";

/// All values of the label `kind`.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().chain([OTHER])
}

/// The value of the label `kind` for GitLab's word `kind`: itself when it is known, else `other`.
#[must_use]
pub fn kind_label(kind: &str) -> &'static str {
    KINDS.into_iter().find(|known| *known == kind).unwrap_or(OTHER)
}

/// Why a request to the webhook was refused, as a label: what the proof room and the door say.
const REASONS: [&str; 20] = [
    // Proof of origin, answered 401.
    "no_proof",
    "wrong_token",
    "repeated_header",
    "unsigned",
    "no_signing_token",
    "incomplete_signature",
    "malformed_signature",
    "malformed_timestamp",
    "stale_timestamp",
    "wrong_signature",
    // Transport, answered 4xx before any proof.
    "method",
    "encoding",
    "too_large",
    "malformed",
    "stalled",
    "rate_limited",
    // Nothing durable in time, answered 503.
    "no_room",
    "deadline",
    "store",
    "stopping",
];

/// All values of the label `reason`.
pub(super) fn reasons() -> impl Iterator<Item = &'static str> {
    REASONS.into_iter().chain([OTHER])
}

/// The value of the label `reason`: itself when it is known, else `other`.
#[must_use]
pub fn reason_label(reason: &str) -> &'static str {
    REASONS.into_iter().find(|known| *known == reason).unwrap_or(OTHER)
}

/// Why series are left out of the exposition, as a label.
pub(super) const DROP_REASONS: [&str; 2] = ["max_series", "dimension"];

/// What is asked of GitLab's API, as a label: the resource that a path ends with.
const ENDPOINTS: [&str; 22] = [
    "closed_by",
    "commits",
    "compare",
    "deployments",
    "environments",
    "events",
    "groups",
    "hooks",
    "issues",
    "jobs",
    "members",
    "merge_requests",
    "metadata",
    "metrics",
    "milestones",
    "notes",
    "personal_access_tokens",
    "pipelines",
    "projects",
    "releases",
    "resend",
    "version",
];

/// The value of the label `endpoint` for the parts of a path below `/api/v4`: the last of them
/// that names a kind of resource, else `other`. Ids and names are never a label.
#[must_use]
pub fn endpoint_label(path: &[&str]) -> &'static str {
    let known = |part: &&str| ENDPOINTS.into_iter().find(|known| known == part);
    path.iter().rev().find_map(known).unwrap_or(OTHER)
}

/// The status codes that GitLab's API and the proxies before it answer, as labels.
const CODES: [&str; 21] = [
    "200", "201", "202", "204", "301", "302", "303", "307", "308", "400", "401", "403", "404",
    "409", "422", "429", "500", "502", "503", "504", "520",
];

/// The value of the label `code`: a known status, `none` without an answer, else `other`.
#[must_use]
pub fn code_label(status: Option<u16>) -> &'static str {
    let Some(status) = status else { return "none" };
    let status = status.to_string();
    CODES.into_iter().find(|code| *code == status).unwrap_or(OTHER)
}
