//! DORA's five and what stands beside them: gauges of a project, pooled for groups and teams too.

use super::{Metric, Scope};
use crate::exposition::family::{Kind, Unit};

/// One gauge for each scope that has figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    project: Metric,
    group: Metric,
    team: Metric,
    reach: Reach,
}

/// Which scopes have a family of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Projects, groups and teams.
    Everybody,
    /// Projects alone: some figures say something of one project only.
    OneProject,
    /// Projects and groups: GitLab knows no teams.
    AsGitlab,
}

impl Figure {
    /// The family of that scope; `None` where the scope has none.
    #[must_use]
    pub const fn of(&'static self, scope: Scope) -> Option<&'static Metric> {
        match scope {
            Scope::Project => Some(&self.project),
            Scope::Group if !matches!(self.reach, Reach::OneProject) => Some(&self.group),
            Scope::Team if matches!(self.reach, Reach::Everybody) => Some(&self.team),
            Scope::Group | Scope::Team | Scope::Process => None,
        }
    }
}

const ZERO_ONCE_KNOWN: &str =
    "Until the tier is known; from then on it is 0 where nothing happened.";
const NO_SAMPLE: &str = "Where the window holds no sample.";
const NO_RELEASE: &str = "Where the window holds no counted release.";
const NO_ROW: &str =
    "Unless compat.gitlab is set, and where no day of the window has a deployment or an incident.";
const NO_MEDIAN: &str = "Unless compat.gitlab is set, and where the window holds no sample.";
const DORA: &str = "DORA, \"DORA's software delivery performance metrics\".";

macro_rules! figures {
    (@reach) => { Reach::Everybody };
    (@reach of_one_project) => { Reach::OneProject };
    (@reach as_gitlab) => { Reach::AsGitlab };
    (@prefix) => { "dora_" };
    (@prefix of_one_project) => { "dora_" };
    (@prefix as_gitlab) => { "dora_gitlab_" };
    ($(
        $(#[$doc:meta])*
        $id:ident: $suffix:literal, $unit:ident, [$($label:literal),*], $help:literal,
        $absent:expr, $source:expr $(, $reach:ident)?;
    )*) => {
        $(
            $(#[$doc])*
            pub static $id: Figure = Figure {
                project: Metric {
                    name: concat!(figures!(@prefix $($reach)?), $suffix),
                    kind: Kind::Gauge,
                    unit: Unit::$unit,
                    help: concat!($help, "."),
                    scope: Scope::Project,
                    labels: &[$($label),*],
                    absent: $absent,
                    source: $source,
                },
                group: Metric {
                    name: concat!(figures!(@prefix $($reach)?), "group_", $suffix),
                    kind: Kind::Gauge,
                    unit: Unit::$unit,
                    help: concat!($help, ", pooled over the group's projects: do not average."),
                    scope: Scope::Group,
                    labels: &[$($label),*],
                    absent: $absent,
                    source: $source,
                },
                team: Metric {
                    name: concat!(figures!(@prefix $($reach)?), "team_", $suffix),
                    kind: Kind::Gauge,
                    unit: Unit::$unit,
                    help: concat!($help, ", pooled over the team's projects: do not average."),
                    scope: Scope::Team,
                    labels: &[$($label),*],
                    absent: $absent,
                    source: $source,
                },
                reach: figures!(@reach $($reach)?),
            };
        )*

        /// All of them, in the order in which they are exposed.
        pub static ALL: &[&Figure] = &[$(&$id),*];
    };
}

figures! {
    /// How often.
    DEPLOYMENT_FREQUENCY: "deployment_frequency_per_day", None, ["environment_tier", "window"],
        "Deployment frequency: counted releases per day of the window",
        ZERO_ONCE_KNOWN, DORA;
    /// The counts behind it.
    WINDOW_DEPLOYMENTS: "window_deployments", None, ["environment_tier", "kind", "window"],
        "Releases that ended in the window, by kind; the kind redeploy is not counted in frequency and ratios",
        ZERO_ONCE_KNOWN, "This exporter: a release is the deployments of one commit and kind that reach a tier together.";
    /// On how many days.
    DEPLOYMENT_DAYS: "deployment_days", None, ["environment_tier", "window"],
        "Number of distinct local dates of the window on which a counted release ended",
        ZERO_ONCE_KNOWN, "Google's Four Keys: days with a deployment tell a rhythm that one busy day cannot fake.";
    /// How long ago.
    TIME_SINCE_LAST_DEPLOYMENT: "time_since_last_deployment_seconds", Seconds, ["environment_tier"],
        "Time since the end of the last counted release, in seconds",
        "Until a release was counted in the tier.", "This exporter.";
    /// How long a change takes.
    CHANGE_LEAD_TIME: "change_lead_time_seconds", Seconds, ["clock", "environment_tier", "stat", "window"],
        "Change lead time (GitLab: lead time for changes) of the changes delivered in the window, from their first commit or their merge, in seconds",
        NO_SAMPLE, "DORA, \"DORA's software delivery performance metrics\": from commit to production. GitLab's lead_time_for_changes starts at the merge and takes a median of daily medians.";
    /// The count behind it.
    WINDOW_CHANGES: "window_changes", None, ["environment_tier", "window"],
        "Sampled changes delivered in the window: the sample size of change lead time",
        ZERO_ONCE_KNOWN, "This exporter: a change is a merged merge request that is no promotion, or a direct commit.";
    /// Where it spends that time.
    CHANGE_LEAD_TIME_STAGE: "change_lead_time_stage_seconds", Seconds, ["environment_tier", "stage", "stat", "window"],
        "Change lead time of merge requests delivered in the window, by stage: coding, pickup, review, deploy, in seconds",
        NO_SAMPLE, "This exporter: the stages of one change add up to its lead time from the first commit; their quantiles do not.";
    /// How often it fails.
    CHANGE_FAIL_RATIO: "change_fail_ratio", Ratio, ["environment_tier", "window"],
        "Change fail rate (GitLab: change failure rate): failed releases by counted releases of the window, from 0 to 1",
        NO_RELEASE, "DORA, \"DORA's software delivery performance metrics\". GitLab divides incidents by deployments, which may exceed 1.";
    /// The numerator of that.
    WINDOW_FAILED_DEPLOYMENTS: "window_failed_deployments", None, ["environment_tier", "signal", "window"],
        "Failed releases that ended in the window, each under its first signal: incident, rollback, revert, hotfix",
        ZERO_ONCE_KNOWN, "This exporter: a release fails at most once, however many signals point at it.";
    /// How long until it works again.
    FAILED_DEPLOYMENT_RECOVERY_TIME: "failed_deployment_recovery_time_seconds", Seconds, ["environment_tier", "stat", "window"],
        "Failed deployment recovery time (formerly MTTR) of the failed releases that recovered in the window, in seconds",
        NO_SAMPLE, "DORA, \"DORA's software delivery performance metrics\": from the start of the failed release to its recovery. Still open failures are not in it: see dora_incidents_open.";
    /// How much is repair.
    DEPLOYMENT_REWORK_RATIO: "deployment_rework_ratio", Ratio, ["environment_tier", "window"],
        "Deployment rework rate: releases made to repair by counted releases of the window, from 0 to 1",
        NO_RELEASE, DORA;
    /// How long users wait for the service.
    TIME_TO_RESTORE_SERVICE: "time_to_restore_service_seconds", Seconds, ["stat", "window"],
        "Time to restore service (GitLab: time to restore service, MTTR) of the incidents closed in the window, whatever their cause, in seconds",
        NO_SAMPLE, "DORA until 2023. GitLab's time_to_restore_service: from the opening of an incident to its closing.";
    /// What is broken now.
    INCIDENTS_OPEN: "incidents_open", None, ["severity"],
        "Incidents open now, by severity",
        "Until the project is known; from then on 0 where none is open.", "This exporter.";
    /// How long the oldest of them has lasted.
    OLDEST_OPEN_INCIDENT_AGE: "oldest_open_incident_age_seconds", Seconds, [],
        "Age of the oldest open incident, in seconds",
        "Where no incident is open.", "This exporter.";
    /// How long from one to the next.
    DEPLOYMENT_INTERVAL: "deployment_interval_seconds", Seconds, ["environment_tier", "stat", "window"],
        "Time between the ends of consecutive releases that bring something new, both in the window, in seconds",
        "Where the window holds fewer than two such releases of a project.",
        "This exporter: the kinds first and change bring something new, rollbacks and late pipelines do not.";
    /// How evenly.
    DEPLOYMENT_INTERVAL_VARIATION: "deployment_interval_variation_ratio", Ratio, ["environment_tier", "window"],
        "Standard deviation of the times between releases that bring something new by their mean: 0 is a metronome, and it may exceed 1",
        "Where the window holds fewer than two such times, or all are 0.",
        "This exporter: the population's coefficient of variation. Projects only: a rhythm belongs to one project.",
        of_one_project;
    /// Whether a promised rhythm is kept.
    CADENCE_ADHERENCE: "cadence_adherence_ratio", Ratio, ["environment_tier", "window"],
        "Share of the periods of the length cadence_period that hold a release that brings something new, from 0 to 1",
        "Where cadence_period is not set or longer than the window, and until the tier is known.",
        "This exporter: periods are counted backwards from now; roll-ups add up the periods of each project, and those kept.";
    /// How much at once.
    RELEASE_SIZE: "release_size_changes", None, ["environment_tier", "stat", "window"],
        "Changes delivered by each release of the window that brings something new, of those that deliver any",
        NO_SAMPLE, "This exporter, after DORA's capability \"working in small batches\": every change counts, excluded authors and labels included; the first release of a tier does not.";
    /// How far back the work of a release reaches.
    RELEASE_SPAN: "release_span_seconds", Seconds, ["environment_tier", "stat", "window"],
        "Time from the earliest first commit among the changes of a release to its end, for each release in release_size_changes, in seconds",
        NO_SAMPLE, "This exporter.";
    /// How much waits.
    UNDELIVERED_CHANGES: "undelivered_changes", None, ["environment_tier"],
        "Changes on the default branch, or on inventory_branches, that no counted release contains",
        "Until a release was counted in the tier, and where no default branch is known.",
        "This exporter: inventory, or work in process. A change whose way nobody told, so that it may have arrived, is not in it.";
    /// How long it has waited.
    OLDEST_UNDELIVERED_CHANGE_AGE: "oldest_undelivered_change_age_seconds", Seconds, ["environment_tier"],
        "Time since the earliest merge among the undelivered changes, in seconds",
        "Where nothing waits.", "This exporter.";
    /// How much of which kind of work.
    WINDOW_CATEGORY_CHANGES: "window_category_changes", None, ["category", "environment_tier", "window"],
        "Sampled changes delivered in the window, by kind of work as the labels of merge requests tell it",
        "Where no categories are configured; with them 0 where nothing was delivered.",
        "This exporter: build against run. Projects without categories are in no roll-up.";
    /// How long it takes.
    CATEGORY_CHANGE_LEAD_TIME: "category_change_lead_time_seconds", Seconds, ["category", "clock", "environment_tier", "stat", "window"],
        "Change lead time of the changes delivered in the window, by kind of work, in seconds",
        "Where the window holds no sample of that kind, or no categories are configured.", "As change_lead_time_seconds.";
    /// How long what was asked for takes.
    NEED_LEAD_TIME: "need_lead_time_seconds", Seconds, ["basis", "environment_tier", "stat", "window"],
        "Time from a need to its delivery in the window: from its validation, else its milestone, else its creation; feedback also from its creation; in seconds",
        NO_SAMPLE, "This exporter: an issue is delivered once all merge requests whose description closes it are.";
    /// How often users answer.
    RELEASE_FEEDBACK: "release_feedback_ratio", Ratio, ["environment_tier", "window"],
        "Releases that users reported something of before the next one, by releases of the window whose time for that is over, from 0 to 1",
        "Without labels of feedback, and where the window holds no such release.", "This exporter: releases that bring something new, see feedback.labels.";
    /// How soon they do.
    RELEASE_FIRST_FEEDBACK: "release_first_feedback_seconds", Seconds, ["environment_tier", "stat", "window"],
        "Time from the end of a release of the window to the first that users reported of it, in seconds",
        "Without labels of feedback, and where nothing was reported.", "This exporter.";
    /// How soon they are heard.
    FIXED_IN_NEXT_RELEASE: "fixed_in_next_release_ratio", Ratio, ["environment_tier", "window"],
        "Reports of users that the first release after them settled, by all that were delivered in the window, from 0 to 1",
        "Without labels of feedback, and where no report was delivered.", "This exporter.";
    /// How long changes wait between two tiers.
    PROMOTION_TIME: "promotion_time_seconds", Seconds, ["from", "stat", "to", "window"],
        "Time between the deliveries of a change to two tiers, of changes that reached the second in the window, in seconds",
        NO_SAMPLE, "This exporter: pairs of tiers are chosen by promotion_pairs; what the first release of either contained is not in it.";
    /// Where time is spent.
    STEP_DURATION: "step_duration_seconds", Seconds, ["stat", "step", "window"],
        "Duration of a step from plan to acknowledge, in production, of what ended in the window, in seconds",
        NO_SAMPLE, "This exporter: plan, ready, code, build, test, pickup, review, release, deploy, operate, detect, acknowledge.";
    /// What was promised.
    MILESTONES_DUE: "milestones_due", None, ["window"],
        "Milestones whose deadline, the end of their due day, lies in the window",
        "Until a milestone is known; from then on 0 where none was due.", "This exporter: the due day known at the start counts.";
    /// Whether it was kept.
    ON_TIME: "on_time_ratio", Ratio, ["window"],
        "Milestones delivered before their deadline by milestones due in the window, from 0 to 1",
        "Where no milestone was due.", "This exporter: delivered once production has every merge request of the milestone.";
    /// At what price.
    SCOPE_CUT: "scope_cut_ratio", Ratio, ["window"],
        "Issues taken out of milestones between start and deadline by issues in them at the start, over milestones due in the window, from 0 to 1",
        "Where no milestone with issues was due.", "This exporter: cutting scope to keep a date is no fault.";
    /// Whether one could deliver at any moment.
    RELEASABLE_TIME: "releasable_time_ratio", Ratio, ["window"],
        "Share of the window, from the first known pipeline, in which the newest finished pipeline of the default branch was a success, from 0 to 1",
        "Until a pipeline of the default branch is known.", "This exporter: \"deliverable at any moment\" is what continuous delivery means.";
    /// GitLab's own count.
    GITLAB_DEPLOYMENTS: "deployments", None, ["window"],
        "Deployments to production as GitLab Ultimate counts them: every success, over whole days of UTC that end yesterday",
        NO_ROW, "GitLab, deployment_frequency: the same version again and each environment count.", as_gitlab;
    /// GitLab's own frequency.
    GITLAB_DEPLOYMENT_FREQUENCY: "deployment_frequency", None, ["window"],
        "Deployment frequency as GitLab Ultimate shows it: its deployments to production by the days of the window",
        NO_ROW, "GitLab, deployment_frequency with interval=all.", as_gitlab;
    /// GitLab's own lead time.
    GITLAB_LEAD_TIME: "lead_time_for_changes_seconds", Seconds, ["window"],
        "Lead time for changes as GitLab Ultimate shows it: the median of the daily medians from merge to production, in seconds",
        NO_MEDIAN, "GitLab, lead_time_for_changes: merge requests linked to deployments, once for each environment; the first deployment links everything merged into its branch.", as_gitlab;
    /// GitLab's own time to restore service.
    GITLAB_TIME_TO_RESTORE: "time_to_restore_service_seconds", Seconds, ["window"],
        "Time to restore service as GitLab Ultimate shows it: the median of the daily medians of what closed incidents lasted, in seconds",
        NO_MEDIAN, "GitLab, time_to_restore_service: duplicates and external incidents count.", as_gitlab;
    /// GitLab's own failure rate.
    GITLAB_CHANGE_FAILURE_RATE: "change_failure_rate", None, ["window"],
        "Change failure rate as GitLab Ultimate shows it: incidents opened by deployments to production, which may exceed 1",
        NO_ROW, "GitLab, change_failure_rate: an incident without any deployment is 1.", as_gitlab;
    /// Whether they can be trusted.
    DATA_COMPLETE: "data_complete", None, [],
        "1 while no fact is known to be missing, 0 while some is",
        "Where nobody can tell: without a token for GitLab's API, unless something is known to be missing.",
        "This exporter: what is missing and why stands in the report of the scorecard and on the page. Where the API is read, a project is complete that was read since the start, or that was read before and in which GitLab's list of projects shows no activity since an hour before that reading, which is at most 36 hours old; not while it shows activity for an hour that neither a hook told of nor a reading. Deployments alone do not show there.";
}
