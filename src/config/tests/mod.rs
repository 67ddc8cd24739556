//! What the operator may write, what comes of it, and what each mistake looks like.

mod api;
mod links;
mod reference;
mod secrets;
mod services;

use std::collections::BTreeSet;
use std::fs;

use super::*;
use crate::delivery::{EnvironmentName, EnvironmentTier, ProjectPath, Severity};
use crate::dora::policy::{
    Counting, DeploymentSource, FailureSignal, FirstDeployment, ReworkMatch,
};

/// The configuration of one file alone.
fn file(text: &str) -> Loaded {
    with(text, Environment::default(), Purpose::Other)
}

fn with(text: &str, environment: Environment, purpose: Purpose) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    fs::write(&path, text).unwrap();
    load(&Inputs { file: Some(path), environment, flags: Vec::new() }, purpose)
}

fn settings(text: &str) -> Settings {
    file(text).settings.unwrap_or_else(|error| panic!("{:#?}", error.mistakes))
}

/// Every mistake as the operator reads it.
fn mistakes(text: &str) -> Vec<Mistake> {
    file(text).settings.expect_err("a mistake").mistakes
}

fn keys(mistakes: &[Mistake]) -> Vec<&str> {
    mistakes.iter().map(|mistake| mistake.key.as_str()).collect()
}

#[test]
fn the_defaults_alone_are_right_and_ask_for_nothing_but_a_secret_to_serve() {
    let loaded = load(&Inputs::default(), Purpose::Other);
    let settings = loaded.settings.unwrap();
    assert_eq!(loaded.warnings, []);
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:13672");
    assert_eq!(settings.server.body_limit_bytes, 26_214_400);
    assert_eq!(settings.ingest.deadline, Duration::from_secs(8));
    assert_eq!(settings.storage.facts_retention_seconds, 760 * 86_400);
    let windows: Vec<_> = settings.exposition.windows.iter().map(ToString::to_string).collect();
    assert_eq!(windows, ["7d", "30d", "90d"]);

    let serving = load(&Inputs::default(), Purpose::Serve).settings.unwrap_err();
    assert_eq!(keys(&serving.mistakes), ["gitlab"]);
}

#[test]
fn the_default_policy_is_the_one_of_the_definitions() {
    let defaults = settings("");
    let policy = defaults.policies.resolve(&ProjectPath::new("group/app").unwrap());
    assert_eq!(policy.timezone.iana_name(), Some("UTC"));
    assert_eq!(policy.tiers_measured, [EnvironmentTier::Production, EnvironmentTier::Staging]);
    let tier = |name: &str| policy.tier(&EnvironmentName::new(name).unwrap(), None);
    assert_eq!(tier("Hors-Prod"), EnvironmentTier::Testing);
    assert_eq!(tier("pprod"), EnvironmentTier::Staging);
    assert_eq!(tier("env-RECETTE-2"), EnvironmentTier::Staging);
    assert_eq!(tier("prod"), EnvironmentTier::Production);
    assert_eq!((policy.release_group_seconds, policy.redeploys), (3_600, Counting::Ignore));
    assert_eq!(policy.first_deployment, FirstDeployment::Skip);
    assert_eq!(policy.direct_commits, Counting::Count);
    assert_eq!(policy.promotion_merge_requests, Counting::Ignore);
    assert!(policy.long_lived_branches.is_match("release/1.2/x"));
    assert!(!policy.long_lived_branches.is_match("feature/main"));
    assert!(policy.inventory_branches.is_empty() && policy.categories.is_empty());
    assert_eq!(policy.cadence_period_seconds, None);
    assert_eq!(policy.attribution_horizon_seconds, Some(259_200));
    assert_eq!(policy.failure_signals, BTreeSet::from(FailureSignal::ALL));
    assert_eq!(policy.incident_filter.min_severity, Severity::Unknown);
    assert_eq!(policy.external_labels, ["external"]);
    assert_eq!(policy.incident_tier, EnvironmentTier::Production);
    assert_eq!(policy.hotfix_markers.labels, ["hotfix"]);
    assert_eq!(policy.hotfix_markers.branch_prefixes, ["hotfix/"]);
    assert_eq!(policy.rework_match, ReworkMatch::Any);
    assert_eq!(policy.future_tolerance_seconds, 300);
    let authors = settings("").exclude_authors;
    assert!(authors.is_match("Project_12_bot_ab") && authors.is_match("Renovate-Bot"));
    assert!(!authors.is_match("someone"));
}

#[test]
fn an_override_changes_its_keys_for_its_projects_and_the_later_one_wins() {
    let policies = settings(
        r#"
        [policy]
        attribution_horizon = "24h"
        [[policy.override]]
        match = ["group/**"]
        attribution_horizon = "none"
        incident_filter = { labels = ["outage"] }
        [[policy.override]]
        match = ["group/app"]
        attribution_horizon = "14d"
        first_deployment_lead_time = "since:30d"
        "#,
    )
    .policies;
    let of = |path: &str| policies.resolve(&ProjectPath::new(path).unwrap());
    assert_eq!(of("other/app").attribution_horizon_seconds, Some(86_400));
    assert_eq!(of("group/deep/app").attribution_horizon_seconds, None);
    assert_eq!(of("Group/App").attribution_horizon_seconds, Some(1_209_600));
    assert_eq!(of("group/app").incident_filter.labels, ["outage"]);
    assert_eq!(of("group/app").incident_filter.min_severity, Severity::Unknown);
    assert_eq!(of("group/app").first_deployment, FirstDeployment::Since(2_592_000));
    assert_eq!(of("other/app").incident_filter.labels, [""; 0]);
}

#[test]
fn what_a_deployment_is_and_gitlabs_own_numbers_are_a_projects_own_choice() {
    let policies = settings(
        r#"
        [[policy.override]]
        match = ["group/library"]
        deployment_source = "release"
        compat = { gitlab = true }
        "#,
    )
    .policies;
    let of = |path: &str| {
        let policy = policies.resolve(&ProjectPath::new(path).unwrap());
        (policy.deployment_source.clone(), policy.gitlab_parity)
    };
    assert_eq!(of("group/app"), (DeploymentSource::Deployment, Counting::Ignore));
    assert_eq!(of("group/library"), (DeploymentSource::TagRelease, Counting::Count));
    for wrong in ["pipeline", "pipeline:", "pipeline:(", "job:deploy"] {
        let found = mistakes(&format!("[policy]\ndeployment_source = \"{wrong}\"\n"));
        assert_eq!(keys(&found), ["policy.deployment_source"], "{wrong}");
    }
}

#[test]
fn a_cadence_and_the_branches_on_which_changes_wait_are_a_projects_own() {
    let policies = settings(
        r#"
        [policy]
        cadence_period = "14d"
        [[policy.override]]
        match = ["group/**"]
        cadence_period = "none"
        inventory_branches = ["next/*"]
        "#,
    )
    .policies;
    let of = |path: &str| policies.resolve(&ProjectPath::new(path).unwrap());
    assert_eq!(of("other/app").cadence_period_seconds, Some(1_209_600));
    assert!(of("other/app").inventory_branches.is_empty());
    assert_eq!(of("group/app").cadence_period_seconds, None);
    assert!(of("group/app").inventory_branches.is_match("next/2"));
    let found = mistakes("[policy]\ncadence_period = \"0s\"\n");
    assert_eq!(keys(&found), ["policy.cadence_period"]);
}

#[test]
fn kinds_of_work_are_told_by_labels_and_an_override_names_its_own() {
    let policies = settings(
        r#"
        [policy.categories]
        security = ["cve"]
        maintenance = ["mco", "debt"]
        [[policy.override]]
        match = ["group/**"]
        categories = { run = ["ops"] }
        "#,
    )
    .policies;
    let names = |path: &str| {
        let kinds = policies.resolve(&ProjectPath::new(path).unwrap()).into_owned().categories;
        kinds.into_iter().map(|kind| (kind.name.to_string(), kind.labels.len())).collect::<Vec<_>>()
    };
    assert_eq!(names("other/app"), [("maintenance".to_owned(), 2), ("security".to_owned(), 1)]);
    assert_eq!(names("group/app"), [("run".to_owned(), 1)]);
}

#[test]
fn a_kind_of_work_has_a_plain_name_that_is_not_taken_and_there_are_few() {
    let found = mistakes("[policy.categories]\nother = []\n\"Build & run\" = []\n");
    assert_eq!(keys(&found), ["policy.categories.Build & run", "policy.categories.other"]);
    let many: Vec<_> = (0..21).map(|number| format!("c{number} = []")).collect();
    let found = mistakes(&format!("[policy.categories]\n{}\n", many.join("\n")));
    assert_eq!(keys(&found), ["policy.categories"]);
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_place_and_its_remedy() {
    let found = mistakes(
        r#"
        [server]
        lisetn = "127.0.0.1:1"
        keep_alive = "soon"
        [policy]
        timezone = "Europe/Atlantis"
        count_redeploys = "yes"
        [exposition]
        windows = ["7d", "36h"]
        max_series = 5
        [log]
        level = "inof"
        "#,
    );
    let expected = [
        "exposition.max_series",
        "exposition.windows[1]",
        "log.level",
        "policy.count_redeploys",
        "policy.timezone",
        "server.keep_alive",
        "server.lisetn",
    ];
    assert_eq!(keys(&found), expected);
    assert!(found.iter().all(|mistake| mistake.origin.as_ref().unwrap().ends_with("own.toml")));
    let zone = &found[4];
    assert_eq!(zone.what, r#"is "Europe/Atlantis""#);
    assert!(zone.allowed.as_ref().unwrap().contains("IANA"), "{zone}");
    assert_eq!(found[6].suggestion.as_deref(), Some("did you mean server.listen?"));
}

#[test]
fn a_key_in_the_wrong_block_is_found_in_the_right_one() {
    let found = mistakes("max_series = 5\n[server]\ndeadline = \"8s\"\n");
    assert_eq!(keys(&found), ["max_series", "server.deadline"]);
    assert_eq!(found[0].suggestion.as_deref(), Some("did you mean exposition.max_series?"));
    assert_eq!(found[1].suggestion.as_deref(), Some("did you mean ingest.deadline?"));
}

#[test]
fn every_block_denies_keys_it_does_not_know() {
    for block in [
        "",
        "[server]",
        "[store]",
        "[ingest]",
        "[policy]",
        "[policy.incident_filter]",
        "[policy.hotfix_markers]",
        "[exposition]",
        "[log]",
        "[page]",
        "[[gitlab]]\nname = \"a\"",
        "[[team]]\nname = \"a\"\nprojects = [\"a\"]",
        "[[policy.override]]\nmatch = [\"a\"]",
        "[[policy.override]]\nmatch = [\"a\"]\n[policy.override.incident_filter]",
        "[[policy.tier_overrides]]\nmatch = \"a\"\ntier = \"other\"",
    ] {
        let found = mistakes(&format!("{block}\nunheard_of_key = 1\n"));
        assert!(found.len() == 1 && found[0].key.ends_with("unheard_of_key"), "{block}: {found:?}");
    }
    let found = mistakes("[[policy.override]]\nmatch = [\"a\"]\nexclude_authors = []\n");
    assert_eq!(keys(&found), ["policy.override[0].exclude_authors"]);
}

#[test]
fn what_is_out_of_bounds_or_does_not_fit_together_is_refused() {
    for (text, key) in [
        ("[server]\nlisten = \"localhost\"", "server.listen"),
        ("[server]\nlisten = \"127.0.0.1:70000\"", "server.listen"),
        ("[server]\nadmin_listen = \"127.0.0.1:13672\"", "server.admin_listen"),
        ("[server]\nbody_limit = \"99999999999GiB\"", "server.body_limit"),
        ("[server]\ninflight_limit = \"24MiB\"", "server.inflight_limit"),
        ("[server]\nconnections = -1", "server.connections"),
        ("[store]\ndirectory = \"\"", "store.directory"),
        ("[store]\njournal_retention = \"34d\"", "store.journal_retention"),
        ("[store]\nfacts_retention = \"89d\"", "store.facts_retention"),
        ("[ingest]\ndeadline = \"10s\"", "ingest.deadline"),
        ("[ingest]\nqueue_limit = \"24MiB\"", "ingest.queue_limit"),
        ("[ingest]\nqueue_events = 1.5", "ingest.queue_events"),
        ("[policy]\nrelease_group_window = \"1500ms\"", "policy.release_group_window"),
        ("[policy]\nfirst_deployment_lead_time = \"since:\"", "policy.first_deployment_lead_time"),
        ("[policy]\nfailure_signals = [\"smoke\"]", "policy.failure_signals[0]"),
        ("[policy]\ntiers_measured = [\"prodution\"]", "policy.tiers_measured[0]"),
        ("[policy]\nincident_tier = \"Prod\"", "policy.incident_tier"),
        (
            "[[policy.tier_overrides]]\nmatch = \"(\"\ntier = \"other\"",
            "policy.tier_overrides[0].match",
        ),
        (
            "[[policy.tier_overrides]]\nmatch = \"(\\\\w{500}){500}\"\ntier = \"other\"",
            "policy.tier_overrides[0].match",
        ),
        ("[[policy.override]]\nmatch = []", "policy.override[0].match"),
        ("[[policy.override]]\nrecovery = \"earliest\"", "policy.override[0].match"),
        ("[[team]]\nname = \"\"\nprojects = [\"a\"]", "team[0].name"),
        ("[[team]]\nname = \"a\"\nprojects = [\"{\"]", "team[0].projects"),
        ("[exposition]\nwindows = []", "exposition.windows"),
        ("[exposition]\nwindows = [\"7d\", \"7d\"]", "exposition.windows[1]"),
        ("[log]\nformat = \"xml\"", "log.format"),
        ("[page]\nlanguages = [\"de\"]", "page.languages[0]"),
        ("[page]\nlanguages = [\"fr\", \"fr\"]", "page.languages[1]"),
        ("[page]\nlanguages = []", "page.languages"),
        ("[page]\nlevels = 2020", "page.levels"),
        ("[page]\nlevels = \"off\"", "page.levels"),
        ("[server]\nexternal_url = \"dora.example.com\"", "server.external_url"),
        ("server = 3", "server"),
        ("gitlab = \"main\"", "gitlab"),
    ] {
        let found = mistakes(text);
        assert!(keys(&found).iter().any(|found| found.starts_with(key)), "{text}: {found:#?}");
    }
}

#[test]
fn a_tier_of_ones_own_is_measured_when_a_rule_introduces_it() {
    let rule = "[[policy.tier_overrides]]\nmatch = \"^canary\"\ntier = \"canary\"\n";
    let text = format!("[policy]\ntiers_measured = [\"production\", \"canary\"]\n{rule}");
    let read = settings(&text);
    let policy = read.policies.resolve(&ProjectPath::new("a").unwrap());
    assert_eq!(policy.tiers_measured[1].as_str(), "canary");
}

#[test]
fn settings_that_a_reload_cannot_apply_are_named() {
    let started = settings("");
    let waiting = |text: &str| started.waiting_for_restart(&settings(text));
    assert_eq!(waiting(""), [""; 0]);
    assert_eq!(waiting("[server]\nexternal_url = \"https://a.example\""), ["server.external_url"]);
    assert_eq!(
        waiting(
            "[server]\nlisten = \"127.0.0.1:1\"\n[store]\ndirectory = \"b\"\n\
             [ingest]\nlinger = \"1ms\"\n[exposition]\nrefresh = \"5s\"\n\
             [log]\nlevel = \"debug\"\n[page]\nlanguages = [\"fr\"]\nlevels = 0\n"
        ),
        [
            "server.listen",
            "store.directory",
            "ingest.linger",
            "exposition.refresh",
            "log.level",
            "page.languages",
            "page.levels",
        ]
    );
    let api = "[[gitlab]]\nname = \"b\"\nurl = \"https://b.example\"\ntoken = \"glpat-1\"\n\
               secret_tokens = [\"a secret of at least thirty-two bytes\"]\n";
    assert_eq!(waiting(api), ["gitlab.token"]);
    let reads_less = settings(&format!("{api}backfill_since = \"30d\"\n"));
    assert_eq!(settings(api).waiting_for_restart(&reads_less), ["gitlab.backfill_since"]);
    let reads_more = settings(&format!("{api}backfill_pipelines = true\n"));
    assert_eq!(settings(api).waiting_for_restart(&reads_more), [""; 0]);
    let spares = settings(&format!("{api}hooks_without = [\"note\"]\n"));
    assert_eq!(settings(api).waiting_for_restart(&spares), ["gitlab.hooks"]);
    let applied = "[store]\njournal_retention = \"50d\"\n[ingest]\nsignature_tolerance = \"1m\"\n\
                   [exposition]\nwindows = [\"7d\"]\nmax_series = 1000\nhistograms = false\n\
                   [policy]\ncount_redeploys = true\n[[team]]\nname = \"a\"\nprojects = [\"a/*\"]\n";
    assert_eq!(waiting(applied), [""; 0]);
}

#[test]
fn a_listener_open_to_the_network_is_warned_about_unless_the_numbers_are_elsewhere() {
    let warnings = |text: &str| file(text).warnings.len();
    assert_eq!(warnings("[server]\nlisten = \":13672\""), 1);
    assert_eq!(warnings("[server]\nlisten = \":1\"\nadmin_listen = \"localhost:2\""), 0);
}

#[test]
fn the_listing_in_force_is_toml_with_origins_that_reads_back_the_same() {
    let text =
        "[server]\nkeep_alive = \"1m\"\n[[team]]\nname = \"a \\\"b\\\"\"\nprojects = [\"x\"]\n";
    let first = file(text).effective;
    assert!(first.contains("own.toml\n") && first.contains("# default\n"), "{first}");
    let values = |listing: &str| -> Vec<String> {
        listing.lines().map(|line| line.rsplit_once("  # ").unwrap().0.to_owned()).collect()
    };
    assert_eq!(values(&file(&first).effective), values(&first));
}
