//! This process's own metrics, registered in `instruments`; a test keeps the two in step.

use super::{Metric, Scope};
use crate::exposition::family::{Kind, Unit};

const NEVER: &str = "Never.";
const ELSEWHERE: &str = "Where the system is not Linux.";
const EXPORTER: &str = "This exporter.";
const PROCESS: &str = "Prometheus, \"Writing client libraries\", process metrics.";

macro_rules! own {
    ($($name:literal: $kind:ident, $unit:ident, [$($label:literal),*], $help:literal, $absent:expr, $source:expr;)*) => {
        /// All of them, sorted by name.
        pub static OWN: &[Metric] = &[$(
            Metric {
                name: $name,
                kind: Kind::$kind,
                unit: Unit::$unit,
                help: $help,
                scope: Scope::Process,
                labels: &[$($label),*],
                absent: $absent,
                source: $source,
            },
        )*];
    };
}

own! {
    "gitlab_dora_exporter_batch_events": Histogram, None, [],
        "Deliveries that one durable commit took together.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_build_info": Info, None, ["revision", "version"],
        "1, labelled by what this program was built from.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_clock_skew_seconds": Gauge, Seconds, [],
        "Our clock minus GitLab's at the last signed delivery, in seconds.",
        "Until a signed delivery was read.", EXPORTER;
    "gitlab_dora_exporter_commit_duration_seconds": Histogram, Seconds, [],
        "Time that one durable commit of a batch took, in seconds.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_config_last_reload_success_timestamp_seconds": Gauge, Seconds, [],
        "When the configuration was last read with success, in seconds since the epoch.",
        "Until it was read.", EXPORTER;
    "gitlab_dora_exporter_config_last_reload_successful": Gauge, None, [],
        "1 when the last reading of the configuration succeeded, else 0.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_gitlab_api_budget_remaining_ratio": Gauge, Ratio, ["gitlab"],
        "Share of the requests that GitLab may be asked at once that is left, 0 to 1.",
        "Until GitLab was asked.", EXPORTER;
    "gitlab_dora_exporter_gitlab_api_requests_total": Counter, None, ["code", "endpoint"],
        "Requests to GitLab's API, by kind of resource and status code.",
        "Until a request had that answer.", EXPORTER;
    "gitlab_dora_exporter_gitlab_token_expiry_timestamp_seconds": Gauge, Seconds, ["gitlab"],
        "When the token of GitLab's API ends, in seconds since the epoch.",
        "Until an audit of hooks, and for a token without an end.", EXPORTER;
    "gitlab_dora_exporter_gitlab_up": Gauge, None, ["gitlab"],
        "1 when GitLab's API answered the last audit of hooks, else 0.",
        "Without a token, or without `server.external_url`.", EXPORTER;
    "gitlab_dora_exporter_hook_disabled_until_timestamp_seconds": Gauge, Seconds, ["gitlab", "hook"],
        "Until when GitLab sends nothing to this hook, in seconds since the epoch.",
        "For a hook that is not disabled for a while.", EXPORTER;
    "gitlab_dora_exporter_hooks": Gauge, None, ["gitlab", "status"],
        "Our hooks in GitLab, by what GitLab does with them.",
        "Until an audit of hooks.", EXPORTER;
    "gitlab_dora_exporter_hooks_kept_total": Counter, None, ["action", "gitlab"],
        "What `serve` did to keep our hooks in order, and what GitLab refused.",
        "Unless `hooks` is \"sync\".", EXPORTER;
    "gitlab_dora_exporter_http_requests_total": Counter, None, ["code", "route"],
        "Requests answered, by route and status code.",
        "Until a request had that answer.", EXPORTER;
    "gitlab_dora_exporter_inflight_body_bytes": Gauge, Bytes, [],
        "Bytes of request bodies held in memory before they are queued.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_last_event_timestamp_seconds": Gauge, Seconds, ["kind"],
        "When the last delivery of this kind was accepted, in seconds since the epoch.",
        "Until one of this kind was accepted.", EXPORTER;
    "gitlab_dora_exporter_panics_total": Counter, None, [],
        "Panics that were caught; each is a defect.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_projects_without_hook": Gauge, None, ["gitlab"],
        "Known projects seen to have no hook of ours, nor a group above them.",
        "Until an audit of hooks.", EXPORTER;
    "gitlab_dora_exporter_queue_bytes": Gauge, Bytes, [],
        "Bytes of the deliveries that wait for the store.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_queue_events": Gauge, None, [],
        "Deliveries that wait for the store.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_ready": Gauge, None, [],
        "1 when the first snapshot exists and the store can commit, else 0.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_reconcile_enabled": Gauge, None, [],
        "1 when what hooks lose is read from GitLab's API again and again, else 0.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_reconcile_gaps_total": Counter, None, ["cause", "gitlab"],
        "Events that hooks lost and that were found and taken in, by why they were lost.",
        "Without a token.", EXPORTER;
    "gitlab_dora_exporter_reconcile_last_success_timestamp_seconds": Gauge, Seconds, ["gitlab"],
        "When GitLab's API was last asked what happened and nothing of that was left unread for an hour, in seconds since the epoch.",
        "Until it was read.", EXPORTER;
    "gitlab_dora_exporter_reconcile_missing": Gauge, None, ["gitlab"],
        "Deliveries that hooks lost and that could not be taken in yet.",
        "Without a token, or without `server.external_url`.", EXPORTER;
    "gitlab_dora_exporter_secret_last_used_timestamp_seconds": Gauge, Seconds, ["fingerprint"],
        "When a delivery last verified with this secret, in seconds since the epoch.",
        "Until it was used since the start.", EXPORTER;
    "gitlab_dora_exporter_series": Gauge, None, [],
        "Series of delivery metrics in the last snapshot.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_series_dropped_total": Counter, None, ["reason"],
        "Series left out of snapshots, by reason.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_series_limit": Gauge, None, [],
        "Series that a snapshot may hold at most.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_snapshot_duration_seconds": Histogram, Seconds, [],
        "Time that measuring and rendering one snapshot took, in seconds.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_snapshot_timestamp_seconds": Gauge, Seconds, [],
        "The instant at which the last snapshot was measured, in seconds since the epoch.",
        "Until there is one.", EXPORTER;
    "gitlab_dora_exporter_store_errors_total": Counter, None, ["class"],
        "Calls to the store that failed, by what could be done about it.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_store_info": Info, None, ["journal_mode", "sqlite", "synchronous"],
        "1, labelled by what durability rests on, as SQLite said when the store was opened.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_wanted": Gauge, None, ["gitlab"],
        "What changes and deployments lack and GitLab's API is to be asked for.",
        "Without a token.", EXPORTER;
    "gitlab_dora_exporter_wants_answered_total": Counter, None, ["gitlab"],
        "What changes and deployments lacked and GitLab's API told.",
        "Without a token.", EXPORTER;
    "gitlab_dora_exporter_wants_given_up_total": Counter, None, ["gitlab"],
        "What changes and deployments lack and GitLab's API did not tell within an hour.",
        "Without a token.", EXPORTER;
    "gitlab_dora_exporter_webhook_ack_duration_seconds": Histogram, Seconds, [],
        "Time from the head of a delivery to its answer 200, in seconds.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_webhooks_accepted_total": Counter, None, ["kind", "result"],
        "Deliveries answered 200, by kind and by what became of them.",
        NEVER, EXPORTER;
    "gitlab_dora_exporter_webhooks_rejected_total": Counter, None, ["reason"],
        "Requests to the webhook that were refused, by reason.",
        NEVER, EXPORTER;
    "process_cpu_seconds_total": Counter, Seconds, [],
        "Total user and system CPU time spent in seconds.",
        ELSEWHERE, PROCESS;
    "process_max_fds": Gauge, None, [],
        "Maximum number of open file descriptors.",
        ELSEWHERE, PROCESS;
    "process_open_fds": Gauge, None, [],
        "Number of open file descriptors.",
        ELSEWHERE, PROCESS;
    "process_resident_memory_bytes": Gauge, Bytes, [],
        "Resident memory size in bytes.",
        ELSEWHERE, PROCESS;
    "process_start_time_seconds": Gauge, Seconds, [],
        "Start time of the process since unix epoch in seconds.",
        ELSEWHERE, PROCESS;
    "process_threads": Gauge, None, [],
        "Number of OS threads in the process.",
        ELSEWHERE, PROCESS;
    "process_virtual_memory_bytes": Gauge, Bytes, [],
        "Virtual memory size in bytes.",
        ELSEWHERE, PROCESS;
}
