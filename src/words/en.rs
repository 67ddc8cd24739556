//! The phrases in English.

use super::{Language, Phrases, Plural, Text};

/// All of them.
pub(super) static PHRASES: Phrases = Phrases {
    language: Language::English,

    title: "How our software is delivered",
    lede: "How often software reaches its users, how quickly, and how safely: DORA’s five measures, \
           from what GitLab reports.",
    skip: "Skip to the content",
    language_label: "Language",
    period_label: "Period",
    period: Plural::new("Last {0} day", "Last {0} days"),
    measured_on: Text::new("Measured on {0}"),
    last_delivery: Text::new("last word from GitLab {0}"),
    no_delivery: "no word from GitLab yet",
    ago: Text::new("{0} ago"),
    just_now: "just now",

    groups: "Groups",
    teams: "Teams",
    projects: "Projects",
    group: "Group",
    team: "Team",
    project: "Project",
    groups_caption: Text::new("{0}, production, the samples of each group’s projects pooled."),
    teams_caption: Text::new("{0}, production, the samples of each team’s projects pooled."),
    projects_caption: Text::new("{0}, production, in alphabetical order."),
    cut: Text::new("The first {0} of {1} are shown; all of them are in the metrics."),
    without_production: Plural::new(
        "{0} project has no production environment.",
        "{0} projects have no production environment.",
    ),
    incomplete: Plural::new(
        "The numbers of {0} project are incomplete: facts are known to be missing.",
        "The numbers of {0} projects are incomplete: facts are known to be missing.",
    ),
    incomplete_because: Text::new("{0}: {1}"),
    doubts: [
        "GitLab’s API was not read to the end since the start. Wait for it; if it lasts, the log says why.",
        "GitLab has paused the hook. Make it answer again: its page in GitLab tells what failed; what it lost is read afterwards.",
        "no hook tells of the project, and the API is not read. Run hooks sync, or set backfill_since.",
        "the hook is silent and the API was not read lately. Look at the token, and at the hook’s page in GitLab.",
        "deliveries were refused for want of room. See to the disk; what is missing is read from GitLab afterwards.",
        "deliveries could not be understood. Look for a template of the webhook, and for a newer version of this exporter.",
        "GitLab did not keep what the hook lost. The next reading of the API makes it good.",
        "what changes and deployments need is still being asked for. Wait a few minutes.",
        "nobody knows which version some deployments of another project brought. Ask explain; look at project_links, and whether hooks tell of tags.",
    ],
    is_incomplete: "incomplete",
    of_no_service: "other deployments",
    no_production: "no production environment heard of yet",
    pooled: Plural::new("{0} project", "{0} projects"),
    data_for: Text::new("known for {0} only"),

    deployment_frequency: "Deployment frequency",
    change_lead_time: "Change lead time",
    change_fail_rate: "Change fail rate",
    recovery_time: "Failed deployment recovery time",
    rework_rate: "Deployment rework rate",
    deployment_frequency_means: "How often a new version reaches production.",
    change_lead_time_means: "From the first commit of a change to its arrival in production; half \
                             of the changes took less.",
    change_fail_rate_means: "Deployments that led to an incident, a rollback, a revert or a hotfix.",
    recovery_time_means: "From the start of a failed deployment until users were served again; \
                          half of the failures took less.",
    rework_rate_means: "Deployments nobody had planned, made to repair what users saw broken.",
    not_enough_data: "not enough data",
    a_day: Plural::new("{0} a day", "{0} a day"),
    every_day: "every day",
    every_days: Plural::new("every {0} day", "every {0} days"),
    once_in_days: Plural::new("once in {0} day", "once in {0} days"),
    none_in_days: Plural::new("none in {0} day", "none in {0} days"),
    to: Text::new("{0} to {1}"),
    of: Text::new("{0} of {1}"),
    deployments: Plural::new("{0} deployment", "{0} deployments"),
    changes: Plural::new("{0} change", "{0} changes"),
    recoveries: Plural::new("{0} recovery", "{0} recoveries"),
    median_of_changes: Plural::new("{0} change", "median of {0} changes"),
    median_of_recoveries: Plural::new("{0} recovery", "median of {0} recoveries"),

    surveys: "Beside DORA’s surveys",
    surveys_caption: Text::new(
        "{0}, production: the level of {1}, and the score of the Quick Check, where 10 is best.",
    ),
    public_sector: "Public sector, mean of 2025",
    all_industries: "All industries, mean of 2025",
    levels: ["elite", "high", "medium", "low"],
    no_level: "no level",
    figures_of_levels: Text::new(
        "The report of {0} gives no classes of fail rates, only figures that do not follow the \
         order of the levels: elite {1}, high {2}, medium {3}, low {4}.",
    ),
    surveys_caution: "A level is a class of the teams that answered that year’s survey. It is no \
                      target and says nothing about people; levels of different years do not \
                      compare. Figures of 2022 and later come from reprints by others.",

    open_incidents: "Open incidents",
    open_incidents_caption: "Projects with an incident that is still open.",
    open: "Open",
    by_severity: "By severity",
    oldest: "Oldest",
    severity_count: Text::new("{0} {1}"),
    severities: ["unknown", "low", "medium", "high", "critical"],
    no_open_incident: "None in the projects known.",
    incidents_unheard: "Not known: GitLab has not sent any issue event, and incidents are issues.",

    setup: "Set-up, project by project",
    setup_lede: "What GitLab has told of each project by webhook, and what is missing.",
    setup_caption: "Events heard of each project, with how many there were.",
    speaks: "✓ heard as usual",
    silent: "⚠\u{fe0e} silent",
    no_rhythm: "· too few to tell",
    unheard: "○ no webhook yet",
    usual_pause: Text::new("silent from {0} on"),
    silence_means: "A project counts as silent after twice its longest pause of the last five weeks, \
                    an hour at least. See whether GitLab has disabled its webhook.",

    hooks: "What GitLab tells us",
    hooks_intro: "Each kind of event makes numbers possible. What is missing can be ticked in the \
                  webhook of the project or group, under Settings › Webhooks.",
    hooks_caption: "Events of GitLab’s webhooks, and whether they have been heard.",
    event: "Event, as the webhook’s settings call it",
    makes_possible: "Makes possible",
    deliveries: "Deliveries",
    last_heard: "Last heard",
    state: "State",
    heard: "✓ heard",
    missing: "⚠\u{fe0e} missing, needed",
    optional: "○ not heard, useful",
    unused: "· heard, not needed",
    never: "never",
    deployment_unlocks: "Deployment frequency; every other measure stands on it.",
    merge_request_unlocks: "Change lead time; reverts and hotfixes in the fail and rework rates.",
    issue_unlocks: "Incidents: change fail rate, recovery time, open incidents.",
    push_unlocks: "First commits in the change lead time; changes without a merge request.",
    note_unlocks: "First review, in the stages of the change lead time.",
    other_unlocks: "Nothing shown here.",

    found_levels: ["ok", "note", "warning", "failure"],
    tick_event: Text::new("tick it in their hooks; it unlocks: {0}"),
    advised: "try",
    findings_count: Plural::new("{0} finding needs attention", "{0} findings need attention"),

    loading: "The history is being read; numbers follow in a moment.",
    waiting: "Nothing to show yet",
    waiting_for_delivery: "This exporter runs and waits for its first word from GitLab. Add a \
                           webhook, and this page fills itself.",
    waiting_for_deployment: "GitLab’s webhook arrives. Numbers start with the first deployment to \
                             a production environment.",
    set_up: "How to set up the webhook",
    step_open: "In GitLab, open the project, or the group to cover all of its projects (Premium), \
                then Settings › Webhooks › Add new webhook.",
    step_url: "URL:",
    this_server: "https://this-server",
    step_token: "Signing token (GitLab 19.0 or later) or secret token: the one in this exporter’s \
                 configuration.",
    step_events: "Tick these events:",
    step_leave: "Leave the job events off: they are many, and no number needs them.",
    step_save: "Save, then send a test push event: it shows on this page within seconds.",

    definitions: "How to read the numbers",
    caution: "The numbers speak of applications, never of people. They let a project follow its \
              own course over time; they are no target and no ranking, and a group’s numbers mean \
              something only beside its sample sizes.",
    dora_guide: "DORA’s own guide to its measures",
    metrics_link: "Metrics for Prometheus",
    healthy_link: "Health",
    ready_link: "Readiness",
    links_label: "Technical links",
    documentation: "Definitions and set-up in full:",
    version: Text::new("version {0}"),

    days: Plural::new("{0}\u{a0}day", "{0}\u{a0}days"),
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    first_of_month: "1",
    date: Text::new("{0} {1} {2}, {3}:{4} UTC"),
};
