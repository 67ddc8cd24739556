//! `[policy]` and its overrides: every choice of definition, for all projects or for some.

mod value_stream;

use std::collections::BTreeSet;
use std::sync::Arc;

use globset::GlobSet;
use jiff::tz::TimeZone;
use regex::{Regex, RegexBuilder};

use super::categories::categories;
use super::globs::{branch_globs, project_globs};
use super::links::{self, Stated};
use super::mistake::nearest;
use super::raw::{Field, Table};
use super::services::services;
use crate::delivery::{EnvironmentTier, Severity};
use crate::dora::policy::{
    CommitClock, Counting, DeploymentSource, DeploymentUnit, FailureSignal, FirstDeployment,
    HotfixMarkers, IncidentFilter, NamePattern, Policies, Policy, PolicyChange, Recovery,
    ReworkMatch, TierOverride, ValueStreamPolicy,
};

/// A pattern is a few words; a larger automaton is a mistake, or an attack on our memory.
const PATTERN_LIMIT_BYTES: usize = 1 << 20;

/// The policies of all projects.
pub(super) fn read(policy: Table<'_>) -> Policies {
    let mut choices = Choices::default();
    choices.read(&policy);
    let mut overrides = Vec::new();
    let mut tiers = choices.tiers;
    let mut stated = choices.links;
    for block in policy.blocks("override") {
        let projects = block.required("match").map(|field| some_projects(&field));
        let mut own = Choices::default();
        own.read(&block);
        block.finish();
        tiers.extend(own.tiers);
        if let Some(projects) = &projects {
            own.links.iter_mut().for_each(|link| link.within(projects));
        }
        stated.extend(own.links);
        let all = own.changes;
        let change: PolicyChange = Arc::new(move |policy| all.iter().for_each(|one| one(policy)));
        overrides.extend(projects.map(|projects| (projects, change)));
    }
    tiers.check();
    policy.finish();
    let mut base = unset();
    choices.changes.iter().for_each(|change| change(&mut base));
    let policies = Policies::new(base, overrides);
    links::check(&stated, &policies);
    policies
}

fn some_projects(field: &Field<'_>) -> GlobSet {
    let projects = project_globs(field);
    if projects.is_empty() {
        field.refuse("matches no project", "at least one pattern, like group/**");
    }
    projects
}

/// Every choice before the embedded defaults make it; none of these values is ever used, for
/// `config/default.toml` names every key.
fn unset() -> Policy {
    Policy {
        timezone: TimeZone::UTC,
        tiers_measured: Vec::new(),
        tier_overrides: Vec::new(),
        deployment_source: DeploymentSource::Deployment,
        service_map: Vec::new(),
        project_links: Vec::new(),
        deployment_unit: DeploymentUnit::Release,
        release_group_seconds: 0,
        cadence_period_seconds: None,
        redeploys: Counting::Ignore,
        first_deployment: FirstDeployment::Skip,
        direct_commits: Counting::Ignore,
        promotion_merge_requests: Counting::Ignore,
        long_lived_branches: GlobSet::empty(),
        inventory_branches: GlobSet::empty(),
        commit_clock: CommitClock::Authored,
        exclude_labels: Vec::new(),
        categories: Vec::new(),
        attribution_horizon_seconds: None,
        failure_signals: BTreeSet::new(),
        incident_filter: IncidentFilter {
            labels: Vec::new(),
            exclude_labels: Vec::new(),
            min_severity: Severity::Unknown,
        },
        external_labels: Vec::new(),
        incident_tier: EnvironmentTier::Production,
        duplicate_incidents: Counting::Ignore,
        recovery: Recovery::IncidentThenRemediation,
        hotfix_markers: HotfixMarkers { labels: Vec::new(), branch_prefixes: Vec::new() },
        rework_match: ReworkMatch::Any,
        future_tolerance_seconds: 0,
        value_stream: ValueStreamPolicy::default(),
        gitlab_parity: Counting::Ignore,
    }
}

/// The choices that one block makes, in the order of the keys.
#[derive(Default)]
struct Choices<'a> {
    changes: Vec<PolicyChange>,
    tiers: TierNames<'a>,
    links: Vec<Stated<'a>>,
}

impl<'a> Choices<'a> {
    fn read(&mut self, block: &Table<'a>) {
        self.places(block);
        self.releases(block);
        self.changes(block);
        self.incidents(block);
        self.failures(block);
        self.value_stream(block);
        let compat = block.section("compat");
        let gitlab = compat.field("gitlab").and_then(|field| counted(&field));
        self.set(gitlab, |policy, counting| policy.gitlab_parity = counting);
        compat.finish();
    }

    /// Does `apply` with `value` where the block makes this choice.
    fn set<T, F>(&mut self, value: Option<T>, apply: F)
    where
        T: Clone + Send + Sync + 'static,
        F: Fn(&mut Policy, T) + Send + Sync + 'static,
    {
        if let Some(value) = value {
            self.changes.push(Arc::new(move |policy| apply(policy, value.clone())));
        }
    }

    fn places(&mut self, block: &Table<'a>) {
        let zone = block.field("timezone").and_then(|field| {
            field.read("a name of the IANA time zone database, like Europe/Paris", |text| {
                TimeZone::get(text).ok()
            })
        });
        self.set(zone, |policy, zone| policy.timezone = zone);
        let measured = block.field("tiers_measured").map(|field| self.tiers.named_by(&field));
        self.set(measured, |policy, tiers| policy.tiers_measured = tiers);
        let rules = block.blocks_of("tier_overrides").map(|rules| {
            rules.into_iter().filter_map(|rule| self.tiers.introduced_by(rule)).collect()
        });
        self.set(rules, |policy, rules: Vec<_>| policy.tier_overrides = rules);
        let incidents = block.field("incident_tier").and_then(|field| self.tiers.one(field));
        self.set(incidents, |policy, tier| policy.incident_tier = tier);
    }

    fn releases(&mut self, block: &Table<'a>) {
        let source = block.field("deployment_source").and_then(|field| {
            let allowed = "deployment, release, or pipeline: and a regular expression on the names \
                           of jobs, as pipeline:^deploy";
            field.read(allowed, deployment_source)
        });
        self.set(source, |policy, source| policy.deployment_source = source);
        let rules = block.field("service_map").map(|field| {
            let own = |text: &str| pattern(text).ok().map(NamePattern::new);
            services(&field, block.blocks("service_map"), own)
        });
        self.set(rules, |policy, rules| policy.service_map = rules);
        let links = block.field("project_links").map(|field| {
            let own = |text: &str| pattern(text).ok().map(NamePattern::new);
            let stated = links::links(&field, block.blocks("project_links"), own);
            let links: Vec<_> = stated.iter().map(|own| own.link().clone()).collect();
            self.links.extend(stated);
            links
        });
        self.set(links, |policy, links| policy.project_links = links);
        let unit = block.field("deployment_unit").and_then(|field| {
            let words = [
                ("release", DeploymentUnit::Release),
                ("environment", DeploymentUnit::Environment),
            ];
            field.choice(&words)
        });
        self.set(unit, |policy, unit| policy.deployment_unit = unit);
        let window = block.field("release_group_window").and_then(|field| field.seconds());
        self.set(window, |policy, seconds| policy.release_group_seconds = seconds);
        let cadence = block
            .field("cadence_period")
            .and_then(|field| if field.is("none") { Some(None) } else { period(&field).map(Some) });
        self.set(cadence, |policy, seconds| policy.cadence_period_seconds = seconds);
        let redeploys = block.field("count_redeploys").and_then(|field| counted(&field));
        self.set(redeploys, |policy, counting| policy.redeploys = counting);
        let first = block.field("first_deployment_lead_time").and_then(|field| {
            field.read("skip, link_all, or since: and a duration, as since:30d", first_deployment)
        });
        self.set(first, |policy, first| policy.first_deployment = first);
    }

    fn changes(&mut self, block: &Table<'a>) {
        let direct = block.field("direct_commits").and_then(|field| {
            field.choice(&[("count", Counting::Count), ("ignore", Counting::Ignore)])
        });
        self.set(direct, |policy, counting| policy.direct_commits = counting);
        let promotions = block.field("promotion_mrs").and_then(|field| {
            field.choice(&[("include", Counting::Count), ("exclude", Counting::Ignore)])
        });
        self.set(promotions, |policy, counting| policy.promotion_merge_requests = counting);
        let branches = block.field("long_lived_branches").map(|field| branch_globs(&field));
        self.set(branches, |policy, branches| policy.long_lived_branches = branches);
        let stocked = block.field("inventory_branches").map(|field| branch_globs(&field));
        self.set(stocked, |policy, branches| policy.inventory_branches = branches);
        let clock = block.field("commit_clock").and_then(|field| {
            let words =
                [("authored", CommitClock::Authored), ("committed", CommitClock::Committed)];
            field.choice(&words)
        });
        self.set(clock, |policy, clock| policy.commit_clock = clock);
        let labels = block.field("exclude_labels").map(|field| field.texts());
        self.set(labels, |policy, labels| policy.exclude_labels = labels);
        let kinds = block.field("categories").map(|field| categories(&field));
        self.set(kinds, |policy, kinds| policy.categories = kinds);
    }

    fn incidents(&mut self, block: &Table<'a>) {
        let filter = block.section("incident_filter");
        let labels = filter.field("labels").map(|field| field.texts());
        self.set(labels, |policy, labels| policy.incident_filter.labels = labels);
        let excluded = filter.field("exclude_labels").map(|field| field.texts());
        self.set(excluded, |policy, labels| policy.incident_filter.exclude_labels = labels);
        let severity = filter.field("min_severity").and_then(|field| {
            field.choice(&Severity::ALL.map(|severity| (severity.as_str(), severity)))
        });
        self.set(severity, |policy, severity| policy.incident_filter.min_severity = severity);
        filter.finish();
        let external = block.field("external_labels").map(|field| field.texts());
        self.set(external, |policy, labels| policy.external_labels = labels);
        let duplicates = block.field("count_duplicate_incidents").and_then(|field| counted(&field));
        self.set(duplicates, |policy, counting| policy.duplicate_incidents = counting);
        let recovery = block.field("recovery").and_then(|field| {
            field.choice(&[
                ("incident_then_remediation", Recovery::IncidentThenRemediation),
                ("earliest", Recovery::Earliest),
                ("remediation", Recovery::Remediation),
            ])
        });
        self.set(recovery, |policy, recovery| policy.recovery = recovery);
    }

    fn failures(&mut self, block: &Table<'a>) {
        let horizon = block.field("attribution_horizon").and_then(|field| {
            if field.is("none") { Some(None) } else { field.seconds().map(Some) }
        });
        self.set(horizon, |policy, seconds| policy.attribution_horizon_seconds = seconds);
        let signals = block.field("failure_signals").map(|field| {
            let words = FailureSignal::ALL.map(|signal| (signal.as_str(), signal));
            field.items().iter().filter_map(|item| item.choice(&words)).collect()
        });
        self.set(signals, |policy, signals: BTreeSet<_>| policy.failure_signals = signals);
        let markers = block.section("hotfix_markers");
        let labels = markers.field("labels").map(|field| field.texts());
        self.set(labels, |policy, labels| policy.hotfix_markers.labels = labels);
        let prefixes = markers.field("branch_prefixes").map(|field| field.texts());
        self.set(prefixes, |policy, prefixes| policy.hotfix_markers.branch_prefixes = prefixes);
        markers.finish();
        let rework = block.field("rework_match").and_then(|field| {
            field.choice(&[("any", ReworkMatch::Any), ("all", ReworkMatch::All)])
        });
        self.set(rework, |policy, rework| policy.rework_match = rework);
        let tolerance = block.field("future_tolerance").and_then(|field| field.seconds());
        self.set(tolerance, |policy, seconds| policy.future_tolerance_seconds = seconds);
    }
}

/// The length of a cadence: in no time nothing can be released.
fn period(field: &Field<'_>) -> Option<u64> {
    let seconds = field.seconds()?;
    if seconds == 0 {
        field.wrong("none, or at least a second, as 7d or 14d");
    }
    (seconds > 0).then_some(seconds)
}

fn counted(field: &Field<'_>) -> Option<Counting> {
    field.switch(Counting::Count, Counting::Ignore)
}

fn deployment_source(text: &str) -> Option<DeploymentSource> {
    match text {
        "deployment" => Some(DeploymentSource::Deployment),
        "release" => Some(DeploymentSource::TagRelease),
        _ => {
            let jobs = text.strip_prefix("pipeline:").filter(|text| !text.is_empty())?;
            pattern(jobs).ok().map(|jobs| DeploymentSource::Job(NamePattern::new(jobs)))
        }
    }
}

fn first_deployment(text: &str) -> Option<FirstDeployment> {
    match text {
        "skip" => Some(FirstDeployment::Skip),
        "link_all" => Some(FirstDeployment::LinkAll),
        _ => {
            let duration = super::quantity::duration(text.strip_prefix("since:")?)?;
            Some(FirstDeployment::Since(duration.as_secs()))
        }
    }
}

/// Tiers that rules introduce, and tiers that are named elsewhere: a tier of one's own that no rule
/// assigns would be measured for ever without a single environment.
#[derive(Default)]
struct TierNames<'a> {
    introduced: BTreeSet<String>,
    named: Vec<(Field<'a>, EnvironmentTier)>,
}

impl<'a> TierNames<'a> {
    fn one(&mut self, field: Field<'a>) -> Option<EnvironmentTier> {
        let tier = read_tier(&field)?;
        self.named.push((field, tier.clone()));
        Some(tier)
    }

    fn named_by(&mut self, field: &Field<'a>) -> Vec<EnvironmentTier> {
        field.items().into_iter().filter_map(|item| self.one(item)).collect()
    }

    fn introduced_by(&mut self, rule: Table<'_>) -> Option<TierOverride> {
        let pattern = rule.required("match").and_then(|field| {
            field.read("a regular expression of moderate size", |text| pattern(text).ok())
        });
        let tier = rule.required("tier").and_then(|field| read_tier(&field));
        rule.finish();
        let (pattern, tier) = (pattern?, tier?);
        self.introduced.insert(tier.as_str().to_owned());
        Some(TierOverride { pattern, tier })
    }

    fn extend(&mut self, other: Self) {
        self.introduced.extend(other.introduced);
        self.named.extend(other.named);
    }

    fn check(&self) {
        const GITLABS: [&str; 5] = ["production", "staging", "testing", "development", "other"];
        for (field, tier) in &self.named {
            let EnvironmentTier::Custom(name) = tier else { continue };
            if self.introduced.contains(&**name) {
                continue;
            }
            let known = GITLABS.into_iter().chain(self.introduced.iter().map(String::as_str));
            let hint = nearest(name, known).map(|near| format!("; did you mean {near}?"));
            let allowed = "production, staging, testing, development, other, or a tier that \
                           tier_overrides introduces";
            field.wrong(format!("{allowed}{}", hint.unwrap_or_default()));
        }
    }
}

fn read_tier(field: &Field<'_>) -> Option<EnvironmentTier> {
    field.read("a tier: a-z, then a-z, 0-9 or _", |text| EnvironmentTier::from_policy(text).ok())
}

fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).case_insensitive(true).size_limit(PATTERN_LIMIT_BYTES).build()
}
