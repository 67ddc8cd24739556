//! Metrics of what is asked of GitLab's API, and of the hooks that it shows.

use std::collections::BTreeMap;

use prometheus::core::Collector as _;
use prometheus::{GaugeVec, IntCounterVec};

use super::labels::{HookKept, code_label, endpoint_label};
use super::maker::Maker;
use super::{Instruments, seconds};
use crate::delivery::Timestamp;

/// Hooks that are named, at most: more are a flood, which their number tells.
const NAMED_HOOKS: usize = 100;

/// Metrics of what is asked of GitLab's API.
#[derive(Debug)]
pub(super) struct GitLab {
    requests: IntCounterVec,
    budget_remaining: GaugeVec,
    up: GaugeVec,
    token_ends_seconds: GaugeVec,
    hooks: GaugeVec,
    hook_disabled_until_seconds: GaugeVec,
    projects_without_hook: GaugeVec,
    hooks_kept: IntCounterVec,
}

impl GitLab {
    pub(super) fn new(r: &Maker<'_>) -> Self {
        Self {
            requests: r.counters(
                "gitlab_api_requests_total",
                "Requests to GitLab's API, by kind of resource and status code.",
                &["endpoint", "code"],
            ),
            budget_remaining: r.gauges(
                "gitlab_api_budget_remaining_ratio",
                "Share of the requests that GitLab may be asked at once that is left, 0 to 1.",
                &["gitlab"],
            ),
            up: r.gauges(
                "gitlab_up",
                "1 when GitLab's API answered the last audit of hooks, else 0.",
                &["gitlab"],
            ),
            token_ends_seconds: r.gauges(
                "gitlab_token_expiry_timestamp_seconds",
                "When the token of GitLab's API ends, in seconds since the epoch.",
                &["gitlab"],
            ),
            hooks: r.gauges(
                "hooks",
                "Our hooks in GitLab, by what GitLab does with them.",
                &["gitlab", "status"],
            ),
            hook_disabled_until_seconds: r.gauges(
                "hook_disabled_until_timestamp_seconds",
                "Until when GitLab sends nothing to this hook, in seconds since the epoch.",
                &["gitlab", "hook"],
            ),
            projects_without_hook: r.gauges(
                "projects_without_hook",
                "Known projects seen to have no hook of ours, nor a group above them.",
                &["gitlab"],
            ),
            hooks_kept: r.counters(
                "hooks_kept_total",
                "What `serve` did to keep our hooks in order, and what GitLab refused.",
                &["gitlab", "action"],
            ),
        }
    }
}

impl Instruments {
    /// GitLab's API was asked for what lies at `path`, parts below `/api/v4`; `status` is `None`
    /// without an answer.
    pub fn gitlab_asked(&self, path: &[&str], status: Option<u16>) {
        let _change = self.change();
        let labels = [endpoint_label(path), code_label(status)];
        self.gitlab.requests.with_label_values(&labels).inc();
    }

    /// This share of what the GitLab of that name may be asked at once is left.
    pub fn gitlab_budget(&self, gitlab: &str, share: f64) {
        let _change = self.change();
        self.gitlab.budget_remaining.with_label_values(&[gitlab]).set(share);
    }

    /// Whether the API of that GitLab answered the last audit.
    pub fn gitlab_up(&self, gitlab: &str, is_up: bool) {
        let _change = self.change();
        self.gitlab.up.with_label_values(&[gitlab]).set(f64::from(u8::from(is_up)));
    }

    /// The token of that GitLab ends at `at`.
    pub fn gitlab_token_ends(&self, gitlab: &str, at: Timestamp) {
        let _change = self.change();
        self.gitlab.token_ends_seconds.with_label_values(&[gitlab]).set(seconds(at));
    }

    /// That GitLab has so many hooks of ours in `status`, a word of a closed set.
    pub fn gitlab_hooks(&self, gitlab: &str, status: &'static str, hooks: u64) {
        let _change = self.change();
        self.gitlab.hooks.with_label_values(&[gitlab, status]).set(count(hooks));
    }

    /// All hooks of that GitLab that send nothing for a while, and until when; those of before are
    /// forgotten.
    pub fn gitlab_hooks_disabled(&self, gitlab: &str, hooks: &BTreeMap<String, Timestamp>) {
        let _change = self.change();
        let family = &self.gitlab.hook_disabled_until_seconds;
        for metric in family.collect().iter().flat_map(prometheus::proto::MetricFamily::get_metric)
        {
            let label = |name| metric.get_label().iter().find(|label| label.name() == name);
            let (own, hook) = (label("gitlab"), label("hook"));
            if let (Some(own), Some(hook)) = (own, hook)
                && own.value() == gitlab
            {
                // It is there, for it was just collected.
                let _ = family.remove_label_values(&[gitlab, hook.value()]);
            }
        }
        for (hook, until) in hooks.iter().take(NAMED_HOOKS) {
            family.with_label_values(&[gitlab, hook.as_str()]).set(seconds(*until));
        }
    }

    /// Our hooks of that GitLab are kept in order from now on.
    pub fn keeping_hooks(&self, gitlab: &str) {
        let _change = self.change();
        for kept in HookKept::ALL {
            self.gitlab.hooks_kept.with_label_values(&[gitlab, kept.as_str()]);
        }
    }

    /// This was done to one hook of that GitLab.
    pub fn hook_kept(&self, gitlab: &str, kept: HookKept) {
        let _change = self.change();
        self.gitlab.hooks_kept.with_label_values(&[gitlab, kept.as_str()]).inc();
    }

    /// So many known projects of that GitLab were seen to have no hook of ours.
    pub fn projects_without_hook(&self, gitlab: &str, projects: u64) {
        let _change = self.change();
        self.gitlab.projects_without_hook.with_label_values(&[gitlab]).set(count(projects));
    }
}

/// A count as a gauge shows it; exact up to 2^32.
pub(super) fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
